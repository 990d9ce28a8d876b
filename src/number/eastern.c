/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Numbers of Central, Eastern and South-Eastern Europe, and of Azerbaijan.
 */
#include "number/checksum.h"
#include "number/judge.h"
#include "number/part.h"

/* Poland, taxes. */
bool
number_is_pl_nip(struct slice n)
{
	return part_weigh(n, 0, "657234567") % 11 == part_digit(n, 9);
}

/* Poland, persons: the month has 20, 40, 60 or 80 added for the century. */
bool
number_is_pl_pesel(struct slice n)
{
	static const unsigned centuries[] = { 1900, 2000, 2100, 2200, 1800 };
	unsigned month = part_two(n, 2);

	return part_weigh(n, 0, "13791379131") % 10 == 0 &&
	    part_is_date(centuries[month / 20] + part_two(n, 0), month % 20, part_two(n, 4));
}

/* Poland, statistics: nine digits, and five of a part of the company. */
bool
number_is_pl_regon(struct slice n)
{
	if ((n.len != 9 && n.len != 14) ||
	    part_weigh(n, 0, "89234567") % 11 % 10 != part_digit(n, 8))
		return false;
	return n.len == 9 || part_weigh(n, 0, "2485097361248") % 11 % 10 == part_digit(n, 13);
}

/* Czech and Slovak companies: what would be 10 is 0, and 11 is 1. */
bool
number_is_cz_ico(struct slice n)
{
	return (11 - part_weigh(n, 0, "8765432") % 11) % 10 == part_digit(n, 7);
}

bool
number_is_sk_ico(struct slice n)
{
	return number_is_cz_ico(n);
}

/*
 * Czech and Slovak persons: the month of women has 50 added, and 20 when the
 * numbers of a day ran out; ten digits since 1954, and modulo 11.
 */
bool
number_is_cz_rc(struct slice n)
{
	unsigned year = 1900 + part_two(n, 0), month = part_two(n, 2) % 50;

	if (n.len == 9) {
		year -= year >= 1980 ? 100 : 0;
		if (year > 1953)
			return false;
	} else {
		year += year < 1954 ? 100 : 0;
		if (part_read(n, 0, 9) % 11 % 10 != part_digit(n, 9))
			return false;
	}
	if (month > 20 && year >= 2004)
		month -= 20;
	return part_is_date(year, month, part_two(n, 4));
}

bool
number_is_sk_rc(struct slice n)
{
	return number_is_cz_rc(n);
}

/* Czech VAT: of a company, of a person, or one with a 6 in front. */
bool
number_is_cz_dic(struct slice n)
{
	unsigned rest;

	if (n.len == 8)
		return n.ptr[0] != '9' && number_is_cz_ico(n);
	if (n.len == 9 && n.ptr[0] == '6') {
		rest = part_weigh(n, 1, "8765432") % 11;
		return (8 + 10 - (10 - rest) % 11) % 10 == part_digit(n, 8);
	}
	return number_is_cz_rc(n);
}

/* Czech accounts: a prefix, the account and the bank; the weights of the first two end alike. */
static bool
eastern_is_cz_part(struct slice n, size_t from, size_t to)
{
	static const uint8_t weights[] = { 1, 2, 4, 8, 5, 10, 9, 7, 3, 6 };
	unsigned sum = 0;

	for (size_t i = to; i > from; i--)
		sum += part_digit(n, i - 1) * weights[to - i];
	return sum % 11 == 0;
}

bool
number_is_cz_bankaccount(struct slice n)
{
	const char *dash = memchr(n.ptr, '-', n.len);
	size_t slash = n.len - 5, from = dash == NULL ? 0 : (size_t)(dash - n.ptr) + 1;

	if (n.ptr[slash] != '/' || !part_digits(n, slash + 1, n.len) || from > 7 ||
	    slash < from + 2 || slash > from + 10 || !part_digits(n, from, slash) ||
	    !eastern_is_cz_part(n, from, slash))
		return false;
	return from == 0 || (part_digits(n, 0, from - 1) && eastern_is_cz_part(n, 0, from - 1));
}

/* Slovak VAT: modulo 11 as a whole. */
bool
number_is_sk_dph(struct slice n)
{
	return n.ptr[0] != '0' && part_in(n.ptr[2], "234789") && part_read(n, 0, 10) % 11 == 0;
}

bool
number_is_hu_anum(struct slice n)
{
	return part_weigh(n, 0, "97319731") % 10 == 0;
}

bool
number_is_hr_oib(struct slice n)
{
	return checksum_mod_11_10(n);
}

bool
number_is_rs_pib(struct slice n)
{
	return checksum_mod_11_10(n);
}

/* Slovenia, taxes: what would be 10 is 0, and 11 is not given out. */
bool
number_is_si_ddv(struct slice n)
{
	unsigned check = 11 - part_weigh(n, 0, "8765432") % 11;

	return n.ptr[0] != '0' && check != 11 && check % 10 == part_digit(n, 7);
}

