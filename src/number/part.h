/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NUMBER_PART_H
#define NUMBER_PART_H

/*
 * part - reading the parts of a compact number.
 *
 * A compact number has no separators and no prefix, its letters are upper case,
 * and its length is within that of its row; whoever reads a part need not look
 * again whether it is there.  Weights are written as text, one character each,
 * which reads as issuers print them: '1' to '9', and then 'A' for 10 up to 'Z'
 * for 35.  Everything is small, so that the compiler unrolls it where it is used.
 */

#include "core/slice.h"

static inline bool
part_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline bool
part_is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

/* Of 0-9 and A-Z: 0 to 35. */
static inline unsigned
part_value(char c)
{
	return (unsigned)(c <= '9' ? c - '0' : c - 'A' + 10);
}

/* Are all of n[from, to) digits? */
static inline bool
part_digits(struct slice n, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		if (!part_is_digit(n.ptr[i]))
			return false;
	return true;
}

/* Are all of n[from, to) letters? */
static inline bool
part_letters(struct slice n, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		if (!part_is_upper(n.ptr[i]))
			return false;
	return true;
}

/* The digit at i. */
static inline unsigned
part_digit(struct slice n, size_t i)
{
	return (unsigned)(n.ptr[i] - '0');
}

/* The decimal value of the digits [from, to); at most 19 of them. */
static inline uint64_t
part_read(struct slice n, size_t from, size_t to)
{
	uint64_t value = 0;

	for (size_t i = from; i < to; i++)
		value = value * 10 + part_digit(n, i);
	return value;
}

static inline unsigned
part_two(struct slice n, size_t from)
{
	return part_digit(n, from) * 10 + part_digit(n, from + 1);
}

/* The sum of the values from `from` on, each times its weight. */
static inline unsigned
part_weigh(struct slice n, size_t from, const char *weights)
{
	unsigned sum = 0;

	for (size_t i = 0; weights[i] != '\0'; i++)
		sum += part_value(n.ptr[from + i]) * part_value(weights[i]);
	return sum;
}

/* Does c stand in `set`? */
static inline bool
part_in(char c, const char *set)
{
	for (; *set != '\0'; set++)
		if (*set == c)
			return true;
	return false;
}

/* Is the same character everywhere? */
static inline bool
part_uniform(struct slice n)
{
	return n.len > 0 && memcmp(n.ptr, n.ptr + 1, n.len - 1) == 0;
}

/*
 * Does n look like the pattern?  9 is a digit, A a letter, X either; any other
 * character stands for itself.  The lengths must be the same.
 */
bool part_like(struct slice n, const char *pattern);

/*
 * The digits of n in `into`, which has room for them, where n is written without separators or
 * with one and the same between all groups: "324" is 123-45-6789.  False where it is not.
 */
bool part_grouped(struct slice n, const char *groups, char *into);

/* Is n[from, from + width) one of the words of `list`, each as wide, with one space between? */
bool part_listed(struct slice n, size_t from, size_t width, const char *list);

/* Is it a day of the Gregorian calendar? */
bool part_is_date(unsigned year, unsigned month, unsigned day);

/* As part_is_date, of a year of two digits whose century is not known. */
static inline bool
part_is_short_date(unsigned year, unsigned month, unsigned day)
{
	return part_is_date(1900 + year, month, day) || part_is_date(2000 + year, month, day);
}

#endif
