/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUN_HEAP_H
#define RUN_HEAP_H

/*
 * heap - blocks of malloc for what lives as long as a configuration.
 *
 * A snapshot outlives the worker that let it go last, so its memory cannot come
 * from a worker's pool.  Blocks are wiped when they are given back, because
 * they may have held secrets.  There is one heap, it has no state, and any
 * thread may use it.
 */

#include "core/arena.h"

/* What arena_init() wants; never freed. */
struct memory *heap_memory(void);

#endif
