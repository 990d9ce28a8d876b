/* SPDX-License-Identifier: Apache-2.0 */
#include "study/ruling.h"

#include "core/limit.h"
#include "run/heap.h"
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

static void
ask_policy(struct ruling *r, struct inquiry *q, struct live *live, const struct live *health)
{
	do {
		for (uint32_t i = 0; i < r->facts.count; i++)
			live[i] = health[r->facts.model[i]];
		verdict_decide(&r->verdict, &r->snapshot->policy, &r->facts, r->reason);
	} while (r->verdict.count == 0 && inquiry_reroute(q));
}

/* Nothing is sent, so any key of tokens will do. */
static enum err
cover(struct ruling *r, struct inquiry *q, enum cover_what what)
{
	struct cover_keys keys = { .tokens = r->snapshot->hash_key };
	struct covering *covering;
	struct arena scratch;
	enum err e = ERR_MEMORY;

	arena_init(&scratch, heap_memory(), EVENT_ARENA_MAX);
	q->scratch = &scratch;
	if ((covering = cover_begin(q, &keys, what)) != NULL) {
		while (!cover_step(covering, SIGHT_SLICE_BYTES))
			;
		e = cover_end(covering, &r->cover);
	}
	q->scratch = NULL;
	arena_release(&scratch);
	return e;
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
	if (cover_may(q, COVER_ASKED) && (e = cover(r, q, COVER_ASKED)) != ERR_OK)
		return e;
	if ((e = inquiry_scope(q)) != ERR_OK)
		return e;
	ask_policy(r, q, live, health);
	if (cover_helps(q, &r->verdict)) {
		e = cover(r, q, COVER_ALL);
		if (e == ERR_OK && (e = inquiry_scope(q)) == ERR_OK)
			ask_policy(r, q, live, health);
		else if (!cover_is_refused(e))
			return e;
	}
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
