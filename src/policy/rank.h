/* SPDX-License-Identifier: Apache-2.0 */
#ifndef POLICY_RANK_H
#define POLICY_RANK_H

/*
 * rank - which of the permitted models come first.
 *
 * By what the workload prefers, else the group: one figure (cost, latency,
 * quality) as it is, or several weighed against the dearest and slowest of the
 * permitted; nothing preferred leaves them as written.  Equals stay in the
 * order in which they were written.  It looks at those that were refused no
 * more, so no figure that changes from moment to moment lets a model in.
 */

#include "policy/law.h"

struct candidate {
	uint32_t	at;		/* in facts->model */
	uint64_t	score;
};

/* The best so far, best first; equals in the order in which they were written. */
struct ranking {
	uint32_t		count;
	struct candidate	best[CANDIDATE_MAX];
};

/*@
	predicate Before(struct candidate a, struct candidate b) =
	    a.score < b.score || (a.score == b.score && a.at < b.at);

	predicate Ranked(struct ranking r) =
	    r.count <= CANDIDATE_MAX &&
	    (\forall integer j, k; 0 <= j < k < r.count ==>
	    Before(r.best[j], r.best[k]) && r.best[j].at != r.best[k].at);
*/

/* Ranks those without a reason; the reason of those that do not fit becomes REASON_RANK. */
/*@
	requires PolicyFits(p) && FactsFit(p, f) && \valid(r);
	requires \valid(reason + (0 .. f->count - 1));
	assigns *r, reason[0 .. f->count - 1];
	ensures ranked: Ranked(*r);
	ensures plan: \forall integer j; 0 <= j < r->count ==>
	    r->best[j].at < f->count && reason[r->best[j].at] == REASON_NONE;
	ensures none_is_let_in: \forall integer i; 0 <= i < f->count ==>
	    reason[i] == \old(reason[i]) ||
	    (\old(reason[i]) == REASON_NONE && reason[i] == REASON_RANK);
*/
void rank_models(struct ranking *r, const struct policy *p, const struct facts *f,
    uint8_t *reason);

#endif
