/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "answer/outlet.h"
#include "core/must.h"
#include "sim/court.h"
#include "sim/evidence.h"
#include "sim/heap.h"
#include "sim/judge.h"
#include "sim/speech.h"
#include "sim/story.h"
#include "sim/tap.h"

/*
 * Masks: what stood for a value in what a provider was sent, and what became of
 * it in what the caller heard.  The bodies are laid side by side, so nothing is
 * believed of how tokens are made but their form.
 */

#define NOTE	"{\"role\":\"system\",\"content\":\"" LAW_NOTE "\"},"
#define DIGITS	10

/* A word, an underscore and ten digits at the front of s; empty: there is none. */
static struct slice
token_at(struct slice s)
{
	size_t word = 0, end;

	while (word < s.len && ((s.ptr[word] | 32) >= 'a' && (s.ptr[word] | 32) <= 'z'))
		word++;
	if (word < 2 || word + 1 + DIGITS > s.len || s.ptr[word] != '_')
		return slice_of(NULL, 0);
	for (end = word + 1; end < word + 1 + DIGITS; end++)
		if (!((s.ptr[end] >= '0' && s.ptr[end] <= '9') ||
		    (s.ptr[end] >= 'A' && s.ptr[end] <= 'Z')))
			return slice_of(NULL, 0);
	return slice_cut(s, 0, end);
}

static int
value_at(const struct wish *w, struct slice s)
{
	for (int v = 0; v < LAW_VALUES; v++)
		if (slice_starts(s, wish_value(w, (enum law_value)v)))
			return v;
	return -1;
}

bool
masks_fit(const struct wish *w, struct slice meant, struct slice sent, struct masks *out)
{
	struct slice note = S(NOTE);
	size_t at = 0;

	*out = (struct masks){ .count = 0 };
	for (size_t i = 0; i < meant.len;) {
		struct slice rest = slice_cut(sent, at, sent.len), token = token_at(rest);
		int v = value_at(w, slice_cut(meant, i, meant.len));

		if (slice_starts(rest, note)) {
			at += note.len;
			continue;
		}
		if (v < 0 || v == LAW_SECRET || token.len == 0) {
			if (rest.len == 0 || rest.ptr[0] != meant.ptr[i])
				return false;
			i++;
			at++;
			continue;
		}
		if (out->token[v].len > 0 && !slice_eq(out->token[v], token))
			return false;
		out->token[v] = token;
		out->count++;
		i += wish_value(w, (enum law_value)v).len;
		at += token.len;
	}
	return at == sent.len;
}

/* ---- what was heard ---- */

static void *
take(struct memory *m, size_t *bytes)
{
	(void)m;
	return heap_real_calloc(1, *bytes);
}

static void
give(struct memory *m, void *block, size_t bytes)
{
	(void)m;
	(void)bytes;
	heap_real_free(block);
}

/* Which value a token at the front of s stands for; -1: none of this request. */
static int
stands_for(const struct masks *m, struct slice s)
{
	for (int v = 0; v < LAW_VALUES; v++)
		if (m->token[v].len > 0 && slice_starts(s, m->token[v]))
			return v;
	return -1;
}

struct listening {
	const struct wish	*wish;
	struct masks		 masks;
	enum law_watch		 watch;
	bool			 whole;		/* the answer came to its end */
	struct speech		 said, heard;
	size_t			 said_at[SPEECH_TEXTS], heard_at[SPEECH_TEXTS];
	bool			 stopped[SPEECH_TEXTS];	/* before what must not come out */
	bool			 done;		/* its end was heard */
};

/*
 * Goes on in one text as far as what was said was heard: its tokens as their values, without
 * what must not come out of it.  False where it was not.
 */
static bool
follow(struct listening *l, int n)
{
	struct slice said = speech_text(&l->said, n), heard = speech_text(&l->heard, n);
	struct slice secret = wish_value(l->wish, LAW_SECRET);
	size_t *at = &l->heard_at[n];

	for (size_t *i = &l->said_at[n]; *i < said.len && !l->stopped[n];) {
		struct slice s = slice_cut(said, *i, said.len);
		struct slice h = slice_cut(heard, *at, heard.len);
		int v = stands_for(&l->masks, s);

		if (l->watch >= LAW_LEAVE_OUT && slice_starts(s, secret)) {
			l->stopped[n] = l->watch == LAW_STOP;
			*i += l->stopped[n] ? 0 : secret.len;
			continue;
		}
		if (h.len == 0)
			return true;
		if (v >= 0 && slice_starts(h, wish_value(l->wish, (enum law_value)v))) {
			*i += l->masks.token[v].len;
			*at += wish_value(l->wish, (enum law_value)v).len;
			continue;
		}
		/* What was held back of a stream that is cut comes as it is. */
		if (v >= 0 && (l->whole || h.len >= l->masks.token[v].len))
			return false;
		if (h.ptr[0] != s.ptr[0])
			return false;
		++*i;
		++*at;
	}
	return *at == heard.len;
}

