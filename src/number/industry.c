/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Numbers of things and works: books, devices, containers, vehicles, chemicals.
 */
#include "number/checksum.h"
#include "number/country.h"
#include "number/judge.h"
#include "number/part.h"

bool
number_is_ean(struct slice n)
{
	return (n.len == 8 || n.len >= 12) && checksum_gs1(n);
}

/* ISO 2108: of ten characters modulo 11, of nine the old kind without a 0 in front, or an EAN. */
bool
number_is_isbn(struct slice n)
{
	char padded[10] = "0";
	struct slice d = { padded, 10 };
	unsigned last;

	if (n.len == 13)
		return part_digits(n, 0, 13) && part_listed(n, 0, 3, "978 979") && checksum_gs1(n);
	if (n.len != 9 && n.len != 10)
		return false;
	memcpy(padded + 10 - n.len, n.ptr, n.len);
	if (!part_digits(d, 0, 9) || (!part_is_digit(padded[9]) && padded[9] != 'X'))
		return false;
	last = padded[9] == 'X' ? 10 : part_digit(d, 9);
	return (part_weigh(d, 0, "A98765432") + last) % 11 == 0;
}

/* ISO 10957: M, or 979-0 in front of it. */
bool
number_is_ismn(struct slice n)
{
	char whole[13] = "9790";

	if (n.len == 10) {
		if (n.ptr[0] != 'M')
			return false;
		memcpy(whole + 4, n.ptr + 1, 9);
	} else if (n.len == 13) {
		memcpy(whole, n.ptr, 13);
	} else {
		return false;
	}
	return part_digits(slice_of(whole, 13), 0, 13) && memcmp(whole, "9790", 4) == 0 &&
	    checksum_gs1(slice_of(whole, 13));
}

/* ISO 3297. */
bool
number_is_issn(struct slice n)
{
	unsigned last;

	if (!part_digits(n, 0, 7) || (!part_is_digit(n.ptr[7]) && n.ptr[7] != 'X'))
		return false;
	last = n.ptr[7] == 'X' ? 10 : part_digit(n, 7);
	return (part_weigh(n, 0, "8765432") + last) % 11 == 0;
}

/* ISO 27729. */
bool
number_is_isni(struct slice n)
{
	return number_is_iso7064_mod_11_2(n);
}

/* ISO 3901: country or registrant, three characters, year, designation. */
bool
number_is_isrc(struct slice n)
{
	return part_letters(n, 0, 2) && part_digits(n, 5, 12) && (country_is_known(n.ptr) ||
	    part_listed(n, 0, 2, "QM QN QT QZ UK ZB ZZ TC CP DG BC BK BP BX FX KS YU CS"));
}

/* ISO 15511: a country or another prefix, and up to eleven characters. */
bool
number_is_isil(struct slice n)
{
	size_t dash = 0;

	while (dash < n.len && n.ptr[dash] != '-')
		dash++;
	if (dash == n.len || dash + 1 == n.len || dash > 4)
		return false;
	if (dash == 2)
		return country_is_known(n.ptr);
	if (dash == 1)
		return part_in(n.ptr[0], "MOZ");
	return dash == 3 ? part_listed(n, 0, 3, "EUR ZDB GTB") :
	    dash == 4 && part_listed(n, 0, 4, "OCLC");
}

/* ISO 15706: root and episode and their check character, a version and one over all. */
bool
number_is_isan(struct slice n)
{
	char bare[24], first = 0, second = 0;
	size_t len = n.len;

	switch (len) {
	case 16:
	case 24:
		memcpy(bare, n.ptr, len);
		break;
	case 17:
		memcpy(bare, n.ptr, 16);
		first = n.ptr[16];
		len = 16;
		break;
	case 26:
		memcpy(bare, n.ptr, 16);
		memcpy(bare + 16, n.ptr + 17, 8);
		first = n.ptr[16];
		second = n.ptr[25];
		len = 24;
		break;
	default:
		return false;
	}
	for (size_t i = 0; i < len; i++)
		if (bare[i] > 'F')
			return false;
	if (first != 0) {
		char with[17];

		memcpy(with, bare, 16);
		with[16] = first;
		if (!checksum_mod_37_36(slice_of(with, 17)))
			return false;
	}
	if (second != 0) {
		char with[25];

		memcpy(with, bare, 24);
		with[24] = second;
		return checksum_mod_37_36(slice_of(with, 25));
	}
	return true;
}

/* 3GPP TS 23.003: fourteen digits and a check digit, or two of the software's version. */
bool
number_is_imei(struct slice n)
{
	return (n.len == 14 || n.len == 16 || checksum_luhn(n)) && part_read(n, 0, 8) != 0;
}

