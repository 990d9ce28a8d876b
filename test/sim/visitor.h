/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIM_VISITOR_H
#define SIM_VISITOR_H

/*
 * visitor - a simulated client: one connection, its wishes, its manners.
 *
 * One fiber reads answers, another sends requests, as far ahead of the answers
 * as the visitor pipelines.  It may be slow in both, fall silent, or leave in
 * the middle, politely or not.  What it saw is left to the judge, who reads the
 * taps; the visitor only finds the ends of answers.  It calls the kernel itself
 * and not run/net, so that a mistake there is the gateway's alone.
 */

#include "sim/message.h"
#include "sim/wish.h"

#define VISITOR_WISHES	6

enum leave {
	LEAVE_DONE,			/* when everything is answered */
	LEAVE_CLOSE,
	LEAVE_RESET,
	LEAVE_SHUT,			/* closes its sending half and waits */
	LEAVE_STALL,			/* reads nothing any more, for long */
};

struct visitor {
	struct visitor	*next;
	struct scene	*scene;
	struct dice	 dice;
	struct wish	 wish[VISITOR_WISHES];
	int		 wishes;
	int		 ahead;		/* requests that it sends before the answer to the first */
	size_t		 piece_max;	/* of one write */
	nanos		 piece_wait;
	size_t		 read_max;
	nanos		 read_wait;
	enum leave	 leave;
	size_t		 leave_bytes;	/* …after so many bytes of answers */
	nanos		 leave_after;	/* …or so long after it came */
	nanos		 comes;

	int		 fd;
	struct address	 local;
	bool		 connected, done, in_vain;	/* waited longer than anything takes */
	struct fiber	*reader, *sender;
	int		 answered;
	size_t		 received;
	struct message	 message;
	nanos		 left_at;	/* when it hung up by its own will; 0: not */
};

/* Throws a visitor; it begins by itself at its time. */
struct visitor *visitor_new(struct scene *, uint64_t number);
void visitor_free(struct visitor *);

#endif
