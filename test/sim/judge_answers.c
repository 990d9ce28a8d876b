/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "core/text.h"
#include "run/address.h"
#include "sim/court.h"
#include "sim/evidence.h"
#include "sim/judge.h"
#include "sim/story.h"

/*
 * Answers and records: each request that reached the gateway has one record,
 * each answer belongs to its request, and both say the same.
 */

#define SHORT_WAIT	(6 * NANOS_PER_S)	/* a head may take longer than this by itself */
#define TAP(t)	(unsigned long long)(t)->number

static bool
is_on(const struct account *a, const struct tap *t)
{
	char room[64];
	struct text text;

	text_init(&text, room, sizeof room);
	address_put_host(&text, &t->far);
	return slice_eq(a->client, text_slice(&text));
}

/* The client took no more, and was given up. */
static bool
is_stuck(const struct tap *t)
{
	return t->out.count > 0 && t->out.mark[t->out.count - 1].stuck;
}

/* How any request may end; judge_metrics knows how many can have made room for another one. */
static bool
may_end(const struct evidence *e, enum err err)
{
	return err == ERR_CLIENT_GONE || err == ERR_OVERLOADED ||
	    (err == ERR_DRAINING && e->story->drained_at != 0);
}

/* Its key or its workload may be refused before what is wrong with it is seen. */
static bool
is_turned_away(const struct version *v, const struct wish *w, enum err err)
{
	if (v != NULL && v->keyed && (err == ERR_KEY_MISSING || err == ERR_KEY_UNKNOWN))
		return !court_knows(v, w);
	return err == ERR_POLICY_REFUSED && v != NULL && court_knows(v, w) &&
	    court_workload(v, w) == COURT_REFUSED;
}

/* Has some caller, or some model, a limit? */
static bool
is_limited(const struct version *v)
{
	unsigned sum = 0;

	for (int c = 0; v != NULL && c < SCENE_CALLERS; c++)
		sum += v->requests[c];
	for (int m = 0; v != NULL && m < SCENE_MODELS; m++)
		sum += v->model[m].requests + v->model[m].tokens;
	return sum > 0;
}

/* Where nothing else can go wrong first, the error is known. */
static void
check_shape(struct evidence *e, const struct answer *a)
{
	const struct shape_info *shape = shape_info(a->wish->shape);
	const struct version *v = scene_find(&e->story->scene, a->account->policy);
	enum err err = a->account->err;

	if (shape->any || e->story->refuse != REFUSE_NOTHING || err == shape->err ||
	    may_end(e, err) || is_turned_away(v, a->wish, err))
		return;
	/* A body may be too large, or too slow in coming, whatever it says. */
	if (err == ERR_TOO_LARGE && v != NULL && a->wish->bytes.len > v->body_bytes_max)
		return;
	if (err == ERR_RATE_LIMITED && is_limited(v))
		return;
	if (err == ERR_REQUEST_TIMEOUT && (a->visitor->piece_wait > 0 ||
	    e->story->world.weather.blackouts > 0 || (v != NULL && v->header_wait < SHORT_WAIT)))
		return;
	world_complain(&e->story->world, "%s: %s ended with %.*s", a->wish->marker, shape->what,
	    (int)err_info(err)->name.len, err_info(err)->name.ptr);
}

static void
check_fields(struct evidence *e, const struct answer *a)
{
	struct world *w = &e->story->world;
	struct slice model = message_field(&a->message, "x-trivium-model");
	struct slice retry = message_field(&a->message, "retry-after");
	char attempts[16];

	if ((uint64_t)a->message.status != a->account->status)
		world_complain(w, "%s: answered %d, recorded %llu", a->wish->marker,
		    a->message.status, (unsigned long long)a->account->status);
	if (!slice_eq(model, a->account->model))
		world_complain(w, "%s: the answer names model %.*s, the record %.*s",
		    a->wish->marker, (int)model.len, model.ptr, (int)a->account->model.len,
		    a->account->model.ptr);
	snprintf(attempts, sizeof attempts, "%d", a->account->attempts);
	if (!slice_eq(message_field(&a->message, "x-trivium-attempts"),
	    slice_of(attempts, strlen(attempts))))
		world_complain(w, "%s: attempts of the answer and the record differ",
		    a->wish->marker);
	if (retry.ptr != NULL && a->message.status < 400)
		world_complain(w, "%s: Retry-After on an answer of %d", a->wish->marker,
		    a->message.status);
}

