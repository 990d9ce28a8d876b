/* SPDX-License-Identifier: Apache-2.0 */
#ifndef POLICY_INVARIANT_H
#define POLICY_INVARIANT_H

/*
 * invariant - content like this never reaches a place like that: a `never`.
 *
 * All of its conditions must hold together for it to be broken.  Those on
 * content are monotone: a label that meets them meets them still when it is
 * joined with another, on which the proof rests (policy/prove.h).  A condition
 * on the origin is on the content before anything was masked, one on the label
 * on the content as it is sent.
 * Immutable; sets have the meaning of the policy that they were made for.
 */

#include "policy/policy.h"

/* Any of the kinds; the level or above; 0: not said. */
struct trait {
	uint64_t	kinds;
	uint32_t	level;
};

struct invariant {
	struct trait	origin, label;
	uint64_t	requires;		/* any of these; 0: not said */
	const uint64_t	*workloads, *roles;	/* sets; NULL: all */
	/* Places: all that is said must hold; nothing said: every place */
	bool		zones_said, tools_said;
	uint64_t	zones;			/* by place */
	uint64_t	tools;			/* from policy.tool_first */
	uint32_t	place_kinds;		/* set of enum place_kind; 0: not said */
	uint64_t	without;		/* lacks one of these; 0: not said */
	bool		outside_said;
	uint64_t	outside;		/* may use a region that is none of these */
	bool		unless_self;		/* but no place that one operates oneself */
	bool		empty;			/* an empty list: nothing can ever break it */
};

static inline bool
invariant_covers(const struct invariant *v, const struct policy *p, uint32_t place)
{
	const struct place *at = &p->place[place];
	bool tool = place >= p->tool_first;

	if (v->empty || (v->unless_self && at->self_operated))
		return false;
	if (v->zones_said && (tool || (v->zones >> place & 1) == 0))
		return false;
	if (v->tools_said && (!tool || (v->tools >> (place - p->tool_first) & 1) == 0))
		return false;
	if (v->place_kinds != 0 && (v->place_kinds >> at->kind & 1) == 0)
		return false;
	if (v->without != 0 && (v->without & ~at->clearance.holds) == 0)
		return false;
	return !v->outside_said || (at->clearance.regions & ~v->outside) != 0;
}

#endif
