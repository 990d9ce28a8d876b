/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/verdict.h"

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

static struct label
scene_label(const struct policy *p, const struct facts *f)
{
	return policy_close(p, label_join(f->label, p->workload[f->workload].floor));
}

/*
 * Hosted tools are places: whoever switches one on sends data there.  A tool
 * that the policy does not have is one that it does not know.
 */
static bool
tools_may(const struct policy *p, const struct facts *f, struct label label)
{
	if (f->tool_unknown)
		return false;
	for (uint32_t i = 0; f->tools != 0 && i < 64; i++)
		if ((f->tools >> i & 1) != 0 && (i >= p->tool_count ||
		    !label_may_flow(label, p->place[p->tool_first + i].clearance)))
			return false;
	return true;
}

static void
scene_set(struct scene *s, const struct policy *p, const struct facts *f)
{
	must(f->workload < p->workload_count && f->bound < p->bound_count);
	s->policy = p;
	s->facts = f;
	s->workload = &p->workload[f->workload];
	s->bound = &p->bound[f->bound];
	s->label = scene_label(p, f);
	s->capability = s->workload->capability;
	if (!label_may_flow(s->label, p->here.clearance))
		s->request = REASON_HERE;
	else if (!label_may_flow(s->label, s->bound->ceiling))
		s->request = REASON_ROLE;
	else if (!tools_may(p, f, s->label))
		s->request = REASON_TOOL;
	else
		s->request = REASON_NONE;
}

static enum reason
needs_refuse(const struct scene *s, const struct policy_model *m, const struct live *live)
{
	const struct workload *w = s->workload;

	if (m->capability < s->capability)
		return REASON_CAPABILITY;
	if (((s->facts->features | w->features) & ~m->features) != 0)
		return REASON_FEATURE;
	if (m->context_tokens > 0 && s->facts->tokens > m->context_tokens)
		return REASON_CONTEXT;
	if (w->latency_ms > 0) {
		nanos need = (nanos)w->latency_ms * NANOS_PER_MS;
		nanos takes = m->latency_ms > 0 ? (nanos)m->latency_ms * NANOS_PER_MS
		    : live->latency;

		if (takes > need)
			return REASON_LATENCY;
	}
	if (w->offline && !s->policy->place[m->place].offline)
		return REASON_OFFLINE;
	return REASON_NONE;
}

/* Who may use it, and whether it is in service. */
static enum reason
lists_refuse(const struct scene *s, uint32_t model)
{
	if (!policy_set_has(s->bound->models, model))
		return REASON_ALLOWLIST;
	if (!policy_set_has(s->workload->models, model))
		return REASON_WORKLOAD;
	return s->policy->model[model].draining ? REASON_DRAINING : REASON_NONE;
}

/* After the flow: needs, allowlists, health. */
static enum reason
rest_refuses(const struct scene *s, uint32_t model, const struct live *live)
{
	const struct policy_model *m = &s->policy->model[model];
	enum reason needs = needs_refuse(s, m, live), lists;

	if (needs != REASON_NONE)
		return needs;
	lists = lists_refuse(s, model);
	if (lists != REASON_NONE)
		return lists;
	if (live->broken)
		return REASON_BREAKER;
	if (live->full)
		return REASON_CONCURRENCY;
	return REASON_NONE;
}

static struct permit
scene_flow(const struct scene *s, uint32_t model)
{
	return policy_flow(s->policy, s->facts->workload, s->policy->model[model].place, s->label,
	    s->facts->now);
}

static enum reason
model_refuses(const struct scene *s, uint32_t model, const struct live *live)
{
	enum reason flow;

	if (s->request != REASON_NONE)
		return s->request;
	flow = scene_flow(s, model).reason;
	return flow != REASON_NONE ? flow : rest_refuses(s, model, live);
}

enum reason
verdict_refuses(const struct policy *p, const struct facts *f, uint32_t model,
    const struct live *live)
{
	struct scene s;

	must(model < p->model_count);
	scene_set(&s, p, f);
	return model_refuses(&s, model, live);
}

enum reason
verdict_forbids(const struct policy *p, const struct facts *f, uint32_t model)
{
	enum reason flow;
	struct scene s;

	must(model < p->model_count);
	scene_set(&s, p, f);
	if (s.request != REASON_NONE)
		return s.request;
	flow = scene_flow(&s, model).reason;
	return flow != REASON_NONE ? flow : lists_refuse(&s, model);
}

/* ---- rank ---- */

/* The dearest and slowest of the permitted, to weigh figures of different units. */
struct scale {
	struct prefer	prefer;
	int64_t		cost, latency;
	bool		single;		/* one figure decides, and is compared as it is */
};

static nanos
latency_of(const struct policy_model *m, const struct live *live)
{
	return live->latency > 0 ? live->latency : (nanos)m->latency_ms * NANOS_PER_MS;
}

/* part / whole in 2^-24, for 0 <= part <= whole. */
static uint64_t
share(int64_t part, int64_t whole)
{
	uint64_t a = (uint64_t)part, b = (uint64_t)whole;

	while (b >> 38 != 0) {
		a >>= 1;
		b >>= 1;
	}
	return b == 0 ? 0 : (a << 24) / b;
}

