/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

/*
 * fuzz - what every fuzzer needs: a check, memory, and where to cut.
 *
 * FUZZ_CHECK() ends the run when a property does not hold; a sanitizer does so
 * for a step outside.  Arenas get blocks of exactly the size they ask for.
 */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/arena.h"
#include "core/must.h"

#define FUZZ_CHECK(x)							\
	((x) ? (void)0 : must_fail("property: " #x, __FILE__, __LINE__))

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The program's own must_fail(), where it is linked, comes before this one. */
__attribute__((weak)) _Noreturn void
must_fail(const char *condition, const char *file, int line)
{
	fprintf(stderr, "%s at %s:%d\n", condition, file, line);
	abort();
}

static void *
fuzz_take(struct memory *m, size_t *bytes)
{
	void *block = malloc(*bytes);

	(void)m;
	if (block == NULL)
		abort();
	return block;
}

static void
fuzz_give(struct memory *m, void *block, size_t bytes)
{
	(void)m;
	(void)bytes;
	free(block);
}

__attribute__((unused)) static void
fuzz_arena(struct arena *a)
{
	static struct memory memory = { fuzz_take, fuzz_give };

	arena_init(a, &memory, (size_t)256 << 20);
}

/* A copy in a block of exactly its size. */
__attribute__((unused)) static struct slice
fuzz_exact(struct slice s)
{
	char *copy = malloc(s.len > 0 ? s.len : 1);

	if (copy == NULL)
		abort();
	if (s.len > 0)
		memcpy(copy, s.ptr, s.len);
	return slice_of(copy, s.len);
}

/* Is the slice within the whole, or absent, or empty? */
__attribute__((unused)) static bool
fuzz_inside(struct slice s, struct slice whole)
{
	return s.len == 0 || (s.ptr >= whole.ptr && s.ptr + s.len <= whole.ptr + whole.len);
}

#endif
