/* SPDX-License-Identifier: Apache-2.0 */
#include "core/slice.h"

#include "core/vec.h"

static unsigned char
fold(char c)
{
	return (unsigned char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

bool
slice_same_word(struct slice a, struct slice b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++)
		if (fold(a.ptr[i]) != fold(b.ptr[i]))
			return false;
	return true;
}

/*
 * Of sixteen places: those where the first byte is, and the last one as far behind as it must
 * be.
 */
static inline struct vec
likely(const char *at, size_t span, struct vec first, struct vec last)
{
	return vec_and(vec_same(vec_load(at), first), vec_same(vec_load(at + span), last));
}

/* The first of sixteen places that is a hit, or 16. */
static size_t
confirm(const char *at, struct vec places, struct slice needle)
{
	size_t middle = needle.len / 2;

	for (uint32_t hits = vec_mask(places); hits != 0; hits &= hits - 1) {
		const char *p = at + __builtin_ctz(hits);

		/* One more byte by hand: a call costs more than most false hits are worth. */
		if (p[middle] == needle.ptr[middle] && memcmp(p, needle.ptr, needle.len) == 0)
			return (size_t)(p - at);
	}
	return VEC_BYTES;
}

/* Passes over blocks of 64 places of which none is likely. */
static size_t
skip_unlikely(struct slice s, size_t span, struct vec first, struct vec last)
{
	size_t at = 0;

	for (; at + span + 4 * VEC_BYTES <= s.len; at += 4 * VEC_BYTES) {
		const char *p = s.ptr + at;

		if (vec_mask(vec_or(
			vec_or(likely(p, span, first, last), likely(p + 16, span, first, last)),
			vec_or(likely(p + 32, span, first, last),
			    likely(p + 48, span, first, last)))) != 0)
			break;
	}
	return at;
}

size_t
slice_find(struct slice s, struct slice needle)
{
	size_t at = 0, span = needle.len - 1, hit;

	if (needle.len == 0)
		return 0;

	struct vec first = vec_all((unsigned char)needle.ptr[0]);
	struct vec last = vec_all((unsigned char)needle.ptr[span]);

	while (at + span + VEC_BYTES <= s.len) {
		at += skip_unlikely(slice_cut(s, at, s.len), span, first, last);
		for (int i = 0; i < 4 && at + span + VEC_BYTES <= s.len; i++, at += VEC_BYTES) {
			hit = confirm(s.ptr + at, likely(s.ptr + at, span, first, last), needle);
			if (hit < VEC_BYTES)
				return at + hit;
		}
	}
	/* The last block overlaps the one before, so that no byte is looked at alone. */
	if (s.len >= span + VEC_BYTES) {
		at = s.len - span - VEC_BYTES;
		hit = confirm(s.ptr + at, likely(s.ptr + at, span, first, last), needle);
		return hit < VEC_BYTES ? at + hit : s.len;
	}
	for (; at + needle.len <= s.len; at++)
		if (memcmp(s.ptr + at, needle.ptr, needle.len) == 0)
			return at;
	return s.len;
}

bool
slice_number(struct slice s, uint64_t *out)
{
	uint64_t n = 0;

	if (s.len == 0 || s.len > 19)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] < '0' || s.ptr[i] > '9')
			return false;
		n = n * 10 + (uint64_t)(s.ptr[i] - '0');
	}
	*out = n;
	return true;
}

struct slice
slice_trim(struct slice s)
{
	while (s.len > 0 && (s.ptr[0] == ' ' || s.ptr[0] == '\t'))
		s = slice_cut(s, 1, s.len);
	while (s.len > 0 && (s.ptr[s.len - 1] == ' ' || s.ptr[s.len - 1] == '\t'))
		s.len--;
	return s;
}

static unsigned
least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* The optimal string alignment distance; three rows of the usual matrix. */
unsigned
slice_distance(struct slice a, struct slice b)
{
	unsigned row[3][64];

	if (a.len > 63 || b.len > 63)
		return 64;
	for (unsigned j = 0; j <= b.len; j++)
		row[0][j] = j;
	for (unsigned i = 1; i <= a.len; i++) {
		unsigned *now = row[i % 3], *up = row[(i + 2) % 3], *up2 = row[(i + 1) % 3];

		now[0] = i;
		for (unsigned j = 1; j <= b.len; j++) {
			unsigned same = fold(a.ptr[i - 1]) == fold(b.ptr[j - 1]) ? 0 : 1;

			now[j] = least(least(up[j] + 1, now[j - 1] + 1), up[j - 1] + same);
			if (i > 1 && j > 1 && fold(a.ptr[i - 1]) == fold(b.ptr[j - 2]) &&
			    fold(a.ptr[i - 2]) == fold(b.ptr[j - 1]))
				now[j] = least(now[j], up2[j - 2] + 1);
		}
	}
	return row[a.len % 3][b.len];
}
