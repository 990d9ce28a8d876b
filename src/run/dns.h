/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUN_DNS_H
#define RUN_DNS_H

/*
 * dns - the vetted addresses of a name.
 *
 * Names are resolved by a job, off the loop, and kept for DNS_TTL_MS by the
 * worker; numeric addresses take no job.  Every address is vetted; if one that
 * a name resolves to is not allowed, it is left out, and if none is left the
 * answer is ERR_UPSTREAM_ADDRESS.  Concurrent askers of one name share a job.
 */

#include "core/err.h"
#include "core/limit.h"
#include "core/must.h"
#include "run/kernel.h"

struct dns;
struct fiber;

/* Which scopes the configuration allows for this name. */
enum dns_allow {
	DNS_PUBLIC  = 1,
	DNS_PRIVATE = 2,
	DNS_LOOPBACK = 4,
};

struct dns_question {
	struct slice	host;
	uint16_t	port;
	unsigned	allow;			/* enum dns_allow, or-ed */
};

must_use enum err dns_open(struct dns **);
void dns_close(struct dns *);

struct dns_answer {
	struct address	address[ADDRESS_MAX];	/* in the resolver's order */
	unsigned	count;
};

/* ERR_UPSTREAM_NAME, ERR_UPSTREAM_ADDRESS, ERR_DEADLINE, ERR_CANCELLED.  May suspend. */
must_use enum err dns_find(struct fiber *, struct dns *, const struct dns_question *,
    struct dns_answer *, nanos deadline);

#endif
