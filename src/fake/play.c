/* SPDX-License-Identifier: Apache-2.0 */
#include "fake/play.h"

#include "fake/answer.h"
#include "fake/embed.h"

/* How many usage chunks a stream has. */
static int
usage_chunks(const struct answer *a)
{
	switch (a->behaviour->usage_say) {
	case USAGE_ABSENT:
		return 0;
	case USAGE_TWICE:
		return a->ask->include_usage ? 2 : 0;
	case USAGE_ALWAYS:
		return 1;
	default:
		return a->ask->include_usage ? 1 : 0;
	}
}

/* The header lines of an answer; the script's own content type wins. */
static struct slice
put_fields(struct play *p, struct slice type)
{
	struct slice own = p->mouth.behaviour->fields;
	size_t bytes = 160 + own.len;
	char *room = arena_bytes(p->arena, bytes);
	struct text t;

	if (room == NULL)
		return S("");
	text_init(&t, room, bytes);
	if (slice_find(own, S("Content-Type:")) == own.len &&
	    slice_find(own, S("content-type:")) == own.len) {
		text_put(&t, S("Content-Type: "));
		text_put(&t, type);
		text_put(&t, S("\r\n"));
	}
	text_put(&t, S("x-request-id: req_"));
	text_put_hex(&t, p->number);
	text_put(&t, S("\r\nx-ratelimit-remaining-requests: 9999\r\n"));
	text_put(&t, own);
	return text_slice(&t);
}

enum err
play_json(struct play *p, struct slice body)
{
	if (body.ptr == NULL)
		return ERR_MEMORY;
	return mouth_reply(&p->mouth, 200, put_fields(p, S("application/json")), body);
}

enum err
play_error(struct play *p, int status, struct slice type, const struct ask_fault *fault)
{
	size_t bytes = 256 +
	    (type.len + fault->message.len + fault->param.len + fault->code.len) * 6;
	char *room = arena_bytes(p->arena, bytes);
	struct text t;

	if (room == NULL)
		return ERR_MEMORY;
	text_init(&t, room, bytes);
	answer_put_error(&t, type, fault);
	return mouth_reply(&p->mouth, status, put_fields(p, S("application/json")), text_slice(&t));
}

/* What a provider says with an error status. */
static enum err
play_status(struct play *p, int status)
{
	static const struct { int status; struct slice type, message, code; } row[] = {
		{ 400, S("invalid_request_error"), S("Simulated: the request is not valid."),
		    S("invalid_value") },
		{ 401, S("invalid_request_error"), S("Incorrect API key provided."),
		    S("invalid_api_key") },
		{ 403, S("invalid_request_error"), S("Simulated: this key may not do that."),
		    S("unsupported_country_region_territory") },
		{ 404, S("invalid_request_error"), S("The model does not exist."),
		    S("model_not_found") },
		{ 429, S("requests"), S("Rate limit reached (simulated)."),
		    S("rate_limit_exceeded") },
		{ 503, S("server_error"), S("The engine is overloaded (simulated)."), S("") },
	};
	struct ask_fault fault = { S("The server had an error (simulated)."), S(""), S("") };
	struct slice type = S("server_error");

	for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
		if (row[i].status == status) {
			fault.message = row[i].message;
			fault.code = row[i].code;
			type = row[i].type;
		}
	}
	return play_error(p, status, type, &fault);
}

static enum err
play_events(struct play *p, const struct slice *event, uint32_t count)
{
	struct mouth *m = &p->mouth;
	enum err e;

	e = mouth_begin(m, (int)m->behaviour->status, put_fields(p, S("text/event-stream")));
	for (uint32_t i = 0; i < count && e == ERR_OK; i++) {
		e = i > 0 ? mouth_wait_token(m) : ERR_OK;
		if (e == ERR_OK)
			e = mouth_event(m, event[i]);
	}
	return e == ERR_OK ? mouth_end(m) : e;
}

enum err
play_scripted(struct play *p, bool *done)
{
	const struct behaviour *b = p->mouth.behaviour;
	enum err e;

	*done = b->raw.ptr != NULL || b->body.ptr != NULL || b->event != NULL || b->status != 200;
	if (!*done)
		return ERR_OK;
	e = mouth_wait_first(&p->mouth);
	if (e != ERR_OK)
		return e;
	if (b->raw.ptr != NULL)
		return mouth_raw(&p->mouth, b->raw);
	if (b->event != NULL)
		return play_events(p, b->event, b->event_count);
	if (b->body.ptr != NULL)
		return mouth_reply(&p->mouth, (int)b->status, put_fields(p, S("application/json")),
		    b->body);
	return play_status(p, (int)b->status);
}

/* ---- a stream of the dialect ---- */

struct stream {
	struct mouth		*mouth;
	const struct answer	*answer;
	struct text		 event;		/* used again for each */
	uint64_t		 said;		/* events, comments not counted */
};

