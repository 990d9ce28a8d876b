/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/proof_part.h"

/* ---- North ---- */

/* Skatteverket: the birth (day + 60 for coordination numbers), and Luhn over ten digits. */
enum proof
proof_se_pnr(const struct compact *c)
{
	unsigned from = c->len - 10, day = (unsigned)number(c, from + 4, from + 6);
	unsigned century = c->len == 12 ? (unsigned)number(c, 0, 2) : 19;

	return valid((century == 18 || century == 19 || century == 20) &&
	    is_day((unsigned)number(c, from + 2, from + 4), day > 60 ? day - 60 : day) &&
	    luhn(c, from));
}

enum proof
proof_se_orgnr(const struct compact *c)
{
	return valid(c->b[2] >= '2' && c->b[0] != '0' && luhn(c, 0));
}

/* Skatteetaten: two checks mod 11; D numbers have 40 added to the day. */
enum proof
proof_no_fnr(const struct compact *c)
{
	unsigned day = (unsigned)number(c, 0, 2), month = (unsigned)number(c, 2, 4);

	return valid(is_day(month > 40 ? month - 40 : month, day > 40 ? day - 40 : day) &&
	    (sum(c, "376189452") + digit(c, 9)) % 11 == 0 &&
	    (sum(c, "5432765432") + digit(c, 10)) % 11 == 0);
}

enum proof
proof_no_orgnr(const struct compact *c)
{
	unsigned rest = (11 - sum(c, "32765432") % 11) % 11;

	return valid(is_in(c->b[0], "89") && rest == digit(c, 8));
}

/* Since 2007 numbers need not pass mod 11. */
enum proof
proof_dk_cpr(const struct compact *c)
{
	return proof_is_dmy(c->b) ? mostly(sum(c, "4327654321") % 11 == 0) : PROOF_NO;
}

enum proof
proof_dk_cvr(const struct compact *c)
{
	return valid(c->b[0] != '0' && sum(c, "27654321") % 11 == 0);
}

