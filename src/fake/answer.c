/* SPDX-License-Identifier: Apache-2.0 */
#include "fake/answer.h"

#include "core/utf8.h"
#include "fake/schema.h"

#define SAID_BYTES_MAX	60
#define TOKEN_BYTES_MAX	24
#define VALUE_BYTES_MAX	65536
#define WORDS_MAX	UINT64_C(1000000)

/* A text that is the whole free part of some bytes of the arena. */
static bool
room_in(struct arena *a, struct text *t, size_t bytes)
{
	char *room = arena_bytes(a, bytes);

	if (room == NULL)
		return false;
	text_init(t, room, bytes);
	return true;
}

/* The first bytes of s that are whole characters. */
static struct slice
whole_front(struct slice s, size_t most)
{
	return s.len <= most ? s : slice_of(s.ptr, utf8_valid(slice_of(s.ptr, most)));
}

static bool
make_echo(struct arena *a, struct answer *answer)
{
	const struct ask *ask = answer->ask;
	struct slice said = whole_front(ask->said, SAID_BYTES_MAX);
	struct text t;

	if (!room_in(a, &t, ask->model.len + said.len + 80))
		return false;
	text_put(&t, S("This is a simulated answer from "));
	text_put(&t, ask->model);
	text_put(&t, ask->answers_tool ? S(". The tool said: ") : S(". You said: "));
	text_put(&t, said);
	answer->content = text_slice(&t);
	return true;
}

/* So many words, one token each. */
static bool
make_words(struct arena *a, struct answer *answer, uint64_t count)
{
	static const struct slice word[] = {
		S(" where"), S(" three"), S(" roads"), S(" meet,"), S(" a"), S(" word"), S(" goes"),
		S(" only"), S(" to"), S(" a"), S(" place"), S(" that"), S(" is"), S(" cleared"),
		S(" for"), S(" it;"),
	};
	struct text t;

	if (count > WORDS_MAX)
		count = WORDS_MAX;
	if (!room_in(a, &t, (size_t)count * 8))
		return false;
	for (uint64_t i = 0; i < count; i++)
		text_put(&t, word[i % 16]);
	/* The first word has no space before it. */
	answer->content = slice_cut(text_slice(&t), 1, t.len);
	return true;
}

static bool
make_value(struct arena *a, struct answer *answer)
{
	struct text t;

	if (!room_in(a, &t, VALUE_BYTES_MAX))
		return false;
	if (answer->ask->schema != 0)
		schema_put(&t, &answer->ask->json, answer->ask->schema,
		    whole_front(answer->ask->said, SAID_BYTES_MAX));
	else if (answer->ask->tool != 0)
		text_put(&t, S("{}"));
	else
		text_put(&t, S("{\"answer\":\"simulated\"}"));
	answer->content = text_slice(&t);
	return !text_overflowed(&t);
}

/* Counts the tokens, and cuts the content where the caller's limit is. */
static void
count_tokens(struct answer *answer)
{
	size_t at = 0, end = 0;

	answer->tokens = 0;
	while (answer_next(answer, &at).len > 0) {
		if (answer->tokens == answer->ask->max_tokens && answer->ask->tool == 0) {
			answer->content.len = end;
			answer->finish = S("length");
			return;
		}
		answer->tokens++;
		end = at;
	}
}

bool
answer_make(struct arena *a, struct answer *answer)
{
	const struct behaviour *b = answer->behaviour;
	bool made;

	answer->finish = answer->ask->tool != 0 ? S("tool_calls") : S("stop");
	if (b->text.ptr != NULL) {
		answer->content = b->text;
		made = true;
	} else if (answer->ask->tool != 0 || answer->ask->json_mode) {
		made = make_value(a, answer);
	} else if (b->tokens > 0) {
		made = make_words(a, answer, b->tokens);
	} else {
		made = make_echo(a, answer);
	}
	count_tokens(answer);
	if (b->finish.ptr != NULL)
		answer->finish = b->finish;
	return made;
}

struct slice
answer_next(const struct answer *answer, size_t *at)
{
	struct slice rest = slice_cut(answer->content, *at, answer->content.len);
	size_t end = 0;

	/* Spaces belong to the word behind them. */
	while (end < rest.len && rest.ptr[end] == ' ')
		end++;
	while (end < rest.len && rest.ptr[end] != ' ')
		end++;
	if (end > TOKEN_BYTES_MAX) {
		end = TOKEN_BYTES_MAX;
		while (end > 1 && ((unsigned char)rest.ptr[end] & 0xc0) == 0x80)
			end--;
	}
	*at += end;
	return slice_cut(rest, 0, end);
}

static uint64_t
input_tokens(const struct answer *a)
{
	return a->behaviour->usage_given ? a->behaviour->usage_input : a->ask->input_tokens;
}

