/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CALLER_STANDING_H
#define CALLER_STANDING_H

/*
 * standing - what a caller may that no file of a policy tells, in the words of a record.
 *
 * A key of the configuration is found in the policy that decided, by its id.  A stored key may
 * be changed or gone by the time that somebody asks, and a token was never kept; so a
 * record of theirs says what a decision needs of them: `"grant":{…}` what was said of the key,
 * `"passport":{…}` what its token said, both as names and without what is usual.  Read back, they
 * are bound by the same code as in the gate, to the policy of that time or to another
 * one.  What decides nothing (limits, endpoints, metadata) is left out; no secret is near.
 */

#include "caller/grant.h"
#include "caller/passport.h"
#include "core/json.h"

/* One member of a record; empty without memory, and then the record tells less. */
struct slice standing_of_grant(struct arena *, const struct grant *);
struct slice standing_of_passport(struct arena *, const struct passport *);

/* A record as it was read, whose it is, and under what it is bound. */
struct standing {
	const struct json	*record;
	struct slice		 caller, tenant;
	const struct snapshot	*snapshot;
	struct arena		*arena;
};

/* Does it say what its caller may? */
bool standing_is_said(const struct standing *);

/*
 * The key of its caller; everything lies in the arena.  ERR_KEY_STALE and ERR_TOKEN_REFUSED where
 * the snapshot has not what they name, with the name or the flaw's in *gone; ERR_JSON_MALFORMED for
 * what no gateway wrote; ERR_MEMORY.
 */
must_use enum err standing_bind(const struct standing *, struct key *out, struct slice *gone);

#endif
