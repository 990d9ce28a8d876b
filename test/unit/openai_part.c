/* SPDX-License-Identifier: Apache-2.0 */
#include "dialect/openai_part.h"

#include "core/text.h"

#include "blocks.h"
#include "check.h"

/* Each text as CHOICE.WHAT.NUMBER:TEXT, each end as CHOICE!, with spaces between. */
static const struct {
	const char	*why, *in, *want;
} cases[] = {
	{ "a chunk", "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hi\"},"
	    "\"finish_reason\":null}]}", "0.content.0:Hi" },
	{ "a whole answer, with its end", "{\"choices\":[{\"index\":0,\"message\":{\"role\":"
	    "\"assistant\",\"content\":\"Hi\",\"refusal\":null},\"finish_reason\":\"stop\"}]}",
	    "0.content.0:Hi 0!" },
	{ "choices in any order", "{\"choices\":[{\"index\":2,\"delta\":{\"content\":\"c\"}},"
	    "{\"index\":0,\"delta\":{\"content\":\"a\"}}]}", "2.content.0:c 0.content.0:a" },
	{ "choices that are not numbered are counted", "{\"choices\":[{\"message\":{\"content\":"
	    "\"a\"}},{\"message\":{\"content\":\"b\"}}]}", "0.content.0:a 1.content.0:b" },
	{ "reasoning before content", "{\"choices\":[{\"delta\":{\"reasoning_content\":\"r\","
	    "\"content\":\"a\"}}]}", "0.reasoning.0:r 0.content.0:a" },
	{ "reasoning under both of its names, which are two texts", "{\"choices\":[{\"delta\":{"
	    "\"reasoning\":\"r\",\"reasoning_content\":\"r\"}}]}", "0.thought.0:r 0.reasoning.0:r" },
	{ "a content of parts, one of them thinking", "{\"choices\":[{\"message\":{\"content\":["
	    "{\"type\":\"thinking\",\"thinking\":[{\"type\":\"text\",\"text\":\"t\"}]},"
	    "{\"type\":\"text\",\"text\":\"a\"},{\"type\":\"text\",\"text\":\"b\"}]}}]}",
	    "0.thinking.0:t 0.content.0:a 0.content.0:b" },
	{ "a refusal", "{\"choices\":[{\"delta\":{\"refusal\":\"no\"}}]}", "0.refusal.0:no" },
	{ "tool calls by their index", "{\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":1,"
	    "\"function\":{\"arguments\":\"{}\"}},{\"index\":0,\"function\":{\"arguments\":"
	    "\"[]\"}}]}}]}", "0.arguments.1:{} 0.arguments.0:[]" },
	{ "tool calls of a whole answer are counted", "{\"choices\":[{\"message\":{\"tool_calls\":["
	    "{\"function\":{\"name\":\"f\"}},{\"function\":{\"arguments\":\"[]\"}}],\"content\":"
	    "\"a\"}}]}", "0.arguments.1:[] 0.content.0:a" },
	{ "names of tools, each a text in itself", "{\"choices\":[{\"delta\":{\"tool_calls\":["
	    "{\"index\":3,\"id\":\"call_1\",\"type\":\"function\",\"function\":{\"name\":"
	    "\"look_up\",\"arguments\":\"\"}}]}}]}", "0.other.0:look_up 0.arguments.3:" },
	{ "reasoning in numbered details", "{\"choices\":[{\"delta\":{\"reasoning_details\":["
	    "{\"type\":\"reasoning.text\",\"text\":\"t\",\"signature\":\"c2ln\"},"
	    "{\"type\":\"reasoning.summary\",\"summary\":\"s\",\"index\":7}]}}]}",
	    "0.detail.0:t 0.summary.7:s" },
	{ "a transcript", "{\"choices\":[{\"delta\":{\"audio\":{\"id\":\"audio_1\",\"data\":"
	    "\"AAAA\",\"transcript\":\"t\"}}}]}", "0.transcript.0:t" },
	{ "citations", "{\"choices\":[{\"message\":{\"content\":\"a\",\"annotations\":[{"
	    "\"type\":\"url_citation\",\"url_citation\":{\"url\":\"https://b\",\"title\":"
	    "\"cite\"}}]}}],\"citations\":[\"https://c\"]}",
	    "0.content.0:a 0.other.0:https://b 0.other.0:cite | 0.other.0:https://c" },
	{ "a refusal among parts", "{\"choices\":[{\"message\":{\"content\":[{\"type\":"
	    "\"refusal\",\"refusal\":\"no\"}]}}]}", "0.refusal.0:no" },
	{ "fields of tomorrow, however deep", "{\"choices\":[{\"delta\":{\"x\":[[[[[[[[\"deep\"]"
	    "]]],{\"content\":\"side\"}]]]],\"y\":{\"content\":\"yyyy\"},\"content\":"
	    "\"a\"},\"z\":\"zzzz\"}]}",
	    "0.other.0:deep 0.other.0:side 0.other.0:yyyy 0.content.0:a 0.other.0:zzzz" },
	{ "a message that is said twice: the last one has channels", "{\"choices\":[{\"delta\":{"
	    "\"content\":\"one.\"},\"delta\":{\"content\":\"two\"}}]}",
	    "0.other.0:one. 0.content.0:two" },
	{ "handles, but not what only stands under their names", "{\"id\":\"chatcmpl-1\","
	    "\"choices\":[{\"delta\":{\"role\":\"assistant\",\"data\":\"see https://d\"},"
	    "\"finish_reason\":\"stop it\"}],\"model\":\"m-2.5\",\"provider\":\"Some One\"}",
	    "0.other.0:see https://d 0.other.0:stop it 0! | 0.other.0:Some One" },
	{ "no logprobs, no payloads", "{\"choices\":[{\"logprobs\":{\"content\":[{\"token\":"
	    "\"abcd\"}]},\"message\":{\"images\":[{\"image_url\":{\"url\":"
	    "\"data:image/png;base64,AAAA\"}}],\"content\":\"a\"}}]}", "0.content.0:a" },
	{ "a custom tool", "{\"choices\":[{\"message\":{\"tool_calls\":[{\"custom\":{\"input\":"
	    "\"x\"}}]}}]}", "0.input.0:x" },
	{ "a function call of older models", "{\"choices\":[{\"message\":{\"function_call\":"
	    "{\"arguments\":\"{}\"}}}]}", "0.call.0:{}" },
	{ "text of a completion", "{\"choices\":[{\"text\":\"a\",\"index\":1,\"finish_reason\":"
	    "\"length\"}]}", "1.text.0:a 1!" },
	{ "no choices", "{\"choices\":[],\"usage\":{}}", "" },
	{ "no answer at all", "[]", "" },
	{ "shapes that are wrong", "{\"choices\":[{\"delta\":[]},{\"delta\":{\"content\":[1],"
	    "\"tool_calls\":{}}},{\"message\":1}]}", "" },
};

