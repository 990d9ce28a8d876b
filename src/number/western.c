/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Numbers of Austria, Switzerland, Liechtenstein and the Benelux countries.
 */
#include "number/checksum.h"
#include "number/judge.h"
#include "number/part.h"

/* Firmenbuchnummer: up to six digits and a letter that nobody explains. */
bool
number_is_at_businessid(struct slice n)
{
	return part_digits(n, 0, n.len - 1) && part_is_upper(n.ptr[n.len - 1]);
}

/* Abgabenkontonummer: the tax office and seven digits, doubled digits by their sum. */
bool
number_is_at_tin(struct slice n)
{
	unsigned sum = 0;

	for (size_t i = 0; i < 8; i++) {
		unsigned value = part_digit(n, i) << (i & 1);

		sum += value / 10 + value % 10;
	}
	return (10 - sum % 10) % 10 == part_digit(n, 8);
}

/* Umsatzsteuer: U, and every second digit twice by the sum of its digits, and 4 more. */
bool
number_is_at_uid(struct slice n)
{
	unsigned sum = 4;

	for (size_t i = 1; i < 8; i++) {
		unsigned value = part_value(n.ptr[i]) << ((i & 1) == 0);

		sum += value / 10 + value % 10;
	}
	return n.ptr[0] == 'U' && part_digits(n, 1, 9) &&
	    (sum + part_digit(n, 8)) % 10 == 0;
}

/* Sozialversicherung: the check digit is the fourth, then a date of birth. */
bool
number_is_at_vnr(struct slice n)
{
	unsigned month = part_two(n, 6);

	return n.ptr[0] != '0' && month <= 15 && part_two(n, 4) <= 31 &&
	    (part_weigh(n, 0, "379") + part_weigh(n, 4, "584216")) % 11 == part_digit(n, 3);
}

/* Post: four digits, the first of which is a region's. */
bool
number_is_at_postleitzahl(struct slice n)
{
	return n.ptr[0] != '0';
}

/* Belgium: what is left modulo 97 of the digits before, and 97 for 0. */
static bool
western_is_be_97(uint64_t value, unsigned check)
{
	unsigned rest = (unsigned)(value % 97);

	return (rest == 0 ? 97 : rest) == check;
}

bool
number_is_be_vat(struct slice n)
{
	uint64_t value;

	if (n.len == 10 && n.ptr[0] > '1')
		return false;
	value = part_read(n, 0, n.len - 2);
	return value != 0 && (value + part_two(n, n.len - 2)) % 97 == 0;
}

/*
 * Rijksregister: date of birth, serial and check, which for those who were born
 * from 2000 on has a 2 in front.  Whose date is not known has zeros in it.
 */
static bool
western_is_be_person(struct slice n, unsigned month_low, unsigned month_high)
{
	uint64_t value = part_read(n, 0, 9);
	unsigned check = 97 - (unsigned)(value % 97), year = part_two(n, 0);
	unsigned month = part_two(n, 2), day = part_two(n, 4), century = 1900;

	if (month < month_low || month > month_high)
		return false;
	month -= month >= 40 ? 40 : month >= 20 ? 20 : 0;
	if (check != part_two(n, 9)) {
		check = 97 - (unsigned)((UINT64_C(2000000000) + value) % 97);
		century = 2000;
		if (check != part_two(n, 9))
			return false;
	}
	if (month == 0 || day == 0)
		return month <= 12 && day <= 31 && (year != 0 || century == 2000);
	return part_is_date(century + year, month, day);
}

bool
number_is_be_nn(struct slice n)
{
	return western_is_be_person(n, 0, 12);
}

/* BIS: 20 is added to the month, and 40 where the sex is known. */
bool
number_is_be_bis(struct slice n)
{
	return western_is_be_person(n, 20, 52);
}

bool
number_is_be_ssn(struct slice n)
{
	return number_is_be_nn(n) || number_is_be_bis(n);
}

/* Number of the identity card. */
bool
number_is_be_eid(struct slice n)
{
	return western_is_be_97(part_read(n, 0, 10), part_two(n, 10));
}

/* Structured communication of a transfer. */
bool
number_is_be_ogm_vcs(struct slice n)
{
	return western_is_be_97(part_read(n, 0, 10), part_two(n, 10));
}

