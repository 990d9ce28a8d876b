/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUN_SIGNALS_H
#define RUN_SIGNALS_H

/*
 * signals - what an operator says to a process, as events of a loop.
 *
 * SIGTERM, SIGINT and SIGHUP are blocked and read from a descriptor of the
 * loop, so that they are met between two turns of fibers and never in the
 * middle of one.  Signals belong to a process: open one of these in a process,
 * on one loop, before any thread is started.  Nothing here suspends.
 */

#include "core/err.h"
#include "core/must.h"
#include "run/net.h"

enum signals_word {
	SIGNALS_STOP,			/* SIGTERM, SIGINT */
	SIGNALS_RELOAD,			/* SIGHUP */
};

struct signals {
	struct sock	sock;		/* must be first */
	void		(*heard)(struct signals *, enum signals_word);
	void		*owner;		/* for heard() */
};

/* From now on heard() is called from the loop; may start fibers and stop the loop.  ERR_IO. */
must_use enum err signals_open(struct signals *, struct loop *,
    void (*heard)(struct signals *, enum signals_word), void *owner);

/* The signals stay blocked. */
void signals_close(struct signals *);

#endif
