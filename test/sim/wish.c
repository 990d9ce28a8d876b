/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/wish.h"

#include <stdio.h>

#include "core/must.h"

#define ERR_ANY	ERR_OK

/* No other row of err.tbl has a name of three letters. */
static const struct shape_info shapes[] = {
#define SHAPE(name, weight, err, goes_on, what) \
	{ what, weight, ERR_##err, sizeof(#err) == 4, goes_on },
#include "sim/shape.tbl"
#undef SHAPE
};

struct pen {
	struct wish	*wish;
	struct scene	*scene;
	struct dice	*dice;
	struct text	 head, body;
};

const struct shape_info *
shape_info(enum shape shape)
{
	return &shapes[shape];
}

static enum shape
throw_shape(struct dice *d, bool calm)
{
	unsigned all = 0, at;

	for (int i = 0; i < SHAPE_COUNT; i++)
		all += shapes[i].weight;
	at = (unsigned)dice_below(d, calm ? 64 : all);
	for (int i = 0; i < SHAPE_COUNT; i++) {
		if (at < shapes[i].weight)
			return (enum shape)i;
		at -= shapes[i].weight;
	}
	return SHAPE_CHAT;
}

static void __attribute__((format(printf, 2, 3)))
put(struct text *t, const char *format, ...)
{
	va_list list;
	int n;

	va_start(list, format);
	n = vsnprintf(t->ptr + t->len, t->cap - t->len, format, list);
	va_end(list);
	must(n >= 0 && (size_t)n < t->cap - t->len);
	t->len += (size_t)n;
}

/* ---- bodies ---- */

static void
put_words(struct pen *p, uint64_t bytes)
{
	for (uint64_t i = 0; i < 5 || i * (MARKER_BYTES + 1) < bytes; i++)
		put(&p->body, "%s%s", i > 0 ? " " : "", p->wish->marker);
}

static void
put_input(struct pen *p, uint64_t bytes)
{
	if (p->wish->shape == SHAPE_EMBEDDING)
		put(&p->body, "\"input\": \"");
	else if (p->wish->shape == SHAPE_COMPLETION)
		put(&p->body, "\"prompt\": \"");
	else
		put(&p->body, "\"messages\":[{\"role\":\"user\",\"content\":\"");
	put_words(p, bytes);
	if (p->wish->shape == SHAPE_EMBEDDING || p->wish->shape == SHAPE_COMPLETION)
		put(&p->body, "\"");
	else
		put(&p->body, "\"}]");
}

static void
put_model(struct pen *p)
{
	struct dice *d = p->dice;
	uint64_t what = dice_below(d, 10);

	put(&p->body, dice_percent(d, 50) ? "\"model\" : " : "\"model\":");
	p->wish->model_from = p->body.len;
	if (p->wish->shape == SHAPE_UNKNOWN)
		put(&p->body, "\"m99\"");
	else if (p->wish->shape == SHAPE_LONG_NAME)
		put(&p->body, "\"%0200d\"", 1);
	else if (what < 5)
		put(&p->body, "\"m%d\"", (int)dice_below(d, (uint64_t)p->scene->models));
	else if (what < 8)
		put(&p->body, "\"g%d\"", (int)dice_below(d, SCENE_GROUPS));
	else
		put(&p->body, "\"auto\"");
	p->wish->model_to = p->body.len;
}

/* How a caller may say stream_options, and how a provider must hear it. */
static const struct { const char *said, *heard; } options[] = {
	{ "", "\"stream_options\":{\"include_usage\":true}," },
	{ ",\"stream_options\":null", ",\"stream_options\":{\"include_usage\":true}" },
	{ ",\"stream_options\":{}", ",\"stream_options\":{\"include_usage\":true}" },
	{ ",\"stream_options\": {\"include_usage\":false}", ",\"stream_options\": {\"include_usage\":true}" },
	{ ",\"stream_options\":{\"x\":1}", ",\"stream_options\":{\"include_usage\":true,\"x\":1}" },
	{ ",\"stream_options\":{\"include_usage\":true}", ",\"stream_options\":{\"include_usage\":true}" },
};

#define OPTIONS	((int)(sizeof options / sizeof options[0]))

static void
put_stream(struct pen *p)
{
	struct wish *w = p->wish;
	int which = (int)dice_below(p->dice, OPTIONS + 2);

	if (w->shape != SHAPE_STREAM && (w->shape == SHAPE_EMBEDDING || dice_percent(p->dice, 70)))
		return;
	w->stream = true;
	w->options = which < OPTIONS ? which : OPTIONS - 1;
	w->include_usage = w->options == OPTIONS - 1;
	put(&p->body, ",\"stream\": true%s", options[w->options].said);
}

struct slice
wish_expected(const struct wish *w, struct world *world, const char *id)
{
	size_t room = w->body.len + 256, at = w->model_to;
	struct text t;

	text_init(&t, world_alloc(world, room), room);
	text_put(&t, S("{"));
	if (w->options == 0)
		put(&t, "%s", options[0].heard);
	text_put(&t, slice_cut(w->body, 1, w->model_from));
	put(&t, "\"%s\"", id);
	if (w->options > 0) {
		struct slice said =
		    slice_of(options[w->options].said, strlen(options[w->options].said));
		struct slice rest = slice_cut(w->body, at, w->body.len);
		size_t where = slice_find(rest, said);

		text_put(&t, slice_cut(rest, 0, where));
		put(&t, "%s", options[w->options].heard);
		at += where + said.len;
	}
	text_put(&t, slice_cut(w->body, at, w->body.len));
	must(!text_overflowed(&t));
	return text_slice(&t);
}

static void
put_body(struct pen *p)
{
	struct wish *w = p->wish;
	struct dice *d = p->dice;
	uint64_t words = dice_percent(d, 80) ? 0 : dice_wide(d, 0, 60000);

	if (w->shape == SHAPE_LARGE)
		words = 2100000;
	put(&p->body, "{");
	put_model(p);
	put(&p->body, ",");
	if (w->shape == SHAPE_TYPE)
		put(&p->body, "\"messages\":7,\"x\":\"%s\"", w->marker);
	else if (w->shape == SHAPE_MISSING)
		put(&p->body, "\"message\":\"%s\"", w->marker);
	else
		put_input(p, words);
	if (w->shape != SHAPE_MISSING && w->shape != SHAPE_TYPE)
		put_stream(p);
	if (w->shape == SHAPE_DUPLICATE)
		put(&p->body, ",\"a\":1,\"\\u0061\":2");
	if (w->shape == SHAPE_DEEP)
		for (int i = 0; i < 200; i++)
			put(&p->body, i == 0 ? ",\"deep\":[" : i < 100 ? "[" : "]");
	if (w->shape != SHAPE_EMBEDDING && dice_percent(d, 30))
		put(&p->body, ",\"n\":%d", (int)dice_wide(d, 1, 16));
	if (dice_percent(d, 30))
		put(&p->body, ",\"max_tokens\":%d", (int)dice_wide(d, 1, 1000));
	if (dice_percent(d, 30))
		put(&p->body, ",\"temperature\": 0.70,\"\\u00e4\":1e-2");
	put(&p->body, w->shape == SHAPE_JSON ? "]" : "}");
}

/* The body as chunks of random sizes. */
static void
chunk(struct pen *p, struct text *out)
{
	size_t at = 0;

	while (at < p->body.len) {
		size_t n = (size_t)dice_wide(p->dice, 1, p->body.len - at);

		put(out, p->wish->shape == SHAPE_BAD_CHUNK ? "zz%zx\r\n" : "%zx\r\n", n);
		text_put(out, slice_of(p->body.ptr + at, n));
		text_put(out, S("\r\n"));
		at += n;
	}
	put(out, dice_percent(p->dice, 20) ? "0\r\nx-trailer: 1\r\n\r\n" : "0\r\n\r\n");
}

/* ---- heads ---- */

static bool
has_body(enum shape s)
{
	return s != SHAPE_MODELS && s != SHAPE_MODELS_HEAD && s != SHAPE_MODEL_ONE &&
	    s != SHAPE_METHOD && s != SHAPE_GARBAGE;
}

static void
put_line(struct pen *p)
{
	struct text *t = &p->head;

	switch (p->wish->shape) {
	case SHAPE_MODELS:
		put(t, "GET /v1/models HTTP/1.1\r\n");
		break;
	case SHAPE_MODELS_HEAD:
		put(t, "HEAD /v1/models HTTP/1.1\r\n");
		break;
	case SHAPE_MODEL_ONE:
		put(t, "GET /v1/models/m%d HTTP/1.1\r\n", (int)dice_below(p->dice, 10));
		break;
	case SHAPE_METHOD:
		put(t, "GET /v1/chat/completions HTTP/1.1\r\n");
		break;
	case SHAPE_PATH:
		put(t, "POST /v1/chat/%s HTTP/1.1\r\n", p->wish->marker);
		break;
	case SHAPE_NOT_BUILT:
		put(t, "POST /v1/messages HTTP/1.1\r\n");
		break;
	case SHAPE_COMPLETION:
		put(t, "POST /v1/completions HTTP/1.1\r\n");
		break;
	case SHAPE_EMBEDDING:
		put(t, "POST /v1/embeddings HTTP/1.1\r\n");
		break;
	case SHAPE_LONG_TARGET:
		put(t, "POST /v1/chat/completions?%05000d HTTP/1.1\r\n", 1);
		break;
	default:
		put(t, "POST /v1/chat/completions HTTP/1.%d\r\n", p->wish->shape != SHAPE_OLD);
		if (p->wish->shape == SHAPE_VERSION)
			t->ptr[t->len - 5] = '2', t->ptr[t->len - 3] = '0';
		break;
	}
}

static void
put_caller(struct pen *p)
{
	static const char *const form[] = {
		"Authorization: Bearer caller-secret-number-%d\r\n",
		"authorization: bearer caller-secret-number-%d\r\n",
		"x-api-key: caller-secret-number-%d\r\n",
	};

	p->wish->caller = -1;
	if (p->wish->shape == SHAPE_NO_KEY)
		return;
	if (p->wish->shape == SHAPE_BAD_KEY) {
		put(&p->head, "Authorization: Bearer caller-secret-number-x\r\n");
		return;
	}
	p->wish->caller = (int)dice_below(p->dice, SCENE_CALLERS);
	put(&p->head, form[dice_below(p->dice, 3)], p->wish->caller);
}

static void
put_trivium(struct pen *p)
{
	struct wish *w = p->wish;

	if (w->shape == SHAPE_LABEL)
		put(&p->head, "x-trivium-label: secret\r\n");
	else if (dice_percent(p->dice, 50)) {
		w->level = (unsigned)dice_below(p->dice, SCENE_LEVELS);
		put(&p->head, "X-Trivium-Label: %s\r\n", scene_level[w->level]);
	}
	if (w->shape == SHAPE_WAIT)
		put(&p->head, "x-trivium-deadline-ms: 0\r\n");
	else if (dice_percent(p->dice, 15)) {
		w->deadline_ms = dice_wide(p->dice, 1, 20000);
		put(&p->head, "x-trivium-deadline-ms: %llu\r\n",
		    (unsigned long long)w->deadline_ms);
	}
}

static void
put_framing(struct pen *p)
{
	struct wish *w = p->wish;

	w->chunked = w->shape == SHAPE_BAD_CHUNK || w->shape == SHAPE_BOTH ||
	    (dice_percent(p->dice, 15) && w->shape != SHAPE_OLD && w->shape != SHAPE_CODING);
	if (!has_body(w->shape)) {
		w->chunked = false;
		return;
	}
	put(&p->head, w->shape == SHAPE_MEDIA ? "Content-Type: text/plain\r\n"
	    : dice_percent(p->dice, 50) ? "Content-Type: application/json\r\n"
	    : "content-type:application/json; charset=utf-8\r\n");
	if (w->chunked)
		put(&p->head, "Transfer-Encoding: chunked\r\n");
	else if (w->shape == SHAPE_CODING)
		put(&p->head, "Transfer-Encoding: gzip\r\n");
	if ((!w->chunked && w->shape != SHAPE_CODING) || w->shape == SHAPE_BOTH)
		put(&p->head, "Content-Length: %zu\r\n", p->body.len);
	if (w->shape == SHAPE_EXPECTATION)
		put(&p->head, "Expect: a-miracle\r\n");
	else if (w->shape != SHAPE_OLD && dice_percent(p->dice, 8)) {
		w->expects = true;
		put(&p->head, "Expect: 100-continue\r\n");
	}
}

static void
put_head(struct pen *p)
{
	if (p->wish->shape == SHAPE_GARBAGE) {
		put(&p->head, "%s\x16\x03\x01 what?\r\n\r\n", p->wish->marker);
		return;
	}
	put_line(p);
	put(&p->head, "Host: gate.sim\r\n");
	if (p->wish->shape == SHAPE_TWO_HOSTS)
		put(&p->head, "Host: other.sim\r\n");
	put_caller(p);
	put_trivium(p);
	put_framing(p);
	if (p->wish->shape == SHAPE_HUGE_HEAD)
		put(&p->head, "x-huge: %040000d\r\n", 1);
	put(&p->head, "\r\n");
}

static void
cut_short(struct wish *w, struct dice *d)
{
	w->send_bytes = w->bytes.len;
	if (w->shape == SHAPE_HALF_HEAD)
		w->send_bytes = (size_t)dice_between(d, 1, w->head_bytes - 1);
	else if (w->shape == SHAPE_HALF_BODY)
		w->send_bytes = (size_t)dice_between(d, w->head_bytes, w->bytes.len - 1);
}

void
wish_make(struct wish *w, struct scene *s, struct dice *d, uint64_t number)
{
	struct pen p = { .wish = w, .scene = s, .dice = d };
	size_t room;
	struct text all;

	*w = (struct wish){ .shape = throw_shape(d, s->calm), .options = -1 };
	snprintf(w->marker, sizeof w->marker, "Q%09llu", (unsigned long long)number % 1000000000);
	room = w->shape == SHAPE_LARGE ? 2200000 : 100000;
	text_init(&p.head, world_alloc(s->world, 50000), 50000);
	text_init(&p.body, world_alloc(s->world, room), room);
	if (has_body(w->shape))
		put_body(&p);
	put_head(&p);
	w->to_head = w->shape == SHAPE_MODELS_HEAD;
	w->head_bytes = p.head.len;
	room = p.head.len + p.body.len * 2 + 65536;
	if (w->chunked)
		room += p.body.len * 8;
	text_init(&all, world_alloc(s->world, room), room);
	text_put(&all, text_slice(&p.head));
	if (w->chunked)
		chunk(&p, &all);
	else
		text_put(&all, text_slice(&p.body));
	w->body = text_slice(&p.body);
	w->bytes = text_slice(&all);
	cut_short(w, d);
}
