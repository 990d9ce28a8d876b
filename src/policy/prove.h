/* SPDX-License-Identifier: Apache-2.0 */
#ifndef POLICY_PROVE_H
#define POLICY_PROVE_H

/*
 * prove - decides invariants over every request that a policy could admit.
 *
 * Why it is exact.  A label flows to a place exactly if each part of which it
 * was joined does (test/law/label.c).  What a request can carry is its
 * workload's floor, a level and kinds, each with what it brings.  So for one
 * workload, bound, zone and clearance (the zone's own, or one exception in
 * force: they do not add up) nothing is admitted unless the floor flows to all
 * that the content meets on its way: this host, the zone, the caller's ceiling,
 * and the tool if one is switched on.  If it does, the admitted labels have
 * exactly one maximum: the floor, the least of those levels, and every kind
 * that flows to all of them by itself.  Conditions on content are monotone, so
 * an invariant is broken there exactly if the maximum meets them; and if it is,
 * the floor with one admitted kind for each condition is a label that shows it.
 *
 * Masks.  In a workload that masks, content reaches a zone without what was
 * masked; its origin met only this host and the caller.  So conditions on the
 * origin are met by whatever the zone admits, or what a mask of the workload can
 * take away (workload.maskable) and host and ceiling admit.
 *
 * Models count by policy alone (allowlists and flow): what a model can do or
 * whether it is well is no protection.  So a failure can widen nothing.
 */

#include "core/arena.h"
#include "policy/facts.h"
#include "policy/invariant.h"

/* What data can reach, as far as it is built; a log, a store or a mirror will be rows here. */
enum prove_sink { PROVE_ZONE, PROVE_TOOL };

/* A request that would break an invariant. */
struct prove_case {
	enum prove_sink	sink;
	uint32_t	workload, bound, model;
	uint32_t	place;		/* the zone's, or the tool's */
	uint32_t	exception;	/* without which it would be refused, plus 1; 0: none */
	struct label	label;		/* as it is sent: closed, the floor included */
	struct label	masked[2];	/* findings that were masked before; of policy.maskable */
	uint32_t	masked_count;
	enum feature	path;		/* FEATURE_chat, _completions or _embeddings */
	/* As things stand, this is why that model does not serve it all the same; or NONE */
	enum reason	today;
};

struct proof {
	bool		holds;
	bool		idle;		/* no place of this policy is like that */
	struct prove_case against;	/* unless it holds */
	/* Exceptions in force that open a place of this invariant: set by index */
	const uint64_t	*leans;
	uint32_t	lean_count;
};

/*
 * Decides each invariant of a policy at `now`, in seconds since 1970; exceptions
 * that end later are in force.  False: the arena is full, and nothing was
 * decided.  Costs some nanoseconds for each workload, bound and invariant.
 */
must_use bool prove_all(struct arena *, const struct policy *, int64_t now, struct proof *out);

/*
 * Models that may serve a workload's least sensitive content, for at least one
 * caller; *one is the first of them.  At most `enough` are counted.
 */
uint32_t prove_serving(const struct policy *, uint32_t workload, int64_t now, uint32_t enough,
    uint32_t *one);

#endif