/* ITU E.212: the first three digits are a mobile country code (imsi.tbl would be 240 rows). */
bool
number_is_imsi(struct slice n)
{
	/* Of each hundred, a bit for each code that is assigned. */
	static const char codes[] =
	    "202 204 206 208 212 213 214 216 218 219 220 221 222 226 228 230 231 232 234 235 "
	    "238 240 242 244 246 247 248 250 255 257 259 260 262 266 268 270 272 274 276 278 "
	    "280 282 283 284 286 288 289 290 292 293 294 295 297 302 308 310 311 312 313 314 "
	    "315 316 330 334 338 340 342 344 346 348 350 352 354 356 358 360 362 363 364 365 "
	    "366 368 370 372 374 376 400 401 402 404 405 406 410 412 413 414 415 416 417 418 "
	    "419 420 421 422 424 425 426 427 428 429 430 431 432 434 436 437 438 440 441 450 "
	    "452 454 455 456 457 460 461 466 467 470 472 502 505 510 514 515 520 525 528 530 "
	    "536 537 539 540 541 542 543 544 545 546 547 548 549 550 551 552 553 554 555 602 "
	    "603 604 605 606 607 608 609 610 611 612 613 614 615 616 617 618 619 620 621 622 "
	    "623 624 625 626 627 628 629 630 631 632 633 634 635 636 637 638 639 640 641 642 "
	    "643 645 646 647 648 649 650 651 652 653 654 655 657 658 659 702 704 706 708 710 "
	    "712 714 716 722 724 730 732 734 736 738 740 742 744 746 748 750 901 995 999";

	return part_listed(n, 0, 3, codes);
}

/* Luhn in base 16 over hexadecimal digits. */
static bool
industry_is_luhn_16(struct slice n)
{
	unsigned sum = 0;

	for (size_t i = n.len; i > 0; i--) {
		unsigned value = part_value(n.ptr[i - 1]) << ((n.len - i) & 1);

		sum += value / 16 + value % 16;
	}
	return sum % 16 == 0;
}

/* 3GPP2 S.R0048: fourteen hexadecimal digits or eighteen decimal ones, and maybe a check digit. */
bool
number_is_meid(struct slice n)
{
	if (n.len == 18 || n.len == 19) {
		/* Two numbers of 32 and 24 bits. */
		if (!part_digits(n, 0, n.len) || part_read(n, 0, 10) > 0xffffffff ||
		    part_read(n, 10, 18) > 0xffffff)
			return false;
		return n.len == 18 || checksum_luhn(n);
	}
	if (n.len != 14 && n.len != 15)
		return false;
	for (size_t i = 0; i < n.len; i++)
		if (n.ptr[i] > 'F')
			return false;
	if (n.len == 14)
		return true;
	return part_digits(n, 0, 14) ? part_is_digit(n.ptr[14]) && checksum_luhn(n) :
	    industry_is_luhn_16(n);
}

/* International Maritime Organization, A.1117(30). */
bool
number_is_imo(struct slice n)
{
	return part_weigh(n, 0, "765432") % 10 == part_digit(n, 6);
}

/* IEEE 802: six octets; one with the lowest bit of the first set is of a group, not of a device. */
bool
number_is_mac(struct slice n)
{
	size_t at = 0;

	/* Three groups of four with dots, as routers write it. */
	if (n.len == 14) {
		char bare[17];
		size_t used = 0;

		for (size_t i = 0; i < 14; i++) {
			if ((i == 4 || i == 9) != (n.ptr[i] == '.'))
				return false;
			if (n.ptr[i] == '.')
				continue;
			if (used % 3 == 2)
				bare[used++] = '-';
			bare[used++] = n.ptr[i];
		}
		return number_is_mac(slice_of(bare, 17));
	}

	for (unsigned octet = 0; octet < 6; octet++) {
		char last;

		if (octet > 0 && (at >= n.len || (n.ptr[at] != ':' && n.ptr[at] != '-') ||
		    n.ptr[at++] != n.ptr[2]))
			return false;
		if (at + 2 > n.len || !part_in(n.ptr[at], "0123456789ABCDEF") ||
		    !part_in(n.ptr[at + 1], "0123456789ABCDEF"))
			return false;
		last = n.ptr[at + 1];
		if (octet == 0 && (part_value(last) & 1) != 0)
			return false;
		at += 2;
	}
	return at == n.len;
}

/* ISO 3779 with the check digit of 49 CFR 565, which North America and China ask for. */
bool
number_is_vin(struct slice n)
{
	static const char values[] = "12345678?12345?7?923456789";
	static const uint8_t weights[] = { 8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2 };
	unsigned sum = 0;

	for (size_t i = 0; i < 17; i++) {
		char c = n.ptr[i], value = part_is_digit(c) ? c : values[c - 'A'];

		if (value == '?')
			return false;
		sum += (unsigned)(value - '0') * weights[i];
	}
	return "0123456789X"[sum % 11] == n.ptr[8] && !part_digits(n, 0, 4);
}

