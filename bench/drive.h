/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BENCH_DRIVE_H
#define BENCH_DRIVE_H

/*
 * drive - sends the requests of a plan over keep-alive connections and counts what comes back.
 *
 * One thread, one edge-triggered epoll, one send and one read a request, so that the generator
 * costs as little as it can on a machine that it shares with what it measures.  Three manners:
 * closed loop (each connection asks again as soon as it is answered), open loop (request i is
 * due at start + i/rate whether or not the server keeps up, and its latency is counted from
 * then, so that a stall is charged to every request that it delays), and hold (each connection
 * asks once and stays open, so that somebody else can look at the server's memory).
 * Nothing is retried in silence: every answer that is not the expected one has a counter.
 */

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include "answer.h"
#include "hist.h"

enum {
	STATUS_MAX = 600,
	VARIANT_PLACES_MAX = 8,
};

struct plan {
	struct sockaddr_in to;
	char		*request;	/* head and body; patched in place for variants */
	size_t		request_bytes;
	unsigned	variants;	/* `@@@@` in the request becomes 0000 .. variants-1 */
	size_t		place[VARIANT_PLACES_MAX];
	unsigned	places;
	unsigned	connections;
	uint64_t	rate;		/* requests per second; 0: closed loop */
	uint64_t	duration_ns;
	uint64_t	requests_max;	/* 0: no bound but the duration */
	uint64_t	spread_ns;	/* connections begin evenly over this time */
	unsigned	events;		/* events that each stream must have; 0: any number */
	bool		hold;
	unsigned	ramp;		/* hold: connections that may be unanswered at a time */
};

struct result {
	struct tally	tally;
	struct hist	latency;	/* ns, intended send to last byte; status 200 only */
	struct hist	first;		/* ns, intended send to first event, or first byte */
	uint64_t	sent;
	uint64_t	ok;		/* status 200, whole, and with the events expected */
	uint64_t	status[STATUS_MAX];
	uint64_t	torn;		/* streams without their end marker */
	uint64_t	miscounted;	/* streams with another number of events than expected */
	uint64_t	broken;		/* connections lost within an answer */
	uint64_t	malformed;
	uint64_t	refused;	/* connections that could not be opened */
	uint64_t	reconnects;
	uint64_t	unanswered;	/* due or sent, and not answered when the run ended */
	unsigned	held;		/* hold: answered and still open */
	uint64_t	wall_ns;
};

/* The monotonic clock, in ns; the mock stamps its events with the same one. */
uint64_t clock_ns(void);

/*
 * Runs the plan.  In hold, calls nobody: it prints one line `READY <held>` on stdout once every
 * connection is answered (or cannot be), and goes on reading until stdin ends or the duration
 * is over.  False: the server could not be reached at all.
 */
bool drive_run(const struct plan *, struct result *);

#endif
