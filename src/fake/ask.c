/* SPDX-License-Identifier: Apache-2.0 */
#include "fake/ask.h"

#define DIMENSIONS	64

static bool
missing(struct ask_fault *fault, struct slice message, struct slice param)
{
	*fault = (struct ask_fault){ message, param, S("missing_required_parameter") };
	return false;
}

static bool
wrong(struct ask_fault *fault, struct slice message, struct slice param)
{
	*fault = (struct ask_fault){ message, param, S("invalid_type") };
	return false;
}

static bool
is_true(const struct json *j, uint32_t object, struct slice name)
{
	uint32_t node = json_member(j, object, name);

	return node != 0 && json_type(j, node) == JSON_TRUE;
}

/* The text of a message: a string, or the first part that is text. */
static struct slice
content_text(struct arena *a, const struct json *j, uint32_t content)
{
	if (content == 0)
		return S("");
	if (json_type(j, content) == JSON_STRING)
		return json_string(a, j, content);
	if (json_type(j, content) != JSON_ARRAY)
		return S("");
	for (uint32_t i = content + 1; i < j->node[content].next; i = j->node[i].next) {
		uint32_t text = json_member(j, i, S("text"));

		if (text != 0 && json_type(j, text) == JSON_STRING)
			return json_string(a, j, text);
	}
	return S("");
}

static bool
read_messages(struct arena *a, struct ask *ask, struct ask_fault *fault)
{
	const struct json *j = &ask->json;
	uint32_t messages = json_member(j, 0, S("messages"));
	uint32_t content = 0;

	if (messages == 0)
		return missing(fault, S("Missing required parameter: 'messages'."), S("messages"));
	if (json_type(j, messages) != JSON_ARRAY)
		return wrong(fault, S("Invalid type for 'messages': expected an array of objects."),
		    S("messages"));
	for (uint32_t i = messages + 1; i < j->node[messages].next; i = j->node[i].next) {
		uint32_t role = json_member(j, i, S("role"));

		if (role == 0)
			return missing(fault, S("Missing required parameter: 'messages[].role'."),
			    S("messages"));
		ask->answers_tool = json_is(j, role, S("tool"));
		if (ask->answers_tool || json_is(j, role, S("user")))
			content = json_member(j, i, S("content"));
	}
	ask->said = content_text(a, j, content);
	ask->input_tokens = json_raw(j, messages).len / 4 + 1;
	return true;
}

static bool
read_prompt(struct arena *a, struct ask *ask, struct ask_fault *fault)
{
	const struct json *j = &ask->json;
	uint32_t prompt = json_member(j, 0, S("prompt"));

	if (prompt == 0)
		return missing(fault, S("Missing required parameter: 'prompt'."), S("prompt"));
	ask->input_tokens = json_raw(j, prompt).len / 4 + 1;
	if (json_type(j, prompt) == JSON_ARRAY && j->node[prompt].count > 0)
		prompt++;
	if (json_type(j, prompt) == JSON_STRING)
		ask->said = json_string(a, j, prompt);
	return true;
}

static bool
read_input(struct ask *ask, struct ask_fault *fault)
{
	const struct json *j = &ask->json;
	uint32_t format = json_member(j, 0, S("encoding_format"));
	uint32_t dimensions = json_member(j, 0, S("dimensions"));

	ask->input = json_member(j, 0, S("input"));
	if (ask->input == 0)
		return missing(fault, S("Missing required parameter: 'input'."), S("input"));
	if (json_type(j, ask->input) != JSON_STRING && json_type(j, ask->input) != JSON_ARRAY)
		return wrong(fault, S("Invalid type for 'input': expected a string or an array."),
		    S("input"));
	ask->base64 = format != 0 && json_is(j, format, S("base64"));
	ask->dimensions = DIMENSIONS;
	if (dimensions != 0 && (!json_integer(j, dimensions, &ask->dimensions) ||
	    ask->dimensions == 0 || ask->dimensions > 4096))
		return wrong(fault, S("Invalid value for 'dimensions'."), S("dimensions"));
	ask->input_tokens = json_raw(j, ask->input).len / 4 + 1;
	return true;
}

/* True if the user's words ask for this tool: by its name, or for "tool" in general. */
static bool
is_wanted(const struct ask *ask, uint32_t name)
{
	struct slice inside = json_inside(&ask->json, name);

	if (ask->answers_tool)
		return false;
	return slice_find(ask->said, inside) < ask->said.len ||
	    slice_find(ask->said, S("tool")) < ask->said.len;
}

