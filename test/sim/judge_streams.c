/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "sim/evidence.h"
#include "sim/judge.h"
#include "sim/story.h"

/*
 * Bytes and turns: what the provider said is what the client heard, each event
 * once, in the turn of the loop in which it came, and the end of a stream once.
 */

static bool
is_error(struct slice data)
{
	return slice_starts(data, S("{\"error\""));
}

static bool
is_done(struct slice data)
{
	return slice_eq(data, S("[DONE]"));
}

/* A chunk that carries usage and nothing else. */
static bool
is_usage(struct slice data)
{
	return slice_find(data, S("\"choices\":[],\"usage\":{")) < data.len;
}

/* One terminal event, at the end; or one error event, and a record that says so. */
static void
check_end(struct evidence *e, const struct answer *a)
{
	struct world *w = &e->story->world;
	struct slice s = message_payload(&a->message), data;
	unsigned done = 0, errors = 0, behind = 0;
	size_t length;
	bool ok = a->account->err == ERR_OK;
	bool gone = e->story->refuse != REFUSE_NOTHING || a->tap->hangup_at != 0 ||
	    a->tap->out.mark[a->tap->out.count - 1].stuck;

	while ((length = message_event(s, &data)) > 0) {
		behind += done + errors > 0 && data.ptr != NULL;
		done += is_done(data);
		errors += is_error(data);
		s = slice_cut(s, length, s.len);
	}
	if (done + errors > 1 || behind > 0)
		world_complain(w, "%s: %u ends and %u errors in one stream, %u events behind",
		    a->wish->marker, done, errors, behind);
	if (ok && done != 1)
		world_complain(
		    w, "%s: a stream without its end was recorded as ok", a->wish->marker);
	if (!ok && done == 1 && a->account->err != ERR_CLIENT_GONE)
		world_complain(w, "%s: a stream with its end was recorded as %.*s", a->wish->marker,
		    (int)err_info(a->account->err)->name.len, err_info(a->account->err)->name.ptr);
	if (!ok && a->account->err != ERR_CLIENT_GONE && errors != 1 && !gone)
		world_complain(w, "%s: a stream was recorded as %.*s, and the client was not told",
		    a->wish->marker, (int)err_info(a->account->err)->name.len,
		    err_info(a->account->err)->name.ptr);
	if (s.len > 0 && message_is_whole(&a->message) && !gone)
		world_complain(w, "%s: half an event at the end of the stream", a->wish->marker);
}

/* The turn in which an event was whole, and that in which its last byte left. */
static void
check_turn(struct evidence *e, const struct answer *a, const struct call *c, size_t said,
    size_t heard)
{
	const struct mark *came = tape_mark(&c->tap->in,
	    c->reply_from + message_raw(&c->reply, said - 1));
	const struct mark *left = tape_mark(&a->tap->out, a->from +
	    message_raw(&a->message, heard - 1));

	if (came == NULL || left == NULL || left->turn == came->turn)
		return;
	if (evidence_waited(e, a, came, left))
		return;
	if (left->turn < came->turn)
		world_complain(
		    &e->story->world, "%s: an event left before it came", a->wish->marker);
	else if (!tape_was_stuck(&a->tap->out, left->call - 1) &&
	    !tape_was_stuck(&a->tap->out, came->call))
		world_complain(&e->story->world, "%s: an event came in turn %llu and left in %llu",
		    a->wish->marker, (unsigned long long)came->turn,
		    (unsigned long long)left->turn);
}

/* Both sides of a stream, and how far they were compared. */
struct hearing {
	struct evidence		*e;
	const struct answer	*a;
	const struct call	*c;
	struct slice		 said, heard;
	size_t			 said_at, heard_at;
};

static void
differ(const struct hearing *h, struct slice event)
{
	struct world *w = &h->e->story->world;

	world_say(w, "said: %.*s", (int)event.len, event.ptr);
	world_say(w, "heard: %.*s", (int)(h->heard.len - h->heard_at),
	    h->heard.ptr + h->heard_at);
	world_complain(w, "%s: an event is not what the client heard", h->a->wish->marker);
}

/* Usage that nobody asked for: not there, or, without memory to read it, as it was. */
static bool
pass_usage(struct hearing *h, struct slice event)
{
	struct slice rest = slice_cut(h->heard, h->heard_at, h->heard.len);

	if (h->e->story->refuse == REFUSE_NOTHING)
		return true;
	if (slice_starts(rest, event))
		h->heard_at += event.len;
	return rest.len >= event.len || !slice_starts(event, rest) || h->a->account->err == ERR_OK;
}

/* One event of the provider; false when there is nothing more to compare. */
static bool
compare(struct hearing *h, struct slice event, struct slice data)
{
	struct slice rest = slice_cut(h->heard, h->heard_at, h->heard.len);
	bool ok = h->a->account->err == ERR_OK;

	if (is_usage(data) && !h->a->wish->include_usage)
		return pass_usage(h, event);
	if (is_error(data) || (!ok && rest.len < event.len))
		return false;
	if (!slice_starts(rest, event)) {
		/* The gateway's own error may stand where the provider went on. */
		if (ok || rest.len < 5 || !is_error(slice_trim(slice_cut(rest, 5, rest.len))))
			differ(h, event);
		return false;
	}
	h->heard_at += event.len;
	/* Whether a CR ends an event is known when the next byte comes. */
	if (event.ptr[event.len - 1] != '\r')
		check_turn(h->e, h->a, h->c, h->said_at, h->heard_at);
	return !is_done(data);
}

/* Every event of the provider in order, but for usage that was not asked for. */
static void
check_events(struct evidence *e, const struct answer *a, const struct call *c)
{
	struct hearing h = { .e = e, .a = a, .c = c, .said = message_payload(&c->reply),
		.heard = message_payload(&a->message) };
	struct slice event, data;
	bool more = true;

	while (more) {
		struct slice rest = slice_cut(h.said, h.said_at, h.said.len);

		event = slice_cut(rest, 0, message_event(rest, &data));
		if (event.len == 0)
			break;
		h.said_at += event.len;
		more = compare(&h, event, data);
	}
	if (a->account->err == ERR_OK && h.heard_at != h.heard.len)
		world_complain(&e->story->world,
		    "%s: the client heard %zu bytes more than were said", a->wish->marker,
		    h.heard.len - h.heard_at);
}

static void
check_whole(struct evidence *e, const struct answer *a, const struct call *c)
{
	if (!slice_eq(message_payload(&a->message), message_payload(&c->reply)))
		world_complain(&e->story->world, "%s: the client heard not what the provider said",
		    a->wish->marker);
}

void
judge_streams(struct evidence *e)
{
	for (const struct answer *a = e->answers; a != NULL; a = a->next) {
		const struct call *c;

		if (a->account == NULL || a->message.status != 200 || a->wish->to_head || a->cut)
			continue;
		c = evidence_last_call(e, a->wish);
		if (c == NULL)
			continue;
		if (slice_starts(
			message_field(&a->message, "content-type"), S("text/event-stream"))) {
			check_end(e, a);
			/* Of one that was read its texts are compared: judge_masks.c. */
			if (!masks_read(e, a->account))
				check_events(e, a, c);
		} else if (a->account->err == ERR_OK && !masks_read(e, a->account)) {
			check_whole(e, a, c);
		}
	}
}
