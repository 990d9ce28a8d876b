/* SPDX-License-Identifier: Apache-2.0 */
#include "shape/proof.h"

#include "shape/proof_part.h"
#include "number/judge.h"
#include "number/number.h"

bool
proof_is_ymd(const char *six)
{
	return is_day(two(six + 2), two(six + 4));
}

bool
proof_is_dmy(const char *six)
{
	return is_day(two(six + 2), two(six));
}

/* ---- anything ---- */

enum proof
proof_digits(const struct compact *c)
{
	return all_same(c) ? PROOF_NO : PROOF_SHAPE;
}

/* A postcode of four digits that could be a year is taken for one. */
enum proof
proof_no_year(const struct compact *c)
{
	return number(c, 0, 4) >= 1900 && number(c, 0, 4) < 2030 ? PROOF_NO : proof_digits(c);
}

enum proof
proof_letters(const struct compact *c)
{
	(void)c;
	return PROOF_SHAPE;
}

enum proof
proof_hex(const struct compact *c)
{
	for (unsigned i = 0; i < c->len; i++)
		if (c->b[i] > 'F')
			return PROOF_NO;
	return PROOF_SHAPE;
}

/* ---- Everywhere ---- */

/* The country's letters; the digits where they have a check. */
enum proof
proof_eu_vat(const struct compact *c)
{
	static const char countries[] = "ATBEBGCYCZDEDKEEELESFIFRHRHUIEITLTLULV"
	    "MTNLPLPTROSESISKXIGB";
	bool known = false;

	for (unsigned i = 0; i + 1 < sizeof countries; i += 2)
		known |= c->b[0] == countries[i] && c->b[1] == countries[i + 1];
	if (!known || c->len < 10 || (c->b[2] >= 'A' && c->b[0] != 'A'))
		return PROOF_NO;
	return PROOF_SHAPE;
}

enum proof
proof_ehic(const struct compact *c)
{
	return number(c, 0, 2) == 80 ? PROOF_SHAPE : PROOF_NO;
}

enum proof
proof_imsi(const struct compact *c)
{
	return number(c, 0, 3) >= 200 && number(c, 0, 3) < 800 ? PROOF_SHAPE : PROOF_NO;
}

/* ITU-T E.118: 89, and Luhn. */
enum proof
proof_iccid(const struct compact *c)
{
	return number(c, 0, 2) == 89 ? mostly(luhn(c, 0)) : PROOF_NO;
}

/* ISO 3779; the ninth place checks the numbers of North America. */
enum proof
proof_vin(const struct compact *c)
{
	static const char odd[] = "\1\2\3\4\5\6\7\10\0\1\2\3\4\5\0\7\0\11\2\3\4\5\6\7\10\11";
	static const char weights[] = "\10\7\6\5\4\3\2\12\0\11\10\7\6\5\4\3\2";
	unsigned total = 0, rest;

	if (c->digits < 4 || c->len - c->digits < 3)
		return PROOF_NO;
	for (unsigned i = 0; i < 17; i++) {
		if (is_in(c->b[i], "IOQ"))
			return PROOF_NO;
		total += (c->b[i] >= 'A' ? (unsigned)odd[c->b[i] - 'A'] : digit(c, i)) *
		    (unsigned)weights[i];
	}
	rest = total % 11;
	return mostly(c->b[8] == (rest == 10 ? 'X' : (char)('0' + rest)));
}

/* How many letters and digits each kind of number has: its function counts on it. */
static const struct {
	uint8_t	min, max;
} lengths[NUMBER_COUNT] = {
#define NUMBER(id, name, country, what, drop, keep, prefix, min, max, catches, example)	\
	[NUMBER_##id] = { min, max },
#include "number/number.tbl"
#undef NUMBER
};

static bool
is_length(enum number number, const struct compact *c)
{
	return c->len >= lengths[number].min && c->len <= lengths[number].max;
}

enum proof
proof_of(enum check check, const struct compact *c)
{
	struct slice n = slice_of(c->b, c->len);

	switch (check) {
#define NUMBERED(name, number)							\
	case CHECK_##name:							\
		return valid(is_length(NUMBER_##number, c) && !all_same(c) &&	\
		    number_is_##number(n));
#define CHECK(name)	case CHECK_##name: return proof_##name(c);
#include "shape/proof.tbl"
#undef NUMBERED
#undef CHECK
	}
	return PROOF_NO;
}
