/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVE_HERALD_H
#define SERVE_HERALD_H

/*
 * herald - brings the ledger's heads to where its operator cannot change them.
 *
 * A fiber of the first worker looks, now and then, whether there is a newer head
 * than the last that was brought, and appends it to a file, sends it to a URL, or gives it
 * to the system's log: whatever the configuration names.  A place that fails is
 * told in the log once, tried again each time, and told again when it works.  No
 * request waits for any of it.
 */

#include "conf/snapshot.h"
#include "core/must.h"
#include "http/pool.h"
#include "watch/log.h"

struct book;

enum herald_place { HERALD_FILE, HERALD_URL, HERALD_SYSLOG, HERALD_PLACES };

#define HERALD_NOTE_BYTES	2048

/* The newest head, copied, and a line that is made of it. */
struct herald_news {
	uint64_t	size;		/* 0: there is none */
	size_t		len;
	char		note[HERALD_NOTE_BYTES];
	char		line[2 * HERALD_NOTE_BYTES];
};

struct herald {
	struct book		*book;
	struct pool		*pool;
	struct log		*log;
	struct snapshot		*snapshot;	/* one reference */
	struct fiber		*fiber;		/* NULL: it does not run */
	struct fiber		*stopper;	/* that waits for its end; NULL: none */
	uint64_t		 brought[HERALD_PLACES];	/* the size of the last head */
	bool			 failing[HERALD_PLACES];
	struct herald_news	 news;
};

/*
 * The caller has set book, pool and log; takes the reference.  Without a place to bring heads to
 * there is nothing to do.  ERR_OVERLOADED.
 */
must_use enum err herald_start(struct herald *, struct snapshot *, struct loop *);

/* Brings the last head, and returns when its fiber has ended.  May suspend. */
void herald_stop(struct herald *, struct fiber *);

#endif
