/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_SLICE_H
#define CORE_SLICE_H

/*
 * slice - bytes with a length.
 *
 * A slice never owns its bytes: they belong to an arena, a connection's buffer
 * or the program text, and the slice is valid for as long as its owner is.
 * It is two words and travels by value.  It is not NUL-terminated.  The empty
 * slice may have a NULL pointer; {NULL, 0} is also how "absent" is said where
 * a header speaks of presence.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct slice {
	const char	*ptr;
	size_t		 len;
};

#define S(literal)	((struct slice){ "" literal, sizeof(literal) - 1 })

static inline struct slice
slice_of(const char *ptr, size_t len)
{
	return (struct slice){ ptr, len };
}

/* Bytes [from, to) of s; from <= to <= s.len is the caller's promise. */
static inline struct slice
slice_cut(struct slice s, size_t from, size_t to)
{
	return (struct slice){ s.ptr + from, to - from };
}

static inline bool
slice_eq(struct slice a, struct slice b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

static inline bool
slice_starts(struct slice s, struct slice prefix)
{
	return s.len >= prefix.len && slice_eq(slice_of(s.ptr, prefix.len), prefix);
}

/* Equality under ASCII case folding, as RFC 9110 asks for field names. */
bool slice_same_word(struct slice a, struct slice b);

/* The offset of the first `needle` in s, or s.len when there is none. */
size_t slice_find(struct slice s, struct slice needle);

/* Reads a decimal number of 1 to 19 digits and nothing else; false otherwise. */
bool slice_number(struct slice s, uint64_t *out);

/* The slice without leading and trailing spaces and tabs (RFC 9110, OWS). */
struct slice slice_trim(struct slice s);

/*
 * The edit distance (insert, delete, replace, swap of neighbours) between two
 * words, for "did you mean"; words longer than 63 bytes count as far apart.
 */
unsigned slice_distance(struct slice a, struct slice b);

#endif
