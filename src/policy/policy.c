/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/policy.h"

#include "policy/law.h"

const struct slice policy_duty_name[DUTY_COUNT] = {
#define DUTY(name, built, what)	{ #name, sizeof(#name) - 1 },
#include "policy/duty.tbl"
#undef DUTY
};

const struct slice policy_feature_name[FEATURE_COUNT] = {
#define FEATURE(name, when)	{ #name, sizeof(#name) - 1 },
#include "policy/feature.tbl"
#undef FEATURE
};

struct label
policy_close(const struct policy *p, struct label label)
{
	struct label all = label;

	/*@
		loop invariant 0 <= k <= p->kind_count;
		loop invariant LessEq(label, all);
		loop invariant \forall integer j; 0 <= j < k ==> Has(label.kinds, j) ==>
		    LessEq(p->kind_label[j], all);
		loop invariant \forall integer j; 0 <= j < 64 ==> Has(all.kinds, j) ==>
		    Has(label.kinds, j) || (\exists integer i; 0 <= i < k &&
		    Has(label.kinds, i) && Has(p->kind_label[i].kinds, j));
		loop invariant \forall struct label u;
		    LessEq(label, u) && Closed(p, u) ==> LessEq(all, u);
		loop assigns k, all;
		loop variant p->kind_count - k;
	*/
	for (uint32_t k = 0; k < p->kind_count; k++)
		if ((label.kinds >> k & 1) != 0)
			all = label_join(all, p->kind_label[k]);
	/*@
		assert brought: \forall integer i, j;
		    0 <= i < p->kind_count && Has(label.kinds, i) &&
		    0 <= j < p->kind_count && Has(p->kind_label[i].kinds, j) ==>
		    LessEq(p->kind_label[j], p->kind_label[i]) &&
		    LessEq(p->kind_label[i], all);
	*/
	/*@
		assert through: \forall integer i, j;
		    0 <= i < p->kind_count && Has(label.kinds, i) &&
		    0 <= j < p->kind_count && Has(p->kind_label[i].kinds, j) ==>
		    LessEq(p->kind_label[j], all);
	*/
	/*@
		assert reached: \forall integer j;
		    0 <= j < p->kind_count && Has(all.kinds, j) ==>
		    LessEq(p->kind_label[j], all);
	*/
	return all;
}

/*@
	requires FLOW_MAY <= flow <= FLOW_REQUIRES;
	assigns \nothing;
	ensures \result == REASON_NONE <==> flow == FLOW_MAY;
	ensures REASON_NONE <= \result < REASON_COUNT;
*/
static enum reason
reason_of(enum flow flow)
{
	switch (flow) {
	case FLOW_MAY:
		return REASON_NONE;
	case FLOW_LEVEL:
		return REASON_LEVEL;
	case FLOW_KIND:
		return REASON_KIND;
	case FLOW_REGION:
		return REASON_REGION;
	case FLOW_REQUIRES:
		break;
	}
	return REASON_REQUIRES;
}

/* Each widening stands alone: two of them do not add up to a third. */
struct permit
policy_flow(const struct policy *p, uint32_t workload, uint32_t place, struct label label,
    int64_t now)
{
	const struct workload *w = &p->workload[workload];
	struct permit permit = { reason_of(label_flow(label, p->place[place].clearance)), NULL };

	if (permit.reason == REASON_NONE)
		return permit;
	//@ assert WideningsFit(p, workload);
	//@ assert \valid_read(w->widening + (0 .. w->widening_count - 1));
	/*@
		loop invariant 0 <= i <= w->widening_count;
		loop invariant \forall integer j; 0 <= j < i ==>
		    w->widening[j].place != place || now >= w->widening[j].until ||
		    !MayFlow(label, w->widening[j].clearance);
		loop invariant REASON_NONE < permit.reason < REASON_COUNT;
		loop invariant permit.widening == \null;
		loop assigns i, permit;
		loop variant w->widening_count - i;
	*/
	for (uint32_t i = 0; i < w->widening_count; i++) {
		const struct widening *each = &w->widening[i];

		if (each->place != place || !label_may_flow(label, each->clearance))
			continue;
		if (now < each->until)
			return (struct permit){ REASON_NONE, each };
		permit.reason = REASON_EXCEPTION_EXPIRED;
	}
	return permit;
}
