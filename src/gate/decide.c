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

struct inquiry
decide_inquiry(struct request *r)
{
	return (struct inquiry){
		.snapshot = r->snapshot,
		.key = r->key,
		.head = &r->x->head,
		.json = &r->json,
		.operation = r->operation,
		.arena = &r->arena,
		.work = &r->work,
		.scratch = &r->event,
		.wide = r->gate->loop->wide,
		.sight = r->sight,
		.ask = &r->ask,
		.use = &r->use,
		.facts = &r->facts,
	};
}

enum err
decide_fail(struct request *r, const struct inquiry *q, enum err e)
{
	r->refused_by = q->refused_by;
	return request_fail(r, e, q->param, q->detail);
}

enum err
decide_unknown(struct request *r)
{
	struct inquiry q = decide_inquiry(r);

	return decide_fail(r, &q, inquiry_unknown(&q));
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

enum err
gate_decide(struct request *r)
{
	struct inquiry q = decide_inquiry(r);
	enum err e;

	if (openai_is_local(r->operation))
		return ERR_OK;
	if ((e = inquiry_scope(&q)) != ERR_OK)
		return decide_fail(r, &q, e);
	do {
		if ((e = lay_out(r)) != ERR_OK)
			return e;
		verdict_decide(&r->verdict, &r->snapshot->policy, &r->facts, r->reason);
	} while (r->verdict.count == 0 && inquiry_reroute(&q));
	r->decided = true;
	r->record.level = r->snapshot->level[r->verdict.label.level];
	return r->verdict.count > 0 || r->routing ? ERR_OK
	    : decide_fail(r, &q, inquiry_refused(&q, &r->verdict));
}
