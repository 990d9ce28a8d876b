/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/verdict.h"

#include "policy/rank.h"

/* What is the same for all models of one request. */
struct scene {
	const struct policy	*policy;
	const struct facts	*facts;
	const struct workload	*workload;
	const struct bound	*bound;
	struct label		label;		/* closed */
	enum reason		request;	/* refuses whatever the model */
	enum capability		capability;
};

/*@
	predicate SceneFits{L}(struct scene s) =
	    PolicyFits(s.policy) && FactsFit(s.policy, s.facts) &&
	    s.workload == s.policy->workload + s.facts->workload &&
	    s.bound == BoundOf(s.policy, s.facts) &&
	    REASON_NONE <= s.request < REASON_COUNT &&
	    Stands(s.policy, s.facts, s.label) &&
	    (s.request == REASON_NONE ==> RequestMay(s.policy, s.facts, s.label));
*/

/*@
	requires PolicyFits(p) && FactsFit(p, f);
	assigns \nothing;
	ensures Stands(p, f, \result);
*/
static struct label
scene_label(const struct policy *p, const struct facts *f)
{
	return policy_close(p, label_join(f->label, p->workload[f->workload].floor));
}

/*
 * Hosted tools are places: whoever switches one on sends data there.  A tool
 * that the policy does not have is one that it does not know.
 */
/*@
	requires PolicyFits(p) && FactsFit(p, f);
	assigns \nothing;
	ensures \result <==> ToolsMay(p, f, label);
*/
static bool
tools_may(const struct policy *p, const struct facts *f, struct label label)
{
	if (f->tool_unknown)
		return false;
	if (f->tools == 0) {
		//@ assert Empty(f->tools);
		return true;
	}
	/*@
		loop invariant 0 <= i <= 64;
		loop invariant \forall integer j; 0 <= j < i ==> Has(f->tools, j) ==>
		    j < p->tool_count &&
		    MayFlow(label, p->place[p->tool_first + j].clearance);
		loop assigns i;
		loop variant 64 - i;
	*/
	for (uint32_t i = 0; i < 64; i++) {
		if ((f->tools >> i & 1) == 0)
			continue;
		if (i >= p->tool_count ||
		    !label_may_flow(label, p->place[p->tool_first + i].clearance))
			return false;
	}
	return true;
}

/*@
	requires PolicyFits(p) && FactsFit(p, f);
	assigns \nothing;
	ensures may: \result == REASON_NONE <==> RequestMay(p, f, label);
	ensures row: REASON_NONE <= \result < REASON_COUNT;
*/
static enum reason
request_refuses(const struct policy *p, const struct facts *f, struct label label)
{
	if (!label_may_flow(label, p->here.clearance))
		return REASON_HERE;
	if (!label_may_flow(label, facts_bound(p, f)->ceiling))
		return REASON_ROLE;
	if (!tools_may(p, f, label))
		return REASON_TOOL;
	return REASON_NONE;
}

/*@
	requires PolicyFits(p) && FactsFit(p, f);
	assigns \nothing;
	ensures SceneFits(\result);
	ensures \result.policy == p && \result.facts == f;
*/
static struct scene
scene_of(const struct policy *p, const struct facts *f)
{
	struct label label;

	must(f->workload < p->workload_count && f->bound < p->bound_count);
	label = scene_label(p, f);
	return (struct scene){
		.policy = p,
		.facts = f,
		.workload = &p->workload[f->workload],
		.bound = facts_bound(p, f),
		.label = label,
		.request = request_refuses(p, f, label),
		.capability = p->workload[f->workload].capability,
	};
}

/* A declared latency counts, else the one of late. */
/*@
	requires \valid_read(m) && \valid_read(live);
	assigns \nothing;
*/
static bool
too_slow(const struct policy_model *m, const struct live *live, uint32_t need_ms)
{
	nanos takes = m->latency_ms > 0 ? (nanos)m->latency_ms * NANOS_PER_MS : live->latency;

	return need_ms > 0 && takes > (nanos)need_ms * NANOS_PER_MS;
}

/*@
	requires \valid_read(s) && SceneFits(*s) && \valid_read(live);
	requires model < s->policy->model_count;
	assigns \nothing;
	ensures features: \result == REASON_NONE ==>
	    Subset(s->facts->features, s->policy->model[model].features) &&
	    Subset(s->workload->features, s->policy->model[model].features);
	ensures offline: \result == REASON_NONE ==> s->workload->offline != 0 ==>
	    s->policy->place[s->policy->model[model].place].offline != 0;
	ensures capability: \result == REASON_NONE ==>
	    s->policy->model[model].capability >= s->capability;
	ensures row: REASON_NONE <= \result < REASON_COUNT;
*/
static enum reason
needs_refuse(const struct scene *s, uint32_t model, const struct live *live)
{
	const struct workload *w = s->workload;
	const struct policy_model *m = &s->policy->model[model];

	if (m->capability < s->capability)
		return REASON_CAPABILITY;
	if (!label_within(s->facts->features, m->features) ||
	    !label_within(w->features, m->features))
		return REASON_FEATURE;
	if (m->context_tokens > 0 && s->facts->tokens > m->context_tokens)
		return REASON_CONTEXT;
	if (too_slow(m, live, w->latency_ms))
		return REASON_LATENCY;
	if (w->offline && !s->policy->place[m->place].offline)
		return REASON_OFFLINE;
	return REASON_NONE;
}

