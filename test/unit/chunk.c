/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/chunk.h"

#include <stdlib.h>

#include "check.h"
#include "core/limit.h"

enum end { DONE, BAD, MORE };

static const struct {
	const char	*why;
	struct slice	 text;
	struct slice	 payload;	/* before the end or the offence */
	enum end	 end;
	size_t		 read;
} cases[] = {
#define T(why, text, payload, end, read)						\
	{ why, { text, sizeof(text) - 1 }, { payload, sizeof(payload) - 1 }, end, read }
	T("one chunk", "5\r\nhello\r\n0\r\n\r\n", "hello", DONE, 15),
	T("no payload at all", "0\r\n\r\n", "", DONE, 5),
	T("two chunks", "1\r\na\r\n2\r\nbc\r\n0\r\n\r\n", "abc", DONE, 18),
	T("bytes after the end are not read", "0\r\n\r\nGET", "", DONE, 5),
	T("size in upper and lower case", "a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n",
	    "01234567890123456789", DONE, 35),
	T("a size of two digits", "1A\r\nabcdefghijklmnopqrstuvwxyz\r\n0\r\n\r\n",
	    "abcdefghijklmnopqrstuvwxyz", DONE, 37),
	T("a size of two digits, extended", "1a;b\r\nabcdefghijklmnopqrstuvwxyz\r\n0\r\n\r\n",
	    "abcdefghijklmnopqrstuvwxyz", DONE, 39),
	T("zeros before the size", "0000000000000005\r\nhello\r\n00\r\n\r\n", "hello", DONE, 31),
	T("an extension", "5;a=b\r\nhello\r\n0;c\r\n\r\n", "hello", DONE, 21),
	T("a quoted extension", "5;a=\"b;c\"\r\nhello\r\n0\r\n\r\n", "hello", DONE, 23),
	T("trailer fields", "0\r\nA: b\r\nC:\r\n\r\n", "", DONE, 15),
	T("payload that looks like framing", "7\r\n\r\n0\r\n\r\n\r\n0\r\n\r\n",
	    "\r\n0\r\n\r\n", DONE, 17),
	T("not complete: size", "5", "", MORE, 1),
	T("not complete: payload", "5\r\nhel", "hel", MORE, 6),
	T("not complete: between chunks", "1\r\na\r\n", "a", MORE, 6),
	T("not complete: last CRLF", "0\r\n\r", "", MORE, 4),

	T("no size", "\r\nhello", "", BAD, 0),
	T("a size that is no number", "g\r\n", "", BAD, 0),
	T("a size with 0x", "0x5\r\nhello", "", BAD, 1),
	T("a size with a sign", "+5\r\nhello", "", BAD, 0),
	T("a negative size", "-1\r\n", "", BAD, 0),
	T("a space before the size", " 5\r\nhello", "", BAD, 0),
	T("a space after the size", "5 \r\nhello", "", BAD, 1),
	T("a tab after the size", "5\t;a\r\nhello", "", BAD, 1),
	T("17 digits", "10000000000000000\r\n", "", BAD, 16),
	T("17 digits that are small", "00000000000000005\r\nhello", "", BAD, 16),
	T("the largest size", "ffffffffffffffff\r\nabc", "abc", MORE, 21),
	T("a bare LF after the size", "5\nhello", "", BAD, 1),
	T("a bare CR after the size", "5\rhello", "", BAD, 2),
	T("a bare LF in an extension", "5;a=b\nhello\r\n0\r\n\r\n", "", BAD, 5),
	T("a bare CR in an extension", "5;a\rb\r\nhello", "", BAD, 4),
	T("a NUL in an extension", "5;a\0\r\nhello", "", BAD, 3),
	T("more payload than was said", "5\r\nhello!\r\n", "hello", BAD, 8),
	T("less payload than was said", "5\r\nhell\r\n0\r\n\r\n", "hell\r", BAD, 8),
	T("payload without CRLF", "5\r\nhello0\r\n\r\n", "hello", BAD, 8),
	T("payload with a bare LF", "5\r\nhello\n0\r\n\r\n", "hello", BAD, 8),
	T("payload with CR CR", "5\r\nhello\r\r\n", "hello", BAD, 9),
	T("a bare LF at the end", "0\r\n\n", "", BAD, 3),
	T("a bare LF after the last size", "0\n\r\n", "", BAD, 1),
	T("CR and more at the end", "0\r\n\rx", "", BAD, 4),
	T("a trailer with a space before its colon", "0\r\nA : b\r\n\r\n", "", BAD, 4),
	T("a trailer without a name", "0\r\n: b\r\n\r\n", "", BAD, 3),
	T("a trailer without a colon", "0\r\nAb\r\n\r\n", "", BAD, 5),
	T("a folded trailer", "0\r\nA: b\r\n c\r\n\r\n", "", BAD, 9),
	T("a bare LF in a trailer", "0\r\nA: b\n\r\n", "", BAD, 7),
	T("a NUL in a trailer", "0\r\nA: \0\r\n\r\n", "", BAD, 6),
#undef T
};

