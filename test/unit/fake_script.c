/* SPDX-License-Identifier: Apache-2.0 */
#include "fake/script.h"

#include "check.h"
#include "run/memory.h"

struct bad_case {
	const char	*why;
	struct slice	 text;
	struct slice	 names;		/* the word that the complaint must name */
};

static const struct bad_case bad[] = {
	{ "no JSON", S("{"), S("not JSON") },
	{ "no object", S("[]"), S("script") },
	{ "a repeated word", S("{\"models\":[],\"models\":[]}"), S("not JSON") },
	{ "an unknown word", S("{\"defaults\":{}}"), S("defaults") },
	{ "an unknown word of a behaviour", S("{\"default\":{\"latency\":1}}"), S("latency") },
	{ "an unknown word of a rule", S("{\"rules\":[{\"if\":{}}]}"), S("if") },
	{ "a wrong type", S("{\"default\":{\"text\":7}}"), S("text") },
	{ "a status that is none", S("{\"default\":{\"status\":199}}"), S("status") },
	{ "an unknown fault", S("{\"default\":{\"fault\":{\"do\":\"explode\"}}}"), S("do") },
	{ "an unknown place", S("{\"default\":{\"fault\":{\"at\":\"never\"}}}"), S("at") },
	{ "an unknown mistake", S("{\"default\":{\"malformed\":\"x\"}}"), S("malformed") },
	{ "base64 that is none", S("{\"default\":{\"raw_base64\":\"a\"}}"), S("raw_base64") },
	{ "no tokens in a second", S("{\"default\":{\"tokens_per_second\":0}}"),
	    S("tokens_per_second") },
	{ "every zeroth", S("{\"rules\":[{\"every\":0}]}"), S("rules") },
	{ "the zeroth", S("{\"rules\":[{\"nth\":0}]}"), S("nth") },
	{ "headers that are no texts", S("{\"default\":{\"headers\":{\"a\":1}}}"), S("headers") },
};

static struct script *
read_good(struct memory_pool *memory, struct slice text)
{
	struct script *s = NULL;
	struct text why;
	char room[256];

	text_init(&why, room, sizeof room);
	check_or_stop(script_read(&memory->memory, text, &why, &s) == ERR_OK, "is read: %.*s",
	    (int)why.len, why.ptr);
	return s;
}

static void
check_bad(struct memory_pool *memory)
{
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		struct script *s = NULL;
		struct text why;
		char room[256];

		text_init(&why, room, sizeof room);
		check_int(script_read(&memory->memory, bad[i].text, &why, &s), ERR_CONF, "%s",
		    bad[i].why);
		check(slice_find(text_slice(&why), bad[i].names) < why.len,
		    "%s: is named in '%.*s'", bad[i].why, (int)why.len, why.ptr);
	}
}

static void
check_values(struct memory_pool *memory)
{
	struct script *s = read_good(memory, S("{\"rules\":[{\"then\":{\"status\":429}}],"
	    "\"models\":[\"a\",\"b\"],\"strict_models\":true,\"key\":\"k\",\"default\":{"
	    "\"text\":\"x\\ny\",\"headers\":{\"Retry-After\":\"2\",\"X-A\":\"b\"},"
	    "\"first_token_ms\":7,"
	    "\"fault\":{\"do\":\"stall\",\"at\":3,\"for_ms\":5},\"usage\":{\"input\":4,\"cached\":2},"
	    "\"body\":{\"a\": 9007199254740993},\"line\":\"crlf\",\"raw_base64\":\"AP8=\"}}"));
	const struct behaviour *b = &s->usual;

	check_slice(b->text, S("x\ny"), "a text is unescaped");
	check_slice(b->fields, S("Retry-After: 2\r\nX-A: b\r\n"), "headers become lines");
	check_slice(b->body, S("{\"a\": 9007199254740993}"), "a body's bytes stay as they are");
	check_slice(b->raw, slice_of("\0\377", 2), "raw bytes come from base64");
	check_slice(b->line, S("\r\n"), "line ends");
	check_int(pace_draw(&b->first, 0), 7 * NANOS_PER_MS, "a wait");
	check_int(b->fault, FAULT_STALL, "a fault");
	check_int((int64_t)b->fault_at, (int64_t)FAULT_AFTER_EVENT(3), "after the third event");
	check_int(b->fault_for, 5 * NANOS_PER_MS, "for so long");
	check(b->usage_given && b->usage_input == 4 && b->usage_cached == 2, "usage");
	check(s->strict && s->model_count == 2, "models");
	check_int((int64_t)s->rule[0].then.status, 429, "a rule changes what it says");
	check_slice(s->rule[0].then.text, S("x\ny"), "and keeps what is usual");
	script_unref(s);
	s = read_good(memory, S(""));
	check_int((int64_t)s->usual.status, 200, "an empty script answers well");
	check(script_is_smooth(&s->usual), "and smoothly");
	script_unref(s);
}

