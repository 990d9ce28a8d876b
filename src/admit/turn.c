/* SPDX-License-Identifier: Apache-2.0 */
#include "admit/turn.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "core/limit.h"
#include "run/fiber.h"
#include "run/lock.h"
#include "run/loop.h"

/* One that waits; on the stack of its fiber. */
struct waiter {
	struct letter	 letter;	/* must be first: tells it on its own loop */
	struct waiter	*newer, *older;	/* in its lane; guarded by the queue's lock */
	struct lane	*lane;		/* NULL: it was given a turn */
	struct fiber	*fiber;
	struct loop	*loop;
	bool		 told;		/* on the loop's thread */
};

/* Those of one tenant who wait; a free lane has none. */
struct lane {
	struct lane	*next, *before;	/* in the ring */
	struct waiter	*oldest, *newest;
};

struct turn_queue {
	struct turn_queue	*next;
	uint64_t		 number;
	_Atomic(uint32_t)	 most;		/* 0: no limit */
	_Atomic(uint32_t)	 taken;
	_Atomic(uint32_t)	 waiting;	/* changed under the lock */
	struct lock		 lock;
	struct lane		*turn;		/* the lane that is next; NULL: nobody waits */
	/* Tenants by themselves, so that a look for one meets few lines of the cache */
	uint64_t		 tenant[TURN_LANES];
	struct lane		 lane[TURN_LANES];
};

struct turns {
	struct lock		 lock;
	struct turn_queue	*queues;
};

struct turns *
turns_new(void)
{
	struct turns *t = calloc(1, sizeof *t);

	if (t != NULL)
		lock_init(&t->lock);
	return t;
}

void
turns_free(struct turns *t)
{
	if (t == NULL)
		return;
	while (t->queues != NULL) {
		struct turn_queue *next = t->queues->next;

		must(t->queues->turn == NULL && atomic_load(&t->queues->taken) == 0);
		lock_release(&t->queues->lock);
		free(t->queues);
		t->queues = next;
	}
	lock_release(&t->lock);
	free(t);
}

struct turn_queue *
turns_queue(struct turns *t, uint64_t number)
{
	struct turn_queue *q;

	lock_take(&t->lock);
	for (q = t->queues; q != NULL && q->number != number;)
		q = q->next;
	if (q == NULL && (q = calloc(1, sizeof *q)) != NULL) {
		lock_init(&q->lock);
		q->number = number;
		q->next = t->queues;
		t->queues = q;
	}
	lock_give(&t->lock);
	return q;
}

/* ---- turns ---- */

/* One more has a turn, if it is not one too many. */
static bool
take(struct turn_queue *q)
{
	uint32_t taken = atomic_load(&q->taken), most = atomic_load(&q->most);

	do {
		if (most > 0 && taken >= most)
			return false;
	} while (!atomic_compare_exchange_weak(&q->taken, &taken, taken + 1));
	return true;
}

bool
turn_is_free(const struct turn_queue *q)
{
	uint32_t most = atomic_load(&q->most);

	return atomic_load(&q->waiting) == 0 && (most == 0 || atomic_load(&q->taken) < most);
}

bool
turn_try(struct turn_queue *q)
{
	return atomic_load(&q->waiting) == 0 && take(q);
}

/* ---- lanes, under the lock ---- */

static struct lane *
lane_of(struct turn_queue *q, uint64_t tenant)
{
	struct lane *unused = NULL;

	for (unsigned i = 0; i < TURN_LANES; i++) {
		struct lane *lane = &q->lane[i];

		if (lane->oldest == NULL) {
			unused = unused == NULL ? lane : unused;
			continue;
		}
		if (q->tenant[i] == tenant)
			return lane;
	}
	if (unused != NULL)
		q->tenant[unused - q->lane] = tenant;
	return unused;
}

/* A new lane comes last: just before the one that is next. */
static void
ring_add(struct turn_queue *q, struct lane *lane)
{
	struct lane *next = q->turn == NULL ? lane : q->turn;

	lane->next = next;
	lane->before = q->turn == NULL ? lane : next->before;
	lane->before->next = lane;
	next->before = lane;
	q->turn = next;
}