/* Less is better; an unknown price is the dearest, a latency that is not known yet is tried. */
static uint64_t
score(const struct scale *s, const struct policy_model *m, const struct live *live)
{
	uint64_t quality = (uint64_t)(CAPABILITY_FRONTIER - m->capability);
	uint64_t sum = 0;

	if (s->single) {
		if (s->prefer.cost > 0)
			return (uint64_t)m->cost;
		if (s->prefer.latency > 0)
			return (uint64_t)latency_of(m, live);
		return s->prefer.quality > 0 ? quality : 0;
	}
	if (s->prefer.cost > 0)
		sum += s->prefer.cost * (m->cost == INT64_MAX ? UINT64_C(1) << 24
		    : share(m->cost, s->cost));
	if (s->prefer.latency > 0)
		sum += s->prefer.latency * share(latency_of(m, live), s->latency);
	return sum + s->prefer.quality * ((quality << 24) / CAPABILITY_FRONTIER);
}

static void
scale_set(struct scale *s, const struct scene *scene, const uint8_t *reason)
{
	const struct facts *f = scene->facts;
	struct prefer prefer = scene->workload->prefers ? scene->workload->prefer : f->prefer;

	*s = (struct scale){
		.prefer = prefer,
		.single = (prefer.cost > 0) + (prefer.latency > 0) + (prefer.quality > 0) <= 1,
	};
	for (uint32_t i = 0; i < f->count && !s->single; i++) {
		const struct policy_model *m = &scene->policy->model[f->model[i]];
		nanos latency = latency_of(m, &f->live[i]);

		if (reason[i] != REASON_NONE)
			continue;
		if (m->cost != INT64_MAX && m->cost > s->cost)
			s->cost = m->cost;
		if (latency > s->latency)
			s->latency = latency;
	}
}

/*
 * Puts candidate i among the best so far; equals stay in the order in which they
 * were written.  The one that falls out behind is refused for its rank.
 */
struct place_in_plan {
	uint32_t	at;		/* in facts->model */
	uint32_t	exception;
	uint64_t	score;
};

static void
insert(struct place_in_plan *best, uint32_t *count, struct place_in_plan one, uint8_t *reason)
{
	uint32_t to = *count;

	if (*count == CANDIDATE_MAX) {
		if (best[CANDIDATE_MAX - 1].score <= one.score) {
			reason[one.at] = REASON_RANK;
			return;
		}
		reason[best[CANDIDATE_MAX - 1].at] = REASON_RANK;
		to = CANDIDATE_MAX - 1;
	} else {
		(*count)++;
	}
	for (; to > 0 && best[to - 1].score > one.score; to--)
		best[to] = best[to - 1];
	best[to] = one;
}

static void
rank(struct verdict *v, const struct scene *s, uint8_t *reason)
{
	const struct facts *f = s->facts;
	struct place_in_plan best[CANDIDATE_MAX];
	struct scale scale;

	scale_set(&scale, s, reason);
	for (uint32_t i = 0; i < f->count; i++) {
		const struct policy_model *m = &s->policy->model[f->model[i]];

		if (reason[i] != REASON_NONE)
			continue;
		const struct widening *widening = scene_flow(s, f->model[i]).widening;

		insert(best, &v->count, (struct place_in_plan){
			.at = i,
			.exception = widening == NULL ? 0 : widening->exception + 1,
			.score = score(&scale, m, &f->live[i]),
		}, reason);
	}
	for (uint32_t i = 0; i < v->count; i++) {
		v->model[i] = f->model[best[i].at];
		v->exception[i] = best[i].exception;
	}
}

/* ---- the whole ---- */

/*
 * Nobody serves; may less capable models be tried?  If some fit and are down,
 * `when_down` says so, and else `when_refused`, if the label kept some out:
 * an allowlist is no reason to take less.
 */
static bool
may_degrade(const struct scene *s, const uint8_t *reason)
{
	bool refused = false, down = false;

	for (uint32_t i = 0; i < s->facts->count; i++) {
		refused |= reason[i] >= REASON_LEVEL && reason[i] <= REASON_EXCEPTION_EXPIRED;
		down |= reason[i] == REASON_BREAKER || reason[i] == REASON_CONCURRENCY ||
		    reason[i] == REASON_DRAINING;
	}
	if (s->capability == CAPABILITY_UNSAID)
		return false;
	return down ? s->workload->down_degrade : refused && s->workload->refused_degrade;
}

static void
ask_all(const struct scene *s, struct verdict *v, uint8_t *reason)
{
	const struct facts *f = s->facts;

	for (uint32_t i = 0; i < f->count; i++) {
		must(f->model[i] < s->policy->model_count);
		reason[i] = (uint8_t)model_refuses(s, f->model[i], &f->live[i]);
	}
	rank(v, s, reason);
}

static uint32_t
duties_of(const struct scene *s)
{
	uint32_t duties = s->policy->duties | s->workload->duties;

	for (uint32_t k = 0; k < s->policy->kind_count; k++)
		if ((s->label.kinds >> k & 1) != 0)
			duties |= s->policy->kind_duties[k];
	return duties;
}

void
verdict_decide(struct verdict *v, const struct policy *p, const struct facts *f, uint8_t *reason)
{
	struct scene s;

	scene_set(&s, p, f);
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
	for (uint32_t i = 0; i < f->count; i++) {
		if (reason[i] == REASON_NONE)
			continue;
		if (v->reason == REASON_NONE ||
		    (reason_info(reason[i])->policy && !reason_info(v->reason)->policy))
			v->reason = reason[i];
	}
}