struct find_case {
	const char		*why;
	struct slice		 text;
	struct script_question	 q;
	const char		*rules;		/* a letter a request: 0 none, 1 the first… */
};

static const struct find_case finds[] = {
	{ "a rule without conditions fits all", S("{\"rules\":[{}]}"), { .model = S("m") }, "111" },
	{ "by model", S("{\"rules\":[{\"model\":\"a\"},{\"model\":\"m\"}]}"),
	    { .model = S("m") }, "22" },
	{ "by the model's beginning", S("{\"rules\":[{\"model\":\"gpt-*\"}]}"),
	    { .model = S("gpt-5") }, "1" },
	{ "not by a longer name", S("{\"rules\":[{\"model\":\"gpt\"}]}"),
	    { .model = S("gpt-5") }, "0" },
	{ "by path", S("{\"rules\":[{\"path\":\"/v1/e*\"}]}"), { .path = S("/v1/embeddings") }, "1" },
	{ "by stream", S("{\"rules\":[{\"stream\":false},{\"stream\":true}]}"),
	    { .stream = true }, "2" },
	{ "by a marker", S("{\"rules\":[{\"marker\":\"boom\"}]}"), { .body = S("a boom!") }, "1" },
	{ "without the marker", S("{\"rules\":[{\"marker\":\"boom\"}]}"), { .body = S("a bo") }, "0" },
	{ "the second only", S("{\"rules\":[{\"nth\":2}]}"), { .model = S("m") }, "0100" },
	{ "second to third", S("{\"rules\":[{\"nth\":[2,3]}]}"), { .model = S("m") }, "01100" },
	{ "so many times", S("{\"rules\":[{\"times\":2}]}"), { .model = S("m") }, "1100" },
	{ "every third", S("{\"rules\":[{\"every\":3}]}"), { .model = S("m") }, "1001001" },
	{ "what one rule leaves goes to the next",
	    S("{\"rules\":[{\"times\":1},{\"times\":1}]}"), { .model = S("m") }, "1200" },
};

static void
check_find(struct memory_pool *memory, const struct find_case *c)
{
	struct script *s = read_good(memory, c->text);
	char got[16];
	size_t n = 0;

	for (; c->rules[n] != '\0'; n++) {
		uint32_t rule;

		(void)script_find(s, &c->q, &rule);
		got[n] = (char)('0' + rule);
	}
	check_slice(slice_of(got, n), slice_of(c->rules, n), "%s", c->why);
	script_unref(s);
}

int
main(void)
{
	struct memory_pool memory;

	memory_init(&memory);
	check_bad(&memory);
	check_values(&memory);
	for (size_t i = 0; i < COUNT_OF(finds); i++)
		check_find(&memory, &finds[i]);
	check_int((int64_t)memory.bytes, 0, "scripts give their memory back");
	memory_release(&memory);
	return check_done();
}
