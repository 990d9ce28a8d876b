/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "core/sse.h"
#include "core/text.h"
#include "random.h"
#include "wire/chunk.h"
#include "wire/http1.h"

/*
 * The law: however its bytes arrive, a stream is cut in the same places.
 *
 * Texts are made of the bytes and words that the scanners look for, so that
 * ends, half ends and things like ends stand at every place.  Each text is fed
 * whole, byte by byte, at every single cut, and in pieces of random lengths.
 */

#define TEXT_BYTES	160
#define FOUND_MAX	200

/* What was found: lengths, or the payload and where its end was. */
struct found {
	size_t	count;
	size_t	len[FOUND_MAX];
};

/* How much of a text there is after each arrival; ends with all of it. */
struct arrivals {
	size_t	count;
	size_t	have[TEXT_BYTES + 2];
};

typedef void feeder(struct slice text, const struct arrivals *, struct found *);

/* Both scanners cut a stream by a function that gives the length of its first part. */
static void
feed_scanner(size_t (*end)(struct slice, size_t *), struct slice text, const struct arrivals *in,
    struct found *out)
{
	size_t from = 0, scanned = 0;

	for (size_t i = 0; i < in->count; i++) {
		size_t len;

		while ((len = end(slice_cut(text, from, in->have[i]), &scanned)) > 0) {
			out->len[out->count++] = len;
			from += len;
		}
	}
}

static void
feed_events(struct slice text, const struct arrivals *in, struct found *out)
{
	feed_scanner(sse_end, text, in, out);
}

static void
feed_heads(struct slice text, const struct arrivals *in, struct found *out)
{
	feed_scanner(http1_end, text, in, out);
}

/* Where the payload's bytes stand, and in what state the machine ends. */
static void
feed_chunks(struct slice text, const struct arrivals *in, struct found *out)
{
	struct chunk c;
	size_t from = 0, n = 1;

	chunk_init(&c);
	for (size_t i = 0; i < in->count; i++) {
		while (from < in->have[i] && n > 0) {
			struct slice piece;

			n = chunk_feed(&c, slice_cut(text, from, in->have[i]), &piece);
			for (size_t k = 0; k < piece.len; k++)
				out->len[out->count++] = (size_t)(piece.ptr + k - text.ptr);
			from += n;
		}
	}
	out->len[out->count++] = from;
	out->len[out->count++] = (size_t)c.state;
}

/* The same from payload that is moved together: its bytes, and in what state the machine ends. */
static void
feed_joined(struct slice text, const struct arrivals *in, struct found *out)
{
	struct chunk c;
	size_t from = 0;

	chunk_init(&c);
	for (size_t i = 0; i < in->count; i++) {
		size_t len = in->have[i] - from, payload;
		char *copy = calloc(len + (len == 0), 1);

		memcpy(copy, text.ptr + from, len);
		from += chunk_join(&c, copy, len, &payload);
		for (size_t k = 0; k < payload; k++)
			out->len[out->count++] = (unsigned char)copy[k];
		free(copy);
	}
	out->len[out->count++] = from;
	out->len[out->count++] = (size_t)c.state;
}

/* Law: what is moved together is what the pieces are, one behind the other. */
static bool
is_joined(struct slice text)
{
	struct arrivals whole = { 1, { text.len } };
	struct found pieces = { .count = 0 }, joined = { .count = 0 };

	feed_chunks(text, &whole, &pieces);
	feed_joined(text, &whole, &joined);
	for (size_t i = 0; i + 2 < pieces.count; i++)
		pieces.len[i] = (unsigned char)text.ptr[pieces.len[i]];
	return joined.count == pieces.count &&
	    memcmp(joined.len, pieces.len, joined.count * sizeof joined.len[0]) == 0;
}

static const char *const words_of_events[] = { "\n", "\n", "\r", "\r\n", "\n\n", "\r\n\r\n",
	"data: a", "data", ":", " ", "0123456789abcdef" };
static const char *const words_of_heads[] = { "\r\n", "\n", "\r", "\r\n\r\n", "\n\n", "A: b",
	"GET / HTTP/1.1\r\n", "0123456789abcdef" };
static const char *const words_of_chunks[] = { "1\r\na\r\n", "3;x=y\r\nabc\r\n", "10\r\n",
	"0123456789abcdef\r\n", "0\r\n\r\n", "0\r\nA: b\r\n", "\r\n", "c", "5\r\n12345\r\n" };

static const struct {
	const char		*name;
	feeder			*feed;
	const char *const	*words;
	size_t			 count;
} streams[] = {
	{ "events", feed_events, words_of_events, COUNT_OF(words_of_events) },
	{ "heads", feed_heads, words_of_heads, COUNT_OF(words_of_heads) },
	{ "chunks", feed_chunks, words_of_chunks, COUNT_OF(words_of_chunks) },
	{ "joined chunks", feed_joined, words_of_chunks, COUNT_OF(words_of_chunks) },
};

static struct slice
make_text(struct random *r, char *room, const char *const *words, size_t count)
{
	size_t bytes = random_below(r, TEXT_BYTES - 24);
	struct text t;

	text_init(&t, room, TEXT_BYTES);
	while (t.len < bytes) {
		const char *word = words[random_below(r, count)];

		text_put(&t, slice_of(word, strlen(word)));
	}
	return text_slice(&t);
}

static bool
same(feeder *feed, struct slice text, const struct arrivals *in, const struct found *want)
{
	struct found got = { .count = 0 };

	feed(text, in, &got);
	return got.count == want->count &&
	    memcmp(got.len, want->len, want->count * sizeof want->len[0]) == 0;
}

static const char *
broken(feeder *feed, struct random *r, struct slice text)
{
	struct arrivals in = { 1, { text.len } };
	struct found want = { .count = 0 };

	feed(text, &in, &want);
	if (feed == feed_joined && !is_joined(text))
		return "from their pieces";
	for (in.count = 0; in.count <= text.len; in.count++)
		in.have[in.count] = in.count;
	if (!same(feed, text, &in, &want))
		return "byte by byte";
	for (size_t cut = 0; cut <= text.len; cut++) {
		struct arrivals two = { 2, { cut, text.len } };

		if (!same(feed, text, &two, &want))
			return "in two pieces";
	}
	in.count = 0;
	for (size_t have = 0; have < text.len;) {
		have += random_below(r, 40) + 1;
		in.have[in.count++] = have < text.len ? have : text.len;
	}
	return in.count == 0 || same(feed, text, &in, &want) ? NULL : "in pieces";
}

int
main(void)
{
	for (size_t i = 0; i < COUNT_OF(streams); i++) {
		const char *how = NULL;
		uint64_t seed, past;

		for (random_seeds(5000, &seed, &past); seed < past && how == NULL; seed++) {
			char room[TEXT_BYTES];
			struct random r = { seed };

			how = broken(streams[i].feed, &r,
			    make_text(&r, room, streams[i].words, streams[i].count));
		}
		check(how == NULL, "%s are cut in the same places%s%s", streams[i].name,
		    how ? ", but not " : ", whatever the pieces", how ? how : "");
		if (how != NULL)
			printf("#   SEED=%llu\n", (unsigned long long)seed - 1);
	}
	return check_done();
}