/* Who may use it, and whether it is in service. */
/*@
	requires \valid_read(s) && SceneFits(*s);
	requires model < s->policy->model_count;
	assigns \nothing;
	ensures lists: \result == REASON_NONE ==>
	    Member(s->bound->models, model) && Member(s->workload->models, model);
	ensures service: \result == REASON_NONE ==> s->policy->model[model].draining == 0;
	ensures row: REASON_NONE <= \result < REASON_COUNT;
*/
static enum reason
lists_refuse(const struct scene *s, uint32_t model)
{
	if (!policy_set_has(s->bound->models, model))
		return REASON_ALLOWLIST;
	if (!policy_set_has(s->workload->models, model))
		return REASON_WORKLOAD;
	if (s->policy->model[model].draining)
		return REASON_DRAINING;
	return REASON_NONE;
}

/*@
	requires \valid_read(live);
	assigns \nothing;
	ensures health: \result == REASON_NONE ==> live->broken == 0 && live->full == 0 &&
	    live->limited == 0;
	ensures row: REASON_NONE <= \result < REASON_COUNT;
*/
static enum reason
health_refuses(const struct live *live)
{
	if (live->broken)
		return REASON_BREAKER;
	if (live->full)
		return REASON_CONCURRENCY;
	if (live->limited)
		return REASON_RATE;
	return REASON_NONE;
}

/*@
	requires \valid_read(s) && SceneFits(*s);
	requires model < s->policy->model_count;
	assigns \nothing;
	ensures may: \result.reason == REASON_NONE <==> Reaches(s->policy, s->facts->workload,
	    s->policy->model[model].place, s->label, s->facts->now);
	ensures exception: \result.widening != \null ==> \valid_read(\result.widening);
	ensures row: REASON_NONE <= \result.reason < REASON_COUNT;
*/
static struct permit
scene_flow(const struct scene *s, uint32_t model)
{
	return policy_flow(s->policy, s->facts->workload, s->policy->model[model].place, s->label,
	    s->facts->now);
}

/*@
	requires \valid_read(s) && SceneFits(*s) && \valid_read(live);
	requires model < s->policy->model_count;
	assigns \nothing;
	ensures may: \result == REASON_NONE ==>
	    Permitted(s->policy, s->facts, s->label, model);
	ensures row: REASON_NONE <= \result < REASON_COUNT;
*/
static enum reason
model_refuses(const struct scene *s, uint32_t model, const struct live *live)
{
	enum reason reason = s->request;

	if (reason == REASON_NONE)
		reason = scene_flow(s, model).reason;
	if (reason == REASON_NONE)
		reason = needs_refuse(s, model, live);
	if (reason == REASON_NONE)
		reason = lists_refuse(s, model);
	return reason == REASON_NONE ? health_refuses(live) : reason;
}

enum reason
verdict_refuses(const struct policy *p, const struct facts *f, uint32_t model,
    const struct live *live)
{
	struct scene s = scene_of(p, f);

	must(model < p->model_count);
	return model_refuses(&s, model, live);
}

enum reason
verdict_forbids(const struct policy *p, const struct facts *f, uint32_t model)
{
	struct scene s = scene_of(p, f);
	enum reason reason = s.request;

	must(model < p->model_count);
	if (reason == REASON_NONE)
		reason = scene_flow(&s, model).reason;
	return reason == REASON_NONE ? lists_refuse(&s, model) : reason;
}

/*@
	predicate PlanMay{L}(struct scene s, struct verdict v) =
	    v.count <= CANDIDATE_MAX &&
	    (\forall integer i; 0 <= i < v.count ==>
	    Permitted(s.policy, s.facts, s.label, v.model[i]));

	predicate RowsFit{L}(struct scene s, uint8_t *reason) =
	    \forall integer i; 0 <= i < s.facts->count ==> reason[i] < REASON_COUNT;
*/

/*
 * Nobody serves; may less capable models be tried?  If some fit and are down,
 * `when_down` says so, and else `when_refused`, if the label kept some out:
 * an allowlist is no reason to take less.
 */
/*@
	requires \valid_read(s) && SceneFits(*s);
	requires \valid_read(reason + (0 .. s->facts->count - 1)) && RowsFit(*s, reason);
	assigns \nothing;
*/
static bool
may_degrade(const struct scene *s, const uint8_t *reason)
{
	bool refused = false, down = false;

	/*@
		loop invariant 0 <= i <= s->facts->count;
		loop assigns i, refused, down;
		loop variant s->facts->count - i;
	*/
	for (uint32_t i = 0; i < s->facts->count; i++) {
		if (reason[i] >= REASON_LEVEL && reason[i] <= REASON_EXCEPTION_EXPIRED)
			refused = true;
		if (reason[i] == REASON_BREAKER || reason[i] == REASON_CONCURRENCY ||
		    reason[i] == REASON_DRAINING || reason[i] == REASON_RATE)
			down = true;
	}
	if (s->capability == CAPABILITY_UNSAID)
		return false;
	return down ? s->workload->down_degrade : refused && s->workload->refused_degrade;
}

