/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIM_HEAP_H
#define SIM_HEAP_H

/*
 * heap - malloc and its kin, counted, and refused on demand.
 *
 * The simulator is linked with --wrap, so that every allocation of the program
 * under test comes here first; libraries keep their own.  What the simulator
 * needs for itself it takes from the real ones.
 */

#include <stddef.h>
#include <stdint.h>

struct heap_account {
	uint64_t	taken;		/* allocations so far */
	int64_t		living;		/* of these, not given back */
	uint64_t	fail_at;	/* 0: never; n: refuse the n-th from now, once */
	uint64_t	failed;
};

struct heap_account *heap_account(void);

void *heap_real_calloc(size_t count, size_t bytes);
void *heap_real_realloc(void *, size_t bytes);
void heap_real_free(void *);

#endif
