/* SPDX-License-Identifier: Apache-2.0 */
#include "ask/workload.h"

#include "ask/inquiry.h"

static struct slice
text_of(struct inquiry *q, uint32_t node)
{
	if (node == 0 || json_type(q->json, node) != JSON_STRING)
		return slice_of(NULL, 0);
	return json_string(q->work, q->json, node);
}

static struct slice
fetch(struct inquiry *q, const struct clue *clue)
{
	struct slice path = q->head->target;

	switch (clue->what) {
	case MATCH_HEADER:
		return http1_field(q->head, clue->name);
	case MATCH_PATH:
		return slice_cut(path, 0, slice_find(path, S("?")));
	case MATCH_MODEL:
		return q->ask->model;
	case MATCH_METADATA:
		return q->use->metadata_node == 0 ? slice_of(NULL, 0)
		    : text_of(q, json_member(q->json, q->use->metadata_node, clue->name));
	case MATCH_FIELD:
		return text_of(q, json_member(q->json, 0, clue->name));
	}
	return slice_of(NULL, 0);
}

static uint32_t
find_matching(struct inquiry *q, const uint64_t *set)
{
	const struct match *m = &q->snapshot->match;
	struct slice value[CLUE_MAX];

	if (m->clue_count == 0)
		return MATCH_NONE;
	for (uint32_t i = 0; i < m->clue_count; i++)
		value[i] = fetch(q, &m->clue[i]);
	return match_find(m, value, set);
}

/* The only member of a set, or MATCH_NONE. */
static uint32_t
only_one(const uint64_t *set, uint32_t count)
{
	uint32_t found = MATCH_NONE;

	for (uint32_t i = 0; set != NULL && i < count; i++) {
		if (!policy_set_has(set, i))
			continue;
		if (found != MATCH_NONE)
			return MATCH_NONE;
		found = i;
	}
	return found;
}

static enum err
none(struct inquiry *q, struct slice param, struct slice why)
{
	q->refused_by = REASON_WORKLOAD;
	q->param = param;
	q->detail = why;
	return ERR_POLICY_REFUSED;
}

/* What was named must be there and allowed; there is no falling back from a name. */
static enum err
find_named(struct inquiry *q, struct slice name, struct slice param, const uint64_t *set)
{
	uint32_t at = snapshot_workload(q->snapshot, name);

	if (at == MATCH_NONE || !policy_set_has(set, at))
		return none(q, param, S("there is no such workload that this key may choose"));
	q->facts->workload = at;
	return ERR_OK;
}

enum err
workload_find(struct inquiry *q)
{
	const struct snapshot *s = q->snapshot;
	const uint64_t *set = facts_bound(&s->policy, q->facts)->workloads;
	struct slice named = q->head->field[HEADER_TRIVIUM_WORKLOAD];
	struct slice prefix = S("workload/");
	uint32_t at;

	if (named.len > 0)
		return find_named(q, named, S("x-trivium-workload"), set);
	if (slice_starts(q->ask->model, prefix))
		return find_named(q, slice_cut(q->ask->model, prefix.len, q->ask->model.len),
		    S("model"), set);
	at = find_matching(q, set);
	if (arena_overflowed(q->work))
		return ERR_MEMORY;
	if (at == MATCH_NONE)
		at = only_one(set, s->workload_count);
	if (at == MATCH_NONE && policy_set_has(set, s->default_workload == MATCH_NONE ? 0
	    : s->default_workload))
		at = s->default_workload;
	if (at == MATCH_NONE)
		return none(q, slice_of(NULL, 0), S("this request fits no workload of the "
		    "configuration; name one in x-trivium-workload, or as model workload/NAME"));
	q->facts->workload = at;
	return ERR_OK;
}
