/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Numbers of the United Kingdom and of Ireland.
 */
#include "number/checksum.h"
#include "number/judge.h"
#include "number/part.h"

/* NHS Data Dictionary: modulo 11; a number whose check digit would be 10 is not given out. */
bool
number_is_gb_nhs(struct slice n)
{
	return part_weigh(n, 0, "A987654321") % 11 == 0 && !part_uniform(n);
}

/* HMRC NIM39110: letters that are not used, prefixes that are not, and a suffix A to D or none. */
bool
number_is_gb_nino(struct slice n)
{
	if (!part_letters(n, 0, 2) || !part_digits(n, 2, 8))
		return false;
	return !part_in(n.ptr[0], "DFIQUV") && !part_in(n.ptr[1], "DFIOQUV") &&
	    !part_listed(n, 0, 2, "BG GB KN NK NT TN ZZ") &&
	    (n.len == 8 || part_in(n.ptr[8], "ABCD"));
}

/* HMRC, unique taxpayer reference: the check digit stands in front. */
bool
number_is_gb_utr(struct slice n)
{
	return "21987654321"[part_weigh(n, 1, "6789A5432") % 11] == n.ptr[0];
}

/* Department for Education, unique pupil number: a letter in front, modulo 23. */
bool
number_is_gb_upn(struct slice n)
{
	static const char alphabet[] = "ABCDEFGHJKLMNPQRTUVWXYZ";
	static const uint8_t weights[] = { 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13 };
	const char *last = memchr(alphabet, n.ptr[12], 23);
	unsigned sum = 0;

	if (!part_digits(n, 1, 12) || (!part_is_digit(n.ptr[12]) && last == NULL))
		return false;
	for (size_t i = 0; i < 11; i++)
		sum += part_digit(n, i + 1) * weights[i];
	/* A letter at the end is of a temporary number. */
	sum += (last == NULL ? part_digit(n, 12) : (unsigned)(last - alphabet)) * weights[11];
	return alphabet[sum % 23] == n.ptr[0] && part_read(n, 1, 4) >= 201;
}

static bool
isles_is_vat_97(struct slice n)
{
	unsigned rest = (part_weigh(n, 0, "8765432") + part_two(n, 7)) % 97;

	/* From 100 on there are those to which 55 is added. */
	return rest == 0 || (part_read(n, 0, 3) >= 100 && (rest == 42 || rest == 55));
}

/*
 * HMRC: nine digits, and three of a branch; GD of a department and HA of a
 * health authority, also as 8888 and its number in other countries of the union.
 */
bool
number_is_gb_vat(struct slice n)
{
	if (n.len == 9 || n.len == 12)
		return part_digits(n, 0, n.len) && isles_is_vat_97(n);
	if (n.len == 5)
		return part_digits(n, 2, 5) &&
		    (part_listed(n, 0, 2, "GD") ? n.ptr[2] < '5' :
		    part_listed(n, 0, 2, "HA") && n.ptr[2] >= '5');
	if (n.len != 11 || !part_digits(n, 2, 11) || part_read(n, 2, 6) != 8888)
		return false;
	return part_read(n, 6, 9) % 97 == part_two(n, 9) &&
	    (part_listed(n, 0, 2, "GD") ? n.ptr[6] < '5' :
	    part_listed(n, 0, 2, "HA") && n.ptr[6] >= '5');
}

/* Seven digits and, where there is one, a letter behind the check letter; modulo 23. */
static char
isles_ie_check(struct slice digits, char behind)
{
	static const char alphabet[] = "WABCDEFGHIJKLMNOPQRSTUV";
	unsigned sum = part_weigh(digits, 0, "8765432");

	if (behind != 'W' && behind != 0)
		sum += 9 * (part_value(behind) - 9);
	return alphabet[sum % 23];
}

/* Personal public service number. */
bool
number_is_ie_pps(struct slice n)
{
	char behind = n.len == 9 ? n.ptr[8] : 0;

	if (!part_digits(n, 0, 7) || (behind != 0 && !part_in(behind, "WTXABCDEFGHI")))
		return false;
	/* W, T and X were there before they counted. */
	if (behind == 'T' || behind == 'X')
		behind = 0;
	return isles_ie_check(n, behind) == n.ptr[7];
}

/* The second character of the old kind is a letter, + or *, and goes behind. */
bool
number_is_ie_vat(struct slice n)
{
	char old[7];

	if (!part_is_digit(n.ptr[0]) || !part_digits(n, 2, 7))
		return false;
	if (part_is_digit(n.ptr[1])) {
		char behind = n.len == 9 ? n.ptr[8] : 0;

		return (behind == 0 || part_is_upper(behind)) &&
		    isles_ie_check(n, behind) == n.ptr[7];
	}
	old[0] = '0';
	memcpy(old + 1, n.ptr + 2, 5);
	old[6] = n.ptr[0];
	return n.len == 8 && isles_ie_check(slice_of(old, 7), 0) == n.ptr[7];
}
