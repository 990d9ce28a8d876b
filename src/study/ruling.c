/* SPDX-License-Identifier: Apache-2.0 */
#include "study/ruling.h"

#include "run/kernel.h"

struct inquiry
ruling_inquiry(struct ruling *r, struct arena *arena)
{
	return (struct inquiry){
		.snapshot = r->snapshot,
		.key = r->key,
		.arena = arena,
		.work = arena,
		.wide = kernel_is_wide(),
		.ask = &r->ask,
		.use = &r->use,
		.facts = &r->facts,
	};
}

static enum err
decide(struct ruling *r, struct inquiry *q, const struct live *health)
{
	const uint32_t room = r->snapshot->model_count;
	struct live *live = arena_zero(q->arena, room * sizeof *live);
	enum err e;

	r->reason = arena_zero(q->arena, room);
	r->facts.live = live;
	if (live == NULL || r->reason == NULL)
		return ERR_MEMORY;
	if ((e = inquiry_scope(q)) != ERR_OK)
		return e;
	do {
		for (uint32_t i = 0; i < r->facts.count; i++)
			live[i] = health[r->facts.model[i]];
		verdict_decide(&r->verdict, &r->snapshot->policy, &r->facts, r->reason);
	} while (r->verdict.count == 0 && inquiry_reroute(q));
	r->decided = true;
	return r->verdict.count > 0 ? ERR_OK : inquiry_refused(q, &r->verdict);
}

void
ruling_decide(struct ruling *r, struct inquiry *q, const struct live *health, enum err e)
{
	r->err = e == ERR_OK ? decide(r, q, health) : e;
	r->param = q->param;
	r->detail = q->detail;
	r->refused_by = q->refused_by;
}

struct explanation
ruling_explanation(const struct ruling *r)
{
	return (struct explanation){
		.policy = &r->snapshot->policy,
		.vocabulary = &r->snapshot->vocabulary,
		.facts = &r->facts,
		.verdict = &r->verdict,
		.reason = r->reason,
	};
}

void
ruling_put_code(struct text *t, const struct ruling *r)
{
	inquiry_put_code(t, r->err, r->refused_by);
}

struct slice
ruling_text(const struct ruling *r)
{
	return r->detail.len > 0 ? r->detail : err_info(r->err)->text;
}