static uint64_t
output_tokens(const struct answer *a)
{
	return a->behaviour->usage_given ? a->behaviour->usage_output : a->tokens * a->ask->choices;
}

static void
put_usage(struct text *t, const struct answer *a)
{
	text_put(t, S("{\"prompt_tokens\":"));
	text_put_number(t, input_tokens(a));
	text_put(t, S(",\"completion_tokens\":"));
	text_put_number(t, output_tokens(a));
	text_put(t, S(",\"total_tokens\":"));
	text_put_number(t, input_tokens(a) + output_tokens(a));
	text_put(t, S(",\"prompt_tokens_details\":{\"cached_tokens\":"));
	text_put_number(t, a->behaviour->usage_cached);
	text_put(t, S(",\"audio_tokens\":0},\"completion_tokens_details\":{\"reasoning_tokens\":0,"
	    "\"audio_tokens\":0,\"accepted_prediction_tokens\":0,"
	    "\"rejected_prediction_tokens\":0}}"));
}

/* `"id":…,"object":…,"created":…,"model":…` */
static void
put_front(struct text *t, const struct answer *a, struct slice object)
{
	text_put(t, a->ask->kind == ASK_CHAT ? S("\"id\":\"chatcmpl-") : S("\"id\":\"cmpl-"));
	text_put_hex(t, a->number);
	text_put(t, S("\",\"object\":\""));
	text_put(t, object);
	text_put(t, S("\",\"created\":"));
	text_put_number(t, a->created);
	text_put(t, S(",\"model\":"));
	text_put_json(t, a->ask->model);
	text_put(t, S(",\"service_tier\":\"default\",\"system_fingerprint\":\"fp_simulated\""));
}

static void
put_tool_front(struct text *t, const struct answer *a, uint64_t choice)
{
	text_put(t, S("\"id\":\"call_"));
	text_put_hex(t, a->number + choice);
	text_put(t, S("\",\"type\":\"function\",\"function\":{\"name\":"));
	text_put(t, json_raw(&a->ask->json, a->ask->tool));
	text_put(t, S(",\"arguments\":\""));
}

/* The content as the inside of a JSON string, with what a script breaks in it. */
static void
put_content(struct text *t, const struct answer *a, struct slice content)
{
	text_put_escaped(t, content);
	if (a->behaviour->malformed == MALFORMED_BAD_UTF8)
		text_put_char(t, (char)0xff);
	else if (a->behaviour->malformed == MALFORMED_NUL)
		text_put_char(t, '\0');
}

static void
put_message(struct text *t, const struct answer *a, uint64_t choice)
{
	text_put(t, S("{\"index\":"));
	text_put_number(t, choice);
	if (a->ask->kind == ASK_COMPLETION) {
		text_put(t, S(",\"text\":\""));
		put_content(t, a, a->content);
		text_put(t, S("\",\"logprobs\":null,\"finish_reason\":\""));
	} else if (a->ask->tool != 0) {
		text_put(t, S(",\"message\":{\"role\":\"assistant\",\"content\":null,"
		    "\"tool_calls\":[{"));
		put_tool_front(t, a, choice);
		put_content(t, a, a->content);
		text_put(t, S("\"}}],\"refusal\":null,\"annotations\":[]},\"logprobs\":null,"
		    "\"finish_reason\":\""));
	} else {
		text_put(t, S(",\"message\":{\"role\":\"assistant\",\"content\":\""));
		put_content(t, a, a->content);
		text_put(t, S("\",\"refusal\":null,\"annotations\":[]},\"logprobs\":null,"
		    "\"finish_reason\":\""));
	}
	text_put_escaped(t, a->finish);
	text_put(t, S("\"}"));
}

struct slice
answer_body(struct arena *arena, const struct answer *a)
{
	bool chat = a->ask->kind == ASK_CHAT;
	struct text t;

	if (!room_in(arena, &t, 1024 + a->ask->model.len * 6 + a->ask->choices *
	    (512 + a->content.len * 6)))
		return slice_of(NULL, 0);
	text_put_char(&t, '{');
	put_front(&t, a, chat ? S("chat.completion") : S("text_completion"));
	text_put(&t, S(",\"choices\":["));
	for (uint64_t i = 0; i < a->ask->choices; i++) {
		if (i > 0)
			text_put_char(&t, ',');
		put_message(&t, a, i);
	}
	text_put_char(&t, ']');
	if (a->behaviour->usage_say != USAGE_ABSENT) {
		text_put(&t, S(",\"usage\":"));
		put_usage(&t, a);
	}
	text_put_char(&t, '}');
	if (a->behaviour->malformed == MALFORMED_BAD_JSON)
		t.len -= 2;
	return text_overflowed(&t) ? slice_of(NULL, 0) : text_slice(&t);
}

/* ---- events ---- */