static void
check_answer(struct evidence *e, const struct answer *a)
{
	struct world *w = &e->story->world;
	const struct message *m = &a->message;
	bool whole = message_is_whole(m);

	if (m->state == MESSAGE_BAD) {
		world_complain(w, "%s: the answer is no HTTP", a->wish->marker);
		return;
	}
	if (!message_has_head(m)) {
		if (a->tap->hangup_at == 0 && !is_stuck(a->tap) &&
		    e->story->refuse == REFUSE_NOTHING)
			world_complain(w, "%s: half a head is left of the answer", a->wish->marker);
		return;
	}
	if (a->account == NULL) {
		world_complain(w, "%s: answered %d without a record", a->wish->marker, m->status);
		return;
	}
	if (!is_on(a->account, a->tap))
		world_complain(w, "%s: its record is another client's", a->wish->marker);
	check_fields(e, a);
	check_shape(e, a);
	if (whole && m->status == 200 && !a->account->stream && a->account->err != ERR_OK &&
	    a->account->err != ERR_CLIENT_GONE)
		world_complain(w, "%s: a whole answer of 200 was recorded as %.*s", a->wish->marker,
		    (int)err_info(a->account->err)->name.len, err_info(a->account->err)->name.ptr);
	if (a->account->err == ERR_OK && !a->cut && (!whole || m->status != 200))
		world_complain(w, "%s: recorded as ok, answered %d, %s", a->wish->marker, m->status,
		    whole ? "whole" : "not whole");
	if (!whole && a->tap->closed_at == 0)
		world_complain(w, "%s: the answer is not whole and its connection open",
		    a->wish->marker);
}

/* No byte of one request appears in the answer to another; ids may look like markers. */
static void
check_taint(struct evidence *e, const struct answer *a)
{
	struct slice in[2] = { message_payload(&a->message),
		slice_of(a->message.head, a->message.head_len) };

	char marker[MARKER_BYTES];
	struct visitor *whose;

	for (int i = 0; i < 2; i++)
		for (size_t at = 0; evidence_marker(in[i], &at, marker); at++)
			if (memcmp(marker, a->wish->marker, MARKER_BYTES) != 0 &&
			    evidence_wish(e, slice_of(marker, MARKER_BYTES), &whose) != NULL) {
				world_complain(&e->story->world, "%s: its answer says %.10s",
				    a->wish->marker, marker);
				return;
			}
}

/* Must the request behind the last answer of a connection have begun? */
static bool
has_begun(const struct evidence *e, const struct tap *t, const struct wish *w,
    const struct answer *before)
{
	const struct mark *last;

	if (t->in.len < w->from + w->head_bytes || w->send_bytes < w->head_bytes)
		return false;
	if (before == NULL)
		return true;
	last = &t->out.mark[t->out.count - 1];
	/* An error in the middle of a stream ends the connection. */
	return message_is_whole(&before->message) && !before->message.closes &&
	    (before->account == NULL || before->account->err == ERR_OK ||
		before->message.status != 200) &&
	    (t->hangup_at == 0 || t->hangup_at > last->at) &&
	    (e->story->drained_at == 0 || e->story->drained_at > last->at);
}

/*
 * Without memory for a request there is no record of it, and its connection is
 * closed: once where one allocation was refused, always where all were.
 */
static bool
is_excused(struct story *s, const struct tap *t)
{
	if (t->closed_at == 0 || (s->refuse != REFUSE_HEAP && s->refuse != REFUSE_POOL))
		return false;
	return s->excused++ == 0 || s->refuse == REFUSE_POOL;
}

/* On disk before an answer of which its client heard nothing. */
static bool
is_cut(const struct evidence *e, const struct account *a, const struct tap *t)
{
	const struct version *v = scene_find(&e->story->scene, a->policy);

	return a->wish != NULL && v != NULL && court_is_durable(v, a->wish) &&
	    (t->hangup_at != 0 || is_stuck(t) || e->story->refuse != REFUSE_NOTHING);
}