static const char *const what[OPENAI_WHATS] = {
	[OPENAI_CONTENT] = "content", [OPENAI_REFUSAL] = "refusal",
	[OPENAI_REASONING] = "reasoning", [OPENAI_THOUGHT] = "thought",
	[OPENAI_THINKING] = "thinking", [OPENAI_DETAIL] = "detail", [OPENAI_SUMMARY] = "summary",
	[OPENAI_ARGUMENTS] = "arguments", [OPENAI_INPUT] = "input", [OPENAI_CALL] = "call",
	[OPENAI_TRANSCRIPT] = "transcript", [OPENAI_TEXT] = "text", [OPENAI_OTHER] = "other",
};

static void
put_parts(struct text *t, struct openai_part_walk *w)
{
	struct openai_part part;

	while (openai_part_next(w, &part)) {
		text_put(t, t->len > 0 ? S(" ") : S(""));
		text_put_number(t, part.channel.choice);
		text_put_char(t, '.');
		text_put(t, slice_of(what[part.channel.what], strlen(what[part.channel.what])));
		text_put_char(t, '.');
		text_put_number(t, part.channel.number);
		text_put_char(t, ':');
		text_put(t, json_inside(w->json, part.node));
	}
}

/* Behind a bar, if there are any, those that stand in no choice. */
static struct slice
walk(const struct json *j, struct text *t)
{
	struct openai_choice choice = { 0 };
	struct openai_part_walk w;
	char room[128];
	struct text beside;

	for (uint32_t after = 0; openai_choice_next(j, after, &choice); after = choice.node) {
		openai_part_begin(&w, j, &choice);
		put_parts(t, &w);
		if (choice.finish != 0) {
			text_put(t, S(" "));
			text_put_number(t, choice.index);
			text_put_char(t, '!');
		}
	}
	text_init(&beside, room, sizeof room);
	openai_part_beside(&w, j);
	put_parts(&beside, &w);
	if (beside.len > 0) {
		text_put(t, S(" | "));
		text_put(t, text_slice(&beside));
	}
	return text_slice(t);
}

/* What a text stands in is JSON of a choice in which the walk finds it again, in its channel. */
static void
check_frames(struct arena *a)
{
	for (unsigned i = 0; i < OPENAI_OTHER; i++) {
		const struct openai_frame *f = &openai_frame[i];
		struct openai_choice choice = { 0 };
		struct openai_part_walk w;
		struct openai_part part;
		struct json_fault fault;
		struct json json;
		char room[256];
		struct text t;

		text_init(&t, room, sizeof room);
		text_put(&t, S("{\"choices\":[{"));
		text_put(&t, f->before);
		text_put(&t, f->behind.len > 0 ? S("5") : S(""));
		text_put(&t, f->behind);
		text_put(&t, S("\"said\""));
		text_put(&t, f->after);
		text_put(&t, S("}]}"));
		check_or_stop(json_parse(a, text_slice(&t), 0, &json, &fault) == ERR_OK,
		    "%s: its frame is JSON", what[i]);
		check_or_stop(openai_choice_next(&json, 0, &choice), "%s: of a choice", what[i]);
		openai_part_begin(&w, &json, &choice);
		while (openai_part_next(&w, &part) && part.channel.what == OPENAI_OTHER)
			;
		check(part.channel.what == i && part.channel.number == (f->behind.len > 0 ? 5 : 0),
		    "%s: its frame leads back to it", what[i]);
		arena_reset(a);
	}
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
		check_or_stop(json_parse(&a, slice_of(cases[i].in, strlen(cases[i].in)),
		    JSON_DUPLICATES_KEPT, &json, &fault) == ERR_OK, "%s: it is JSON", cases[i].why);
		check_slice(walk(&json, &t), slice_of(cases[i].want, strlen(cases[i].want)), "%s",
		    cases[i].why);
		arena_reset(&a);
	}
	check_frames(&a);
	arena_release(&a);
	return check_done();
}
