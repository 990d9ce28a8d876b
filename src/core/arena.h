/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_ARENA_H
#define CORE_ARENA_H

/*
 * arena - memory that is given back all at once.
 *
 * An arena takes blocks from a `struct memory` (run/ has the pooled one, tests
 * have failing ones), hands out pieces by moving a pointer, and gives all of
 * them back in arena_reset() or arena_release().  Nothing is freed by hand.
 * It has a ceiling; an allocation past it, or one that memory refuses, returns
 * NULL and marks the arena for good (until reset), so that a step can build in
 * many small calls and ask arena_overflowed() once.  Under AddressSanitizer
 * the pieces are fenced.  Costs: an allocation is an addition and a compare.
 */

#include <stdbool.h>
#include <stddef.h>

#include "core/slice.h"

/*
 * Where blocks come from.  take() gives at least *bytes and says in *bytes how
 * many it gave, or returns NULL; give() takes a block back with that number.
 */
struct memory {
	void	*(*take)(struct memory *, size_t *bytes);
	void	 (*give)(struct memory *, void *block, size_t bytes);
};

struct arena_block;

struct arena {
	char			*ptr;		/* next free byte of the newest block */
	char			*end;
	struct arena_block	*newest;
	struct memory		*memory;
	size_t			 bytes;		/* taken from memory so far */
	size_t			 bytes_max;
	bool			 overflowed;
};

/* An empty arena; takes its first block on first use. */
void arena_init(struct arena *, struct memory *, size_t bytes_max);

/* Gives every block back; the arena is empty, usable and not overflowed. */
void arena_reset(struct arena *);

/* As reset; the arena must be initialised again before it is used. */
void arena_release(struct arena *);

/* `bytes` bytes, aligned for any object, not cleared; NULL when overflowed. */
void *arena_alloc(struct arena *, size_t bytes);

/* As arena_alloc, all zero. */
void *arena_zero(struct arena *, size_t bytes);

/* Bytes without alignment, for text. */
char *arena_bytes(struct arena *, size_t bytes);

/* A copy that lives as long as the arena; the empty slice when overflowed. */
struct slice arena_copy(struct arena *, struct slice);

static inline bool
arena_overflowed(const struct arena *a)
{
	return a->overflowed;
}

#endif
