/* SPDX-License-Identifier: Apache-2.0 */
#include "dialect/openai_use.h"

#include "dialect/openai_field.h"

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
is_above(const struct json *j, uint32_t node, uint64_t limit)
{
	uint64_t n;

	return json_integer(j, node, &n) && n > limit;
}

static uint64_t
plain_feature(const struct json *j, enum openai_field field, uint32_t value)
{
	switch (field) {
	case FIELD_functions:
		return json_type(j, value) == JSON_ARRAY && j->node[value].count > 0
		    ? BIT(tools) : 0;
	case FIELD_logprobs:
		return json_type(j, value) != JSON_FALSE ? BIT(logprobs) : 0;
	case FIELD_top_logprobs:
		return BIT(logprobs);
	case FIELD_n:
	case FIELD_best_of:
		return is_above(j, value, 1) ? BIT(choices) : 0;
	case FIELD_reasoning_effort:
	case FIELD_reasoning:
		return BIT(reasoning);
	case FIELD_prediction:
		return BIT(prediction);
	case FIELD_audio:
		return BIT(audio);
	case FIELD_seed:
		return BIT(seed);
	default:
		return 0;
	}
}

/* Fields without structure of their own. */
static void
read_plain(const struct json *j, enum openai_field field, uint32_t value, struct openai_use *u)
{
	use(u, plain_feature(j, field, value));
	switch (field) {
	case FIELD_web_search_options:
		add_hosted(u, S("web_search"));
		break;
	case FIELD_store:
		u->stores = json_type(j, value) == JSON_TRUE;
		break;
	case FIELD_metadata:
		u->metadata_node = value;
		break;
	case FIELD_temperature:
		u->temperature_node = value;
		break;
	case FIELD_top_p:
		u->top_p_node = value;
		break;
	case FIELD_seed:
		u->seed_node = value;
		break;
	default:
		break;
	}
}

void
openai_use_read(struct arena *a, const struct json *j, enum operation operation,
    struct openai_use *u)
{
	u->features = operation == OPERATION_CHAT ? BIT(chat)
	    : operation == OPERATION_COMPLETION ? BIT(completions) : BIT(embeddings);
	for (uint32_t key = 1; key < j->node[0].next; key = j->node[key + 1].next) {
		enum openai_field field = openai_field_of(j, key);
		uint32_t value = key + 1;

		if (field == FIELD_COUNT || json_type(j, value) == JSON_NULL)
			continue;
		if (field == FIELD_messages)
			read_messages(j, value, u);
		else if (field == FIELD_tools)
			read_tools(a, j, value, u);
		else if (field == FIELD_response_format)
			read_format(j, value, u);
		else if (field == FIELD_prompt || field == FIELD_input)
			read_input(j, value, u);
		else
			read_plain(j, field, value, u);
	}
}
