/* SPDX-License-Identifier: Apache-2.0 */
#include "answer/unmask.h"

#include <inttypes.h>
#include <time.h>

#include "core/sse.h"
#include "detect/detect.h"

#include "blocks.h"
#include "check.h"

/*
 * Answers, whole and as events of one character each, with tokens in every text that there is.
 * In the cases @ stands for a token; in what is wanted, for its value.
 */

#define VALUE	"Ann O\"Neil \\ Co"
#define INSIDE	"Ann O\\\"Neil \\\\ Co"	/* a JSON string */
#define SECRET	"ghp_aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0dF3hJ6"
#define ROOM	(1 << 16)

static struct blocks blocks = BLOCKS;
static struct arena arena, scratch;
static struct vault vault;
static struct slice token;
static struct rules rules;

static struct slice
slice(const char *s)
{
	return slice_of(s, strlen(s));
}

/* The text with `what` for every @. */
static struct slice
fill(struct slice s, struct slice what)
{
	struct text t;

	text_init(&t, arena_bytes(&arena, ROOM), ROOM);
	for (size_t i = 0; i < s.len; i++)
		text_put(&t, s.ptr[i] == '@' ? what : slice_cut(s, i, i + 1));
	must(!text_overflowed(&t));
	return text_slice(&t);
}

static struct outlet_rules *
watching(enum watch_mode mode)
{
	struct outlet_rules *r = arena_zero(&arena, sizeof *r);

	r->mode = mode;
	r->guard.vault = &vault;
	r->rules = &rules;
	r->scratch = &scratch;
	r->parts = DETECT_SECRETS;
	for (unsigned i = 0; i < TYPE_COUNT; i++)
		if (type_is_secret((enum detect_type)i))
			r->types[i / 64] |= UINT64_C(1) << i % 64;
	return r;
}

/* ---- what was heard ---- */

struct heard {
	struct text	part[2][OPENAI_OTHER];	/* by choice */
};

static void
hear_document(struct heard *h, struct slice data, enum openai_what what)
{
	struct openai_choice choice = { 0 };
	struct json_fault fault;
	struct json json;

	must(json_parse(&arena, data, 0, &json, &fault) == ERR_OK);
	for (uint32_t after = 0; openai_choice_next(&json, after, &choice); after = choice.node) {
		struct openai_part_walk walk;
		struct openai_part part;

		openai_part_begin(&walk, &json, &choice);
		while (openai_part_next(&walk, &part)) {
			if (part.channel.what == OPENAI_OTHER || part.channel.choice > 1)
				continue;
			if (part.channel.what != what)
				check(false, "%u is not said in %u", what, part.channel.what);
			text_put(&h->part[part.channel.choice][part.channel.what],
			    json_string(&arena, &json, part.node));
		}
	}
}

static void
hear_view(struct heard *h, const struct stream_view *v, enum openai_what what)
{
	for (int i = 0; i < v->count; i++) {
		struct slice rest = v->piece[i];

		while (rest.len > 0) {
			size_t scanned = 0, length = sse_end(rest, &scanned);
			struct sse_event fields;

			must(length > 0 &&
			    sse_read(slice_cut(rest, 0, length), &fields) == ERR_OK);
			if (slice_starts(fields.data, S("{")))
				hear_document(h, fields.data, what);
			rest = slice_cut(rest, length, rest.len);
		}
	}
}

static struct heard *
heard_new(void)
{
	struct heard *h = arena_zero(&arena, sizeof *h);

	for (unsigned c = 0; c < 2; c++)
		for (unsigned w = 0; w < OPENAI_OTHER; w++)
			text_init(&h->part[c][w], arena_bytes(&arena, ROOM), ROOM);
	return h;
}

/* ---- every part, in pieces ---- */

