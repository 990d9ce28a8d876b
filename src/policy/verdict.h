/* SPDX-License-Identifier: Apache-2.0 */
#ifndef POLICY_VERDICT_H
#define POLICY_VERDICT_H

/*
 * verdict - the decision: which models may serve, best first, and why others not.
 *
 * Facts in, verdict out; pure, no allocation.  The order of the questions is
 * fixed (reason.tbl): flow, needs, allowlists, health, then rank; so nothing
 * that changes from moment to moment can let in what the policy keeps out.
 * Deny is the absence of a permission: a model is in the plan only if every
 * question was answered with yes.  Costs some nanoseconds for each model asked.
 */

#include "policy/law.h"

struct verdict {
	struct label	label;		/* closed, the workload's floor included */
	uint32_t	duties;		/* set of enum duty */
	bool		degraded;	/* with less capability than the workload needs */
	uint32_t	count;
	uint32_t	model[CANDIDATE_MAX];	/* best first: indexes of the policy */
	/* The exception on which a candidate leans, by index, plus 1; 0: none */
	uint32_t	exception[CANDIDATE_MAX];
	uint32_t	refused;	/* models that were asked for and are not in the plan */
	enum reason	reason;		/* of the first refused: by policy if any is; or NONE */
};

/*
 * Decides.  reason[i] becomes why facts->model[i] is not in the plan, or
 * REASON_NONE; it has room for facts->count.
 */
/*@
	requires PolicyFits(p) && FactsFit(p, f) && \valid(v);
	requires \valid(reason + (0 .. f->count - 1));
	assigns *v, reason[0 .. f->count - 1];
	ensures stands: Stands(p, f, v->label);
	ensures count: v->count <= CANDIDATE_MAX;
	ensures plan: \forall integer i; 0 <= i < v->count ==>
	    Permitted(p, f, v->label, v->model[i]);
*/
void verdict_decide(struct verdict *v, const struct policy *p, const struct facts *f,
    uint8_t *reason);

/* Why one model is refused, whatever its rank; REASON_NONE if it is not. */
/*@
	requires PolicyFits(p) && FactsFit(p, f) && model < p->model_count && \valid_read(live);
	assigns \nothing;
	ensures \result == REASON_NONE ==>
	    \exists struct label l; Stands(p, f, l) && Permitted(p, f, l, model);
*/
enum reason verdict_refuses(const struct policy *p, const struct facts *f, uint32_t model,
    const struct live *live);

/*
 * Why a request that has its plan may not be sent to one model of it: flow,
 * allowlists, draining; REASON_NONE if it may.  Needs and health were for making
 * the plan, and do not hide here what is behind them in reason.tbl.
 */
/*@
	requires PolicyFits(p) && FactsFit(p, f) && model < p->model_count;
	assigns \nothing;
	ensures \result == REASON_NONE ==> \exists struct label l; Stands(p, f, l) &&
	    RequestMay(p, f, l) &&
	    Reaches(p, f->workload, p->model[model].place, l, f->now) &&
	    Member(BoundOf(p, f)->models, model) &&
	    Member(p->workload[f->workload].models, model) &&
	    p->model[model].draining == 0;
*/
enum reason verdict_forbids(const struct policy *p, const struct facts *f, uint32_t model);

#endif
