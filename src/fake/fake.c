/* SPDX-License-Identifier: Apache-2.0 */
#include "fake/fake.h"

#include "core/hash.h"
#include "fake/answer.h"
#include "fake/play.h"
#include "http/server.h"
#include "run/address.h"

/* One request on its way through. */
struct turn {
	struct fake		*fake;
	struct exchange		*x;
	struct arena		 arena;
	struct script		*script;
	struct play		 play;
	struct slice		 path;
	uint64_t		 seen;		/* its number there; 0: not kept */
	uint32_t		 rule;
};

enum err
fake_init(struct fake *f, struct memory_pool *memory, uint64_t seed)
{
	struct text why;
	char room[128];

	*f = (struct fake){ .memory = memory, .seed = seed };
	seen_init(&f->seen, memory);
	text_init(&why, room, sizeof room);
	return script_read(&memory->memory, S(""), &why, &f->script);
}

void
fake_release(struct fake *f)
{
	seen_reset(&f->seen);
	script_unref(f->script);
	f->script = NULL;
}

enum err
fake_script(struct fake *f, struct slice text, char *why, size_t why_bytes)
{
	struct script *script;
	struct text t;
	enum err e;

	must(why_bytes > 0);
	text_init(&t, why, why_bytes - 1);
	e = script_read(&f->memory->memory, text, &t, &script);
	why[t.len] = '\0';
	if (e != ERR_OK)
		return e;
	script_unref(f->script);
	f->script = script;
	return ERR_OK;
}

/*
 * The bytes of a head, from its method to its empty line, which the parser has
 * found to be there.
 */
static struct slice
raw_head(const struct http1_head *head)
{
	const char *p = head->method.ptr, *end = p;

	while (end[0] != '\n' || end[1] != '\r' || end[2] != '\n')
		end++;
	return slice_of(p, (size_t)(end + 3 - p));
}

static bool
ends_with(struct slice s, struct slice tail)
{
	return s.len >= tail.len && slice_eq(slice_cut(s, s.len - tail.len, s.len), tail);
}

/* ---- models ---- */

static void
put_model(struct text *t, struct slice name)
{
	text_put(t, S("{\"id\":"));
	text_put_json(t, name);
	text_put(t, S(",\"object\":\"model\",\"created\":1700000000,\"owned_by\":\"simulated\"}"));
}

static bool
is_model(const struct script *s, struct slice name)
{
	for (uint32_t i = 0; i < s->model_count; i++) {
		if (slice_eq(s->model[i], name))
			return true;
	}
	return !s->strict;
}

static enum err
no_model(struct turn *t)
{
	static const struct ask_fault fault = {
		S("The model does not exist or you do not have access to it."), S("model"),
		S("model_not_found"),
	};

	return play_error(&t->play, 404, S("invalid_request_error"), &fault);
}

static enum err
list_models(struct turn *t)
{
	const struct script *s = t->script;
	size_t bytes = 256;
	struct text out;
	char *room;

	for (uint32_t i = 0; i < s->model_count; i++)
		bytes += 128 + s->model[i].len * 6;
	room = arena_bytes(&t->arena, bytes);
	if (room == NULL)
		return ERR_MEMORY;
	text_init(&out, room, bytes);
	text_put(&out, S("{\"object\":\"list\",\"data\":["));
	for (uint32_t i = 0; i < s->model_count; i++) {
		if (i > 0)
			text_put_char(&out, ',');
		put_model(&out, s->model[i]);
	}
	if (s->model_count == 0)
		put_model(&out, S("simulated"));
	text_put(&out, S("]}"));
	return play_json(&t->play, text_slice(&out));
}

static enum err
one_model(struct turn *t, struct slice name)
{
	struct text out;
	char *room;

	if (!is_model(t->script, name))
		return no_model(t);
	room = arena_bytes(&t->arena, 256 + name.len * 6);
	if (room == NULL)
		return ERR_MEMORY;
	text_init(&out, room, 256 + name.len * 6);
	put_model(&out, name);
	return play_json(&t->play, text_slice(&out));
}

/* ---- control ---- */