/* A text of one choice: an event of a stream, or a whole answer. */
static struct slice
document(enum openai_what what, uint32_t choice, struct slice said, const char *finish)
{
	const struct openai_frame *f = &openai_frame[what];
	struct text t;

	text_init(&t, arena_bytes(&arena, 512 + 2 * said.len), 512 + 2 * said.len);
	text_put(&t, S("{\"id\":\"c1\",\"choices\":[{\"index\":"));
	text_put_number(&t, choice);
	text_put(&t, S(","));
	text_put(&t, f->before);
	if (f->behind.len > 0)
		text_put_number(&t, 3);
	text_put(&t, f->behind);
	text_put_json(&t, said);
	text_put(&t, f->after);
	text_put(&t, S(",\"finish_reason\":"));
	text_put(&t, slice(finish));
	text_put(&t, S("}]}"));
	must(!text_overflowed(&t));
	return text_slice(&t);
}

static struct slice
event_of(struct slice data)
{
	struct text t;

	text_init(&t, arena_bytes(&arena, data.len + 16), data.len + 16);
	text_put(&t, S("data: "));
	text_put(&t, data);
	text_put(&t, S("\n\n"));
	return text_slice(&t);
}

/* Both choices say it, the second one a character later; until the end or an error. */
static enum err
stream(enum openai_what what, struct slice said, struct outlet_rules *watch, struct heard *h)
{
	struct unmask *u = unmask_new(&arena, &blocks.memory, &vault, watch);
	enum err e = ERR_OK;

	for (size_t i = 0; i <= said.len + 1 && e == ERR_OK; i++) {
		struct stream_view v = { .count = 0 };

		if (i < said.len)
			v.piece[v.count++] = event_of(document(what, 0,
			    slice_cut(said, i, i + 1), "null"));
		if (i > 0 && i <= said.len)
			v.piece[v.count++] = event_of(document(what, 1,
			    slice_cut(said, i - 1, i), i == said.len ? "\"stop\"" : "null"));
		if (i == said.len + 1)
			v.piece[v.count++] = S("data: [DONE]\n\n");
		e = unmask_view(u, &v);
		hear_view(h, &v, what);
	}
	unmask_release(u);
	return e;
}

static enum err
whole(enum openai_what what, struct slice said, struct outlet_rules *watch, struct slice *out)
{
	struct unmask *u = unmask_new(&arena, &blocks.memory, &vault, watch);
	struct json_fault fault;
	struct json json;
	enum err e;

	*out = document(what, 0, said, "\"stop\"");
	check_or_stop(json_parse(&arena, *out, 0, &json, &fault) == ERR_OK, "it is JSON");
	if ((e = unmask_whole(u, &json, out)) == ERR_OK)
		*out = arena_copy(&arena, *out);
	unmask_release(u);
	return e;
}

static const char *const part_name[OPENAI_OTHER] = {
	[OPENAI_CONTENT] = "content", [OPENAI_REFUSAL] = "refusal",
	[OPENAI_REASONING] = "reasoning_content", [OPENAI_THOUGHT] = "reasoning",
	[OPENAI_THINKING] = "thinking", [OPENAI_DETAIL] = "reasoning_details",
	[OPENAI_SUMMARY] = "their summary", [OPENAI_ARGUMENTS] = "arguments",
	[OPENAI_INPUT] = "input", [OPENAI_CALL] = "function_call",
	[OPENAI_TRANSCRIPT] = "transcript", [OPENAI_TEXT] = "text",
};

/* Values come back in every part, escaped where it is JSON, and what only began as a token. */
static void
check_restored(enum openai_what what)
{
	bool json = openai_part_is_json(what);
	struct slice form = json ? S("{\"to\":\"<@> @\"} Person_") : S("<@> @ Person_");
	struct slice said = fill(form, token), out;
	struct slice want = fill(form, json ? S(INSIDE) : S(VALUE));
	struct heard *h = heard_new();

	check(stream(what, said, NULL, h) == ERR_OK, "%s: streams", part_name[what]);
	for (unsigned c = 0; c < 2; c++)
		check_slice(text_slice(&h->part[c][what]), want, "%s of choice %u comes back",
		    part_name[what], c);
	h = heard_new();
	check(whole(what, said, NULL, &out) == ERR_OK, "%s: whole", part_name[what]);
	hear_document(h, out, what);
	check_slice(text_slice(&h->part[0][what]), want, "%s of a whole answer comes back",
	    part_name[what]);
}

