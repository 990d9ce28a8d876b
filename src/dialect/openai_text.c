/* SPDX-License-Identifier: Apache-2.0 */
#include "dialect/openai_text.h"

/* Shorter ones hold nothing that anybody looks for. */
#define TEXT_BYTES_MIN	4
#define WORD_BYTES_MAX	32
#define DATA_HEAD_BYTES	128

enum field {
	FIELD_PLAIN,		/* its name may say what the text is */
	FIELD_CONTENT,		/* text, of which the name says nothing */
	FIELD_WORD,		/* usually a word of the API; never replaced */
	FIELD_FIXED,		/* never replaced, nor anything in it but descriptions */
};

static const struct {
	struct slice	name;
	enum field	field;
} fields[] = {
	{ { "role", 4 }, FIELD_WORD },
	{ { "content", 7 }, FIELD_CONTENT },
	{ { "type", 4 }, FIELD_WORD },
	{ { "text", 4 }, FIELD_CONTENT },
	{ { "model", 5 }, FIELD_WORD },
	{ { "name", 4 }, FIELD_WORD },
	{ { "id", 2 }, FIELD_WORD },
	{ { "tool_call_id", 12 }, FIELD_WORD },
	{ { "arguments", 9 }, FIELD_CONTENT },
	{ { "input", 5 }, FIELD_CONTENT },
	{ { "prompt", 6 }, FIELD_CONTENT },
	{ { "description", 11 }, FIELD_CONTENT },
	{ { "tools", 5 }, FIELD_FIXED },
	{ { "functions", 9 }, FIELD_FIXED },
	{ { "tool_choice", 11 }, FIELD_FIXED },
	{ { "function_call", 13 }, FIELD_PLAIN },
	{ { "response_format", 15 }, FIELD_FIXED },
	{ { "url", 3 }, FIELD_WORD },
	{ { "file_id", 7 }, FIELD_WORD },
	{ { "reasoning_effort", 16 }, FIELD_WORD },
	{ { "service_tier", 12 }, FIELD_WORD },
	{ { "encoding_format", 15 }, FIELD_WORD },
	{ { "voice", 5 }, FIELD_WORD },
	{ { "format", 6 }, FIELD_WORD },
};

/* Of a member's name; one that is spelt with escapes is none of these. */
static enum field
field_of(const struct json *j, uint32_t key)
{
	struct slice name;

	if (key == 0 || j->node[key].escaped)
		return FIELD_PLAIN;
	name = json_inside(j, key);
	for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
		if (name.len == fields[i].name.len && name.ptr[0] == fields[i].name.ptr[0] &&
		    slice_eq(name, fields[i].name))
			return fields[i].field;
	return FIELD_PLAIN;
}

void
openai_walk_begin(struct openai_walk *w, const struct json *json)
{
	w->json = json;
	w->at = w->key = 0;
	w->until = json->count;
	w->depth = 0;
	w->level[0].end = json->count;
	w->level[0].key = 0;
	w->level[0].fixed = false;
}

/* An array or an object: what is in it stands under its name, unless it has one of its own. */
static void
enter(struct openai_walk *w, uint32_t node, uint32_t key)
{
	enum field field = field_of(w->json, key);
	bool fixed = w->level[w->depth].fixed;

	must(w->depth < JSON_DEPTH_MAX);
	w->depth++;
	w->level[w->depth].end = w->json->node[node].next;
	w->level[w->depth].key = key;
	w->level[w->depth].fixed = fixed || field == FIELD_FIXED;
}

static bool
is_word(struct slice s)
{
	size_t i = 0;

	while (i < s.len && ((s.ptr[i] >= 'a' && s.ptr[i] <= 'z') || s.ptr[i] == '_' ||
	    s.ptr[i] == '-'))
		i++;
	return i == s.len && s.len <= WORD_BYTES_MAX;
}

/* data:image/png;base64,… of a field that takes a URL (RFC 2397). */
static bool
is_data_url(struct slice s)
{
	struct slice head = slice_cut(s, 0, s.len < DATA_HEAD_BYTES ? s.len : DATA_HEAD_BYTES);

	return slice_starts(s, S("data:")) && slice_find(head, S(";base64,")) < head.len;
}

/* True if the string under `key` is a text that somebody must look at; then *out is it. */
static bool
take_string(const struct openai_walk *w, uint32_t node, uint32_t key, struct openai_text *out)
{
	struct slice inside = json_inside(w->json, node);
	enum field field = field_of(w->json, key);

	if (inside.len < TEXT_BYTES_MIN || (field == FIELD_WORD && is_word(inside)) ||
	    (field != FIELD_CONTENT && is_data_url(inside)))
		return false;
	*out = (struct openai_text){
		.node = node,
		.key = field == FIELD_PLAIN ? key : 0,
		.fixed = field == FIELD_WORD ||
		    (w->level[w->depth].fixed && field != FIELD_CONTENT),
	};
	return true;
}

/* A member's name that may be more than a name. */
static bool
take_name(const struct openai_walk *w, uint32_t node, struct openai_text *out)
{
	struct slice inside = json_inside(w->json, node);

	if (inside.len < TEXT_BYTES_MIN || json_is_plain_name(inside))
		return false;
	*out = (struct openai_text){ .node = node, .fixed = true };
	return true;
}

bool
openai_walk_next(struct openai_walk *w, struct openai_text *out)
{
	const struct json *j = w->json;

	while (w->at < w->until) {
		uint32_t i = w->at++, key = w->key;

		while (w->depth > 0 && i >= w->level[w->depth].end)
			w->depth--;
		w->key = 0;
		if (j->node[i].key) {
			w->key = i;
			if (take_name(w, i, out))
				return true;
			continue;
		}
		if (key == 0)
			key = w->level[w->depth].key;
		if (json_type(j, i) == JSON_ARRAY || json_type(j, i) == JSON_OBJECT)
			enter(w, i, key);
		else if (json_type(j, i) == JSON_STRING && take_string(w, i, key, out))
			return true;
	}
	return false;
}

void
openai_walk_pause(struct openai_walk *w, uint32_t nodes)
{
	uint32_t left = w->json->count - w->at;

	w->until = w->at + (nodes < left ? nodes : left);
}

bool
openai_walk_is_over(const struct openai_walk *w)
{
	return w->at == w->json->count;
}