/* Sends what stands in s->event, with what the script puts before it or instead of it. */
static enum err
say(struct stream *s)
{
	const struct behaviour *b = s->answer->behaviour;
	struct slice event;
	enum err e = ERR_OK;

	s->said++;
	if (b->comment_every > 0 && s->said % b->comment_every == 0) {
		char room[32];
		struct text comment;

		text_init(&comment, room, sizeof room);
		answer_put_comment(&comment, s->answer);
		e = mouth_event(s->mouth, text_slice(&comment));
	}
	if (s->said == b->error_at) {
		s->event.len = 0;
		answer_put_error_event(&s->event, s->answer);
	}
	event = text_slice(&s->event);
	must(!text_overflowed(&s->event));
	s->event.len = 0;
	if (e == ERR_OK)
		e = mouth_event(s->mouth, event);
	if (e != ERR_OK || s->said != b->error_at)
		return e;
	/* Nothing comes behind an error. */
	e = mouth_end(s->mouth);
	return e == ERR_OK ? ERR_CLOSED : e;
}

static enum err
say_tokens(struct stream *s)
{
	uint64_t choices = s->answer->ask->choices;
	struct slice token;
	size_t at = 0;
	enum err e = ERR_OK;

	while ((token = answer_next(s->answer, &at)).len > 0) {
		if (at > token.len)
			e = mouth_wait_token(s->mouth);
		for (uint64_t i = 0; i < choices && e == ERR_OK; i++) {
			answer_put_token(&s->event, s->answer, i, token);
			e = say(s);
		}
		if (e != ERR_OK)
			return e;
	}
	return ERR_OK;
}

static enum err
say_all(struct stream *s)
{
	const struct answer *a = s->answer;
	enum malformed malformed = a->behaviour->malformed;
	enum err e = ERR_OK;

	for (uint64_t i = 0; i < a->ask->choices && e == ERR_OK; i++) {
		answer_put_open(&s->event, a, i);
		if (s->event.len > 0)
			e = say(s);
	}
	if (e == ERR_OK)
		e = say_tokens(s);
	if (malformed == MALFORMED_NO_FINISH)
		return e;
	for (uint64_t i = 0; i < a->ask->choices && e == ERR_OK; i++) {
		answer_put_close(&s->event, a, i);
		e = say(s);
	}
	for (int i = usage_chunks(a); i > 0 && e == ERR_OK; i--) {
		answer_put_usage(&s->event, a);
		e = say(s);
	}
	if (e == ERR_OK && malformed != MALFORMED_NO_DONE) {
		answer_put_done(&s->event, a);
		e = say(s);
	}
	return e;
}

static enum err
play_stream(struct play *p, const struct answer *a)
{
	struct stream s = { .mouth = &p->mouth, .answer = a };
	size_t bytes = answer_event_bytes(a);
	char *room = arena_bytes(p->arena, bytes);
	enum err e = ERR_OK;

	if (room == NULL)
		return ERR_MEMORY;
	text_init(&s.event, room, bytes);
	if (!a->behaviour->head_first)
		e = mouth_wait_first(s.mouth);
	if (e == ERR_OK)
		e = mouth_begin(s.mouth, 200, put_fields(p, S("text/event-stream; charset=utf-8")));
	if (e == ERR_OK && a->behaviour->head_first)
		e = mouth_wait_first(s.mouth);
	if (e == ERR_OK && a->behaviour->malformed != MALFORMED_EMPTY)
		e = say_all(&s);
	return e == ERR_OK ? mouth_end(s.mouth) : e;
}

/* A whole answer takes as long as its tokens would. */
static enum err
play_whole(struct play *p, const struct answer *a)
{
	enum err e = mouth_wait_first(&p->mouth);

	for (uint64_t i = 1; i < a->tokens && e == ERR_OK && a->behaviour->token.count > 0; i++)
		e = mouth_wait_token(&p->mouth);
	return e == ERR_OK ? play_json(p, answer_body(p->arena, a)) : e;
}

enum err
play_answer(struct play *p, const struct ask *ask)
{
	struct answer a = { .ask = ask, .behaviour = p->mouth.behaviour, .number = p->number };
	enum err e;

	if (ask->kind == ASK_EMBEDDING) {
		e = mouth_wait_first(&p->mouth);
		return e == ERR_OK ? play_json(p, embed_body(p->arena, ask, p->seed)) : e;
	}
	a.created = (uint64_t)(kernel_wall() / NANOS_PER_S);
	if (!answer_make(p->arena, &a))
		return ERR_MEMORY;
	if (ask->stream && a.behaviour->malformed != MALFORMED_WHOLE_FOR_STREAM)
		return play_stream(p, &a);
	return play_whole(p, &a);
}
