/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUN_STACK_H
#define RUN_STACK_H

/*
 * stack - guarded memory for fibers to run on, in slabs.
 *
 * A slab is one mapping of many stacks of FIBER_STACK_BYTES; the lowest page
 * of each is a guard that faults.  Guards are made with MADV_GUARD_INSTALL
 * (Linux 6.13), which keeps the slab one mapping, else with mprotect(), which
 * makes two of each stack and so bounds them by vm.max_map_count.  Only
 * touched pages are resident.  Nothing is unmapped before the slab is freed.
 */

#include <stdbool.h>
#include <stddef.h>

#include "core/must.h"

struct stack_slab {
	struct stack_slab	*next;
	char			*base;
	size_t			 count;		/* stacks in it */
	size_t			 used;		/* of these; its owner counts */
	bool			 doomed;	/* about to be given back */
};

/* Maps a slab of `count` stacks; NULL when the operating system refuses. */
must_use struct stack_slab *stack_slab_new(size_t count);
void stack_slab_free(struct stack_slab *);

/* The lowest usable byte of the i-th stack, above its guard, and the usable size. */
char *stack_low(const struct stack_slab *, size_t i);
size_t stack_bytes(void);

/* How many bytes from the top were ever touched, in whole pages. */
size_t stack_touched(const char *low);

#endif
