/* SPDX-License-Identifier: Apache-2.0 */
#include "run/worker.h"

#include <signal.h>
#include <stdatomic.h>
#include <time.h>

#include "run/fiber.h"
#include "run/job.h"

#include "check.h"

#define WORKERS	4

struct plan {
	_Atomic(unsigned)	begun, ended, jobs, laps;
	_Atomic(unsigned)	failing;	/* the worker that cannot begin, plus 1 */
	pthread_t		thread[WORKERS];
	bool			blocked[WORKERS];	/* SIGTERM, there */
	_Atomic(bool)		owned;
	struct workers		*all;
};

static void
nap(void *arg)
{
	struct timespec t = { 0, 30000000 };
	struct plan *plan = arg;

	nanosleep(&t, NULL);
	plan->jobs++;
}

static void
slow(struct fiber *f, void *arg)
{
	(void)!job_run(f, nap, arg);
}

static void
busy(struct fiber *f, void *arg)
{
	struct plan *plan = arg;

	while (fiber_sleep(f, fiber_loop(f)->now + NANOS_PER_MS) == ERR_OK && plan->laps < 200)
		plan->laps++;
	workers_stop(plan->all);
	workers_stop(plan->all);
}

static enum err
begin(struct worker *w)
{
	struct plan *plan = w->owner;
	sigset_t mask;

	plan->thread[w->number] = pthread_self();
	pthread_sigmask(SIG_SETMASK, NULL, &mask);
	plan->blocked[w->number] = sigismember(&mask, SIGTERM) == 1;
	plan->owned = w->loop.owner == w;
	if (plan->failing == w->number + 1)
		return ERR_CONF;
	plan->begun++;
	if (plan->failing > 0)
		return ERR_OK;
	return fiber_start(&w->loop, "busy", busy, plan);
}

static void
end(struct worker *w)
{
	struct plan *plan = w->owner;

	plan->ended++;
	/* One that nobody can cancel; the worker waits for it. */
	must(fiber_start(&w->loop, "slow", slow, plan) == ERR_OK);
}

static enum err
run(struct plan *plan, unsigned count)
{
	struct workers all;
	enum err e;

	must(workers_open(&all, count) == ERR_OK);
	plan->all = &all;
	all.begin = begin;
	all.end = end;
	for (unsigned i = 0; i < count; i++)
		all.worker[i].owner = plan;
	e = workers_run(&all);
	workers_close(&all);
	return e;
}

int
main(void)
{
	struct plan one = { 0 }, four = { 0 }, failing = { .failing = 3 };
	bool apart = true, blocked = true;

	check_int(run(&one, 1), ERR_OK, "one worker runs until it is stopped");
	check(pthread_equal(one.thread[0], pthread_self()),
	    "on the thread that it was started from");
	check(one.owned, "its loop knows whose it is");
	check_int(one.jobs, 1, "the last fibers end before it does");

	check_int(run(&four, WORKERS), ERR_OK, "four workers run until one of them stops all");
	check(four.begun == WORKERS && four.ended == WORKERS, "each begins and ends once");
	check_int(four.jobs, WORKERS, "the last fibers of each end before it does");
	for (unsigned i = 1; i < WORKERS; i++) {
		for (unsigned j = 0; j < i; j++)
			apart = apart && !pthread_equal(four.thread[i], four.thread[j]);
		blocked = blocked && four.blocked[i];
	}
	check(apart, "each on a thread of its own");
	check(blocked && !four.blocked[0], "where no signal is delivered, but on the first");

	check_int(run(&failing, WORKERS), ERR_CONF, "one that cannot begin stops all others");
	check(failing.begun == WORKERS - 1 && failing.ended == WORKERS - 1,
	    "which end as they would have");
	return check_done();
}
