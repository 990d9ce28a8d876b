/* SPDX-License-Identifier: Apache-2.0 */
#include "shape/proof_part.h"

/* ---- North ---- */

/* Since 2007 numbers need not pass mod 11. */
enum proof
proof_dk_cpr(const struct compact *c)
{
	return proof_is_dmy(c->b) ? mostly(sum(c, "4327654321") % 11 == 0) : PROOF_NO;
}

/* DVV: the birth, a sign for the century, mod 31. */
enum proof
proof_fi_hetu(const struct compact *c)
{
	struct compact plain = *c;
	uint64_t n;

	if (c->len == 11)
		memmove(plain.b + 6, c->b + 7, 4);
	else if (c->gaps[0] != '-')
		return PROOF_NO;
	if (c->len == 11 && !is_in(c->b[6], "ABCDEFYXWVU"))
		return PROOF_NO;
	n = number(&plain, 0, 9);
	return valid(proof_is_dmy(c->b) && number(&plain, 6, 9) >= 2 &&
	    "0123456789ABCDEFHJKLMNPRSTUVWXY"[n % 31] == plain.b[9]);
}

/* ---- East ---- */

enum proof
proof_lv_pk(const struct compact *c)
{
	return c->b[0] == '3' && c->b[1] >= '2' ? PROOF_SHAPE : valid(proof_is_dmy(c->b) &&
	    (1101 - sum(c, "1637:58429")) % 11 == digit(c, 10));
}

/* Weights 7, 3, 1 around the check digit. */
enum proof
proof_pl_id_card(const struct compact *c)
{
	unsigned total = value(c->b[0]) * 7 + value(c->b[1]) * 3 + value(c->b[2]);

	for (unsigned i = 4; i < 9; i++)
		total += digit(c, i) * (unsigned)("\7\3\1\7\3"[i - 4]);
	return valid(total % 10 == digit(c, 3));
}

enum proof
proof_pl_passport(const struct compact *c)
{
	unsigned total = value(c->b[0]) * 7 + value(c->b[1]) * 3;

	for (unsigned i = 3; i < 9; i++)
		total += digit(c, i) * (unsigned)("\1\7\3\1\7\3"[i - 3]);
	return valid(total % 10 == digit(c, 2));
}

enum proof
proof_hu_taj(const struct compact *c)
{
	return valid(sum(c, "37373737") % 10 == digit(c, 8) && number(c, 0, 9) > 0);
}

enum proof
proof_hu_tax(const struct compact *c)
{
	return valid(c->b[0] == '8' && sum(c, "123456789") % 11 == digit(c, 9));
}

enum proof
proof_ru_snils(const struct compact *c)
{
	return valid(number(c, 0, 9) > 1001998 && sum(c, "987654321") % 101 % 100 == number(c, 9,
	    11));
}

/* ---- Turkey, Middle East, Africa ---- */

enum proof
proof_tr_plate(const struct compact *c)
{
	return number(c, 0, 2) >= 1 && number(c, 0, 2) <= 81 ? PROOF_SHAPE : PROOF_NO;
}

enum proof
proof_ae_id(const struct compact *c)
{
	return valid(number(c, 0, 3) == 784 && luhn(c, 0));
}

enum proof
proof_eg_id(const struct compact *c)
{
	return valid((c->b[0] == '2' || c->b[0] == '3') && proof_is_ymd(c->b + 1) &&
	    number(c, 7, 9) <= 88);
}

/* ---- Asia ---- */

/* The fourth letter says what holder it is. */
enum proof
proof_in_pan(const struct compact *c)
{
	return mostly(is_in(c->b[3], "ABCFGHJLPTKE"));
}

/* GSTN: state, PAN, entity, Z, check. */
enum proof
proof_in_gstin(const struct compact *c)
{
	return valid(looks(c, "99aaaaa9999a*a*") && c->b[13] == 'Z' && number(c, 0, 2) >= 1 &&
	    number(c, 0, 2) <= 38);
}

enum proof
proof_in_ifsc(const struct compact *c)
{
	return c->b[4] == '0' ? PROOF_VALID : PROOF_NO;
}

enum proof
proof_in_passport(const struct compact *c)
{
	return c->b[1] != '0' ? PROOF_SHAPE : PROOF_NO;
}

enum proof
proof_pk_cnic(const struct compact *c)
{
	return c->b[0] >= '1' && c->b[0] <= '7' ? PROOF_SHAPE : PROOF_NO;
}

enum proof
proof_cn_passport(const struct compact *c)
{
	return is_in(c->b[0], "EGDSPH") ? PROOF_SHAPE : PROOF_NO;
}

