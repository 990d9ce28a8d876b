/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/hold.h"

#include <pthread.h>
#include <sched.h>
#include <time.h>

#include "ledger/lot.h"

#include "check.h"
#include "random.h"

/*
 * The laws of holds, with 64 threads against three accounts of each request, and
 * with a thread that plays the disk: it takes work, remembers ceilings, and brings
 * them back, sometimes without having written them.  At every moment what was
 * spent and held is within the ceiling on disk, and that within the limit; at the
 * end what was spent is the sum of what was settled; and a budget for exactly N
 * holds serves N, neither more nor fewer.
 */

#define THREADS		64
#define AMOUNT		1000
#define ACCOUNTS	3

struct world {
	struct holds		 holds;
	struct budget		 budget[ACCOUNTS];
	const struct budget	*ask[ACCOUNTS];
	_Atomic(int64_t)	 disk[ACCOUNTS];	/* ceilings */
	_Atomic(int64_t)	 settled, served, refused;
	_Atomic(unsigned)	 broken;
	_Atomic(unsigned)	 seed;
	_Atomic(bool)		 done;
	bool			 exact;		/* what is settled is what was held */
	unsigned		 fails;		/* one write in so many; 0: none */
};

static void
world_init(struct world *w, bool durable, nano_usd limit)
{
	static const char *const name[ACCOUNTS] = { "tenant a", "team a/b", "key c" };

	memset(w, 0, sizeof *w);
	check_or_stop(holds_init(&w->holds, durable) == ERR_OK, "there is memory");
	for (unsigned i = 0; i < ACCOUNTS; i++) {
		w->budget[i] = (struct budget){
			.account = slice_of(name[i], strlen(name[i])),
			.hash = i,
			.limit = limit + (nano_usd)(i * 10 * AMOUNT),
			.per = PER_TOTAL,
		};
		w->ask[i] = &w->budget[i];
	}
}

/* An account is found by its hash, which is its index here. */
static void
look(struct world *w)
{
	for (unsigned i = 0; i < ACCOUNTS; i++) {
		struct hold_sight s = hold_look(&w->holds, &w->budget[i], 1);

		if (s.spent + s.held > s.ceiling)
			atomic_fetch_add(&w->broken, 1);
		if (s.spent + s.held > w->budget[i].limit)
			atomic_fetch_add(&w->broken, 1);
		if (w->holds.durable && s.ceiling > w->budget[i].limit)
			atomic_fetch_add(&w->broken, 1);
	}
}

/* A process that died now would be charged for at least what it has used. */
static void
look_at_disk(struct world *w, const struct hold *hold)
{
	lock_take(&w->holds.lock);
	for (unsigned i = 0; w->holds.durable && i < ACCOUNTS; i++)
		if (hold->lot[i]->spent + hold->lot[i]->held > atomic_load(&w->disk[i]))
			atomic_fetch_add(&w->broken, 1);
	lock_give(&w->holds.lock);
}

static bool
run_one(struct world *w, struct random *r)
{
	struct hold hold = { 0 };
	struct hold_ask ask = {
		.budget = w->ask, .count = ACCOUNTS, .wall = 1,
		.amount = w->exact ? AMOUNT : (nano_usd)random_below(r, 4 * AMOUNT),
	};
	struct hold_refusal why;
	enum hold_answer a;
	nano_usd actual;

	while ((a = hold_try(&w->holds, &hold, &ask, &why)) == HOLD_WAIT || a == HOLD_BUSY)
		sched_yield();
	if (a != HOLD_PLACED) {
		atomic_fetch_add(&w->refused, 1);
		/* Smaller ones may still fit. */
		return !w->exact && why.left >= AMOUNT;
	}
	look_at_disk(w, &hold);
	if (random_below(r, 8) == 0)
		look(w);
	if (random_below(r, 4) == 0)
		sched_yield();
	actual = w->exact ? hold.amount : (nano_usd)random_below(r, (size_t)hold.amount + 1);
	if (!hold_settle(&w->holds, &hold, actual))
		atomic_fetch_add(&w->broken, 1);
	hold_release(&w->holds, &hold);
	atomic_fetch_add(&w->settled, actual);
	atomic_fetch_add(&w->served, 1);
	return true;
}

static void *
spend(void *arg)
{
	struct world *w = arg;
	struct random r = { atomic_fetch_add(&w->seed, 1) };

	while (run_one(w, &r))
		;
	return NULL;
}

static void
write_disk(struct world *w, struct lot_work *work, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		uint64_t account = work[i].lot->account->hash;

		work[i].row = (int64_t)account + 1;
		atomic_store(&w->disk[account], work[i].ceiling);
	}
}

