/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/proof_part.h"

/* ---- North America ---- */

/* 20 CFR 422.103: no area 000, 666 or 9xx, no group 00, no serial 0000. */
enum proof
proof_us_ssn(const struct compact *c)
{
	unsigned area = (unsigned)number(c, 0, 3);

	return valid(area != 0 && area != 666 && area < 900 && number(c, 3, 5) != 0 &&
	    number(c, 5, 9) != 0 && !all_same(c));
}

/* IRS: 9xx with a group of 50 to 65, 70 to 88, 90 to 92, 94 to 99. */
enum proof
proof_us_itin(const struct compact *c)
{
	unsigned group = (unsigned)number(c, 3, 5);

	return valid(c->b[0] == '9' && ((group >= 50 && group <= 65) || (group >= 70 &&
	    group <= 88) ||
	    (group >= 90 && group != 93)));
}

/* IRS: the prefix is that of a campus. */
enum proof
proof_us_ein(const struct compact *c)
{
	unsigned prefix = (unsigned)number(c, 0, 2);

	return prefix == 0 || prefix == 7 || prefix == 8 || prefix == 9 || prefix == 17 ||
	    prefix == 18 || prefix == 19 || prefix == 28 || prefix == 29 || prefix == 49 ||
	    prefix == 69 || prefix == 70 || prefix == 78 || prefix == 79 || prefix == 89 ||
	    prefix == 96 || prefix == 97 ? PROOF_NO : PROOF_SHAPE;
}

/* ABA: weights 3, 7, 1; the first two digits are a district. */
enum proof
proof_us_aba(const struct compact *c)
{
	unsigned district = (unsigned)number(c, 0, 2);

	return valid((district <= 12 || (district >= 21 && district <= 32) ||
	    (district >= 61 && district <= 72) || district == 80) && !all_same(c) &&
	    sum(c, "371371371") % 10 == 0);
}

/* CMS: Luhn behind 80840; 24 is what that prefix adds. */
enum proof
proof_us_npi(const struct compact *c)
{
	char all[15] = { '8', '0', '8', '4', '0' };

	memcpy(all + 5, c->b, 10);
	return valid((c->b[0] == '1' || c->b[0] == '2') && proof_is_luhn(all, 15));
}

/* DEA: a type, a letter or 9, and seven digits. */
enum proof
proof_us_dea(const struct compact *c)
{
	unsigned odd, even;

	if (!is_in(c->b[0], "ABCDEFGHJKLMPRSTUX") || !(c->b[1] == '9' || c->b[1] >= 'A') ||
	    c->len != 9 || c->digits < 7)
		return PROOF_NO;
	for (unsigned i = 2; i < 9; i++)
		if (c->b[i] > '9')
			return PROOF_NO;
	odd = digit(c, 2) + digit(c, 4) + digit(c, 6);
	even = digit(c, 3) + digit(c, 5) + digit(c, 7);
	return valid((odd + 2 * even) % 10 == digit(c, 8));
}

/* CMS: eleven places, each with its own kind; no S, L, O, I, B, Z. */
enum proof
proof_us_mbi(const struct compact *c)
{
	static const char place[] = "ca*9a*9aa99";

	if (c->len != 11)
		return PROOF_NO;
	for (unsigned i = 0; i < 11; i++) {
		bool number_here = c->b[i] <= '9';

		if (!number_here && is_in(c->b[i], "SLOIBZ"))
			return PROOF_NO;
		if (place[i] == 'c' ? !number_here || c->b[i] == '0'
		    : place[i] == '9' ? !number_here : place[i] == 'a' && number_here)
			return PROOF_NO;
	}
	return PROOF_VALID;
}

enum proof
proof_us_passport(const struct compact *c)
{
	return all_same(c) ? PROOF_NO : PROOF_SHAPE;
}

enum proof
proof_us_a_number(const struct compact *c)
{
	return c->b[0] == 'A' ? PROOF_SHAPE : PROOF_NO;
}

enum proof
proof_us_ptin(const struct compact *c)
{
	return c->b[0] == 'P' ? PROOF_SHAPE : PROOF_NO;
}

/* No 0 and no 8 in front. */
enum proof
proof_ca_sin(const struct compact *c)
{
	return valid(c->b[0] != '0' && c->b[0] != '8' && !all_same(c) && luhn(c, 0));
}

