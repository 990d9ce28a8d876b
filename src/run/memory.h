/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUN_MEMORY_H
#define RUN_MEMORY_H

/*
 * memory - where arenas and buffers get their blocks, one pool a worker.
 *
 * Blocks of the two common sizes (4 KiB pieces of arenas, CLIENT_BUFFER_BYTES
 * buffers) are kept for reuse, a bounded number of them; other sizes come from
 * malloc and go back to it.  Only for the worker's own thread.  memory_fail_at
 * lets a test refuse the n-th block from now on.
 */

#include "core/arena.h"

struct memory_pool {
	struct memory	 memory;		/* give this to arena_init() */
	void		*small;			/* free blocks, linked through their first word */
	void		*large;
	size_t		 small_count, large_count;
	size_t		 bytes;			/* out with owners now */
	uint64_t	 fail_at;		/* refuse the n-th take from now and all later */
};

void memory_init(struct memory_pool *);
void memory_release(struct memory_pool *);

/* At least `bytes`; *got says how many.  NULL when refused. */
void *memory_take(struct memory_pool *, size_t bytes, size_t *got);
void memory_give(struct memory_pool *, void *, size_t bytes);

#endif
