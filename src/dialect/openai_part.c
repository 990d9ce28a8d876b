/* SPDX-License-Identifier: Apache-2.0 */
#include "dialect/openai_part.h"

static uint32_t
string_member(const struct json *j, uint32_t object, struct slice name)
{
	uint32_t node = json_member(j, object, name);

	return node != 0 && json_type(j, node) == JSON_STRING ? node : 0;
}

static uint32_t
index_of(const struct json *j, uint32_t object, uint32_t usual)
{
	uint32_t node = json_member(j, object, S("index"));
	uint64_t index;

	return node != 0 && json_integer(j, node, &index) && index < UINT32_MAX
	    ? (uint32_t)index : usual;
}

bool
openai_choice_next(const struct json *j, uint32_t after, struct openai_choice *out)
{
	uint32_t choices = json_type(j, 0) == JSON_OBJECT ? json_member(j, 0, S("choices")) : 0;
	uint32_t node = after == 0 ? choices + 1 : j->node[after].next;

	if (choices == 0 || json_type(j, choices) != JSON_ARRAY || node >= j->node[choices].next)
		return false;
	*out = (struct openai_choice){
		.index = index_of(j, node, after == 0 ? 0 : out->index + 1),
		.node = node,
		.message = json_member(j, node, S("delta")),
		.finish = string_member(j, node, S("finish_reason")),
		.logprobs = json_member(j, node, S("logprobs")),
	};
	if (out->message == 0)
		out->message = json_member(j, node, S("message"));
	if (out->message != 0 && json_type(j, out->message) != JSON_OBJECT)
		out->message = 0;
	return true;
}

/* What of a call the caller's program reads: arguments of a function, input of a custom tool. */
static uint32_t
input_of(const struct json *j, uint32_t call)
{
	uint32_t function = json_member(j, call, S("function"));
	uint32_t custom = json_member(j, call, S("custom"));

	if (function != 0)
		return string_member(j, function, S("arguments"));
	return custom == 0 ? 0 : string_member(j, custom, S("input"));
}

static bool
next_call(const struct json *j, const struct openai_choice *c, struct openai_part_walk *w,
    struct openai_part *out)
{
	while (w->call < w->calls) {
		uint32_t call = w->call, input = input_of(j, call);

		w->call = j->node[call].next;
		out->channel = (struct openai_channel){
			c->index, index_of(j, call, w->index), OPENAI_ARGUMENTS,
		};
		out->node = input;
		w->index++;
		if (input != 0)
			return true;
	}
	return false;
}

/* Contents of parts: Mistral's, whose models think in one of them. */
static bool
next_piece(const struct json *j, const struct openai_choice *c, struct openai_part_walk *w,
    struct openai_part *out)
{
	while (w->piece < w->pieces) {
		uint32_t key = w->piece++;

		if (!j->node[key].key)
			continue;
		if (json_is(j, key, S("thinking")))
			w->thinking = j->node[key + 1].next;
		if (json_type(j, key + 1) != JSON_STRING || !json_is(j, key, S("text")))
			continue;
		out->channel = (struct openai_channel){
			c->index, 0, key < w->thinking ? OPENAI_REASONING : OPENAI_CONTENT,
		};
		out->node = key + 1;
		return true;
	}
	return false;
}

static const struct {
	struct slice		name;
	enum openai_what	what;
} plain[] = {
	{ { "content", 7 }, OPENAI_CONTENT },
	{ { "refusal", 7 }, OPENAI_REFUSAL },
	{ { "reasoning_content", 17 }, OPENAI_REASONING },
	{ { "reasoning", 9 }, OPENAI_THOUGHT },
};

/* A member of the message: true if it is a text itself; arrays are opened. */
static bool
take_member(const struct json *j, const struct openai_choice *c, struct openai_part_walk *w,
    struct openai_part *out)
{
	uint32_t key = w->field, value = key + 1;

	if (json_type(j, value) == JSON_ARRAY && json_is(j, key, S("tool_calls"))) {
		w->call = value + 1;
		w->calls = j->node[value].next;
		w->index = 0;
		return false;
	}
	if (json_type(j, value) == JSON_ARRAY && json_is(j, key, S("content"))) {
		w->piece = value + 1;
		w->pieces = j->node[value].next;
		w->thinking = 0;
		return false;
	}
	/* The function call of older models is the only one. */
	if (json_type(j, value) == JSON_OBJECT && json_is(j, key, S("function_call"))) {
		out->channel = (struct openai_channel){ c->index, UINT32_MAX, OPENAI_ARGUMENTS };
		out->node = string_member(j, value, S("arguments"));
		return out->node != 0;
	}
	for (size_t i = 0; json_type(j, value) == JSON_STRING &&
	    i < sizeof plain / sizeof plain[0]; i++) {
		if (!json_is(j, key, plain[i].name))
			continue;
		out->channel = (struct openai_channel){ c->index, 0, plain[i].what };
		out->node = value;
		return true;
	}
	return false;
}

bool
openai_part_next(const struct json *j, const struct openai_choice *c,
    struct openai_part_walk *w, struct openai_part *out)
{
	if (!w->begun) {
		uint32_t text = string_member(j, c->node, S("text"));

		w->begun = true;
		w->field = c->message == 0 ? 0 : c->message + 1;
		out->channel = (struct openai_channel){ c->index, 0, OPENAI_TEXT };
		out->node = text;
		if (text != 0)
			return true;
	}
	for (;;) {
		bool found;

		if (next_call(j, c, w, out) || next_piece(j, c, w, out))
			return true;
		if (w->field == 0 || w->field >= j->node[c->message].next)
			return false;
		found = take_member(j, c, w, out);
		w->field = j->node[w->field + 1].next;
		if (found)
			return true;
	}
}
