/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Numbers of Asia.
 */
#include "number/checksum.h"
#include "number/judge.h"
#include "number/part.h"

/* UIDAI: Verhoeff; not with 0 or 1 in front, and not the same backwards. */
bool
number_is_in_aadhaar(struct slice n)
{
	bool same = true;

	for (size_t i = 0; i < 6; i++)
		same &= n.ptr[i] == n.ptr[11 - i];
	return n.ptr[0] >= '2' && !same && checksum_verhoeff(n);
}

/* UIDAI: the virtual number that stands for an Aadhaar. */
bool
number_is_in_vid(struct slice n)
{
	bool same = true;

	for (size_t i = 0; i < 8; i++)
		same &= n.ptr[i] == n.ptr[15 - i];
	return n.ptr[0] >= '2' && !same && checksum_verhoeff(n);
}

/* Income Tax Department: the fourth letter is what the holder is; the check letter is secret. */
bool
number_is_in_pan(struct slice n)
{
	return part_like(n, "AAAAA9999A") && part_in(n.ptr[3], "ABCFGHJKLPT") &&
	    part_read(n, 5, 9) != 0;
}

/* GST Council: state, PAN, which registration of it, Z, and Luhn in base 36. */
bool
number_is_in_gstin(struct slice n)
{
	unsigned state;

	if (!part_digits(n, 0, 2) || !number_is_in_pan(slice_cut(n, 2, 12)))
		return false;
	state = part_two(n, 0);
	return ((state >= 1 && state <= 38) || state == 97 || state == 99) &&
	    n.ptr[12] != '0' && n.ptr[13] == 'Z' && checksum_luhn_36(n);
}

/* Election Commission: three letters, and seven digits with Luhn. */
bool
number_is_in_epic(struct slice n)
{
	return part_like(n, "AAA9999999") && checksum_luhn(slice_cut(n, 3, 10));
}

/* ICA: S and T for citizens, F, G and M for foreigners. */
bool
number_is_sg_nric(struct slice n)
{
	unsigned sum;

	if (!part_digits(n, 1, 8))
		return false;
	sum = part_weigh(n, 1, "2765432");
	switch (n.ptr[0]) {
	case 'S':
		return "JZIHGFEDCBA"[sum % 11] == n.ptr[8];
	case 'T':
		return "JZIHGFEDCBA"[(sum + 4) % 11] == n.ptr[8];
	case 'F':
		return "XWUTRQPNMLK"[sum % 11] == n.ptr[8];
	case 'G':
		return "XWUTRQPNMLK"[(sum + 4) % 11] == n.ptr[8];
	case 'M':
		return "XWUTRQPNJLK"[(sum + 3) % 11] == n.ptr[8];
	default:
		return false;
	}
}

/* Of an entity that is neither a business nor a company: letters are 0 to 23, digits from 24. */
static bool
asia_is_sg_other(struct slice n)
{
	static const char alphabet[] = "ABCDEFGHJKLMNPQRSTUVWX0123456789";
	static const uint8_t weights[] = { 4, 3, 5, 3, 10, 2, 2, 5, 7 };
	static const char types[] =
	    "CC CD CH CL CM CP CS CX DP FB FC FM FN GA GB GS HS LL LP MB MC MD MH MM MQ NB NR "
	    "PA PB PF RF RP SM SS TC TU VH XL";
	unsigned sum = 0;

	if (!part_in(n.ptr[0], "RST") || !part_digits(n, 1, 3) || !part_digits(n, 5, 9) ||
	    !part_listed(n, 3, 2, types))
		return false;
	for (size_t i = 0; i < 9; i++) {
		/* A letter of a type is one of the alphabet. */
		const char *at = memchr(alphabet, n.ptr[i], 32);

		sum += (unsigned)(at - alphabet) * weights[i];
	}
	return alphabet[(sum + 11 - 5) % 11] == n.ptr[9];
}

/* ACRA, unique entity number: of a business, of a local company, or of another entity. */
bool
number_is_sg_uen(struct slice n)
{
	if (n.len == 9)
		return part_digits(n, 0, 8) &&
		    "XMKECAWLJDB"[part_weigh(n, 0, "A4938271") % 11] == n.ptr[8];
	if (part_digits(n, 0, 9))
		return part_read(n, 0, 4) >= 1800 && part_read(n, 0, 4) < 2100 &&
		    "ZKCMDNERGWH"[part_weigh(n, 0, "A86497531") % 11] == n.ptr[9];
	return asia_is_sg_other(n);
}

