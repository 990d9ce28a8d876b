/* SPDX-License-Identifier: Apache-2.0 */
#include "shape/proof_part.h"

/* ---- United Kingdom and Ireland ---- */

/* DVLA: surname filled with 9, decade, month (+50), day, year, initials. */
enum proof
proof_uk_dl(const struct compact *c)
{
	unsigned month, day;

	if (c->len != 16)
		return PROOF_NO;
	for (unsigned i = 0; i < 11; i++) {
		bool letter = c->b[i] >= 'A';

		if (i < 5 ? !letter && (c->b[i] != '9' || i == 0) : letter)
			return PROOF_NO;
	}
	month = (unsigned)number(c, 6, 8) % 50;
	day = (unsigned)number(c, 8, 10);
	if (number(c, 6, 8) > 62 || (c->b[11] < 'A' && c->b[11] != '9') ||
	    (c->b[12] < 'A' && c->b[12] != '9') || c->b[13] > '9' + ('Z' - '9') || c->b[14] < 'A' ||
	    c->b[15] < 'A')
		return PROOF_NO;
	return mostly(is_day(month, day));
}

/* DVLA: current, prefix and suffix styles. */
enum proof
proof_uk_plate(const struct compact *c)
{
	if (looks(c, "aa99aaa")) {
		unsigned age = (unsigned)number(c, 2, 4);

		return !is_in(c->b[0], "IQZ") && !is_in(c->b[1], "IQZ") &&
		    !is_in(c->b[4], "IQ") && !is_in(c->b[5], "IQ") && !is_in(c->b[6], "IQ") &&
		    ((age >= 2 && age <= 29) || (age >= 51 && age <= 79)) ? PROOF_VALID : PROOF_NO;
	}
	if (c->b[c->len - 1] >= 'A' && c->b[1] <= '9')
		return is_in(c->b[0], "IOQUZ") ? PROOF_NO : PROOF_SHAPE;
	return is_in(c->b[c->len - 1], "IOQUZ") ? PROOF_NO : PROOF_SHAPE;
}

/* Royal Mail: outward code, then a digit and two letters without C, I, K, M, O, V. */
enum proof
proof_uk_postcode(const struct compact *c)
{
	unsigned out = c->len - 3;
	bool inward = c->b[out] <= '9' && c->b[out + 1] >= 'A' && c->b[out + 2] >= 'A' &&
	    !is_in(c->b[out + 1], "CIKMOV") && !is_in(c->b[out + 2], "CIKMOV");
	struct compact o = *c;

	o.len = out;
	if (looks(c, "GIR0AA"))
		return PROOF_VALID;
	if (!inward || is_in(c->b[0], "QVX") || c->b[0] < 'A' || (c->b[1] >= 'A' &&
	    is_in(c->b[1], "IJZ")))
		return PROOF_NO;
	return looks(&o, "a9") || looks(&o, "a99") || looks(&o, "aa9") || looks(&o, "aa99") ||
	    looks(&o, "a9a") || looks(&o, "aa9a") ? PROOF_VALID : PROOF_NO;
}

/* ---- Germany, Austria, Switzerland ---- */

/* KBV: the first two digits are a region. */
enum proof
proof_de_bsnr(const struct compact *c)
{
	return number(c, 0, 2) > 0 && number(c, 0, 9) > 0 ? PROOF_SHAPE : PROOF_NO;
}

enum proof
proof_de_plz(const struct compact *c)
{
	return number(c, 0, 5) >= 1067 && number(c, 0, 5) <= 99998 ? PROOF_SHAPE : PROOF_NO;
}

/* Federal states' tax offices begin with 1 to 16 in the long form. */
enum proof
proof_de_stnr(const struct compact *c)
{
	if (c->len == 13)
		return number(c, 0, 2) >= 1 && number(c, 0, 2) <= 16 ? PROOF_SHAPE : PROOF_NO;
	return PROOF_SHAPE;
}

/* ICAO 9303, of the letters that documents use. */
enum proof
proof_de_document(const struct compact *c)
{
	if (c->len != 9 || !is_in(c->b[0], "CFGHJKLMNPRTVWXYZ") || c->b[8] > '9')
		return PROOF_NO;
	for (unsigned i = 1; i < 8; i++)
		if (c->b[i] >= 'A' && !is_in(c->b[i], "CFGHJKLMNPRTVWXYZ"))
			return PROOF_NO;
	return valid(checksum_icao(slice_of(c->b, 8)) == digit(c, 8));
}

/* BZSt: ISO 7064; some numbers were given out by hand. */
enum proof
proof_de_vat(const struct compact *c)
{
	return c->b[0] == 'D' && c->b[1] == 'E' ? mostly(checksum_mod_11_10(slice_of(c->b + 2, 9)))
	    : PROOF_NO;
}

enum proof
proof_de_hrb(const struct compact *c)
{
	if (!looks(c, "aaa9") && (c->len < 4 || c->digits + 3 != c->len))
		return PROOF_NO;
	return c->b[0] == 'H' && c->b[1] == 'R' && (c->b[2] == 'A' || c->b[2] == 'B') ? PROOF_VALID
	    : PROOF_NO;
}

