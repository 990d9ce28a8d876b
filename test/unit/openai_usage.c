/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "core/limit.h"
#include "dialect/openai.h"
#include "run/memory.h"

#define IN_OUT	"\"prompt_tokens\":100,\"completion_tokens\":50"

static const struct {
	const char	*why;
	const char	*usage;		/* what the answer says in `usage` */
	struct usage	 want;
} answers[] = {
	{ "the plain one", "{" IN_OUT ",\"total_tokens\":150}",
	    { .input = 100, .output = 50, .known = true } },
	{ "embeddings say a total alone", "{\"prompt_tokens\":8,\"total_tokens\":8}",
	    { .input = 8, .known = true } },
	{ "details that are null", "{" IN_OUT ",\"prompt_tokens_details\":null,"
	    "\"completion_tokens_details\":{\"reasoning_tokens\":null}}",
	    { .input = 100, .output = 50, .known = true } },
	{ "all details of OpenAI", "{" IN_OUT ",\"prompt_tokens_details\":{\"cached_tokens\":60,"
	    "\"audio_tokens\":5},\"completion_tokens_details\":{\"reasoning_tokens\":20,"
	    "\"audio_tokens\":7}}",
	    { .input = 100, .output = 50, .cached = 60, .audio_in = 5, .reasoning = 20,
	      .audio_out = 7, .known = true } },
	{ "a cache that was written, as OpenRouter says it",
	    "{" IN_OUT ",\"prompt_tokens_details\":{\"cache_write_tokens\":30}}",
	    { .input = 100, .output = 50, .cache_write = 30, .known = true } },
	{ "a cache that was written, as Anthropic says it, in all",
	    "{" IN_OUT ",\"cache_creation_input_tokens\":30,\"cache_read_input_tokens\":10}",
	    { .input = 100, .output = 50, .cached = 10, .cache_write = 30, .known = true } },
	{ "and apart", "{" IN_OUT ",\"cache_creation_input_tokens\":30,\"cache_creation\":{"
	    "\"ephemeral_5m_input_tokens\":10,\"ephemeral_1h_input_tokens\":20}}",
	    { .input = 100, .output = 50, .cache_write = 10, .cache_write_1h = 20, .known = true } },
	{ "a cache that is not in the prompt's tokens is added to them",
	    "{" IN_OUT ",\"cache_creation_input_tokens\":200,\"cache_read_input_tokens\":1000}",
	    { .input = 1300, .output = 50, .cached = 1000, .cache_write = 200, .known = true } },
	{ "DeepSeek's cache", "{" IN_OUT ",\"prompt_cache_hit_tokens\":64,"
	    "\"prompt_cache_miss_tokens\":36}",
	    { .input = 100, .output = 50, .cached = 64, .known = true } },
	{ "reasoning that is not in the answer's tokens is found by the total",
	    "{" IN_OUT ",\"total_tokens\":190,\"completion_tokens_details\":{"
	    "\"reasoning_tokens\":40}}",
	    { .input = 100, .output = 90, .reasoning = 40, .known = true } },
	{ "or by being more than all of it",
	    "{" IN_OUT ",\"completion_tokens_details\":{\"reasoning_tokens\":400}}",
	    { .input = 100, .output = 450, .reasoning = 400, .known = true } },
	{ "thought that only the total tells of", "{" IN_OUT ",\"total_tokens\":1150}",
	    { .input = 100, .output = 1050, .known = true } },
	{ "a total that is too small means nothing", "{" IN_OUT ",\"total_tokens\":3}",
	    { .input = 100, .output = 50, .known = true } },
	{ "searches", "{" IN_OUT ",\"server_tool_use\":{\"web_search_requests\":3}}",
	    { .input = 100, .output = 50, .tools = 3, .known = true } },
	{ "the most that is believed", "{\"prompt_tokens\":1000000000,\"completion_tokens\":0}",
	    { .input = 1000000000, .known = true } },

	{ "none", "null", { .known = false } },
	{ "nothing in it", "{}", { .known = false } },
	{ "no tokens of the prompt", "{\"completion_tokens\":50}", { .known = false } },
	{ "no tokens of the answer, and no total", "{\"prompt_tokens\":50}", { .known = false } },
	{ "a negative number", "{\"prompt_tokens\":-1,\"completion_tokens\":5}",
	    { .refused = true } },
	{ "a fraction", "{\"prompt_tokens\":1.5,\"completion_tokens\":5}", { .refused = true } },
	{ "a fraction that is none", "{\"prompt_tokens\":1.0,\"completion_tokens\":5}",
	    { .refused = true } },
	{ "an exponent", "{\"prompt_tokens\":1e3,\"completion_tokens\":5}", { .refused = true } },
	{ "a text", "{\"prompt_tokens\":\"12\",\"completion_tokens\":5}", { .refused = true } },
	{ "one more than is believed", "{\"prompt_tokens\":1,\"completion_tokens\":1000000001}",
	    { .refused = true } },
	{ "2^64", "{\"prompt_tokens\":18446744073709551616,\"completion_tokens\":5}",
	    { .refused = true } },
	{ "2^64 - 1", "{\"prompt_tokens\":1,\"completion_tokens\":18446744073709551615}",
	    { .refused = true } },
	{ "a negative detail", "{" IN_OUT ",\"prompt_tokens_details\":{\"cached_tokens\":-5}}",
	    { .refused = true } },
	{ "a huge detail", "{" IN_OUT ",\"cache_creation\":{\"ephemeral_1h_input_tokens\":1e300}}",
	    { .refused = true } },
	{ "a huge total", "{" IN_OUT ",\"total_tokens\":99999999999}", { .refused = true } },
	{ "a list", "[1,2]", { .refused = true } },
	{ "a number", "7", { .refused = true } },
};

