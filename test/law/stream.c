/* SPDX-License-Identifier: Apache-2.0 */
#include "answer/stream.h"

#include "check.h"
#include "core/json.h"
#include "core/sse.h"
#include "core/text.h"
#include "dialect/openai.h"
#include "random.h"
#include "run/kernel.h"
#include "wire/chunk.h"

/*
 * The laws of a streamed answer, over events that are right, odd and wrong.
 *
 * 1. However its bytes arrive, and on whatever machine, what is forwarded, what
 *    is counted and how it ends is what a reader says who takes all of it at
 *    once and looks into every event; and so it is of what comes in chunks.
 * 2. A look at a line stops where a loop over its bytes does, and what it does
 *    not mark is ASCII without `usage"`.
 */

#define TEXT_BYTES	2400
#define CHUNKS_BYTES	(8 * TEXT_BYTES)

struct outcome {
	char		bytes[TEXT_BYTES];	/* forwarded */
	size_t		len;
	uint64_t	events;
	struct usage	usage;
	bool		done, is_error;
	enum err	err;
};

/* Whole events, and pieces of such. */
static const char *const words[] = {
	"data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"abc\"}}]}\n\n",
	"data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"ge\\\"\"}}]}\n\n",
	"data:{\"choices\":[{\"delta\":{\"content\":\"\xc3\xa9\xe4\xb8\xad\"}}],\"usage\":null}\n\n",
	"data: {\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":4}}\n\n",
	"data: {\"choices\":[{}],\"usage\" : {\"prompt_tokens\":5,\"completion_tokens\":6}}\n\n",
	"data: {\"choices\":[],\"a\":\"usage\",\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2}}\n\n",
	"data: {\"choices\":[],\r\ndata: \"usage\":{}}\n\n",
	"data: {\"choices\":[{}]}\r\n\r\n", "data: {\"choices\":[{}]}\r\r",
	"data: {\"choices\":[],\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":8}}\r\n\r\n",
	"event: message\ndata: {\"a\":\"usage\"}\n\n", ": comment\n\n", ": usage\"\n\n", "\n",
	"id: 7\ndata: {}\n\n", "data: {\t}\n\n", "data: {}\n\n", "data:{}\n\n", "data: { }\n\n",
};

/* Those after which nothing comes. */
static const char *const last_words[] = {
	"data: [DONE]\n\n", "data:[DONE]\n\n", "data: [DONE]\r\n\r\n", "data: {\"error\":{}}\n\n",
	"data: { \"error\":1}\n\n", "data: {\"errors\":1}\n\n", "data: []\n\n", "data\n\n", "data:\n\n",
	"data: {\"a\":\"\x80\"}\n\n", "data: {\"a\":\"\xc3\"}\n\n", "data: {\0}\n\n", "data: {\r}\n\n",
	"data: {\"a\":\ndata: 1}\n\n", "data:  {}\n\n", "data: {}", "data: {}\n", "dat", "",
};

static void
put(struct text *t, const char *word, struct random *r)
{
	size_t len = strlen(word);

	/* Filled up inside a string, so that every event stands at every place of a block. */
	if (len > 20 && random_below(r, 3) == 0) {
		const char *in = strstr(word, "abc");
		size_t from = in != NULL ? (size_t)(in - word) : 0;

		text_put(t, slice_of(word, from));
		for (size_t n = in != NULL ? random_below(r, 150) : 0; n > 0; n--)
			text_put_char(t, (char)('a' + random_below(r, 26)));
		text_put(t, slice_of(word + from, len - from));
		return;
	}
	text_put(t, slice_of(word, len));
}

static struct slice
make_text(struct random *r, char *room)
{
	struct text t;

	text_init(&t, room, TEXT_BYTES);
	for (size_t n = random_below(r, 9); n > 0; n--)
		put(&t, words[random_below(r, random_below(r, 2) ? 5 : COUNT_OF(words))], r);
	put(&t, last_words[random_below(r, COUNT_OF(last_words))], r);
	for (size_t n = random_below(r, 3); n > 0; n--)
		put(&t, words[random_below(r, COUNT_OF(words))], r);
	if (t.len > 0 && random_below(r, 4) == 0)
		t.ptr[random_below(r, t.len)] = "\n\r\0 \"\xc3{g"[random_below(r, 8)];
	return text_slice(&t);
}

static void
keep(struct outcome *o, struct slice s)
{
	must(o->len + s.len <= sizeof o->bytes);
	memcpy(o->bytes + o->len, s.ptr, s.len);
	o->len += s.len;
}

