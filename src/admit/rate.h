/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ADMIT_RATE_H
#define ADMIT_RATE_H

/*
 * rate - what every subject has used of late, for all workers of the process.
 *
 * A cell is one subject's state: an arrival time (admit/gcra) for each of its
 * rates, and how many requests hold it.  Whoever wants to take from a cell
 * enters it first and leaves it when his request has ended, so that holding is
 * also what is counted of requests at a time.  Cells are found by the subject's
 * number, so a reload forgets nothing and nobody has to make them known.
 *
 * Memory is fixed: sets of eight cells, made once.  A cell that nobody holds
 * and that owes nothing is as good as one that never was, so it is given to the
 * next subject that needs one.  Where all eight owe something, the one that
 * owes least is forgotten, and that is counted; with half a million cells it
 * takes some hundred thousand subjects that all wait at the same time.
 *
 * Entering and taking are a few atomic operations without a lock; only a
 * subject that has no cell takes a lock to get one.  Nothing here suspends.
 */

#include <stdatomic.h>

#include "admit/allowance.h"
#include "core/must.h"

struct rates;

/* A cell that was entered; {NULL} is none. */
struct rate_cell {
	_Atomic(uint64_t)	*word;
	_Atomic(uint64_t)	*arrival;	/* [RATE_COUNT] */
};

enum rate_entry {
	RATE_ENTERED,
	RATE_FULL,		/* as many requests hold it as may */
	RATE_CROWDED,		/* all cells of its set are held by others */
};

/* NULL without memory. */
struct rates *rates_new(nanos now);
void rates_free(struct rates *);

/* The time of the monotonic clock in ticks of these rates; the other functions take it so. */
uint64_t rates_ticks(const struct rates *, nanos now);

/* Subjects that were forgotten although they owed something, since the last call of this. */
uint64_t rates_forgotten(struct rates *);

/* Enters the cell of a subject, as one of at most `most` (0: no limit). */
must_use enum rate_entry rate_enter(struct rates *, uint64_t number, uint32_t most, uint64_t now,
    struct rate_cell *out);
void rate_leave(struct rate_cell *);

/* The arrival times of a subject without entering it; 0 where it has no cell. */
void rate_peek(const struct rates *, uint64_t number, uint64_t arrival[static RATE_COUNT]);

/* How many requests hold it. */
uint32_t rate_held(const struct rate_cell *);

/* Takes so many units, if they conform; the answer's arrival is then in the cell. */
struct gcra_answer rate_take(struct rate_cell *, const struct gcra *, enum dimension,
    uint64_t units, uint64_t now);

/* What was taken as `before` turned out to be `after`. */
void rate_correct(struct rate_cell *, const struct gcra *, enum dimension, uint64_t now,
    const uint64_t before_after[static 2]);

/* The arrival time of a dimension, for gcra_left() and gcra_ahead(). */
uint64_t rate_arrival(const struct rate_cell *, enum dimension);

#endif
