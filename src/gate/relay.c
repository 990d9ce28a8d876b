/* SPDX-License-Identifier: Apache-2.0 */
#include "core/limit.h"
#include "gate/attempt.h"
#include "gate/journal.h"
#include "gate/request.h"
#include "gate/unveil.h"
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

#define STREAM_TYPE	S("text/event-stream; charset=utf-8")

static enum err
relay_whole(struct request *r)
{
	enum err e = ERR_OK;

	if (r->model != NULL) {
		keep_answer(r, r->answer);
		if ((e = unveil_answer(r)) != ERR_OK)
			return e;
	}
	request_settle_usage(r);
	if (journal_holds(r)) {
		/* The answer may lie where another fiber reads; it waits in memory of its own. */
		r->answer = arena_copy(&r->arena, r->answer);
		e = arena_overflowed(&r->arena) ? ERR_MEMORY : journal_close(r);
	}
	if (e != ERR_OK)
		return e;
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
	case ERR_RECORD_FAILED:
	case ERR_OUTPUT_STOPPED:
		return e;
	case ERR_UPSTREAM_TIMEOUT:
		return r->deadline_said && r->gate->loop->now >= r->deadline
		    ? ERR_DEADLINE : ERR_STREAM_STALLED;
	default:
		return ERR_STREAM_BROKEN;
	}
}

/* The end of a stream waits for its record, in memory of its own. */
static enum err
hold_end(struct request *r)
{
	struct stream_view *v = &r->view;

	if (!journal_holds(r) || !r->stream.done || v->is_error)
		return ERR_OK;
	v->chunks = arena_copy(&r->arena, v->chunks);
	for (int i = 0; i < v->count; i++)
		v->piece[i] = arena_copy(&r->arena, v->piece[i]);
	return arena_overflowed(&r->arena) ? ERR_MEMORY : journal_close(r);
}

/* An answer is stopped: what came before that is said, if anything was said yet. */
static enum err
send_before(struct request *r, enum err why)
{
	struct exchange_part part = { .piece = r->view.piece, .count = r->view.count };

	if (!r->x->begun || part.count == 0)
		return why;
	return exchange_part(r->x, &part) == ERR_OK ? why : ERR_CLIENT_GONE;
}

/* Forwards a view, the first one with the head; with the terminal event in it, the answer ends. */
static enum err
forward(struct request *r)
{
	struct stream_view *v = &r->view;
	struct exchange_part part = { .last = r->stream.done && !v->is_error };
	enum err e;

	keep_view(r, v);
	e = r->unmask == NULL ? ERR_OK : unmask_view(r->unmask, v);

	if (e == ERR_OUTPUT_STOPPED)
		return send_before(r, e);
	if (e != ERR_OK || (e = hold_end(r)) != ERR_OK)
		return e;
	part.piece = v->piece;
	part.count = v->count;
	part.chunks = v->chunks;
	if (r->x->begun) {
		e = exchange_part(r->x, &part);
	} else {
		r->record.first_byte = kernel_now();
		e = exchange_open(r->x, 200, request_fields(r, STREAM_TYPE), &part);
	}
	return e == ERR_OK && v->is_error ? ERR_STREAM_BROKEN : e;
}

static enum err
next(struct request *r)
{
	nanos deadline = r->gate->loop->now + r->model->stall_wait;
	enum err e;

	if (r->deadline_said && r->deadline < deadline)
		deadline = r->deadline;
	if ((e = attempt_events(r, deadline)) != ERR_OK)
		return e;
	e = forward(r);
	return e == ERR_OK ? r->view_err : e;
}

/* A stream is cut off: what was held back for a token that never came is said before that. */
static enum err
send_held(struct request *r, enum err why)
{
	struct stream_view v = { .count = 0 };
	struct exchange_part part;

	if (r->unmask == NULL || !r->x->begun || fiber_is_cancelled(r->fiber) ||
	    why == ERR_CLIENT_GONE || unmask_cut(r->unmask, &v) != ERR_OK || v.count == 0)
		return why;
	part = (struct exchange_part){ .piece = v.piece, .count = v.count };
	if (exchange_part(r->x, &part) != ERR_OK)
		return ERR_CLIENT_GONE;
	return why;
}

static enum err
relay_stream(struct request *r)
{
	enum err e;

	fiber_name(r->fiber, "stream");
	if ((e = unveil_open(r)) != ERR_OK)
		return e;
	arena_reset(&r->work);
	/* The first pieces lie in the lane's memory or the stream's, not in the input. */
	exchange_release_input(r->x);
	e = forward(r);
	if (e == ERR_OK)
		e = r->view_err;
	while (e == ERR_OK && !r->stream.done)
		e = next(r);
	return say(r, e == ERR_OK ? e : send_held(r, e));
}

enum err
gate_relay(struct request *r)
{
	return r->record.stream && !r->routing ? relay_stream(r) : relay_whole(r);
}
