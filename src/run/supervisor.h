/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUN_SUPERVISOR_H
#define RUN_SUPERVISOR_H

/*
 * supervisor - a parent that does almost nothing, so that it does not fail.
 *
 * It holds the listening sockets and the last good configuration, forks the
 * child that does all the work, and forks another when that one crashes;
 * connections that come between the two wait in the sockets.  A child that
 * crashes again within a second waits longer each time, and is never given up.
 * SIGHUP reloads: first here, and only then the child is told.  SIGTERM and
 * SIGINT ask the child to finish; it is killed by a second one, or when
 * drain_wait is over.  The child dies with the parent.  One of whose loops does not
 * turn for hang_wait is aborted, unless it is stopped or being debugged.
 *
 * The parent has one thread and must have no other.  SIGHUP, SIGTERM and SIGINT
 * are blocked in the child, so that none is lost before run/signals.h reads
 * them; a process group or a service manager may send the same stop to parent
 * and child, so a child takes several stops as one.
 */

#include <stdbool.h>

#include "core/unit.h"

/* A child that ends with one of these was not broken and is not started again. */
#define SUPERVISOR_DONE		0
#define SUPERVISOR_CONF		78	/* EX_CONFIG of sysexits.h */

struct pulse;

struct supervisor {
	int		(*child)(void *ctx);	/* its result is the child's exit status */
	bool		(*reload)(void *ctx);	/* in the parent; true: tell the child */
	void		*ctx;
	nanos		 drain_wait;
	const char	*pid_file;		/* the parent's; NULL: none */
	struct pulse	*pulse;			/* of the child's loops; NULL: it is not watched */
	nanos		 hang_wait;		/* a loop that does not turn for so long hangs */
};

/* Returns in the parent, with the exit status for it, when the child is not to be started again. */
int supervisor_run(const struct supervisor *);

/* How long the n-th crash in a row within a second delays the next child; n is 1 or more. */
nanos supervisor_delay(unsigned n);

#endif