/* Resident registration: date of birth, sex and century, place, and a digit modulo 11. */
static bool
asia_is_kr_person(struct slice n, const char *digits, unsigned add)
{
	unsigned century, check;

	if (!part_in(n.ptr[6], digits))
		return false;
	century = part_in(n.ptr[6], "1256") ? 1900 : part_in(n.ptr[6], "3478") ? 2000 : 1800;
	check = (11 + add - part_weigh(n, 0, "234567892345") % 11) % 10;
	return part_is_date(century + part_two(n, 0), part_two(n, 2), part_two(n, 4)) &&
	    part_two(n, 7) <= 96 && check == part_digit(n, 12);
}

bool
number_is_kr_rrn(struct slice n)
{
	return asia_is_kr_person(n, "0123456789", 0);
}

/* Registration of foreigners: the same with 2 added. */
bool
number_is_kr_frn(struct slice n)
{
	return asia_is_kr_person(n, "5678", 2);
}

/* National Tax Service: the last product counts with its tens too. */
bool
number_is_kr_brn(struct slice n)
{
	unsigned sum = part_weigh(n, 0, "137137135") + part_digit(n, 8) * 5 / 10;

	return part_read(n, 0, 3) > 100 && part_two(n, 3) != 0 && part_read(n, 5, 9) != 0 &&
	    (10 - sum % 10) % 10 == part_digit(n, 9);
}

static bool
asia_is_th(struct slice n)
{
	return (11 - part_weigh(n, 0, "DCBA98765432") % 11) % 10 == part_digit(n, 12);
}

/* Personal number: the kind of person, and the province where it was given out. */
bool
number_is_th_pin(struct slice n)
{
	return n.ptr[0] != '0' && n.ptr[0] != '9' && part_two(n, 1) >= 10 && part_two(n, 1) <= 96 &&
	    asia_is_th(n);
}

/* Number of a company, which begins with 0. */
bool
number_is_th_moa(struct slice n)
{
	return n.ptr[0] == '0' && asia_is_th(n);
}

bool
number_is_th_tin(struct slice n)
{
	return number_is_th_pin(n) || number_is_th_moa(n);
}

/* T.C. kimlik: the tenth digit of the sums of odd and even places, the last one of all. */
bool
number_is_tr_tckimlik(struct slice n)
{
	unsigned odd = part_weigh(n, 0, "101010101"), even = part_weigh(n, 0, "01010101");

	return n.ptr[0] != '0' && (odd * 7 + 90 - even) % 10 == part_digit(n, 9) &&
	    (odd + even + part_digit(n, 9)) % 10 == part_digit(n, 10);
}

/* Vergi kimlik: each digit and its place from the right, times a power of two, modulo 9. */
bool
number_is_tr_vkn(struct slice n)
{
	unsigned sum = 0;

	for (unsigned i = 0; i < 9; i++) {
		unsigned value = (part_digit(n, i) + 9 - i) % 10;

		if (value != 0) {
			value = (value << (9 - i)) % 9;
			sum += value == 0 ? 9 : value;
		}
	}
	return (10 - sum % 10) % 10 == part_digit(n, 9);
}

/* GB 11643: place, date, serial; ISO 7064, MOD 11-2. */
bool
number_is_cn_ric(struct slice n)
{
	static const char provinces[] =
	    "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 "
	    "63 64 65 71 81 82 83 91";

	return part_digits(n, 0, 17) && (part_is_digit(n.ptr[17]) || n.ptr[17] == 'X') &&
	    part_listed(n, 0, 2, provinces) && n.ptr[6] != '0' &&
	    part_is_date((unsigned)part_read(n, 6, 10), part_two(n, 10), part_two(n, 12)) &&
	    checksum_mod_11_2(n);
}

