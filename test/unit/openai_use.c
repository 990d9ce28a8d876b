/* SPDX-License-Identifier: Apache-2.0 */
#include "dialect/openai_use.h"

#include "blocks.h"
#include "check.h"

#define F(name)	(UINT64_C(1) << FEATURE_##name)

static const struct {
	const char	*why, *body;
	uint64_t	 features;
	const char	*hosted;	/* types, each with a space behind */
	bool		 opaque, stores;
} cases[] = {
	{ "text", "{\"messages\":[{\"content\":\"a\"}]}", F(chat), "", false, false },
	{ "parts of text", "{\"messages\":[{\"content\":[{\"type\":\"text\",\"text\":\"a\"},"
	    "{\"type\":\"refusal\"}]}]}", F(chat), "", false, false },
	{ "an image", "{\"messages\":[{\"content\":[{\"type\":\"image_url\"}]}]}",
	    F(chat) | F(vision), "", true, false },
	{ "audio", "{\"messages\":[{\"content\":[{\"type\":\"input_audio\"}]}]}",
	    F(chat) | F(audio), "", true, false },
	{ "a file", "{\"messages\":[{\"content\":[{\"type\":\"file\"}]}]}", F(chat) | F(files), "",
	    true, false },
	{ "a part of a type that is not known", "{\"messages\":[{\"content\":[{\"type\":\"x\"}]}]}",
	    F(chat), "", true, false },
	{ "a part whose type is no text", "{\"messages\":[{\"content\":[{\"type\":1}]}]}", F(chat),
	    "", true, false },
	{ "a part that is no object", "{\"messages\":[{\"content\":[\"a\"]}]}", F(chat), "", true,
	    false },
	{ "an escaped type is the same type",
	    "{\"messages\":[{\"content\":[{\"type\":\"im\\u0061ge_url\"}]}]}", F(chat) | F(vision),
	    "", true, false },
	{ "an escaped name is the same name",
	    "{\"m\\u0065ssages\":[{\"content\":[{\"type\":\"image_url\"}]}]}", F(chat) | F(vision),
	    "", true, false },
	{ "content that is a number", "{\"messages\":[{\"content\":7}]}", F(chat), "", true, false },
	{ "no content", "{\"messages\":[{\"content\":null},{}]}", F(chat), "", false, false },
	{ "an assistant's audio", "{\"messages\":[{\"audio\":{\"id\":\"a\"}}]}", F(chat) | F(audio),
	    "", true, false },
	{ "a function", "{\"tools\":[{\"type\":\"function\"}]}", F(chat) | F(tools), "", false,
	    false },
	{ "a custom tool", "{\"tools\":[{\"type\":\"custom\"}]}", F(chat) | F(tools), "", false,
	    false },
	{ "no tools", "{\"tools\":[],\"functions\":[]}", F(chat), "", false, false },
	{ "hosted ones", "{\"tools\":[{\"type\":\"web_search\"},{\"type\":\"m\\u0063p\"},{}]}",
	    F(chat) | F(tools), "web_search mcp unknown ", false, false },
	{ "a search by its options", "{\"web_search_options\":{}}", F(chat), "web_search ", false,
	    false },
	{ "functions of old", "{\"functions\":[{}]}", F(chat) | F(tools), "", false, false },
	{ "a schema", "{\"response_format\":{\"type\":\"json_schema\"}}", F(chat) | F(json_schema),
	    "", false, false },
	{ "an object", "{\"response_format\":{\"type\":\"json_object\"}}", F(chat) | F(json_object),
	    "", false, false },
	{ "text is no feature", "{\"response_format\":{\"type\":\"text\"}}", F(chat), "", false,
	    false },
	{ "many things", "{\"logprobs\":true,\"n\":2,\"seed\":1,\"reasoning_effort\":\"low\","
	    "\"prediction\":{},\"store\":true}", F(chat) | F(logprobs) | F(choices) | F(seed) |
	    F(reasoning) | F(prediction), "", false, true },
	{ "the same, switched off", "{\"logprobs\":false,\"n\":1,\"seed\":null,"
	    "\"reasoning_effort\":null,\"store\":false}", F(chat), "", false, false },
	{ "a text to embed", "{\"input\":\"a\"}", F(chat), "", false, false },
	{ "texts", "{\"input\":[\"a\",\"b\"]}", F(chat), "", false, false },
	{ "tokens", "{\"input\":[1,2]}", F(chat), "", true, false },
	{ "a prompt of tokens", "{\"prompt\":[[1],[2]]}", F(chat), "", true, false },
};

static void
each(struct arena *arena, size_t i)
{
	struct slice body = slice_of(cases[i].body, strlen(cases[i].body));
	struct openai_use use = { 0 };
	struct json_fault fault;
	struct json json;
	char room[256];
	size_t len = 0;

	check_or_stop(json_parse(arena, body, JSON_DUPLICATES_REFUSED, &json, &fault) == ERR_OK,
	    "%s: the body is JSON", cases[i].why);
	openai_use_read(arena, &json, OPERATION_CHAT, &use);
	for (uint32_t h = 0; h < use.hosted_count; h++)
		len += (size_t)snprintf(room + len, sizeof room - len, "%.*s ",
		    (int)use.hosted[h].len, use.hosted[h].ptr);
	check_int((int64_t)use.features, (int64_t)cases[i].features, "%s: features", cases[i].why);
	check_slice(slice_of(room, len), slice_of(cases[i].hosted, strlen(cases[i].hosted)),
	    "%s: hosted tools", cases[i].why);
	check(use.opaque == cases[i].opaque && use.stores == cases[i].stores, "%s: opaque, stores",
	    cases[i].why);
	arena_reset(arena);
}

static void
too_many(struct arena *arena)
{
	static char body[2048];
	struct openai_use use = { 0 };
	struct json_fault fault;
	struct json json;
	size_t len = (size_t)snprintf(body, sizeof body, "{\"tools\":[");

	for (int i = 0; i <= OPENAI_USE_HOSTED_MAX; i++)
		len += (size_t)snprintf(body + len, sizeof body - len, "%s{\"type\":\"t%d\"}",
		    i > 0 ? "," : "", i);
	len += (size_t)snprintf(body + len, sizeof body - len, "]}");
	check_or_stop(json_parse(arena, slice_of(body, len), JSON_DUPLICATES_REFUSED, &json,
	    &fault) == ERR_OK, "a body with many tools");
	openai_use_read(arena, &json, OPERATION_CHAT, &use);
	check(use.hosted_overflow && use.hosted_count == OPENAI_USE_HOSTED_MAX,
	    "more tools than fit are said to be more");
}

int
main(void)
{
	struct blocks blocks = BLOCKS;
	struct arena arena;

	arena_init(&arena, &blocks.memory, SIZE_MAX);
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		each(&arena, i);
	too_many(&arena);
	arena_release(&arena);
	return check_done();
}
