/* SPDX-License-Identifier: Apache-2.0 */
#ifndef POLICY_FACTS_H
#define POLICY_FACTS_H

/*
 * facts - everything about a request that a decision may depend on.
 *
 * The gate lays them out, the record keeps them: the same facts and the same
 * policy give the same verdict for ever.  Sets of kinds, regions and so on have
 * the meaning of the policy that they were made for.
 */

#include "core/unit.h"
#include "policy/policy.h"

/* A model as it is at this moment. */
struct live {
	bool		broken;		/* its breaker lets nothing pass */
	bool		full;		/* as many requests in flight as it may have */
	bool		limited;	/* its rate is used up */
	nanos		latency;	/* to the first byte, of late; 0: not known */
};

struct facts {
	uint32_t	workload;
	uint32_t	bound;		/* the caller's, in policy.bound */
	const struct bound *own;	/* instead, not of the policy; or NULL */
	/* As far as known: header, conversation, findings; the floor is the policy's to add */
	struct label	label;
	uint64_t	features;	/* set of enum feature that the request uses */
	uint64_t	tools;		/* set of hosted tools, by index from policy.tool_first */
	bool		tool_unknown;	/* it asks for one that the policy does not know */
	uint64_t	tokens;		/* that must fit a context, estimated */
	int64_t		now;		/* seconds since 1970, UTC */
	struct prefer	prefer;		/* of the group; a workload's comes first */
	/* The models that were asked for, in the order in which they were written */
	const uint32_t	*model;
	const struct live *live;	/* by the same index */
	uint32_t	count;
};

/* What the caller's key bounds. */
/*@
	requires \valid_read(p) && \valid_read(f);
	assigns \nothing;
	ensures \result == (f->own != \null ? f->own : p->bound + f->bound);
*/
static inline const struct bound *
facts_bound(const struct policy *p, const struct facts *f)
{
	return f->own != NULL ? f->own : &p->bound[f->bound];
}

#endif