enum proof
proof_ca_postcode(const struct compact *c)
{
	return looks(c, "a9a9a9") && !is_in(c->b[0], "DFIOQUWZ") ? PROOF_VALID : PROOF_NO;
}

/* RENAPO: name, birth, sex, state, and a check over 37 characters. */
enum proof
proof_mx_curp(const struct compact *c)
{
	static const char set[] = "0123456789ABCDEFGHIJKLMN?OPQRSTUVWXYZ";
	unsigned total = 0;

	if (!looks(c, "aaaa999999aaaaaa*9") || !proof_is_ymd(c->b + 4) || !is_in(c->b[10], "HMX"))
		return PROOF_NO;
	for (unsigned i = 0; i < 17; i++) {
		unsigned v = 0;

		while (set[v] != c->b[i])
			v++;
		total += v * (18 - i);
	}
	return mostly(ten(total) == digit(c, 17));
}

/* SAT: name, a date, and three characters. */
enum proof
proof_mx_rfc(const struct compact *c)
{
	unsigned name = c->len == 13 ? 4 : 3;

	return (looks(c, "aaaa999999***") || looks(c, "aaa999999***")) &&
	    proof_is_ymd(c->b + name) ? PROOF_VALID : PROOF_NO;
}

/* ABM: weights 3, 7, 1, each product mod 10. */
enum proof
proof_mx_clabe(const struct compact *c)
{
	unsigned total = 0;

	for (unsigned i = 0; i < 17; i++)
		total += digit(c, i) * (unsigned)("\3\7\1"[i % 3]) % 10;
	return valid(ten(total) == digit(c, 17) && number(c, 0, 3) > 0);
}

/* ---- South America ---- */

/* Two check digits mod 11. */
enum proof
proof_br_cpf(const struct compact *c)
{
	return valid(!all_same(c) && eleven(sum(c, ":98765432")) == digit(c, 9) &&
	    eleven(sum(c, ";:98765432")) == digit(c, 10));
}

enum proof
proof_br_cnpj(const struct compact *c)
{
	return valid(!all_same(c) && eleven(sum(c, "543298765432")) == digit(c, 12) &&
	    eleven(sum(c, "6543298765432")) == digit(c, 13));
}

enum proof
proof_br_pis(const struct compact *c)
{
	return valid(!all_same(c) && eleven(sum(c, "3298765432")) == digit(c, 10));
}

enum proof
proof_ar_cuit(const struct compact *c)
{
	return valid(is_in(c->b[0], "23") && eleven(sum(c, "5432765432")) == digit(c, 10));
}

enum proof
proof_ar_cbu(const struct compact *c)
{
	unsigned bank = 0, account = 0;

	for (unsigned i = 0; i < 7; i++)
		bank += digit(c, i) * (unsigned)("\7\1\3\11"[i % 4] == 9 ? 9 : "\7\1\3\11"[i % 4]);
	for (unsigned i = 0; i < 13; i++)
		account += digit(c, 8 + i) * (unsigned)("\3\11\7\1"[i % 4]);
	return valid(!all_same(c) && ten(bank) == digit(c, 7) && ten(account) == digit(c, 21));
}

enum proof
proof_cl_rut(const struct compact *c)
{
	unsigned total = 0, rest;

	for (unsigned i = 0; i + 1 < c->len; i++) {
		if (c->b[c->len - 2 - i] > '9')
			return PROOF_NO;
		total += digit(c, c->len - 2 - i) * (2 + i % 6);
	}
	rest = 11 - total % 11;
	return valid(c->b[c->len - 1] == (rest == 11 ? '0' : rest == 10 ? 'K'
	    : (char)('0' + rest)));
}

enum proof
proof_pe_ruc(const struct compact *c)
{
	unsigned rest = (11 - sum(c, "5432765432") % 11) % 10;

	return valid(is_in(c->b[0], "12") && rest == digit(c, 10));
}

enum proof
proof_ec_ci(const struct compact *c)
{
	unsigned province = (unsigned)number(c, 0, 2);

	return valid(((province >= 1 && province <= 24) || province == 30) && c->b[2] < '7' &&
	    luhn(c, 0));
}
