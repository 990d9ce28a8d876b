/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/request.h"

#include "core/limit.h"
#include "run/fiber.h"
#include "tariff/meter.h"

enum suspends { no, yes };
enum runs { if_well, if_ill, always };

static const struct step {
	const char	*name;
	enum err	(*run)(struct request *);
	enum suspends	 suspends;
	enum runs	 runs;
} steps[] = {
#define STEP(name, suspends, runs, post)	{ #name, gate_##name, suspends, runs },
#include "gate/step.tbl"
#undef STEP
};

/*
 * The first failure is the outcome; later steps add to the record but do not
 * change it.  Steps marked `always` are shielded from cancellation.  A step
 * that may not suspend must be in the turn in which it began.
 */
static enum err
walk(struct request *r, enum err outcome)
{
	for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
		const struct step *s = &steps[i];
		uint64_t turn = r->gate->loop->turn;
		enum err e;

		if (s->runs == (outcome == ERR_OK ? if_ill : if_well))
			continue;
		if (outcome == ERR_OK || s->runs == if_ill)
			r->record.step = outcome == ERR_OK ? s->name : r->record.step;
		if (s->runs == always)
			fiber_shield(r->fiber, true);
		e = s->run(r);
		must(s->suspends == yes || r->gate->loop->turn == turn);
		if (e == ERR_CLIENT_GONE)
			e = request_gone(r);
		if (outcome == ERR_OK)
			outcome = r->record.err = e;
	}
	return outcome;
}

enum err
request_serve(struct request *r)
{
	enum err e = walk(r, ERR_OK);

	fiber_shield(r->fiber, false);
	return e;
}

void
request_refuse(struct request *r, enum err e)
{
	r->record.step = "read";
	r->record.err = e;
	(void)walk(r, e);
	fiber_shield(r->fiber, false);
}

enum err
request_gone(const struct request *r)
{
	return r->gate->cancelled && !exchange_is_gone(r->x) ? ERR_DRAINING : ERR_CLIENT_GONE;
}

enum err
request_fail(struct request *r, enum err e, struct slice param, struct slice detail)
{
	r->param = param;
	r->detail = detail;
	return e;
}

struct explanation
request_explanation(const struct request *r)
{
	return (struct explanation){
		.policy = &r->snapshot->policy,
		.vocabulary = &r->snapshot->vocabulary,
		.facts = &r->facts,
		.verdict = &r->verdict,
		.reason = r->reason,
	};
}

/*
 * A line holds names of bounded length, some of them escaped, at most CANDIDATE_MAX attempts,
 * and the decision.
 */
#define LINE_BYTES	(4096 + 6 * NAME_BYTES_MAX * (4 + CANDIDATE_MAX))

size_t
request_line_bytes(const struct request *r)
{
	struct explanation explanation = request_explanation(r);

	return LINE_BYTES + r->record.standing.len + r->record.findings.len +
	    reserve_line_bytes(r) + (r->decided ? explain_bytes(&explanation) : 0);
}

/*
 * Bytes left for the model, and it has not said that nothing came of them: it may be billed.
 * What it said so far, or that it said nothing, is all that is known of it.
 */
bool
request_may_be_billed(const struct request *r)
{
	return r->attempt != NULL && r->lane.sent && !lane_is_unprocessed(&r->lane) &&
	    (r->attempt->status == 0 || r->attempt->status == 200);
}

/* From the bytes that passed; of a vendor's own count that was cut, no less than that. */
static void
estimate(const struct request *r, struct usage *usage)
{
	uint64_t said = r->record.stream ? r->stream.text_bytes : r->answer_text_bytes;
	uint64_t input = meter_tokens(r->record.request_bytes), output = meter_tokens(said);

	usage->input = usage->input > input ? usage->input : input;
	usage->output = usage->output > output ? usage->output : output;
	usage->known = usage->estimated = true;
}

/* What an attempt costs; time and hosted tools are ours to count where nobody else does. */
static bool
cost_of(const struct request *r, struct usage *usage, nano_usd *out)
{
	const struct price *price = &r->model->price;
	nanos busy = 0;

	/* A clock is read only for who is paid by the hour. */
	if (price->hour > 0)
		busy = kernel_now() - r->attempt->began;
	usage->busy = busy < r->snapshot->request_wait ? busy : r->snapshot->request_wait;
	if (usage->tools == 0 && (r->use.hosted_count > 0 || r->use.hosted_overflow))
		usage->tools = price->tool_calls;
	return price_cost(price, usage, out);
}

void
request_lose(struct request *r)
{
	struct record *record = &r->record;
	struct usage usage = record->usage.known ? record->usage : r->stream.usage;
	nano_usd cost, sum;

	if (!request_may_be_billed(r))
		return;
	if (!usage.known || (record->stream && !r->stream.done))
		estimate(r, &usage);
	if (cost_of(r, &usage, &cost) && !__builtin_add_overflow(record->cost_lost, cost, &sum))
		record->cost_lost = sum;
	/* The next one's answer is its own. */
	record->usage = r->stream.usage = (struct usage){ .known = false };
	r->stream.text_bytes = r->answer_text_bytes = 0;
}

