/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUN_MEMORY_H
#define RUN_MEMORY_H

/*
 * memory - where arenas and buffers get their blocks, one pool a worker.
 *
 * Blocks come in sizes of 4 KiB, twice that, and so on up to 64 KiB; a wish is
 * rounded up to one of them, and free blocks are kept for reuse, up to
 * MEMORY_KEPT_BYTES in all.  Larger wishes come from malloc and go back to it.
 * Only for the worker's own thread.  fail_at lets a test refuse the n-th block
 * from now on.
 */

#include "core/arena.h"

#define MEMORY_SIZES	5			/* 4 KiB << 0 … 4 */

struct memory_pool {
	struct memory	 memory;		/* give this to arena_init() */
	/* Free blocks by size, linked through their first word */
	void		*kept[MEMORY_SIZES];
	size_t		 kept_bytes;
	size_t		 bytes;			/* out with owners now */
	size_t		 freed;			/* to the C library, since memory_trim() */
	uint64_t	 fail_at;		/* refuse the n-th take from now and all later */
};

void memory_init(struct memory_pool *);
void memory_release(struct memory_pool *);

/* At least `bytes`; *got says how many.  NULL when refused. */
void *memory_take(struct memory_pool *, size_t bytes, size_t *got);
void memory_give(struct memory_pool *, void *, size_t bytes);

/* Now and then: lets the C library return what it was given back, if that was much. */
void memory_trim(struct memory_pool *);

#endif
