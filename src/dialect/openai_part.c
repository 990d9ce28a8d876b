/* SPDX-License-Identifier: Apache-2.0 */
#include "dialect/openai_part.h"

/* Shorter ones hold nothing that anybody looks for. */
#define TEXT_BYTES_MIN	4
#define DATA_HEAD_BYTES	128
#define NAMES_MAX	3

#define IS(s)		{ (s), sizeof(s) - 1 }

static uint32_t
string_member(const struct json *j, uint32_t object, struct slice name)
{
	uint32_t node = object == 0 ? 0 : json_member(j, object, name);

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
	uint32_t choices = after == 0 ? json_member(j, 0, S("choices")) : 0;
	uint32_t node = after == 0 ? choices + 1 : j->node[after].next, end = out->end;

	/* Looked up once: there may be as many members beside them as there are choices. */
	if (after == 0)
		end = choices == 0 || json_type(j, choices) != JSON_ARRAY ? 0
		    : j->node[choices].next;
	if (node >= end)
		return false;
	*out = (struct openai_choice){
		.index = index_of(j, node, after == 0 ? 0 : out->index + 1),
		.node = node,
		.end = end,
		.message = json_member(j, node, S("delta")),
		.finish = string_member(j, node, S("finish_reason")),
		.logprobs = json_member(j, node, S("logprobs")),
	};
	if (out->message == 0)
		out->message = json_member(j, node, S("message"));
	if (out->message != 0 && json_type(j, out->message) != JSON_OBJECT)
		out->message = 0;
	if (out->message != 0)
		out->voice = string_member(j, json_member(j, out->message, S("audio")), S("data"));
	return true;
}

/* ---- what a string is ---- */

/* Names below the message; arrays have none of their own. */
static const struct {
	enum openai_what	what;
	bool			numbered;
	unsigned		names;
	struct slice		name[NAMES_MAX];
} paths[] = {
	{ OPENAI_CONTENT, false, 1, { IS("content") } },
	{ OPENAI_CONTENT, false, 2, { IS("content"), IS("text") } },
	{ OPENAI_REFUSAL, false, 1, { IS("refusal") } },
	{ OPENAI_REFUSAL, false, 2, { IS("content"), IS("refusal") } },
	{ OPENAI_REASONING, false, 1, { IS("reasoning_content") } },
	{ OPENAI_THOUGHT, false, 1, { IS("reasoning") } },
	{ OPENAI_THINKING, false, 3, { IS("content"), IS("thinking"), IS("text") } },
	{ OPENAI_DETAIL, true, 2, { IS("reasoning_details"), IS("text") } },
	{ OPENAI_SUMMARY, true, 2, { IS("reasoning_details"), IS("summary") } },
	{ OPENAI_ARGUMENTS, true, 3, { IS("tool_calls"), IS("function"),
	    IS("arguments") } },
	{ OPENAI_INPUT, true, 3, { IS("tool_calls"), IS("custom"), IS("input") } },
	{ OPENAI_CALL, false, 2, { IS("function_call"), IS("arguments") } },
	{ OPENAI_TRANSCRIPT, false, 2, { IS("audio"), IS("transcript") } },
};

/* Handles: to be given back, compared or decoded, and nothing that a model says. */
static const struct slice handles[] = {
	IS("id"), IS("type"), IS("role"), IS("object"), IS("model"),
	IS("finish_reason"), IS("native_finish_reason"), IS("system_fingerprint"),
	IS("service_tier"), IS("format"), IS("signature"), IS("data"),
	IS("encrypted_content"), IS("b64_json"),
};

#define IN_DELTA(s)	IS("\"delta\":{" s)

const struct openai_frame openai_frame[OPENAI_OTHER] = {
	[OPENAI_CONTENT] = { IN_DELTA("\"content\":"), IS(""), IS("}") },
	[OPENAI_REFUSAL] = { IN_DELTA("\"refusal\":"), IS(""), IS("}") },
	[OPENAI_REASONING] = { IN_DELTA("\"reasoning_content\":"), IS(""), IS("}") },
	[OPENAI_THOUGHT] = { IN_DELTA("\"reasoning\":"), IS(""), IS("}") },
	[OPENAI_THINKING] = {
		IN_DELTA("\"content\":[{\"type\":\"thinking\",\"thinking\":[{\"type\":\"text\","
		    "\"text\":"), IS(""), IS("}]}]}"),
	},
	[OPENAI_DETAIL] = {
		IN_DELTA("\"reasoning_details\":[{\"type\":\"reasoning.text\",\"index\":"),
		IS(",\"text\":"), IS("}]}"),
	},
	[OPENAI_SUMMARY] = {
		IN_DELTA("\"reasoning_details\":[{\"type\":\"reasoning.summary\",\"index\":"),
		IS(",\"summary\":"), IS("}]}"),
	},
	[OPENAI_ARGUMENTS] = {
		IN_DELTA("\"tool_calls\":[{\"index\":"),
		IS(",\"function\":{\"arguments\":"), IS("}}]}"),
	},
	[OPENAI_INPUT] = {
		IN_DELTA("\"tool_calls\":[{\"index\":"),
		IS(",\"custom\":{\"input\":"), IS("}}]}"),
	},
	[OPENAI_CALL] = { IN_DELTA("\"function_call\":{\"arguments\":"), IS(""), IS("}}") },
	[OPENAI_TRANSCRIPT] = { IN_DELTA("\"audio\":{\"transcript\":"), IS(""), IS("}}") },
	[OPENAI_TEXT] = { IS("\"text\":"), IS(""), IS("") },
};

