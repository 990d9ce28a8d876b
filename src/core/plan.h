/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_PLAN_H
#define CORE_PLAN_H

/*
 * plan - which models may serve a request, best first, and why others not.
 *
 * Candidates in, plan out; pure, no allocation.  The order of the questions is
 * fixed: flow, allowlist, health, then rank; so nothing that changes from
 * moment to moment can let in what the policy keeps out.  Models that were not
 * among the candidates have the reason NOT_ASKED, which is not stored.
 */

#include "core/label.h"
#include "core/limit.h"
#include "core/must.h"
#include "core/unit.h"

#define REASON(name, policy, text)	REASON_##name,
enum reason {
#include "core/reason.tbl"
	REASON_COUNT
};
#undef REASON

struct reason_info {
	struct slice	name;		/* lower case */
	struct slice	text;
	bool		policy;
};

const struct reason_info *reason_info(enum reason);

/* What is asked about one model. */
struct candidate {
	struct clearance	clearance;
	uint32_t		model;		/* index in the snapshot */
	bool			allowed;	/* by the caller's key */
	bool			broken;		/* its breaker lets nothing pass */
	bool			full;
	pico_usd		cost;		/* what ranks by cost; less is better */
	/* What ranks by latency; less is better, 0: not known yet */
	nanos			latency;
};

enum prefer {
	PREFER_ORDER,			/* as written */
	PREFER_COST,
	PREFER_LATENCY,
};

struct plan {
	uint32_t	count;
	uint32_t	model[CANDIDATE_MAX];	/* best first */
	uint32_t	refused_count;
	/* Of the first refused: by policy if any is, else what was first */
	enum reason	reason;
};

/*
 * Decides over `count` candidates, which are put into the order of the plan.
 * Those that are not in it stand behind; plan_refuses() says why of each, or
 * nothing where only its rank keeps it out (RANK).
 */
void plan_decide(struct plan *, struct candidate *, uint32_t count, struct label, enum prefer);

/* Why this candidate is refused, whatever its rank; REASON_COUNT if it is not. */
enum reason plan_refuses(const struct candidate *, struct label);

#endif
