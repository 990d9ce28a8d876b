/* SPDX-License-Identifier: Apache-2.0 */
#include "fake/answer.h"

#include "check.h"
#include "core/base64.h"
#include "fake/embed.h"
#include "fake/schema.h"
#include "run/memory.h"

#define ASK(rest)	S("{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":" rest)

struct answer_case {
	const char	*why;
	enum ask_kind	 kind;
	struct slice	 body;
	struct slice	 content, finish;
	uint64_t	 tokens;
};

static const struct answer_case cases[] = {
	{ "an echo", ASK_CHAT, ASK("\"hi there\"}]}"),
	    S("This is a simulated answer from m. You said: hi there"), S("stop"), 11 },
	{ "the last user's words", ASK_CHAT,
	    ASK("\"one\"},{\"role\":\"assistant\",\"content\":\"two\"},"
	    "{\"role\":\"user\",\"content\":\"three\"}]}"),
	    S("This is a simulated answer from m. You said: three"), S("stop"), 10 },
	{ "of parts, the first that is text", ASK_CHAT,
	    ASK("[{\"type\":\"image_url\",\"image_url\":{}},"
	    "{\"type\":\"text\",\"text\":\"see\"}]}]}"),
	    S("This is a simulated answer from m. You said: see"), S("stop"), 10 },
	{ "at most sixty bytes, whole characters", ASK_CHAT,
	    ASK("\"0123456789012345678901234567890123456789012345678901234567\\u00e9\\u00e9\"}]}"),
	    S("This is a simulated answer from m. You said: "
	    "0123456789012345678901234567890123456789012345678901234567\303\251"), S("stop"), 12 },
	{ "max_tokens cuts", ASK_CHAT, ASK("\"x\"}],\"max_tokens\":4}"),
	    S("This is a simulated"), S("length"), 4 },
	{ "max_completion_tokens too", ASK_CHAT, ASK("\"x\"}],\"max_completion_tokens\":1}"),
	    S("This"), S("length"), 1 },
	{ "a limit that is just enough does not cut", ASK_CHAT, ASK("\"x\"}],\"max_tokens\":10}"),
	    S("This is a simulated answer from m. You said: x"), S("stop"), 10 },
	{ "a tool that is required", ASK_CHAT,
	    ASK("\"x\"}],\"tool_choice\":\"required\",\"tools\":[{"
	    "\"type\":\"function\",\"function\":"
	    "{\"name\":\"f\",\"parameters\":{\"type\":\"object\","
	    "\"properties\":{\"a\":{\"type\":\"integer\"}}}}}]}"),
	    S("{\"a\":1}"), S("tool_calls"), 1 },
	{ "a tool that is named in the prompt", ASK_CHAT,
	    ASK("\"call lookup\"}],\"tools\":[{\"function\":{\"name\":\"g\"}},"
	    "{\"function\":{\"name\":\"lookup\"}}]}"),
	    S("{}"), S("tool_calls"), 1 },
	{ "a tool that nobody asks for", ASK_CHAT,
	    ASK("\"x\"}],\"tools\":[{\"function\":{\"name\":\"lookup\"}}]}"),
	    S("This is a simulated answer from m. You said: x"), S("stop"), 10 },
	{ "what a tool said is played back", ASK_CHAT,
	    S("{\"model\":\"m\",\"messages\":[{\"role\":\"tool\",\"content\":\"42\"}],"
	    "\"tools\":[{\"function\":{\"name\":\"42\"}}]}"),
	    S("This is a simulated answer from m. The tool said: 42"), S("stop"), 11 },
	{ "JSON mode", ASK_CHAT, ASK("\"x\"}],\"response_format\":{\"type\":\"json_object\"}}"),
	    S("{\"answer\":\"simulated\"}"), S("stop"), 1 },
	{ "a completion", ASK_COMPLETION, S("{\"model\":\"m\",\"prompt\":[\"p\",\"q\"]}"),
	    S("This is a simulated answer from m. You said: p"), S("stop"), 10 },
};

static const struct behaviour usual = { .status = 200, .line = S("\n") };

