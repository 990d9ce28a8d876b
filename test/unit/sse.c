/* SPDX-License-Identifier: Apache-2.0 */
#include "core/sse.h"

#include <stdlib.h>

#include "blocks.h"
#include "check.h"

#define BOM	"\xef\xbb\xbf"

/* Streams and the lengths of the events in them; what is left is not complete. */
static const struct {
	const char	*why;
	struct slice	 text;
	size_t		 len[4];
} streams[] = {
#define T(why, text, ...)	{ why, { text, sizeof(text) - 1 }, { __VA_ARGS__ } }
	T("nothing", "", 0),
	T("LF", "data: a\n\ndata: b\n\n", 9, 9),
	T("CRLF", "data: a\r\n\r\ndata: b\r\n\r\n", 11, 11),
	T("CR", "data: a\r\rdata: b\r\rx", 9, 9),
	T("CR at the end", "data: a\r\rdata: b\r\r", 9, 9),
	T("a CR after an LF is undecided", "data: a\n\r", 0),
	T("LF and CRLF", "data: a\n\r\ndata", 10),
	T("CRLF and LF", "data: a\r\n\ndata", 10),
	T("CR and CRLF", "data: a\r\r\ndata", 9, 1),
	T("LF and CR", "data: a\n\rdata", 9),
	T("CRLF and CR", "data: a\r\n\rdata", 10),
	T("one line is no event", "data: a\n", 0),
	T("one CRLF is no event", "data: a\r\n", 0),
	T("CRLF and half of another", "data: a\r\n\r", 0),
	T("several lines", "event: x\ndata: a\ndata: b\n\n:c\n\n", 26, 4),
	T("empty lines are events", "\n\r\n\rx", 1, 2, 1),
	T("a CR first is undecided", "\r", 0),
	T("a mark before the first", BOM "data: a\n\n", 12),
	T("a long event", "data: 0123456789012345678901234567890123456789\n\ndata: a\n\n", 48, 9),
	T("ends at a block's end", "data: 012345678\n\nd", 17),
	T("begins at a block's end", "data: 01234567\n\nd", 16),
	T("CR CR LF over a block's end", "data: 01234567\r\r\nd", 16, 1),
#undef T
};

static struct slice
exact(struct slice s)
{
	char *copy = malloc(s.len > 0 ? s.len : 1);

	memcpy(copy, s.ptr, s.len);
	return slice_of(copy, s.len);
}

/* Reads a stream that arrives in pieces which end at `cut` and then at each `step` more. */
static bool
arrives(struct slice text, const size_t *want, size_t cut, size_t step)
{
	size_t from = 0, scanned = 0, found = 0;

	for (size_t have = cut;; have = have + step < text.len ? have + step : text.len) {
		struct slice s = exact(slice_cut(text, from, have));
		size_t at = 0, len;

		while ((len = sse_end(slice_cut(s, at, s.len), &scanned)) > 0) {
			bool ok = found < 4 && want[found++] == len && scanned == 0;

			if (!ok) {
				free((char *)s.ptr);
				return false;
			}
			at += len;
		}
		free((char *)s.ptr);
		from += at;
		if (have == text.len)
			return found == 4 || want[found] == 0;
	}
}

static void
test_ends(void)
{
	for (size_t i = 0; i < COUNT_OF(streams); i++) {
		struct slice text = streams[i].text;
		unsigned wrong = 0;

		check(arrives(text, streams[i].len, text.len, 1), "%s", streams[i].why);
		for (size_t cut = 0; cut <= text.len; cut++)
			for (size_t step = 1; step <= text.len + 1; step++)
				wrong += !arrives(text, streams[i].len, cut, step);
		check_int(wrong, 0, "  in any pieces: %s", streams[i].why);
	}
}

#define ABSENT	{ NULL, 0 }
#define IS(s)	{ s, sizeof(s) - 1 }

