/* SPDX-License-Identifier: Apache-2.0 */
#include "core/utf8.h"

#include "core/vec.h"

/*
 * The length of the sequence at p, or 0 if it is not valid.  The second byte's
 * range says all that the first leaves open (RFC 3629, section 4).
 */
static size_t
sequence(const unsigned char *p, size_t len)
{
	unsigned char lo = 0x80, hi = 0xbf;
	size_t want;

	if (p[0] < 0x80)
		return 1;
	if (p[0] < 0xc2 || p[0] > 0xf4)
		return 0;
	want = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	if (len < want)
		return 0;
	if (p[0] == 0xe0)
		lo = 0xa0;
	else if (p[0] == 0xed)
		hi = 0x9f;
	else if (p[0] == 0xf0)
		lo = 0x90;
	else if (p[0] == 0xf4)
		hi = 0x8f;
	if (p[1] < lo || p[1] > hi)
		return 0;
	for (size_t i = 2; i < want; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	return want;
}

/* Of each byte: does it continue a character?  As signed numbers these are the lowest. */
static inline struct vec
continues(struct vec v)
{
	return (struct vec){ (VEC_UNSIGNED)((VEC_SIGNED)v.b < (VEC_SIGNED)vec_all(0xc0).b) };
}

/* Of each byte: does it begin what needs a closer look than its length? */
static inline struct vec
is_rare(struct vec v)
{
	return vec_or(vec_or(vec_is(v, 0xe0), vec_is(v, 0xed)),
	    vec_or(vec_from(v, 0xf0), vec_within(v, 0xc0, 0xc1)));
}

/*
 * Which of the sixteen bytes at p cannot stand there, given the three before
 * them: a byte continues exactly if one of those asks for it.
 */
static inline struct vec
miscounted(const char *p)
{
	struct vec wanted = vec_or(vec_from(vec_load(p - 1), 0xc0),
	    vec_or(vec_from(vec_load(p - 2), 0xe0), vec_from(vec_load(p - 3), 0xf0)));

	return (struct vec){ wanted.b ^ continues(vec_load(p)).b };
}

/* The same, and which bytes stand nowhere, or have a narrower range behind the one before. */
static uint32_t
misplaced(const char *p)
{
	struct vec v = vec_load(p), before = vec_load(p - 1), bad = miscounted(p);

	bad = vec_or(bad, vec_or(vec_within(v, 0xc0, 0xc1), vec_from(v, 0xf5)));
	bad = vec_or(bad, vec_and(vec_is(before, 0xe0), vec_to(v, 0x9f)));
	bad = vec_or(bad, vec_and(vec_is(before, 0xed), vec_from(v, 0xa0)));
	bad = vec_or(bad, vec_and(vec_is(before, 0xf0), vec_to(v, 0x8f)));
	bad = vec_or(bad, vec_and(vec_is(before, 0xf4), vec_from(v, 0x90)));
	return vec_mask(bad);
}

/* May the sixteen bytes at p stand there?  *rare: something rare may reach into them. */
static inline bool
is_block(const char *p, bool *rare)
{
	bool before = *rare;

	*rare = vec_mask(is_rare(vec_load(p))) != 0;
	return before || *rare ? misplaced(p) == 0 : vec_mask(miscounted(p)) == 0;
}

/* Blocks from `at` on that are ASCII throughout are passed over. */
static inline size_t
skip_ascii(struct slice s, size_t at)
{
	while (at + 4 * VEC_BYTES <= s.len) {
		const char *p = s.ptr + at;

		if (vec_mask(vec_or(vec_or(vec_load(p), vec_load(p + 16)),
		    vec_or(vec_load(p + 32), vec_load(p + 48)))) != 0)
			break;
		at += 4 * VEC_BYTES;
	}
	while (at + VEC_BYTES <= s.len && vec_mask(vec_load(s.ptr + at)) == 0)
		at += VEC_BYTES;
	return at;
}

/* Reads whole characters up to `to` or past it; stops where one is not valid. */
static size_t
walk(struct slice s, size_t at, size_t to)
{
	while (at < to) {
		size_t one = sequence((const unsigned char *)s.ptr + at, s.len - at);

		if (one == 0)
			break;
		at += one;
	}
	return at;
}

/* The beginning of the character that the byte before `at` is in, if it may go on there. */
static size_t
step_back(struct slice s, size_t at)
{
	for (size_t i = 1; i <= 3 && i <= at; i++) {
		unsigned char c = (unsigned char)s.ptr[at - i];

		if (c >= 0xc0)
			return at - i;
		if (c < 0x80)
			break;
	}
	return at;
}

/*
 * Blocks are read as long as nothing in them is misplaced.  What stands at the
 * end, or around a mistake, is read character by character.
 */
size_t
utf8_valid(struct slice s)
{
	size_t at = skip_ascii(s, 0);

	if (at + 3 + VEC_BYTES <= s.len) {
		/* The blocks look at three bytes before them. */
		size_t first = walk(s, at, at + 3);
		bool rare = true;

		if (first < at + 3)
			return first;
		for (at = first; at + VEC_BYTES <= s.len && is_block(s.ptr + at, &rare);) {
			at += VEC_BYTES;
			if (vec_mask(vec_load(s.ptr + at - VEC_BYTES)) == 0)
				at = skip_ascii(s, at);
		}
		at = step_back(s, at);
	}
	return walk(s, at, s.len);
}

size_t
utf8_encode(uint32_t point, char out[static 4])
{
	if (point < 0x80) {
		out[0] = (char)point;
		return 1;
	}
	if (point < 0x800) {
		out[0] = (char)(0xc0 | point >> 6);
		out[1] = (char)(0x80 | (point & 0x3f));
		return 2;
	}
	if (point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff))
		return 0;
	if (point < 0x10000) {
		out[0] = (char)(0xe0 | point >> 12);
		out[1] = (char)(0x80 | (point >> 6 & 0x3f));
		out[2] = (char)(0x80 | (point & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | point >> 18);
	out[1] = (char)(0x80 | (point >> 12 & 0x3f));
	out[2] = (char)(0x80 | (point >> 6 & 0x3f));
	out[3] = (char)(0x80 | (point & 0x3f));
	return 4;
}
