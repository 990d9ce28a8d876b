/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "core/json.h"
#include "core/must.h"
#include "sim/court.h"
#include "sim/evidence.h"
#include "sim/heap.h"
#include "sim/judge.h"
#include "sim/story.h"

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

/* The contents of the choice of that number: the texts of one part, one behind the other. */
static void
add_document(struct arena *a, struct slice data, uint64_t number, struct text *t)
{
	struct json_fault fault;
	struct json j;
	uint32_t choices;

	if (json_parse(a, data, JSON_DUPLICATES_KEPT, &j, &fault) != ERR_OK ||
	    json_type(&j, 0) != JSON_OBJECT || (choices = json_member(&j, 0, S("choices"))) == 0 ||
	    json_type(&j, choices) != JSON_ARRAY)
		return;
	for (uint32_t i = choices + 1; i < j.node[choices].next; i = j.node[i].next) {
		uint32_t index = json_member(&j, i, S("index"));
		uint32_t text = json_member(&j, i, S("text")), in = json_member(&j, i, S("delta"));
		uint64_t n = 0;

		if (in == 0)
			in = json_member(&j, i, S("message"));
		if (in != 0 && json_type(&j, in) == JSON_OBJECT)
			text = json_member(&j, in, S("content"));
		if ((index != 0 && !json_integer(&j, index, &n)) || n != number || text == 0 ||
		    json_type(&j, text) != JSON_STRING)
			continue;
		text_put(t, json_string(a, &j, text));
	}
}

static struct slice
said_by(struct arena *a, const struct message *m, bool stream, uint64_t number)
{
	struct slice s = message_payload(m), data;
	struct text t;
	size_t length;
	char *room = arena_bytes(a, s.len + 1);

	must(room != NULL);
	text_init(&t, room, s.len + 1);
	if (!stream)
		add_document(a, s, number, &t);
	while (stream && (length = message_event(s, &data)) > 0) {
		if (data.len > 0 && data.ptr[0] == '{')
			add_document(a, data, number, &t);
		s = slice_cut(s, length, s.len);
	}
	return text_slice(&t);
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
};

/* Did the caller hear what was said, with tokens put back and secrets left out? */
static bool
is_restored(const struct listening *l, struct slice said, struct slice heard)
{
	struct slice secret = wish_value(l->wish, LAW_SECRET);
	size_t at = 0;

	for (size_t i = 0; i < said.len;) {
		struct slice s = slice_cut(said, i, said.len), h = slice_cut(heard, at, heard.len);
		int v = stands_for(&l->masks, s);

		if (l->watch >= LAW_LEAVE_OUT && slice_starts(s, secret)) {
			if (l->watch == LAW_STOP)
				return !l->whole && h.len == 0;
			i += secret.len;
			continue;
		}
		if (h.len == 0)
			return !l->whole;
		if (v >= 0 && slice_starts(h, wish_value(l->wish, (enum law_value)v))) {
			i += l->masks.token[v].len;
			at += wish_value(l->wish, (enum law_value)v).len;
			continue;
		}
		/* What was held back of a stream that is cut comes as it is. */
		if (v >= 0 && (l->whole || h.len >= l->masks.token[v].len))
			return false;
		if (h.ptr[0] != s.ptr[0])
			return false;
		i++;
		at++;
	}
	return at == heard.len;
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

static bool
find_masks(struct evidence *e, const struct call *c, const struct account *a, struct masks *out)
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

static void
check_heard(struct evidence *e, const struct answer *a, const struct call *c)
{
	struct memory memory = { take, give };
	struct listening l = {
		.wish = a->wish,
		.watch = watch_of(scene_find(&e->story->scene, a->account->policy), a->wish),
		.whole = a->account->err == ERR_OK,
	};
	bool stream = slice_starts(message_field(&a->message, "content-type"),
	    S("text/event-stream"));
	struct arena arena;

	if (!find_masks(e, c, a->account, &l.masks) || (!stream && !l.whole))
		return;
	arena_init(&arena, &memory, 1 << 30);
	for (uint64_t n = 0; n < 2; n++) {
		struct slice said = said_by(&arena, &c->reply, stream, n);
		struct slice heard = said_by(&arena, &a->message, stream, n);

		if (is_restored(&l, said, heard))
			continue;
		world_say(&e->story->world, "said: %.*s", (int)said.len, said.ptr);
		world_say(&e->story->world, "heard: %.*s", (int)heard.len, heard.ptr);
		world_complain(&e->story->world, "%s: its values did not come back as they were",
		    a->wish->marker);
	}
	arena_release(&arena);
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

/* What stands for a value in one request says nothing about it in another. */
static void
check_unlinked(struct evidence *e, const struct call *c, struct slice token)
{
	for (const struct call *o = c->next; o != NULL; o = o->next) {
		struct slice body = message_payload(&o->request);

		if (o->wish != NULL && o->wish != c->wish && slice_find(body, token) < body.len) {
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

		if (a == NULL || a->masked == 0 || !find_masks(e, c, a, &masks))
			continue;
		for (int v = 0; v < LAW_VALUES; v++)
			if (masks.token[v].len > 0)
				check_unlinked(e, c, masks.token[v]);
	}
}
