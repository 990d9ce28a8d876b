/* SPDX-License-Identifier: Apache-2.0 */
#include "guess/shape.h"

#include "core/must.h"

enum {
	LOW_HEX = 1, UP_HEX = 2, LOW = 4, UP = 8, DIGIT = 16, UNDER = 32, DASH = 64, DOT = 128,
	BASE64 = 256, EQUAL = 512, BASE32 = 1024, HASH = 2048,
	ALPHA = LOW | UP, ALNUM = LOW | UP | DIGIT,
};

static const uint16_t sort[256] = {
	['a' ... 'f'] = LOW | LOW_HEX | HASH, ['g' ... 'z'] = LOW | HASH,
	['A' ... 'F'] = UP | UP_HEX | BASE32 | HASH, ['G' ... 'Z'] = UP | BASE32 | HASH,
	['0' ... '1'] = DIGIT | HASH, ['2' ... '7'] = DIGIT | BASE32 | HASH,
	['8' ... '9'] = DIGIT | HASH,
	['_'] = UNDER | HASH, ['-'] = DASH | HASH, ['.'] = DOT | HASH, ['='] = EQUAL | HASH,
	['+'] = BASE64, ['/'] = BASE64 | HASH, [','] = HASH, ['*'] = HASH, [':'] = HASH,
	['@'] = HASH,
};

/* The set that a letter of a shape names; 0: it names none and stands for itself. */
static unsigned
set_of(char letter)
{
	switch (letter) {
	case 'd': return DIGIT;
	case 'x': return DIGIT | LOW_HEX;
	case 'X': return DIGIT | LOW_HEX | UP_HEX;
	case 'l': return LOW | DIGIT;
	case 'u': return UP | DIGIT;
	case 'a': return ALPHA;
	case 'n': return ALNUM;
	case 'w': return ALNUM | UNDER;
	case 't': return ALNUM | UNDER | DASH;
	case 'v': return ALNUM | UNDER | DASH | DOT;
	case 'q': return BASE32;
	case 'b': return ALNUM | BASE64;
	case 'e': return ALNUM | UNDER | DASH | EQUAL;
	case 'm': return ALNUM | BASE64 | DASH | EQUAL;
	case 'p': return ALNUM | BASE64 | UNDER | DASH | DOT | EQUAL;
	case 'c': return ALNUM | BASE64 | DOT;
	case 'o': return HASH;
	default: return 0;
	}
}

struct piece {
	unsigned	set;		/* 0: the character itself */
	char		itself;
	size_t		min, max;
};

static size_t
number(struct slice shape, size_t *at)
{
	size_t n = 0;

	while (*at < shape.len && (unsigned)(shape.ptr[*at] - '0') < 10)
		n = 10 * n + (size_t)(shape.ptr[(*at)++] - '0');
	return n;
}

static bool
is_digit_at(struct slice shape, size_t at)
{
	return at < shape.len && (unsigned)(shape.ptr[at] - '0') < 10;
}

/* The next piece of a shape; what is written there is ours, so that it is right. */
static struct piece
next(struct slice shape, size_t *at)
{
	bool quoted = shape.ptr[*at] == '\\';
	char c = shape.ptr[*at += quoted];
	struct piece p = { .set = quoted ? 0 : set_of(c), .itself = c, .min = 1, .max = 1 };

	++*at;
	if (!is_digit_at(shape, *at)) {
		must(p.set == 0);
		return p;
	}
	p.min = p.max = number(shape, at);
	if (*at < shape.len && shape.ptr[*at] == '+') {
		p.max = SHAPE_RUN_MAX;
		++*at;
	} else if (*at < shape.len && shape.ptr[*at] == '-' && is_digit_at(shape, *at + 1)) {
		++*at;
		p.max = number(shape, at);
	}
	return p;
}

static bool
is_of(const struct piece *p, char c)
{
	return p->set == 0 ? c == p->itself : (sort[(unsigned char)c] & p->set) != 0;
}

size_t
shape_match(struct slice s, struct slice shape)
{
	struct piece p = { 0 };
	size_t end = 0;

	for (size_t at = 0; at < shape.len;) {
		size_t count = 0;

		p = next(shape, &at);
		while (count < p.max && end + count < s.len && is_of(&p, s.ptr[end + count]))
			count++;
		if (count < p.min)
			return 0;
		end += count;
	}
	/* A longer one is another one; but what has no end of its own may go on. */
	if (end == s.len || p.max == SHAPE_RUN_MAX)
		return end;
	return is_of(&p, s.ptr[end]) || (sort[(unsigned char)s.ptr[end]] & (ALNUM | UNDER)) != 0
	    ? 0 : end;
}