/* Records without an answer, and what they may be; they are of the wish that comes next. */
static int
count_silent(struct evidence *e, const struct tap *t, struct wish *next)
{
	int silent = 0;

	for (struct account *a = e->accounts; a != NULL; a = a->next) {
		if (!is_on(a, t) || a->wish != NULL)
			continue;
		silent++;
		a->wish = next;
		a->cut = a->err == ERR_OK && is_cut(e, a, t);
		if (!a->cut && a->err != ERR_CLIENT_GONE && (a->err == ERR_OK ||
		    (t->hangup_at == 0 && !is_stuck(t) &&
			e->story->refuse == REFUSE_NOTHING)))
			world_complain(&e->story->world,
			    "tap %llu: recorded as %.*s, and nobody was told", TAP(t),
			    (int)err_info(a->err)->name.len, err_info(a->err)->name.ptr);
	}
	return silent;
}

/* What a connection says of its records: one for each answer, and at most one without. */
static void
check_connection(struct evidence *e, struct tap *t)
{
	struct world *w = &e->story->world;
	struct visitor *v = e->story->visitors;
	const struct answer *last = NULL;
	int answers = 0, silent, whole = 0;

	while (v != NULL && memcmp(&v->local, &t->far, sizeof t->far) != 0)
		v = v->next;
	for (const struct answer *a = e->answers; a != NULL; a = a->next)
		if (a->tap == t) {
			answers += a->account != NULL;
			whole += message_is_whole(&a->message);
			last = a;
		}
	silent = count_silent(e, t, v != NULL && whole < v->wishes ? &v->wish[whole] : NULL);
	if (silent > 1)
		world_complain(w, "tap %llu: %d records without an answer", TAP(t), silent);
	if (v != NULL && silent == 0 && whole < v->wishes && answers == whole &&
	    has_begun(e, t, &v->wish[whole], last) && !is_excused(e->story, t))
		world_complain(w, "%s: reached the gateway and was not recorded",
		    v->wish[whole].marker);
}

/* Whoever is recorded as gone had hung up, or took no more. */
static void
check_gone(struct evidence *e, const struct account *a)
{
	const struct tap *t = e->story->world.taps;

	while (t != NULL && (!t->is_client || !is_on(a, t)))
		t = t->next;
	/* Without memory to keep what a client does not take at once, it is given up. */
	if (t == NULL || (e->story->refuse == REFUSE_NOTHING && a->err == ERR_CLIENT_GONE &&
	    t->hangup_at == 0 && !is_stuck(t)))
		world_complain(&e->story->world, "record %.*s: its client is not gone",
		    (int)a->id.len, a->id.ptr);
}

static void
check_accounts(struct evidence *e)
{
	struct world *w = &e->story->world;

	for (const struct account *a = e->accounts; a != NULL; a = a->next) {
		if (a->wish == NULL)
			world_complain(w, "record %.*s (%.*s) belongs to no request",
			    (int)a->id.len, a->id.ptr, (int)err_info(a->err)->name.len,
			    err_info(a->err)->name.ptr);
		check_gone(e, a);
		if (scene_find(&e->story->scene, a->policy) == NULL)
			world_complain(w, "record %.*s: no such configuration", (int)a->id.len,
			    a->id.ptr);
		for (const struct account *b = a->next; b != NULL; b = b->next)
			if (slice_eq(a->id, b->id) || (a->wish != NULL && a->wish == b->wish))
				world_complain(w, "records %.*s and %.*s are of one request",
				    (int)a->id.len, a->id.ptr, (int)b->id.len, b->id.ptr);
	}
}

void
judge_answers(struct evidence *e)
{
	for (const struct answer *a = e->answers; a != NULL; a = a->next) {
		check_answer(e, a);
		check_taint(e, a);
	}
	for (struct tap *t = e->story->world.taps; t != NULL; t = t->next)
		if (t->is_client)
			check_connection(e, t);
	check_accounts(e);
}