/* An IBAN whose account number has the check digits of its own; a BIC may stand behind. */
bool
number_is_be_iban(struct slice n)
{
	return n.ptr[0] == 'B' && n.ptr[1] == 'E' && number_is_iban(n) &&
	    western_is_be_97(part_read(n, 4, 14), part_two(n, 14));
}

/* Swiss slip with reference: modulo 10, recursive, over 1 to 27 digits. */
bool
number_is_ch_esr(struct slice n)
{
	unsigned carry = 0;

	for (size_t i = 0; i + 1 < n.len; i++)
		carry = (unsigned)("0946827135"[(carry + part_digit(n, i)) % 10] - '0');
	return (10 - carry) % 10 == part_digit(n, n.len - 1);
}

/* AHV: a number of GS1 for Switzerland. */
bool
number_is_ch_ssn(struct slice n)
{
	return part_read(n, 0, 3) == 756 && checksum_gs1(n);
}

static bool
western_is_ch(struct slice digits)
{
	return (11 - part_weigh(digits, 0, "54327654") % 11) % 11 == part_digit(digits, 8);
}

bool
number_is_ch_uid(struct slice n)
{
	if (n.len == 9)
		return part_digits(n, 0, 9) && western_is_ch(n);
	return n.len == 12 && part_listed(n, 0, 3, "CHE") && part_digits(n, 3, 12) &&
	    western_is_ch(slice_cut(n, 3, 12));
}

/* The same with the tax in one of the languages behind. */
bool
number_is_ch_vat(struct slice n)
{
	if (!number_is_ch_uid(slice_cut(n, 0, 12)) || n.ptr[0] != 'C')
		return false;
	return n.len == 12 || (n.len == 15 && part_listed(n, 12, 3, "TVA IVA TPV")) ||
	    (n.len == 16 && part_listed(n, 12, 4, "MWST"));
}

/* Liechtenstein: a serial number, which may have zeros in front; no check. */
bool
number_is_li_peid(struct slice n)
{
	uint64_t value = part_read(n, 0, n.len);

	return value >= 1000 && value < UINT64_C(1000000000);
}

bool
number_is_lu_tva(struct slice n)
{
	return part_read(n, 0, 6) % 89 == part_two(n, 6);
}

/* Netherlands, burgerservicenummer: the last digit counts against the others. */
static bool
western_is_nl_eleven(struct slice n, unsigned rest)
{
	unsigned sum = part_weigh(n, 0, "98765432");

	return (sum + 110 - part_digit(n, 8)) % 11 == rest && part_read(n, 0, 9) != 0;
}

bool
number_is_nl_bsn(struct slice n)
{
	char padded[9] = "000000000";

	memcpy(padded + 9 - n.len, n.ptr, n.len);
	return western_is_nl_eleven(slice_of(padded, 9), 0);
}

/* Pupils without one: 10 in front and 5 left. */
bool
number_is_nl_onderwijsnummer(struct slice n)
{
	return n.ptr[0] == '1' && n.ptr[1] == '0' && western_is_nl_eleven(n, 5);
}

/* VAT: of a company as a BSN, of a sole trader since 2020 modulo 97 with NL in front. */
bool
number_is_nl_btw(struct slice n)
{
	char whole[14] = "NL000000000B00";

	if (n.ptr[n.len - 3] != 'B' || !part_digits(n, 0, n.len - 3) ||
	    !part_digits(n, n.len - 2, n.len) || part_two(n, n.len - 2) == 0)
		return false;
	memcpy(whole + 14 - n.len, n.ptr, n.len);
	return western_is_nl_eleven(slice_of(whole + 2, 9), 0) ||
	    checksum_mod_97(slice_of(whole, 14)) == 1;
}

/* Schools: two digits, two letters, and the place. */
bool
number_is_nl_brin(struct slice n)
{
	return part_digits(n, 0, 2) && part_letters(n, 2, 4) &&
	    (n.len == 4 || (n.len == 6 && part_digits(n, 4, 6)));
}

/* Identity card and passport: the letter O is not used, and the last is a digit. */
bool
number_is_nl_identiteitskaartnummer(struct slice n)
{
	return part_letters(n, 0, 2) && part_is_digit(n.ptr[8]) && memchr(n.ptr, 'O', 9) == NULL;
}

bool
number_is_nl_postcode(struct slice n)
{
	return n.ptr[0] != '0' && part_like(n, "9999AA") && !part_listed(n, 4, 2, "SA SD SS");
}
