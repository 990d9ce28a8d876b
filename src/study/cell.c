/* SPDX-License-Identifier: Apache-2.0 */
#include "study/cell.h"

struct cell
cell_new(struct arena *a, const struct snapshot *s)
{
	struct cell c = { .degraded = false };
	uint64_t *words = arena_zero(a, 2 * cell_words(s) * sizeof *words);

	c.live = arena_zero(a, s->model_count * sizeof *c.live);
	c.reason = arena_zero(a, s->model_count);
	if (words == NULL || c.live == NULL || c.reason == NULL)
		return c;
	c.serves = words;
	c.leans = words + cell_words(s);
	return c;
}

static struct label
said(struct sensitivity sensitivity)
{
	struct label label = LABEL_PUBLIC;

	if (sensitivity.of_kind)
		label.kinds = UINT64_C(1) << sensitivity.index;
	else
		label.level = sensitivity.index;
	return label;
}

struct label
cell_floor(const struct snapshot *s, uint32_t workload)
{
	return policy_close(&s->policy, s->policy.workload[workload].floor);
}

bool
cell_is_floor(const struct snapshot *s, uint32_t workload, struct sensitivity sensitivity)
{
	struct label floor = cell_floor(s, workload);

	return sensitivity.of_kind ? (floor.kinds >> sensitivity.index & 1) != 0
	    : sensitivity.index <= floor.level;
}

/* Each model alone, so that no cap of a plan hides one. */
static void
ask_one(struct cell *c, const struct snapshot *s, struct facts *f, uint32_t model)
{
	struct verdict v;

	f->model = &s->every_model[model];
	f->live = c->live;
	f->count = 1;
	verdict_decide(&v, &s->policy, f, c->reason);
	c->label = v.label;
	c->duties = v.duties;
	if (v.count == 0 || v.degraded)
		return;
	c->serves[model / 64] |= UINT64_C(1) << model % 64;
	if (v.exception[0] > 0)
		c->leans[model / 64] |= UINT64_C(1) << model % 64;
}

/* Of all: who is first; and less capable ones, if nothing else serves. */
static void
ask_all(struct cell *c, const struct snapshot *s, struct facts *f)
{
	struct verdict v;

	f->model = s->every_model;
	f->count = s->model_count;
	verdict_decide(&v, &s->policy, f, c->reason);
	c->degraded = v.degraded;
	c->first = v.count > 0 ? v.model[0] : MATCH_NONE;
	for (uint32_t i = 0; i < v.count && v.degraded; i++) {
		c->serves[v.model[i] / 64] |= UINT64_C(1) << v.model[i] % 64;
		if (v.exception[i] > 0)
			c->leans[v.model[i] / 64] |= UINT64_C(1) << v.model[i] % 64;
	}
}

void
cell_ask(struct cell *c, const struct snapshot *s, uint32_t workload, struct sensitivity what,
    int64_t now)
{
	struct facts f = {
		.workload = workload, .label = said(what), .now = now, .prefer = s->auto_prefer,
	};

	memset(c->serves, 0, cell_words(s) * sizeof *c->serves);
	memset(c->leans, 0, cell_words(s) * sizeof *c->leans);
	c->degraded = false;
	for (uint32_t i = 0; i < s->model_count; i++)
		ask_one(c, s, &f, i);
	ask_all(c, s, &f);
}

bool
cell_is_same(const struct cell *a, const struct cell *b, const struct snapshot *s)
{
	size_t bytes = cell_words(s) * sizeof *a->serves;

	return a->degraded == b->degraded && memcmp(a->serves, b->serves, bytes) == 0 &&
	    memcmp(a->leans, b->leans, bytes) == 0;
}
