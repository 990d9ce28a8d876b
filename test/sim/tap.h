/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIM_TAP_H
#define SIM_TAP_H

/*
 * tap - everything that the gateway read from and wrote to one connection.
 *
 * Each call leaves a mark: up to where, in which turn of the loop, as the
 * how-manieth call of the kernel, at what time.  A tap knows nothing of what
 * the bytes mean; the judge reads them after the end.
 */

#include "run/kernel.h"
#include "sim/world.h"

struct mark {
	size_t		 upto;		/* bytes of the tape, this call's included */
	uint64_t	 turn;
	uint64_t	 call;
	nanos		 at, turn_at;	/* and when the turn began */
	bool		 stuck;		/* a write that was not taken whole */
	/* Then: when an event said that there is room again; 0: none */
	nanos		 room_at;
};

struct tape {
	char		*bytes;
	size_t		 len, room;
	struct mark	*mark;
	size_t		 count, mark_room;
};

struct tap {
	struct tap	*next;
	struct world	*world;
	uint64_t	 number;
	bool		 is_client;	/* else an upstream's */
	struct address	 far;		/* the other end */
	const struct duct *duct;	/* of an upstream's: what its other end took */
	struct tape	 in, out;
	nanos		 closed_at;	/* by the gateway; 0: not */
	uint64_t	 closed_call;
	nanos		 opened_at;
	nanos		 hangup_at;	/* the peer's FIN or RST arrived; 0: not */
	uint64_t	 hangup_turn;	/* in which an event said so; 0: not */
};

struct tap *tap_new(struct world *, bool is_client, const struct address *far);
void tap_free_all(struct world *);

void tap_read(struct tap *, const char *, size_t);
void tap_write(struct tap *, const char *, size_t);
void tap_wrote(struct tap *, bool stuck);
void tap_close(struct tap *);
void tap_hangup(struct tap *);
void tap_event(struct tap *, unsigned ready);

/* The mark of the call that carried a tape's byte; NULL past its end. */
const struct mark *tape_mark(const struct tape *, size_t offset);

/* Was the connection short of room, as it was when a call of the kernel had been made? */
bool tape_was_stuck(const struct tape *, uint64_t call);

#endif
