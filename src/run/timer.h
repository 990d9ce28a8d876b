/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUN_TIMER_H
#define RUN_TIMER_H

/*
 * timer - a function at a time, in a heap that its owners are linked into.
 *
 * The timer lives in its owner; the heap holds pointers.  Setting and clearing
 * cost O(log n).  Who moves a deadline often leaves the timer where it is and
 * looks at the real deadline when it fires: early is cheap, late is a bug.
 */

#include "core/err.h"
#include "core/must.h"
#include "core/unit.h"

struct timer {
	nanos	 at;
	size_t	 place;			/* in the heap, from 1; 0: not set */
	void	(*fire)(struct timer *, nanos now);
};

struct timers {
	struct timer	**heap;		/* heap[0] is not used */
	size_t		  count;
	size_t		  room;
};

/* Frees the heap; the timers are their owners'. */
void timers_release(struct timers *);

/* Sets or moves.  ERR_MEMORY leaves it as it was. */
must_use enum err timer_set(struct timers *, struct timer *, nanos at);
void timer_clear(struct timers *, struct timer *);

/* The time of the first one, or NANOS_NEVER. */
nanos timers_next(const struct timers *);

/* Fires everything that is due; a fired timer is no longer set and may set itself again. */
void timers_fire(struct timers *, nanos now);

#endif
