/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHAPE_PROOF_PART_H
#define SHAPE_PROOF_PART_H

/*
 * proof_part - what the rules of proof_*.c are made of.
 *
 * Digits, weighted sums and the check digits that many issuers share, over a
 * compact number whose length and alphabet its signature has seen to.  All of
 * it is made into the rule that uses it.
 */

#include "shape/proof.h"
#include "number/checksum.h"

static inline unsigned
digit(const struct compact *c, unsigned i)
{
	return (unsigned)(c->b[i] - '0');
}

/* Digits as 0 to 9, letters as 10 to 35. */
static inline unsigned
value(char b)
{
	return (unsigned)(b >= 'A' ? b - 'A' + 10 : b - '0');
}

/* The weighted sum of the first digits; a weight is a character: '0' to '9', ':' is ten ... */
static inline unsigned
sum(const struct compact *c, const char *weights)
{
	unsigned total = 0;

	for (unsigned i = 0; weights[i] != 0; i++)
		total += (unsigned)(weights[i] - '0') * digit(c, i);
	return total;
}

static inline uint64_t
number(const struct compact *c, unsigned from, unsigned to)
{
	uint64_t n = 0;

	for (unsigned i = from; i < to; i++)
		n = n * 10 + digit(c, i);
	return n;
}

static inline bool
all_same(const struct compact *c)
{
	for (unsigned i = 1; i < c->len; i++)
		if (c->b[i] != c->b[0])
			return false;
	return true;
}

/* Does it look like this: A a letter, 9 a digit, * either, anything else itself? */
static inline bool
looks(const struct compact *c, const char *as)
{
	unsigned i = 0;

	for (; as[i] != 0 && i < c->len; i++) {
		bool letter = eye_is_letter((unsigned char)c->b[i]);

		if (as[i] == 'a' ? !letter : as[i] == '9' ? letter : as[i] != '*' &&
		    as[i] != c->b[i])
			return false;
	}
	return as[i] == 0 && i == c->len;
}

static inline bool
is_in(char b, const char *set)
{
	while (*set != 0 && *set != b)
		set++;
	return *set != 0;
}

static inline enum proof
valid(bool is)
{
	return is ? PROOF_VALID : PROOF_NO;
}

/* A check that its issuer has not always kept. */
static inline enum proof
mostly(bool is)
{
	return is ? PROOF_VALID : PROOF_SHAPE;
}

static inline bool
luhn(const struct compact *c, unsigned from)
{
	return checksum_luhn(slice_of(c->b + from, c->len - from));
}

static inline bool
is_day(unsigned month, unsigned day)
{
	static const char days[] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	return month >= 1 && month <= 12 && day >= 1 && day <= (unsigned)days[month - 1];
}

static inline unsigned
two(const char *p)
{
	return (unsigned)(p[0] - '0') * 10 + (unsigned)(p[1] - '0');
}

/* 11 - total mod 11 as a digit, where ten and eleven are 0. */
static inline unsigned
eleven(unsigned total)
{
	unsigned rest = total % 11;

	return rest < 2 ? 0 : 11 - rest;
}

static inline unsigned
ten(unsigned total)
{
	return (10 - total % 10) % 10;
}

#endif