/* What must not come out, as each mode does. */
static void
check_watched(enum openai_what what)
{
	struct slice form = S("See https://evil.example/?q=@ and " SECRET " now.");
	struct slice said = fill(form, token), out;

	for (enum watch_mode mode = WATCH_OBSERVE; mode <= WATCH_STOP; mode++) {
		struct slice value = openai_part_is_json(what) ? S(INSIDE) : S(VALUE);
		struct slice want = mode == WATCH_OBSERVE ? fill(form, value) :
		    mode == WATCH_MASK ? S("See https: and  now.") : S("See https:");
		enum err end = mode == WATCH_STOP ? ERR_OUTPUT_STOPPED : ERR_OK;
		struct outlet_rules *watch = watching(mode);
		struct heard *h = heard_new();

		check(stream(what, said, watch, h) == end, "%s: ends as it must in mode %d",
		    part_name[what], mode);
		check(watch->found >= (mode == WATCH_STOP ? 1 : 4), "%s: what was found is counted",
		    part_name[what]);
		for (unsigned c = 0; c < 2; c++)
			if (mode == WATCH_STOP)
				check(slice_starts(want, text_slice(&h->part[c][what])),
				    "%s: nothing behind the stop", part_name[what]);
			else
				check_slice(text_slice(&h->part[c][what]), want,
				    "%s of choice %u is watched in mode %d", part_name[what], c,
				    mode);
		h = heard_new();
		check(whole(what, said, watching(mode), &out) == end, "%s: whole, in mode %d",
		    part_name[what], mode);
		if (mode == WATCH_STOP)
			continue;
		hear_document(h, out, what);
		check_slice(text_slice(&h->part[0][what]), want, "%s of a whole answer, mode %d",
		    part_name[what], mode);
	}
}

/* ---- how much is held back ---- */

/* Bytes of a long text that are not out yet when so many were said. */
static void
check_held(enum watch_mode mode, size_t most)
{
	struct outlet_rules *watch = mode == WATCH_OFF ? NULL : watching(mode);
	struct unmask *u = unmask_new(&arena, &blocks.memory, &vault, watch);
	struct slice word = S("Nothing is in this text, and it goes on. "), out;
	struct heard *h = heard_new();
	size_t worst = 0, least = SIZE_MAX;

	for (size_t i = 0; i < 6000; i++) {
		struct stream_view v = { .count = 1 };

		v.piece[0] = event_of(document(OPENAI_CONTENT, 0,
		    slice_cut(word, i % word.len, i % word.len + 1), "null"));
		must(unmask_view(u, &v) == ERR_OK);
		hear_view(h, &v, OPENAI_CONTENT);
		out = text_slice(&h->part[0][OPENAI_CONTENT]);
		worst = i + 1 - out.len > worst ? i + 1 - out.len : worst;
		if (i > 1000 && i + 1 - out.len < least)
			least = i + 1 - out.len;
	}
	check(worst <= most, "mode %d holds back at most %zu bytes, not %zu", mode, most, worst);
	check(mode < WATCH_MASK || least >= WINDOW_KEEP - 1, "mode %d: at least %u, not %zu", mode,
	    WINDOW_KEEP, least);
	unmask_release(u);
}

/* A value is known by the words before it, wherever the window is. */
static void
check_window(void)
{
	for (size_t before = 0; before < 1500; before += 37) {
		struct outlet_rules *watch = watching(WATCH_MASK);
		struct heard *h = heard_new();
		struct text t;

		text_init(&t, arena_bytes(&arena, 4096), 4096);
		while (t.len < before)
			text_put_char(&t, ' ');
		text_put(&t, S("password = Xk9fPq2vLm7Z "));
		while (t.len < 3000)
			text_put_char(&t, ' ');
		must(stream(OPENAI_CONTENT, text_slice(&t), watch, h) == ERR_OK);
		check(slice_find(text_slice(&h->part[0][OPENAI_CONTENT]), S("Xk9f")) ==
		    h->part[0][OPENAI_CONTENT].len, "a password behind %zu bytes is found", before);
		check(watch->found == 2, "and counted once a choice");
	}
}

