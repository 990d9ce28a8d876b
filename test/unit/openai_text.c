/* SPDX-License-Identifier: Apache-2.0 */
#include "dialect/openai_text.h"

#include "core/text.h"

#include "blocks.h"
#include "check.h"

/* Each text as KEY:TEXT, with a bar where it is fixed; those that follow one another by spaces. */
static const struct {
	const char	*why, *in, *want;
} cases[] = {
	{ "a prompt", "{\"prompt\":\"Hello\"}", ":Hello" },
	{ "words of the API are none", "{\"model\":\"gpt-small\",\"messages\":[{\"role\":\"user\","
	    "\"content\":\"Hello\"}]}", ":Hello" },
	{ "a model's name that is no word", "{\"model\":\"Gpt 5.1\"}", "|:Gpt 5.1" },
	{ "parts of a message", "{\"messages\":[{\"content\":[{\"type\":\"text\",\"text\":\"Hello\"},"
	    "{\"type\":\"text\",\"text\":\"there\"}]}]}", ":Hello :there" },
	{ "a member of the caller's has a name that says something",
	    "{\"metadata\":{\"customer\":\"Anna\"}}", "customer:Anna" },
	{ "and gives it to the elements of its list", "{\"phones\":[\"0123\",\"4567\"]}",
	    "phones:0123 phones:4567" },
	{ "but not to what is behind it", "{\"a\":[\"0123\"],\"text\":\"4567\"}", "a:0123 :4567" },
	{ "a list in a list has the name of the outer one", "{\"ssn\":[[\"0123\"]]}", "ssn:0123" },
	{ "arguments of a tool call are text", "{\"messages\":[{\"tool_calls\":[{\"id\":\"call_A1\","
	    "\"function\":{\"name\":\"Find1\",\"arguments\":\"{}   \"}}]}]}",
	    "|:call_A1 |:Find1 :{}   " },
	{ "a tool's description is text, its schema is fixed", "{\"tools\":[{\"function\":{"
	    "\"description\":\"Finds\",\"parameters\":{\"enum\":[\"Anna\"]}}}]}", ":Finds |enum:Anna" },
	{ "what is behind the tools is not", "{\"tools\":[],\"user\":\"Anna\"}", "user:Anna" },
	{ "the payload of a data URL is none", "{\"image_url\":{\"url\":\"data:image/png;base64,AAAA\"}}",
	    "" },
	{ "a URL is fixed", "{\"image_url\":{\"url\":\"http://a/?q=1\"}}", "|:http://a/?q=1" },
	{ "content that looks like a data URL is text", "{\"content\":\"data:a;base64,AAAA\"}",
	    ":data:a;base64,AAAA" },
	{ "a long member name is looked at", "{\"metadata\":{\"anna.kowalska@acme.io\":1}}",
	    "|:anna.kowalska@acme.io" },
	{ "a name that is spelt with escapes", "{\"r\\u006fle\":\"Anna\"}",
	    "|:r\\u006fle r\\u006fle:Anna" },
	{ "a short name with signs of its own is looked at", "{\"metadata\":{\"bob@acme.io\":1}}",
	    "|:bob@acme.io" },
	{ "a name of two words is looked at", "{\"Anna Smith\":1}", "|:Anna Smith" },
	{ "a name of many digits is looked at", "{\"078-05-1120\":1,\"item_12345\":1}",
	    "|:078-05-1120" },
	{ "a name in letters of both kinds is not, while it is short",
	    "{\"customerName\":1,\"AKIAQWERTYUIOPAS\":1}", "|:AKIAQWERTYUIOPAS" },
	{ "short strings hold nothing", "{\"a\":\"abc\"}", "" },
	{ "numbers and words of JSON hold nothing", "{\"a\":[1,true,null,{}]}", "" },
	{ "a document that is a string", "\"Hello\"", ":Hello" },
};

/* The next text of a walk that pauses before every node, or never. */
static bool
next(struct openai_walk *w, struct openai_text *text, bool pausing)
{
	if (!pausing)
		return openai_walk_next(w, text);
	while (!openai_walk_is_over(w)) {
		openai_walk_pause(w, 1);
		if (openai_walk_next(w, text))
			return true;
	}
	return false;
}

static struct slice
walk(const struct json *j, struct text *t, bool pausing)
{
	struct openai_walk w;
	struct openai_text text;
	bool first = true;

	openai_walk_begin(&w, j);
	while (next(&w, &text, pausing)) {
		text_put(t, first ? S("") : S(" "));
		text_put(t, text.fixed ? S("|") : S(""));
		if (text.key != 0)
			text_put(t, json_inside(j, text.key));
		text_put_char(t, ':');
		text_put(t, json_inside(j, text.node));
		first = false;
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

		check_or_stop(json_parse(&a, slice_of(cases[i].in, strlen(cases[i].in)), 0, &json,
		    &fault) == ERR_OK, "%s: it is JSON", cases[i].why);
		for (int pausing = 0; pausing < 2; pausing++) {
			text_init(&t, room, sizeof room);
			check_slice(walk(&json, &t, pausing == 1),
			    slice_of(cases[i].want, strlen(cases[i].want)), "%s%s",
			    cases[i].why, pausing == 1 ? ", with pauses" : "");
		}
		arena_reset(&a);
	}
	arena_release(&a);
	return check_done();
}
