/* SPDX-License-Identifier: Apache-2.0 */
#include "dialect/openai_use.h"

#define BIT(feature)	(UINT64_C(1) << FEATURE_##feature)

static void
use(struct openai_use *u, uint64_t features)
{
	u->features |= features;
}

static void
add_hosted(struct openai_use *u, struct slice type)
{
	if (u->hosted_count == OPENAI_USE_HOSTED_MAX)
		u->hosted_overflow = true;
	else
		u->hosted[u->hosted_count++] = type;
}

/* One part of a message's content: text is read by detectors, all else is opaque. */
static void
read_part(const struct json *j, uint32_t part, struct openai_use *u)
{
	uint32_t type = json_member(j, part, S("type"));

	if (type == 0 || json_type(j, type) != JSON_STRING) {
		u->opaque = true;
		return;
	}
	if (json_is(j, type, S("text")) || json_is(j, type, S("refusal")))
		return;
	u->opaque = true;
	if (json_is(j, type, S("image_url")))
		use(u, BIT(vision));
	else if (json_is(j, type, S("input_audio")))
		use(u, BIT(audio));
	else if (json_is(j, type, S("file")))
		use(u, BIT(files));
}

static void
read_message(const struct json *j, uint32_t message, struct openai_use *u)
{
	uint32_t content = json_member(j, message, S("content"));
	uint32_t audio = json_member(j, message, S("audio"));

	/* An assistant's audio is told by its id: nobody here can hear it. */
	if (audio != 0 && json_type(j, audio) != JSON_NULL) {
		u->opaque = true;
		use(u, BIT(audio));
	}
	if (content == 0 || json_type(j, content) == JSON_STRING ||
	    json_type(j, content) == JSON_NULL)
		return;
	if (json_type(j, content) != JSON_ARRAY) {
		u->opaque = true;
		return;
	}
	for (uint32_t i = content + 1; i < j->node[content].next; i = j->node[i].next)
		read_part(j, i, u);
}

static void
read_messages(const struct json *j, uint32_t messages, struct openai_use *u)
{
	if (json_type(j, messages) != JSON_ARRAY)
		return;
	for (uint32_t i = messages + 1; i < j->node[messages].next; i = j->node[i].next)
		read_message(j, i, u);
}

/* A function is the caller's own; every other tool is somebody's service. */
static void
read_tools(struct arena *a, const struct json *j, uint32_t tools, struct openai_use *u)
{
	if (json_type(j, tools) != JSON_ARRAY || j->node[tools].count == 0)
		return;
	use(u, BIT(tools));
	for (uint32_t i = tools + 1; i < j->node[tools].next; i = j->node[i].next) {
		uint32_t type = json_member(j, i, S("type"));

		if (type == 0 || json_type(j, type) != JSON_STRING)
			add_hosted(u, S("unknown"));
		else if (!json_is(j, type, S("function")) && !json_is(j, type, S("custom")))
			add_hosted(u, json_string(a, j, type));
	}
}

static void
read_format(const struct json *j, uint32_t format, struct openai_use *u)
{
	uint32_t type = json_member(j, format, S("type"));

	if (type != 0 && json_is(j, type, S("json_schema")))
		use(u, BIT(json_schema));
	else if (type != 0 && json_is(j, type, S("json_object")))
		use(u, BIT(json_object));
}

/* Text, or a list of texts; numbers are tokens, which nobody can read. */
static void
read_input(const struct json *j, uint32_t input, struct openai_use *u)
{
	if (json_type(j, input) == JSON_STRING)
		return;
	if (json_type(j, input) != JSON_ARRAY) {
		u->opaque = true;
		return;
	}
	for (uint32_t i = input + 1; i < j->node[input].next; i = j->node[i].next)
		u->opaque |= json_type(j, i) != JSON_STRING;
}

static bool
is_true(const struct json *j, uint32_t node)
{
	return json_type(j, node) == JSON_TRUE;
}

static bool
is_above(const struct json *j, uint32_t node, uint64_t limit)
{
	uint64_t n;

	return json_integer(j, node, &n) && n > limit;
}

/* Top-level fields whose presence is all that matters. */
static void
read_plain(const struct json *j, struct slice name, uint32_t value, struct openai_use *u)
{
	if (slice_eq(name, S("logprobs")))
		use(u, json_type(j, value) != JSON_FALSE ? BIT(logprobs) : 0);
	else if (slice_eq(name, S("top_logprobs")))
		use(u, BIT(logprobs));
	else if (slice_eq(name, S("n")) || slice_eq(name, S("best_of")))
		use(u, is_above(j, value, 1) ? BIT(choices) : 0);
	else if (slice_eq(name, S("reasoning_effort")) || slice_eq(name, S("reasoning")))
		use(u, BIT(reasoning));
	else if (slice_eq(name, S("functions")))
		use(u, json_type(j, value) == JSON_ARRAY && j->node[value].count > 0
		    ? BIT(tools) : 0);
	else if (slice_eq(name, S("prediction")))
		use(u, BIT(prediction));
	else if (slice_eq(name, S("web_search_options")))
		add_hosted(u, S("web_search"));
	else if (slice_eq(name, S("audio")))
		use(u, BIT(audio));
	else if (slice_eq(name, S("store")))
		u->stores = is_true(j, value);
	else if (slice_eq(name, S("metadata")))
		u->metadata_node = value;
	else if (slice_eq(name, S("temperature")))
		u->temperature_node = value;
	else if (slice_eq(name, S("top_p")))
		u->top_p_node = value;
	else if (slice_eq(name, S("seed"))) {
		u->seed_node = value;
		use(u, BIT(seed));
	}
}

void
openai_use_read(struct arena *a, const struct json *j, enum operation operation,
    struct openai_use *u)
{
	*u = (struct openai_use){
		.features = operation == OPERATION_CHAT ? BIT(chat)
		    : operation == OPERATION_COMPLETION ? BIT(completions) : BIT(embeddings),
	};
	for (uint32_t key = 1; key < j->node[0].next; key = j->node[key + 1].next) {
		struct slice name = json_string(a, j, key);
		uint32_t value = key + 1;

		if (json_type(j, value) == JSON_NULL)
			continue;
		if (slice_eq(name, S("messages")))
			read_messages(j, value, u);
		else if (slice_eq(name, S("tools")))
			read_tools(a, j, value, u);
		else if (slice_eq(name, S("response_format")))
			read_format(j, value, u);
		else if (slice_eq(name, S("prompt")) || slice_eq(name, S("input")))
			read_input(j, value, u);
		else
			read_plain(j, name, value, u);
	}
}