static void
check_case(struct arena *a, const struct answer_case *c)
{
	struct ask_fault fault = { 0 };
	struct ask ask;
	struct answer answer = { .ask = &ask, .behaviour = &usual, .number = 255, .created = 7 };
	struct slice token, body;
	struct json_fault where;
	struct json json;
	size_t at = 0, total = 0;

	if (!check(ask_read(a, c->kind, c->body, &ask, &fault), "%s: is understood", c->why))
		return;
	check(answer_make(a, &answer), "%s: is made", c->why);
	check_slice(answer.content, c->content, "%s: content", c->why);
	check_slice(answer.finish, c->finish, "%s: finish", c->why);
	check_int((int64_t)answer.tokens, (int64_t)c->tokens, "%s: tokens", c->why);
	while ((token = answer_next(&answer, &at)).len > 0)
		total += token.len;
	check_int((int64_t)total, (int64_t)c->content.len, "%s: tokens are all of it", c->why);
	body = answer_body(a, &answer);
	check_int(json_parse(a, body, JSON_DUPLICATES_REFUSED, &json, &where), ERR_OK,
	    "%s: the body is JSON", c->why);
}

struct refused_case {
	const char	*why;
	enum ask_kind	 kind;
	struct slice	 body, param;
};

static const struct refused_case refused[] = {
	{ "no JSON", ASK_CHAT, S("{"), S("") },
	{ "no model", ASK_CHAT, S("{\"messages\":[]}"), S("model") },
	{ "no messages", ASK_CHAT, S("{\"model\":\"m\"}"), S("messages") },
	{ "messages of a wrong type", ASK_CHAT,
	    S("{\"model\":\"m\",\"messages\":\"x\"}"), S("messages") },
	{ "no prompt", ASK_COMPLETION, S("{\"model\":\"m\"}"), S("prompt") },
	{ "no input", ASK_EMBEDDING, S("{\"model\":\"m\"}"), S("input") },
	{ "too many choices", ASK_CHAT, ASK("1}],\"n\":1000}"), S("n") },
	{ "stream options without a stream", ASK_CHAT,
	    ASK("1}],\"stream_options\":{\"include_usage\":true}}"), S("stream_options") },
};

struct schema_case {
	const char	*why;
	struct slice	 schema, want;
};

/* A root stands for no schema, so a schema is a member. */
#define WRAP(schema)	S("{\"s\":" schema "}")

static const struct schema_case schemas[] = {
	{ "only what is required",
	    WRAP("{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"string\"},"
	    "\"b\":{\"type\":\"number\"}},\"required\":[\"b\"]}"), S("{\"b\":1}") },
	{ "all where nothing is said",
	    WRAP("{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"string\"},"
	    "\"b\":{\"type\":\"boolean\"}}}"), S("{\"a\":\"simulated\",\"b\":true}") },
	{ "what was said", WRAP("{\"type\":\"string\",\"format\":\"said\"}"), S("\"words\"") },
	{ "an enum's first", WRAP("{\"enum\":[\"x\",\"y\"]}"), S("\"x\"") },
	{ "a list of types", WRAP("{\"type\":[\"integer\",\"null\"],\"minimum\":5}"), S("5") },
	{ "as many elements as needed",
	    WRAP("{\"type\":\"array\",\"items\":{\"type\":\"null\"},\"minItems\":2}"),
	    S("[null,null]") },
	{ "a reference", WRAP("{\"$ref\":\"#/$defs/T\",\"$defs\":{\"T\":{\"const\":3}}}"), S("3") },
	{ "a reference to itself ends", WRAP("{\"$ref\":\"#\"}"), S("{}") },
	{ "a choice", WRAP("{\"anyOf\":[{\"type\":\"string\",\"format\":\"date\"}]}"), S("\"2026-01-01\"") },
};

static void
check_schemas(struct arena *a)
{
	for (size_t i = 0; i < COUNT_OF(schemas); i++) {
		struct json_fault where;
		struct json json;
		struct text t;
		char room[256];

		check_or_stop(json_parse(a, schemas[i].schema, JSON_DUPLICATES_REFUSED, &json,
		    &where) == ERR_OK, "%s: is JSON", schemas[i].why);
		text_init(&t, room, sizeof room);
		schema_put(&t, &json, 2, S("words"));
		check_slice(text_slice(&t), schemas[i].want, "%s", schemas[i].why);
	}
}