enum proof
proof_de_kfz(const struct compact *c)
{
	return c->gaps[0] == 0 || c->b[c->len - 1] <= '9' || is_in(c->b[c->len - 1], "HE")
	    ? PROOF_SHAPE
	    : PROOF_NO;
}

enum proof
proof_ch_uid(const struct compact *c)
{
	unsigned from = c->len - 9, total = 0, rest;

	for (unsigned i = 0; i < 8; i++)
		total += digit(c, from + i) * (unsigned)("\5\4\3\2\7\6\5\4"[i]);
	rest = (11 - total % 11) % 11;
	if (from == 3 && !(c->b[0] == 'C' && c->b[1] == 'H' && c->b[2] == 'E'))
		return PROOF_NO;
	return valid(rest == digit(c, from + 8));
}

/* ---- Benelux, France ---- */

enum proof
proof_nl_document(const struct compact *c)
{
	return c->b[0] >= 'A' && c->b[1] >= 'A' && c->b[8] <= '9' ? PROOF_SHAPE : PROOF_NO;
}

/* CCSS: the birth, then Luhn. */
enum proof
proof_lu_matricule(const struct compact *c)
{
	struct compact head = *c;

	head.len = 12;
	return valid(number(c, 0, 4) >= 1880 && number(c, 0, 4) < 2030 &&
	    is_day((unsigned)number(c, 4, 6), (unsigned)number(c, 6, 8)) && luhn(&head, 0));
}

enum proof
proof_fr_passport(const struct compact *c)
{
	return looks(c, "99aa99999") ? PROOF_SHAPE : PROOF_NO;
}

/* ---- Italy, Spain, Portugal, Greece ---- */

/* DM 23.12.1976: letters of the name, birth, place, and a letter that checks. */
enum proof
proof_it_cf(const struct compact *c)
{
	static const char odd[] = "\1\0\5\7\11\15\17\21\23\25\2\4\22\24\13\3\6\10"
	    "\14\16\20\12\26\31\30\27";
	unsigned total = 0;

	if (!looks(c, "aaaaaa**a**a***a") || !is_in(c->b[8], "ABCDEHLMPRST"))
		return PROOF_NO;
	for (unsigned i = 0; i < 15; i++) {
		unsigned v = c->b[i] >= 'A' ? (unsigned)(c->b[i] - 'A') : digit(c, i);
		bool place = i == 6 || i == 7 || i == 9 || i == 10 || (i > 11 && i < 15);

		if (place && c->b[i] >= 'A' && !is_in(c->b[i], "LMNPQRSTUV"))
			return PROOF_NO;
		total += i % 2 == 0 ? (unsigned)odd[v] : v;
	}
	return mostly((char)('A' + total % 26) == c->b[15]);
}

/* MIT: U1, seven characters without A, E, I, O, Q, and a letter. */
enum proof
proof_it_dl(const struct compact *c)
{
	if (c->b[0] != 'U' || c->b[1] != '1' || c->b[9] < 'A')
		return PROOF_NO;
	for (unsigned i = 2; i < 9; i++)
		if (is_in(c->b[i], "AEIOQ"))
			return PROOF_NO;
	return PROOF_SHAPE;
}

/* Mod 23 as a letter. */
enum proof
proof_es_nif(const struct compact *c)
{
	return valid("TRWAGMYFPDXBNJZSQVHLCKE"[number(c, 0, c->len - 1) % 23] == c->b[c->len - 1]);
}

/* TGSS: mod 97 of province and number. */
enum proof
proof_es_nss(const struct compact *c)
{
	uint64_t province = number(c, 0, 2), n = number(c, 2, 10);
	uint64_t all = n < 10000000 ? n + province * 10000000 : n + province * 100000000;

	return mostly(all % 97 == number(c, 10, 12));
}

/* Prime weights. */
enum proof
proof_pt_niss(const struct compact *c)
{
	static const char weights[] = { 29, 23, 19, 17, 13, 11, 7, 5, 3, 2 };
	unsigned total = 0;

	for (unsigned i = 0; i < 10; i++)
		total += digit(c, i) * (unsigned)weights[i];
	return valid(is_in(c->b[0], "12") && 9 - total % 10 == digit(c, 10));
}

/* BZSt: one digit of the first ten twice or three times, the others once; ISO 7064. */
enum proof
proof_de_idnr(const struct compact *c)
{
	unsigned seen[10] = { 0 }, twice = 0, thrice = 0;

	for (unsigned i = 0; i < 10; i++)
		seen[digit(c, i)]++;
	for (unsigned i = 0; i < 10; i++) {
		twice += seen[i] == 2;
		thrice += seen[i] == 3;
		if (seen[i] > 3)
			return PROOF_NO;
	}
	return valid(c->b[0] != '0' && twice + thrice <= 1 && checksum_mod_11_10(slice_of(c->b,
	    11)));
}