/* Without memory to look at it, nothing is said that should have been looked at. */
static void
check_blind(void)
{
	struct blocks none = BLOCKS;
	struct arena empty;

	none.left = 0;
	arena_init(&empty, &none.memory, 1 << 24);
	for (enum watch_mode mode = WATCH_OBSERVE; mode <= WATCH_STOP; mode++) {
		struct slice said = S("It is " SECRET " they say."), out;
		struct outlet_rules *watch = watching(mode);
		struct heard *h = heard_new();
		bool seen = mode == WATCH_OBSERVE;

		watch->scratch = &empty;
		check((whole(OPENAI_CONTENT, said, watch, &out) == ERR_MEMORY) == !seen,
		    "an answer without memory to look at it, mode %d", mode);
		watch = watching(mode);
		watch->scratch = &empty;
		check((stream(OPENAI_CONTENT, said, watch, h) == ERR_MEMORY) == !seen,
		    "a stream, mode %d", mode);
		check((h->part[0][OPENAI_CONTENT].len > 0) == seen, "and what was said of it");
	}
	arena_release(&empty);
}

/* ---- texts that have no channel, and what is not a text ---- */

static const struct {
	const char	*why, *in;
	bool		 stays;
} alone[] = {
	{ "a citation's address and title", "{\"choices\":[{\"message\":{\"annotations\":[{\"type\":"
	    "\"url_citation\",\"url_citation\":{\"url\":\"https://a.example/@\",\"title\":\"@\"}}]}}]}",
	    false },
	{ "citations beside the choices", "{\"choices\":[],\"citations\":[\"@\",\"@\"]}", false },
	{ "the name of a tool", "{\"choices\":[{\"message\":{\"tool_calls\":[{\"function\":{\"name\":"
	    "\"@\"}}]}}]}", false },
	{ "a tool's arguments that are no string", "{\"choices\":[{\"message\":{\"tool_calls\":[{"
	    "\"function\":{\"arguments\":{\"to\":[\"@\"]}}}]}}]}", false },
	{ "a member of tomorrow", "{\"choices\":[{\"delta\":{\"x\":{\"y\":[{\"z\":\"(@)\"}]}}}]}", false },
	{ "an error", "{\"error\":{\"message\":\"No such user: @\",\"type\":\"invalid_request\"}}",
	    false },
	{ "a token with escapes", "{\"choices\":[],\"x\":\"\\u005b@\\u005d\"}", false },
	{ "why it ended, if that is more than a word", "{\"choices\":[{\"finish_reason\":"
	    "\"stop: @\"}]}", false },
	{ "handles", "{\"id\":\"chatcmpl-@\",\"model\":\"@\",\"choices\":[{\"delta\":{\"tool_calls\":[{"
	    "\"id\":\"@\",\"type\":\"@\"}]},\"finish_reason\":\"@\"}]}", true },
	{ "pieces", "{\"choices\":[{\"logprobs\":{\"content\":[{\"token\":\"@\"}]}}]}", true },
	{ "names of members", "{\"choices\":[],\"@\":1}", true },
};

static void
check_alone(void)
{
	for (size_t i = 0; i < COUNT_OF(alone); i++) {
		struct unmask *u = unmask_new(&arena, &blocks.memory, &vault, NULL);
		struct slice in = fill(slice(alone[i].in), token), out = in, want;
		struct stream_view v = { .count = 1, .piece = { event_of(in) } };
		uint64_t restored, unresolved;
		struct json_fault fault;
		struct json json;

		want = alone[i].stays ? in : fill(slice(alone[i].in), S(INSIDE));
		/* A string that is written anew has no escapes but those that it must have. */
		if (slice_find(want, S("\\u005b")) < want.len)
			want = fill(S("{\"choices\":[],\"x\":\"[@]\"}"), S(INSIDE));
		check_or_stop(json_parse(&arena, in, 0, &json, &fault) == ERR_OK, "it is JSON");
		check(unmask_whole(u, &json, &out) == ERR_OK, "%s: whole", alone[i].why);
		check_slice(out, want, "%s: %s", alone[i].why,
		    alone[i].stays ? "stays" : "comes back");
		check(unmask_view(u, &v) == ERR_OK && v.count == 1, "%s: an event", alone[i].why);
		check_slice(v.piece[0], event_of(want), "%s: in an event", alone[i].why);
		unmask_counts(u, &restored, &unresolved);
		check((restored == 0) == alone[i].stays, "%s: is counted", alone[i].why);
		unmask_release(u);
	}
}

