/* SPDX-License-Identifier: Apache-2.0 */
#include "run/worker.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "core/limit.h"
#include "core/text.h"
#include "run/dns.h"
#include "run/fiber.h"
#include "run/job.h"
#include "run/pulse.h"

static void
stop(struct letter *letter, struct loop *loop)
{
	(void)letter;
	loop_stop(loop);
}

static enum err
worker_open(struct workers *all, unsigned number)
{
	struct worker *w = &all->worker[number];
	enum err e;

	w->number = number;
	w->all = all;
	w->stop.open = stop;
	w->scratch = malloc(READ_BYTES);
	if (w->scratch == NULL)
		return ERR_MEMORY;
	e = dns_open(&w->dns);
	if (e == ERR_OK && (e = loop_open(&w->loop, all->jobs)) != ERR_OK)
		dns_close(w->dns);
	if (e != ERR_OK) {
		free(w->scratch);
		return e;
	}
	w->loop.owner = w;
	memory_init(&w->memory);
	return ERR_OK;
}

static void
worker_close(struct worker *w)
{
	/* The loop first: a name that is still being resolved is a fiber of it. */
	loop_close(&w->loop);
	dns_close(w->dns);
	memory_release(&w->memory);
	free(w->scratch);
}

enum err
workers_open(struct workers *all, unsigned count)
{
	enum err e;

	must(count > 0 && count <= WORKER_MAX);
	*all = (struct workers){ .worker = calloc(count, sizeof all->worker[0]) };
	if (all->worker == NULL)
		return ERR_MEMORY;
	e = jobs_open(&all->jobs, JOB_THREADS);
	while (e == ERR_OK && all->count < count)
		if ((e = worker_open(all, all->count)) == ERR_OK)
			all->count++;
	if (e != ERR_OK)
		workers_close(all);
	return e;
}

void
workers_close(struct workers *all)
{
	for (unsigned i = 0; i < all->count; i++)
		worker_close(&all->worker[i]);
	jobs_close(all->jobs);
	free(all->worker);
	*all = (struct workers){ 0 };
}

static void
count(void *ctx, const struct fiber_sight *sight)
{
	(void)sight;
	++*(unsigned *)ctx;
}

/* Fibers that nobody can cancel, as one that waits for the resolver, end when they are done. */
static void
outlive(struct loop *loop)
{
	for (;;) {
		unsigned living = 0;

		fiber_each(loop, count, &living);
		if (living == 0)
			return;
		loop_turn(loop, loop->now + 10 * NANOS_PER_MS);
	}
}

static void *
run(void *arg)
{
	struct worker *w = arg;

	w->outcome = w->all->begin(w);
	if (w->outcome != ERR_OK) {
		workers_stop(w->all);
		return NULL;
	}
	if (w->all->pulse != NULL)
		w->loop.beat = pulse_of(w->all->pulse, w->number);
	/* A stop that came while this one began waits as a letter, and is read first. */
	loop_run(&w->loop);
	if (w->loop.beat != NULL)
		atomic_store(w->loop.beat, 0);
	w->loop.beat = NULL;
	if (w->all->end != NULL)
		w->all->end(w);
	outlive(&w->loop);
	return NULL;
}

/* Starts all but the first; says how many there are then. */
static unsigned
start(struct workers *all)
{
	pthread_attr_t attr;
	sigset_t every, before;
	unsigned i;

	sigfillset(&every);
	must(pthread_sigmask(SIG_SETMASK, &every, &before) == 0);
	must(pthread_attr_init(&attr) == 0);
	must(pthread_attr_setstacksize(&attr, THREAD_STACK_BYTES) == 0);
	for (i = 1; i < all->count; i++) {
		struct worker *w = &all->worker[i];
		char name[16] = "";
		struct text t;

		if (pthread_create(&w->thread, &attr, run, w) != 0)
			break;
		text_init(&t, name, sizeof name - 1);
		text_put(&t, S("worker-"));
		text_put_number(&t, i);
		pthread_setname_np(w->thread, name);
	}
	must(pthread_attr_destroy(&attr) == 0);
	must(pthread_sigmask(SIG_SETMASK, &before, NULL) == 0);
	return i;
}

enum err
workers_run(struct workers *all)
{
	unsigned started = start(all);
	enum err e = ERR_OK;

	if (started < all->count) {
		workers_stop(all);
		e = ERR_IO;
	}
	run(&all->worker[0]);
	for (unsigned i = 1; i < started; i++)
		must(pthread_join(all->worker[i].thread, NULL) == 0);
	for (unsigned i = 0; i < started && e == ERR_OK; i++)
		e = all->worker[i].outcome;
	return e;
}

void
workers_stop(struct workers *all)
{
	for (unsigned i = 0; i < all->count; i++)
		if (!atomic_exchange(&all->worker[i].stopped, true))
			loop_post(&all->worker[i].loop, &all->worker[i].stop);
}
