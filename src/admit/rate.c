/* SPDX-License-Identifier: Apache-2.0 */
#include "admit/rate.h"

#include <stdlib.h>

#include "core/limit.h"
#include "run/lock.h"

#define WAYS		8
#define SETS		(RATE_CELLS / WAYS)
#define LOCKS		64

/*
 * A cell's word: whose it is and how many hold it, so that one operation asks
 * the first and changes the second.  Which set it is in stands for 16 more bits
 * of the subject's number.
 *
 *	63          24 23        22       0
 *	+-------------+---------+----------+
 *	| tag         | claimed | holders  |
 *	+-------------+---------+----------+
 */
#define HOLDERS		((UINT64_C(1) << 23) - 1)
#define CLAIMED		(UINT64_C(1) << 23)
#define TAG(number)	((number) & ~(CLAIMED | HOLDERS))
#define SET(number)	((number) % SETS)

_Static_assert((SETS & (SETS - 1)) == 0 && SETS <= HOLDERS + 1, "tag and set differ");
_Static_assert(HOLDERS > (uint64_t)FIBER_MAX * WORKER_MAX, "every request may hold the same cell");

/* The words lie together: a look for a subject meets one line of the cache. */
struct set {
	_Alignas(64) _Atomic(uint64_t)	word[WAYS];	/* 0: never used */
	_Atomic(uint64_t)		arrival[WAYS][RATE_COUNT];
};

struct rates {
	nanos			epoch;
	struct set		*set;
	void			*memory;	/* in which the sets lie, aligned */
	_Atomic(uint64_t)	forgotten;
	struct lock		lock[LOCKS];	/* of whoever gives a set's cells to others */
};

struct rates *
rates_new(nanos now)
{
	struct rates *r = calloc(1, sizeof *r);
	/* Not aligned_alloc(): pages of zeros that nobody has touched cost nothing. */
	void *memory = calloc(SETS + 1, sizeof(struct set));

	if (r == NULL || memory == NULL) {
		free(r);
		free(memory);
		return NULL;
	}
	r->epoch = now;
	r->memory = memory;
	r->set = (struct set *)(((uintptr_t)memory + _Alignof(struct set) - 1) &
	    ~(uintptr_t)(_Alignof(struct set) - 1));
	for (int i = 0; i < LOCKS; i++)
		lock_init(&r->lock[i]);
	return r;
}

void
rates_free(struct rates *r)
{
	if (r == NULL)
		return;
	for (int i = 0; i < LOCKS; i++)
		lock_release(&r->lock[i]);
	free(r->memory);
	free(r);
}

uint64_t
rates_ticks(const struct rates *r, nanos now)
{
	return (uint64_t)(now - r->epoch) * GCRA_TICKS_PER_NS;
}

uint64_t
rates_forgotten(struct rates *r)
{
	return atomic_exchange_explicit(&r->forgotten, 0, memory_order_relaxed);
}

/* The tag of no subject is 0, which is the word of a cell that never was used. */
static uint64_t
tag_of(uint64_t number)
{
	return TAG(number) != 0 ? TAG(number) : CLAIMED << 1;
}

enum try { TRY_ENTERED, TRY_FULL, TRY_CLAIMED, TRY_OTHER };

/* Enters one cell, if it is the subject's. */
static enum try
try_enter(_Atomic(uint64_t) *word, uint64_t tag, uint32_t most)
{
	uint64_t now = atomic_load_explicit(word, memory_order_acquire);

	do {
		if (TAG(now) != tag)
			return TRY_OTHER;
		if ((now & CLAIMED) != 0)
			return TRY_CLAIMED;
		if (most > 0 && (now & HOLDERS) >= most)
			return TRY_FULL;
	} while (!atomic_compare_exchange_weak_explicit(word, &now, now + 1,
	    memory_order_acquire, memory_order_acquire));
	return TRY_ENTERED;
}

static enum try
find(struct set *set, uint64_t tag, uint32_t most, struct rate_cell *out)
{
	for (unsigned i = 0; i < WAYS; i++) {
		enum try t = try_enter(&set->word[i], tag, most);

		if (t == TRY_OTHER)
			continue;
		if (t == TRY_ENTERED)
			*out = (struct rate_cell){ &set->word[i], set->arrival[i] };
		return t;
	}
	return TRY_OTHER;
}

/* The most that it owes in any dimension, in ticks. */
static int64_t
owes(const struct set *set, unsigned way, uint64_t now)
{
	int64_t most = 0;

	for (unsigned d = 0; d < RATE_COUNT; d++) {
		int64_t ahead = (int64_t)(atomic_load_explicit(&set->arrival[way][d],
		    memory_order_relaxed) - now);

		most = ahead > most ? ahead : most;
	}
	return most;
}

/*
 * Claims the cell that nobody holds and that owes least.  Once it is claimed
 * nobody can enter it, so what it owes does not change any more.
 */
