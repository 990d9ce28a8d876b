/* SPDX-License-Identifier: Apache-2.0 */
#include "core/scan.h"

#define BLOCK_BYTES	64		/* of a string, looked at together */

/* Four hexadecimal digits, or -1. */
static int
read_hex4(const char *p)
{
	int n = 0;

	for (int i = 0; i < 4; i++) {
		int c = (unsigned char)p[i], low = c | 0x20;

		if (scan_is_digit(p[i]))
			n = n << 4 | (c - '0');
		else if (low >= 'a' && low <= 'f')
			n = n << 4 | (low - 'a' + 10);
		else
			return -1;
	}
	return n;
}

static bool
is_high(int unit)
{
	return unit >= 0xd800 && unit <= 0xdbff;
}

static bool
is_low(int unit)
{
	return unit >= 0xdc00 && unit <= 0xdfff;
}

/* \uXXXX at p, or two of them that make one code point. */
static const char *
read_unicode(struct scan *s, const char *p)
{
	int unit = s->end - p >= 6 ? read_hex4(p + 2) : -1;

	if (unit < 0)
		return scan_fault(s, p, "four hexadecimal digits must follow \\u");
	if (!is_high(unit) && !is_low(unit))
		return p + 6;
	if (is_low(unit) || s->end - p < 12 || p[6] != '\\' || p[7] != 'u' ||
	    !is_low(read_hex4(p + 8)))
		return scan_fault(s, p, "a surrogate without its other half");
	return p + 12;
}

static const char *
read_escape(struct scan *s, const char *p)
{
	if (s->end - p >= 2) {
		switch (p[1]) {
		case '"': case '\\': case '/': case 'b':
		case 'f': case 'n': case 'r': case 't':
			return p + 2;
		case 'u':
			return read_unicode(s, p);
		default:
			break;
		}
	}
	return scan_fault(s, p, "no such escape");
}

static inline const char *
plain_end(const char *p, const char *end)
{
	for (; end - p >= VEC_BYTES; p += VEC_BYTES) {
		uint32_t stop = vec_mask(scan_not_plain(p));

		if (stop != 0)
			return p + vec_first(stop);
	}
	while (p < end && *p != '"' && *p != '\\' && (unsigned char)*p >= 0x20)
		p++;
	return p;
}

/* What is at p, that is not plain: NULL and a fault, or behind an escape, or p at the end. */
static inline const char *
read_special(struct scan *s, const char *p, bool *escaped)
{
	if (p == s->end)
		return scan_fault(s, p, "a string has no end");
	if (*p == '"')
		return p;
	if (*p != '\\')
		return scan_fault(s, p, "a control byte in a string");
	*escaped = true;
	return read_escape(s, p);
}

/*
 * 64 bytes inside a string, as bits: quotes and control bytes, backslashes, and
 * those bytes that may stand behind a backslash and need no closer look.
 */
struct block {
	uint64_t	ends, backslashes, easy;
};

static inline void
scan_sixteen(struct block *b, const char *p, unsigned at)
{
	struct vec v = vec_load(p + at);
	struct vec quote = vec_is(v, '"'), backslash = vec_is(v, '\\');
	struct vec easy = vec_or(vec_is(v, 'n'), vec_or(quote, backslash));

	b->ends |= (uint64_t)vec_mask(vec_or(quote, vec_to(v, 0x1f))) << at;
	b->backslashes |= (uint64_t)vec_mask(backslash) << at;
	b->easy |= (uint64_t)vec_mask(easy) << at;
}

static inline struct block
scan_block(const char *p)
{
	struct block b = { 0, 0, 0 };

	scan_sixteen(&b, p, 0);
	scan_sixteen(&b, p, 16);
	scan_sixteen(&b, p, 32);
	scan_sixteen(&b, p, 48);
	return b;
}

static inline bool
is_plain_block(const char *p)
{
	return vec_mask(vec_or(vec_or(scan_not_plain(p), scan_not_plain(p + 16)),
	    vec_or(scan_not_plain(p + 32), scan_not_plain(p + 48)))) == 0;
}

/* Passes over whole blocks of plain bytes. */
static inline const char *
skip_plain_blocks(const char *p, const char *end)
{
	while (end - p >= BLOCK_BYTES && is_plain_block(p))
		p += BLOCK_BYTES;
	return p;
}

/*
 * The bytes that a backslash escapes: those with an odd run of backslashes
 * before them, which an addition tells from the even ones (Langdale and Lemire,
 * "Parsing Gigabytes of JSON per Second", 2019).  *carry says so of the next
 * block's first byte.
 */
static inline uint64_t
escaped_bytes(uint64_t backslashes, uint64_t *carry)
{
	const uint64_t even = UINT64_C(0x5555555555555555);
	uint64_t follows, odd_starts, runs;

	backslashes &= ~*carry;
	follows = backslashes << 1 | *carry;
	odd_starts = backslashes & ~even & ~follows;
	*carry = __builtin_add_overflow(odd_starts, backslashes, &runs);
	return (even ^ runs << 1) & follows;
}

/*
 * The first place from p on that asks for a decision, sixty-four bytes at a
 * time: the quote that ends the string, a control byte, or the backslash of an
 * escape that is not one of the most frequent.
 */
static const char *
skip_blocks(const char *p, const char *end, bool *escaped)
{
	uint64_t carry = 0, backslashes = 0;

	for (;; p += BLOCK_BYTES) {
		struct block b;
		uint64_t behind, hard, stop;

		/* Where there was no escape, there may be none for a while. */
		if (backslashes == 0)
			p = skip_plain_blocks(p, end);
		if (end - p < BLOCK_BYTES)
			return p - carry;
		b = scan_block(p);
		behind = escaped_bytes(b.backslashes, &carry);
		hard = behind & ~b.easy;
		stop = (b.ends & ~behind) | hard;
		backslashes = b.backslashes;
		if (stop != 0) {
			unsigned at = (unsigned)__builtin_ctzll(stop);

			*escaped |= (backslashes & ((UINT64_C(1) << at) - 1)) != 0;
			return p + at - (hard >> at & 1);
		}
		*escaped |= backslashes != 0;
	}
}

const char *
scan_string(struct scan *s, const char *p, bool *escaped)
{
	for (;;) {
		const char *at;

		p = skip_blocks(p, s->end, escaped);
		p = plain_end(p, s->end);
		at = read_special(s, p, escaped);
		if (at == NULL || at == p)
			return at;
		/* Other alphabets are often written as one such escape after the other. */
		for (p = at; p < s->until && s->end - p >= 2 && p[0] == '\\' && p[1] == 'u';
		    p = at) {
			at = read_unicode(s, p);
			if (at == NULL)
				return NULL;
		}
		if (p >= s->until && p < s->end && *p != '"')
			return p;
	}
}
