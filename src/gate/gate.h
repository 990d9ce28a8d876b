/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATE_GATE_H
#define GATE_GATE_H

/*
 * gate - the gateway on one worker: what its requests share.
 *
 * One per worker, on that worker's loop; nothing in it is touched by another
 * thread.  The server hands it exchanges; each becomes a request that walks
 * the steps of step.tbl.
 */

#include "admit/admit.h"
#include "caller/bearer.h"
#include "caller/registry.h"
#include "core/text.h"
#include "gate/fleet.h"
#include "http/pool.h"
#include "http/server.h"
#include "ledger/book.h"
#include "ledger/ceiling.h"
#include "store/conversation.h"
#include "watch/log.h"
#include "watch/metric.h"

struct request;

struct gate {
	struct loop		*loop;
	struct memory_pool	*memory;
	struct server		 server;
	struct pool		 pool;
	struct fleet		 fleet;
	struct metric		 metric;
	struct log		 log;
	struct conversations	*conversations;	/* of the process */
	struct admit		*admit;		/* of the process */
	struct book		*book;		/* of the process; NULL: no data folder */
	struct desk		 desk;		/* where tokens are shown */
	struct ceilings		*ceilings;	/* of the process: its budgets */
	bool			 tells_book;	/* its figures are among the metrics of this gate */
	struct registry		*registry;	/* of stored keys; the same */
	struct mac		 mac;		/* for it */
	struct request		*requests;	/* in flight, newest first */
	uint32_t		 in_flight;
	uint32_t		 waiting;	/* of them, for their turn at a model */
	bool			 cancelled;	/* by gate_cancel() */
	/* Wall clock minus monotonic clock, as of wall_until - 1 s */
	nanos			 wall_ahead;
	nanos			 wall_until;
	uint64_t		 random[2];	/* xoroshiro128+, for ids alone */
	struct text		 line;		/* of the ledger's alone; volatile; of malloc() */
	char			 fields[12288];	/* where an answer's fields are built; volatile */
};

struct gate_parts {
	struct loop		*loop;
	struct memory_pool	*memory;
	struct dns		*dns;
	char			*scratch;	/* READ_BYTES */
	struct snapshot		*snapshot;	/* a reference, taken */
	int			 listener;	/* a descriptor, taken */
	int			 log;		/* a descriptor; -1: no log */
	bool			 log_owned;	/* it is taken */
	struct conversations	*conversations;	/* shared by all workers */
	struct admit		*admit;		/* the same */
	struct book		*book;		/* the same; NULL: none */
	struct trust		*trust;	/* the same; NULL: no token is taken */
	struct ceilings		*ceilings;	/* the same; NULL: budgets refuse */
	bool			 tells_book;	/* of one worker alone */
	struct registry		*registry;	/* the same */
	uint32_t		 connections_max;	/* clients' */
};

/* Begins to serve. */
must_use enum err gate_open(struct gate *, const struct gate_parts *);

/* From now on requests begin with this snapshot; takes the reference. */
must_use enum err gate_reload(struct gate *, struct snapshot *);

/* Accepts nothing more; true from gate_is_idle() when the last request ended. */
void gate_drain(struct gate *);
bool gate_is_idle(const struct gate *);

/* Answers and records what the server refused before it was a request. */
void gate_refuse(struct exchange *, enum err);

/* Cancels every request that is left. */
void gate_cancel(struct gate *);

/* After it is idle. */
void gate_close(struct gate *);

/* Adds this gate's metrics to a sum, gauges of the moment included. */
must_use enum err gate_metrics(struct gate *, struct metric *sum);

/* The time of the day, as of this turn of the loop. */
nanos gate_wall(struct gate *);

/* A JSON object for each request in flight, with a comma before all but the first of `t`. */
void gate_put_requests(struct gate *, struct text *);

#endif