static enum err
show_seen(struct turn *t)
{
	struct seen *seen = &t->fake->seen;
	size_t bytes = seen_put_bytes(seen);
	char *room = arena_bytes(&t->arena, bytes);
	struct text out;

	if (room == NULL)
		return ERR_MEMORY;
	text_init(&out, room, bytes);
	seen_put(&out, seen);
	return text_overflowed(&out) ? ERR_MEMORY :
	    exchange_reply(t->x, 200, S("Content-Type: application/json\r\n"), text_slice(&out));
}

static enum err
set_script(struct turn *t)
{
	char why[256];
	enum err e = exchange_read_body(t->x, FAKE_SCRIPT_BYTES_MAX);

	if (e != ERR_OK)
		return e;
	e = fake_script(t->fake, t->x->body, why, sizeof why);
	if (e != ERR_OK)
		return exchange_reply(t->x, 400, S("Content-Type: text/plain\r\n"),
		    slice_of(why, strlen(why)));
	return exchange_reply(t->x, 200, S("Content-Type: text/plain\r\n"), S("ok\n"));
}

/* The pages of a test that drives this provider; only for callers on the same machine. */
static enum err
control(struct turn *t)
{
	bool post = slice_eq(t->x->head.method, S("POST"));
	char why[64];

	if (address_scope(exchange_peer(t->x)) != ADDRESS_LOOPBACK)
		return exchange_reply(t->x, 403, S(""), S("only from loopback\n"));
	if (!post && slice_eq(t->path, S("/fake/requests")))
		return show_seen(t);
	if (post && slice_eq(t->path, S("/fake/script")))
		return set_script(t);
	if (post && slice_eq(t->path, S("/fake/reset"))) {
		seen_reset(&t->fake->seen);
		enum err e = fake_script(t->fake, S(""), why, sizeof why);

		return e != ERR_OK ? e : exchange_reply(t->x, 200, S(""), S("ok\n"));
	}
	return exchange_reply(t->x, 404, S(""), S("no such page\n"));
}

/* ---- the dialect ---- */

static bool
is_let_in(const struct turn *t)
{
	const struct http1_head *head = &t->x->head;
	struct slice bearer = head->field[HEADER_AUTHORIZATION];

	if (t->script->key.ptr == NULL)
		return true;
	if (slice_starts(bearer, S("Bearer ")))
		return slice_eq(slice_cut(bearer, 7, bearer.len), t->script->key);
	return slice_eq(head->field[HEADER_API_KEY], t->script->key);
}

static enum err
refuse_key(struct turn *t)
{
	static const struct ask_fault fault = {
		S("Incorrect API key provided."), { NULL, 0 }, S("invalid_api_key"),
	};

	return play_error(&t->play, 401, S("invalid_request_error"), &fault);
}

static enum err
refuse_path(struct turn *t, int status)
{
	struct ask_fault fault = { status == 404 ? S("Unknown request URL.") :
		S("Not allowed to use this method on this URL."), S(""), S("") };

	return play_error(&t->play, status, S("invalid_request_error"), &fault);
}

static enum err
answer_ask(struct turn *t, enum ask_kind kind)
{
	struct ask_fault fault;
	struct ask *ask = arena_alloc(&t->arena, sizeof *ask);

	if (ask == NULL)
		return ERR_MEMORY;
	if (!ask_read(&t->arena, kind, t->x->body, ask, &fault))
		return play_error(&t->play, 400, S("invalid_request_error"), &fault);
	if (!is_model(t->script, ask->model))
		return no_model(t);
	return play_answer(&t->play, ask);
}

/* Paths are known by their ends, so that a provider can stand below any base URL. */
static enum err
answer(struct turn *t)
{
	static const struct { struct slice tail; enum ask_kind kind; } row[] = {
		{ S("/chat/completions"), ASK_CHAT },
		{ S("/completions"), ASK_COMPLETION },
		{ S("/embeddings"), ASK_EMBEDDING },
	};
	bool post = slice_eq(t->x->head.method, S("POST"));
	size_t models = slice_find(t->path, S("/models"));

	if (!is_let_in(t))
		return refuse_key(t);
	for (size_t i = 0; i < 3; i++) {
		if (ends_with(t->path, row[i].tail))
			return post ? answer_ask(t, row[i].kind) : refuse_path(t, 405);
	}
	if (models == t->path.len)
		return refuse_path(t, 404);
	if (post)
		return refuse_path(t, 405);
	if (ends_with(t->path, S("/models")))
		return list_models(t);
	return one_model(t, slice_cut(t->path, models + 8, t->path.len));
}

