/* SPDX-License-Identifier: Apache-2.0 */
#include "core/limit.h"
#include "gate/request.h"
#include "run/fiber.h"

/*
 * relay - carry the answer to the client.
 *
 * A whole answer goes out in one write with its head.  A stream's events leave
 * in the turn in which they came, the first ones with the head; its terminal
 * event leaves with the end of the framing.  When it begins, everything that
 * only another candidate would have needed is given back, so that an open
 * stream holds little, and its memory does not grow with its length.
 */

static enum err
relay_whole(struct request *r)
{
	struct record *record = &r->record;

	if (record->usage.known && r->model != NULL)
		record->cost_known = price_cost(&r->model->price, &record->usage, &record->cost);
	return exchange_reply(r->x, 200, request_fields(r, r->answer_type), r->answer);
}

/* What a lane's error means in the middle of a stream. */
static enum err
say(const struct request *r, enum err e)
{
	if (fiber_is_cancelled(r->fiber))
		return ERR_CLIENT_GONE;
	switch (e) {
	case ERR_OK:
	case ERR_CLIENT_GONE:
	case ERR_MEMORY:
		return e;
	case ERR_UPSTREAM_TIMEOUT:
		return r->deadline_said && r->gate->loop->now >= r->deadline
		    ? ERR_DEADLINE : ERR_STREAM_STALLED;
	default:
		return ERR_STREAM_BROKEN;
	}
}

/* Forwards a view; with the terminal event in it, the answer ends. */
static enum err
forward(struct request *r)
{
	const struct stream_view *v = &r->view;
	bool last = r->stream.done && !v->is_error;
	enum err e = ERR_OK;
	int count = v->count;

	if (last && count > 0)
		count--;
	if (count > 0)
		e = exchange_send(r->x, v->piece, count);
	if (e == ERR_OK && last)
		e = exchange_end_with(r->x, v->count > 0 ? v->piece[count] : slice_of(NULL, 0));
	return e == ERR_OK && v->is_error ? ERR_STREAM_BROKEN : e;
}

/* The head and the first events. */
static enum err
begin(struct request *r)
{
	struct stream_view *v = &r->view;
	struct slice first = v->count > 0 ? v->piece[0] : slice_of(NULL, 0);
	bool whole = r->stream.done && !v->is_error && v->count == 1;
	enum err e;

	r->record.first_byte = kernel_now();
	e = exchange_begin(r->x, 200, request_fields(r, S("text/event-stream; charset=utf-8")), first);
	if (e != ERR_OK)
		return e;
	if (whole)
		return exchange_end(r->x);
	if (v->count > 0) {
		memmove(v->piece, v->piece + 1, (size_t)(v->count - 1) * sizeof v->piece[0]);
		v->count--;
	}
	return forward(r);
}

static enum err
next(struct request *r)
{
	nanos deadline = r->gate->loop->now + r->model->stall_wait;
	struct slice part;
	enum err e, problem;

	if (r->deadline_said && r->deadline < deadline)
		deadline = r->deadline;
	if ((e = lane_part(&r->lane, deadline, &part)) != ERR_OK)
		return e;
	if (part.len == 0)
		return ERR_STREAM_BROKEN;
	problem = stream_take(&r->stream, &r->event, part, &r->view);
	e = forward(r);
	return e == ERR_OK ? problem : e;
}

static enum err
relay_stream(struct request *r)
{
	enum err e;

	fiber_name(r->fiber, "stream");
	arena_reset(&r->work);
	/* The first pieces lie in the lane's memory or the stream's, not in the input. */
	exchange_release_input(r->x);
	e = begin(r);
	if (e == ERR_OK)
		e = r->view_err;
	while (e == ERR_OK && !r->stream.done)
		e = next(r);
	return say(r, e);
}

enum err
gate_relay(struct request *r)
{
	return r->record.stream ? relay_stream(r) : relay_whole(r);
}