/* A secret in each of them, too. */
static void
check_alone_watched(void)
{
	for (size_t i = 0; i < COUNT_OF(alone); i++) {
		struct slice in = fill(slice(alone[i].in), S(SECRET)), out = in;
		struct json_fault fault;
		struct unmask *u;
		struct json json;
		bool told;

		check_or_stop(json_parse(&arena, in, 0, &json, &fault) == ERR_OK, "it is JSON");
		u = unmask_new(&arena, &blocks.memory, &vault, watching(WATCH_MASK));
		check(unmask_whole(u, &json, &out) == ERR_OK, "%s: watched", alone[i].why);
		told = slice_find(out, S(SECRET)) < out.len;
		/* Pieces are left out; handles and names of members nobody watches. */
		check(told == (alone[i].stays && slice_find(in, S("logprobs")) == in.len),
		    "%s: the secret is %s", alone[i].why, told ? "told" : "left out");
		unmask_release(u);
		u = unmask_new(&arena, &blocks.memory, &vault, watching(WATCH_STOP));
		if (!alone[i].stays)
			check(unmask_whole(u, &json, &out) == ERR_OUTPUT_STOPPED, "%s: stopped",
			    alone[i].why);
		unmask_release(u);
	}
}

/* ---- what else vendors do ---- */

/* Two calls of one number, told apart by their ids: the end of the first stays in it. */
static void
check_calls_of_one_number(void)
{
	static const char *const said[] = {
		"{\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"a\",\"function\":"
		    "{\"name\":\"f\",\"arguments\":\"{\\\"n\\\":1}\"}}]}}]}",
		"{\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"b\",\"function\":"
		    "{\"name\":\"f\",\"arguments\":\"{\\\"n\\\":2}\"}}]},\"finish_reason\":\"tool_calls\"}]}",
	};
	struct unmask *u = unmask_new(&arena, &blocks.memory, &vault, watching(WATCH_STOP));
	struct stream_view v = { .count = 2 };
	size_t first, second;

	for (int i = 0; i < 2; i++)
		v.piece[i] = event_of(slice(said[i]));
	check(unmask_view(u, &v) == ERR_OK && v.count == 1, "calls of one number");
	first = slice_find(v.piece[0], S("{\\\"n\\\":1}"));
	second = slice_find(v.piece[0], S("\"id\":\"b\""));
	check(first < second && second < slice_find(v.piece[0], S("{\\\"n\\\":2}")),
	    "the arguments of a call come before the next one begins");
	unmask_release(u);
}

/* What says a transcript aloud is not sent where that is watched. */
static void
check_voice(void)
{
	struct slice in = S("{\"choices\":[{\"message\":{\"audio\":{\"id\":\"a\",\"data\":\"QUJD\","
	    "\"transcript\":\"Hello there\"}}}]}");

	for (enum watch_mode mode = WATCH_OBSERVE; mode <= WATCH_STOP; mode++) {
		struct unmask *u = unmask_new(&arena, &blocks.memory, &vault, watching(mode));
		struct slice out = in;
		struct json_fault fault;
		struct json json;

		check_or_stop(json_parse(&arena, in, 0, &json, &fault) == ERR_OK, "it is JSON");
		check(unmask_whole(u, &json, &out) == ERR_OK, "audio, in mode %d", mode);
		check((slice_find(out, S("QUJD")) < out.len) == (mode == WATCH_OBSERVE),
		    "audio is sent only where nothing is kept back: mode %d", mode);
		check(slice_find(out, S("Hello there")) < out.len, "its transcript is: mode %d",
		    mode);
		unmask_release(u);
	}
}