/* The model and stream of a request, roughly, for the rules: the body may be no JSON at all. */
static void
look(struct turn *t, struct script_question *q)
{
	struct json_fault fault;
	struct json json;
	uint32_t model, stream;

	*q = (struct script_question){ .path = t->path, .body = t->x->body };
	if (t->script->rule_count == 0 || q->body.len == 0 ||
	    json_parse(&t->arena, q->body, JSON_DUPLICATES_KEPT, &json, &fault) != ERR_OK)
		return;
	model = json_member(&json, 0, S("model"));
	stream = json_member(&json, 0, S("stream"));
	if (model != 0 && json_type(&json, model) == JSON_STRING)
		q->model = json_string(&t->arena, &json, model);
	q->stream = stream != 0 && json_type(&json, stream) == JSON_TRUE;
}

static enum err
play_turn(struct turn *t)
{
	const struct hash_key key = { { t->fake->seed, 1 } };
	struct script_question question;
	const struct behaviour *b;
	uint64_t number = ++t->fake->number;
	bool done;
	enum err e;

	look(t, &question);
	b = script_find(t->script, &question, &t->rule);
	t->play.arena = &t->arena;
	t->play.seed = t->fake->seed;
	t->play.number = hash_64(&key, slice_of((const char *)&number, sizeof number)) >> 1;
	t->play.mouth.random = t->play.number;
	mouth_init(&t->play.mouth, t->x, &t->arena, b);
	e = play_scripted(&t->play, &done);
	return done || e != ERR_OK ? e : answer(t);
}

/* Settles what became of it. */
static void
finish(struct turn *t, enum err e)
{
	struct exchange *x = t->x;
	struct seen_request *r;
	enum seen_end end = SEEN_WHOLE;

	if (e == ERR_CLIENT_GONE)
		end = SEEN_GONE;
	else if (e != ERR_OK)
		end = SEEN_BROKEN;
	/* An answer that ended as scripted, with an error event for its last, may be whole. */
	if (e != ERR_OK && !x->ended)
		x->close = true;
	if (t->seen == 0)
		return;
	r = seen_find(&t->fake->seen, t->seen);
	if (r != NULL) {
		r->status = x->status;
		r->rule = t->rule;
	}
	seen_end(&t->fake->seen, t->seen, end, x->server->loop->now);
}

void
fake_serve(struct exchange *x)
{
	struct fake *f = x->server->owner;
	size_t query = slice_find(x->head.target, S("?"));
	struct turn *t;
	struct arena arena;
	enum err e;

	arena_init(&arena, &f->memory->memory, REQUEST_ARENA_MAX);
	t = arena_zero(&arena, sizeof *t);
	if (t == NULL) {
		x->close = true;
		return;
	}
	t->fake = f;
	t->x = x;
	t->arena = arena;
	t->path = slice_cut(x->head.target, 0, query);
	if (f->control && slice_starts(t->path, S("/fake/"))) {
		e = control(t);
		x->close |= e != ERR_OK;
	} else if ((e = exchange_read_body(x, REQUEST_BYTES_MAX)) != ERR_OK) {
		fake_refuse(x, e);
	} else {
		t->script = script_ref(f->script);
		if (f->control)
			t->seen = seen_begin(&f->seen, raw_head(&x->head), x->body,
			    x->server->loop->now);
		finish(t, play_turn(t));
		script_unref(t->script);
	}
	arena = t->arena;
	arena_release(&arena);
}

void
fake_refuse(struct exchange *x, enum err e)
{
	const struct err_info *info = err_info(e);
	struct ask_fault fault = { info->text, S(""), info->name };
	struct text t;
	char room[512];

	x->close = true;
	if (e == ERR_CLIENT_GONE || x->status != 0)
		return;
	text_init(&t, room, sizeof room);
	answer_put_error(&t, S("invalid_request_error"), &fault);
	e = exchange_reply(x, info->status, S("Content-Type: application/json\r\n"),
	    text_slice(&t));
	x->close = true;
	(void)e;
}
