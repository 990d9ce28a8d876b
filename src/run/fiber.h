/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUN_FIBER_H
#define RUN_FIBER_H

/*
 * fiber - a thread of control of its own stack, that yields by itself.
 *
 * A fiber is why a request reads top to bottom.  It is born on a loop, runs
 * only on that loop's thread, and dies there; its stack comes from a pool of
 * guarded stacks of the loop and goes back when its main function returns.
 * You cannot suspend without a fiber in your hand: every function that may
 * suspend takes one, or something that holds one.  After a suspension only the
 * fiber's own memory and referenced snapshots may be trusted.
 *
 * A parked fiber is woken by fiber_wake(), by its deadline, or by
 * fiber_cancel(); cancelling makes this and every later park return
 * ERR_CANCELLED at once, except while the fiber is shielded.  Costs: a switch
 * is 5 to 25 ns; a parked fiber holds the pages that its stack touched.
 */

#include "core/err.h"
#include "core/must.h"
#include "core/unit.h"

struct fiber;
struct loop;

typedef void fiber_main(struct fiber *, void *arg);

/*
 * Starts a fiber; it first runs in this turn of the loop, after the caller
 * parks or ends.  `name` is program text.  ERR_OVERLOADED without a stack.
 */
must_use enum err fiber_start(struct loop *, const char *name, fiber_main *, void *arg);

/*
 * Suspends until woken (ERR_OK), until the monotonic time `deadline`
 * (ERR_DEADLINE) or until cancelled (ERR_CANCELLED).  A wake that came before
 * the park is not lost: the park returns at once.
 */
must_use enum err fiber_park(struct fiber *, nanos deadline);

/* Lets every other ready fiber of the loop and new events run first.  May suspend. */
must_use enum err fiber_yield(struct fiber *);

/* Suspends until the time `until`; ERR_OK when it came.  May suspend. */
must_use enum err fiber_sleep(struct fiber *, nanos until);

/*
 * How often it has suspended so far.  While this stays the same, no other fiber and no event
 * of the loop had its turn: what nobody else may touch meanwhile is what it was.
 */
uint64_t fiber_suspensions(const struct fiber *);

/* Makes a parked fiber ready; only from the fiber's own loop. */
void fiber_wake(struct fiber *);

/* Cancels: see above.  Only from the fiber's own loop; once is enough. */
void fiber_cancel(struct fiber *);
bool fiber_is_cancelled(const struct fiber *);

/* While shielded, parks ignore the cancellation (settle and record run so). */
void fiber_shield(struct fiber *, bool on);

/* What the debug pages call it; program text, kept by pointer. */
void fiber_name(struct fiber *, const char *name);

struct loop *fiber_loop(const struct fiber *);

/* One line of /debug/fibers, for each living fiber of a loop. */
struct fiber_sight {
	const char	*name;
	uint64_t	 number;	/* since the loop began */
	nanos		 born;
	nanos		 deadline;	/* of the park it is in; NANOS_NEVER if none */
	size_t		 stack_bytes;	/* the most that it ever used, in whole pages */
	bool		 cancelled;
};
void fiber_each(struct loop *, void (*see)(void *ctx, const struct fiber_sight *), void *ctx);

#endif
