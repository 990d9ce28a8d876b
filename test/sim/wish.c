/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/wish.h"

#include <stdio.h>

#include "core/must.h"
#include "sim/pen.h"

#define ERR_ANY	ERR_OK

/* No other row of err.tbl has a name of three letters. */
static const struct shape_info shapes[] = {
#define SHAPE(name, weight, err, goes_on, what) \
	{ what, weight, ERR_##err, sizeof(#err) == 4, goes_on },
#include "sim/shape.tbl"
#undef SHAPE
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

struct slice
wish_value(const struct wish *w, enum law_value value)
{
	if (value == LAW_EMAIL)
		return slice_of(w->email, strlen(w->email));
	return value == LAW_SSN ? S("536-22-8641")
	    : S("ghp_aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0dF3hJ6");
}

bool
wish_is_free(const struct wish *w)
{
	return shapes[w->shape].any;
}

/* ---- bodies ---- */

static void
put_model(struct pen *p)
{
	struct dice *d = p->dice;
	struct wish *w = p->wish;
	uint64_t what = dice_below(d, 12);

	law_put(&p->body, dice_percent(d, 50) ? "\"model\" : " : "\"model\":");
	w->model_from = p->body.len;
	if (w->shape == SHAPE_UNKNOWN) {
		law_put(&p->body, "\"m99\"");
	} else if (w->shape == SHAPE_LONG_NAME) {
		law_put(&p->body, "\"%0200d\"", 1);
	} else if (what < 5) {
		w->asked = ASKED_MODEL;
		w->asked_index = (int)dice_below(d, (uint64_t)p->scene->models);
		law_put(&p->body, "\"m%d\"", w->asked_index);
	} else if (what < 8) {
		w->asked = ASKED_GROUP;
		w->asked_index = (int)dice_below(d, SCENE_GROUPS);
		law_put(&p->body, "\"g%d\"", w->asked_index);
	} else if (what < 11 || !wish_is_free(w)) {
		w->asked = ASKED_AUTO;
		law_put(&p->body, "\"auto\"");
	} else {
		w->asked = ASKED_WORKLOAD;
		w->asked_index = (int)dice_below(d, LAW_WORKLOADS);
		law_put(&p->body, "\"workload/w%d\"", w->asked_index);
	}
	w->model_to = p->body.len;
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
	law_put(&p->body, ",\"stream\": true%s", options[w->options].said);
}

struct slice
wish_expected(const struct wish *w, struct world *world, const char *id, const char *insert)
{
	size_t room = w->body.len + 256, at = w->model_to;
	struct text t;

	text_init(&t, world_alloc(world, room), room);
	text_put(&t, S("{"));
	law_put(&t, "%s", insert);
	if (w->options == 0)
		law_put(&t, "%s", options[0].heard);
	text_put(&t, slice_cut(w->body, 1, w->model_from));
	law_put(&t, "\"%s\"", id);
	if (w->options > 0) {
		struct slice said =
		    slice_of(options[w->options].said, strlen(options[w->options].said));
		struct slice rest = slice_cut(w->body, at, w->body.len);
		size_t where = slice_find(rest, said);

		text_put(&t, slice_cut(rest, 0, where));
		law_put(&t, "%s", options[w->options].heard);
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
	law_put(&p->body, "{");
	put_model(p);
	law_put(&p->body, ",");
	if (w->shape == SHAPE_TYPE)
		law_put(&p->body, "\"messages\":7,\"x\":\"%s\"", w->marker);
	else if (w->shape == SHAPE_MISSING)
		law_put(&p->body, "\"message\":\"%s\"", w->marker);
	else
		pen_put_input(p, words);
	if (w->shape != SHAPE_MISSING && w->shape != SHAPE_TYPE && w->shape != SHAPE_ROUTE)
		put_stream(p);
	if (w->shape == SHAPE_DUPLICATE)
		law_put(&p->body, ",\"a\":1,\"\\u0061\":2");
	if (w->shape == SHAPE_DEEP)
		for (int i = 0; i < 200; i++)
			law_put(&p->body, i == 0 ? ",\"deep\":[" : i < 100 ? "[" : "]");
	if (w->shape != SHAPE_EMBEDDING && dice_percent(d, 30)) {
		uint64_t n = dice_wide(d, 1, 16);

		law_put(&p->body, ",\"n\":%d", (int)n);
		w->uses[LAW_USES_CHOICES] |= n > 1;
	}
	if (dice_percent(d, 30))
		law_put(&p->body, ",\"max_tokens\":%d", (int)dice_wide(d, 1, 1000));
	pen_put_rest(p);
	law_put(&p->body, w->shape == SHAPE_JSON ? "]" : "}");
}

/* The body as chunks of random sizes. */
static void
chunk(struct pen *p, struct text *out)
{
	size_t at = 0;

	while (at < p->body.len) {
		size_t n = (size_t)dice_wide(p->dice, 1, p->body.len - at);

		law_put(out, p->wish->shape == SHAPE_BAD_CHUNK ? "zz%zx\r\n" : "%zx\r\n", n);
		text_put(out, slice_of(p->body.ptr + at, n));
		text_put(out, S("\r\n"));
		at += n;
	}
	law_put(out, dice_percent(p->dice, 20) ? "0\r\nx-trailer: 1\r\n\r\n" : "0\r\n\r\n");
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
		law_put(t, "GET /v1/models HTTP/1.1\r\n");
		break;
	case SHAPE_MODELS_HEAD:
		law_put(t, "HEAD /v1/models HTTP/1.1\r\n");
		break;
	case SHAPE_MODEL_ONE:
		law_put(t, "GET /v1/models/m%d HTTP/1.1\r\n", (int)dice_below(p->dice, 10));
		break;
	case SHAPE_METHOD:
		law_put(t, "GET /v1/chat/completions HTTP/1.1\r\n");
		break;
	case SHAPE_PATH:
		law_put(t, "POST /v1/chat/%s HTTP/1.1\r\n", p->wish->marker);
		break;
	case SHAPE_NOT_BUILT:
		law_put(t, "POST /v1/messages HTTP/1.1\r\n");
		break;
	case SHAPE_COMPLETION:
		law_put(t, "POST /v1/completions HTTP/1.1\r\n");
		break;
	case SHAPE_EMBEDDING:
		law_put(t, "POST /v1/embeddings HTTP/1.1\r\n");
		break;
	case SHAPE_ROUTE:
		law_put(t, "POST /v1/route HTTP/1.1\r\n");
		break;
	case SHAPE_LONG_TARGET:
		law_put(t, "POST /v1/chat/completions?%05000d HTTP/1.1\r\n", 1);
		break;
	default:
		law_put(t, "POST /v1/chat/completions HTTP/1.%d\r\n", p->wish->shape != SHAPE_OLD);
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
		law_put(&p->head, "Authorization: Bearer caller-secret-number-x\r\n");
		return;
	}
	p->wish->caller = (int)dice_below(p->dice, SCENE_CALLERS);
	law_put(&p->head, form[dice_below(p->dice, 3)], p->wish->caller);
}

/* A level, kinds, or both, in any order. */
static void
put_label(struct pen *p)
{
	struct wish *w = p->wish;
	bool kinds = wish_is_free(w) && dice_percent(p->dice, 30), level = !kinds ||
	    dice_percent(p->dice, 60);

	if (kinds)
		w->kind[dice_below(p->dice, LAW_KINDS)] = true;
	law_put(&p->head, "X-Trivium-Label:");
	for (int k = 0; k < LAW_KINDS; k++) {
		w->kind[k] = w->kind[k] || (kinds && dice_percent(p->dice, 10));
		if (w->kind[k])
			law_put(&p->head, " %s,", law_kind[k]);
	}
	if (level) {
		w->level = (unsigned)dice_below(p->dice, LAW_LEVELS);
		law_put(&p->head, " %s", law_level[w->level]);
	}
	law_put(&p->head, "\r\n");
}

static void
put_workload(struct pen *p)
{
	struct wish *w = p->wish;

	if (!wish_is_free(w))
		return;
	if (dice_percent(p->dice, 15)) {
		w->named = dice_percent(p->dice, 5) ? WISH_NO_WORKLOAD
		    : (int)dice_below(p->dice, LAW_WORKLOADS);
		law_put(&p->head, "x-trivium-workload: w%d\r\n", w->named);
	}
	if (dice_percent(p->dice, 25)) {
		w->team = (int)dice_below(p->dice, LAW_WORKLOADS);
		law_put(&p->head, "X-Team: t%d\r\n", w->team);
	}
	if (w->talk >= 0)
		law_put(&p->head, "x-trivium-conversation: talk %d\r\n", w->talk);
	w->explain = dice_percent(p->dice, 15);
	if (w->explain)
		law_put(&p->head, "x-trivium-explain: 1\r\n");
}

static void
put_trivium(struct pen *p)
{
	struct wish *w = p->wish;

	if (w->shape == SHAPE_LABEL)
		law_put(&p->head, "x-trivium-label: secret\r\n");
	else if (dice_percent(p->dice, 50))
		put_label(p);
	put_workload(p);
	if (w->shape == SHAPE_WAIT)
		law_put(&p->head, "x-trivium-deadline-ms: 0\r\n");
	else if (dice_percent(p->dice, 15)) {
		w->deadline_ms = dice_wide(p->dice, 1, 20000);
		law_put(&p->head, "x-trivium-deadline-ms: %llu\r\n",
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
	law_put(&p->head, w->shape == SHAPE_MEDIA ? "Content-Type: text/plain\r\n"
	    : dice_percent(p->dice, 50) ? "Content-Type: application/json\r\n"
	    : "content-type:application/json; charset=utf-8\r\n");
	if (w->chunked)
		law_put(&p->head, "Transfer-Encoding: chunked\r\n");
	else if (w->shape == SHAPE_CODING)
		law_put(&p->head, "Transfer-Encoding: gzip\r\n");
	if ((!w->chunked && w->shape != SHAPE_CODING) || w->shape == SHAPE_BOTH)
		law_put(&p->head, "Content-Length: %zu\r\n", p->body.len);
	if (w->shape == SHAPE_EXPECTATION)
		law_put(&p->head, "Expect: a-miracle\r\n");
	else if (w->shape != SHAPE_OLD && dice_percent(p->dice, 8)) {
		w->expects = true;
		law_put(&p->head, "Expect: 100-continue\r\n");
	}
}

static void
put_head(struct pen *p)
{
	if (p->wish->shape == SHAPE_GARBAGE) {
		law_put(&p->head, "%s\x16\x03\x01 what?\r\n\r\n", p->wish->marker);
		return;
	}
	put_line(p);
	law_put(&p->head, "Host: gate.sim\r\n");
	if (p->wish->shape == SHAPE_TWO_HOSTS)
		law_put(&p->head, "Host: other.sim\r\n");
	put_caller(p);
	put_trivium(p);
	put_framing(p);
	if (p->wish->shape == SHAPE_HUGE_HEAD)
		law_put(&p->head, "x-huge: %040000d\r\n", 1);
	law_put(&p->head, "\r\n");
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

/* In few conversations, so that they meet in them; some of one speak of the same address. */
static void
throw_talk(struct wish *w, const struct scene *s, struct dice *d)
{
	if (!wish_is_free(w))
		return;
	w->crowd = s->version[0].law.detects && dice_permille(d, 30);
	if (!dice_percent(d, 30))
		return;
	w->talk = (int)dice_below(d, WISH_TALKS);
	if (dice_percent(d, 60))
		snprintf(w->email, sizeof w->email, "u%09d@acme.io", 999000000 + w->talk);
}

void
wish_make(struct wish *w, struct scene *s, struct dice *d, uint64_t number)
{
	struct pen p = { .wish = w, .scene = s, .dice = d };
	size_t room;
	struct text all;

	*w = (struct wish){ .shape = throw_shape(d, s->calm), .options = -1,
		.named = -1, .team = -1, .metadata_team = -1, .talk = -1 };
	snprintf(w->marker, sizeof w->marker, "Q%09llu", (unsigned long long)number % 1000000000);
	snprintf(w->email, sizeof w->email, "u%s@acme.io", w->marker + 1);
	throw_talk(w, s, d);
	room = w->shape == SHAPE_LARGE ? 2200000 : w->crowd ? 400000 : 100000;
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
