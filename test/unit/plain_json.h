/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TEST_PLAIN_JSON_H
#define TEST_PLAIN_JSON_H

/*
 * plain_json - RFC 8259 read off the page, byte by byte, to compare with.
 *
 * It shares no line with core/json: it recurses, looks at one byte at a time,
 * and decodes characters by arithmetic.  It says whether a text is a document
 * of at most `depth` levels whose surrogates come in pairs; names may repeat.
 */

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

struct plain {
	const unsigned char	*p, *end;
	unsigned		 depth;
	unsigned		 values;	/* and names */
};

static bool plain_value(struct plain *);

static int
plain_peek(const struct plain *t)
{
	return t->p < t->end ? *t->p : -1;
}

static void
plain_space(struct plain *t)
{
	while (plain_peek(t) == ' ' || plain_peek(t) == '\t' || plain_peek(t) == '\n' ||
	    plain_peek(t) == '\r')
		t->p++;
}

static bool
plain_take(struct plain *t, int c)
{
	if (plain_peek(t) != c)
		return false;
	t->p++;
	return true;
}

/* One character of UTF-8: its number by arithmetic, then its length by its number. */
static bool
plain_character(struct plain *t)
{
	int first = plain_peek(t);
	unsigned more = first < 0x80 ? 0 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
	uint32_t point = more == 0 ? (uint32_t)first : (uint32_t)first & (0x3fu >> more);
	static const uint32_t least[] = { 0, 0x80, 0x800, 0x10000 };

	if (first < 0 || (first >= 0x80 && first < 0xc0) || first >= 0xf8)
		return false;
	t->p++;
	for (unsigned i = 0; i < more; i++) {
		if (plain_peek(t) < 0 || (plain_peek(t) & 0xc0) != 0x80)
			return false;
		point = point << 6 | (*t->p++ & 0x3f);
	}
	return point >= least[more] && point <= 0x10ffff && (point < 0xd800 || point > 0xdfff);
}

static bool
plain_hex(struct plain *t, unsigned *unit)
{
	*unit = 0;
	for (int i = 0; i < 4; i++) {
		const char *digits = "0123456789abcdefABCDEF", *at;
		int c = plain_peek(t);

		at = c > 0 ? strchr(digits, c) : NULL;
		if (at == NULL)
			return false;
		*unit = *unit * 16 + (unsigned)(at - digits > 15 ? at - digits - 6 : at - digits);
		t->p++;
	}
	return true;
}

static bool
plain_escape(struct plain *t)
{
	unsigned high, low;
	int c = plain_peek(t);

	if (c <= 0 || strchr("\"\\/bfnrtu", c) == NULL)
		return false;
	t->p++;
	if (c != 'u')
		return true;
	if (!plain_hex(t, &high))
		return false;
	if (high < 0xd800 || high > 0xdfff)
		return true;
	return high < 0xdc00 && plain_take(t, '\\') && plain_take(t, 'u') && plain_hex(t, &low) &&
	    low >= 0xdc00 && low <= 0xdfff;
}

static bool
plain_string(struct plain *t)
{
	t->values++;
	if (!plain_take(t, '"'))
		return false;
	for (;;) {
		if (plain_take(t, '"'))
			return true;
		if (plain_peek(t) < 0x20)
			return false;
		if (plain_take(t, '\\') ? !plain_escape(t) : !plain_character(t))
			return false;
	}
}

static bool
plain_digits(struct plain *t)
{
	const unsigned char *from = t->p;

	while (plain_peek(t) >= '0' && plain_peek(t) <= '9')
		t->p++;
	return t->p > from;
}

static bool
plain_number(struct plain *t)
{
	t->values++;
	plain_take(t, '-');
	if (!plain_take(t, '0') && !plain_digits(t))
		return false;
	if (plain_take(t, '.') && !plain_digits(t))
		return false;
	if (plain_take(t, 'e') || plain_take(t, 'E')) {
		if (!plain_take(t, '+'))
			plain_take(t, '-');
		return plain_digits(t);
	}
	return true;
}

static bool
plain_word(struct plain *t, const char *word)
{
	t->values++;
	while (*word != '\0')
		if (!plain_take(t, *word++))
			return false;
	return true;
}

/* The elements or members up to the closing bracket. */
static bool
plain_inside(struct plain *t, bool object)
{
	int close = object ? '}' : ']';

	plain_space(t);
	if (plain_take(t, close))
		return true;
	do {
		plain_space(t);
		if (object) {
			if (!plain_string(t))
				return false;
			plain_space(t);
			if (!plain_take(t, ':'))
				return false;
		}
		if (!plain_value(t))
			return false;
		plain_space(t);
	} while (plain_take(t, ','));
	return plain_take(t, close);
}

static bool
plain_value(struct plain *t)
{
	bool ok;

	plain_space(t);
	switch (plain_peek(t)) {
	case '"':
		return plain_string(t);
	case 't':
		return plain_word(t, "true");
	case 'f':
		return plain_word(t, "false");
	case 'n':
		return plain_word(t, "null");
	case '{':
	case '[':
		if (t->depth-- == 0)
			return false;
		t->values++;
		t->p++;
		ok = plain_inside(t, t->p[-1] == '{');
		t->depth++;
		return ok;
	default:
		return plain_number(t);
	}
}

/* Is the text a document, of how many values and names? */
__attribute__((unused)) static bool
plain_json(const char *text, size_t len, unsigned depth, unsigned *values)
{
	const unsigned char *p = (const unsigned char *)text;
	struct plain t = { p, p + len, depth, 0 };
	bool ok = plain_value(&t);

	plain_space(&t);
	*values = t.values;
	return ok && t.p == t.end;
}

#endif
