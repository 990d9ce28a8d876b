/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CONF_CALLER_H
#define CONF_CALLER_H

/*
 * caller - the rows of `issuers`: whose tokens are taken for a caller's, and what they mean.
 *
 * A token says who its bearer is, never what the gateway allows: what its claims say are names
 * of the configuration, or it is refused.  Each role that an issuer may give has a bound in the
 * policy, which the proof has seen; what a token says beyond that only narrows it.
 */

#include "admit/allowance.h"
#include "conf/origin.h"
#include "policy/policy.h"

/* What claims are read for; in the order of conf.tbl's keys. */
enum claim { CLAIM_ID, CLAIM_TENANT, CLAIM_ROLE, CLAIM_CEILING, CLAIM_WORKLOADS, CLAIM_TEAM,
    CLAIM_COUNT };

/* What a value of the role's claim stands for. */
struct claimed_role {
	struct slice		 value;		/* empty: a token without that claim */
	struct slice		 name;
	uint32_t		 bound;		/* in policy.bound */
	bool			 explain;	/* its role may ask why */
};

struct issuer {
	struct slice		 name;
	struct slice		 iss;
	const struct slice	*audience;
	uint32_t		 audience_count;
	unsigned		 algorithms;	/* set, in the order of conf.tbl's words */
	uint32_t		 leeway_s;
	/* Its keys */
	struct slice		 jwks;		/* as it was said */
	struct slice		 file;		/* with a NUL behind its end; empty: fetched */
	struct endpoint		 at;
	uint64_t		 keys_id;	/* equal where the keys are the same */
	uint32_t		 refresh_s, keep_s;
	/* Its callers */
	struct slice		 claim[CLAIM_COUNT];	/* paths; empty: not looked at */
	struct slice		 tenant;	/* of tokens that name none; empty: refused */
	struct slice		 team;		/* the same; empty: none */
	const struct slice	*tenants;	/* that they may name */
	uint32_t		 tenant_count;
	const struct claimed_role *role;	/* in the order of preference */
	uint32_t		 role_count;
	const uint64_t		*models, *workloads;	/* sets; NULL: all */
	struct clearance	 ceiling;	/* beside the role's */
	bool			 ceiling_said;
	struct allowance	 limits;	/* of each of its callers */
	const struct budgets	*budgets;	/* the same; NULL: none */
};

/* What both let through. */
static inline struct clearance
caller_meet(struct clearance a, struct clearance b)
{
	a.kinds &= b.kinds;
	a.regions &= b.regions;
	a.holds &= b.holds;
	a.level = a.level < b.level ? a.level : b.level;
	return a;
}

#endif