/* Is that all?  Of an answer that was cut or stopped it is as much as there was. */
static bool
is_restored(struct listening *l, int n)
{
	if (!follow(l, n))
		return false;
	return l->stopped[n] ? !l->whole : !l->whole ||
	    l->said_at[n] == speech_text(&l->said, n).len;
}

/* The watched answers of a version's workload, and those of requests that were masked. */
static enum law_watch
watch_of(const struct version *v, const struct wish *w)
{
	int workload = v != NULL && v->law.detects && court_knows(v, w) ? court_workload(v, w) : -1;

	return workload < 0 ? LAW_NO_WATCH : v->law.workload[workload].watch;
}

bool
masks_read(const struct evidence *e, const struct account *a)
{
	return a->masked > 0 ||
	    watch_of(scene_find(&e->story->scene, a->policy), a->wish) != LAW_NO_WATCH;
}

bool
masks_find(struct evidence *e, const struct call *c, const struct account *a, struct masks *out)
{
	const struct version *v = scene_find(&e->story->scene, a->policy);
	struct plea plea = court_plea(v, c->wish, court_workload(v, c->wish));

	for (int i = 0; i < a->attempts; i++) {
		int m = scene_index(a->attempt[i].model, 'm', SCENE_MODELS);

		if (m >= 0 && masks_fit(c->wish, wish_expected(c->wish, &e->story->world,
		    v->model[m].id, court_inserts(&plea)), message_payload(&c->request), out))
			return true;
	}
	return false;
}

/* ---- how long it was held ---- */

/* A token's beginning, in any spelling that is understood. */
static bool
is_beginning(struct slice token, struct slice s)
{
	size_t i = 0;

	for (; i < s.len && i < token.len; i++)
		if (token.ptr[i] == '_' ? memchr("_- \\*`", s.ptr[i], 6) == NULL
		    : (token.ptr[i] | 32) != (s.ptr[i] | 32))
			return false;
	return s.len < token.len;
}

/*
 * May so much of a text be kept back?  What may become a token always; where something is kept
 * back until it was judged, what the guide says, and a secret that lies across its end.
 */
static bool
may_hold(const struct listening *l, struct slice held)
{
	if (held.len == 0 || l->watch >= LAW_LEAVE_OUT)
		return held.len <= WINDOW_KEEP + WINDOW_STRIDE + TOKEN_BYTES_MAX +
		    wish_value(l->wish, LAW_SECRET).len;
	for (int v = 0; v < LAW_VALUES; v++)
		if (l->masks.token[v].len > 0 && is_beginning(l->masks.token[v], held))
			return true;
	return false;
}

/* The end of a turn in which an event came: all was said that need not be held. */
static void
check_held(struct evidence *e, struct listening *l)
{
	for (int n = 0; n < SPEECH_TEXTS; n++) {
		struct slice said = speech_text(&l->said, n), held;

		if (!follow(l, n) || l->stopped[n])
			continue;
		held = slice_cut(said, l->said_at[n], said.len);
		if (may_hold(l, held))
			continue;
		world_say(&e->story->world, "held: %.*s", (int)held.len, held.ptr);
		world_complain(&e->story->world, "%s: %zu bytes were held back longer than a token",
		    l->wish->marker, held.len);
	}
}

/* The events of both sides of a stream. */
struct duet {
	struct slice	said, heard;		/* that are not taken yet */
	const struct call *c;
	const struct answer *a;
};

static const struct mark *
said_mark(const struct duet *d)
{
	return tape_mark(&d->c->tap->in, d->c->reply_from + message_raw(&d->c->reply,
	    (size_t)(d->said.ptr - d->c->reply.payload) - 1));
}

/* Takes the events that the client was sent up to a turn; the mark of the next one, or NULL. */
static const struct mark *
hear(struct listening *l, struct duet *d, uint64_t turn)
{
	const char *payload = d->a->message.payload;
	struct slice data;
	size_t length;

	while ((length = message_event(d->heard, &data)) > 0) {
		const struct mark *left = tape_mark(&d->a->tap->out, d->a->from +
		    message_raw(&d->a->message, (size_t)(d->heard.ptr - payload) + length - 1));

		if (left == NULL || left->turn > turn)
			return left;
		speech_add(&l->heard, data);
		l->done |= slice_eq(data, S("[DONE]"));
		d->heard = slice_cut(d->heard, length, d->heard.len);
	}
	return NULL;
}

