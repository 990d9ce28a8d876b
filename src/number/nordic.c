/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Numbers of the Nordic and the Baltic countries.
 */
#include "number/checksum.h"
#include "number/judge.h"
#include "number/part.h"

/* Denmark: the seventh digit and the year say the century; no check since 2007. */
bool
number_is_dk_cpr(struct slice n)
{
	unsigned year = part_two(n, 4), seventh = part_digit(n, 6), century = 1900;

	if ((seventh == 4 || seventh == 9) && year <= 36)
		century = 2000;
	else if (seventh >= 5 && seventh <= 8)
		century = year <= 57 ? 2000 : 1800;
	return part_is_date(century + year, part_two(n, 2), part_two(n, 0));
}

bool
number_is_dk_cvr(struct slice n)
{
	return n.ptr[0] != '0' && part_weigh(n, 0, "27654321") % 11 == 0;
}

/* Baltic persons: modulo 11 twice with other weights, and then 0. */
static bool
nordic_is_baltic(struct slice n)
{
	unsigned check = part_weigh(n, 0, "1234567891") % 11;

	if (check == 10)
		check = part_weigh(n, 0, "3456789123") % 11;
	return check % 10 == part_digit(n, 10);
}

/* Estonia: sex and century, date of birth, serial. */
bool
number_is_ee_ik(struct slice n)
{
	unsigned first = part_digit(n, 0);

	return first >= 1 && first <= 8 && nordic_is_baltic(n) &&
	    part_is_date(1800 + (first - 1) / 2 * 100 + part_two(n, 1), part_two(n, 3),
	    part_two(n, 5));
}

bool
number_is_ee_kmkr(struct slice n)
{
	return part_weigh(n, 0, "371371371") % 10 == 0;
}

/* Business register: as persons, with seven weights. */
bool
number_is_ee_registrikood(struct slice n)
{
	unsigned check = part_weigh(n, 0, "1234567") % 11;

	if (check == 10)
		check = part_weigh(n, 0, "3456789") % 11;
	return part_in(n.ptr[0], "1789") && check % 10 == part_digit(n, 7);
}

bool
number_is_fi_alv(struct slice n)
{
	return part_weigh(n, 0, "79A58421") % 11 == 0;
}

bool
number_is_fi_ytunnus(struct slice n)
{
	return number_is_fi_alv(n);
}

/* Finland, register of associations: serial numbers, no check. */
bool
number_is_fi_associationid(struct slice n)
{
	return n.len >= 1;
}

/* DVV: date, a sign of the century (more of them since 2023), serial from 002, modulo 31. */
bool
number_is_fi_hetu(struct slice n)
{
	unsigned century;
	char sign = n.ptr[6];

	if (!part_digits(n, 0, 6) || !part_digits(n, 7, 10))
		return false;
	if (sign == '+')
		century = 1800;
	else if (sign == '-' || part_in(sign, "UVWXY"))
		century = 1900;
	else if (part_in(sign, "ABCDEF"))
		century = 2000;
	else
		return false;
	if (!part_is_date(century + part_two(n, 4), part_two(n, 2), part_two(n, 0)) ||
	    part_read(n, 7, 10) < 2)
		return false;
	return "0123456789ABCDEFHJKLMNPRSTUVWXY"
	    [(part_read(n, 0, 6) * 1000 + part_read(n, 7, 10)) % 31] == n.ptr[10];
}

/* Finland, tax number of construction workers: twelve digits, no check that is published. */
bool
number_is_fi_veronumero(struct slice n)
{
	return !part_uniform(n);
}

/* Faroe Islands, tax number: no check. */
bool
number_is_fo_vn(struct slice n)
{
	return n.ptr[0] != '0';
}

/* Iceland: date, where companies have 40 more days, serial, check, and the century. */
bool
number_is_is_kennitala(struct slice n)
{
	unsigned day = part_two(n, 0), century;

	if (!part_in(n.ptr[9], "890") || part_weigh(n, 0, "327654321") % 11 != 0)
		return false;
	century = n.ptr[9] == '8' ? 1800 : n.ptr[9] == '9' ? 1900 : 2000;
	return part_is_date(century + part_two(n, 4), part_two(n, 2), day > 40 ? day - 40 : day);
}

bool
number_is_is_vsk(struct slice n)
{
	return n.len == 5 || n.len == 6;
}

/* Lithuania, persons: as in Estonia; a 9 in front has no date. */
bool
number_is_lt_asmens(struct slice n)
{
	unsigned first = part_digit(n, 0);

	if (!nordic_is_baltic(n) || first == 0)
		return false;
	return first == 9 ||
	    part_is_date(1800 + (first - 1) / 2 * 100 + part_two(n, 1), part_two(n, 3),
	    part_two(n, 5));
}