/* Slovenia, companies, and three characters of a part. */
bool
number_is_si_maticna(struct slice n)
{
	unsigned check;

	if ((n.len != 7 && n.len != 10) || !part_digits(n, 0, 7) ||
	    (n.len == 10 && !part_digits(n, 8, 10)))
		return false;
	check = 11 - part_weigh(n, 0, "765432") % 11;
	return check != 11 && check % 10 == part_digit(n, 6);
}

/* Of all that was Yugoslavia: date of birth, region, serial. */
bool
number_is_si_emso(struct slice n)
{
	uint64_t year = part_read(n, 4, 7);

	return part_weigh(n, 0, "7654327654321") % 11 == 0 &&
	    part_is_date((unsigned)year + (year >= 800 ? 1000 : 2000), part_two(n, 2),
	    part_two(n, 0));
}

bool
number_is_me_pib(struct slice n)
{
	return (11 - part_weigh(n, 0, "8765432") % 11) % 11 % 10 == part_digit(n, 7);
}

/* An IBAN whose account number is 1 modulo 97 alone. */
bool
number_is_me_iban(struct slice n)
{
	return n.ptr[0] == 'M' && n.ptr[1] == 'E' && number_is_iban(n) &&
	    checksum_mod_97(slice_cut(n, 4, n.len)) == 1;
}

bool
number_is_mk_edb(struct slice n)
{
	return (11 - part_weigh(n, 0, "765432765432") % 11) % 11 % 10 == part_digit(n, 12);
}

/* Albania: the letter in front is the decade, with the year behind. */
bool
number_is_al_nipt(struct slice n)
{
	return part_like(n, "A99999999A") && part_in(n.ptr[0], "JKLM");
}

/* Bulgaria, persons: the month has 20 or 40 added for the centuries around. */
bool
number_is_bg_egn(struct slice n)
{
	unsigned month = part_two(n, 2), century = month > 40 ? 2000 : month > 20 ? 1800 : 1900;

	return part_weigh(n, 0, "2485A9736") % 11 % 10 == part_digit(n, 9) &&
	    part_is_date(century + part_two(n, 0), month % 20 == 0 ? 20 : month % 20,
	    part_two(n, 4));
}

/* Bulgaria, foreigners. */
bool
number_is_bg_pnf(struct slice n)
{
	return part_weigh(n, 0, "LJHDB9731") % 10 == part_digit(n, 9);
}

/* Bulgaria, VAT: a company, a person, a foreigner, or another. */
bool
number_is_bg_vat(struct slice n)
{
	unsigned check;

	if (n.len == 10)
		return number_is_bg_egn(n) || number_is_bg_pnf(n) ||
		    (11 - part_weigh(n, 0, "432765432") % 11) % 11 == part_digit(n, 9);
	check = part_weigh(n, 0, "12345678") % 11;
	if (check == 10)
		check = part_weigh(n, 0, "3456789A") % 11;
	return check % 10 == part_digit(n, 8);
}

/* Romania, companies: up to ten digits. */
bool
number_is_ro_cui(struct slice n)
{
	char padded[10] = "0000000000";

	memcpy(padded + 10 - n.len, n.ptr, n.len);
	return n.ptr[0] != '0' && part_weigh(slice_of(padded, 10), 0, "753217532") * 10 % 11 % 10 ==
	    part_digit(n, n.len - 1);
}

/* Romania, persons: sex and century, date of birth, county; what would be 10 is 1. */
bool
number_is_ro_cnp(struct slice n)
{
	unsigned county = part_two(n, 7), first = part_digit(n, 0);
	unsigned century = first == 3 || first == 4 ? 1800 : first == 5 || first == 6 ? 2000 : 1900;
	unsigned check = part_weigh(n, 0, "279146358279") % 11;

	if (first == 0 || county == 0 || county > 83 ||
	    (county > 52 && county < 80 && county != 70))
		return false;
	return (check == 10 ? 1 : check) == part_digit(n, 12) &&
	    part_is_date(century + part_two(n, 1), part_two(n, 3), part_two(n, 5));
}

bool
number_is_ro_cf(struct slice n)
{
	return n.len == 13 ? number_is_ro_cnp(n) : n.len <= 10 && number_is_ro_cui(n);
}

/* Romania, register of trade: until 2024 the county, since then a year in front. */
static bool
eastern_is_ro_year(uint64_t year)
{
	return year >= 1990 && year < 2100;
}

static bool
eastern_is_ro_county(uint64_t county)
{
	return (county >= 1 && county <= 40) || county == 51 || county == 52;
}

