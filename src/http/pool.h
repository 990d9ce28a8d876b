/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HTTP_POOL_H
#define HTTP_POOL_H

/*
 * pool - idle connections to upstreams, of one worker.
 *
 * Connections are kept by origin: address as configured, TLS identity, proxy;
 * `id` stands for all of that, and two origins with one id may share.  The
 * newest idle one is taken first.  One on which anything happens while it is
 * idle (bytes, a hang-up) is dead at that moment and never taken; one that was
 * cancelled, broken or not read to the end never comes back.
 */

#include "core/err.h"
#include "core/fingerprint.h"
#include "core/must.h"
#include "run/net.h"
#include "wire/url.h"

struct dns;
struct memory_pool;

/* Where a connection goes; everything is borrowed from a snapshot. */
struct origin {
	uint64_t		 id;
	const struct url	*url;
	struct tls_context	*tls;		/* of https */
	const struct url	*proxy;		/* CONNECT through it; NULL: straight */
	unsigned		 allow;		/* enum dns_allow */
	bool			 fresh;		/* not over a kept connection */
};

struct upstream {
	struct sock		 sock;		/* must be first */
	struct upstream		*newer, *older;	/* among the idle of its origin */
	struct pool		*pool;
	uint64_t		 id;
	nanos			 idle_since;
	uint64_t		 uses;
};

struct pool_place {
	uint64_t		 id;
	struct upstream		*newest, *oldest;
	uint32_t		 count;
};

struct pool {
	struct loop		*loop;
	struct memory_pool	*memory;
	struct dns		*dns;
	/* READ_BYTES, shared by all that never suspend over it */
	char			*scratch;
	struct pool_place	*place;		/* open addressing by id; grows */
	size_t			 place_room, place_count;
	struct timer		 sweep;
	bool			 released;	/* what still comes back is closed */
	uint64_t		 opened, reused;
	struct fingerprint_key	 pass_key;	/* random: passes are sealed with it */
};

void pool_init(struct pool *);

/* Closes what is idle, and whatever is given back later: a lane may linger beyond this. */
void pool_release(struct pool *);

/*
 * An idle connection, or a new one: resolved, vetted, connected, tunnelled, handshaken.  May
 * suspend.
 */
must_use enum err pool_take(struct fiber *, struct pool *, const struct origin *, nanos deadline,
    struct upstream **out);

/* Back after an answer that was read to its end. */
void pool_give(struct upstream *);

/* Not back. */
void upstream_close(struct upstream *);

#endif