static bool
claim(struct set *set, uint64_t now, unsigned *way, int64_t *owed)
{
	for (;;) {
		int64_t least = INT64_MAX;
		uint64_t word;

		for (unsigned i = 0; i < WAYS && least > 0; i++) {
			int64_t debt = owes(set, i, now);

			word = atomic_load_explicit(&set->word[i], memory_order_acquire);
			if ((word & HOLDERS) != 0 || debt >= least)
				continue;
			least = debt;
			*way = i;
		}
		if (least == INT64_MAX)
			return false;
		word = atomic_load_explicit(&set->word[*way], memory_order_relaxed);
		if ((word & HOLDERS) == 0 && atomic_compare_exchange_strong_explicit(
		    &set->word[*way], &word, word | CLAIMED, memory_order_acquire,
		    memory_order_relaxed)) {
			*owed = owes(set, *way, now);
			if (*owed <= least)
				return true;
			/* Somebody came and went in between. */
			atomic_store_explicit(&set->word[*way], word, memory_order_release);
		}
	}
}

/* Under the lock: a subject that has no cell gets one. */
static enum rate_entry
give(struct rates *r, struct set *set, uint64_t tag, uint64_t now, struct rate_cell *out)
{
	unsigned way = 0;
	int64_t owed = 0;

	if (!claim(set, now, &way, &owed))
		return RATE_CROWDED;
	if (owed > 0) {
		atomic_fetch_add_explicit(&r->forgotten, 1, memory_order_relaxed);
		for (unsigned d = 0; d < RATE_COUNT; d++)
			atomic_store_explicit(&set->arrival[way][d], now, memory_order_relaxed);
	}
	atomic_store_explicit(&set->word[way], tag | 1, memory_order_release);
	*out = (struct rate_cell){ &set->word[way], set->arrival[way] };
	return RATE_ENTERED;
}

enum rate_entry
rate_enter(struct rates *r, uint64_t number, uint32_t most, uint64_t now, struct rate_cell *out)
{
	struct set *set = &r->set[SET(number)];
	uint64_t tag = tag_of(number);
	struct lock *lock = &r->lock[SET(number) % LOCKS];
	enum try t = find(set, tag, most, out);
	enum rate_entry entry;

	if (t == TRY_ENTERED || t == TRY_FULL)
		return t == TRY_ENTERED ? RATE_ENTERED : RATE_FULL;
	lock_take(lock);
	/* Claims are made under this lock, so none is to be seen now. */
	t = find(set, tag, most, out);
	must(t != TRY_CLAIMED);
	entry = t == TRY_FULL ? RATE_FULL : RATE_ENTERED;
	if (t == TRY_OTHER)
		entry = give(r, set, tag, now, out);
	lock_give(lock);
	return entry;
}

/* What it sees may be of a moment ago; whoever takes is asked again. */
void
rate_peek(const struct rates *r, uint64_t number, uint64_t arrival[static RATE_COUNT])
{
	const struct set *set = &r->set[SET(number)];
	uint64_t tag = tag_of(number);

	memset(arrival, 0, RATE_COUNT * sizeof *arrival);
	for (unsigned i = 0; i < WAYS; i++) {
		if (TAG(atomic_load_explicit(&set->word[i], memory_order_relaxed)) != tag)
			continue;
		for (unsigned d = 0; d < RATE_COUNT; d++)
			arrival[d] = atomic_load_explicit(&set->arrival[i][d],
			    memory_order_relaxed);
		return;
	}
}

void
rate_leave(struct rate_cell *c)
{
	uint64_t before = atomic_fetch_sub_explicit(c->word, 1, memory_order_release);

	must((before & HOLDERS) > 0);
	*c = (struct rate_cell){ NULL, NULL };
}

uint32_t
rate_held(const struct rate_cell *c)
{
	return (uint32_t)(atomic_load_explicit(c->word, memory_order_relaxed) & HOLDERS);
}

struct gcra_answer
rate_take(struct rate_cell *c, const struct gcra *g, enum dimension dimension, uint64_t units,
    uint64_t now)
{
	_Atomic(uint64_t) *arrival = &c->arrival[dimension];
	uint64_t before = atomic_load_explicit(arrival, memory_order_relaxed);
	int64_t cost = gcra_cost(g, units);
	struct gcra_answer a;

	do {
		a = gcra_take(g, before, now, cost);
		/* Refused: there is nothing to keep, but where a clock went far back. */
		if (!a.conforms && (int64_t)(before - a.arrival) <= 0)
			return a;
	} while (!atomic_compare_exchange_weak_explicit(arrival, &before, a.arrival,
	    memory_order_relaxed, memory_order_relaxed));
	return a;
}

void
rate_correct(struct rate_cell *c, const struct gcra *g, enum dimension dimension, uint64_t now,
    const uint64_t before_after[static 2])
{
	_Atomic(uint64_t) *arrival = &c->arrival[dimension];
	uint64_t before = atomic_load_explicit(arrival, memory_order_relaxed);
	int64_t more;

	if (before_after[0] == before_after[1])
		return;
	more = gcra_cost(g, before_after[1]) - gcra_cost(g, before_after[0]);
	while (!atomic_compare_exchange_weak_explicit(arrival, &before,
	    gcra_correct(g, before, now, more), memory_order_relaxed, memory_order_relaxed))
		;
}

uint64_t
rate_arrival(const struct rate_cell *c, enum dimension dimension)
{
	return atomic_load_explicit(&c->arrival[dimension], memory_order_relaxed);
}
