/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "sim/end.h"
#include "sim/evidence.h"
#include "sim/file.h"
#include "sim/judge.h"
#include "sim/story.h"

/*
 * Calls: what went to which provider, and what became of its connection.
 */

#define CANCEL_WAIT	(1200 * NANOS_PER_MS)
#define PROMPT_WAIT	NANOS_PER_S

/* Credentials go to their own origin, and nothing of a caller's head goes anywhere. */
static void
check_secrets(struct evidence *e, const struct tap *t, int provider)
{
	struct world *w = &e->story->world;
	const char *own = provider >= 0 ? e->story->scene.provider[provider].key : "";
	struct slice all = slice_of(t->out.bytes, t->out.len), word = S("vendor-secret-");
	size_t at;

	if (slice_find(all, S("caller-secret")) < all.len)
		world_complain(w, "a caller's key was sent to provider %d", provider);
	for (at = slice_find(all, word); at < all.len; at += 1 +
	    slice_find(slice_cut(all, at + 1, all.len), word))
		if (strlen(own) == 0 || all.len - at < strlen(own) ||
		    memcmp(all.ptr + at, own, strlen(own)) != 0) {
			world_complain(w, "%.15s was sent to provider %d", all.ptr + at, provider);
			return;
		}
}

/* One request, one marker. */
static void
check_taint(struct evidence *e, const struct call *c)
{
	struct slice body = message_payload(&c->request);
	char marker[MARKER_BYTES];

	for (size_t at = 0; evidence_marker(body, &at, marker); at++)
		if (memcmp(marker, c->wish->marker, MARKER_BYTES) != 0) {
			world_complain(&e->story->world, "%s: sent together with %.10s",
			    c->wish->marker, marker);
			return;
		}
}

/*
 * A connection carries another request only if the last answer ended well, and nothing came
 * behind it.
 */
static void
check_reuse(struct evidence *e, const struct call *c)
{
	const struct call *before = NULL;
	const struct mark *sent = tape_mark(&c->tap->out, c->from);
	size_t had = 0;

	for (const struct call *o = e->calls; o != c; o = o->next)
		if (o->tap == c->tap)
			before = o;
	if (before == NULL)
		return;
	if (c->tap->hangup_turn != 0 && c->tap->hangup_turn < sent->turn)
		world_complain(&e->story->world, "%s: sent on a connection that had hung up",
		    c->wish != NULL ? c->wish->marker : "?");
	for (size_t i = 0; i < c->tap->in.count && c->tap->in.mark[i].call < sent->call; i++)
		had = c->tap->in.mark[i].upto;
	if (!message_is_whole(&before->request) || !message_is_whole(&before->reply) ||
	    before->reply.closes || had != before->reply_from + before->reply.raw)
		world_complain(&e->story->world, "%s: sent on a connection that was not clean",
		    c->wish != NULL ? c->wish->marker : "?");
}

static nanos
time_of(const struct tape *t, size_t offset)
{
	const struct mark *m = tape_mark(t, offset);

	return m == NULL ? 0 : m->at;
}

/* When a client hangs up, its upstream connection is done with within a second. */
static void
check_cancel(struct evidence *e, const struct call *c)
{
	const struct answer *a = e->answers;
	const struct tap *client = e->story->world.taps;
	nanos sent = time_of(&c->tap->out, c->from), gone, ended = NANOS_NEVER;

	while (client != NULL && (!client->is_client ||
	    memcmp(&client->far, &c->visitor->local, sizeof client->far) != 0))
		client = client->next;
	(void)a;
	if (client == NULL || client->hangup_at == 0)
		return;
	gone = client->hangup_at > sent ? client->hangup_at : sent;
	if (message_is_whole(&c->reply))
		ended = time_of(&c->tap->in, c->reply_from + c->reply.raw - 1);
	if (c->tap->closed_at != 0 && c->tap->closed_at < ended)
		ended = c->tap->closed_at;
	if (ended > gone + CANCEL_WAIT)
		world_complain(&e->story->world,
		    "%s: went on for %lld ms after its client had gone", c->wish->marker,
		    (long long)((ended - gone) / NANOS_PER_MS));
}

/* After the first byte to the client nothing is sent to anybody. */
static void
check_order(struct evidence *e, const struct call *c)
{
	const struct answer *a = e->answers;

	while (a != NULL && a->wish != c->wish)
		a = a->next;
	if (a == NULL || a->message.continues > 0)
		return;
	if (tape_mark(&a->tap->out, a->from)->call < tape_mark(&c->tap->out, c->from)->call)
		world_complain(&e->story->world,
		    "%s: sent to provider %d after its answer had begun", c->wish->marker,
		    c->provider);
}