/*@
	requires \valid_read(s) && SceneFits(*s) && \valid(v);
	requires \valid(reason + (0 .. s->facts->count - 1));
	assigns v->count, v->model[0 .. CANDIDATE_MAX - 1], v->exception[0 .. CANDIDATE_MAX - 1],
	    reason[0 .. s->facts->count - 1];
	ensures plan: PlanMay(*s, *v);
	ensures rows: RowsFit(*s, reason);
*/
static void
ask_all(const struct scene *s, struct verdict *v, uint8_t *reason)
{
	const struct facts *f = s->facts;
	struct ranking ranking;

	/*@
		loop invariant 0 <= i <= f->count;
		loop invariant \forall integer k; 0 <= k < i ==> reason[k] < REASON_COUNT;
		loop invariant may: \forall integer k; 0 <= k < i ==>
		    reason[k] == REASON_NONE ==>
		    Permitted(s->policy, f, s->label, f->model[k]);
		loop assigns i, reason[0 .. f->count - 1];
		loop variant f->count - i;
	*/
	for (uint32_t i = 0; i < f->count; i++) {
		must(f->model[i] < s->policy->model_count);
		reason[i] = (uint8_t)model_refuses(s, f->model[i], &f->live[i]);
	}
	rank_models(&ranking, s->policy, f, reason);
	/*@
		loop invariant 0 <= i <= ranking.count;
		loop invariant \forall integer k; 0 <= k < i ==>
		    Permitted(s->policy, f, s->label, v->model[k]);
		loop assigns i, v->model[0 .. CANDIDATE_MAX - 1],
		    v->exception[0 .. CANDIDATE_MAX - 1];
		loop variant ranking.count - i;
	*/
	for (uint32_t i = 0; i < ranking.count; i++) {
		uint32_t model = f->model[ranking.best[i].at];
		const struct widening *widening = scene_flow(s, model).widening;

		v->model[i] = model;
		v->exception[i] = widening == NULL ? 0 : widening->exception + 1;
	}
	v->count = ranking.count;
}

/*@
	requires \valid_read(s) && SceneFits(*s);
	assigns \nothing;
*/
static uint32_t
duties_of(const struct scene *s)
{
	uint32_t duties = s->policy->duties | s->workload->duties;

	/*@
		loop invariant 0 <= k <= s->policy->kind_count;
		loop assigns k, duties;
		loop variant s->policy->kind_count - k;
	*/
	for (uint32_t k = 0; k < s->policy->kind_count; k++)
		if ((s->label.kinds >> k & 1) != 0)
			duties |= s->policy->kind_duties[k];
	return duties;
}

/* The first reason: of those by policy, if there is one. */
/*@
	requires \valid_read(reason + (0 .. count - 1));
	requires \forall integer i; 0 <= i < count ==> reason[i] < REASON_COUNT;
	assigns \nothing;
	ensures REASON_NONE <= \result < REASON_COUNT;
	ensures \result == REASON_NONE <==>
	    (\forall integer i; 0 <= i < count ==> reason[i] == REASON_NONE);
*/
static enum reason
first_reason(const uint8_t *reason, uint32_t count)
{
	enum reason first = REASON_NONE;

	/*@
		loop invariant 0 <= i <= count;
		loop invariant REASON_NONE <= first < REASON_COUNT;
		loop invariant first == REASON_NONE <==>
		    (\forall integer k; 0 <= k < i ==> reason[k] == REASON_NONE);
		loop assigns i, first;
		loop variant count - i;
	*/
	for (uint32_t i = 0; i < count; i++) {
		if (reason[i] == REASON_NONE)
			continue;
		if (reason_info(reason[i])->policy)
			return reason[i];
		if (first == REASON_NONE)
			first = reason[i];
	}
	return first;
}

void
verdict_decide(struct verdict *v, const struct policy *p, const struct facts *f, uint8_t *reason)
{
	struct scene s = scene_of(p, f);

	*v = (struct verdict){ .label = s.label, .duties = duties_of(&s) };
	ask_all(&s, v, reason);
	if (v->count == 0 && may_degrade(&s, reason)) {
		s.capability = CAPABILITY_UNSAID;
		ask_all(&s, v, reason);
		v->degraded = v->count > 0;
		s.capability = s.workload->capability;
		/* It helped nobody: the reasons are those of a verdict that is not degraded. */
		if (!v->degraded)
			ask_all(&s, v, reason);
	}
	v->refused = f->count - v->count;
	v->reason = first_reason(reason, f->count);
}
