/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/evidence.h"

#include "sim/file.h"
#include "sim/story.h"

static bool
same_address(const struct address *a, const struct address *b)
{
	return a->port == b->port && memcmp(a->ip, b->ip, sizeof a->ip) == 0;
}

bool
evidence_marker(struct slice s, size_t *at)
{
	for (; *at + MARKER_BYTES <= s.len; ++*at) {
		size_t i = 1;

		if (s.ptr[*at] != 'Q')
			continue;
		while (i < MARKER_BYTES && s.ptr[*at + i] >= '0' && s.ptr[*at + i] <= '9')
			i++;
		if (i == MARKER_BYTES)
			return true;
	}
	return false;
}

struct wish *
evidence_wish(const struct evidence *e, struct slice s, struct visitor **whose)
{
	for (struct visitor *v = e->story->visitors; v != NULL; v = v->next)
		for (int i = 0; i < v->wishes; i++)
			if (memcmp(v->wish[i].marker, s.ptr, MARKER_BYTES) == 0) {
				*whose = v;
				return &v->wish[i];
			}
	return NULL;
}

struct call *
evidence_call(const struct evidence *e, const struct wish *w, int n)
{
	for (struct call *c = e->calls; c != NULL; c = c->next)
		if (c->wish == w && n-- == 0)
			return c;
	return NULL;
}

struct call *
evidence_last_call(const struct evidence *e, const struct wish *w)
{
	struct call *last = NULL;

	for (struct call *c = e->calls; c != NULL; c = c->next)
		if (c->wish == w)
			last = c;
	return last;
}

/* ---- answers ---- */

static struct account *
find_account(const struct evidence *e, struct slice id)
{
	struct account *a = e->accounts;

	while (a != NULL && !slice_eq(a->id, id))
		a = a->next;
	return a;
}

static void
read_answers(struct evidence *e, struct tap *t)
{
	struct world *w = &e->story->world;
	struct visitor *v = e->story->visitors;
	size_t at = 0;

	while (v != NULL && !same_address(&v->local, &t->far))
		v = v->next;
	for (int i = 0; v != NULL && at < t->out.len; i++) {
		struct answer *a = world_alloc(w, sizeof *a);

		if (i == v->wishes) {
			world_complain(w, "tap %llu: bytes behind the last answer",
			    (unsigned long long)t->number);
			return;
		}
		*a = (struct answer){ .tap = t, .visitor = v, .wish = &v->wish[i], .from = at };
		message_init(&a->message, false, a->wish->to_head);
		at += message_feed(&a->message, slice_of(t->out.bytes + at, t->out.len - at));
		/* Told to go on, and then nothing: no answer. */
		if (a->message.continues > 0 && a->message.head_len == 0) {
			message_free(&a->message);
			return;
		}
		if (at == t->out.len && t->closed_at != 0)
			(void)message_end(&a->message);
		if (message_has_head(&a->message))
			a->account = find_account(e, message_field(&a->message, "x-trivium-id"));
		if (a->account != NULL)
			a->account->wish = a->wish;
		*e->answers_tail = a;
		e->answers_tail = &a->next;
		if (!message_is_whole(&a->message))
			return;
	}
}

/* ---- calls ---- */

static int
find_provider(const struct evidence *e, const struct address *a)
{
	for (int i = 0; i < e->story->scene.providers; i++)
		if (same_address(&e->story->scene.provider[i].address, a))
			return i;
	return -1;
}

static void
place_call(struct evidence *e, struct call *c)
{
	uint64_t when = tape_mark(&c->tap->out, c->from)->call;
	struct call **at = &e->calls;

	while (*at != NULL && tape_mark(&(*at)->tap->out, (*at)->from)->call < when)
		at = &(*at)->next;
	c->next = *at;
	*at = c;
}

static void
read_calls(struct evidence *e, struct tap *t)
{
	struct world *w = &e->story->world;
	size_t at = 0, reply_at = 0, marker = 0;

	while (at < t->out.len) {
		struct call *c = world_alloc(w, sizeof *c);

		*c =
		    (struct call){ .tap = t, .from = at, .reply_from = reply_at, .first = at == 0 };
		c->provider = find_provider(e, &t->far);
		message_init(&c->request, true, false);
		at += message_feed(&c->request, slice_of(t->out.bytes + at, t->out.len - at));
		message_init(&c->reply, false, false);
		if (reply_at < t->in.len)
			reply_at += message_feed(&c->reply,
			    slice_of(t->in.bytes + reply_at, t->in.len - reply_at));
		if (t->hangup_at != 0 && reply_at == t->in.len)
			(void)message_end(&c->reply);
		marker = 0;
		if (evidence_marker(message_payload(&c->request), &marker))
			c->wish = evidence_wish(e, slice_of(c->request.payload + marker,
			    MARKER_BYTES), &c->visitor);
		place_call(e, c);
		if (!message_is_whole(&c->request))
			return;
	}
}

void
evidence_gather(struct evidence *e, struct story *s)
{
	struct file *log = file_of(&s->world, "log");

	*e = (struct evidence){ .story = s };
	e->answers_tail = &e->answers;
	e->accounts = account_read_all(&s->world, slice_of(log->bytes, log->len));
	for (struct tap *t = s->world.taps; t != NULL; t = t->next)
		if (t->is_client)
			read_answers(e, t);
		else
			read_calls(e, t);
}

void
evidence_release(struct evidence *e)
{
	for (struct answer *a = e->answers; a != NULL; a = a->next)
		message_free(&a->message);
	for (struct call *c = e->calls; c != NULL; c = c->next) {
		message_free(&c->request);
		message_free(&c->reply);
	}
}
