/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/decide.h"

#include "core/limit.h"
#include "gate/request.h"
#include "gate/reserve.h"
#include "run/fiber.h"

/*
 * decide - which models may serve this, best first.
 *
 * The name asks for one model, for a group, or for `auto` or a workload: any
 * model.  What it may flow to, and which is best, is policy/verdict's to say;
 * here the facts about its candidates are laid out.
 */

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
		.cover = r->cover,
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

/* Could it be sent this now?  If not, the soonest that some model could is noted. */
static bool
is_limited(struct request *r, const struct model *m)
{
	struct applicant who = {
		.kind = SUBJECT_MODEL, .allowance = &m->limits, .number = m->number,
	};
	struct refusal refusal;

	memcpy(who.units, r->units, sizeof who.units);
	if (admission_peek(r->admission.rates, &who, r->gate->loop->now, &refusal))
		return false;
	if (r->refusal.wait == 0 || refusal.wait < r->refusal.wait)
		r->refusal = refusal;
	return true;
}

/* The candidates as they are at this moment; who is patient waits for his turn at one. */
static enum err
lay_out(struct request *r, bool patient)
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
			.full = !patient && !turn_is_free(ship->queue),
			.limited = is_limited(r, m),
			.latency = ship->latency,
		};
	}
	return ERR_OK;
}

/* ---- masks ---- */

/* The request becomes the one without what can be masked. */
static enum err
cover(struct request *r, struct inquiry *q, enum cover_what what)
{
	struct cover_keys keys;
	struct covering *covering;
	enum err e = taint_keys(r, &keys);

	if (e != ERR_OK)
		return e;
	if ((covering = cover_begin(q, &keys, what)) == NULL)
		return ERR_MEMORY;
	while (!cover_step(covering, SIGHT_SLICE_BYTES))
		if (fiber_yield(r->fiber) != ERR_OK)
			return ERR_CLIENT_GONE;
	if ((e = cover_end(covering, &r->cover)) != ERR_OK)
		return e;
	r->json = r->cover->json;
	q->json = &r->json;
	r->record.masked = r->cover->tokens;
	r->record.origin = r->snapshot->level[policy_close(&r->snapshot->policy,
	    r->cover->origin).level];
	return ERR_OK;
}

static enum err
weigh(struct request *r, bool patient)
{
	enum err e = lay_out(r, patient);

	if (e == ERR_OK)
		verdict_decide(&r->verdict, &r->snapshot->policy, &r->facts, r->reason);
	return e;
}

/* Would some model serve it, if only there was a turn at it? */
static bool
may_wait(const struct request *r)
{
	for (uint32_t i = 0; i < r->facts.count; i++)
		if (r->reason[i] == REASON_CONCURRENCY)
			return true;
	return false;
}

/* Rather another model now than this one later; rather later than never. */
static enum err
ask_policy(struct request *r, struct inquiry *q)
{
	enum err e;

	reserve_estimate(r);
	do {
		if ((e = weigh(r, false)) != ERR_OK)
			return e;
	} while (r->verdict.count == 0 && inquiry_reroute(q));
	return r->verdict.count == 0 && may_wait(r) ? weigh(r, true) : ERR_OK;
}

enum err
gate_decide(struct request *r)
{
	struct inquiry q = decide_inquiry(r);
	enum err e;

	if (r->operation == OPERATION_MASK && r->sight->count > 0)
		return decide_fail(r, &q, cover(r, &q, COVER_ALL));
	if (openai_is_local(r->operation))
		return ERR_OK;
	/* What a workload always masks it masks or refuses. */
	if (cover_may(&q, COVER_ASKED) && (e = cover(r, &q, COVER_ASKED)) != ERR_OK)
		return decide_fail(r, &q, e);
	if ((e = inquiry_scope(&q)) != ERR_OK)
		return decide_fail(r, &q, e);
	if ((e = ask_policy(r, &q)) != ERR_OK)
		return e;
	if (cover_helps(&q, &r->verdict)) {
		e = cover(r, &q, COVER_ALL);
		/* The masked one may go where its caller meant it to. */
		if (e == ERR_OK && (e = inquiry_scope(&q)) == ERR_OK)
			e = ask_policy(r, &q);
		if (e != ERR_OK && !cover_is_refused(e))
			return e;
	}
	r->decided = true;
	r->record.level = r->snapshot->level[r->verdict.label.level];
	if (r->routing)
		return ERR_OK;
	if (r->verdict.count > 0)
		return taint_keep(r);
	e = inquiry_refused(&q, &r->verdict);
	if (e == ERR_RATE_LIMITED)
		reserve_note(r);
	return decide_fail(r, &q, e);
}
