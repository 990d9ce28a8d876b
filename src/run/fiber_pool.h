/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUN_FIBER_POOL_H
#define RUN_FIBER_POOL_H

/*
 * fiber_pool - what a loop needs to know of fibers: their stacks, and how to
 * run those that are ready.  Only loop.c includes this.
 */

#include <stdbool.h>
#include <stddef.h>

struct fiber_pool;
struct loop;

/* NULL without memory. */
struct fiber_pool *fiber_pool_new(void);

/* No fiber may be alive. */
void fiber_pool_free(struct fiber_pool *);

/* Fibers that have begun and not ended. */
size_t fiber_pool_living(const struct fiber_pool *);

/* Runs every ready fiber, those that become ready meanwhile included. */
void fiber_run_ready(struct loop *);

/* Makes the fibers that yielded in the last turn ready; true if there are any. */
bool fiber_take_later(struct loop *);

#endif