size_t
answer_event_bytes(const struct answer *a)
{
	/* The tool's name stands in the first event as it stood in the request. */
	size_t name = a->ask->tool != 0 ? json_raw(&a->ask->json, a->ask->tool).len : 0;

	return 1024 + a->ask->model.len * 6 + name + TOKEN_BYTES_MAX * 6 + a->finish.len * 6;
}

static void
end_event(struct text *t, const struct answer *a)
{
	text_put(t, a->behaviour->line);
	text_put(t, a->behaviour->line);
}

static void
begin_event(struct text *t, const struct answer *a)
{
	text_put(t, S("data: {"));
	put_front(t, a,
	    a->ask->kind == ASK_CHAT ? S("chat.completion.chunk") : S("text_completion"));
	text_put(t, S(",\"choices\":["));
}

/* Everything behind a choice's delta. */
static void
finish_event(struct text *t, const struct answer *a, struct slice finish)
{
	text_put(t, S(",\"logprobs\":null,\"finish_reason\":"));
	if (finish.len > 0)
		text_put_json(t, finish);
	else
		text_put(t, S("null"));
	text_put(t, a->ask->include_usage ? S("}],\"usage\":null}") : S("}]}"));
	end_event(t, a);
}

/* `{"index":N,"delta":{`, or of a completion `{"index":N,"text":"` */
static void
begin_choice(struct text *t, const struct answer *a, uint64_t choice)
{
	begin_event(t, a);
	text_put(t, S("{\"index\":"));
	text_put_number(t, choice);
	text_put(t, a->ask->kind == ASK_CHAT ? S(",\"delta\":{") : S(",\"text\":\""));
}

void
answer_put_open(struct text *t, const struct answer *a, uint64_t choice)
{
	if (a->ask->kind != ASK_CHAT)
		return;
	begin_choice(t, a, choice);
	if (a->ask->tool != 0) {
		text_put(t, S("\"role\":\"assistant\",\"content\":null,"
		    "\"tool_calls\":[{\"index\":0,"));
		put_tool_front(t, a, choice);
		text_put(t, S("\"}}],\"refusal\":null}"));
	} else {
		text_put(t, S("\"role\":\"assistant\",\"content\":\"\",\"refusal\":null}"));
	}
	finish_event(t, a, S(""));
}

void
answer_put_token(struct text *t, const struct answer *a, uint64_t choice, struct slice token)
{
	if (a->behaviour->malformed == MALFORMED_BAD_JSON) {
		text_put(t, S("data: {\"id\":\"chatcmpl-broken\",\"choices\":[{\"delta\":"));
		end_event(t, a);
		return;
	}
	begin_choice(t, a, choice);
	if (a->ask->kind != ASK_CHAT) {
		put_content(t, a, token);
		text_put_char(t, '"');
	} else if (a->ask->tool != 0) {
		text_put(t, S("\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\""));
		put_content(t, a, token);
		text_put(t, S("\"}}]}"));
	} else {
		text_put(t, S("\"content\":\""));
		put_content(t, a, token);
		text_put(t, S("\"}"));
	}
	finish_event(t, a, S(""));
}

void
answer_put_close(struct text *t, const struct answer *a, uint64_t choice)
{
	begin_choice(t, a, choice);
	text_put_char(t, a->ask->kind == ASK_CHAT ? '}' : '"');
	finish_event(t, a, a->finish);
}

void
answer_put_usage(struct text *t, const struct answer *a)
{
	begin_event(t, a);
	text_put(t, S("],\"usage\":"));
	put_usage(t, a);
	text_put_char(t, '}');
	end_event(t, a);
}

void
answer_put_error_event(struct text *t, const struct answer *a)
{
	static const struct ask_fault fault = {
		S("The simulated provider failed while it answered."), { NULL, 0 },
		S("simulated_failure"),
	};

	text_put(t, S("data: "));
	answer_put_error(t, S("server_error"), &fault);
	end_event(t, a);
}

void
answer_put_done(struct text *t, const struct answer *a)
{
	text_put(t, S("data: [DONE]"));
	end_event(t, a);
}

void
answer_put_comment(struct text *t, const struct answer *a)
{
	text_put(t, S(": keep-alive"));
	end_event(t, a);
}

static void
put_or_null(struct text *t, struct slice s)
{
	if (s.len > 0)
		text_put_json(t, s);
	else
		text_put(t, S("null"));
}

void
answer_put_error(struct text *t, struct slice type, const struct ask_fault *fault)
{
	text_put(t, S("{\"error\":{\"message\":"));
	text_put_json(t, fault->message);
	text_put(t, S(",\"type\":"));
	text_put_json(t, type);
	text_put(t, S(",\"param\":"));
	put_or_null(t, fault->param);
	text_put(t, S(",\"code\":"));
	put_or_null(t, fault->code);
	text_put(t, S("}}"));
}
