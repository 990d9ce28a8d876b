/* SPDX-License-Identifier: Apache-2.0 */
#include "core/limit.h"
#include "gate/attempt.h"
#include "gate/duty.h"
#include "gate/journal.h"
#include "gate/prepare.h"
#include "gate/recheck.h"
#include "gate/request.h"
#include "gate/reserve.h"
#include "run/fiber.h"

/*
 * call - get one candidate to answer.
 *
 * Walks the plan until a model answers.  Moving on is allowed because nothing
 * has been said to the client yet, and only for errors whose row in err.tbl
 * says that another candidate may do better.  An answer that is not streamed is
 * read whole here, so that its failure can still move on; of a stream, the first
 * event is awaited, for vendors say 200 and then an error.
 */

static nanos
sooner(nanos a, nanos b)
{
	return a < b ? a : b;
}

/* A field of the model's answer that may be passed on; one that quotes the key is not. */
static struct slice
keep_field(struct request *r, const struct model *m, enum header field)
{
	struct slice value = r->lane.head.field[field], key = secret_reveal(&m->key);

	if (value.len > NAME_BYTES_MAX || (key.len > 0 && slice_find(value, key) < value.len))
		return slice_of(NULL, 0);
	return arena_copy(&r->arena, value);
}

/* Seconds, or a date (RFC 9110, 10.2.3); nothing else is passed on as a delay. */
static bool
is_delay(struct slice value)
{
	uint64_t seconds;

	return slice_number(value, &seconds) ||
	    (value.len == 29 && slice_eq(slice_cut(value, 25, 29), S(" GMT")));
}

/* An answer of 400 or more: what it means, and what of it the caller may see. */
static enum err
read_failure(struct request *r, const struct model *m, nanos deadline)
{
	enum err e = openai_diagnose(r->lane.head.status), problem;
	struct slice body, key = secret_reveal(&m->key);
	struct json_fault fault;
	struct json json;

	if (is_delay(r->lane.head.field[HEADER_RETRY_AFTER]))
		r->retry_after = keep_field(r, m, HEADER_RETRY_AFTER);
	problem = lane_whole(&r->lane, ERROR_BODY_BYTES_MAX, deadline, &body);
	if (problem == ERR_CANCELLED)
		return problem;
	/* Vendors' errors have been seen to quote keys: such a body stays here. */
	if (problem != ERR_OK || e != ERR_UPSTREAM_REJECTED ||
	    (key.len > 0 && slice_find(body, key) < body.len) ||
	    json_parse(&r->event, body, JSON_DUPLICATES_KEPT, &json, &fault) != ERR_OK)
		body = slice_of(NULL, 0);
	arena_reset(&r->event);
	r->upstream_body = arena_copy(&r->arena, body);
	return e;
}

/* An error that came as a stream's first event: its code may be a status. */
static enum err
diagnose_event(struct request *r, struct slice data)
{
	struct json_fault fault;
	struct json json;
	uint64_t code = 0;
	uint32_t error;

	if (json_parse(&r->event, data, JSON_DUPLICATES_KEPT, &json, &fault) == ERR_OK &&
	    (error = json_member(&json, 0, S("error"))) != 0 &&
	    (error = json_member(&json, error, S("code"))) != 0 &&
	    !json_integer(&json, error, &code))
		code = 0;
	arena_reset(&r->event);
	return code >= 400 && code < 600 ? openai_diagnose((int)code) : ERR_UPSTREAM_FAILED;
}

static enum err
read_first_events(struct request *r, nanos deadline)
{
	enum err e;

	stream_release(&r->stream);
	stream_init(&r->stream, r->gate->memory, !r->ask.include_usage, r->gate->loop->wide);
	do {
		if ((e = attempt_events(r, deadline)) != ERR_OK)
			return e;
		if (r->view.is_error && stream_view_is_empty(&r->view))
			return diagnose_event(r, r->view.error);
		/*
		 * What came whole before the trouble is said first; relay meets the trouble
		 * again.
		 */
		if (r->view_err != ERR_OK && stream_view_is_empty(&r->view))
			return r->view_err;
	} while (stream_view_is_empty(&r->view) && !r->stream.done);
	return ERR_OK;
}

