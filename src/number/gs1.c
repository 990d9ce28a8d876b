/* SPDX-License-Identifier: Apache-2.0 */

/*
 * GS1-128: several values, each behind the number that says what it is.
 */
#include "number/checksum.h"
#include "number/judge.h"
#include "number/part.h"

/* GS1 General Specifications, 3.2: identifiers, and how many characters stand behind them. */
static const struct {
	char		first[5], last[5];
	uint8_t		min, max;
	char		kind;		/* n digits, x any, d a date, g with GS1's check digit */
} gs1_identifiers[] = {
	{ "00", "00", 18, 18, 'g' }, { "01", "03", 14, 14, 'g' }, { "10", "10", 1, 20, 'x' },
	{ "11", "17", 6, 6, 'd' }, { "20", "20", 2, 2, 'n' }, { "21", "22", 1, 20, 'x' },
	{ "235", "235", 1, 28, 'x' }, { "240", "241", 1, 30, 'x' }, { "242", "242", 1, 6, 'n' },
	{ "243", "243", 1, 20, 'x' }, { "250", "251", 1, 30, 'x' },
	{ "253", "253", 13, 30, 'x' }, { "254", "254", 1, 20, 'x' },
	{ "255", "255", 13, 25, 'n' }, { "30", "30", 1, 8, 'n' }, { "3100", "3699", 6, 6, 'n' },
	{ "37", "37", 1, 8, 'n' }, { "3900", "3909", 1, 15, 'n' },
	{ "3910", "3919", 4, 18, 'n' }, { "3920", "3929", 1, 15, 'n' },
	{ "3930", "3939", 4, 18, 'n' }, { "3940", "3949", 4, 4, 'n' },
	{ "3950", "3959", 6, 6, 'n' }, { "400", "401", 1, 30, 'x' },
	{ "402", "402", 17, 17, 'g' }, { "403", "403", 1, 30, 'x' },
	{ "410", "417", 13, 13, 'g' }, { "420", "420", 1, 20, 'x' },
	{ "421", "421", 4, 12, 'x' }, { "422", "422", 3, 3, 'n' }, { "423", "423", 3, 15, 'n' },
	{ "424", "424", 3, 3, 'n' }, { "425", "425", 3, 15, 'n' }, { "426", "426", 3, 3, 'n' },
	{ "7001", "7001", 13, 13, 'n' }, { "7002", "7002", 1, 30, 'x' },
	{ "7003", "7003", 10, 10, 'n' }, { "710", "716", 1, 20, 'x' },
	{ "8001", "8001", 14, 14, 'n' }, { "8002", "8002", 1, 20, 'x' },
	{ "8003", "8003", 14, 30, 'x' }, { "8004", "8004", 1, 30, 'x' },
	{ "8005", "8005", 6, 6, 'n' }, { "8006", "8006", 18, 18, 'n' },
	{ "8007", "8007", 1, 34, 'x' }, { "8008", "8008", 8, 12, 'n' },
	{ "8017", "8018", 18, 18, 'g' }, { "8020", "8020", 1, 25, 'x' },
	{ "90", "90", 1, 30, 'x' }, { "91", "99", 1, 90, 'x' },
};

#define GS1_IDENTIFIERS	(sizeof gs1_identifiers / sizeof gs1_identifiers[0])

/* Which identifier stands at `at`, and its width; GS1_IDENTIFIERS where there is none. */
static size_t
gs1_identifier(struct slice n, size_t at, size_t *width)
{
	for (size_t i = 0; i < GS1_IDENTIFIERS; i++) {
		size_t len = 2;

		while (len < 4 && gs1_identifiers[i].first[len] != '\0')
			len++;
		if (n.len - at >= len && part_digits(n, at, at + len) &&
		    memcmp(n.ptr + at, gs1_identifiers[i].first, len) >= 0 &&
		    memcmp(n.ptr + at, gs1_identifiers[i].last, len) <= 0) {
			*width = len;
			return i;
		}
	}
	return GS1_IDENTIFIERS;
}

static bool
gs1_is_value(struct slice value, size_t identifier)
{
	char kind = gs1_identifiers[identifier].kind;

	if (value.len < gs1_identifiers[identifier].min ||
	    value.len > gs1_identifiers[identifier].max)
		return false;
	if (kind == 'x')
		return true;
	if (!part_digits(value, 0, value.len))
		return false;
	if (kind == 'g')
		return checksum_gs1(value);
	/* A day of 00 is the whole month. */
	return kind == 'n' || part_is_short_date(part_two(value, 0), part_two(value, 2),
	    part_two(value, 4) == 0 ? 1 : part_two(value, 4));
}

/* Brackets around the identifiers, as they are printed, or not; FNC1 is the byte 0x1d. */
bool
number_is_gs1_128(struct slice n)
{
	size_t at = 0;

	while (at < n.len) {
		bool round = n.ptr[at] == '(';
		size_t width = 0, identifier, end;

		at += round;
		identifier = gs1_identifier(n, at, &width);
		if (identifier == GS1_IDENTIFIERS)
			return false;
		at += width;
		if (round && (at == n.len || n.ptr[at++] != ')'))
			return false;
		for (end = at; end < n.len && n.ptr[end] != '(' && n.ptr[end] != 0x1d; end++)
			if (!round && end - at == gs1_identifiers[identifier].max)
				break;
		width = end;
		while (width > at && n.ptr[width - 1] == ' ')
			width--;
		if (!gs1_is_value(slice_cut(n, at, width), identifier))
			return false;
		at = end + (end < n.len && n.ptr[end] == 0x1d);
	}
	return true;
}
