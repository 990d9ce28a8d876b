/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUN_LOOP_H
#define RUN_LOOP_H

/*
 * loop - one thread's turn-taking: events, fibers, timers, letters.
 *
 * A turn waits for events, marks the sockets that they are about, runs every
 * fiber that became ready, fires the timers that are due, and begins again.
 * While events are dispatched nothing is freed and no fiber runs, so that no
 * event of the same batch can meet a dead socket.  loop.now is read once a
 * turn.  Other threads reach a loop by loop_post() alone.
 */

#include <pthread.h>

#include "core/err.h"
#include "core/limit.h"
#include "core/must.h"
#include "run/kernel.h"
#include "run/timer.h"

struct fiber;
struct fiber_pool;
struct loop;
struct jobs;
struct sock;

/* A function that runs on a loop's thread, between turns; the sender owns it until it ran. */
struct letter {
	struct letter	*next;
	void		(*open)(struct letter *, struct loop *);
};

struct loop {
	int			 poll;
	int			 bell;
	nanos			 now;		/* monotonic, as of this turn */
	uint64_t		 turn;
	struct fiber		*ready_head;
	struct fiber		**ready_tail;
	struct fiber_pool	*fibers;
	struct timers		 timers;
	struct jobs		*jobs;		/* NULL: jobs run at once, in place */
	void			*owner;		/* the worker, for those above */
	bool			 stopping;
	bool			 wide;		/* the machine has what core/wide.h needs */

	pthread_mutex_t		 letters_lock;
	struct letter		*letters;	/* newest first; guarded by the lock */

	struct kernel_event	 event[LOOP_EVENTS_MAX];

	char			 gather[4096];	/* where small writes are put together; volatile */
	/* Where each turn is told (run/pulse.h); NULL: nowhere */
	_Atomic(uint64_t)	*beat;
	/* Turns of a fiber longer than FIBER_SLICE_MS_MAX */
	uint64_t		 slow_turns;
};

/* ERR_IO when the operating system refuses; nothing is left open then. */
must_use enum err loop_open(struct loop *, struct jobs *);

/* Every fiber must have ended. */
void loop_close(struct loop *);

/* Turns until loop_stop(). */
void loop_run(struct loop *);

/* One turn; waits at most until `until`. */
void loop_turn(struct loop *, nanos until);

/* Ends loop_run() after this turn. */
void loop_stop(struct loop *);

/* From any thread. */
void loop_post(struct loop *, struct letter *);

#endif
