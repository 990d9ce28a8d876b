/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUN_JOB_H
#define RUN_JOB_H

/*
 * job - blocking work, beside the loops.
 *
 * A few threads take work that would block a loop (name resolution, reading a
 * CA bundle, appending to a log) from one bounded queue.  The fiber that asks
 * parks until its job is done, cancelled or not, for the job writes into the
 * fiber's memory.  The function sees nothing but its argument.  Where a loop
 * has no threads (the simulator), the job runs at once.
 */

#include "core/err.h"
#include "core/must.h"

struct fiber;
struct jobs;

must_use enum err jobs_open(struct jobs **, unsigned threads);
void jobs_close(struct jobs *);

/*
 * Runs work(arg) on a thread of the loop's pool; ERR_OVERLOADED if the queue is full.  May
 * suspend.
 */
must_use enum err job_run(struct fiber *, void (*work)(void *arg), void *arg);

/* The same on a thread of these; NULL: at once, in place. */
must_use enum err job_run_on(struct fiber *, struct jobs *, void (*work)(void *arg), void *arg);

/*
 * Runs work(arg, 0) to work(arg, count - 1), each on a thread where the system gives one, and waits
 * for all of them; count <= JOBS_EACH_MAX.  For commands.
 */
#define JOBS_EACH_MAX	16
void jobs_each(unsigned count, void (*work)(void *arg, unsigned number), void *arg);

#endif