static void
ring_remove(struct turn_queue *q, struct lane *lane)
{
	if (q->turn == lane)
		q->turn = lane->next == lane ? NULL : lane->next;
	lane->before->next = lane->next;
	lane->next->before = lane->before;
}

static void
lane_add(struct turn_queue *q, struct lane *lane, struct waiter *w)
{
	if (lane->oldest == NULL)
		ring_add(q, lane);
	w->lane = lane;
	w->older = lane->newest;
	w->newer = NULL;
	if (w->older != NULL)
		w->older->newer = w;
	else
		lane->oldest = w;
	lane->newest = w;
	atomic_fetch_add(&q->waiting, 1);
}

static void
lane_remove(struct turn_queue *q, struct waiter *w)
{
	struct lane *lane = w->lane;

	if (w->newer != NULL)
		w->newer->older = w->older;
	else
		lane->newest = w->older;
	if (w->older != NULL)
		w->older->newer = w->newer;
	else
		lane->oldest = w->newer;
	w->lane = NULL;
	if (lane->oldest == NULL)
		ring_remove(q, lane);
	atomic_fetch_sub(&q->waiting, 1);
}

/* Gives away as many turns as there are, round the lanes. */
static void
deal(struct turn_queue *q)
{
	while (q->turn != NULL && take(q)) {
		struct lane *lane = q->turn;
		struct waiter *w = lane->oldest;

		q->turn = lane->next;
		lane_remove(q, w);
		/* From here on it may be gone at any time. */
		loop_post(w->loop, &w->letter);
	}
}

void
turn_allow(struct turn_queue *q, uint32_t most)
{
	lock_take(&q->lock);
	atomic_store(&q->most, most);
	deal(q);
	lock_give(&q->lock);
}

/*
 * Who begins to wait is counted before it looks for a turn once more, and who
 * gives one back does so before it looks for those who wait: one of them sees
 * the other.
 */
void
turn_give(struct turn_queue *q)
{
	uint32_t before = atomic_fetch_sub(&q->taken, 1);

	must(before > 0);
	if (atomic_load(&q->waiting) == 0)
		return;
	lock_take(&q->lock);
	deal(q);
	lock_give(&q->lock);
}

/* ---- waiting ---- */

static void
tell(struct letter *letter, struct loop *loop)
{
	struct waiter *w = (struct waiter *)letter;

	(void)loop;
	w->told = true;
	fiber_wake(w->fiber);
}

static enum err
line_up(struct turn_queue *q, struct waiter *w, uint64_t tenant)
{
	struct lane *lane = NULL;

	lock_take(&q->lock);
	if (atomic_load(&q->waiting) < TURN_WAITING_MAX)
		lane = lane_of(q, tenant);
	if (lane != NULL) {
		lane_add(q, lane, w);
		deal(q);
	}
	lock_give(&q->lock);
	return lane != NULL ? ERR_OK : ERR_OVERLOADED;
}

/* Out of the line; false if it was given a turn already, and will be told. */
static bool
step_out(struct turn_queue *q, struct waiter *w)
{
	bool waits;

	lock_take(&q->lock);
	waits = w->lane != NULL;
	if (waits)
		lane_remove(q, w);
	lock_give(&q->lock);
	return waits;
}

enum err
turn_wait(struct turn_queue *q, uint64_t tenant, struct fiber *f, nanos deadline)
{
	struct waiter w = { .letter.open = tell, .fiber = f, .loop = fiber_loop(f) };
	enum err e = line_up(q, &w, tenant);

	if (e != ERR_OK)
		return e;
	while (!w.told && (e = fiber_park(f, deadline)) == ERR_OK)
		;
	if (w.told)
		return ERR_OK;
	if (step_out(q, &w))
		return e;
	/* Its turn and its end met: the letter is under way, and lies on this stack. */
	fiber_shield(f, true);
	while (!w.told)
		must(fiber_park(f, NANOS_NEVER) == ERR_OK);
	fiber_shield(f, false);
	turn_give(q);
	return e;
}

uint32_t
turn_taken(const struct turn_queue *q)
{
	return atomic_load(&q->taken);
}

uint32_t
turn_waiting(const struct turn_queue *q)
{
	return atomic_load(&q->waiting);
}
