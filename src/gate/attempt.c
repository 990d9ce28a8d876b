/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/attempt.h"

#include "gate/reserve.h"
#include "run/fiber.h"

static enum err
wait_turn(struct request *r, const struct model *m)
{
	struct turn_queue *queue = r->binding->ship[m->index]->queue;
	uint64_t tenant = allowance_number(&r->snapshot->hash_key, SUBJECT_TENANT,
	    r->record.tenant);
	enum err e;

	r->gate->waiting++;
	e = turn_wait(queue, tenant, r->fiber, r->deadline);
	r->gate->waiting--;
	if (e == ERR_CANCELLED)
		return request_gone(r);
	if (e != ERR_OVERLOADED)
		return e;
	r->refusal = (struct refusal){
		.kind = SUBJECT_MODEL, .dimension = DIMENSION_CONCURRENT,
		.limit = m->limits.concurrency, .asked = 1, .wait = NANOS_PER_S,
	};
	return reserve_refuse(r);
}

enum err
attempt_enter(struct request *r, const struct model *m, bool waits)
{
	struct turn_queue *queue = r->binding->ship[m->index]->queue;
	struct applicant who = {
		.kind = SUBJECT_MODEL, .allowance = &m->limits, .number = m->number,
	};
	enum err e;

	if (!turn_try(queue)) {
		if (!waits)
			return ERR_NO_CANDIDATE;
		if ((e = wait_turn(r, m)) != ERR_OK)
			return e;
	}
	memcpy(who.units, r->units, sizeof who.units);
	if (admission_enter(&r->admission, &who, r->gate->loop->now, &r->refusal))
		return ERR_OK;
	admission_leave(&r->admission, SUBJECT_MODEL);
	turn_give(queue);
	return reserve_refuse(r);
}

void
attempt_begin(struct request *r, const struct model *m)
{
	struct record *record = &r->record;

	must(r->attempt == NULL && record->attempt_count < CANDIDATE_MAX);
	r->attempt = &record->attempt[record->attempt_count++];
	*r->attempt = (struct attempt){ .model = m->name, .began = kernel_now() };
	r->model = m;
	r->ship = r->binding->ship[m->index];
	r->ship->in_flight++;
	breaker_pass(&r->ship->breaker, r->gate->loop->now);
	record->model = m->name;
	record->zone = m->zone->name;
	record->price = m->price_from;
	/* What an earlier candidate said is not this one's word. */
	r->retry_after = r->upstream_body = r->upstream_request_id = slice_of(NULL, 0);
	lane_init(&r->lane, r->fiber, &r->gate->pool);
}

static void
teach(struct request *r, enum err e)
{
	struct breaker *breaker = &r->ship->breaker;
	nanos now = r->gate->loop->now;

	if (e == ERR_OK || e == ERR_UPSTREAM_REJECTED)
		breaker_note(breaker, now, false);
	else if (err_info(e)->breaker)
		breaker_note(breaker, now, true);
	else
		breaker_forget(breaker);
}

static void
note_times(struct attempt *a, const struct lane *l, nanos ended)
{
	a->sent = l->sent;
	a->first_byte = l->first_byte_at;
	a->ended = ended < a->first_byte ? a->first_byte : ended;
}

void
attempt_note(struct request *r)
{
	const struct lane *l = &r->lane;

	if (r->attempt != NULL)
		note_times(r->attempt, l, l->last_byte_at != 0 ? l->last_byte_at : kernel_now());
}

void
attempt_end(struct request *r, enum err e)
{
	struct attempt *a = r->attempt;
	struct lane *l = &r->lane;

	must(a != NULL && r->ship->in_flight > 0);
	a->err = e;
	note_times(a, l, e == ERR_OK ? l->last_byte_at : kernel_now());
	if (a->first_byte != 0)
		ship_note_latency(r->ship, a->first_byte - a->began);
	r->ship->metric->attempts++;
	if (e != ERR_OK)
		r->ship->metric->attempts_failed++;
	teach(r, e);
	reserve_correct(r, SUBJECT_MODEL, e == ERR_OK, l->sent);
	admission_leave(&r->admission, SUBJECT_MODEL);
	r->ship->in_flight--;
	turn_give(r->ship->queue);
	lane_close(l, e == ERR_OK);
	r->attempt = NULL;
	r->ship = NULL;
}

enum err
attempt_events(struct request *r, nanos deadline)
{
	struct lane *l = &r->lane;
	struct slice raw = slice_of(NULL, 0), part;
	enum err e = lane_wait(l, deadline);

	if (e != ERR_OK)
		return e;
	if (r->x->head.minor > 0 && !request_is_read(r) && r->keep == NULL)
		raw = lane_chunks(l);
	lane_skip(l, stream_pass(&r->stream, raw, &r->view));
	if (r->view.chunks.len > 0) {
		/* Events are there, so nobody may wait; what is wrong behind them is said later. */
		e = lane_rest(l, &part);
		r->view_err = e != ERR_OK || part.len == 0 ? e
		    : stream_take(&r->stream, &r->event, part, &r->view);
		return ERR_OK;
	}
	if ((e = lane_part(l, deadline, &part)) != ERR_OK)
		return e;
	if (part.len == 0)
		return ERR_UPSTREAM_CLOSED;
	r->view_err = stream_take(&r->stream, &r->event, part, &r->view);
	return ERR_OK;
}
