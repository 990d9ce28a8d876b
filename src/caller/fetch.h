/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CALLER_FETCH_H
#define CALLER_FETCH_H

/*
 * fetch - an issuer's keys from where they are published.
 *
 * A file is read by a job.  A URL is asked over a lane, as a model is: its host is resolved,
 * every address vetted, TLS verified under the row's authorities, through the row's proxy.
 * Redirects are not followed, and no more than JWKS_BYTES_MAX is read.
 */

#include "caller/jwks.h"
#include "conf/caller.h"
#include "core/text.h"
#include "core/unit.h"

struct fiber;
struct pool;

struct fetched {
	struct jwks	*set;		/* one reference; NULL: it failed */
	uint32_t	 fresh_s;	/* as the server says; UINT32_MAX: it does not */
	char		 room[160];
	struct text	 why;		/* in `room`: why it failed, for people */
};

/* Fetches until the deadline; out->set, or out->why.  May suspend. */
void fetch_keys(struct fiber *, struct pool *, const struct issuer *, nanos deadline,
    struct fetched *out);

/* The `max-age` of a Cache-Control field (RFC 9111, 5.2.2.1), or UINT32_MAX; 0 for no-store. */
uint32_t fetch_max_age(struct slice field);

#endif
