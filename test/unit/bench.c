/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of the load generator that every figure of bench/ rests on. */
#include "../../bench/answer.c"
#include "../../bench/hist.c"

#include "check.h"

struct hist_case {
	uint64_t	value;
	const char	*why;
};

static const struct hist_case values[] = {
	{0, "nothing"},
	{127, "the last value that is kept exactly"},
	{128, "the first slot of the second power"},
	{255, "the last slot of the second power"},
	{1000, "a microsecond"},
	{123456789, "an eighth of a second"},
	{3600000000000, "an hour"},
	{UINT64_MAX, "the largest value"},
};

static void
check_hist(void)
{
	struct hist *h = calloc(1, sizeof(*h));
	uint64_t got, off;

	for (size_t i = 0; i < COUNT_OF(values); i++) {
		memset(h, 0, sizeof(*h));
		hist_add(h, values[i].value);
		hist_add(h, UINT64_MAX);	/* so that the exact maximum is not what answers */
		got = hist_quantile(h, 0.5);
		off = got > values[i].value ? got - values[i].value : values[i].value - got;
		check(off <= values[i].value / 128, "within 1/128: %s", values[i].why);
	}
	memset(h, 0, sizeof(*h));
	check_int((int64_t)hist_quantile(h, 0.99), 0, "an empty histogram answers 0");
	for (uint64_t v = 1; v <= 1000; v++)
		hist_add(h, v * 1000);
	check(hist_quantile(h, 0.5) > 496000 && hist_quantile(h, 0.5) < 504000, "the median");
	check(hist_quantile(h, 0.99) > 982000 && hist_quantile(h, 0.99) < 998000, "p99");
	check_int((int64_t)hist_quantile(h, 0.9999), 1000000, "the last is the exact maximum");
	free(h);
}

struct answer_case {
	const char	*bytes;
	unsigned	status;
	unsigned	events;
	bool		ended;
	bool		close;
	bool		malformed;
	const char	*why;
};

static const struct answer_case answers[] = {
	{"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 200, 0, false, false, false,
	    "a body by length"},
	{"HTTP/1.1 503 No\r\ncontent-length: 0\r\nConnection: close\r\n\r\n", 503, 0, false, true,
	    false, "an empty body, another status, and a close"},
	{"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", 200, 0,
	    false, false, false, "an interim answer is not the answer"},
	{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA;x=1\r\n0123456789\r\n"
	    "0\r\nTrailer: x\r\n\r\n", 200, 0, false, false, false,
	    "chunks with an extension and a trailer"},
	{"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
	    "17\r\ndata: {\"t\":1000}\n\ndata:\r\n11\r\n 2\n\n: ping\n\ndata:\r\n"
	    "9\r\n [DONE]\n\n\r\n"
	    "0\r\n\r\n", 200, 2, true, false, false,
	    "events that chunks have cut, a comment, and the end marker"},
	{"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
	    "9\r\ndata: 1\n\n\r\n0\r\n\r\n", 200, 1, false, false, false,
	    "a stream without its end marker"},
	{"ICY 200 OK\r\nContent-Length: 0\r\n\r\n", 0, 0, false, false, true, "another protocol"},
};

/* Feeds an answer in two pieces, in heap blocks that a sanitizer can watch the ends of. */
static size_t
feed(struct answer *a, struct tally *t, const char *bytes, size_t cut)
{
	size_t n = strlen(bytes), used;
	char *piece = malloc(n + 1);

	memset(t, 0, sizeof(*t));
	memcpy(piece, bytes, cut);
	used = answer_feed(a, t, 3000, piece, cut);
	if (used == cut && cut < n && a->part != ANSWER_MALFORMED) {
		memcpy(piece, bytes + cut, n - cut);
		used += answer_feed(a, t, 3000, piece, n - cut);
	}
	free(piece);
	return used;
}

static void
check_answers(void)
{
	struct tally *t = calloc(1, sizeof(*t));
	struct answer a = {0};
	bool good;

	for (size_t i = 0; i < COUNT_OF(answers); i++) {
		const struct answer_case *c = &answers[i];
		size_t n = strlen(c->bytes);

		good = true;
		for (size_t cut = 0; cut <= n; cut++) {
			size_t used = feed(&a, t, c->bytes, cut);

			if (c->malformed)
				good &= a.part == ANSWER_MALFORMED;
			else
				good &= a.part == ANSWER_WHOLE && used == n &&
				    a.status == c->status && a.events == c->events &&
				    a.ended == c->ended && a.close == c->close &&
				    t->events == c->events;
			answer_reset(&a);
		}
		check(good, "cut anywhere: %s", c->why);
	}
	feed(&a, t, answers[4].bytes, 0);
	check_int((int64_t)t->delay.n, 1, "one event carried a timestamp");
	check_int((int64_t)t->delay.max, 2000, "the delay is arrival minus timestamp");
	answer_reset(&a);
	feed(&a, t, "HTTP/1.1 200 OK\r\n\r\nabc", 5);
	check(a.part == ANSWER_UNTIL_CLOSE && answer_close(&a) && a.part == ANSWER_WHOLE,
	    "a body without a frame ends with the connection");
	answer_reset(&a);
	feed(&a, t, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", 0);
	check(!answer_close(&a), "a connection lost within a body is not an end");
	answer_reset(&a);
	check_int((int64_t)feed(&a, t, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nabc", 0), 39,
	    "bytes behind the answer are not taken");
	answer_reset(&a);
	free(t);
}

int
main(void)
{
	check_hist();
	check_answers();
	return check_done();
}
