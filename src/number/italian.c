/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Numbers of Italy and of San Marino.
 */
#include "number/checksum.h"
#include "number/judge.h"
#include "number/part.h"

/* Partita IVA: Luhn, and digits 8 to 10 are the province's office. */
bool
number_is_it_iva(struct slice n)
{
	uint64_t office = part_read(n, 7, 10);

	return part_read(n, 0, 7) != 0 && ((office >= 1 && office <= 100) || office == 120 ||
	    office == 121 || office == 888 || office == 999) && checksum_luhn(n);
}

/* A digit that was replaced by a letter because two persons had the same code. */
static int
italian_digit(char c)
{
	static const char letters[] = "LMNPQRSTUV";
	const char *at = memchr(letters, c, 10);

	return part_is_digit(c) ? c - '0' : at == NULL ? -1 : (int)(at - letters);
}

/* The seven digits of a codice fiscale; false where one is neither a digit nor its letter. */
static bool
italian_digits(struct slice n, unsigned *digits)
{
	static const uint8_t places[] = { 6, 7, 9, 10, 12, 13, 14 };

	for (size_t i = 0; i < 7; i++) {
		int value = italian_digit(n.ptr[places[i]]);

		if (value < 0)
			return false;
		digits[i] = (unsigned)value;
	}
	return true;
}

/*
 * Codice fiscale (decree of 23 December 1976): name, date of birth with 40 more
 * days for women, place, and a letter; odd places count by a table.
 */
bool
number_is_it_codicefiscale(struct slice n)
{
	static const uint8_t odd[] = {
		1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22,
		25, 24, 23,
	};
	static const char months[] = "ABCDEHLMPRST";
	unsigned digits[7], sum = 0, day;
	const char *month;

	if (n.len == 11)
		return part_digits(n, 0, 11) && number_is_it_iva(n);
	if (n.len != 16 || !part_letters(n, 0, 6) || !part_is_upper(n.ptr[11]) ||
	    !part_is_upper(n.ptr[15]) || !italian_digits(n, digits))
		return false;
	month = memchr(months, n.ptr[8], 12);
	if (month == NULL)
		return false;
	day = digits[2] * 10 + digits[3];
	if (!part_is_short_date(digits[0] * 10 + digits[1], (unsigned)(month - months) + 1,
	    day > 40 ? day - 40 : day))
		return false;
	for (size_t i = 0; i < 15; i++) {
		char c = n.ptr[i];
		unsigned value = (unsigned)(part_is_digit(c) ? c - '0' : c - 'A');

		sum += i & 1 ? value : odd[value];
	}
	return (char)('A' + sum % 26) == n.ptr[15];
}

/* Autorizzazione all'immissione in commercio: nine digits, or six in base 32 without vowels. */
bool
number_is_it_aic(struct slice n)
{
	static const char alphabet[] = "0123456789BCDFGHJKLMNPQRSTUVWXYZ";
	char digits[9];
	uint64_t value = 0;
	unsigned sum = 0;

	if (n.len == 9) {
		if (!part_digits(n, 0, 9))
			return false;
		memcpy(digits, n.ptr, 9);
	} else if (n.len == 6) {
		for (size_t i = 0; i < 6; i++) {
			const char *at = memchr(alphabet, n.ptr[i], 32);

			if (at == NULL)
				return false;
			value = value * 32 + (uint64_t)(at - alphabet);
		}
		if (value >= 1000000000)
			return false;
		for (size_t i = 9; i > 0; i--, value /= 10)
			digits[i - 1] = (char)('0' + value % 10);
	} else {
		return false;
	}
	for (size_t i = 0; i < 8; i++) {
		unsigned twice = (unsigned)(digits[i] - '0') << (i & 1);

		sum += twice / 10 + twice % 10;
	}
	return digits[0] == '0' && sum % 10 == (unsigned)(digits[8] - '0');
}

/* San Marino: a serial number, no check. */
bool
number_is_sm_coe(struct slice n)
{
	return part_read(n, 0, n.len) != 0;
}