static void *
play_disk(void *arg)
{
	struct world *w = arg;
	struct random r = { 99 };
	struct lot_work work[8];
	nanos now = 0;

	while (!atomic_load(&w->done)) {
		uint32_t count = lot_take(&w->holds, work, COUNT_OF(work), now += NANOS_PER_MS);
		bool written = w->fails == 0 || random_below(&r, w->fails) > 0;

		if (written)
			write_disk(w, work, count);
		sched_yield();
		lot_done(&w->holds, work, count, written);
		if (random_below(&r, 16) == 0)
			(void)lot_idle(&w->holds, random_below(&r, 2) == 0);
	}
	/* Orderly: the ceilings are what was spent. */
	(void)lot_idle(&w->holds, true);
	for (uint32_t count; (count = lot_take(&w->holds, work, COUNT_OF(work), now)) > 0;) {
		write_disk(w, work, count);
		lot_done(&w->holds, work, count, true);
	}
	return NULL;
}

static void
run(struct world *w)
{
	pthread_t thread[THREADS], disk;

	for (unsigned i = 0; i < THREADS; i++)
		check_or_stop(pthread_create(&thread[i], NULL, spend, w) == 0, "a thread");
	check_or_stop(pthread_create(&disk, NULL, play_disk, w) == 0, "the disk");
	for (unsigned i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
	atomic_store(&w->done, true);
	pthread_join(disk, NULL);
}

static void
check_world(struct world *w, const char *why)
{
	struct hold_sight s = hold_look(&w->holds, &w->budget[0], 1);
	bool disk = true;

	check_int(w->broken, 0, "%s: spent and held are within ceiling and limit", why);
	check_int(s.spent, w->settled, "%s: what was spent is what was settled", why);
	check_int(s.held, 0, "%s: nothing is held at the end", why);
	for (unsigned i = 0; w->holds.durable && i < ACCOUNTS; i++)
		disk = disk && atomic_load(&w->disk[i]) == w->settled;
	check(disk, "%s: an orderly end leaves on disk what was spent", why);
	if (w->exact)
		check_int(w->served, s.spent / AMOUNT, "%s: each is charged once", why);
}

/* One thread, one hold at a time: what a request pays for its three accounts. */
static void
measure(void)
{
	struct world w;
	struct hold_ask ask = { .count = ACCOUNTS, .amount = AMOUNT, .wall = 1 };
	struct hold_refusal why;
	struct timespec from, to;
	const unsigned times = 200000;

	world_init(&w, false, INT64_MAX / 4);
	ask.budget = w.ask;
	clock_gettime(CLOCK_MONOTONIC, &from);
	for (unsigned i = 0; i < times; i++) {
		struct hold hold = { 0 };

		must(hold_try(&w.holds, &hold, &ask, &why) == HOLD_PLACED);
		must(hold_settle(&w.holds, &hold, AMOUNT));
		hold_release(&w.holds, &hold);
	}
	clock_gettime(CLOCK_MONOTONIC, &to);
	printf("# a hold on three accounts, settled and let go of: %lld ns\n",
	    (long long)((to.tv_sec - from.tv_sec) * NANOS_PER_S + to.tv_nsec - from.tv_nsec) /
	    times);
	holds_release(&w.holds);
}

static void
run_exact(bool durable, unsigned fails, const char *why)
{
	struct world w;

	world_init(&w, durable, 1000 * AMOUNT);
	w.exact = true;
	w.fails = fails;
	run(&w);
	check_world(&w, why);
	check_int(w.served, 1000, "%s: a budget for 1,000 serves 1,000", why);
	holds_release(&w.holds);
}

static void
run_larger(bool durable, unsigned fails, const char *why)
{
	struct world w;

	world_init(&w, durable, 5000 * AMOUNT);
	w.fails = fails;
	run(&w);
	check_world(&w, why);
	check(w.settled > 5000 * AMOUNT - 4 * AMOUNT, "%s: less than one hold is left", why);
	holds_release(&w.holds);
}

int
main(void)
{
	measure();
	for (unsigned i = 0; i < 5; i++) {
		run_exact(false, 0, "in memory");
		run_exact(true, 0, "on disk");
		run_exact(true, 3, "on a disk that fails");
		run_larger(false, 0, "holds above the cost, in memory");
		run_larger(true, 0, "holds above the cost, on disk");
		run_larger(true, 3, "holds above the cost, on a disk that fails");
	}
	return check_done();
}