/* One whole event, looked into. */
static void
plain_event(struct arena *a, struct slice bytes, struct outcome *o)
{
	struct json_fault fault;
	struct sse_event e;
	struct usage usage;
	struct json j;

	if (sse_read(bytes, &e) != ERR_OK || e.data_count > 1 ||
	    (e.data_count == 1 && !slice_eq(e.data, S("[DONE]")) && (e.data.len < 2 ||
	    e.data.ptr[0] != '{' || e.data.ptr[e.data.len - 1] != '}'))) {
		o->err = ERR_UPSTREAM_MALFORMED;
		return;
	}
	if (e.data_count == 1) {
		o->done = slice_eq(e.data, S("[DONE]"));
		o->is_error = slice_starts(e.data, S("{\"error\"")) ||
		    slice_starts(e.data, S("{ \"error\""));
		if (slice_find(e.data, S("\"usage\"")) < e.data.len && !o->is_error &&
		    json_parse(a, e.data, JSON_DUPLICATES_KEPT, &j, &fault) == ERR_OK) {
			openai_usage(&j, &usage);
			if (usage.known)
				o->usage = usage;
			if (openai_is_usage_chunk(&j))
				return;
		}
		o->events += !o->done && !o->is_error;
	}
	if (!o->is_error)
		keep(o, bytes);
}

static void
plain(struct arena *a, struct slice text, struct outcome *o)
{
	while (text.len > 0 && !o->done && !o->is_error && o->err == ERR_OK) {
		size_t scanned = 0, len = sse_end(text, &scanned);

		if (len == 0)
			break;
		plain_event(a, slice_cut(text, 0, len), o);
		text = slice_cut(text, len, text.len);
	}
}

/* Some of the text, in memory of its own, which is gone when the next comes. */
static void
take(struct stream *s, struct arena *a, struct slice bytes, struct outcome *o)
{
	char *copy = malloc(bytes.len);
	struct stream_view v = { 0 };

	memcpy(copy, bytes.ptr, bytes.len);
	o->err = stream_take(s, a, slice_of(copy, bytes.len), &v);
	for (int i = 0; i < v.count; i++)
		keep(o, v.piece[i]);
	o->events += v.events;
	o->is_error = v.is_error;
	free(copy);
}

/* The same of what comes in chunks, of which some are passed as they are. */
static void
take_chunks(struct stream *s, struct arena *a, struct chunk *chunk, struct slice bytes,
    struct outcome *o)
{
	char *copy = malloc(bytes.len);
	struct stream_view v = { 0 };
	struct slice passed, piece;
	size_t used = 0, rest = 0;

	memcpy(copy, bytes.ptr, bytes.len);
	if (chunk_is_between(chunk))
		used = stream_pass(s, slice_of(copy, bytes.len), &v);
	for (passed = v.chunks; passed.len > 0; keep(o, piece))
		passed = slice_cut(passed, chunk_feed(chunk, passed, &piece), passed.len);
	must(used == v.chunks.len);
	must(used + chunk_join(chunk, copy + used, bytes.len - used, &rest) == bytes.len);
	if (rest > 0)
		o->err = stream_take(s, a, slice_of(copy + used, rest), &v);
	for (int i = 0; i < v.count; i++)
		keep(o, v.piece[i]);
	o->events += v.events;
	o->is_error = v.is_error;
	free(copy);
}

/* The text in chunks: of an event each, where one is found, or of any size. */
static struct slice
in_chunks(struct random *r, struct slice text, char *room)
{
	bool by_event = random_below(r, 2) == 0;
	struct text t;

	text_init(&t, room, CHUNKS_BYTES);
	while (text.len > 0) {
		size_t scanned = 0, len = by_event ? sse_end(text, &scanned) : 0;

		if (len == 0 || random_below(r, 8) == 0)
			len = 1 + random_below(r, text.len);
		text_put_hex(&t, len);
		text_put(&t, S("\r\n"));
		text_put(&t, slice_cut(text, 0, len));
		text_put(&t, S("\r\n"));
		text = slice_cut(text, len, text.len);
	}
	must(!text_overflowed(&t));
	return text_slice(&t);
}

/* How a text comes: in pieces of at most `most` bytes, or cut behind so many alone. */
struct arrival {
	size_t	most;
	bool	once, wide;
	bool	chunked;	/* the text is in chunks */
};

