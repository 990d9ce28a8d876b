/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/policy.h"

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
	uint64_t kinds = label.kinds;

	for (uint32_t k = 0; k < p->kind_count; k++)
		if ((kinds >> k & 1) != 0)
			label = label_join(label, p->kind_label[k]);
	return label;
}

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
		return REASON_REQUIRES;
	}
	return REASON_LEVEL;
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
