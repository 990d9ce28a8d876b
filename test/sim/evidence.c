/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/evidence.h"

#include "sim/court.h"
#include "sim/file.h"
#include "sim/story.h"

static bool
same_address(const struct address *a, const struct address *b)
{
	return a->port == b->port && memcmp(a->ip, b->ip, sizeof a->ip) == 0;
}

static bool
is_marker(const char *s)
{
	for (int i = 1; i < MARKER_BYTES; i++)
		if (s[i] < '0' || s[i] > '9')
			return false;
	return s[0] == 'Q';
}

/* Each of its characters as \u00XX. */
static bool
is_escaped(struct slice s, char marker[MARKER_BYTES])
{
	static const char digits[] = "0123456789abcdef";

	if (s.len < 6 * MARKER_BYTES)
		return false;
	for (int i = 0; i < MARKER_BYTES; i++) {
		const char *at = s.ptr + 6 * i, *high, *low;

		if (memcmp(at, "\\u00", 4) != 0 || (high = strchr(digits, at[4])) == NULL ||
		    (low = strchr(digits, at[5])) == NULL || at[4] == '\0' || at[5] == '\0')
			return false;
		marker[i] = (char)((high - digits) << 4 | (low - digits));
	}
	return is_marker(marker);
}

static int
sextet(char c)
{
	return c >= 'A' && c <= 'Z' ? c - 'A' : c >= 'a' && c <= 'z' ? c - 'a' + 26
	    : c >= '0' && c <= '9' ? c - '0' + 52 : -1;
}

/* Ten bytes are fourteen letters, and more that follow do not matter. */
static bool
is_base64(struct slice s, char marker[MARKER_BYTES])
{
	unsigned word = 0, bits = 0;
	int at = 0;

	for (size_t i = 0; i < s.len && at < MARKER_BYTES; i++) {
		int six = sextet(s.ptr[i]);

		if (six < 0)
			return false;
		word = word << 6 | (unsigned)six;
		bits += 6;
		if (bits < 8)
			continue;
		bits -= 8;
		marker[at++] = (char)(word >> bits & 255);
	}
	return at == MARKER_BYTES && is_marker(marker);
}

bool
evidence_marker(struct slice s, size_t *at, char marker[MARKER_BYTES])
{
	for (; *at + MARKER_BYTES <= s.len; ++*at) {
		struct slice rest = slice_of(s.ptr + *at, s.len - *at);

		if (rest.ptr[0] == 'Q' && is_marker(rest.ptr)) {
			memcpy(marker, rest.ptr, MARKER_BYTES);
			return true;
		}
		if ((rest.ptr[0] == '\\' && is_escaped(rest, marker)) ||
		    (rest.ptr[0] == 'U' && rest.ptr[1] == 'T' && is_base64(rest, marker)))
			return true;
	}
	return false;
}

struct account *
evidence_account(const struct evidence *e, const struct wish *w)
{
	struct account *a = e->accounts;

	while (a != NULL && a->wish != w)
		a = a->next;
	return a;
}

/* What comes with the end of a durable answer waits with it. */
bool
evidence_waited(const struct evidence *e, const struct answer *a, const struct mark *came,
    const struct mark *left)
{
	uint64_t entered;

	if (!a->durable)
		return false;
	entered = shelf_durable(&e->story->shelf, a->account->id, true);
	return entered > came->call && entered <= left->call;
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
note_durable(struct evidence *e, struct answer *a)
{
	const struct version *v = scene_find(&e->story->scene, a->account->policy);
	const struct tape *out = &a->tap->out;

	a->account->wish = a->wish;
	a->durable = v != NULL && a->message.status == 200 && court_is_durable(v, a->wish);
	a->cut = a->durable && !message_is_whole(&a->message) &&
	    (a->tap->hangup_at != 0 || out->mark[out->count - 1].stuck ||
		e->story->refuse != REFUSE_NOTHING);
	a->account->cut = a->cut;
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
		/* Who did not read the whole head does not know that it is one of HEAD. */
		message_init(&a->message, false, a->wish->to_head &&
		    t->in.len >= a->wish->from + a->wish->head_bytes);
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
			note_durable(e, a);
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
	char name[MARKER_BYTES];

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
		if (evidence_marker(message_payload(&c->request), &marker, name))
			c->wish = evidence_wish(e, slice_of(name, MARKER_BYTES), &c->visitor);
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
	e->accounts = account_read_all(&s->world, slice_of(log->bytes, log->len), &e->lines);
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
