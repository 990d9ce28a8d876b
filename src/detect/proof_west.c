/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/proof_part.h"

/* ---- United Kingdom and Ireland ---- */

enum proof
proof_uk_nhs(const struct compact *c)
{
	unsigned rest = (11 - sum(c, ":98765432") % 11) % 11;

	return valid(!all_same(c) && rest == digit(c, 9));
}

/* HMRC: letters that are not used in front, A to D behind. */
enum proof
proof_uk_nino(const struct compact *c)
{
	char a = c->b[0], b = c->b[1];

	return looks(c, "aa999999a") && !is_in(a, "DFIQUV") && !is_in(b, "DFIOQUV") &&
	    c->b[8] <= 'D' && !(a == 'B' && b == 'G') && !(a == 'G' && b == 'B') &&
	    !(a == 'N' && (b == 'K' || b == 'T')) && !(a == 'K' && b == 'N') &&
	    !(a == 'T' && b == 'N') && !(a == 'Z' && b == 'Z') ? PROOF_VALID : PROOF_NO;
}

enum proof
proof_uk_utr(const struct compact *c)
{
	unsigned rest = 0;

	for (unsigned i = 1; i < 10; i++)
		rest += digit(c, i) * (unsigned)("\0\6\7\10\11\12\5\4\3\2"[i]);
	return valid("21987654321"[rest % 11] == c->b[0]);
}

/* DfE: a check letter mod 23 over the rest. */
enum proof
proof_uk_upn(const struct compact *c)
{
	static const char letters[] = "ABCDEFGHJKLMNPQRTUVWXYZ";
	unsigned total = 0;

	for (unsigned i = 1; i < 13; i++)
		total += digit(c, i) * (i + 1);
	return valid(letters[total % 23] == c->b[0]);
}

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

/* Revenue: mod 23, the second letter has weight 9. */
enum proof
proof_ie_pps(const struct compact *c)
{
	unsigned total = sum(c, "8765432");

	if (c->len == 9)
		total += 9 * (c->b[8] == 'W' ? 0 : (unsigned)(c->b[8] - 'A' + 1));
	return valid("WABCDEFGHIJKLMNOPQRSTUV"[total % 23] == c->b[7]);
}

/* ---- Germany, Austria, Switzerland ---- */

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
	return valid(c->b[0] != '0' && twice + thrice <= 1 && proof_mod_11_10(c, 0));
}

/* KBV: weights 4 and 9; the last two digits are a speciality. */
enum proof
proof_de_lanr(const struct compact *c)
{
	return valid(ten(sum(c, "494949")) == digit(c, 6) && !all_same(c));
}

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
	return valid(proof_mod_731(c->b, 8) == digit(c, 8));
}

/* VKVV, section 4: area, birth, letter, serial, check. */
enum proof
proof_de_rvnr(const struct compact *c)
{
	static const char weights[] = { 2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1 };
	unsigned letter = (unsigned)(c->b[8] - 'A' + 1), total = 0;
	unsigned day = (unsigned)number(c, 2, 4), all[12];

	for (unsigned i = 0; i < 8; i++)
		all[i] = digit(c, i);
	all[8] = letter / 10;
	all[9] = letter % 10;
	all[10] = digit(c, 9);
	all[11] = digit(c, 10);
	for (unsigned i = 0; i < 12; i++) {
		unsigned product = all[i] * (unsigned)weights[i];

		total += product / 10 + product % 10;
	}
	return valid(is_day((unsigned)number(c, 4, 6), day > 50 ? day - 50 : day) &&
	    total % 10 == digit(c, 11));
}

/* Section 290 SGB V: the letter as two digits, weights 1 and 2. */
enum proof
proof_de_kvnr(const struct compact *c)
{
	unsigned letter = (unsigned)(c->b[0] - 'A' + 1), total = letter / 10,
	    product = letter % 10 * 2;

	total += product / 10 + product % 10;
	for (unsigned i = 1; i < 9; i++) {
		product = digit(c, i) * (i % 2 == 1 ? 1 : 2);
		total += product / 10 + product % 10;
	}
	return valid(total % 10 == digit(c, 9));
}

