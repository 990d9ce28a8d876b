/* SPDX-License-Identifier: Apache-2.0 */
#include "dialect/openai_field.h"

#include "check.h"
#include "core/text.h"
#include "run/memory.h"

/* The field that the one member of {NAME:1} means; the name with its quotes. */
static enum openai_field
field_of(struct arena *a, struct slice name)
{
	struct json_fault fault;
	struct json json;
	struct text t;
	char room[128];
	enum openai_field field;

	text_init(&t, room, sizeof room);
	text_put(&t, S("{"));
	text_put(&t, name);
	text_put(&t, S(":1}"));
	check_or_stop(json_parse(a, text_slice(&t), JSON_DUPLICATES_REFUSED, &json, &fault) ==
	    ERR_OK, "%.*s", (int)t.len, t.ptr);
	field = openai_field_of(&json, 1);
	arena_reset(a);
	return field;
}

static const struct {
	const char		*why;
	const char		*name;
	enum openai_field	 want;
} names[] = {
	{ "nothing", "\"\"", FIELD_COUNT },
	{ "one byte", "\"n\"", FIELD_n },
	{ "one byte more", "\"modell\"", FIELD_COUNT },
	{ "one byte less", "\"mode\"", FIELD_COUNT },
	{ "its ends and its length, but not it", "\"mxxel\"", FIELD_COUNT },
	{ "in capitals it is another name", "\"Model\"", FIELD_COUNT },
	{ "with an escape", "\"m\\u006fdel\"", FIELD_model },
	{ "escaped from the first byte", "\"\\u0073tream\"", FIELD_stream },
	{ "with an escape, but another", "\"m\\u006fdels\"", FIELD_COUNT },
	{ "a zero behind it", "\"model\\u0000\"", FIELD_COUNT },
	{ "one that nobody acts on", "\"user\"", FIELD_COUNT },
};

int
main(void)
{
	struct memory_pool memory;
	struct arena a;

	memory_init(&memory);
	arena_init(&a, &memory.memory, SIZE_MAX);
	for (size_t i = 0; i < COUNT_OF(names); i++)
		check_int(field_of(&a, slice_of(names[i].name, strlen(names[i].name))),
		    names[i].want, "%s", names[i].why);
	for (unsigned f = 0; f < FIELD_COUNT; f++) {
		char quoted[64];
		struct text t;

		text_init(&t, quoted, sizeof quoted);
		text_put_json(&t, openai_field_name[f]);
		check_int(field_of(&a, text_slice(&t)), f, "%.*s", (int)t.len, t.ptr);
	}
	arena_release(&a);
	memory_release(&memory);
	return check_done();
}