static void
listen(struct evidence *e, struct listening *l, struct duet *d)
{
	struct slice data;
	size_t length;

	while ((length = message_event(d->said, &data)) > 0) {
		const struct mark *came, *next;

		d->said = slice_cut(d->said, length, d->said.len);
		speech_add(&l->said, data);
		came = said_mark(d);
		/* Whether a CR ends an event is known when the next byte comes. */
		if (came == NULL || d->said.ptr[-1] == '\r')
			continue;
		next = hear(l, d, came->turn);
		/* The last ones of an answer that was cut may have met its end. */
		if ((next == NULL && !l->whole) || tape_was_stuck(&d->a->tap->out, came->call) ||
		    (next != NULL && tape_was_stuck(&d->a->tap->out, next->call - 1)) ||
		    (next != NULL && evidence_waited(e, d->a, came, next)) ||
		    e->story->refuse != REFUSE_NOTHING)
			continue;
		check_held(e, l);
		if (slice_eq(data, S("[DONE]")) && l->whole && !l->done)
			world_complain(&e->story->world, "%s: the end came later than it could",
			    l->wish->marker);
	}
	(void)hear(l, d, UINT64_MAX);
}

static void
check_heard(struct evidence *e, const struct answer *a, const struct call *c)
{
	struct memory memory = { take, give };
	struct listening *l = heap_real_calloc(1, sizeof *l);
	struct duet duet = {
		message_payload(&c->reply), message_payload(&a->message), c, a,
	};
	struct arena arena;

	arena_init(&arena, &memory, 1 << 30);
	l->wish = a->wish;
	l->watch = watch_of(scene_find(&e->story->scene, a->account->policy), a->wish);
	l->whole = a->account->err == ERR_OK;
	speech_init(&l->said, &arena, duet.said.len);
	speech_init(&l->heard, &arena, duet.heard.len);
	(void)masks_find(e, c, a->account, &l->masks);
	if (slice_starts(message_field(&a->message, "content-type"), S("text/event-stream"))) {
		listen(e, l, &duet);
	} else {
		speech_add(&l->said, duet.said);
		speech_add(&l->heard, duet.heard);
	}
	for (int n = 0; n < SPEECH_TEXTS; n++) {
		struct slice said = speech_text(&l->said, n), heard = speech_text(&l->heard, n);

		if (is_restored(l, n))
			continue;
		world_say(&e->story->world, "said: %.*s", (int)said.len, said.ptr);
		world_say(&e->story->world, "heard: %.*s", (int)heard.len, heard.ptr);
		world_complain(&e->story->world, "%s: its values did not come back as they were",
		    a->wish->marker);
	}
	arena_release(&arena);
	heap_real_free(l);
}

/* Whose value is it?  A request's own are no secret to its caller. */
static void
check_others(struct evidence *e, const struct answer *a)
{
	struct slice in = message_payload(&a->message), mark = S("@acme.io");
	size_t from = 0, at;

	while ((at = slice_find(slice_cut(in, from, in.len), mark)) < in.len - from) {
		size_t begin;

		from += at;
		for (begin = from; begin > 0 && in.ptr[begin - 1] >= '0' &&
		    in.ptr[begin - 1] <= '9'; begin--)
			;
		/* In a stream the beginning may be in the event before. */
		if (from - begin == MARKER_BYTES - 1 &&
		    memcmp(in.ptr + begin, a->wish->email + 1, MARKER_BYTES - 1) != 0)
			world_complain(&e->story->world, "%s: was told the value of another",
			    a->wish->marker);
		from += mark.len;
	}
}

static bool
speak_together(const struct evidence *e, const struct call *a, const struct call *b)
{
	const struct account *one = evidence_account(e, a->wish);
	const struct account *other = evidence_account(e, b->wish);

	return one != NULL && other != NULL && talks_same(one, other);
}

/* What stands for a value in one request says nothing about it in another conversation. */
static void
check_unlinked(struct evidence *e, const struct call *c, struct slice token)
{
	for (const struct call *o = c->next; o != NULL; o = o->next) {
		struct slice body = message_payload(&o->request);

		if (o->wish != NULL && o->wish != c->wish && slice_find(body, token) < body.len &&
		    !speak_together(e, c, o)) {
			world_complain(&e->story->world, "%s: has a token of %s", o->wish->marker,
			    c->wish->marker);
			return;
		}
	}
}

void
judge_masks(struct evidence *e)
{
	for (const struct answer *a = e->answers; a != NULL; a = a->next) {
		const struct call *c = evidence_last_call(e, a->wish);

		check_others(e, a);
		if (a->account == NULL || a->message.status != 200 || a->wish->to_head || a->cut ||
		    c == NULL || a->wish->shape == SHAPE_ROUTE || !masks_read(e, a->account))
			continue;
		check_heard(e, a, c);
	}
	for (const struct call *c = e->calls; c != NULL; c = c->next) {
		const struct account *a = c->wish == NULL ? NULL : evidence_account(e, c->wish);
		struct masks masks;

		if (a == NULL || a->masked == 0 || !masks_find(e, c, a, &masks))
			continue;
		for (int v = 0; v < LAW_VALUES; v++)
			if (masks.token[v].len > 0)
				check_unlinked(e, c, masks.token[v]);
	}
}