/* BZSt: ISO 7064; some numbers were given out by hand. */
enum proof
proof_de_vat(const struct compact *c)
{
	return c->b[0] == 'D' && c->b[1] == 'E' ? mostly(proof_mod_11_10(c, 2)) : PROOF_NO;
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

/* Weights 3, 7, 9, then 5, 8, 4, 2, 1, 6 over the birth. */
enum proof
proof_at_svnr(const struct compact *c)
{
	unsigned total = digit(c, 0) * 3 + digit(c, 1) * 7 + digit(c, 2) * 9;

	for (unsigned i = 4; i < 10; i++)
		total += digit(c, i) * (unsigned)("\5\10\4\2\1\6"[i - 4]);
	return valid(c->b[0] != '0' && total % 11 == digit(c, 3) && proof_is_dmy(c->b + 4));
}

/* EAN-13 with the prefix 756. */
enum proof
proof_ch_ahv(const struct compact *c)
{
	return valid(number(c, 0, 3) == 756 && sum(c, "1313131313131") % 10 == 0);
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

/* The test of eleven, with -1 at the end. */
enum proof
proof_nl_bsn(const struct compact *c)
{
	return valid(number(c, 0, 9) > 0 && !all_same(c) &&
	    (sum(c, "98765432") + 10 * digit(c, 8)) % 11 == 0);
}

enum proof
proof_nl_document(const struct compact *c)
{
	return c->b[0] >= 'A' && c->b[1] >= 'A' && c->b[8] <= '9' ? PROOF_SHAPE : PROOF_NO;
}

/* 97 - n mod 97; a 2 in front of n for who was born from 2000 on. */
enum proof
proof_be_nn(const struct compact *c)
{
	uint64_t n = number(c, 0, 9), check = number(c, 9, 11);

	return valid(number(c, 2, 4) % 20 <= 12 && number(c, 4, 6) <= 31 &&
	    (97 - n % 97 == check || 97 - (2000000000 + n) % 97 == check));
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

/* INSEE: 97 - n mod 97; Corsica's departments 2A and 2B are 19 and 18. */
enum proof
proof_fr_nir(const struct compact *c)
{
	struct compact plain = *c;
	unsigned month;

	if (!is_in(c->b[0], "12378") || c->len != 15)
		return PROOF_NO;
	if (c->b[6] == 'A' || c->b[6] == 'B')
		memcpy(plain.b + 5, c->b[6] == 'A' ? "19" : "18", 2);
	for (unsigned i = 0; i < 15; i++)
		if (plain.b[i] > '9')
			return PROOF_NO;
	month = (unsigned)number(&plain, 3, 5);
	return valid(((month >= 1 && month <= 12) || (month >= 20 && month <= 42) || month >= 50) &&
	    97 - number(&plain, 0, 13) % 97 == number(&plain, 13, 15));
}

/* DGFiP: the first ten mod 511. */
enum proof
proof_fr_spi(const struct compact *c)
{
	return valid(c->b[0] <= '3' && number(c, 0, 10) % 511 == number(c, 10, 13));
}

enum proof
proof_fr_passport(const struct compact *c)
{
	return looks(c, "99aa99999") ? PROOF_SHAPE : PROOF_NO;
}

/* ---- Italy, Spain, Portugal, Greece ---- */

enum proof
proof_it_vat(const struct compact *c)
{
	return valid(number(c, 0, 11) > 0 && luhn(c, 0));
}

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

/* X, Y and Z are 0, 1 and 2. */
enum proof
proof_es_nie(const struct compact *c)
{
	uint64_t n = number(c, 1, 8) + (uint64_t)(c->b[0] - 'X') * 10000000;

	return valid(c->b[0] >= 'X' && c->b[0] <= 'Z' &&
	    "TRWAGMYFPDXBNJZSQVHLCKE"[n % 23] == c->b[8]);
}

enum proof
proof_es_cif(const struct compact *c)
{
	unsigned total = 0;

	for (unsigned i = 1; i < 8; i++) {
		unsigned d = digit(c, i) << (i & 1);

		total += d > 9 ? d - 9 : d;
	}
	return valid(is_in(c->b[0], "ABCDEFGHJNPQRSUVW") && "JABCDEFGHI"[ten(total)] == c->b[8]);
}

/* TGSS: mod 97 of province and number. */
enum proof
proof_es_nss(const struct compact *c)
{
	uint64_t province = number(c, 0, 2), n = number(c, 2, 10);
	uint64_t all = n < 10000000 ? n + province * 10000000 : n + province * 100000000;

	return mostly(all % 97 == number(c, 10, 12));
}

enum proof
proof_es_ccc(const struct compact *c)
{
	unsigned first = 0, second = 0;
	static const char weights[] = "\1\2\4\10\5\12\11\7\3\6";

	for (unsigned i = 0; i < 10; i++) {
		first += (i < 2 ? 0 : digit(c, i - 2)) * (unsigned)weights[i];
		second += digit(c, 10 + i) * (unsigned)weights[i];
	}
	first = 11 - first % 11;
	second = 11 - second % 11;
	return valid((first > 9 ? 11 - first : first) == digit(c, 8) &&
	    (second > 9 ? 11 - second : second) == digit(c, 9) && !all_same(c));
}

enum proof
proof_pt_nif(const struct compact *c)
{
	return valid(is_in(c->b[0], "1235689") && eleven(sum(c, "98765432")) == digit(c, 8) &&
	    !all_same(c));
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

enum proof
proof_gr_afm(const struct compact *c)
{
	unsigned total = 0;

	for (unsigned i = 0; i < 8; i++)
		total = 2 * total + digit(c, i);
	return valid(number(c, 0, 9) > 0 && 2 * total % 11 % 10 == digit(c, 8));
}

enum proof
proof_gr_amka(const struct compact *c)
{
	return valid(proof_is_dmy(c->b) && luhn(c, 0));
}
