/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Numbers of Germany.
 */
#include "number/checksum.h"
#include "number/judge.h"
#include "number/part.h"

/*
 * Steuerliche Identifikationsnummer (BZSt, paragraph 139b AO): ISO 7064, MOD 11,10;
 * of the first ten digits exactly one stands there more than once, at most three times.
 */
bool
number_is_de_idnr(struct slice n)
{
	uint8_t seen[10] = { 0 };
	unsigned repeated = 0;

	if (n.ptr[0] == '0' || !checksum_mod_11_10(n))
		return false;
	for (size_t i = 0; i < 10; i++)
		seen[part_digit(n, i)]++;
	for (size_t i = 0; i < 10; i++) {
		if (seen[i] > 3)
			return false;
		repeated += seen[i] > 1;
	}
	return repeated == 1;
}

/*
 * Steuernummer: ten or eleven digits in the style of a state, or thirteen in
 * that of the federation, which begin with the state's own and have a 0 behind
 * the four digits of the tax office.  Check digits differ by state and office.
 */
bool
number_is_de_stnr(struct slice n)
{
	if (n.len != 13)
		return n.len == 10 || n.len == 11;
	return n.ptr[4] == '0' && (part_in(n.ptr[0], "134569") ||
	    part_listed(n, 0, 2, "21 22 23 24 26 27 28"));
}

/* Umsatzsteuer-Identifikationsnummer. */
bool
number_is_de_vat(struct slice n)
{
	return n.ptr[0] != '0' && checksum_mod_11_10(n);
}

/* The sum of the decimal digits of value. */
static unsigned
german_across(unsigned value)
{
	return value / 10 + value % 10;
}

/*
 * Versicherungsnummer of the Rentenversicherung (VKVV, paragraph 2): area, day of
 * birth, initial, serial; the letter counts as two digits, products by their sum.
 */
bool
number_is_de_rvnr(struct slice n)
{
	static const uint8_t weights[] = { 2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1 };
	char digits[12];
	unsigned sum = 0, letter, day;

	if (!part_digits(n, 0, 8) || !part_is_upper(n.ptr[8]) || !part_digits(n, 9, 12))
		return false;
	/* A day that another person was born on has 50 added. */
	day = part_two(n, 2);
	if (part_two(n, 0) < 2 || !part_is_short_date(part_two(n, 6), part_two(n, 4),
	    day > 50 ? day - 50 : day))
		return false;
	letter = part_value(n.ptr[8]) - 9;
	memcpy(digits, n.ptr, 8);
	digits[8] = (char)('0' + letter / 10);
	digits[9] = (char)('0' + letter % 10);
	memcpy(digits + 10, n.ptr + 9, 2);
	for (size_t i = 0; i < 12; i++)
		sum += german_across((unsigned)(digits[i] - '0') * weights[i]);
	return sum % 10 == part_digit(n, 11);
}

/*
 * Krankenversichertennummer (paragraph 290 SGB V), the part that never changes:
 * the letter as two digits, weights 1 and 2, products by the sum of their digits.
 */
bool
number_is_de_kvnr(struct slice n)
{
	unsigned letter, sum;

	if (!part_is_upper(n.ptr[0]) || !part_digits(n, 1, 10))
		return false;
	letter = part_value(n.ptr[0]) - 9;
	sum = letter / 10 + german_across(letter % 10 * 2);
	for (size_t i = 1; i < 9; i++)
		sum += german_across(part_digit(n, i) << ((i & 1) == 0));
	return sum % 10 == part_digit(n, 9);
}

/* Lebenslange Arztnummer (KBV): weights 4 and 9; the last two digits are the speciality. */
bool
number_is_de_lanr(struct slice n)
{
	return (10 - part_weigh(n, 0, "494949") % 10) % 10 == part_digit(n, 6) &&
	    part_read(n, 0, 6) != 0 && part_two(n, 7) != 0;
}

/* Betriebsstaettennummer (KBV): the first two digits are the regional association; no check. */
bool
number_is_de_bsnr(struct slice n)
{
	static const char regions[] =
	    "01 02 03 17 20 21 24 25 27 28 31 37 38 39 40 41 42 43 44 45 46 47 48 49 50 51 52 53 "
	    "54 55 56 57 58 59 60 61 62 63 64 65 66 67 68 69 70 71 72 73 74 78 79 80 81 83 85 86 "
	    "87 88 93 94 95 96 98 99";

	return part_listed(n, 0, 2, regions) && !part_uniform(n);
}

/*
 * Personalausweis and Reisepass (PAuswV, ICAO 9303): nine characters without
 * vowels and a check digit; the digit stands in the machine readable zone and
 * is often left out.
 */
bool
number_is_de_document(struct slice n)
{
	for (size_t i = 0; i < 9; i++)
		if (part_is_upper(n.ptr[i]) && !part_in(n.ptr[i], "CFGHJKLMNPRTVWXYZ"))
			return false;
	if (!part_in(n.ptr[0], "CFGHJKLMNPRTVWXYZ"))
		return false;
	return n.len == 9 || (part_is_digit(n.ptr[9]) &&
	    checksum_icao(slice_cut(n, 0, 9)) == part_digit(n, 9));
}

/* Leitweg-ID (KoSIT, 2.0): coarse and fine address and check digits; ISO 7064, MOD 97-10. */
bool
number_is_de_leitweg(struct slice n)
{
	static const char states[] = "01 02 03 04 05 06 07 08 09 10 11 12 13 14 15 16 99";
	char bare[46];
	size_t used = 0, dashes = 0, first = n.len;

	for (size_t i = 0; i < n.len; i++) {
		if (n.ptr[i] != '-') {
			if (used == sizeof bare)
				return false;
			bare[used++] = n.ptr[i];
			continue;
		}
		if (dashes++ == 0)
			first = i;
	}
	if (dashes < 1 || dashes > 2 || first < 2 || first > 12 || n.ptr[n.len - 3] != '-')
		return false;
	return part_digits(n, 0, first) && part_digits(n, n.len - 2, n.len) &&
	    part_listed(n, 0, 2, states) && checksum_mod_97(slice_of(bare, used)) == 1;
}

/* Handelsregister: the court, the register, and a number that may have a letter behind. */
bool
number_is_de_handelsregisternummer(struct slice n)
{
	static const char *const registers[] = { "HRA", "HRB", "GnR", "GSR", "PR", "VR" };
	size_t end = n.len, digits = 0;

	if (end > 0 && part_is_upper(n.ptr[end - 1]))
		end--;
	while (end > 0 && n.ptr[end - 1] == ' ')
		end--;
	for (; end > 0 && part_is_digit(n.ptr[end - 1]); end--)
		digits++;
	if (digits < 1 || digits > 6)
		return false;
	while (end > 0 && n.ptr[end - 1] == ' ')
		end--;
	for (size_t i = 0; i < sizeof registers / sizeof registers[0]; i++) {
		size_t len = registers[i][2] == '\0' ? 2 : 3;

		/* The name of a court begins with a capital and has three letters at least. */
		if (end >= len + 4 && memcmp(n.ptr + end - len, registers[i], len) == 0)
			return n.ptr[end - len - 1] == ' ' && part_is_upper(n.ptr[0]);
	}
	return false;
}
