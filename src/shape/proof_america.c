/* SPDX-License-Identifier: Apache-2.0 */
#include "shape/proof_part.h"

/* ---- North America ---- */

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

enum proof
proof_br_pis(const struct compact *c)
{
	return valid(!all_same(c) && eleven(sum(c, "3298765432")) == digit(c, 10));
}
