/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LEDGER_SUMS_H
#define LEDGER_SUMS_H

/*
 * sums - what a batch's entries add to the rollups.
 *
 * Each closing entry of a request adds its share (ledger/share.h), which came with it or
 * is read from its line; entries of other things, and lines that are no records,
 * count nothing.  Figures of the same hour and names are gathered first, so that a
 * batch of thousands writes a few dozen rows.  For one thread at a time.
 */

#include "core/arena.h"
#include "core/must.h"
#include "store/rollup.h"

struct sums {
	struct arena	 arena;		/* subjects and rows of the batch */
	struct arena	 work;		/* one line's tape */
	struct sums_row	**slot;		/* by hash; room is a power of two */
	size_t		 room, count;
	bool		 ready;
};

/* Counts a whole packed share; ERR_MEMORY. */
must_use enum err sums_add(struct sums *, struct slice packed);

/* The same, read from a line. */
must_use enum err sums_line(struct sums *, struct slice line);

/* Adds all of it to the store's rollups, and forgets it. */
must_use enum err sums_put(struct sums *, struct store *);

void sums_reset(struct sums *);
void sums_release(struct sums *);

#endif
