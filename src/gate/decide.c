/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/decide.h"

#include "core/limit.h"
#include "gate/request.h"

/*
 * decide - which models may serve this, best first.
 *
 * The name asks for one model, for a group, or for `auto` or a workload: any
 * model.  What it may flow to, and which is best, is policy/verdict's to say;
 * here the facts about its candidates are laid out.
 */

/* A model that the key may not even name is as unknown as one that is not there. */
bool
decide_may_name(const struct key *key, const struct model *m)
{
	return key == NULL || key->models == NULL ||
	    (key->models[m->index / 64] >> m->index % 64 & 1) != 0;
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

static void
ask_every(struct request *r)
{
	r->facts.model = r->snapshot->every_model;
	r->facts.count = r->snapshot->model_count;
	r->facts.prefer = r->snapshot->auto_prefer;
}

static enum err
find_scope(struct request *r)
{
	const struct snapshot *s = r->snapshot;
	const struct model *one = snapshot_model(s, r->ask.model);
	const struct group *group;

	if (one != NULL) {
		if (!decide_may_name(r->key, one))
			return decide_unknown(r);
		r->facts.model = &s->every_model[one->index];
		r->facts.count = 1;
		return ERR_OK;
	}
	if ((group = snapshot_group(s, r->ask.model)) != NULL) {
		r->facts.model = group->index;
		r->facts.count = group->count;
		r->facts.prefer = group->prefer;
		return ERR_OK;
	}
	if (!slice_eq(r->ask.model, S("auto")) && !slice_starts(r->ask.model, S("workload/")))
		return decide_unknown(r);
	ask_every(r);
	return ERR_OK;
}

/* The candidates as this worker finds them at this moment. */
static enum err
lay_out(struct request *r)
{
	struct live *live = arena_alloc(&r->arena, r->facts.count * sizeof *live);

	r->reason = (uint8_t *)arena_bytes(&r->arena, r->facts.count);
	r->facts.live = live;
	if (live == NULL || r->reason == NULL)
		return ERR_MEMORY;
	for (uint32_t i = 0; i < r->facts.count; i++) {
		const struct model *m = &r->snapshot->model[r->facts.model[i]];
		struct ship *ship = r->binding->ship[m->index];

		live[i] = (struct live){
			.broken = !breaker_may_pass(&ship->breaker, r->gate->loop->now),
			.full = m->concurrency > 0 && ship->in_flight >= m->concurrency,
			.latency = ship->latency,
		};
	}
	return ERR_OK;
}

/* Says why there is no plan: policy first, for that is what a caller can change. */
static enum err
refused(struct request *r, enum reason reason)
{
	const struct reason_info *info = reason_info(reason);
	const size_t room_bytes = 768 + KIND_MAX * (NAME_BYTES_MAX + 2);
	struct text t;
	char *room = arena_bytes(&r->arena, room_bytes);

	if (room == NULL)
		return ERR_MEMORY;
	text_init(&t, room, room_bytes);
	text_put(&t, info->policy ? S("policy allows no model for this request: '")
	    : S("no model is available now: '"));
	text_put(&t, r->ask.model);
	text_put(&t, S("' "));
	text_put(&t, info->text);
	text_put(&t, S(" (label: "));
	explain_put_label(&t, &r->snapshot->vocabulary, r->verdict.label);
	text_put_char(&t, ')');
	r->refused_by = reason;
	return request_fail(r, info->policy ? ERR_POLICY_REFUSED : ERR_NO_CANDIDATE,
	    slice_of(NULL, 0), text_slice(&t));
}

static enum err
decide(struct request *r)
{
	enum err e = lay_out(r);

	if (e == ERR_OK)
		verdict_decide(&r->verdict, &r->snapshot->policy, &r->facts, r->reason);
	return e;
}

enum err
gate_decide(struct request *r)
{
	enum err e;

	if (r->operation == OPERATION_MODELS)
		return ERR_OK;
	if ((e = find_scope(r)) != ERR_OK || (e = decide(r)) != ERR_OK)
		return e;
	if (r->verdict.count == 0 && r->snapshot->policy.workload[r->facts.workload].reroute) {
		ask_every(r);
		if ((e = decide(r)) != ERR_OK)
			return e;
	}
	r->decided = true;
	r->record.level = r->snapshot->level[r->verdict.label.level];
	return r->verdict.count > 0 || r->routing ? ERR_OK : refused(r, r->verdict.reason);
}