/* A provider that is there can be reached. */
static void
check_attempts(struct evidence *e, const struct account *a)
{
	const struct weather *weather = &e->story->world.weather;
	const struct version *v = scene_find(&e->story->scene, a->policy);

	if (e->story->refuse != REFUSE_NOTHING)
		return;
	for (int i = 0; v != NULL && i < a->attempts; i++) {
		int m = scene_index(a->attempt[i].model, 'm', SCENE_MODELS);
		const struct provider *p =
		    &e->story->scene.provider[m < 0 ? 0 : v->model[m].provider];
		enum err err = a->attempt[i].err;

		if (m < 0)
			world_complain(&e->story->world, "record %.*s: an attempt without a model",
			    (int)a->id.len, a->id.ptr);
		else if (p->is_up && p->steady &&
		    weather->connect_fails + weather->watch_fails == 0 &&
		    (err == ERR_UPSTREAM_CONNECT || err == ERR_UPSTREAM_NAME ||
			err == ERR_UPSTREAM_ADDRESS))
			world_complain(&e->story->world,
			    "record %.*s: provider %d is there, and ended "
			    "with %.*s",
			    (int)a->id.len, a->id.ptr, v->model[m].provider,
			    (int)err_info(err)->name.len, err_info(err)->name.ptr);
	}
}

/* A request may be sent again only where nobody has read any of it. */
static void
check_repeats(struct evidence *e, const struct account *a)
{
	int heard = 0;

	for (const struct call *c = e->calls; c != NULL; c = c->next)
		heard += c->wish == a->wish && c->tap->duct != NULL &&
		    c->tap->duct->taken > c->from;
	if (heard > a->attempts)
		world_complain(&e->story->world, "%s: providers heard it %d times in %d attempts",
		    a->wish->marker, heard, a->attempts);
}

/* Requests wait for their turn at a model that takes only so many at a time. */
static bool
may_wait(const struct evidence *e, const struct account *a)
{
	const struct scene *s = &e->story->scene;
	int m = scene_index(a->model, 'm', SCENE_MODELS);

	for (int i = 0; i < s->versions; i++)
		if (m >= 0 && s->version[i].model[m].concurrency > 0)
			return true;
	return false;
}

/* Where there is only one attempt, it is made at once. */
static void
check_prompt(struct evidence *e, const struct call *c)
{
	const struct account *a = evidence_account(e, c->wish);
	const struct answer *answer = e->answers;
	const struct mark *asked, *said, *sent = tape_mark(&c->tap->out, c->from);
	nanos from;

	while (answer != NULL && answer->wish != c->wish)
		answer = answer->next;
	if (a == NULL || a->attempts != 1 || answer == NULL || e->story->refuse != REFUSE_NOTHING ||
	    evidence_call(e, c->wish, 0) != c || may_wait(e, a))
		return;
	asked = tape_mark(&answer->tap->in, c->wish->from + c->wish->send_bytes - 1);
	if (asked == NULL)
		return;
	/* It may have been read while the one before it was answered. */
	said = answer->from > 0 ? tape_mark(&answer->tap->out, answer->from - 1) : asked;
	from = said->at > asked->at ? said->at : asked->at;
	if (sent->at - from > PROMPT_WAIT)
		world_complain(&e->story->world, "%s: was sent %lld ms after it was read",
		    c->wish->marker, (long long)((sent->at - from) / NANOS_PER_MS));
}

/* Who was told that there is room uses it, or closes. */
static void
check_room(struct evidence *e, const struct tap *t)
{
	for (size_t i = 0; i < t->out.count; i++) {
		const struct mark *m = &t->out.mark[i];
		nanos then = i + 1 < t->out.count ? m[1].at : t->closed_at;

		if (m->room_at != 0 && (then == 0 || then - m->room_at > NANOS_PER_S)) {
			world_complain(&e->story->world,
			    "tap %llu: there was room, and nobody wrote",
			    (unsigned long long)t->number);
			return;
		}
	}
}

static void
check_log(struct evidence *e)
{
	const struct file *f = file_of(&e->story->world, "log");
	struct slice log = slice_of(f->bytes, f->len);
	size_t at = 0;
	char marker[MARKER_BYTES];

	if (slice_find(log, S("-secret")) < log.len)
		world_complain(&e->story->world, "a secret is in the log");
	/* Ids are of other letters and lengths, but may hold a Q and nine digits. */
	while (evidence_marker(log, &at, marker)) {
		struct visitor *v;

		if (evidence_wish(e, slice_of(marker, MARKER_BYTES), &v) != NULL)
			world_complain(&e->story->world, "words of a request are in the log");
		at++;
	}
}

void
judge_calls(struct evidence *e)
{
	for (const struct tap *t = e->story->world.taps; t != NULL; t = t->next) {
		int provider = -1;

		check_room(e, t);
		if (t->is_client)
			continue;
		for (int i = 0; i < e->story->scene.providers; i++)
			if (memcmp(&e->story->scene.provider[i].address, &t->far, sizeof t->far) ==
			    0)
				provider = i;
		if (provider < 0)
			world_complain(&e->story->world, "a connection was opened to %u.%u.%u.%u",
			    t->far.ip[12], t->far.ip[13], t->far.ip[14], t->far.ip[15]);
		check_secrets(e, t, provider);
	}
	for (const struct call *c = e->calls; c != NULL; c = c->next) {
		check_reuse(e, c);
		if (c->wish == NULL) {
			if (message_is_whole(&c->request))
				world_complain(&e->story->world, "provider %d was sent a request "
				    "without a marker", c->provider);
			continue;
		}
		check_taint(e, c);
		check_cancel(e, c);
		check_order(e, c);
		check_prompt(e, c);
	}
	for (const struct account *a = e->accounts; a != NULL; a = a->next) {
		check_attempts(e, a);
		if (a->wish != NULL)
			check_repeats(e, a);
	}
	check_log(e);
}
