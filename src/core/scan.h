/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_SCAN_H
#define CORE_SCAN_H

/*
 * scan - where the tokens of a JSON text end (RFC 8259).
 *
 * Each function takes a place in the text and returns the place behind a token,
 * or NULL and a fault when there is none; nothing is read at or after `end`.
 * Short tokens are scanned here, in the reader's own loop; a string that does
 * not end within sixteen bytes goes to scan.c, which looks at 64 at once.
 *
 * Most texts are ASCII, and then nobody looks at their UTF-8: the scan of a
 * string stops at a byte above ASCII, checks some of what follows, and takes
 * such bytes for plain ones up to there.
 */

#include "core/slice.h"
#include "core/vec.h"

struct scan {
	const char	*end;
	const char	*until;		/* where a long string may pause */
	const char	*at;		/* of a fault */
	const char	*why;		/* program text */
	const char	*checked;	/* before it, all that was scanned is UTF-8 */
	bool		 wide;		/* the machine has what core/wide.h needs */
};

/*
 * The closing quote of a string that goes on at p; *escaped becomes true if a
 * backslash stands before it.  A string that goes on behind `until` may return another
 * byte than a quote, from which it can be gone on with.
 */
const char *scan_string(struct scan *, const char *p, bool *escaped);

/* Remembers a fault; always NULL. */
static inline const char *
scan_fault(struct scan *s, const char *at, const char *why)
{
	s->at = at;
	s->why = why;
	return NULL;
}

/* One of the four bytes of white space. */
static inline bool
scan_is_space(char c)
{
	return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static inline bool
scan_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The first byte from p on that is no white space. */
static inline const char *
scan_space(const char *p, const char *end)
{
	while (p < end && (unsigned char)*p <= ' ' && scan_is_space(*p))
		p++;
	return p;
}

/*
 * Which of sixteen bytes are neither a quote nor a control byte, nor, where the
 * text is not `mixed`, above ASCII.  With that one bit turned over, the quote
 * and the control bytes are the 33 lowest, and the two before the quote are not.
 */
static inline struct vec
scan_inner(struct vec v, bool mixed)
{
	struct vec turned = vec_xor(v, vec_all('"' ^ ' '));

	return mixed ? vec_from(turned, ' ' + 1) : vec_ascii_above(turned, ' ');
}

/* Which of sixteen bytes are plain: those, but no backslash. */
static inline struct vec
scan_plain(struct vec v, bool mixed)
{
	return vec_and_not(scan_inner(v, mixed), vec_is(v, '\\'));
}

/* The first byte from p on that is no digit. */
static inline const char *
scan_digits(const char *p, const char *end)
{
	for (; end - p >= VEC_BYTES; p += VEC_BYTES) {
		uint32_t stop = ~vec_mask(vec_within(vec_load(p), '0', '9')) & 0xffff;

		if (stop != 0)
			return p + vec_first(stop);
	}
	while (p < end && scan_is_digit(*p))
		p++;
	return p;
}

/* The end of the number at p (RFC 8259, section 6), or NULL with a fault. */
static inline const char *
scan_number(struct scan *s, const char *p)
{
	const char *end = s->end, *digits;

	if (*p == '-')
		p++;
	if (p == end || !scan_is_digit(*p))
		return scan_fault(s, p, "a number without digits");
	p = *p == '0' ? p + 1 : scan_digits(p, end);
	if (p < end && *p == '.') {
		digits = ++p;
		p = scan_digits(p, end);
		if (p == digits)
			return scan_fault(s, p, "no digit after the decimal point");
	}
	if (p < end && (*p == 'e' || *p == 'E')) {
		p++;
		if (p < end && (*p == '+' || *p == '-'))
			p++;
		digits = p;
		p = scan_digits(p, end);
		if (p == digits)
			return scan_fault(s, p, "no digit in the exponent");
	}
	return p;
}

/* The end of `word` at p, or NULL with a fault. */
static inline const char *
scan_word(struct scan *s, const char *p, struct slice word)
{
	if ((size_t)(s->end - p) < word.len || memcmp(p, word.ptr, word.len) != 0)
		return scan_fault(s, p, "no value begins like this");
	return p + word.len;
}

#endif
