/* SPDX-License-Identifier: Apache-2.0 */
#include "dialect/openai_part.h"

#include "core/text.h"

#include "blocks.h"
#include "check.h"

/* Each text as CHOICE.WHAT.TOOL:TEXT, each end as CHOICE!, with spaces between. */
static const struct {
	const char	*why, *in, *want;
} cases[] = {
	{ "a chunk", "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hi\"},"
	    "\"finish_reason\":null}]}", "0.0.0:Hi" },
	{ "a whole answer, with its end", "{\"choices\":[{\"index\":0,\"message\":{\"role\":"
	    "\"assistant\",\"content\":\"Hi\",\"refusal\":null},\"finish_reason\":\"stop\"}]}",
	    "0.0.0:Hi 0!" },
	{ "choices in any order", "{\"choices\":[{\"index\":2,\"delta\":{\"content\":\"c\"}},"
	    "{\"index\":0,\"delta\":{\"content\":\"a\"}}]}", "2.0.0:c 0.0.0:a" },
	{ "choices that are not numbered are counted", "{\"choices\":[{\"message\":{\"content\":"
	    "\"a\"}},{\"message\":{\"content\":\"b\"}}]}", "0.0.0:a 1.0.0:b" },
	{ "reasoning before content", "{\"choices\":[{\"delta\":{\"reasoning_content\":\"r\","
	    "\"content\":\"a\"}}]}", "0.2.0:r 0.0.0:a" },
	{ "reasoning under both of its names, which are two texts", "{\"choices\":[{\"delta\":{"
	    "\"reasoning\":\"r\",\"reasoning_content\":\"r\"}}]}", "0.5.0:r 0.2.0:r" },
	{ "a content of parts, one of them thinking", "{\"choices\":[{\"message\":{\"content\":["
	    "{\"type\":\"thinking\",\"thinking\":[{\"type\":\"text\",\"text\":\"t\"}]},"
	    "{\"type\":\"text\",\"text\":\"a\"},{\"type\":\"text\",\"text\":\"b\"}]}}]}",
	    "0.2.0:t 0.0.0:a 0.0.0:b" },
	{ "a refusal", "{\"choices\":[{\"delta\":{\"refusal\":\"no\"}}]}", "0.1.0:no" },
	{ "tool calls by their index", "{\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":1,"
	    "\"function\":{\"arguments\":\"{}\"}},{\"index\":0,\"function\":{\"arguments\":"
	    "\"[]\"}}]}}]}", "0.3.1:{} 0.3.0:[]" },
	{ "tool calls of a whole answer are counted", "{\"choices\":[{\"message\":{\"tool_calls\":["
	    "{\"function\":{\"name\":\"f\"}},{\"function\":{\"arguments\":\"[]\"}}],\"content\":"
	    "\"a\"}}]}", "0.3.1:[] 0.0.0:a" },
	{ "a custom tool", "{\"choices\":[{\"message\":{\"tool_calls\":[{\"custom\":{\"input\":"
	    "\"x\"}}]}}]}", "0.3.0:x" },
	{ "a function call of older models", "{\"choices\":[{\"message\":{\"function_call\":"
	    "{\"arguments\":\"{}\"}}}]}", "0.3.4294967295:{}" },
	{ "text of a completion", "{\"choices\":[{\"text\":\"a\",\"index\":1,\"finish_reason\":"
	    "\"length\"}]}", "1.4.0:a 1!" },
	{ "no choices", "{\"choices\":[],\"usage\":{}}", "" },
	{ "no answer at all", "[]", "" },
	{ "shapes that are wrong", "{\"choices\":[{\"delta\":[]},{\"delta\":{\"content\":[1],"
	    "\"tool_calls\":{}}},{\"message\":1}]}", "" },
};

static struct slice
walk(const struct json *j, struct text *t)
{
	struct openai_choice choice = { 0 };
	uint32_t after = 0;

	for (; openai_choice_next(j, after, &choice); after = choice.node) {
		struct openai_part_walk w = { 0 };
		struct openai_part part;

		while (openai_part_next(j, &choice, &w, &part)) {
			text_put(t, t->len > 0 ? S(" ") : S(""));
			text_put_number(t, part.channel.choice);
			text_put_char(t, '.');
			text_put_number(t, part.channel.what);
			text_put_char(t, '.');
			text_put_number(t, part.channel.tool);
			text_put_char(t, ':');
			text_put(t, json_inside(j, part.node));
		}
		if (choice.finish != 0) {
			text_put(t, S(" "));
			text_put_number(t, choice.index);
			text_put_char(t, '!');
		}
	}
	return text_slice(t);
}

int
main(void)
{
	struct blocks blocks = BLOCKS;
	struct arena a;

	arena_init(&a, &blocks.memory, 1 << 20);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct json_fault fault;
		struct json json;
		struct text t;
		char room[512];

		text_init(&t, room, sizeof room);
		check_or_stop(json_parse(&a, slice_of(cases[i].in, strlen(cases[i].in)), 0, &json,
		    &fault) == ERR_OK, "%s: it is JSON", cases[i].why);
		check_slice(walk(&json, &t), slice_of(cases[i].want, strlen(cases[i].want)), "%s",
		    cases[i].why);
		arena_reset(&a);
	}
	arena_release(&a);
	return check_done();
}
