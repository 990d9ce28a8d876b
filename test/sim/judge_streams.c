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
	bool gone = a->tap->hangup_at != 0 || a->tap->out.mark[a->tap->out.count - 1].stuck;

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

/* True if the client conn was short of room between two calls. */
static bool
was_stuck(const struct tape *t, uint64_t until)
{
	bool stuck = false;

	for (size_t i = 0; i < t->count && t->mark[i].call <= until; i++)
		stuck = t->mark[i].stuck;
	return stuck;
}

struct pair {
	struct slice	said, heard;	/* what is left of both */
	size_t		said_at, heard_at;
};

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
	if (left->turn < came->turn)
		world_complain(
		    &e->story->world, "%s: an event left before it came", a->wish->marker);
	else if (!was_stuck(&a->tap->out, left->call - 1) && !was_stuck(&a->tap->out, came->call))
		world_complain(&e->story->world, "%s: an event came in turn %llu and left in %llu",
		    a->wish->marker, (unsigned long long)came->turn,
		    (unsigned long long)left->turn);
}

/* Every event of the provider in order, but for usage that was not asked for. */
static void
check_events(struct evidence *e, const struct answer *a, const struct call *c)
{
	struct slice said = message_payload(&c->reply), heard = message_payload(&a->message), data;
	size_t said_at = 0, heard_at = 0, length;

	while ((length = message_event(slice_cut(said, said_at, said.len), &data)) > 0) {
		struct slice event = slice_of(said.ptr + said_at, length);

		said_at += length;
		if (is_usage(data) && !a->wish->include_usage)
			continue;
		if (heard.len - heard_at < length && a->account->err == ERR_CLIENT_GONE)
			return;
		if (is_error(data) || (a->account->err != ERR_OK && heard.len - heard_at < length))
			return;
		if (heard.len - heard_at < length ||
		    memcmp(heard.ptr + heard_at, event.ptr, length) != 0) {
			if (a->account->err == ERR_OK || !is_error(slice_trim(slice_cut(heard,
			    heard_at + 5 < heard.len ? heard_at + 5 : heard.len, heard.len))))
				world_complain(&e->story->world,
				    "%s: event at byte %zu of the provider's is not what the client heard",
				    a->wish->marker, said_at - length);
			return;
		}
		heard_at += length;
		/* Whether a CR ends an event is known when the next byte comes. */
		if (event.ptr[length - 1] != '\r')
			check_turn(e, a, c, said_at, heard_at);
		if (is_done(data))
			break;
	}
	if (a->account->err == ERR_OK && heard_at != heard.len)
		world_complain(&e->story->world,
		    "%s: the client heard %zu bytes more than were said", a->wish->marker,
		    heard.len - heard_at);
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

		if (a->account == NULL || a->message.status != 200 || a->wish->to_head)
			continue;
		c = evidence_last_call(e, a->wish);
		if (c == NULL)
			continue;
		if (slice_starts(
			message_field(&a->message, "content-type"), S("text/event-stream"))) {
			check_end(e, a);
			check_events(e, a, c);
		} else if (a->account->err == ERR_OK) {
			check_whole(e, a, c);
		}
	}
}