static const struct {
	const char	*why;
	struct slice	 event;
	struct slice	 type, data, id, joined;
	uint32_t	 count;
	bool		 comment_only;
} events[] = {
	{ "data", IS("data: a\n\n"), ABSENT, IS("a"), ABSENT, IS("a"), 1, false },
	{ "data without a space", IS("data:a\n\n"), ABSENT, IS("a"), ABSENT, IS("a"), 1, false },
	{ "data with two spaces", IS("data:  a\n\n"), ABSENT, IS(" a"), ABSENT, IS(" a"), 1,
	    false },
	{ "data with a tab", IS("data:\ta\n\n"), ABSENT, IS("\ta"), ABSENT, IS("\ta"), 1, false },
	{ "data with a colon", IS("data: a: b\n\n"), ABSENT, IS("a: b"), ABSENT, IS("a: b"), 1,
	    false },
	{ "empty data", IS("data:\n\n"), ABSENT, IS(""), ABSENT, IS(""), 1, false },
	{ "data without a colon", IS("data\n\n"), ABSENT, IS(""), ABSENT, IS(""), 1, false },
	{ "two data", IS("data: a\ndata: b\n\n"), ABSENT, IS("a"), ABSENT, IS("a\nb"), 2, false },
	{ "three data, one empty", IS("data: a\r\ndata\r\ndata:b\r\n\r\n"), ABSENT, IS("a"), ABSENT,
	    IS("a\n\nb"), 3, false },
	{ "two empty data", IS("data\ndata\n\n"), ABSENT, IS(""), ABSENT, IS("\n"), 2, false },
	{ "all fields", IS("event: x\nid: 7\nretry: 5\ndata: a\n\n"), IS("x"), IS("a"), IS("7"),
	    IS("a"), 1, false },
	{ "the last type counts", IS("event: x\nevent: y\ndata: a\n\n"), IS("y"), IS("a"), ABSENT,
	    IS("a"), 1, false },
	{ "no data", IS("event: x\n\n"), IS("x"), ABSENT, ABSENT, ABSENT, 0, false },
	{ "an unknown field", IS("foo: x\n\n"), ABSENT, ABSENT, ABSENT, ABSENT, 0, false },
	{ "a name in capitals is another", IS("DATA: x\n\n"), ABSENT, ABSENT, ABSENT, ABSENT, 0,
	    false },
	{ "a name with a space is another", IS("data : x\n\n"), ABSENT, ABSENT, ABSENT, ABSENT, 0,
	    false },
	{ "a space before a name is another", IS(" data: x\n\n"), ABSENT, ABSENT, ABSENT, ABSENT, 0,
	    false },
	{ "a comment", IS(": keep-alive\n\n"), ABSENT, ABSENT, ABSENT, ABSENT, 0, true },
	{ "an empty comment", IS(":\r\n\r\n"), ABSENT, ABSENT, ABSENT, ABSENT, 0, true },
	{ "an empty line", IS("\n"), ABSENT, ABSENT, ABSENT, ABSENT, 0, true },
	{ "a comment between", IS("data: a\n:x\ndata: b\n\n"), ABSENT, IS("a"), ABSENT,
	    IS("a\nb"), 2, false },
	{ "CR ends lines", IS("data: a\rdata: b\r\r"), ABSENT, IS("a"), ABSENT, IS("a\nb"), 2,
	    false },
	{ "a mark before it", IS(BOM "data: a\n\n"), ABSENT, IS("a"), ABSENT, IS("a"), 1, false },
	{ "above ASCII", IS("data: \xc3\xa9\n\n"), ABSENT, IS("\xc3\xa9"), ABSENT,
	    IS("\xc3\xa9"), 1, false },
	{ "a long line", IS("data: 0123456789012345678901234567890123456789\n\n"), ABSENT,
	    IS("0123456789012345678901234567890123456789"), ABSENT,
	    IS("0123456789012345678901234567890123456789"), 1, false },
};

static void
check_same(struct slice got, struct slice want, const char *what)
{
	check(slice_eq(got, want) && (got.ptr == NULL) == (want.ptr == NULL), "  %s", what);
}

static void
test_reads(struct arena *arena)
{
	for (size_t i = 0; i < COUNT_OF(events); i++) {
		struct slice text = exact(events[i].event);
		struct sse_event e;
		size_t scanned = 0;

		/* A CR at the very end is undecided as a stream, and complete as an event. */
		if (text.ptr[text.len - 1] != '\r')
			check(sse_end(text, &scanned) == text.len, "%s: one event", events[i].why);
		if (!check_int(sse_read(text, &e), ERR_OK, "%s", events[i].why))
			continue;
		check_same(e.type, events[i].type, "type");
		check_same(e.data, events[i].data, "data");
		check_same(e.id, events[i].id, "id");
		check_int(e.data_count, events[i].count, "  how many data");
		check_int(e.comment_only, events[i].comment_only, "  comment or not");
		check_same(sse_data(arena, text, &e), events[i].joined, "joined");
		check(e.data_count > 1 || sse_data(arena, text, &e).ptr == e.data.ptr,
		    "  and copied only where it must be");
		free((char *)text.ptr);
	}
}

static void
test_refusals(void)
{
	static const struct {
		const char	*why;
		struct slice	 event;
	} cases[] = {
		{ "a NUL in data", IS("data: a\0b\n\n") },
		{ "a NUL in an id", IS("id: \0\n\n") },
		{ "a NUL in a comment", IS(":\0\n\n") },
		{ "a lone continuation", IS("data: \x80\n\n") },
		{ "a cut character", IS("data: \xe2\x82\n\n") },
		{ "a surrogate", IS("data: \xed\xa0\x80\n\n") },
		{ "an overlong form", IS("data: \xc0\xaf\n\n") },
	};
	struct sse_event e = { .data_count = 77 };

	for (size_t i = 0; i < COUNT_OF(cases); i++)
		check_int(sse_read(cases[i].event, &e), ERR_UPSTREAM_MALFORMED, "refused: %s",
		    cases[i].why);
	check_int(e.data_count, 77, "and nothing is written");
}

int
main(void)
{
	struct blocks blocks = BLOCKS;
	struct sse_event e;
	struct arena arena;

	arena_init(&arena, &blocks.memory, SIZE_MAX);
	test_ends();
	test_reads(&arena);
	test_refusals();

	blocks.left = 0;
	arena_reset(&arena);
	check(sse_read(S("data: a\ndata: b\n\n"), &e) == ERR_OK &&
	    sse_data(&arena, S("data: a\ndata: b\n\n"), &e).ptr == NULL && arena_overflowed(&arena),
	    "without memory nothing is joined, and the arena says so");
	arena_release(&arena);
	return check_done();
}