/* A schema of a few bytes can mean 64^16 elements: what does not fit is not looked for. */
static void
check_large_schema(struct arena *a)
{
	struct slice schema =
	    WRAP("{\"type\":\"array\",\"minItems\":64,\"items\":{\"$ref\":\"#\"}}");
	struct json_fault where;
	struct json json;
	struct text t;
	char room[4096];

	check_or_stop(json_parse(a, schema, JSON_DUPLICATES_REFUSED, &json, &where) == ERR_OK,
	    "JSON");
	text_init(&t, room, sizeof room);
	schema_put(&t, &json, 2, S("words"));
	check(text_overflowed(&t), "a schema that means too much ends, and says so");
}

static void
check_events(struct arena *a)
{
	static const struct behaviour crlf = { .status = 200, .line = S("\r\n") };
	struct ask_fault fault;
	struct ask ask;
	struct answer answer = { .ask = &ask, .behaviour = &crlf, .number = 1, .created = 2 };
	struct text t;
	char room[4096];

	check_or_stop(ask_read(a, ASK_CHAT, ASK("\"x\"}],\"stream\":true}"), &ask, &fault) &&
	    answer_make(a, &answer), "a stream is understood");
	text_init(&t, room, sizeof room);
	answer_put_token(&t, &answer, 0, S("a\"b"));
	check_slice(text_slice(&t), S("data: {\"id\":\"chatcmpl-1\","
	    "\"object\":\"chat.completion.chunk\","
	    "\"created\":2,\"model\":\"m\",\"service_tier\":\"default\",\"system_fingerprint\":"
	    "\"fp_simulated\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\\\"b\"},"
	    "\"logprobs\":null,\"finish_reason\":null}]}\r\n\r\n"), "an event with CRLF");
	check(t.len <= answer_event_bytes(&answer), "an event fits the room that it asks for");
}

static void
check_words(struct arena *a)
{
	static const struct behaviour many = { .status = 200, .line = S("\n"), .tokens = 1000 };
	struct ask_fault fault;
	struct ask ask;
	struct answer answer = { .ask = &ask, .behaviour = &many, .number = 1 };

	check_or_stop(ask_read(a, ASK_CHAT, ASK("\"x\"}]}"), &ask, &fault) &&
	    answer_make(a, &answer), "words are made");
	check_int((int64_t)answer.tokens, 1000, "as many tokens as the script says");
	check(slice_starts(answer.content, S("where three roads meet,")), "no space before them");
}

static void
check_embedding(struct arena *a)
{
	struct slice body = S("{\"model\":\"m\",\"input\":[\"x\",\"y\",\"x\"],\"dimensions\":4,"
	    "\"encoding_format\":\"base64\"}");
	struct ask_fault fault;
	struct json_fault where;
	struct json json;
	struct slice first, third, bytes;
	struct ask ask;
	uint32_t data;

	check_or_stop(ask_read(a, ASK_EMBEDDING, body, &ask, &fault), "embeddings are understood");
	check_or_stop(json_parse(a, embed_body(a, &ask, 1), JSON_DUPLICATES_REFUSED, &json,
	    &where) == ERR_OK, "the body is JSON");
	data = json_member(&json, 0, S("data"));
	check_int(json.node[data].count, 3, "one vector for each input");
	first = json_inside(&json, json_member(&json, data + 1, S("embedding")));
	data = json.node[json.node[data + 1].next].next;
	third = json_inside(&json, json_member(&json, data, S("embedding")));
	check_slice(third, first, "the same text has the same vector");
	check(base64_read(a, first, &bytes) && bytes.len == 16, "four floats");
}

int
main(void)
{
	struct memory_pool memory;
	struct arena arena;

	memory_init(&memory);
	arena_init(&arena, &memory.memory, 1 << 24);
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		check_case(&arena, &cases[i]);
	for (size_t i = 0; i < COUNT_OF(refused); i++) {
		struct ask_fault fault = { 0 };
		struct ask ask;

		check(!ask_read(&arena, refused[i].kind, refused[i].body, &ask, &fault),
		    "%s: refused", refused[i].why);
		check_slice(fault.param, refused[i].param, "%s: names it", refused[i].why);
	}
	check_schemas(&arena);
	check_large_schema(&arena);
	check_events(&arena);
	check_words(&arena);
	check_embedding(&arena);
	arena_release(&arena);
	memory_release(&memory);
	return check_done();
}
