/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIM_THING_H
#define SIM_THING_H

/*
 * thing - what a simulated descriptor stands for, and how a poll set hears of it.
 *
 * Poll sets are edge-triggered as Linux's are: thing_edge() says that something
 * changed; when the set is read, what is true at that moment is reported, all
 * of it, and nothing if nothing is true any more.  A thing outlives its
 * descriptor: the network may still know it.
 */

#include "run/kernel.h"
#include "sim/world.h"

enum thing_kind {
	THING_POLL,
	THING_BELL,
	THING_LISTENER,
	THING_END,
	THING_FILE,
};

struct thing {
	struct thing	*next;		/* of all */
	struct world	*world;
	enum thing_kind	 kind;
	int		 fd;		/* -1: nobody holds it */
	struct thing	*poll;		/* that watches it */
	void		*data;
	bool		 queued;
	struct thing	*next_ready;
	struct thing	*ready_head, **ready_tail;	/* of a poll set */
	bool		 rung;		/* a bell */
	/* Of the test's own: told of edges without a poll set */
	void		(*hear)(void *ear);
	void		*ear;
	struct file	*file;		/* the log … */
	struct disk_file *on;		/* … or one of the disk's */
};

/* The lowest free descriptor for it, or a negative errno. */
int thing_open(struct world *, struct thing *, enum thing_kind);

/* The thing of a descriptor; the program is wrong if there is none of that kind. */
struct thing *thing_of(struct world *, int fd, enum thing_kind);

/* Gives the descriptor back. */
void thing_close(struct thing *);

/* Something changed. */
void thing_edge(struct thing *);

/* What a poll set would report of it now; asking may arm it, as with Linux. */
unsigned thing_mask(struct thing *);

#endif
