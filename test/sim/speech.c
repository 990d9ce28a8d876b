/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/speech.h"

#include "core/json.h"
#include "core/must.h"

void
speech_init(struct speech *s, struct arena *a, size_t room)
{
	*s = (struct speech){ .arena = a, .room = room + 1 };
}

struct slice
speech_text(const struct speech *s, int n)
{
	return text_slice(&s->text[n]);
}

static void
add_text(struct speech *s, const struct json *j, uint32_t node, uint64_t n)
{
	struct text *t = &s->text[n];

	if (node == 0 || json_type(j, node) != JSON_STRING || n >= SPEECH_TEXTS)
		return;
	if (t->ptr == NULL)
		text_init(t, arena_bytes(s->arena, s->room), s->room);
	text_put(t, json_string(s->arena, j, node));
	must(!text_overflowed(t));
}

/* The arguments of the only call of a message. */
static uint32_t
arguments_of(const struct json *j, uint32_t message)
{
	uint32_t node = json_member(j, message, S("tool_calls"));

	if (node == 0 || json_type(j, node) != JSON_ARRAY || j->node[node].count == 0)
		return 0;
	node = json_member(j, node + 1, S("function"));
	return node == 0 ? 0 : json_member(j, node, S("arguments"));
}

static void
add_choice(struct speech *s, const struct json *j, uint32_t choice)
{
	uint32_t index = json_member(j, choice, S("index"));
	uint32_t in = json_member(j, choice, S("delta"));
	uint64_t n = 0;

	if (index != 0 && !json_integer(j, index, &n))
		return;
	add_text(s, j, json_member(j, choice, S("text")), 2 * n);
	if (in == 0)
		in = json_member(j, choice, S("message"));
	if (in == 0 || json_type(j, in) != JSON_OBJECT)
		return;
	add_text(s, j, json_member(j, in, S("content")), 2 * n);
	add_text(s, j, arguments_of(j, in), 2 * n + 1);
}

void
speech_add(struct speech *s, struct slice document)
{
	struct json_fault fault;
	struct json j;
	uint32_t choices;

	if (document.len == 0 || document.ptr[0] != '{' ||
	    json_parse(s->arena, document, JSON_DUPLICATES_KEPT, &j, &fault) != ERR_OK ||
	    json_type(&j, 0) != JSON_OBJECT || (choices = json_member(&j, 0, S("choices"))) == 0 ||
	    json_type(&j, choices) != JSON_ARRAY)
		return;
	for (uint32_t i = choices + 1; i < j.node[choices].next; i = j.node[i].next)
		add_choice(s, &j, i);
}