/* The new kind: year, serial, county (00 since the country has one series), sum of the digits. */
static bool
eastern_is_onrc_new(struct slice n)
{
	uint64_t year = part_read(n, 1, 5), county = part_read(n, 11, 13);
	unsigned sum = (unsigned char)n.ptr[0] % 10;

	if (!eastern_is_ro_year(year) || (county == 0 ? year < 2024 : year > 2024) ||
	    (county != 0 && !eastern_is_ro_county(county)))
		return false;
	for (size_t i = 1; i < 13; i++)
		sum += part_digit(n, i);
	return sum % 10 == part_digit(n, 13);
}

bool
number_is_ro_onrc(struct slice n)
{
	uint64_t field[5] = { 0 };
	size_t fields = 0, width[5] = { 0 };

	if (!part_in(n.ptr[0], "JFC"))
		return false;
	if (n.len == 14 && part_digits(n, 1, 14))
		return eastern_is_onrc_new(n);
	/* The register, and its county, serial and year; the year may be a whole date. */
	for (size_t i = 1; i < n.len; i++) {
		if (part_is_digit(n.ptr[i])) {
			if (fields == 0 || !part_is_digit(n.ptr[i - 1]))
				fields++;
			if (fields > 5 || ++width[fields - 1] > 6)
				return false;
			field[fields - 1] = field[fields - 1] * 10 + part_digit(n, i);
		}
	}
	if (fields != 3 && (fields != 5 || !part_is_date((unsigned)field[4], (unsigned)field[3],
	    (unsigned)field[2])))
		return false;
	return width[0] <= 2 && width[fields - 1] == 4 && eastern_is_ro_county(field[0]) &&
	    field[1] != 0 && eastern_is_ro_year(field[fields - 1]);
}

/* Moldova. */
bool
number_is_md_idno(struct slice n)
{
	return part_weigh(n, 0, "731731731731") % 10 == part_digit(n, 12);
}

/*
 * Belarus: a region's digit, or two letters of those that Latin and Cyrillic share; the first
 * counts as its value, the second as its place among them.
 */
bool
number_is_by_unp(struct slice n)
{
	static const char second[] = "ABCEHKMOPT";
	static const uint8_t weights[] = { 29, 23, 19, 17, 13, 7, 5, 3 };
	unsigned sum = part_value(n.ptr[0]) * weights[0];

	if (!part_digits(n, 2, 9))
		return false;
	if (part_is_digit(n.ptr[0])) {
		if (!part_is_digit(n.ptr[1]) || n.ptr[0] < '1' || n.ptr[0] > '7')
			return false;
		sum += part_digit(n, 1) * weights[1];
	} else {
		const char *at = memchr(second, n.ptr[1], 10);

		if (at == NULL || memchr(second, n.ptr[0], 7) == NULL)
			return false;
		sum += (unsigned)(at - second) * weights[1];
	}
	for (size_t i = 2; i < 8; i++)
		sum += part_digit(n, i) * weights[i];
	return sum % 11 == part_digit(n, 8);
}

/* Russia, taxpayers: companies have one check digit, persons two. */
bool
number_is_ru_inn(struct slice n)
{
	if (n.len == 10)
		return part_weigh(n, 0, "24A359468") % 11 % 10 == part_digit(n, 9);
	return n.len == 12 && part_weigh(n, 0, "724A359468") % 11 % 10 == part_digit(n, 10) &&
	    part_weigh(n, 0, "3724A359468") % 11 % 10 == part_digit(n, 11);
}

/* Russia, register: companies modulo 11, sole traders modulo 13. */
bool
number_is_ru_ogrn(struct slice n)
{
	if (n.len == 13)
		return n.ptr[0] != '0' && part_read(n, 0, 12) % 11 % 10 == part_digit(n, 12);
	return n.len == 15 && part_in(n.ptr[0], "34") &&
	    part_read(n, 0, 14) % 13 % 10 == part_digit(n, 14);
}

/* Ukraine, companies: between 30 and 60 million with other weights; those and 2 where it is 10. */
bool
number_is_ua_edrpou(struct slice n)
{
	uint64_t value = part_read(n, 0, 8);
	bool between = value > 30000000 && value < 60000000;
	unsigned check = part_weigh(n, 0, between ? "7123456" : "1234567") % 11;

	if (check == 10)
		check = part_weigh(n, 0, between ? "9345678" : "3456789") % 11;
	return check % 10 == part_digit(n, 7);
}

/* Ukraine, persons; the weight of the first digit is -1. */
bool
number_is_ua_rntrc(struct slice n)
{
	return part_weigh(n, 0, "A57946A57") % 11 % 10 == part_digit(n, 9);
}

/* Azerbaijan: the last digit is 1 for companies and 2 for persons, the one before is the check. */
bool
number_is_az_voen(struct slice n)
{
	char padded[10] = "0000000000";
	struct slice d = { padded, 10 };

	memcpy(padded + 10 - n.len, n.ptr, n.len);
	return (padded[9] == '1' || padded[9] == '2') &&
	    part_weigh(d, 0, "41862753") % 11 == part_digit(d, 8);
}