/* Which tool the answer calls: the one that is named, or the first that is wanted. */
static void
read_tools(struct ask *ask)
{
	const struct json *j = &ask->json;
	uint32_t tools = json_member(j, 0, S("tools"));
	uint32_t choice = json_member(j, 0, S("tool_choice"));
	uint32_t chosen = 0;
	bool required = choice != 0 && json_is(j, choice, S("required"));

	if (tools == 0 || json_type(j, tools) != JSON_ARRAY ||
	    (choice != 0 && json_is(j, choice, S("none"))))
		return;
	if (choice != 0 && json_type(j, choice) == JSON_OBJECT) {
		chosen = json_member(j, choice, S("function"));
		chosen = chosen == 0 ? 0 : json_member(j, chosen, S("name"));
	}
	for (uint32_t i = tools + 1; i < j->node[tools].next; i = j->node[i].next) {
		uint32_t function = json_member(j, i, S("function"));
		uint32_t name = function == 0 ? 0 : json_member(j, function, S("name"));

		if (name == 0 || json_type(j, name) != JSON_STRING)
			continue;
		if (chosen != 0 ? !slice_eq(json_raw(j, chosen), json_raw(j, name)) :
		    !required && !is_wanted(ask, name))
			continue;
		ask->tool = name;
		ask->schema = json_member(j, function, S("parameters"));
		return;
	}
}

static void
read_format(struct ask *ask)
{
	const struct json *j = &ask->json;
	uint32_t format = json_member(j, 0, S("response_format"));
	uint32_t type = format == 0 ? 0 : json_member(j, format, S("type"));
	uint32_t inner;

	if (type == 0)
		return;
	if (json_is(j, type, S("json_object"))) {
		ask->json_mode = true;
	} else if (json_is(j, type, S("json_schema"))) {
		inner = json_member(j, format, S("json_schema"));
		ask->json_mode = true;
		ask->schema = inner == 0 ? 0 : json_member(j, inner, S("schema"));
	}
}

/* A count that must be a number from 1 to `most` if it is there and not null. */
static bool
read_count(const struct ask *ask, struct slice name, uint64_t most, uint64_t *out)
{
	uint32_t node = json_member(&ask->json, 0, name);

	if (node == 0 || json_type(&ask->json, node) == JSON_NULL)
		return true;
	return json_integer(&ask->json, node, out) && *out > 0 && *out <= most;
}

static bool
read_options(struct ask *ask, struct ask_fault *fault)
{
	const struct json *j = &ask->json;
	uint32_t options = json_member(j, 0, S("stream_options"));

	ask->stream = is_true(j, 0, S("stream"));
	ask->include_usage = options != 0 && is_true(j, options, S("include_usage"));
	ask->choices = 1;
	ask->max_tokens = UINT64_MAX;
	if (options != 0 && json_type(j, options) == JSON_OBJECT && !ask->stream) {
		*fault = (struct ask_fault){
			S("'stream_options' is only allowed when 'stream' is enabled."),
			S("stream_options"), S("") };
		return false;
	}
	if (!read_count(ask, S("n"), ASK_CHOICES_MAX, &ask->choices))
		return wrong(fault, S("Invalid value for 'n'."), S("n"));
	if (!read_count(ask, S("max_tokens"), INT64_MAX, &ask->max_tokens))
		return wrong(fault, S("Invalid value for 'max_tokens'."), S("max_tokens"));
	if (!read_count(ask, S("max_completion_tokens"), INT64_MAX, &ask->max_tokens))
		return wrong(fault, S("Invalid value for 'max_completion_tokens'."),
		    S("max_completion_tokens"));
	return true;
}

bool
ask_read(struct arena *a, enum ask_kind kind, struct slice body, struct ask *ask,
    struct ask_fault *fault)
{
	struct json_fault where;
	uint32_t model;

	*ask = (struct ask){ .kind = kind };
	if (json_parse(a, body, JSON_DUPLICATES_KEPT, &ask->json, &where) != ERR_OK ||
	    json_type(&ask->json, 0) != JSON_OBJECT) {
		*fault = (struct ask_fault){
			S("We could not parse the JSON body of your request."), S(""), S("") };
		return false;
	}
	model = json_member(&ask->json, 0, S("model"));
	if (model == 0)
		return missing(fault, S("you must provide a model parameter"), S("model"));
	if (json_type(&ask->json, model) != JSON_STRING)
		return wrong(fault, S("Invalid type for 'model': expected a string."), S("model"));
	ask->model = json_string(a, &ask->json, model);
	if (kind == ASK_EMBEDDING)
		return read_input(ask, fault);
	if (!read_options(ask, fault))
		return false;
	if (kind == ASK_COMPLETION)
		return read_prompt(a, ask, fault);
	if (!read_messages(a, ask, fault))
		return false;
	read_format(ask);
	if (!ask->json_mode)
		read_tools(ask);
	return true;
}