/* ImmD: weights 9 (a space), 8 to 2; A stands for ten. */
enum proof
proof_hk_id(const struct compact *c)
{
	unsigned total = 9 * 36 + 8 * value(c->b[0]);

	for (unsigned i = 1; i < 7; i++)
		total += digit(c, i) * (8 - i);
	return valid((total + (c->b[7] == 'A' ? 10 : digit(c, 7))) % 11 == 0);
}

/* MOI: the letter is two digits. */
enum proof
proof_tw_id(const struct compact *c)
{
	static const char code[] = "\12\13\14\15\16\17\20\21\42\22\23\24\25\26\43\27"
	    "\30\31\32\33\34\35\40\36\37\41";
	unsigned n = (unsigned)code[c->b[0] - 'A'], total = n / 10 + n % 10 * 9;

	for (unsigned i = 1; i < 9; i++)
		total += digit(c, i) * (9 - i);
	return valid(is_in(c->b[1], "1289") && (total + digit(c, 9)) % 10 == 0);
}

/* Since October 2020 the last digits are random. */
enum proof
proof_kr_rrn(const struct compact *c)
{
	if (!proof_is_ymd(c->b) || c->b[6] < '1' || c->b[6] > '4')
		return PROOF_NO;
	return mostly((11 - sum(c, "234567892345") % 11) % 10 == digit(c, 12));
}

enum proof
proof_kr_frn(const struct compact *c)
{
	if (!proof_is_ymd(c->b) || c->b[6] < '5' || c->b[6] > '8')
		return PROOF_NO;
	return mostly((13 - sum(c, "234567892345") % 11) % 10 == digit(c, 12));
}

/* The first two digits are a region. */
enum proof
proof_kr_dl(const struct compact *c)
{
	return number(c, 0, 2) >= 11 && number(c, 0, 2) <= 28 ? PROOF_SHAPE : PROOF_NO;
}

enum proof
proof_kr_passport(const struct compact *c)
{
	return is_in(c->b[0], "MSRODG") ? PROOF_SHAPE : PROOF_NO;
}

/* ICA: weights 2, 7, 6, 5, 4, 3, 2; the century adds 4. */
enum proof
proof_sg_nric(const struct compact *c)
{
	unsigned total = digit(c, 1) * 2 + digit(c, 2) * 7 + digit(c, 3) * 6 + digit(c, 4) * 5 +
	    digit(c, 5) * 4 + digit(c, 6) * 3 + digit(c, 7) * 2;
	const char *set = is_in(c->b[0], "ST") ? "JZIHGFEDCBA" : c->b[0] == 'M' ? "KLJNPQRTUWX"
	    : "XWUTRQPNMLK";

	if (!is_in(c->b[0], "STFGM"))
		return PROOF_NO;
	total += is_in(c->b[0], "TG") ? 4 : c->b[0] == 'M' ? 3 : 0;
	return mostly(set[c->b[0] == 'M' ? 10 - total % 11 : total % 11] == c->b[8]);
}

enum proof
proof_my_nric(const struct compact *c)
{
	return proof_is_ymd(c->b) && number(c, 6, 8) > 0 ? PROOF_SHAPE : PROOF_NO;
}

enum proof
proof_id_nik(const struct compact *c)
{
	unsigned day = (unsigned)number(c, 6, 8);

	return number(c, 0, 2) >= 11 && number(c, 0, 2) <= 96 && is_day((unsigned)number(c, 8, 10),
	    day > 40 ? day - 40 : day) ? PROOF_SHAPE : PROOF_NO;
}

enum proof
proof_vn_cccd(const struct compact *c)
{
	return number(c, 0, 3) >= 1 && number(c, 0, 3) <= 96 && c->b[3] <= '3' ? PROOF_SHAPE
	    : PROOF_NO;
}

enum proof
proof_ph_tin(const struct compact *c)
{
	return valid(number(c, 0, 9) > 0 && sum(c, "98765432") % 11 == digit(c, 8));
}

/* ---- Australia and New Zealand ---- */

enum proof
proof_ng_nin(const struct compact *c)
{
	return valid(!all_same(c) && checksum_verhoeff(slice_of(c->b, c->len)));
}

enum proof
proof_th_tnin(const struct compact *c)
{
	return valid(c->b[0] >= '1' && c->b[0] <= '8' && number(c, 1, 3) >= 10 &&
	    number(c, 1, 3) <= 96 &&
	    (11 - sum(c, "=<;:98765432") % 11) % 10 == digit(c, 12));
}
