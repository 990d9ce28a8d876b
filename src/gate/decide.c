/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/decide.h"

#include "core/limit.h"
#include "gate/request.h"

/*
 * decide - which models may serve this, best first.
 *
 * The name asks for one model, for a group, or for `auto`: any model, best by
 * the configuration's preference.  What it may flow to is core/plan's to say;
 * here its candidates are laid out.
 */

struct scope {
	const struct model	*one;		/* or */
	const struct group	*group;		/* or neither: all */
	uint32_t		 count;
	enum prefer		 prefer;
};

static const struct model *
scope_model(const struct request *r, const struct scope *s, uint32_t i)
{
	if (s->one != NULL)
		return s->one;
	return s->group != NULL ? s->group->model[i] : &r->snapshot->model[i];
}

/* A model that the key may not even name is as unknown as one that is not there. */
bool
decide_may_name(const struct key *key, const struct model *m)
{
	return key == NULL || key->models == NULL ||
	    (key->models[m->index / 64] >> m->index % 64 & 1) != 0;
}

static void
lay_out(const struct request *r, const struct model *m, struct candidate *o)
{
	struct ship *ship = r->binding->ship[m->index];

	*o = (struct candidate){
		.clearance = m->zone->clearance,
		.model = m->index,
		.allowed = decide_may_name(r->key, m),
		.broken = !breaker_may_pass(&ship->breaker, r->gate->loop->now),
		.full = m->concurrency > 0 && ship->in_flight >= m->concurrency,
		.cost = m->price.known ? m->price.input + m->price.output : INT64_MAX,
		.latency = ship->latency,
	};
}

/* The names that are nearest to one that is not known, where the caller may see them. */
enum err
decide_unknown(struct request *r)
{
	struct text t;
	char *room = arena_bytes(&r->arena, 512 + 6 * NAME_BYTES_MAX);
	unsigned found = 0;

	if (room == NULL)
		return ERR_MEMORY;
	text_init(&t, room, 512 + 6 * NAME_BYTES_MAX);
	text_put(&t, S("there is no model '"));
	text_put(&t, r->ask.model);
	text_put_char(&t, '\'');
	for (uint32_t i = 0; i < r->snapshot->model_count && found < 3; i++) {
		const struct model *m = &r->snapshot->model[i];

		if (!decide_may_name(r->key, m) ||
		    slice_distance(m->name, r->ask.model) > 1 + r->ask.model.len / 4)
			continue;
		text_put(&t, found++ == 0 ? S("; did you mean '") : S(", '"));
		text_put(&t, m->name);
		text_put_char(&t, '\'');
	}
	text_put(&t, S("; GET /v1/models lists what there is"));
	return request_fail(r, ERR_MODEL_UNKNOWN, S("model"), text_slice(&t));
}

static enum err
find_scope(struct request *r, struct scope *s)
{
	const struct snapshot *snapshot = r->snapshot;

	*s = (struct scope){ .count = 1, .prefer = PREFER_ORDER };
	if ((s->one = snapshot_model(snapshot, r->ask.model)) != NULL)
		return decide_may_name(r->key, s->one) ? ERR_OK : decide_unknown(r);
	if ((s->group = snapshot_group(snapshot, r->ask.model)) != NULL) {
		s->count = s->group->count;
		s->prefer = s->group->prefer;
		return ERR_OK;
	}
	if (!slice_eq(r->ask.model, S("auto")))
		return decide_unknown(r);
	s->count = snapshot->model_count;
	s->prefer = snapshot->auto_prefer;
	return ERR_OK;
}

/* Says why there is no plan: policy first, for that is what a caller can change. */
static enum err
refused(struct request *r, enum reason reason)
{
	const struct reason_info *info = reason_info(reason);
	struct text t;
	char *room = arena_bytes(&r->arena, 768);

	if (room == NULL)
		return ERR_MEMORY;
	text_init(&t, room, 768);
	text_put(&t, info->policy ? S("policy allows no model for this request: '")
	    : S("no model is available now: '"));
	text_put(&t, r->ask.model);
	text_put(&t, S("' "));
	text_put(&t, info->text);
	text_put(&t, S(" (label: "));
	text_put(&t, r->record.level);
	text_put_char(&t, ')');
	r->refused_by = reason;
	return request_fail(r, info->policy ? ERR_POLICY_REFUSED : ERR_NO_CANDIDATE,
	    slice_of(NULL, 0), text_slice(&t));
}

/* The candidates behind those of the plan, each with its reason, into the record. */
static void
note_refused(struct request *r, const struct candidate *candidate, uint32_t count)
{
	struct record *record = &r->record;

	for (uint32_t i = r->plan.count; i < count; i++) {
		const struct model *m = &r->snapshot->model[candidate[i].model];
		enum reason reason = plan_refuses(&candidate[i], r->label);

		if (record->refused_count < CANDIDATE_MAX)
			record->refused[record->refused_count] = (struct refusal){
				.model = m->name,
				.reason = reason_info(reason == REASON_COUNT ? REASON_RANK
				    : reason)->name,
			};
		record->refused_count++;
	}
}

enum err
gate_decide(struct request *r)
{
	struct candidate *candidate;
	struct scope scope;
	enum err e;

	if (r->operation == OPERATION_MODELS)
		return ERR_OK;
	if ((e = find_scope(r, &scope)) != ERR_OK)
		return e;
	candidate = arena_alloc(&r->work, scope.count * sizeof *candidate);
	if (candidate == NULL)
		return ERR_MEMORY;
	for (uint32_t i = 0; i < scope.count; i++)
		lay_out(r, scope_model(r, &scope, i), &candidate[i]);
	plan_decide(&r->plan, candidate, scope.count, r->label, scope.prefer);
	note_refused(r, candidate, scope.count);
	return r->plan.count > 0 ? ERR_OK : refused(r, r->plan.reason);
}