/* Is this the path from the message down to a member of the innermost object? */
static bool
is_path(const struct openai_part_walk *w, unsigned names, const struct slice *name)
{
	unsigned n = 0;

	if (!json_is(w->json, w->key, name[names - 1]))
		return false;
	for (uint32_t l = 2; l <= w->depth; l++)
		if (w->level[l].key != 0 && (n + 1 >= names ||
		    !json_is(w->json, w->level[l].key, name[n++])))
			return false;
	return n + 1 == names;
}

/* Letters of base64 in both alphabets, and dots. */
static bool
is_handle(const struct json *j, uint32_t key, struct slice inside)
{
	size_t n = 0;

	while (n < sizeof handles / sizeof handles[0] && !json_is(j, key, handles[n]))
		n++;
	if (n == sizeof handles / sizeof handles[0])
		return false;
	for (n = 0; n < inside.len; n++) {
		char c = inside.ptr[n], letter = (char)(c | 0x20);

		if (!(letter >= 'a' && letter <= 'z') && !(c >= '0' && c <= '9') &&
		    memchr("+/=_-.", c, 6) == NULL)
			return false;
	}
	return true;
}

/* data:image/png;base64,… (RFC 2397). */
static bool
is_data_url(struct slice s)
{
	struct slice head = slice_cut(s, 0, s.len < DATA_HEAD_BYTES ? s.len : DATA_HEAD_BYTES);

	return slice_starts(s, S("data:")) && slice_find(head, S(";base64,")) < head.len;
}

/* The channel of a string in a choice, if it has one. */
static bool
find_channel(const struct openai_part_walk *w, struct openai_part *out)
{
	if (w->key == 0 || w->beside || w->deep > w->at)
		return false;
	if (w->depth == 0) {
		out->channel.what = OPENAI_TEXT;
		return json_is(w->json, w->key, S("text"));
	}
	if (w->message == 0 || w->level[1].end != w->json->node[w->message].next)
		return false;
	for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
		if (!is_path(w, paths[i].names, paths[i].name))
			continue;
		out->channel.what = paths[i].what;
		if (paths[i].numbered) {
			out->channel.number = w->level[w->depth].number;
			out->id = w->level[w->depth].id;
		}
		return true;
	}
	return false;
}

static bool
take_string(const struct openai_part_walk *w, struct openai_part *out)
{
	struct slice inside = json_inside(w->json, w->at);

	*out = (struct openai_part){ .channel.choice = w->choice, .node = w->at };
	if (find_channel(w, out))
		return true;
	out->channel.what = OPENAI_OTHER;
	return inside.len >= TEXT_BYTES_MIN && !is_data_url(inside) &&
	    (w->key == 0 || !is_handle(w->json, w->key, inside));
}

/* ---- the walk ---- */

static void
begin(struct openai_part_walk *w, const struct json *j, uint32_t node)
{
	*w = (struct openai_part_walk){ .json = j, .at = node + 1 };
	w->level[0].end = json_type(j, node) == JSON_OBJECT ? j->node[node].next : 0;
}

void
openai_part_begin(struct openai_part_walk *w, const struct json *j, const struct openai_choice *c)
{
	begin(w, j, c->node);
	w->choice = c->index;
	w->message = c->message;
}

void
openai_part_beside(struct openai_part_walk *w, const struct json *j)
{
	begin(w, j, 0);
	w->beside = true;
}

/* An object or an array; those that lie deeper than any channel are not kept apart. */
static void
enter(struct openai_part_walk *w, uint32_t node)
{
	const struct json *j = w->json;
	uint32_t d = w->depth, number = w->level[d].number, id = w->level[d].id;

	if (w->deep > node)
		return;
	if (d + 1 == OPENAI_PART_LEVELS) {
		w->deep = j->node[node].next;
		return;
	}
	if (w->key == 0) {
		/* Here, and not for each text: an element is gone through once. */
		number = index_of(j, node, w->level[d].count++);
		id = string_member(j, node, S("id"));
	}
	w->depth++;
	w->level[w->depth].end = j->node[node].next;
	w->level[w->depth].key = w->key;
	w->level[w->depth].count = 0;
	w->level[w->depth].id = id;
	w->level[w->depth].number = number;
}

/* What is not a text of this walk, with all that is in it. */
static bool
is_left_out(const struct openai_part_walk *w)
{
	return w->depth == 0 && json_is(w->json, w->key, w->beside ? S("choices") : S("logprobs"));
}

bool
openai_part_next(struct openai_part_walk *w, struct openai_part *out)
{
	const struct json *j = w->json;

	for (; w->at < w->level[0].end; w->at++) {
		uint32_t node = w->at;
		bool found;

		while (node >= w->level[w->depth].end)
			w->depth--;
		if (j->node[node].key) {
			w->key = node;
			if (is_left_out(w)) {
				w->at = j->node[node + 1].next - 1;
				w->key = 0;
			}
			continue;
		}
		found = json_type(j, node) == JSON_STRING && take_string(w, out);
		if (json_type(j, node) == JSON_OBJECT || json_type(j, node) == JSON_ARRAY)
			enter(w, node);
		w->key = 0;
		if (found) {
			w->at++;
			return true;
		}
	}
	return false;
}