/* The answer's own cost and that of the attempts before it. */
static void
settle_cost(struct request *r)
{
	struct record *record = &r->record;
	nano_usd cost = 0;

	if (record->cost_known)
		return;
	if (r->attempt == NULL || !record->usage.known)
		record->cost_known = record->cost_lost > 0;
	else
		record->cost_known = cost_of(r, &record->usage, &cost);
	if (record->cost_known &&
	    __builtin_add_overflow(cost, record->cost_lost, &record->cost))
		record->cost_known = false;
}

void
request_settle_usage(struct request *r)
{
	struct record *record = &r->record;

	if (r->unmask != NULL) {
		unmask_counts(r->unmask, &record->restored, &record->unresolved);
		record->watched = unmask_watched(r->unmask, &record->watched_first);
	}
	if (r->stream.usage.known || r->stream.usage.refused)
		record->usage = r->stream.usage;
	record->events = r->stream.events;
	/* A stream that was cut may have counted as it went. */
	if (request_may_be_billed(r) &&
	    (!record->usage.known || (record->stream && !r->stream.done)))
		estimate(r, &record->usage);
	settle_cost(r);
}

/* When to try again: in seconds as RFC 9110 has it, and in the milliseconds of OpenAI's SDKs. */
static void
put_refusal(struct text *t, const struct refusal *refusal)
{
	uint64_t ms = (uint64_t)(refusal->wait + NANOS_PER_MS - 1) / NANOS_PER_MS;

	if (refusal->never) {
		text_put(t, S("x-should-retry: false\r\n"));
		return;
	}
	text_put(t, S("Retry-After: "));
	text_put_number(t, (ms + 999) / 1000);
	text_put(t, S("\r\nretry-after-ms: "));
	text_put_number(t, ms);
	text_put(t, S("\r\n"));
}

static void
put_field(struct text *t, struct slice name, struct slice value)
{
	text_put(t, name);
	text_put(t, value);
	text_put(t, S("\r\n"));
}

/* The decision on one line, where it was asked for and fits what clients take in a field. */
static void
put_explanation(struct text *t, const struct request *r)
{
	struct explanation explanation = request_explanation(r);
	struct text before = *t, room = *t;

	if (!r->decided || !r->may_explain ||
	    !slice_eq(r->x->head.field[HEADER_TRIVIUM_EXPLAIN], S("1")))
		return;
	room.cap = room.len + EXPLAIN_BYTES_MAX;
	text_put(&room, S("x-trivium-explain: "));
	explain_put(&room, &explanation);
	text_put(&room, S("\r\n"));
	if (text_overflowed(&room)) {
		*t = before;
		text_put(t, S("x-trivium-explain: {\"too_long\":true}\r\n"));
		return;
	}
	room.cap = t->cap;
	*t = room;
}

struct slice
request_fields(struct request *r, struct slice type)
{
	struct record *record = &r->record;
	struct text t;

	text_init(&t, r->gate->fields, sizeof r->gate->fields);
	put_field(&t, S("Content-Type: "), type);
	put_field(&t, S("x-trivium-id: "), slice_of(record->id, sizeof record->id));
	put_field(&t, S("x-trivium-label: "), record->level);
	if (record->model.len > 0) {
		put_field(&t, S("x-trivium-model: "), record->model);
		put_field(&t, S("x-trivium-zone: "), record->zone);
	}
	text_put(&t, S("x-trivium-attempts: "));
	text_put_number(&t, record->attempt_count);
	text_put(&t, S("\r\nx-trivium-cache: none\r\nx-trivium-masked: "));
	text_put_number(&t, record->masked);
	text_put(&t, S("\r\n"));
	if (record->cost_max_known) {
		text_put(&t, S("x-trivium-cost-usd-max: "));
		text_put_usd(&t, record->cost_max);
		text_put(&t, S("\r\n"));
	}
	if (record->cost_known) {
		text_put(&t, S("x-trivium-cost-usd: "));
		text_put_usd(&t, record->cost);
		text_put(&t, S("\r\n"));
	}
	/* The official SDKs ask twice more after a 429, unless they are told. */
	if (record->err == ERR_INSUFFICIENT_QUOTA)
		text_put(&t, S("x-should-retry: false\r\n"));
	if (r->verdict.degraded || record->over_budget.len > 0)
		text_put(&t, S("x-trivium-degraded: 1\r\n"));
	if (r->version_differs)
		text_put(&t, S("x-trivium-version: mismatch\r\n"));
	admission_put_fields(&t, &r->admission, r->gate->loop->now);
	if (record->err == ERR_RATE_LIMITED || record->err == ERR_LOGIN_LIMITED)
		put_refusal(&t, &r->refusal);
	put_explanation(&t, r);
	if (r->upstream_request_id.len > 0)
		put_field(&t, S("x-upstream-request-id: "), r->upstream_request_id);
	if (r->retry_after.len > 0)
		put_field(&t, S("Retry-After: "), r->retry_after);
	if (r->allow.len > 0)
		put_field(&t, S("Allow: "), r->allow);
	/* RFC 9110, 11.6.1, and RFC 6750, 3: nothing is said of why. */
	if (record->err == ERR_TOKEN_REFUSED)
		put_field(&t, S("WWW-Authenticate: "), S("Bearer error=\"invalid_token\""));
	else if (err_info(record->err)->status == 401)
		put_field(&t, S("WWW-Authenticate: "), S("Bearer"));
	must(!text_overflowed(&t));
	return text_slice(&t);
}
