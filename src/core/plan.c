/* SPDX-License-Identifier: Apache-2.0 */
#include "core/plan.h"

#include "core/lower.h"

#define REASON(name, policy, text)	LOWER_FITS(name);
#include "core/reason.tbl"
#undef REASON

static const char names[][LOWER_BYTES] = {
#define REASON(name, policy, text)	LOWER(name),
#include "core/reason.tbl"
#undef REASON
};

static const struct reason_info rows[] = {
#define REASON(name, policy, text)							\
	{ { names[REASON_##name], sizeof(#name) - 1 }, { text, sizeof(text) - 1 }, policy },
#include "core/reason.tbl"
#undef REASON
};

const struct reason_info *
reason_info(enum reason r)
{
	must((unsigned)r < REASON_COUNT);
	return &rows[r];
}

enum reason
plan_refuses(const struct candidate *o, struct label label)
{
	switch (label_flow(label, o->clearance)) {
	case FLOW_LEVEL:
		return REASON_LEVEL;
	case FLOW_KIND:
		return REASON_KIND;
	case FLOW_REGION:
		return REASON_REGION;
	case FLOW_REQUIRES:
		return REASON_REQUIRES;
	case FLOW_MAY:
		break;
	}
	if (!o->allowed)
		return REASON_ALLOWLIST;
	if (o->broken)
		return REASON_BREAKER;
	if (o->full)
		return REASON_CONCURRENCY;
	return REASON_COUNT;
}

/* What a model ranks by; less is better, and what is not known yet is tried. */
static int64_t
rank(const struct candidate *o, enum prefer prefer)
{
	switch (prefer) {
	case PREFER_COST:
		return o->cost;
	case PREFER_LATENCY:
		return o->latency;
	case PREFER_ORDER:
		break;
	}
	return 0;
}

/*
 * The best of what is left moves to the front, CANDIDATE_MAX times at most: a
 * stable selection, linear in the candidates for each place.
 */
static void
move_best(struct candidate *candidate, uint32_t from, uint32_t count, enum prefer prefer)
{
	uint32_t best = from;

	for (uint32_t i = from + 1; i < count; i++)
		if (rank(&candidate[i], prefer) < rank(&candidate[best], prefer))
			best = i;

	struct candidate chosen = candidate[best];

	for (uint32_t i = best; i > from; i--)
		candidate[i] = candidate[i - 1];
	candidate[from] = chosen;
}

void
plan_decide(struct plan *plan, struct candidate *candidate, uint32_t count, struct label label,
    enum prefer prefer)
{
	uint32_t may = 0;

	*plan = (struct plan){ .reason = REASON_COUNT };
	for (uint32_t i = 0; i < count; i++) {
		enum reason reason = plan_refuses(&candidate[i], label);

		if (reason == REASON_COUNT) {
			struct candidate kept = candidate[i];

			candidate[i] = candidate[may];
			candidate[may++] = kept;
			continue;
		}
		plan->refused_count++;
		if (plan->reason == REASON_COUNT ||
		    (reason_info(reason)->policy && !reason_info(plan->reason)->policy))
			plan->reason = reason;
	}
	for (; plan->count < may && plan->count < CANDIDATE_MAX; plan->count++) {
		move_best(candidate, plan->count, may, prefer);
		plan->model[plan->count] = candidate[plan->count].model;
	}
	plan->refused_count += may - plan->count;
	if (plan->reason == REASON_COUNT && plan->count < may)
		plan->reason = REASON_RANK;
}