static enum err
read_stream(struct request *r, const struct model *m, nanos deadline)
{
	enum err e = read_first_events(r, deadline);

	if (e != ERR_OK || stream_view_is_empty(&r->view))
		return e;
	return duty_check_events(r, m, r->view.chunks.len > 0 ? r->view.chunks : r->view.piece[0]);
}

/* The others have their turns while a long answer is parsed. */
static enum err
parse(struct request *r, struct slice body, struct json *json)
{
	unsigned rules = JSON_DUPLICATES_KEPT | request_wide(r);
	struct json_reading *reading;
	struct json_fault fault;

	_Static_assert(JSON_STEP_BYTES >= READ_BYTES, "the worker's scratch is read at once");
	if (body.len <= JSON_STEP_BYTES)
		return json_parse(&r->work, body, rules, json, &fault);
	reading = json_begin(&r->work, body, rules);
	if (reading == NULL)
		return ERR_MEMORY;
	/* Whoever went away meanwhile is charged all the same, and missed by relay. */
	while (!json_step(reading, JSON_STEP_BYTES))
		(void)!fiber_yield(r->fiber);
	return json_end(reading, json, &fault);
}

/* The usage of a whole answer, from its tape, or of a very long one from its end. */
static enum err
read_usage(struct request *r, struct slice body)
{
	struct json json;
	enum err e = parse(r, body, &json);

	if (e == ERR_OK)
		openai_usage(&json, &r->record.usage);
	/* What passed is counted where the vendor did not. */
	if (!r->record.usage.known)
		r->answer_text_bytes = e == ERR_OK ? openai_answer_bytes(&json) : body.len;
	/* Too long for its tape: its usage is estimated; anything else is no answer. */
	return e == ERR_OK || e == ERR_MEMORY ? ERR_OK : ERR_UPSTREAM_MALFORMED;
}

static bool
is_event_stream(const struct http1_head *head)
{
	struct slice type = head->field[HEADER_CONTENT_TYPE];
	size_t end = slice_find(type, S(";"));

	return slice_same_word(slice_trim(slice_cut(type, 0, end)), S("text/event-stream"));
}

static enum err
read_answer(struct request *r, const struct model *m)
{
	struct lane *l = &r->lane;
	nanos deadline = sooner(r->deadline, r->gate->loop->now + m->first_byte_wait);
	enum err e;

	if ((e = lane_head(l, false, deadline)) != ERR_OK)
		return e;
	r->attempt->status = l->head.status;
	r->upstream_request_id = keep_field(r, m, HEADER_X_REQUEST_ID);
	if (l->head.status >= 400)
		return read_failure(r, m, deadline);
	/* Redirects are not followed: no destination ever comes from outside. */
	if (l->head.status != 200 || l->head.field[HEADER_CONTENT_ENCODING].len > 0)
		return ERR_UPSTREAM_MALFORMED;
	/* A model may answer whole although a stream was asked for, but not the other way. */
	r->record.stream = is_event_stream(&l->head);
	if (r->record.stream)
		return r->ask.stream ? read_stream(r, m, deadline) : ERR_UPSTREAM_MALFORMED;
	if ((e = lane_whole(l, ANSWER_BYTES_MAX, deadline, &r->answer)) != ERR_OK)
		return e;
	r->answer_type = S("application/json");
	e = read_usage(r, r->answer);
	return e == ERR_OK ? duty_check_answer(r, m, r->answer) : e;
}

