/* SPDX-License-Identifier: Apache-2.0 */

/*
 * sample - requests of files are understood as a client's would be, and what
 * cannot be understood is said with its place.
 */

#include "study/sample.h"

#include "policies.h"

static struct arena arena;
static struct roster roster;

static struct slice
text_of(const char *s)
{
	return slice_of(s, strlen(s));
}

static const struct {
	const char	*json;
	const char	*want;		/* the first model, or the code */
	const char	*why;
} cases[] = {
	{ "{\"key\":\"all\",\"model\":\"best\"}", "large", "in the order of the group" },
	{ "{\"key\":\"all\",\"model\":\"best\",\"label\":\"confidential\"}", "middle", "short for the header" },
	{ "{\"key\":\"all\",\"model\":\"best\",\"headers\":{\"X-Trivium-Label\":\"phi\"}}", "small", "the header" },
	{ "{\"key\":\"all\",\"headers\":{\"x-trivium-label\":[\"phi\",\"pii\"]}}", "-", "two of them" },
	{ "{\"key\":\"all\",\"model\":\"best\",\"down\":[\"large\"],\"full\":[\"middle\"]}", "small", "health" },
	{ "{\"key\":\"all\",\"model\":\"large\",\"down\":[\"large\"]}", "no_candidate", "nobody is well" },
	{ "{\"key\":\"few\",\"model\":\"large\"}", "model_unknown", "a name that it may not hear" },
	{ "{\"key\":\"few\",\"workload\":\"talk\"}", "policy_workload", "a workload that it may not choose" },
	{ "{\"key\":\"guest\",\"label\":\"confidential\"}", "policy_role", "its role's ceiling" },
	{ "{\"key\":\"nobody\"}", "key_unknown", "a key that is not there" },
	{ "{}", "key_missing", "no key" },
	{ "{\"key\":\"all\",\"path\":\"/v1/none\"}", "path_unknown", "no such path" },
	{ "{\"key\":\"all\",\"method\":\"GET\"}", "method_unknown", "not this method" },
	{ "{\"key\":\"all\",\"path\":\"/v1/models\",\"method\":\"GET\"}", "field_missing", "no model is asked" },
	{ "{\"key\":\"all\",\"path\":\"/v1/embeddings\",\"model\":\"middle\"}", "no_candidate", "a feature that it lacks" },
	{ "{\"key\":\"all\",\"body\":{}}", "field_missing", "a body with nothing in it" },
	{ "{\"key\":\"all\",\"model\":\"small\",\"tokens\":5000}", "no_candidate", "a context that is too small" },
	{ "{\"key\":\"all\",\"model\":\"best\",\"label\":\"confidential\",\"tools\":[\"web_search\"]}", "policy_tool", "a tool" },
	{ "{\"key\":\"all\",\"workload\":\"work\",\"label\":\"confidential\",\"model\":\"large\",\"at\":\"2029-12-31\"}",
	    "large", "an exception that holds" },
	{ "{\"key\":\"all\",\"workload\":\"work\",\"label\":\"confidential\",\"model\":\"large\",\"at\":\"2030-01-01\"}",
	    "middle", "one that has ended: it is rerouted" },
	{ "{\"features\":[\"flying\"]}", "-", "a feature that is none" },
	{ "{\"tools\":[\"none\"]}", "-", "a tool that is not in the policy" },
	{ "{\"down\":[\"none\"]}", "-", "a model that is not in the policy" },
	{ "{\"method\":\"GET\\r\\nx: y\"}", "-", "a method that is none" },
	{ "{\"headers\":{\"a\":\"b\\r\\nc: d\"}}", "-", "a header that would be two" },
	{ "{\"model\":\"small\",\"body\":{}}", "-", "a model and a body" },
	{ "{\"headers\":3}", "-", "headers that are none" },
	{ "{\"headers\":{\"a\":3}}", "-", "a header that is no text" },
	{ "{\"lable\":\"phi\"}", "-", "a member that there is not" },
	{ "{\"tokens\":1.5}", "-", "half a token" },
	{ "[]", "-", "no object" },
};

/* What comes of a case; "-" where it cannot be used, which must be said. */
static struct slice
outcome(const char *text, struct text *out)
{
	char room[512];
	struct text why;
	struct sample_fault fault = { 0, &why };
	struct json_fault stopped;
	struct ruling ruling;
	struct sketch sketch;
	struct sample sample;
	struct json json;

	text_init(&why, room, sizeof room);
	must(json_parse(&arena, text_of(text), JSON_DUPLICATES_REFUSED, &json, &stopped) == ERR_OK);
	if (sample_sketch(&sketch, &arena, &json, 0, &fault) != ERR_OK ||
	    sample_make(&sample, &arena, &sketch, 1800000000, &fault) != ERR_OK ||
	    sample_rule(&sample, &roster, &arena, &ruling, &fault) != ERR_OK)
		return why.len > 0 ? S("-") : S("said nothing");
	if (ruling.err == ERR_OK)
		return roster.snapshot->model[ruling.verdict.model[0]].name;
	ruling_put_code(out, &ruling);
	return text_slice(out);
}

static void
check_text(void)
{
	static const char text[] = "POST /v1/chat/completions HTTP/1.1\r\nx-app: talk\r\n"
	    "Host: h\r\nContent-Length: 1\n\n{\"a\":1}";
	char room[512];
	struct text why;
	struct sample_fault fault = { 0, &why };
	struct sketch sketch;

	text_init(&why, room, sizeof room);
	check_int(sample_sketch_http(&sketch, &arena, text_of(text), &fault), ERR_OK,
	    "a text is read");
	check_slice(sketch.method, S("POST"), "its method");
	check_slice(sketch.path, S("/v1/chat/completions"), "its path");
	check_slice(sketch.fields, S("x-app: talk\r\n"), "its fields but those of framing");
	check_slice(sketch.body, S("{\"a\":1}"), "its body");
	check_int(sample_sketch_http(&sketch, &arena, S("POST /v1\nnothing"), &fault), ERR_CONF,
	    "a field without a colon");
	check_int(fault.offset, 9, "is found where it is");
	check_int(sample_sketch_http(&sketch, &arena, S(""), &fault), ERR_CONF, "an empty file");
}

int
main(void)
{
	struct snapshot *s = policies_load(policies_text);

	arena_init(&arena, heap_memory(), 1 << 24);
	must(roster_build(&roster, &arena, s) == ERR_OK);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		char room[64];
		struct text t;

		text_init(&t, room, sizeof room);
		check_slice(outcome(cases[i].json, &t), text_of(cases[i].want), "%s", cases[i].why);
	}
	check_text();
	arena_release(&arena);
	snapshot_unref(s);
	return check_done();
}