/* Lithuania, VAT: nine digits, or twelve of those registered for a time; a 1 before the last. */
bool
number_is_lt_pvm(struct slice n)
{
	unsigned sum = 0, check;

	if ((n.len != 9 && n.len != 12) || n.ptr[n.len - 2] != '1')
		return false;
	for (unsigned i = 0; i < n.len - 1; i++)
		sum += part_digit(n, i) * (1 + i % 9);
	check = sum % 11;
	if (check == 10) {
		sum = 0;
		for (unsigned i = 0; i < n.len - 1; i++)
			sum += part_digit(n, i) * (1 + (i + 2) % 9);
		check = sum % 11;
	}
	return check % 10 == part_digit(n, n.len - 1);
}

/* Latvia: a company from 4 on, a person with a date of birth, or with 32 in front and none. */
bool
number_is_lv_pvn(struct slice n)
{
	unsigned rest;

	if (n.ptr[0] > '3')
		return part_weigh(n, 0, "91483A25761") % 11 == 3;
	rest = (1 + part_weigh(n, 0, "A584216379")) % 11;
	if (rest % 10 != part_digit(n, 10))
		return false;
	return (n.ptr[0] == '3' && n.ptr[1] >= '2') || (n.ptr[6] <= '2' &&
	    part_is_date(1800 + part_digit(n, 6) * 100 + part_two(n, 4), part_two(n, 2),
	    part_two(n, 0)));
}

/* Norway, persons: a D number has 40 added to the day, an H number to the month. */
static bool
nordic_is_no_date(struct slice n)
{
	unsigned day = part_two(n, 0), month = part_two(n, 2), year = part_two(n, 4);
	uint64_t serial = part_read(n, 6, 9);
	unsigned century;

	day = day > 40 ? day - 40 : day;
	if (month > 80)
		month -= 80;
	else if (month > 40)
		month -= 40;
	if (serial < 500 || (serial >= 900 && year >= 40))
		century = 1900;
	else if (serial < 750 && year >= 54)
		century = 1800;
	else if (year < 40)
		century = 2000;
	else
		return false;
	return part_is_date(century + year, month, day);
}

bool
number_is_no_fodselsnummer(struct slice n)
{
	return part_weigh(n, 0, "3761894521") % 11 == 0 &&
	    part_weigh(n, 0, "54327654321") % 11 == 0 && nordic_is_no_date(n);
}

bool
number_is_no_orgnr(struct slice n)
{
	return part_weigh(n, 0, "327654321") % 11 == 0;
}

bool
number_is_no_mva(struct slice n)
{
	return part_digits(n, 0, 9) && number_is_no_orgnr(n) &&
	    (n.len == 9 || (n.len == 12 && part_listed(n, 9, 3, "MVA")));
}

/* Account: modulo 11; with 0000 in front it is of the Postbank, whose digits have Luhn. */
bool
number_is_no_kontonr(struct slice n)
{
	if (n.len == 7)
		return checksum_luhn(n);
	if (n.len != 11)
		return false;
	if (part_read(n, 0, 4) == 0)
		return checksum_luhn(slice_cut(n, 4, 11));
	return part_weigh(n, 0, "54327654321") % 11 == 0;
}

bool
number_is_no_iban(struct slice n)
{
	return n.ptr[0] == 'N' && n.ptr[1] == 'O' && number_is_iban(n) &&
	    number_is_no_kontonr(slice_cut(n, 4, 15));
}

bool
number_is_se_orgnr(struct slice n)
{
	return checksum_luhn(n) && n.ptr[2] >= '2';
}

/* Skatteverket: date, where a coordination number has 60 more days, serial, Luhn. */
bool
number_is_se_personnummer(struct slice n)
{
	char bare[12];
	struct slice d = { bare, 0 };
	unsigned day;

	for (size_t i = 0; i < n.len; i++) {
		if (part_is_digit(n.ptr[i])) {
			if (d.len == sizeof bare)
				return false;
			bare[d.len++] = n.ptr[i];
		} else if (n.len - i != 5 && n.ptr[i] == '+') {
			return false;
		}
	}
	if (d.len == 12) {
		if (!part_listed(d, 0, 2, "18 19 20"))
			return false;
		d = slice_cut(d, 2, 12);
	}
	if (d.len != 10)
		return false;
	day = part_two(d, 4);
	return checksum_luhn(d) &&
	    part_is_short_date(part_two(d, 0), part_two(d, 2), day > 60 ? day - 60 : day);
}

bool
number_is_se_postnummer(struct slice n)
{
	return n.ptr[0] != '0';
}

/* VAT: the number of the organisation and 01, or which of its registrations. */
bool
number_is_se_vat(struct slice n)
{
	return checksum_luhn(slice_cut(n, 0, 10)) && part_two(n, 10) != 0;
}