enum proof
proof_is_kt(const struct compact *c)
{
	unsigned day = (unsigned)number(c, 0, 2);

	return valid(is_day((unsigned)number(c, 2, 4), day > 40 ? day - 40 : day) &&
	    (11 - sum(c, "32765432") % 11) % 11 == digit(c, 8) && is_in(c->b[9], "890"));
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

enum proof
proof_fi_ytunnus(const struct compact *c)
{
	unsigned rest = sum(c, "79:5842") % 11;

	return valid(rest != 1 && (rest == 0 ? 0 : 11 - rest) == digit(c, 7));
}

/* ---- East ---- */

/* Two steps mod 11, as Lithuania does. */
enum proof
proof_ee_ik(const struct compact *c)
{
	unsigned rest = sum(c, "1234567891") % 11;

	if (rest == 10)
		rest = sum(c, "3456789123") % 11 % 10;
	return valid(c->b[0] >= '1' && c->b[0] <= '6' && proof_is_ymd(c->b + 1) &&
	    rest == digit(c, 10));
}

enum proof
proof_lv_pk(const struct compact *c)
{
	return c->b[0] == '3' && c->b[1] >= '2' ? PROOF_SHAPE : valid(proof_is_dmy(c->b) &&
	    (1101 - sum(c, "1637:58429")) % 11 == digit(c, 10));
}

/* The month says the century too. */
enum proof
proof_pl_pesel(const struct compact *c)
{
	return valid(is_day((unsigned)number(c, 2, 4) % 20, (unsigned)number(c, 4, 6)) &&
	    ten(sum(c, "1379137913")) == digit(c, 10));
}

enum proof
proof_pl_nip(const struct compact *c)
{
	return valid(c->b[0] != '0' && sum(c, "657234567") % 11 == digit(c, 9));
}

enum proof
proof_pl_regon(const struct compact *c)
{
	return valid(number(c, 0, 9) > 0 && sum(c, "89234567") % 11 % 10 == digit(c, 8));
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

/* Divisible by eleven; 50, 20 or 70 is added to the month. */
enum proof
proof_cz_rc(const struct compact *c)
{
	unsigned month = (unsigned)number(c, 2, 4);

	month = month > 70 ? month - 70 : month > 50 ? month - 50 : month > 20 ? month - 20 : month;
	return valid(is_day(month, (unsigned)number(c, 4, 6)) && number(c, 0, 10) % 11 == 0);
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
proof_ro_cnp(const struct compact *c)
{
	unsigned rest = sum(c, "279146358279") % 11;

	return valid(c->b[0] != '0' && proof_is_ymd(c->b + 1) &&
	    (rest == 10 ? 1 : rest) == digit(c, 12));
}

enum proof
proof_bg_egn(const struct compact *c)
{
	unsigned month = (unsigned)number(c, 2, 4), total = sum(c, "2485:9736");

	return valid(is_day(month > 40 ? month - 40 : month > 20 ? month - 20 : month,
	    (unsigned)number(c, 4, 6)) && total % 11 % 10 == digit(c, 9));
}

enum proof
proof_hr_oib(const struct compact *c)
{
	return valid(proof_mod_11_10(c, 0));
}

enum proof
proof_si_emso(const struct compact *c)
{
	return valid(proof_is_dmy(c->b) && eleven(sum(c, "765432765432")) == digit(c, 12));
}

enum proof
proof_ru_inn(const struct compact *c)
{
	if (c->len == 10)
		return valid(number(c, 0, 10) > 0 && sum(c, "24:359468") % 11 % 10 == digit(c, 9));
	return valid(sum(c, "724:359468") % 11 % 10 == digit(c, 10) &&
	    sum(c, "3724:359468") % 11 % 10 == digit(c, 11));
}

enum proof
proof_ru_snils(const struct compact *c)
{
	return valid(number(c, 0, 9) > 1001998 && sum(c, "987654321") % 101 % 100 == number(c, 9,
	    11));
}

enum proof
proof_ua_rnokpp(const struct compact *c)
{
	uint64_t total = digit(c, 1) * 5 + digit(c, 2) * 7 + digit(c, 3) * 9 + digit(c, 4) * 4 +
	    digit(c, 5) * 6 + digit(c, 6) * 10 + digit(c, 7) * 5 + digit(c, 8) * 7 + 1100;

	return valid((total - digit(c, 0)) % 11 % 10 == digit(c, 9));
}

/* ---- Turkey, Middle East, Africa ---- */

/* NVI: two check digits. */
enum proof
proof_tr_tckn(const struct compact *c)
{
	unsigned odd = digit(c, 0) + digit(c, 2) + digit(c, 4) + digit(c, 6) + digit(c, 8);
	unsigned even = digit(c, 1) + digit(c, 3) + digit(c, 5) + digit(c, 7);

	return valid(c->b[0] != '0' && (odd * 7 + 100 - even) % 10 == digit(c, 9) &&
	    (odd + even + digit(c, 9)) % 10 == digit(c, 10));
}

enum proof
proof_tr_vkn(const struct compact *c)
{
	unsigned total = 0;

	for (unsigned i = 0; i < 9; i++) {
		unsigned d = (digit(c, i) + 9 - i) % 10, v = d * (1u << (9 - i)) % 9;

		total += d != 0 && v == 0 ? 9 : v;
	}
	return valid(ten(total) == digit(c, 9));
}

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

/* DHA: birth, sex, citizenship, Luhn. */
enum proof
proof_za_id(const struct compact *c)
{
	return valid(proof_is_ymd(c->b) && c->b[10] <= '2' && luhn(c, 0));
}

enum proof
proof_ng_nin(const struct compact *c)
{
	return valid(!all_same(c) && proof_verhoeff(c));
}

/* ---- Asia ---- */

/* UIDAI: Verhoeff, no 0 and no 1 in front. */
enum proof
proof_in_aadhaar(const struct compact *c)
{
	return valid(c->b[0] >= '2' && proof_verhoeff(c));
}

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

/* GB 11643: region, birth, ISO 7064 MOD 11-2. */
enum proof
proof_cn_ric(const struct compact *c)
{
	unsigned total = 0;

	for (unsigned i = 0; i < 17; i++)
		total += digit(c, i) * ((1u << (17 - i)) % 11);
	return valid(number(c, 6, 10) >= 1880 && number(c, 6, 10) < 2030 &&
	    proof_is_ymd(c->b + 8) &&
	    "10X98765432"[total % 11] == c->b[17]);
}

/* GB 32100: base 31. */
enum proof
proof_cn_uscc(const struct compact *c)
{
	static const char set[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";
	unsigned total = 0, weight = 1;

	for (unsigned i = 0; i < 18; i++) {
		unsigned v = 0;

		while (set[v] != 0 && set[v] != c->b[i])
			v++;
		if (set[v] == 0)
			return PROOF_NO;
		total += v * weight;
		weight = i == 16 ? 1 : weight * 3 % 31;
	}
	return valid(total % 31 == 0);
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

enum proof
proof_tw_ubn(const struct compact *c)
{
	unsigned total = 0;

	for (unsigned i = 0; i < 8; i++) {
		unsigned p = digit(c, i) * (unsigned)("\1\2\1\2\1\2\4\1"[i]);

		total += p / 10 + p % 10;
	}
	return valid(total % 5 == 0 || (c->b[6] == '7' && (total + 1) % 5 == 0));
}

enum proof
proof_jp_mynumber(const struct compact *c)
{
	unsigned rest = sum(c, "65432765432") % 11;

	return valid(!all_same(c) && (rest < 2 ? 0 : 11 - rest) == digit(c, 11));
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

enum proof
proof_kr_brn(const struct compact *c)
{
	unsigned total = sum(c, "137137135") + digit(c, 8) * 5 / 10;

	return valid(ten(total) == digit(c, 9));
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

/* ACRA: of businesses, of companies, and of others. */
enum proof
proof_sg_uen(const struct compact *c)
{
	if (c->len == 9)
		return valid("XMKECAWLJDB"[sum(c, ":4938271") % 11] == c->b[8]);
	if (looks(c, "999999999a"))
		return valid("ZKCMDNERGWH"[sum(c, ":86497531") % 11] == c->b[9]);
	return looks(c, "a99aa9999a") && is_in(c->b[0], "RST") ? PROOF_VALID : PROOF_NO;
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
proof_th_tnin(const struct compact *c)
{
	return valid(c->b[0] >= '1' && c->b[0] <= '8' && number(c, 1, 3) >= 10 &&
	    number(c, 1, 3) <= 96 &&
	    (11 - sum(c, "=<;:98765432") % 11) % 10 == digit(c, 12));
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
proof_au_tfn(const struct compact *c)
{
	return valid(!all_same(c) && sum(c, "14375869:") % 11 == 0);
}

enum proof
proof_au_acn(const struct compact *c)
{
	return valid(ten(sum(c, "87654321")) == digit(c, 8) && number(c, 0, 9) > 0);
}

enum proof
proof_au_abn(const struct compact *c)
{
	return valid(c->b[0] != '0' && (sum(c, ":13579;=?AC") - 10) % 89 == 0);
}

enum proof
proof_au_medicare(const struct compact *c)
{
	return valid(c->b[0] >= '2' && c->b[0] <= '6' && sum(c, "13791379") % 10 == digit(c, 8));
}

enum proof
proof_nz_ird(const struct compact *c)
{
	struct compact nine = *c;
	unsigned rest;

	if (c->len == 8) {
		memcpy(nine.b + 1, c->b, 8);
		nine.b[0] = '0';
	}
	if (number(&nine, 0, 9) < 10000000 || number(&nine, 0, 9) > 150000000)
		return PROOF_NO;
	rest = (11 - sum(&nine, "32765432") % 11) % 11;
	if (rest == 10)
		rest = (11 - sum(&nine, "74325276") % 11) % 11;
	return valid(rest == digit(&nine, 8));
}