/* GB 32100: weights are powers of 3 modulo 31, over an alphabet without I, O, S, V, Z. */
bool
number_is_cn_uscc(struct slice n)
{
	static const char alphabet[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";
	unsigned sum = 0, weight = 1;

	if (!part_digits(n, 2, 8))
		return false;
	for (size_t i = 0; i < 18; i++) {
		const char *at = memchr(alphabet, n.ptr[i], 31);

		if (at == NULL)
			return false;
		if (i < 17)
			sum += (unsigned)(at - alphabet) * weight;
		else
			return (unsigned)(at - alphabet) == (31 - sum % 31) % 31 &&
			    n.ptr[0] != 'I' && (part_is_digit(n.ptr[0]) || part_in(n.ptr[0], "NY"));
		weight = weight * 3 % 31;
	}
	return false;
}

/* Indonesia, resident number: place, date of birth (40 is added for women), serial. */
bool
number_is_id_nik(struct slice n)
{
	static const char provinces[] =
	    "11 12 13 14 15 16 17 18 19 21 31 32 33 34 35 36 51 52 53 61 62 63 64 65 71 72 73 74 "
	    "75 76 81 82 91 92 93 94 95 96 97";
	unsigned day = part_two(n, 6);

	return part_listed(n, 0, 2, provinces) && part_read(n, 12, 16) != 0 &&
	    part_is_short_date(part_two(n, 10), part_two(n, 8), day > 40 ? day - 40 : day);
}

/* Indonesia, tax: Luhn over the first nine; since 2024 the resident number, or a 0 in front. */
bool
number_is_id_npwp(struct slice n)
{
	if (n.len == 16)
		return n.ptr[0] == '0' ? checksum_luhn(slice_cut(n, 1, 10)) : number_is_id_nik(n);
	return checksum_luhn(slice_cut(n, 0, 9));
}

bool
number_is_il_idnr(struct slice n)
{
	return checksum_luhn(n) && part_read(n, 0, n.len) != 0;
}

/* Companies: the same with a 5 in front. */
bool
number_is_il_hp(struct slice n)
{
	return n.ptr[0] == '5' && checksum_luhn(n);
}

/* Corporate number: a digit in front, from weights 1 and 2 modulo 9. */
bool
number_is_jp_cn(struct slice n)
{
	return 9 - part_weigh(n, 1, "212121212121") % 9 == part_digit(n, 0);
}

/* My Number: modulo 11, and 0 for what is less than 2. */
bool
number_is_jp_in(struct slice n)
{
	unsigned rest = part_weigh(n, 0, "65432765432") % 11;

	return (rest <= 1 ? 0 : 11 - rest) == part_digit(n, 11);
}

/* National Registration Department: date of birth and place of birth; no check digit. */
bool
number_is_my_nric(struct slice n)
{
	unsigned place = part_two(n, 6);

	return part_is_short_date(part_two(n, 0), part_two(n, 2), part_two(n, 4)) &&
	    place != 0 && place != 17 && place != 18 && place != 19 && place != 20 && place != 69 &&
	    place != 70 && place != 73 && place != 80 && place != 81 && place != 94 &&
	    place != 95 && place != 96 && place != 97;
}

/* NADRA: the first digit is the province, the last is odd for men and even for women, not 0. */
bool
number_is_pk_cnic(struct slice n)
{
	return n.ptr[0] >= '1' && n.ptr[0] <= '7' && n.ptr[12] != '0';
}

/* Of companies: products by the sum of their digits; a 7 at the seventh place may count as 1. */
bool
number_is_tw_ubn(struct slice n)
{
	unsigned sum = 0;

	for (size_t i = 0; i < 8; i++) {
		unsigned product = part_digit(n, i) * part_value("12121241"[i]);

		sum += product / 10 + product % 10;
	}
	return sum % 5 == 0 || (n.ptr[6] == '7' && (sum + 1) % 5 == 0);
}

/* Tax number, and a branch or none: primes as weights, modulo 11. */
bool
number_is_vn_mst(struct slice n)
{
	if ((n.len != 10 && n.len != 13) || part_read(n, 2, 9) == 0 ||
	    (n.len == 13 && part_read(n, 10, 13) == 0))
		return false;
	return (10 - (part_weigh(n, 0, "VTNJHD753") % 11)) % 11 == part_digit(n, 9);
}

/* Bureau of Internal Revenue: nine digits and a branch; how the ninth is made is not published. */
bool
number_is_ph_tin(struct slice n)
{
	return (n.len == 9 || n.len == 12 || n.len == 14) && part_read(n, 0, 9) != 0 &&
	    !part_uniform(n);
}
