/* SPDX-License-Identifier: Apache-2.0 */
#include "fake/schema.h"

#define DEPTH_MAX	16
#define ITEMS_MAX	64

struct schema {
	struct text		*out;
	const struct json	*json;
	uint32_t		 root;
	struct slice		 said;
};

static void put_value(const struct schema *, uint32_t node, unsigned depth);

static uint32_t
member(const struct schema *s, uint32_t node, struct slice name)
{
	return json_type(s->json, node) == JSON_OBJECT ? json_member(s->json, node, name) : 0;
}

/* Follows "#/a/b" from the root; 0 when it leads nowhere. */
static uint32_t
resolve(const struct schema *s, uint32_t ref)
{
	struct slice path = json_inside(s->json, ref);
	uint32_t node = s->root;
	size_t at = 2;

	if (slice_eq(path, S("#")))
		return node;
	if (!slice_starts(path, S("#/")))
		return 0;
	while (node != 0 && at <= path.len) {
		struct slice rest = slice_cut(path, at, path.len);
		size_t end = slice_find(rest, S("/"));

		node = member(s, node, slice_cut(rest, 0, end));
		at += end + 1;
	}
	return node;
}

static bool
is_required(const struct schema *s, uint32_t required, uint32_t key)
{
	const struct json *j = s->json;

	if (required == 0 || json_type(j, required) != JSON_ARRAY)
		return true;
	for (uint32_t i = required + 1; i < j->node[required].next; i = j->node[i].next) {
		if (slice_eq(json_raw(j, i), json_raw(j, key)))
			return true;
	}
	return false;
}

static void
put_object(const struct schema *s, uint32_t node, unsigned depth)
{
	const struct json *j = s->json;
	uint32_t properties = member(s, node, S("properties"));
	uint32_t required = member(s, node, S("required"));
	bool first = true;

	text_put_char(s->out, '{');
	if (properties != 0 && json_type(j, properties) == JSON_OBJECT) {
		for (uint32_t key = properties + 1; key < j->node[properties].next;
		    key = j->node[key + 1].next) {
			if (!is_required(s, required, key))
				continue;
			if (!first)
				text_put_char(s->out, ',');
			first = false;
			text_put(s->out, json_raw(j, key));
			text_put_char(s->out, ':');
			put_value(s, key + 1, depth + 1);
		}
	}
	text_put_char(s->out, '}');
}

static void
put_array(const struct schema *s, uint32_t node, unsigned depth)
{
	uint32_t items = member(s, node, S("items"));
	uint32_t least = member(s, node, S("minItems"));
	uint64_t count = 1;

	if (least == 0 || !json_integer(s->json, least, &count) || count == 0)
		count = 1;
	if (count > ITEMS_MAX)
		count = ITEMS_MAX;
	text_put_char(s->out, '[');
	for (uint64_t i = 0; i < count; i++) {
		if (i > 0)
			text_put_char(s->out, ',');
		put_value(s, items, depth + 1);
	}
	text_put_char(s->out, ']');
}

static void
put_string(const struct schema *s, uint32_t node)
{
	static const struct { struct slice format, value; } row[] = {
		{ S("date-time"), S("\"2026-01-01T12:00:00Z\"") },
		{ S("date"), S("\"2026-01-01\"") },
		{ S("time"), S("\"12:00:00\"") },
		{ S("email"), S("\"someone@example.com\"") },
		{ S("uuid"), S("\"00000000-0000-4000-8000-000000000000\"") },
		{ S("uri"), S("\"https://example.com/\"") },
	};
	uint32_t format = member(s, node, S("format"));

	for (size_t i = 0; format != 0 && i < sizeof row / sizeof row[0]; i++) {
		if (json_is(s->json, format, row[i].format)) {
			text_put(s->out, row[i].value);
			return;
		}
	}
	if (format != 0 && json_is(s->json, format, S("said")))
		text_put_json(s->out, s->said);
	else
		text_put(s->out, S("\"simulated\""));
}

static void
put_number(const struct schema *s, uint32_t node)
{
	uint32_t least = member(s, node, S("minimum"));

	if (least != 0 && json_type(s->json, least) == JSON_NUMBER)
		text_put(s->out, json_raw(s->json, least));
	else
		text_put_char(s->out, '1');
}

/* `type` may be a list; its first word counts. */
static void
put_typed(const struct schema *s, uint32_t node, unsigned depth)
{
	uint32_t type = member(s, node, S("type"));

	if (type != 0 && json_type(s->json, type) == JSON_ARRAY && s->json->node[type].count > 0)
		type++;
	if (type == 0 || json_is(s->json, type, S("object")))
		put_object(s, node, depth);
	else if (json_is(s->json, type, S("array")))
		put_array(s, node, depth);
	else if (json_is(s->json, type, S("string")))
		put_string(s, node);
	else if (json_is(s->json, type, S("boolean")))
		text_put(s->out, S("true"));
	else if (json_is(s->json, type, S("null")))
		text_put(s->out, S("null"));
	else
		put_number(s, node);
}

/* The first element of an array member, or 0. */
static uint32_t
first_of(const struct schema *s, uint32_t node, struct slice name)
{
	uint32_t list = member(s, node, name);

	if (list == 0 || json_type(s->json, list) != JSON_ARRAY || s->json->node[list].count == 0)
		return 0;
	return list + 1;
}

static void
put_value(const struct schema *s, uint32_t node, unsigned depth)
{
	static const struct slice way[] = { S("anyOf"), S("oneOf"), S("allOf") };
	uint32_t at;

	/* What does not fit is not looked for: a small schema can mean a huge value. */
	if (text_overflowed(s->out))
		return;
	if (depth > DEPTH_MAX || node == 0 || json_type(s->json, node) != JSON_OBJECT) {
		text_put(s->out, S("{}"));
		return;
	}
	if ((at = member(s, node, S("const"))) != 0 || (at = first_of(s, node, S("enum"))) != 0 ||
	    (at = member(s, node, S("default"))) != 0) {
		text_put(s->out, json_raw(s->json, at));
		return;
	}
	if ((at = member(s, node, S("$ref"))) != 0) {
		put_value(s, resolve(s, at), depth + 1);
		return;
	}
	for (size_t i = 0; i < 3; i++) {
		if ((at = first_of(s, node, way[i])) != 0) {
			put_value(s, at, depth + 1);
			return;
		}
	}
	put_typed(s, node, depth);
}

void
schema_put(struct text *out, const struct json *json, uint32_t node, struct slice said)
{
	struct schema s = { out, json, node, said };

	put_value(&s, node, 0);
}
