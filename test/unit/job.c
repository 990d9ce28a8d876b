/* SPDX-License-Identifier: Apache-2.0 */
#include "run/job.h"

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "core/limit.h"
#include "run/fiber.h"
#include "run/loop.h"

#include "check.h"

struct task {
	struct scene	*scene;
	struct fiber	*fiber;
	pthread_t	 ran_on;
	_Atomic(int)	 runs;
	int		 ms;		/* that it takes; -1: until the scene lets it go */
	bool		 asked, over;
	bool		 shielded;	/* the fiber is, before it asks */
	bool		 cancel_first;	/* the fiber cancels itself, before it asks */
	enum err	 outcome;
	enum err	 later;		/* of a park after the job */
};

struct scene {
	struct loop	 loop;
	struct jobs	*jobs;
	unsigned	 running;
	_Atomic(int)	 at_once, most;
	_Atomic(bool)	 let_go;
};

static void
work(void *arg)
{
	struct task *t = arg;
	struct timespec nap = { 0, t->ms * 1000000L };
	int now = ++t->scene->at_once;

	if (now > t->scene->most)
		t->scene->most = now;
	if (t->ms >= 0)
		nanosleep(&nap, NULL);
	while (t->ms < 0 && !t->scene->let_go)
		sched_yield();
	t->scene->at_once--;
	t->ran_on = pthread_self();
	t->runs++;
}

static void
ask(struct fiber *f, void *arg)
{
	struct task *t = arg;

	t->fiber = f;
	t->asked = true;
	if (t->cancel_first)
		fiber_cancel(f);
	if (t->shielded)
		fiber_shield(f, true);
	t->outcome = job_run(f, work, t);
	t->later = fiber_park(f, t->scene->loop.now + NANOS_PER_MS);
	t->over = true;
	t->scene->running--;
}

static void
scene_open(struct scene *s, unsigned threads)
{
	*s = (struct scene){ 0 };
	if (threads > 0)
		must(jobs_open(&s->jobs, threads) == ERR_OK);
	must(loop_open(&s->loop, s->jobs) == ERR_OK);
}

static void
scene_close(struct scene *s)
{
	loop_close(&s->loop);
	jobs_close(s->jobs);
}

static void
begin(struct scene *s, struct task *t)
{
	t->scene = s;
	s->running++;
	must(fiber_start(&s->loop, "asker", ask, t) == ERR_OK);
}

static void
turn_until(struct scene *s, const bool *flag)
{
	nanos end = kernel_now() + 10 * NANOS_PER_S;

	while (!*flag && kernel_now() < end)
		loop_turn(&s->loop, s->loop.now + NANOS_PER_MS);
	if (!*flag)
		check_or_stop(false, "what is waited for happens");
}

static void
check_threads(void)
{
	struct task t[6] = { 0 };
	struct scene s;
	bool elsewhere = true, once = true;

	scene_open(&s, 2);
	for (size_t i = 0; i < COUNT_OF(t); i++) {
		t[i].ms = 20;
		begin(&s, &t[i]);
	}
	for (size_t i = 0; i < COUNT_OF(t); i++)
		turn_until(&s, &t[i].over);
	for (size_t i = 0; i < COUNT_OF(t); i++) {
		elsewhere = elsewhere && !pthread_equal(t[i].ran_on, pthread_self());
		once = once && t[i].runs == 1 && t[i].outcome == ERR_OK;
	}
	check(elsewhere, "jobs run on threads of their own");
	check(once, "each once, and its asker goes on after it");
	check_int(s.most, 2, "as many at once as there are threads");
	scene_close(&s);
}

static void
check_cancel(void)
{
	struct task t = { .ms = 50 }, first = { .cancel_first = true };
	struct task shielded = { .ms = 50, .shielded = true };
	struct scene s;

	scene_open(&s, 1);
	begin(&s, &t);
	turn_until(&s, &t.asked);
	fiber_cancel(t.fiber);
	loop_turn(&s.loop, s.loop.now + 5 * NANOS_PER_MS);
	check(!t.over && t.runs == 0, "a cancelled fiber waits for its job all the same");
	turn_until(&s, &t.over);
	check(t.outcome == ERR_OK && t.runs == 1, "and has its outcome");
	check_int(t.later, ERR_CANCELLED, "but its next park is cancelled");

	begin(&s, &first);
	turn_until(&s, &first.over);
	check(first.outcome == ERR_OK && first.runs == 1,
	    "a fiber that was cancelled before may ask");
	check_int(first.later, ERR_CANCELLED, "and stays cancelled");

	begin(&s, &shielded);
	turn_until(&s, &shielded.asked);
	fiber_cancel(shielded.fiber);
	turn_until(&s, &shielded.over);
	check_int(shielded.later, ERR_DEADLINE,
	    "a fiber that was shielded before is shielded after");
	scene_close(&s);
}

static void
check_full(void)
{
	static struct task t[JOB_QUEUE_MAX + 10];
	struct scene s;
	unsigned refused = 0, done = 0;

	scene_open(&s, 1);
	t[0].ms = -1;
	for (size_t i = 0; i < COUNT_OF(t); i++)
		begin(&s, &t[i]);
	loop_turn(&s.loop, s.loop.now);
	s.let_go = true;
	for (size_t i = 0; i < COUNT_OF(t); i++)
		turn_until(&s, &t[i].over);
	for (size_t i = 0; i < COUNT_OF(t); i++) {
		refused += t[i].outcome == ERR_OVERLOADED && t[i].runs == 0;
		done += t[i].outcome == ERR_OK && t[i].runs == 1;
	}
	/* The thread may have taken the first one out before the queue was full. */
	check(refused == 9 || refused == 10, "what the queue cannot hold is refused (%u)", refused);
	check_int(refused + done, COUNT_OF(t), "and the rest is done");
	scene_close(&s);
}

static void
check_inline(void)
{
	struct task t = { 0 };
	struct scene s;

	scene_open(&s, 0);
	begin(&s, &t);
	turn_until(&s, &t.over);
	check(t.runs == 1 && pthread_equal(t.ran_on, pthread_self()),
	    "a loop without threads runs its jobs in place");
	scene_close(&s);
}

int
main(void)
{
	check_threads();
	check_cancel();
	check_inline();
	check_full();
	return check_done();
}