static void
feed(struct arena *a, struct slice text, const struct arrival *how, struct outcome *o)
{
	struct memory_pool memory;
	struct chunk chunk;
	struct stream s;

	chunk_init(&chunk);
	memory_init(&memory);
	stream_init(&s, &memory, true, how->wide);
	for (size_t at = 0; at < text.len && o->err == ERR_OK && !s.done;) {
		size_t left = text.len - at, n = at > 0 && how->once ? left : how->most;

		n = n < left ? n : left;
		if (how->chunked)
			take_chunks(&s, a, &chunk, slice_cut(text, at, at + n), o);
		else
			take(&s, a, slice_cut(text, at, at + n), o);
		at += n;
	}
	o->done = s.done && !o->is_error;
	o->usage = s.usage;
	must(s.events == o->events);
	stream_release(&s);
	memory_release(&memory);
}

static bool
same(const struct outcome *a, const struct outcome *b)
{
	return a->len == b->len && memcmp(a->bytes, b->bytes, a->len) == 0 &&
	    a->events == b->events && a->done == b->done && a->is_error == b->is_error &&
	    a->err == b->err && a->usage.known == b->usage.known &&
	    a->usage.input == b->usage.input && a->usage.output == b->usage.output;
}

static const char *
broken(struct arena *a, struct random *r)
{
	static struct outcome want, got;
	static char chunks[CHUNKS_BYTES];
	char room[TEXT_BYTES];
	struct slice text = make_text(r, room);

	memset(&want, 0, sizeof want);
	plain(a, text, &want);
	for (unsigned wide = 0; wide <= kernel_is_wide(); wide++)
		for (size_t i = 0; i < 24; i++) {
			bool chunked = i >= 12;
			struct slice in = chunked ? in_chunks(r, text, chunks) : text;
			struct arrival arrival = { in.len, i % 2 == 0, wide != 0, chunked };

			if (i % 12 > 0)
				arrival.most = i % 12 == 1 ? 1 : 1 + random_below(r, 1 + in.len);
			memset(&got, 0, sizeof got);
			feed(a, in, &arrival, &got);
			if (!same(&got, &want))
				return chunked ? "in chunks" : i == 0 ? "whole"
				    : i == 1 ? "byte by byte" : "in pieces";
			arena_reset(a);
		}
	return NULL;
}

/* Bytes of which a few are what sse_stop() looks for, and its words. */
static size_t
make_bytes(struct random *r, char *room)
{
	static const char odd[] = "\n\r\x1f \"ge\x7f\x80\xff";
	size_t len = random_below(r, 300), rare = 1 + random_below(r, 60);

	for (size_t i = 0; i < len; i++)
		room[i] = random_below(r, rare) > 0 ? 'x' : odd[random_below(r, sizeof odd)];
	if (len >= 6 && random_below(r, 2) == 0)
		memcpy(room + random_below(r, len - 5), "usage\"", 6);
	return len;
}

static bool
stop_holds(struct random *r, bool wide)
{
	char room[300], *copy;
	size_t len = make_bytes(r, room), at = 0;
	bool high = false, marked = false;
	const char *stop;
	bool holds;

	/* Of exactly its length, so that a sanitizer sees a look outside. */
	copy = calloc(len + (len == 0), 1);
	memcpy(copy, room, len);
	stop = sse_stop(copy, copy + len, wide, &marked);
	for (; at < len && (unsigned char)copy[at] >= 0x20; at++)
		high = high || (unsigned char)copy[at] >= 0x80;
	holds = stop == (at < len ? copy + at : NULL) &&
	    (marked || (!high && slice_find(slice_of(copy, at), S("usage\"")) == at));
	free(copy);
	return holds;
}

int
main(void)
{
	struct memory_pool memory;
	const char *how = NULL;
	uint64_t seed, past;
	struct arena a;

	memory_init(&memory);
	arena_init(&a, &memory.memory, SIZE_MAX);
	for (random_seeds(6000, &seed, &past); seed < past && how == NULL; seed++) {
		struct random r = { seed };

		how = broken(&a, &r);
		if (how == NULL && !(stop_holds(&r, false) && stop_holds(&r, kernel_is_wide())))
			how = "in one look";
	}
	check(how == NULL, "a stream is what a plain reader takes it for%s%s",
	    how != NULL ? ", but not " : ", whatever the pieces", how != NULL ? how : "");
	if (how != NULL)
		printf("#   SEED=%llu\n", (unsigned long long)seed - 1);
	arena_release(&a);
	memory_release(&memory);
	return check_done();
}
