/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Numbers of accounts, banks, securities and companies that are the same in
 * every country.
 */
#include "number/checksum.h"
#include "number/country.h"
#include "number/judge.h"
#include "number/part.h"

/* Does the account number behind country and check digits have the structure of its country? */
static bool
finance_is_bban(struct slice n, const char *shape)
{
	size_t at = 4;

	if (*shape == '\0')
		return false;
	while (*shape != '\0') {
		size_t count = 0;

		for (; part_is_digit(*shape); shape++)
			count = count * 10 + (size_t)(*shape - '0');
		if (at + count > n.len)
			return false;
		if ((*shape == 'n' && !part_digits(n, at, at + count)) ||
		    (*shape == 'a' && !part_letters(n, at, at + count)))
			return false;
		at += count;
		shape++;
	}
	return at == n.len;
}

/* ISO 13616: country and check digits go to the end, and what that gives is 1 modulo 97. */
bool
number_is_iban(struct slice n)
{
	char turned[34];

	if (n.len > sizeof turned || !part_digits(n, 2, 4) ||
	    !finance_is_bban(n, country_iban(n.ptr)))
		return false;
	memcpy(turned, n.ptr + 4, n.len - 4);
	memcpy(turned + n.len - 4, n.ptr, 4);
	return checksum_mod_97(slice_of(turned, n.len)) == 1;
}

/* ISO 11649: the creditor reference, turned around as an IBAN is. */
bool
number_is_iso11649(struct slice n)
{
	char turned[25];

	if (n.ptr[0] != 'R' || n.ptr[1] != 'F' || !part_digits(n, 2, 4))
		return false;
	memcpy(turned, n.ptr + 4, n.len - 4);
	memcpy(turned + n.len - 4, n.ptr, 4);
	return checksum_mod_97(slice_of(turned, n.len)) == 1;
}

/* ISO 9362: institution, country, place, and a branch or none. */
bool
number_is_bic(struct slice n)
{
	return (n.len == 8 || n.len == 11) && part_letters(n, 0, 6) && country_is_known(n.ptr + 4);
}

/* ISO 6166.  Besides countries there are codes of those that are issued across them: XS, EU, QS. */
bool
number_is_isin(struct slice n)
{
	return part_letters(n, 0, 2) && part_is_digit(n.ptr[11]) &&
	    (country_is_known(n.ptr) || n.ptr[0] == 'X' || n.ptr[0] == 'Q' ||
	    part_listed(n, 0, 2, "EU AN ZZ")) && checksum_luhn_spread(n);
}

/* ISO 17442. */
bool
number_is_lei(struct slice n)
{
	return part_digits(n, 18, 20) && checksum_mod_97(n) == 1;
}

/* Of a value, doubled at every second place, the sum of its decimal digits. */
static unsigned
finance_spread(struct slice n, size_t len, size_t first_doubled)
{
	unsigned sum = 0;

	for (size_t i = 0; i < len; i++) {
		unsigned value = part_value(n.ptr[i]) << ((i & 1) == (first_doubled & 1));

		sum += value / 10 + value % 10;
	}
	return sum;
}

/* ANSI X9.6, as CUSIP Global Services describes the check digit. */
bool
number_is_cusip(struct slice n)
{
	return part_is_digit(n.ptr[8]) &&
	    (10 - finance_spread(n, 8, 1) % 10) % 10 == part_digit(n, 8);
}

static bool
finance_has_vowel(struct slice n)
{
	for (size_t i = 0; i < n.len; i++)
		if (part_in(n.ptr[i], "AEIOU"))
			return true;
	return false;
}

/* London Stock Exchange.  What begins with a digit is of the old kind, without letters. */
bool
number_is_gb_sedol(struct slice n)
{
	if (finance_has_vowel(n) || !part_is_digit(n.ptr[6]) ||
	    (part_is_digit(n.ptr[0]) && !part_digits(n, 0, 7)))
		return false;
	return (part_weigh(n, 0, "1317391")) % 10 == 0;
}

/* OMG FIGI 1.0: prefixes that could be taken for the country of an ISIN are not given out. */
bool
number_is_figi(struct slice n)
{
	if (!part_letters(n, 0, 2) || n.ptr[2] != 'G' || finance_has_vowel(n) ||
	    !part_is_digit(n.ptr[11]) || part_listed(n, 0, 2, "BS BM GG GB GH KY VG"))
		return false;
	return (10 - finance_spread(n, 11, 1) % 10) % 10 == part_digit(n, 11);
}

/* Wertpapierkennnummer: letters without I and O, no check digit. */
bool
number_is_de_wkn(struct slice n)
{
	for (size_t i = 0; i < n.len; i++)
		if (part_in(n.ptr[i], "IO"))
			return false;
	return true;
}

/* ISO 4914, a product of derivatives: MOD 31,30 of ISO 7064 over digits and consonants but Y. */
bool
number_is_upi(struct slice n)
{
	static const char alphabet[] = "0123456789BCDFGHJKLMNPQRSTVWXZ";
	unsigned check = 30, value = 0;

	if (n.ptr[0] != 'Q' || n.ptr[1] != 'Z')
		return false;
	for (size_t i = 0; i < n.len; i++) {
		const char *at = memchr(alphabet, n.ptr[i], 30);

		if (at == NULL)
			return false;
		value = (unsigned)(at - alphabet);
		if (i + 1 < n.len) {
			check = (check + value) % 30;
			check = (check == 0 ? 30 : check) * 2 % 31;
		}
	}
	return (check + value) % 30 == 1;
}

/* ABA routing number: weights 3, 7, 1, and the first two digits are of a Federal Reserve bank. */
bool
number_is_us_rtn(struct slice n)
{
	unsigned bank = part_two(n, 0);

	return (bank <= 12 || (bank >= 21 && bank <= 32) || (bank >= 61 && bank <= 72) ||
	    bank == 80) && part_weigh(n, 0, "371371371") % 10 == 0 && !part_uniform(n);
}

/*
 * Euro banknotes: what is left modulo 9 of letters and digits is 0.  Of the
 * first series, one letter of the central bank; of the second, of the printer.
 */
bool
number_is_eu_banknote(struct slice n)
{
	size_t letters = part_is_upper(n.ptr[1]) ? 2 : 1;
	unsigned sum = 0;

	if (!part_is_upper(n.ptr[0]) || !part_digits(n, letters, n.len) ||
	    !part_in(n.ptr[0], letters == 1 ? "DEFGHLMNPSTUVXYZ" : "DEFHJLMNPRSTUVWXYZ"))
		return false;
	for (size_t i = 0; i < n.len; i++)
		sum += part_is_digit(n.ptr[i]) ? part_digit(n, i) : (unsigned char)n.ptr[i];
	return sum % 9 == 0;
}

/* SEPA creditor identifier: its business code, characters 5 to 7, is not in the check. */
bool
number_is_eu_at_02(struct slice n)
{
	char turned[35];
	size_t rest = n.len - 7;

	if (!country_is_known(n.ptr) || !part_digits(n, 2, 4))
		return false;
	memcpy(turned, n.ptr + 7, rest);
	memcpy(turned + rest, n.ptr, 4);
	return checksum_mod_97(slice_of(turned, rest + 4)) == 1;
}
