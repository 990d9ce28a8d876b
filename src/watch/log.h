/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WATCH_LOG_H
#define WATCH_LOG_H

/*
 * log - lines of JSON, gathered and written by a job.
 *
 * Each worker has one.  A line is put together in a buffer and written with
 * others, at latest after LOG_BATCH_MS, so that a request costs no system call
 * for it.  There are two buffers: one is filled while the other is written.  If
 * whoever reads the log is slower than the gateway for longer than that,
 * lines are dropped and counted; logging never delays a request (the ledger is
 * what must not lose).  A fiber writes; log_flush() waits for it at the end.
 */

#include "core/err.h"
#include "core/must.h"
#include "core/text.h"
#include "run/loop.h"

struct log {
	struct loop	*loop;
	int		 fd;		/* -1: nothing is logged */
	bool		 owns_fd;
	int		 next_fd;	/* to be used after the write that goes on */
	bool		 next_owns, switching;
	struct text	 filling;
	struct text	 writing;
	struct timer	 timer;
	bool		 busy;		/* a fiber writes now */
	uint32_t	 durable;	/* fibers that write a line of their own now */
	uint64_t	 lines, dropped, failed;
};

/* Logs to a descriptor; takes it if `owns`. */
must_use enum err log_open(struct log *, struct loop *, int fd, bool owns);

/* Writes what is left, in place, and gives the buffers back.  Not from a fiber. */
void log_close(struct log *);

/*
 * Room for one line of at most `bytes`, or NULL (dropped, counted); then log_line() when it was
 * put.
 */
struct text *log_room(struct log *, size_t bytes);
void log_line(struct log *);

/*
 * Writes a line (its newline included) and waits until it is on disk.
 * ERR_RECORD_FAILED where there is no file or it takes nothing.  May suspend.
 */
must_use enum err log_durable(struct log *, struct fiber *, struct slice line);

/* Another descriptor from the next write on (a reload, a rotated file); takes it if `owns`. */
void log_switch(struct log *, int fd, bool owns);

/* An event of the gateway itself: {"time":…,"level":…,"event":…,"detail":…}. */
void log_event(struct log *, struct slice level, struct slice event, struct slice detail);

#endif
