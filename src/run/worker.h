/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUN_WORKER_H
#define RUN_WORKER_H

/*
 * worker - a thread with everything that a request needs, shared with nobody.
 *
 * Each worker has its own loop, memory and names; a request is born and dies on
 * one of them.  The first worker is the thread that calls workers_run(), the
 * others are started there.  The pool of jobs is common.  What the program adds
 * to a worker hangs on `owner`, is made by `begin` and given back by `end`, both
 * on the worker's own thread.
 */

#include "core/err.h"
#include "core/must.h"
#include "run/loop.h"
#include "run/memory.h"

struct dns;
struct workers;

struct worker {
	struct loop		 loop;		/* its owner is this worker */
	struct memory_pool	 memory;
	struct dns		*dns;
	char			*scratch;	/* READ_BYTES; nobody suspends over it */
	unsigned		 number;	/* from 0 */
	void			*owner;
	struct workers		*all;
	struct letter		 stop;
	_Atomic(bool)		 stopped;	/* its letter was sent */
	pthread_t		 thread;
	enum err		 outcome;
};

struct workers {
	struct worker	*worker;
	unsigned	 count;
	struct jobs	*jobs;
	struct pulse	*pulse;		/* of the parent that watches; NULL: none */
	enum err	(*begin)(struct worker *);
	void		(*end)(struct worker *);	/* then the last fibers are waited for */
};

/* ERR_MEMORY, ERR_IO; nothing is left open then. */
must_use enum err workers_open(struct workers *, unsigned count);
void workers_close(struct workers *);

/*
 * Runs until workers_stop(); begin and end are set by the caller.  An error of
 * one begin stops all others, and is returned; its own end does not run.
 */
must_use enum err workers_run(struct workers *);

/* From any thread, as often as wanted: every loop ends after its turn. */
void workers_stop(struct workers *);

#endif
