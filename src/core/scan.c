/* SPDX-License-Identifier: Apache-2.0 */
#include "core/scan.h"

#include "core/utf8.h"
#include "core/wide.h"

#define BLOCK_BYTES	64		/* of a string, looked at together */
#define UTF8_BYTES_MAX	4

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
plain_end(const char *p, const char *end, bool mixed)
{
	for (; end - p >= VEC_BYTES; p += VEC_BYTES) {
		uint32_t stop = ~vec_mask(scan_plain(vec_load(p), mixed)) & 0xffff;

		if (stop != 0)
			return p + vec_first(stop);
	}
	while (p < end && *p != '"' && *p != '\\' && (unsigned char)*p >= 0x20 &&
	    (mixed || (unsigned char)*p < 0x80))
		p++;
	return p;
}

/* A byte above ASCII is at p: is what follows UTF-8?  As much of it as a step may read. */
static bool
check_on(struct scan *s, const char *p)
{
	size_t left = (size_t)(s->end - p), some = UTF8_BYTES_MAX, valid;

	if (s->until - p > UTF8_BYTES_MAX)
		some = (size_t)(s->until - p);
	if (some > left)
		some = left;
	valid = utf8_valid(slice_of(p, some));
	/* What was looked at may end inside of a code point. */
	if (valid < some && (some == left || some - valid >= UTF8_BYTES_MAX))
		return scan_fault(s, p + valid, "not UTF-8") != NULL;
	s->checked = p + valid;
	return true;
}

/* What is at p, that is neither plain nor a quote: behind an escape, or NULL and a fault. */
static inline const char *
read_special(struct scan *s, const char *p, bool *escaped)
{
	if (*p != '\\')
		return scan_fault(s, p, "a control byte in a string");
	*escaped = true;
	return read_escape(s, p);
}

/* What was seen in some bytes: whether all stay in the string, and some of it. */
struct seen {
	struct vec	inner;		/* of all */
	struct vec	backslash;	/* of any */
	struct vec	odd;		/* of any: a backslash with no n behind it */
};

/* Looks at sixteen bytes, and at one more behind them. */
static inline void
see(struct seen *seen, const char *p, bool mixed)
{
	struct vec v = vec_load(p), backslash = vec_is(v, '\\');

	seen->inner = vec_and(seen->inner, scan_inner(v, mixed));
	seen->backslash = vec_or(seen->backslash, backslash);
	seen->odd = vec_or(seen->odd, vec_and_not(backslash, vec_is(vec_load(p + 1), 'n')));
}

/*
 * Passes over blocks in which every byte is plain or the backslash of \n, which
 * is nearly all that text has of escapes.  As no backslash stands behind
 * another one there, each of them begins an escape, and no block needs to know
 * of the one before; whether there was one is asked only at the end.  So there
 * is no branch that depends on where in the text the lines end.
 */
static inline __attribute__((always_inline)) const char *
skip_simple(const char *p, const char *end, bool mixed, bool *escaped)
{
	struct seen seen = { vec_all(0xff), vec_all(0), vec_all(0) };
	struct vec backslash = vec_all(0);

	for (; end - p > BLOCK_BYTES; p += BLOCK_BYTES) {
		see(&seen, p, mixed);
		see(&seen, p + 16, mixed);
		see(&seen, p + 32, mixed);
		see(&seen, p + 48, mixed);
		if (vec_mask(vec_and_not(seen.inner, seen.odd)) != 0xffff)
			break;
		backslash = seen.backslash;
	}
	*escaped |= vec_mask(backslash) != 0;
	return p;
}

#if WIDE_IS_THERE

/* What see() finds, of thirty-two bytes and one more. */
struct wide_seen {
	struct wide	inner, backslash, odd;
};

WIDE_INLINE void
wide_see(struct wide_seen *seen, const char *p, bool mixed)
{
	struct wide v = wide_load(p), backslash = wide_is(v, '\\');
	struct wide turned = wide_xor(v, wide_all('"' ^ ' '));

	seen->inner = wide_and(seen->inner, mixed ? wide_from(turned, ' ' + 1)
	    : wide_ascii_above(turned, ' '));
	seen->backslash = wide_or(seen->backslash, backslash);
	seen->odd = wide_or(seen->odd,
	    wide_and_not(backslash, wide_is(wide_load(p + 1), 'n')));
}

/* As skip_simple(), for what is long enough; it goes on behind this. */
WIDE_INLINE const char *
wide_skip(const char *p, const char *end, bool mixed, bool *escaped)
{
	struct wide_seen seen = { wide_all(0xff), wide_all(0), wide_all(0) };
	struct wide backslash = wide_all(0);

	for (; end - p > BLOCK_BYTES; p += BLOCK_BYTES) {
		wide_see(&seen, p, mixed);
		wide_see(&seen, p + WIDE_BYTES, mixed);
		if (wide_mask(wide_and_not(seen.inner, seen.odd)) != UINT32_MAX)
			break;
		backslash = seen.backslash;
	}
	*escaped |= wide_mask(backslash) != 0;
	return p;
}