static const struct {
	const char		*why;
	const char		*tier;
	enum price_service	 want;
} services[] = {
	{ "none is said", "null", SERVICE_USUAL },
	{ "the usual one", "\"default\"", SERVICE_USUAL },
	{ "a slower one", "\"flex\"", SERVICE_BATCH },
	{ "a faster one", "\"priority\"", SERVICE_PRIORITY },
	{ "one that nobody knows", "\"scale\"", SERVICE_USUAL },
	{ "no text", "3", SERVICE_USUAL },
};

static struct usage
read_answer(struct arena *a, const char *usage, const char *tier)
{
	struct json_fault fault;
	struct usage out;
	struct json json;
	struct text t;
	char room[512];

	text_init(&t, room, sizeof room);
	text_put(&t, S("{\"choices\":[],\"service_tier\":"));
	text_put(&t, slice_of(tier, strlen(tier)));
	text_put(&t, S(",\"usage\":"));
	text_put(&t, slice_of(usage, strlen(usage)));
	text_put(&t, S("}"));
	check_or_stop(!text_overflowed(&t) && json_parse(a, text_slice(&t),
	    JSON_DUPLICATES_KEPT, &json, &fault) == ERR_OK, "it can be read: %s", usage);
	openai_usage(&json, &out);
	arena_reset(a);
	return out;
}

int
main(void)
{
	struct memory_pool memory;
	struct arena a;

	memory_init(&memory);
	arena_init(&a, &memory.memory, SIZE_MAX);
	for (size_t i = 0; i < COUNT_OF(answers); i++) {
		struct usage got = read_answer(&a, answers[i].usage, "null");
		const struct usage *want = &answers[i].want;

		check(got.known == want->known && got.refused == want->refused, "%s",
		    answers[i].why);
#define PRICE(NAME, count, side, otherwise, key)						\
		check_int((int64_t)got.count, (int64_t)want->count, "  " #count ": %s",	\
		    answers[i].why);
#include "core/price.tbl"
#undef PRICE
		check_int((int64_t)got.tools, (int64_t)want->tools, "  tools: %s", answers[i].why);
	}
	for (size_t i = 0; i < COUNT_OF(services); i++)
		check_int(read_answer(&a, "{" IN_OUT "}", services[i].tier).service,
		    services[i].want, "service: %s", services[i].why);
	arena_release(&a);
	memory_release(&memory);
	return check_done();
}