/* The newest configuration and the request's own both allow it, at this moment. */
static bool
may_send(struct request *r, const struct model *m, uint64_t fingerprint, struct pass *pass)
{
	struct facts facts = r->facts;
	struct sealed sealed = {
		.key = &r->gate->pool.pass_key,
		.origin = m->at.pool_id,
		.fingerprint = fingerprint,
		.model = m->index,
		.label = r->verdict.label,
	};

	facts.now = gate_wall(r->gate) / NANOS_PER_S;
	return recheck_refuses(r, m) == REASON_NONE &&
	    pass_mint(&r->snapshot->policy, &facts, &sealed, pass) == REASON_NONE;
}

static enum err
ask(struct request *r, const struct model *m, const struct origin *origin)
{
	struct prepared prepared;
	uint64_t fingerprint;
	struct pass pass;
	enum err e;

	if ((e = prepare_for(r, m, &prepared)) != ERR_OK)
		return e;
	fingerprint = lane_load(&r->lane, prepared.piece, prepared.count);
	if ((e = lane_open(&r->lane, origin, r->deadline)) != ERR_OK)
		return e;
	/* Opening took its time: the policy is asked now, for the bytes as they are. */
	if (!may_send(r, m, fingerprint, &pass))
		return ERR_POLICY_CHANGED;
	e = lane_send(&r->lane, &pass, m->stall_wait, r->deadline);
	return e == ERR_OK ? read_answer(r, m) : e;
}

/* Asked again only where nobody can have read the request, and then over a new connection. */
static enum err
converse(struct request *r, const struct model *m)
{
	struct origin origin = prepare_origin(m);
	enum err e = ask(r, m, &origin);

	if (e != ERR_UPSTREAM_CLOSED || !lane_is_unprocessed(&r->lane))
		return e;
	lane_close(&r->lane, false);
	lane_init(&r->lane, r->fiber, &r->gate->pool);
	origin.fresh = true;
	return ask(r, m, &origin);
}

/* One candidate that was entered; ERR_OK: it answered. */
static enum err
try(struct request *r, const struct model *m)
{
	enum err e;

	attempt_begin(r, m);
	e = converse(r, m);
	if (e == ERR_OK)
		return ERR_OK;
	if (fiber_is_cancelled(r->fiber))
		e = request_gone(r);
	else if (r->gate->loop->now >= r->deadline)
		e = ERR_DEADLINE;
	request_lose(r);
	reserve_failed(r);
	attempt_end(r, e);
	return e;
}

/* A model may have begun to fail while another one was asked; or no budget has room for it. */
static bool
may_ask(const struct request *r, uint32_t candidate)
{
	const struct ship *ship = r->binding->ship[r->verdict.model[candidate]];

	if (r->reserve.over_budget[candidate])
		return false;
	return candidate == 0 || breaker_may_pass(&ship->breaker, r->gate->loop->now);
}

/*
 * The candidates that have a turn now, one after another; and if none of them
 * answers, the best of those that had none, when its turn has come.
 */
static enum err
walk_plan(struct request *r)
{
	const struct model *full = NULL;
	uint32_t full_at = 0;
	enum err e = r->verdict.count > 0 ? ERR_NO_CANDIDATE : ERR_OK, entered;

	for (uint32_t i = 0; i < r->verdict.count; i++) {
		const struct model *m = &r->snapshot->model[r->verdict.model[i]];

		if (!may_ask(r, i) || !reserve_attempt(r, i))
			continue;
		entered = attempt_enter(r, m, false);
		if (entered == ERR_NO_CANDIDATE && full == NULL)
			full = m, full_at = i;
		if (entered != ERR_OK) {
			/* What a model that was asked said is worth more. */
			e = r->record.attempt_count > 0 ? e : entered;
			continue;
		}
		e = try(r, m);
		if (!err_info(e)->retry)
			return e;
	}
	if (full == NULL || !reserve_attempt(r, full_at))
		return e;
	entered = attempt_enter(r, full, true);
	return entered == ERR_OK ? try(r, full) : entered;
}

enum err
gate_call(struct request *r)
{
	enum err e = journal_open(r);

	return e == ERR_OK && !r->routing ? walk_plan(r) : e;
}
