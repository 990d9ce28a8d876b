/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FAKE_MOUTH_H
#define FAKE_MOUTH_H

/*
 * mouth - how an answer leaves a simulated provider: well, or badly on purpose.
 *
 * A smooth answer goes through the server's own framing.  A rough one (torn
 * into pieces, cut, malformed) is framed here, with the script's mistakes in
 * it, and written past the server.  Waits, stalls and broken connections
 * happen here too.  ERR_CLOSED says that the script ended the answer,
 * ERR_CLIENT_GONE that the client did; in both nothing more can be said.
 */

#include "core/arena.h"
#include "fake/script.h"
#include "http/exchange.h"

struct mouth {
	struct exchange		*x;
	struct arena		*arena;
	const struct behaviour	*behaviour;
	uint64_t		 random;	/* state of this answer's own sequence */
	bool			 rough;
	bool			 chunked;	/* a rough answer's framing */
	uint64_t		 written;	/* bytes of a rough answer */
	uint64_t		 events;	/* said so far */
	nanos			 due;		/* when the last token was due */
};

void mouth_init(struct mouth *, struct exchange *, struct arena *, const struct behaviour *);

/* Waits for the first token, or for the next one.  May suspend. */
must_use enum err mouth_wait_first(struct mouth *);
must_use enum err mouth_wait_token(struct mouth *);

/* A whole answer.  May suspend. */
must_use enum err mouth_reply(struct mouth *, int status, struct slice fields, struct slice body);

/* A streamed one: head, events, end.  May suspend. */
must_use enum err mouth_begin(struct mouth *, int status, struct slice fields);
must_use enum err mouth_event(struct mouth *, struct slice event);
must_use enum err mouth_end(struct mouth *);

/* All bytes of an answer, its head included, as the script has them.  May suspend. */
must_use enum err mouth_raw(struct mouth *, struct slice bytes);

#endif
