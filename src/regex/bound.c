/* SPDX-License-Identifier: Apache-2.0 */
#include "regex/bound.h"

#include "core/limit.h"

/* What things become in an automaton of bytes: measured as time to compile. */
#define PLACES_ANY	4		/* a dot, and what is not in brackets: all of UTF-8 */
#define PLACES_PROPERTY	300		/* \p{L}: hundreds of ranges */

#define GROUPS_MAX	32
#define REPEAT_MAX	1000

struct reader {
	struct slice	 pattern;
	size_t		 at;
	uint64_t	 sum[GROUPS_MAX + 1];	/* of the groups that are open */
	size_t		 open[GROUPS_MAX + 1];	/* where they began */
	unsigned	 depth;
	uint64_t	 last;			/* of the atom that a repeat would be of; 0: none */
	const char	*why;
};

static char
peek(const struct reader *r)
{
	return r->at < r->pattern.len ? r->pattern.ptr[r->at] : '\0';
}

static void
fail(struct reader *r, size_t at, const char *why)
{
	if (r->why != NULL)
		return;
	r->at = at;
	r->why = why;
}

static void
add(struct reader *r, uint64_t places)
{
	r->last = places;
	r->sum[r->depth] += places;
	if (r->sum[r->depth] > PATTERN_PLACES_MAX)
		fail(r, r->at, "what stands here makes the pattern too large: fewer repeats, and "
		    "[A-Z] or \\d where . or \\p{…} is not needed");
}

/* Behind a backslash; what it stands for. */
static uint64_t
read_escape(struct reader *r)
{
	size_t start = r->at - 1;
	char c = peek(r);

	if (r->at == r->pattern.len) {
		fail(r, start, "a backslash stands before something");
		return 0;
	}
	r->at++;
	if (c == 'Q') {
		fail(r, start, "\\Q is not understood here; escape each character");
		return 0;
	}
	if ((c == 'x' || c == 'p' || c == 'P' || c == 'o') && peek(r) == '{') {
		while (r->at < r->pattern.len && peek(r) != '}')
			r->at++;
		if (r->at == r->pattern.len)
			fail(r, start, "its } is missing");
		else
			r->at++;
	}
	if (c == 'p' || c == 'P' || c == 'X')
		return PLACES_PROPERTY;
	return memchr("DWSHVNR", c, 7) != NULL ? PLACES_ANY : 1;
}

/* Behind the first bracket of [:alpha:] within brackets, if it is one. */
static void
skip_name(struct reader *r)
{
	struct slice p = r->pattern;
	size_t end = r->at + 1;

	while (end < p.len && ((unsigned)((p.ptr[end] | 0x20) - 'a') < 26 || p.ptr[end] == '^'))
		end++;
	if (slice_starts(slice_cut(p, end, p.len), S(":]")))
		r->at = end + 2;
}

/* Behind an opening bracket. */
static uint64_t
read_class(struct reader *r)
{
	size_t start = r->at - 1, first;
	uint64_t places = 1;

	if (peek(r) == '^') {
		places = PLACES_ANY;
		r->at++;
	}
	first = r->at;
	while (r->why == NULL && r->at < r->pattern.len && (peek(r) != ']' || r->at == first)) {
		unsigned char c = (unsigned char)peek(r);
		uint64_t one = c >= 0x80;

		r->at++;
		if (c == '[' && peek(r) == ':')
			skip_name(r);
		else if (c == '\\')
			one = read_escape(r) - 1;
		places += one;
	}
	if (r->at == r->pattern.len)
		fail(r, start, "its ] is missing");
	else if (r->why == NULL)
		r->at++;
	return places;
}

static void
read_open(struct reader *r)
{
	size_t start = r->at - 1;

	if (r->depth == GROUPS_MAX) {
		fail(r, start, "there are too many groups in each other");
		return;
	}
	r->depth++;
	r->sum[r->depth] = 0;
	r->open[r->depth] = start;
	r->last = 0;
	/* What kind of group it is: (?:, (?i), (?#…) and so on are the library's to judge. */
	if (peek(r) == '?')
		r->at++;
}

static void
read_close(struct reader *r)
{
	uint64_t places;

	if (r->depth == 0) {
		fail(r, r->at - 1, "no group is open that this could close");
		return;
	}
	places = r->sum[r->depth--];
	add(r, places > 0 ? places : 1);
}

static bool
read_number(struct reader *r, uint64_t *out)
{
	size_t start = r->at;

	for (*out = 0; (unsigned)(peek(r) - '0') < 10 && *out <= REPEAT_MAX; r->at++)
		*out = *out * 10 + (uint64_t)(peek(r) - '0');
	return r->at > start;
}

/* {n}, {n,} or {n,m}; anything else in braces is what it is, letter by letter. */
static bool
read_braces(struct reader *r, uint64_t *most)
{
	size_t start = r->at;
	uint64_t least;

	if (read_number(r, &least)) {
		*most = least;
		if (peek(r) == ',') {
			r->at++;
			if (!read_number(r, most))
				*most = least + 1;
		}
		if (peek(r) == '}' || *most > REPEAT_MAX || least > REPEAT_MAX) {
			r->at++;
			*most = *most > least ? *most : least;
			return true;
		}
	}
	r->at = start;
	return false;
}

/* Behind an opening brace: the last atom, so many times. */
static void
read_repeat(struct reader *r)
{
	size_t start = r->at - 1;
	uint64_t most, last = r->last;

	if (!read_braces(r, &most)) {
		add(r, 1);
		return;
	}
	if (most > REPEAT_MAX) {
		fail(r, start, "that is more than 1000 times");
		return;
	}
	r->sum[r->depth] -= last;
	r->at = start;
	add(r, last * (most > 0 ? most : 1));
	if (r->why == NULL)
		while (r->at < r->pattern.len && r->pattern.ptr[r->at++] != '}')
			;
}

/* The other bytes of a character, of which a repeat is the repeat of all. */
static uint64_t
read_rest(struct reader *r)
{
	uint64_t bytes = 1;

	for (; r->at < r->pattern.len && ((unsigned char)peek(r) & 0xc0) == 0x80; r->at++)
		bytes++;
	return bytes;
}

static void
read_one(struct reader *r)
{
	unsigned char c = (unsigned char)peek(r);

	r->at++;
	switch (c) {
	case '\\':
		add(r, read_escape(r));
		break;
	case '[':
		add(r, read_class(r));
		break;
	case '(':
		read_open(r);
		break;
	case ')':
		read_close(r);
		break;
	case '{':
		read_repeat(r);
		break;
	case '.':
		add(r, PLACES_ANY);
		break;
	case '|':
		r->last = 0;
		break;
	case '*':
	case '+':
	case '?':
		break;
	default:
		add(r, read_rest(r));
	}
}

struct bound
bound_of(struct slice pattern)
{
	struct reader r = { .pattern = pattern };

	if (pattern.len == 0)
		fail(&r, 0, "it is empty");
	else if (pattern.len > PATTERN_BYTES_MAX)
		fail(&r, PATTERN_BYTES_MAX, "it is longer than 512 bytes");
	else if (memchr(pattern.ptr, '\0', pattern.len) != NULL)
		fail(&r, 0, "it has a NUL; write \\x00");
	while (r.why == NULL && r.at < pattern.len)
		read_one(&r);
	if (r.why == NULL && r.depth > 0)
		fail(&r, r.open[r.depth], "its ) is missing");
	return (struct bound){ (uint32_t)r.sum[0], r.at, r.why };
}