/* ---- hostile answers ---- */

static const struct {
	const char	*why, *head, *piece, *middle, *other, *tail;
} hostile[] = {
	{ "many members beside many choices", "{", "\"a\":0,", "\"choices\":[", "{},", "{}]}" },
	{ "many texts before a long one", "{\"x\":[", "\"aaaa\",", "0],\"choices\":[{\"message\":{"
	    "\"content\":[", "{\"text\":\"a\"},", "{\"text\":\"@\"}]}}]}" },
	{ "a call that is said many times", "{\"choices\":[{\"message\":{\"tool_calls\":[{\"id\":"
	    "\"", "aaaaaaaa", "\",", "\"function\":{\"arguments\":\"a\"},", "\"x\":0}]}}]}" },
	{ "one around many others", "{\"choices\":[{\"message\":{\"tool_calls\":[{\"id\":\"",
	    "aaaaaaaa", "\",", "\"function\":{\"arguments\":\"a\"},\"function\":[{\"arguments\":"
	    "\"a\"}],", "\"x\":0}]}}]}" },
};

static uint64_t
cpu_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

/* What an answer of so many pieces costs. */
static uint64_t
cost(size_t which, unsigned pieces)
{
	struct unmask *u = unmask_new(&arena, &blocks.memory, &vault, NULL);
	size_t room = (size_t)pieces * 96 + 256;
	uint64_t begin = cpu_now();
	struct json_fault fault;
	struct slice out;
	struct json json;
	struct text t;

	text_init(&t, arena_bytes(&arena, room), room);
	text_put(&t, slice(hostile[which].head));
	for (unsigned i = 0; i < pieces; i++)
		text_put(&t, slice(hostile[which].piece));
	text_put(&t, slice(hostile[which].middle));
	for (unsigned i = 0; i < pieces; i++)
		text_put(&t, slice(hostile[which].other));
	text_put(&t, fill(slice(hostile[which].tail), token));
	out = text_slice(&t);
	must(json_parse(&arena, out, JSON_DUPLICATES_KEPT, &json, &fault) == ERR_OK);
	check(unmask_whole(u, &json, &out) == ERR_OK, "%s: %u", hostile[which].why, pieces);
	unmask_release(u);
	return cpu_now() - begin;
}

static void
check_linear(void)
{
	for (size_t i = 0; i < COUNT_OF(hostile); i++) {
		uint64_t small = cost(i, 2500), big = cost(i, 40000);

		check(big < small * 16 * 4 + 200000000,
		    "%s: each costs the same (%" PRIu64 " ns, then %" PRIu64 ")", hostile[i].why,
		    small, big);
	}
}

int
main(void)
{
	const struct hash_key key = { { 1, 2 } };

	arena_init(&arena, &blocks.memory, 1 << 30);
	arena_init(&scratch, &blocks.memory, 1 << 24);
	vault_init(&vault, &arena, key, 0);
	check_or_stop(vault_mint(&vault, S("Person"), S(VALUE), &token) == ERR_OK, "a token");
	for (enum openai_what what = 0; what < OPENAI_OTHER; what++) {
		check_restored(what);
		check_watched(what);
	}
	/* No letter of the text begins the word of a token. */
	check_held(WATCH_OFF, 0);
	check_held(WATCH_OBSERVE, 0);
	check_held(WATCH_MASK, WINDOW_KEEP + WINDOW_STRIDE);
	check_held(WATCH_STOP, WINDOW_KEEP + WINDOW_STRIDE);
	check_window();
	check_blind();
	check_alone();
	check_alone_watched();
	check_calls_of_one_number();
	check_voice();
	check_linear();
	arena_release(&scratch);
	arena_release(&arena);
	check(blocks.out == 0, "all memory was given back");
	return check_done();
}