/* ISO 6346: owner, category, serial; letters are 10 to 38 without multiples of 11. */
bool
number_is_iso6346(struct slice n)
{
	unsigned sum = 0;

	if (!part_letters(n, 0, 4) || !part_in(n.ptr[3], "UJZR") || !part_digits(n, 4, 11))
		return false;
	for (size_t i = 0; i < 10; i++) {
		unsigned value = part_value(n.ptr[i]);

		/* B is 12, L is 23, V is 34: what 11 divides is left out. */
		if (value > 10)
			value += 1 + (value - 11) / 10;
		sum += value << i;
	}
	return sum % 11 % 10 == part_digit(n, 10);
}

/* Chemical Abstracts Service: up to seven digits, two, and the check digit. */
bool
number_is_casrn(struct slice n)
{
	unsigned sum = 0, weight = 1;

	if (n.ptr[0] == '0' || n.ptr[n.len - 2] != '-' || n.ptr[n.len - 5] != '-' ||
	    !part_digits(n, 0, n.len - 5) || !part_digits(n, n.len - 4, n.len - 2) ||
	    !part_is_digit(n.ptr[n.len - 1]))
		return false;
	for (size_t i = n.len - 2; i > 0; i--)
		if (n.ptr[i - 1] != '-')
			sum += part_digit(n, i - 1) * weight++;
	return sum % 10 == part_digit(n, n.len - 1);
}

/* European Community number of a substance. */
bool
number_is_eu_ecnumber(struct slice n)
{
	char bare[7];
	struct slice d = { bare, 7 };

	/* What would be 10 is 1. */
	return part_grouped(n, "331", bare) && (n.len == 7 || n.ptr[3] == '-') &&
	    (unsigned)("01234567891"[part_weigh(d, 0, "123456") % 11] - '0') == part_digit(d, 6);
}

/* Global release identifier. */
bool
number_is_grid(struct slice n)
{
	return n.ptr[0] == 'A' && n.ptr[1] == '1' && checksum_mod_37_36(n);
}

/* ENTSO-E: issuing office, type, name; - counts as 36 and is no check character. */
bool
number_is_eu_eic(struct slice n)
{
	unsigned sum = 0;

	if (!part_digits(n, 0, 2) || n.ptr[15] == '-' || !part_in(n.ptr[2], "XYZVWTA"))
		return false;
	for (unsigned i = 0; i < 15; i++)
		sum += (n.ptr[i] == '-' ? 36 : part_value(n.ptr[i])) * (16 - i);
	return 36 - (sum + 36) % 37 == part_value(n.ptr[15]);
}

/* ICAO 9303, parts 4 to 6: two lines of 44 or of 36 characters, or three of 30. */
static bool
industry_is_field(struct slice n, size_t from, size_t len)
{
	return part_is_digit(n.ptr[from + len]) &&
	    checksum_icao(slice_cut(n, from, from + len)) == part_digit(n, from + len);
}

/* The parts in one piece, which the last check digit is over. */
static bool
industry_is_composite(struct slice n, const uint8_t (*parts)[2], size_t at)
{
	char whole[64];
	size_t used = 0;

	for (size_t i = 0; parts[i][1] != 0; i++) {
		memcpy(whole + used, n.ptr + parts[i][0], parts[i][1]);
		used += parts[i][1];
	}
	return part_is_digit(n.ptr[at]) &&
	    checksum_icao(slice_of(whole, used)) == part_digit(n, at);
}

bool
number_is_icao_mrz(struct slice n)
{
	static const uint8_t passport[][2] = { { 44, 10 }, { 57, 7 }, { 65, 22 }, { 0, 0 } };
	static const uint8_t two[][2] = { { 36, 10 }, { 49, 7 }, { 57, 14 }, { 0, 0 } };
	static const uint8_t three[][2] = { { 5, 25 }, { 30, 7 }, { 38, 7 }, { 48, 11 }, { 0, 0 } };

	if (!part_is_upper(n.ptr[0]))
		return false;
	switch (n.len) {
	case 88:
		return n.ptr[0] == 'P' && industry_is_field(n, 44, 9) &&
		    industry_is_field(n, 57, 6) && industry_is_field(n, 65, 6) &&
		    industry_is_composite(n, passport, 87);
	case 72:
		return industry_is_field(n, 36, 9) && industry_is_field(n, 49, 6) &&
		    industry_is_field(n, 57, 6) && industry_is_composite(n, two, 71);
	case 90:
		/* A number that is longer goes on in the optional part and has < here. */
		return (n.ptr[14] == '<' || industry_is_field(n, 5, 9)) &&
		    industry_is_field(n, 30, 6) && industry_is_field(n, 38, 6) &&
		    industry_is_composite(n, three, 59);
	default:
		return false;
	}
}
