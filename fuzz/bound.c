/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bound - any bytes as a pattern, and how large it is.
 *
 * What is wrong stands within the pattern; what is not has no more places than there may
 * be.  A group is as large as what is in it, a repeat of it as many times as large, and
 * one behind the other is both, unless that is too large.
 */
#include "regex/bound.h"

#include "core/limit.h"

#include "fuzz.h"

static struct bound
bound_around(const char *before, struct slice p, const char *behind, struct slice q)
{
	size_t len = strlen(before) + p.len + strlen(behind) + q.len;
	char *room = malloc(len + 1), *to = room;
	struct bound b;

	FUZZ_CHECK(room != NULL);
	for (const char *c = before; *c != '\0'; c++)
		*to++ = *c;
	if (p.len > 0)
		memcpy(to, p.ptr, p.len);
	to += p.len;
	for (const char *c = behind; *c != '\0'; c++)
		*to++ = *c;
	if (q.len > 0)
		memcpy(to, q.ptr, q.len);
	b = bound_of(slice_of(room, len));
	free(room);
	return b;
}

/* So many places, or a complaint; that alone where there are too many. */
static void
check_places(struct bound b, uint64_t places, size_t len)
{
	FUZZ_CHECK(b.why != NULL ? places > PATTERN_PLACES_MAX || len > PATTERN_BYTES_MAX
	    : b.places == places);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice p = fuzz_exact(slice_of((const char *)data, size));
	struct bound b = bound_of(p);

	FUZZ_CHECK(b.at <= size);
	FUZZ_CHECK(b.why != NULL || (b.places <= PATTERN_PLACES_MAX && size > 0 &&
	    size <= PATTERN_BYTES_MAX));
	/* What begins with a repeat, or within a character, takes it from what stands before. */
	if (b.why == NULL && memchr("?*+{", *p.ptr, 4) == NULL &&
	    ((unsigned char)*p.ptr & 0xc0) != 0x80) {
		uint64_t group = b.places > 0 ? b.places : 1;

		check_places(bound_around("(", p, ")", slice_of(NULL, 0)), group, size + 2);
		check_places(bound_around("(", p, "){7}", slice_of(NULL, 0)), 7 * group, size + 5);
		check_places(bound_around("(", p, "){2,5}+x", slice_of(NULL, 0)), 5 * group + 1,
		    size + 9);
		check_places(bound_around("x", p, "|y", p), 2 * (uint64_t)b.places + 2,
		    2 * size + 3);
	}
	free((char *)p.ptr);
	return 0;
}