static WIDE const char *
wide_skip_ascii(const char *p, const char *end, bool *escaped)
{
	return wide_skip(p, end, false, escaped);
}

static WIDE const char *
wide_skip_mixed(const char *p, const char *end, bool *escaped)
{
	return wide_skip(p, end, true, escaped);
}

#else

static const char *
wide_skip_ascii(const char *p, const char *end, bool *escaped)
{
	return skip_simple(p, end, false, escaped);
}

static const char *
wide_skip_mixed(const char *p, const char *end, bool *escaped)
{
	return skip_simple(p, end, true, escaped);
}

#endif

/*
 * 64 bytes inside a string, as bits: those that do not end it, the backslashes,
 * and those bytes that may stand behind a backslash and need no closer look.
 */
struct block {
	uint64_t	inner, backslashes, easy;
};

static inline void
scan_sixteen(struct block *b, const char *p, unsigned at, bool mixed)
{
	struct vec v = vec_load(p + at), backslash = vec_is(v, '\\');
	struct vec easy = vec_or(vec_is(v, 'n'), vec_or(vec_is(v, '"'), backslash));

	b->inner |= (uint64_t)vec_mask(scan_inner(v, mixed)) << at;
	b->backslashes |= (uint64_t)vec_mask(backslash) << at;
	b->easy |= (uint64_t)vec_mask(easy) << at;
}

static inline struct block
scan_block(const char *p, bool mixed)
{
	struct block b = { 0, 0, 0 };

	scan_sixteen(&b, p, 0, mixed);
	scan_sixteen(&b, p, 16, mixed);
	scan_sixteen(&b, p, 32, mixed);
	scan_sixteen(&b, p, 48, mixed);
	return b;
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
 * time: the quote that ends the string, a control byte, a byte above ASCII in a
 * text that is not yet mixed, or the backslash of an escape that is not one of
 * the most frequent.
 */
static inline __attribute__((always_inline)) const char *
skip_blocks(const struct scan *s, const char *p, bool mixed, bool *escaped)
{
	const char *end = mixed ? s->checked : s->end;
	uint64_t carry = 0;

	for (;; p += BLOCK_BYTES) {
		struct block b;
		uint64_t behind, hard, stop;

		if (carry == 0 && s->wide)
			p = mixed ? wide_skip_mixed(p, end, escaped)
			    : wide_skip_ascii(p, end, escaped);
		else if (carry == 0)
			p = skip_simple(p, end, mixed, escaped);
		if (end - p < BLOCK_BYTES)
			return p - carry;
		b = scan_block(p, mixed);
		behind = escaped_bytes(b.backslashes, &carry);
		hard = behind & ~b.easy;
		stop = ~(b.inner | behind) | hard;
		if (stop != 0) {
			unsigned at = (unsigned)__builtin_ctzll(stop);

			*escaped |= (b.backslashes & ((UINT64_C(1) << at) - 1)) != 0;
			return p + at - (hard >> at & 1);
		}
		*escaped |= b.backslashes != 0;
	}
}

static __attribute__((noinline)) const char *
skip_ascii(const struct scan *s, const char *p, bool *escaped)
{
	return skip_blocks(s, p, false, escaped);
}

static __attribute__((noinline)) const char *
skip_mixed(const struct scan *s, const char *p, bool *escaped)
{
	return skip_blocks(s, p, true, escaped);
}

/* Passes over what is plain, up to what is known to be UTF-8 or to the end. */
static inline const char *
pass_plain(struct scan *s, const char *p, bool *escaped)
{
	bool mixed = p < s->checked;

	p = mixed ? skip_mixed(s, p, escaped) : skip_ascii(s, p, escaped);
	return plain_end(p, mixed ? s->checked : s->end, mixed);
}

/* Behind an escape.  Other alphabets are often written as one \u after the other. */
static const char *
pass_unicode(struct scan *s, const char *p)
{
	while (p != NULL && p < s->until && s->end - p >= 2 && p[0] == '\\' && p[1] == 'u')
		p = read_unicode(s, p);
	return p;
}

const char *
scan_string(struct scan *s, const char *p, bool *escaped)
{
	for (;;) {
		const char *at;

		p = pass_plain(s, p, escaped);
		if (p == s->end)
			return scan_fault(s, p, "a string has no end");
		if (*p == '"')
			return p;
		if ((unsigned char)*p >= 0x80) {
			/* Here what is known ends. */
			if (p >= s->until)
				return p;
			if (!check_on(s, p))
				return NULL;
			continue;
		}
		if (p == s->checked && *p >= ' ' && *p != '\\')
			continue;
		at = pass_unicode(s, read_special(s, p, escaped));
		if (at == NULL)
			return NULL;
		p = at;
		if (p >= s->until && p < s->end && *p != '"')
			return p;
	}
}
