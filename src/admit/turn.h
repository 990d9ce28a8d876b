/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ADMIT_TURN_H
#define ADMIT_TURN_H

/*
 * turn - whose turn it is at a model that takes only so many requests at a time.
 *
 * A queue is of one model, for all workers of the process and over reloads.
 * While it has room nobody waits.  Then requests wait in lanes, one for each
 * tenant: turns go round the lanes, and inside a lane who came first goes
 * first.  So a tenant with one request waits for about one turn of each other
 * tenant, however many those have sent.  Who finds others waiting never goes
 * before them.
 *
 * A fiber waits until it has its turn, until its deadline or until it is
 * cancelled; in the last two cases it has no turn, and lost none for others.
 * The number of those who wait is bounded.  Taking and giving without a wait
 * are one atomic operation each; waiting takes the queue's lock.
 */

#include "core/err.h"
#include "core/must.h"
#include "core/unit.h"

struct fiber;
struct turns;
struct turn_queue;

/* All queues; NULL without memory. */
struct turns *turns_new(void);
void turns_free(struct turns *);	/* nobody waits or has a turn */

/* The queue of a model by its allowance_number(), made if there is none; NULL without memory. */
struct turn_queue *turns_queue(struct turns *, uint64_t number);

/* From now on so many have a turn at a time; 0: no limit.  Those of before keep theirs. */
void turn_allow(struct turn_queue *, uint32_t most);

/* Takes a turn if there is one and nobody waits for it. */
must_use bool turn_try(struct turn_queue *);

/* Would turn_try() find one now? */
bool turn_is_free(const struct turn_queue *);

/*
 * Waits for a turn, in the lane of a tenant.  ERR_DEADLINE, ERR_CANCELLED; ERR_OVERLOADED
 * when too many wait.  May suspend.
 */
must_use enum err turn_wait(struct turn_queue *, uint64_t tenant, struct fiber *, nanos deadline);

/* Gives a turn back: to who waits longest in the lane that is next. */
void turn_give(struct turn_queue *);

/* For metrics and tests: how many have a turn, and wait. */
uint32_t turn_taken(const struct turn_queue *);
uint32_t turn_waiting(const struct turn_queue *);

#endif
