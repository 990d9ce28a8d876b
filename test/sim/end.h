/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIM_END_H
#define SIM_END_H

/*
 * end - one end of a simulated TCP connection, and listeners.
 *
 * What is written at one end lies in the duct into the other one: sent, then
 * arrived after the network's latency in as many parts as the dice want, then
 * taken; only when the writer has heard that bytes were taken may it write as
 * many more.  States, errors and edges are those of Linux:
 *
 *   - a short write, or none, arms the edge that says that there is room again;
 *     it comes when a third of the room is free;
 *   - the peer's FIN is a hang-up (EPOLLRDHUP), readable for ever;
 *   - to close with bytes unread is a reset, and so is to write to an end that
 *     was closed; what had arrived before a reset can still be read;
 *   - a reset is told once, as ECONNRESET (EPIPE after a FIN), then reads find
 *     the end and writes EPIPE.
 */

#include "sim/thing.h"

struct tap;

struct duct {
	char		*ring;
	size_t		 room;
	uint64_t	 sent;		/* by the writer */
	uint64_t	 arrived;
	uint64_t	 taken;		/* by the reader */
	uint64_t	 heard;		/* taken, as the writer knows */
	nanos		 last;		/* when the last thing sent arrives */
	bool		 fin_sent, fin_arrived;
};

struct end {
	struct thing	 thing;		/* must be first */
	struct end	*peer;		/* NULL until a connection is made */
	struct duct	 in;
	struct address	 local, remote;
	struct end	*next_waiting;	/* to be accepted */
	struct listener	*listener;	/* while it waits there */
	int		 error;		/* to be told once */
	bool		 connecting;
	bool		 closed;	/* by its owner */
	bool		 reset;
	bool		 shut;		/* will write no more */
	bool		 wants_room;
	bool		 rude;		/* its close is a reset */
	struct tap	*tap;		/* what is seen at this end; NULL: nobody looks */
};

struct listener {
	struct thing	 thing;		/* must be first */
	struct address	 address;
	struct end	*head, **tail;
	bool		 closed;
};

unsigned end_mask(struct end *);
unsigned listener_mask(struct listener *);

/* Begins to connect `e`, which is new. */
void end_connect(struct end *, const struct address *);

/* The next connection that waits, or NULL. */
struct end *listener_take(struct listener *);

ssize_t end_read(struct end *, char *out, size_t bytes);
ssize_t end_write(struct end *, const struct iovec *, int count);
void end_shutdown(struct end *);
void end_close(struct end *);
void end_reset(struct end *);

/* Refuses from now on, and resets what waits; closing does so too. */
void listener_stop(struct listener *);
void listener_close(struct listener *);

#endif
