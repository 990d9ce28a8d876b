/* SPDX-License-Identifier: Apache-2.0 */
#include "run/job.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#include "core/limit.h"
#include "run/fiber.h"
#include "run/loop.h"

/* On the stack of the fiber that waits for it; only the queue and the letter leave that thread. */
struct job {
	struct letter	 letter;	/* must be first */
	struct job	*next;
	void		(*work)(void *);
	void		*arg;
	struct fiber	*fiber;
	struct loop	*loop;
	bool		 done;		/* written and read on the loop's thread */
};

struct jobs {
	pthread_mutex_t	 lock;
	pthread_cond_t	 come;
	struct job	*head, **tail;	/* guarded by the lock, as the next two */
	unsigned	 count;
	bool		 closing;
	unsigned	 threads;
	pthread_t	 thread[];
};

static void *
serve(void *arg)
{
	struct jobs *jobs = arg;

	must(pthread_mutex_lock(&jobs->lock) == 0);
	for (;;) {
		struct job *job = jobs->head;

		if (job == NULL && jobs->closing)
			break;
		if (job == NULL) {
			must(pthread_cond_wait(&jobs->come, &jobs->lock) == 0);
			continue;
		}
		jobs->head = job->next;
		if (jobs->head == NULL)
			jobs->tail = &jobs->head;
		jobs->count--;
		must(pthread_mutex_unlock(&jobs->lock) == 0);
		job->work(job->arg);
		/* With this the job is its fiber's again, and may be gone. */
		loop_post(job->loop, &job->letter);
		must(pthread_mutex_lock(&jobs->lock) == 0);
	}
	must(pthread_mutex_unlock(&jobs->lock) == 0);
	return NULL;
}

/* Starts threads that no signal is delivered to; says how many there are then. */
static unsigned
start(struct jobs *jobs, unsigned threads)
{
	pthread_attr_t attr;
	sigset_t all, before;
	unsigned i;

	sigfillset(&all);
	must(pthread_sigmask(SIG_SETMASK, &all, &before) == 0);
	must(pthread_attr_init(&attr) == 0);
	must(pthread_attr_setstacksize(&attr, THREAD_STACK_BYTES) == 0);
	for (i = 0; i < threads; i++) {
		if (pthread_create(&jobs->thread[i], &attr, serve, jobs) != 0)
			break;
		pthread_setname_np(jobs->thread[i], "job");
	}
	must(pthread_attr_destroy(&attr) == 0);
	must(pthread_sigmask(SIG_SETMASK, &before, NULL) == 0);
	return i;
}

enum err
jobs_open(struct jobs **out, unsigned threads)
{
	struct jobs *jobs;

	must(threads > 0);
	jobs = calloc(1, sizeof *jobs + threads * sizeof jobs->thread[0]);
	if (jobs == NULL)
		return ERR_MEMORY;
	must(pthread_mutex_init(&jobs->lock, NULL) == 0);
	must(pthread_cond_init(&jobs->come, NULL) == 0);
	jobs->tail = &jobs->head;
	jobs->threads = start(jobs, threads);
	if (jobs->threads < threads) {
		jobs_close(jobs);
		return ERR_IO;
	}
	*out = jobs;
	return ERR_OK;
}

void
jobs_close(struct jobs *jobs)
{
	if (jobs == NULL)
		return;
	must(pthread_mutex_lock(&jobs->lock) == 0);
	jobs->closing = true;
	must(pthread_cond_broadcast(&jobs->come) == 0);
	must(pthread_mutex_unlock(&jobs->lock) == 0);
	for (unsigned i = 0; i < jobs->threads; i++)
		must(pthread_join(jobs->thread[i], NULL) == 0);
	must(jobs->head == NULL);
	must(pthread_cond_destroy(&jobs->come) == 0);
	must(pthread_mutex_destroy(&jobs->lock) == 0);
	free(jobs);
}

static void
done(struct letter *letter, struct loop *loop)
{
	struct job *job = (struct job *)letter;

	(void)loop;
	job->done = true;
	fiber_wake(job->fiber);
}

static enum err
enqueue(struct jobs *jobs, struct job *job)
{
	enum err e = ERR_OVERLOADED;

	must(pthread_mutex_lock(&jobs->lock) == 0);
	must(!jobs->closing);
	if (jobs->count < JOB_QUEUE_MAX) {
		*jobs->tail = job;
		jobs->tail = &job->next;
		jobs->count++;
		must(pthread_cond_signal(&jobs->come) == 0);
		e = ERR_OK;
	}
	must(pthread_mutex_unlock(&jobs->lock) == 0);
	return e;
}

enum err
job_run(struct fiber *f, void (*work)(void *), void *arg)
{
	return job_run_on(f, fiber_loop(f)->jobs, work, arg);
}

enum err
job_run_on(struct fiber *f, struct jobs *jobs, void (*work)(void *), void *arg)
{
	struct loop *loop = fiber_loop(f);
	struct job job = {
		.letter.open = done, .work = work, .arg = arg, .fiber = f, .loop = loop,
	};
	bool shielded = false;
	enum err e;

	if (jobs == NULL) {
		work(arg);
		return ERR_OK;
	}
	if ((e = enqueue(jobs, &job)) != ERR_OK)
		return e;
	while (!job.done)
		/* Only a fiber without a shield hears of its cancellation. */
		if (fiber_park(f, NANOS_NEVER) == ERR_CANCELLED && !shielded) {
			fiber_shield(f, true);
			shielded = true;
		}
	if (shielded)
		fiber_shield(f, false);
	return ERR_OK;
}

/* ---- side by side ---- */

struct piece {
	void		(*work)(void *, unsigned);
	void		*arg;
	unsigned	 number;
	bool		 threaded;
	pthread_t	 thread;
};

static void *
run_piece(void *arg)
{
	struct piece *p = arg;

	p->work(p->arg, p->number);
	return NULL;
}

void
jobs_each(unsigned count, void (*work)(void *, unsigned), void *arg)
{
	struct piece piece[JOBS_EACH_MAX];

	must(count <= JOBS_EACH_MAX);
	for (unsigned i = 0; i < count; i++) {
		piece[i] = (struct piece){ .work = work, .arg = arg, .number = i };
		piece[i].threaded = i > 0 &&
		    pthread_create(&piece[i].thread, NULL, run_piece, &piece[i]) == 0;
	}
	for (unsigned i = 0; i < count; i++)
		if (!piece[i].threaded)
			run_piece(&piece[i]);
	for (unsigned i = 0; i < count; i++)
		if (piece[i].threaded)
			must(pthread_join(piece[i].thread, NULL) == 0);
}