struct result {
	char	payload[512];
	size_t	len, read;
	enum end end;
};

/* Feeds one buffer until the machine wants no more of it. */
static void
feed(struct chunk *c, struct slice s, struct result *r)
{
	while (s.len > 0 && !chunk_is_done(c) && !chunk_is_bad(c)) {
		struct slice piece;
		size_t n = chunk_feed(c, s, &piece);

		if (piece.len > 0)
			memcpy(r->payload + r->len, piece.ptr, piece.len);
		r->len += piece.len;
		r->read += n;
		s = slice_cut(s, n, s.len);
	}
	r->end = chunk_is_done(c) ? DONE : chunk_is_bad(c) ? BAD : MORE;
}

static bool
same(const struct result *a, const struct result *b)
{
	return a->end == b->end && a->read == b->read &&
	    slice_eq(slice_of(a->payload, a->len), slice_of(b->payload, b->len));
}

/* Law: whatever the cut, the same payload, the same end, the same bytes read. */
static void
test_splits(struct slice text, const struct result *whole, const char *why)
{
	unsigned wrong = 0;
	struct chunk c;

	for (size_t a = 0; a <= text.len; a++) {
		for (size_t b = a; b <= text.len; b++) {
			struct result r = { .len = 0 };

			chunk_init(&c);
			feed(&c, slice_cut(text, 0, a), &r);
			feed(&c, slice_cut(text, a, b), &r);
			feed(&c, slice_cut(text, b, text.len), &r);
			wrong += !same(&r, whole);
		}
	}
	check_int(wrong, 0, "any two cuts: %s", why);

	struct result r = { .len = 0 };

	chunk_init(&c);
	for (size_t i = 0; i < text.len; i++)
		feed(&c, slice_cut(text, i, i + 1), &r);
	check(same(&r, whole), "byte by byte: %s", why);
}

static void
test_limits(void)
{
	static char text[TRAILER_BYTES_MAX + 64];
	struct slice piece;
	struct chunk c;

	for (unsigned more = 0; more < 2; more++) {
		size_t line = CHUNK_LINE_BYTES_MAX + more;

		memset(text, 'x', line);
		memcpy(text, "5;", 2);
		memcpy(text + line - 2, "\r\n", 2);
		chunk_init(&c);
		chunk_feed(&c, slice_of(text, line), &piece);
		check(chunk_is_bad(&c) == (more == 1), "a size line of %zu bytes is %s", line,
		    more ? "refused" : "read");

		size_t trailer = TRAILER_BYTES_MAX + more;

		memset(text, 'x', trailer + 3);
		memcpy(text, "0\r\nA:", 5);
		memcpy(text + 3 + trailer - 4, "\r\n\r\n", 4);
		chunk_init(&c);
		chunk_feed(&c, slice_of(text, trailer + 3), &piece);
		check(chunk_is_done(&c) == (more == 0), "a trailer of %zu bytes is %s", trailer,
		    more ? "refused" : "read");
	}
}

static void
test_between(void)
{
	struct slice text = S("1;x\r\na\r\n0\r\nA: b\r\n\r\n");
	struct chunk c;

	chunk_init(&c);
	check(chunk_is_between(&c), "at the beginning, between chunks");
	for (size_t i = 0; i < text.len; i++) {
		struct result r = { .len = 0 };
		bool want = i == 7 || i == text.len - 1;

		feed(&c, slice_cut(text, i, i + 1), &r);
		check(chunk_is_between(&c) == want, "after byte %zu, %s chunks", i,
		    want ? "between" : "within");
	}

	struct slice piece = S("x");

	check(chunk_feed(&c, S("5\r\n"), &piece) == 0, "when it is done, nothing is read");
	check_int((int64_t)piece.len, 0, "and there is no piece");
}

int
main(void)
{
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct result r = { .len = 0 };
		struct chunk c;

		chunk_init(&c);
		feed(&c, cases[i].text, &r);
		check_int(r.end, cases[i].end, "%s", cases[i].why);
		check_int((int64_t)r.read, (int64_t)cases[i].read, "  bytes: %s", cases[i].why);
		check_slice(slice_of(r.payload, r.len), cases[i].payload, "  payload: %s",
		    cases[i].why);
		test_splits(cases[i].text, &r, cases[i].why);
	}
	test_limits();
	test_between();
	return check_done();
}
