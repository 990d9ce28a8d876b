/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Numbers of the United States and of Canada.
 */
#include "number/checksum.h"
#include "number/judge.h"
#include "number/part.h"

/*
 * Social Security Administration, RM 10201: no area 000, 666 or 9xx, no group
 * 00, no serial 0000; and not one of the numbers that were printed as samples.
 */
bool
number_is_us_ssn(struct slice n)
{
	char bare[9];
	struct slice d = { bare, 9 };
	uint64_t area;

	if (!part_grouped(n, "324", bare))
		return false;
	area = part_read(d, 0, 3);
	return area != 0 && area != 666 && area < 900 && part_two(d, 3) != 0 &&
	    part_read(d, 5, 9) != 0 && !part_listed(d, 0, 9, "078051120 457555462 219099999");
}

/* IRS: 9xx, and a group of those for persons who have no SSN. */
bool
number_is_us_itin(struct slice n)
{
	char bare[9];
	struct slice d = { bare, 9 };
	unsigned group;

	if (!part_grouped(n, "324", bare) || bare[0] != '9')
		return false;
	group = part_two(d, 3);
	return (group >= 50 && group <= 65) || (group >= 70 && group <= 88) ||
	    (group >= 90 && group <= 92) || (group >= 94 && group <= 99);
}

/* IRS: for a child whose adoption is pending. */
bool
number_is_us_atin(struct slice n)
{
	char bare[9];

	return part_grouped(n, "324", bare) && bare[0] == '9' && bare[3] == '9' && bare[4] == '3';
}

/* IRS, "How EINs are assigned": the first two digits are those of a campus or of the internet. */
bool
number_is_us_ein(struct slice n)
{
	static const char campus[] =
	    "01 02 03 04 05 06 10 11 12 13 14 15 16 20 21 22 23 24 25 26 27 30 31 32 33 34 35 36 "
	    "37 38 39 40 41 42 43 44 45 46 47 48 50 51 52 53 54 55 56 57 58 59 60 61 62 63 64 65 "
	    "66 67 68 71 72 73 74 75 76 77 80 81 82 83 84 85 86 87 88 90 91 92 93 94 95 98 99";
	char bare[9];

	return part_grouped(n, "27", bare) && part_listed(slice_of(bare, 9), 0, 2, campus);
}

/* IRS: for paid preparers. */
bool
number_is_us_ptin(struct slice n)
{
	return part_like(n, "P99999999") || part_like(n, "P-99999999");
}

/* Any of those that the IRS takes as a taxpayer's. */
bool
number_is_us_tin(struct slice n)
{
	return number_is_us_ssn(n) || number_is_us_itin(n) || number_is_us_atin(n) ||
	    number_is_us_ein(n);
}

/* CMS: Luhn over the digits with 80840 in front, whose sum is 24. */
bool
number_is_us_npi(struct slice n)
{
	return (n.ptr[0] == '1' || n.ptr[0] == '2') &&
	    (checksum_luhn_digit(slice_cut(n, 0, 9)) + 10 - 24 % 10) % 10 == part_digit(n, 9);
}

/* 21 CFR 1301: a letter for the kind of registrant, one of the name, and a sum as check digit. */
bool
number_is_us_dea(struct slice n)
{
	return part_in(n.ptr[0], "ABCDEFGHJKLMPRSTUX") &&
	    (part_is_upper(n.ptr[1]) || n.ptr[1] == '9') && part_digits(n, 2, 9) &&
	    part_weigh(n, 2, "121212") % 10 == part_digit(n, 8) && part_read(n, 2, 9) != 0;
}

/* CMS, "Understanding the MBI": a letter is never one of S, L, O, I, B, Z. */
bool
number_is_us_mbi(struct slice n)
{
	static const char pattern[] = "1AX9AX9AA99";

	for (size_t i = 0; i < 11; i++) {
		char c = n.ptr[i];
		bool letter = part_is_upper(c);

		if (letter && part_in(c, "SLOIBZ"))
			return false;
		if (pattern[i] == 'A' ? !letter : pattern[i] != 'X' && letter)
			return false;
	}
	return n.ptr[0] != '0';
}

/* Canada Revenue Agency: 0 is only for samples, 8 was never given out. */
bool
number_is_ca_sin(struct slice n)
{
	return n.ptr[0] != '0' && n.ptr[0] != '8' && checksum_luhn(n);
}

/* Business number, and the program account behind it. */
bool
number_is_ca_bn(struct slice n)
{
	if (n.len != 9 && n.len != 15)
		return false;
	return part_digits(n, 0, 9) && checksum_luhn(slice_cut(n, 0, 9)) &&
	    (n.len == 9 || (part_listed(n, 9, 2, "RC RM RP RT RR RZ") && part_digits(n, 11, 15)));
}

/* Personal health number of British Columbia: the products are taken modulo 11 one by one. */
bool
number_is_ca_bc_phn(struct slice n)
{
	static const uint8_t weights[] = { 2, 4, 8, 5, 10, 9, 7, 3 };
	unsigned sum = 0;

	for (size_t i = 0; i < 8; i++)
		sum += part_digit(n, i + 1) * weights[i] % 11;
	return n.ptr[0] == '9' && 11 - sum % 11 == part_digit(n, 9);
}
