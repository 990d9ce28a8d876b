/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/proof.h"

#include "detect/proof_part.h"

bool
proof_is_luhn(const char *digits, unsigned len)
{
	unsigned total = 0;

	for (unsigned i = 0; i < len; i++) {
		unsigned d = (unsigned)(digits[len - 1 - i] - '0') << (i & 1);

		total += d > 9 ? d - 9 : d;
	}
	return total % 10 == 0;
}

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

bool
proof_mod_11_10(const struct compact *c, unsigned from)
{
	unsigned product = 10;

	for (unsigned i = from; i + 1 < c->len; i++) {
		unsigned total = (digit(c, i) + product) % 10;

		product = 2 * (total == 0 ? 10 : total) % 11;
	}
	return (product + digit(c, c->len - 1)) % 10 == 1;
}

unsigned
proof_mod_97(const char *p, unsigned len, unsigned rest)
{
	for (unsigned i = 0; i < len; i++) {
		unsigned v = value(p[i]);

		rest = (v > 9 ? rest * 100 + v : rest * 10 + v) % 97;
	}
	return rest;
}

unsigned
proof_mod_731(const char *p, unsigned len)
{
	unsigned total = 0;

	for (unsigned i = 0; i < len; i++)
		total += value(p[i]) * (unsigned)("\7\3\1"[i % 3]);
	return total % 10;
}

bool
proof_verhoeff(const struct compact *c)
{
	static const char d[] = "0123456789" "1234067895" "2340178956" "3401289567" "4012395678"
	    "5987604321" "6598710432" "7659821043" "8765932104" "9876543210";
	static const char p[] = "0123456789" "1576283094" "5803796142" "8916043527" "9453126870"
	    "4286573901" "2793806415" "7046913258";
	unsigned check = 0;

	for (unsigned i = 0; i < c->len; i++) {
		unsigned v = digit(c, c->len - 1 - i);

		check = (unsigned)(d[check * 10 + (unsigned)(p[i % 8 * 10 + v] - '0')] - '0');
	}
	return check == 0;
}

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

enum proof
proof_luhn(const struct compact *c)
{
	return valid(!all_same(c) && luhn(c, 0));
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

/* 3GPP TS 23.003: Luhn, and a reporting body. */
enum proof
proof_imei(const struct compact *c)
{
	return valid(!all_same(c) && number(c, 0, 8) > 0 && luhn(c, 0));
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

/* ISO 6166: Luhn over letters as two digits. */
enum proof
proof_isin(const struct compact *c)
{
	char digits[26];
	unsigned len = 0;

	if (c->b[0] < 'A' || c->b[1] < 'A' || c->b[11] > '9' || c->digits < 3)
		return PROOF_NO;
	for (unsigned i = 0; i < 12; i++) {
		unsigned v = value(c->b[i]);

		if (v > 9)
			digits[len++] = (char)('0' + v / 10);
		digits[len++] = (char)('0' + v % 10);
	}
	return valid(proof_is_luhn(digits, len));
}

enum proof
proof_figi(const struct compact *c)
{
	return c->b[0] == 'B' && c->b[1] == 'B' && c->b[2] == 'G' ? PROOF_VALID : PROOF_NO;
}

/* ISO 17442: MOD 97-10. */
enum proof
proof_lei(const struct compact *c)
{
	return valid(c->b[18] <= '9' && c->b[19] <= '9' && c->digits >= 4 &&
	    proof_mod_97(c->b, 20, 0) == 1);
}

/* Double, add digits, mod 10. */
enum proof
proof_cusip(const struct compact *c)
{
	unsigned total = 0;

	for (unsigned i = 0; i < 8; i++) {
		unsigned v = value(c->b[i]) << (i & 1);

		total += v / 10 + v % 10;
	}
	return valid(c->b[8] <= '9' && ten(total) == digit(c, 8));
}

/* No vowels; weights 1, 3, 1, 7, 3, 9. */
enum proof
proof_sedol(const struct compact *c)
{
	unsigned total = 0;

	for (unsigned i = 0; i < 6; i++) {
		if (is_in(c->b[i], "AEIOU"))
			return PROOF_NO;
		total += value(c->b[i]) * (unsigned)("\1\3\1\7\3\11"[i]);
	}
	return valid(c->b[6] <= '9' && ten(total) == digit(c, 6));
}

enum proof
proof_of(enum check check, const struct compact *c)
{
	switch (check) {
#define CHECK(name)	case CHECK_##name: return proof_##name(c);
#include "detect/proof.tbl"
#undef CHECK
	}
	return PROOF_NO;
}
