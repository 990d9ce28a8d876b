/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CALLER_BEARER_H
#define CALLER_BEARER_H

/*
 * bearer - who comes with a token.
 *
 * One desk for each worker.  A token is verified once and then remembered by its SHA-256 until
 * it expires, so that a request costs a digest (0.4 us) and no signature; what is remembered
 * holds only under the same configuration and the same keys of its issuer, so a key that is
 * withdrawn takes its tokens with it.  The memory is bounded, and what was not seen for longest
 * makes room.  Of a token only its digest is kept.
 */

#include "caller/trust.h"
#include "caller/passport.h"
#include "crypt/digest.h"

struct seen;

struct desk {
	struct trust	*trust;		/* of the process; NULL: no token is taken */
	struct seen	*seen;		/* PASSPORTS_MAX; made with the first token */
	struct digester	 digester;
	uint64_t	 use;
};

void desk_init(struct desk *, struct trust *);
void desk_release(struct desk *);

struct bearer_ask {
	struct fiber		*fiber;
	const struct snapshot	*snapshot;
	struct arena		*arena;
	struct slice		 token;
	int64_t			 wall;		/* seconds since 1970 */
	nanos			 deadline;
};

struct bearer {
	const struct passport	*passport;
	const struct key	*key;
	enum flaw		 flaw;	/* of ERR_TOKEN_REFUSED */
};

/* Can this be a token?  No key that the gateway makes has a dot. */
bool bearer_is_token(struct slice presented);

/*
 * Whose token it is; everything lies in the arena.  ERR_TOKEN_REFUSED with the flaw, counted;
 * ERR_ISSUER_DOWN where keys cannot be had; ERR_MEMORY.  May suspend: for keys that are not
 * known yet.
 */
must_use enum err bearer_find(struct desk *, const struct bearer_ask *, struct bearer *out);

#endif
