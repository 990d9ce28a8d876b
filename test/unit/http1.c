/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/http1.h"

#include <stdlib.h>

#include "check.h"
#include "core/limit.h"
#include "core/text.h"

#define H	"Host: a\r\n"
#define END	"\r\n"
#define GET	"GET / HTTP/1.1\r\n"
#define POST	"POST /v1/x HTTP/1.1\r\n" H
#define OK	"HTTP/1.1 200 OK\r\n"

struct refused {
	const char	*why;
	struct slice	 head;
	enum err	 want;
};

#define R(why, head, want)	{ why, { head, sizeof(head) - 1 }, ERR_##want }

static const struct refused requests[] = {
	R("a plain request", GET H END, OK),
	R("no request line", "\r\n\r\n", MALFORMED_REQUEST),
	R("an empty line before the request line", "\r\n" GET H END, MALFORMED_REQUEST),
	R("no method", " / HTTP/1.1\r\n" H END, MALFORMED_REQUEST),
	R("a method that is no token", "G@T / HTTP/1.1\r\n" H END, MALFORMED_REQUEST),
	R("a method with a NUL", "G\0T / HTTP/1.1\r\n" H END, MALFORMED_REQUEST),
	R("two spaces before the target", "GET  / HTTP/1.1\r\n" H END, MALFORMED_REQUEST),
	R("two spaces after the target", "GET /  HTTP/1.1\r\n" H END, MALFORMED_REQUEST),
	R("a tab for a space", "GET\t/ HTTP/1.1\r\n" H END, MALFORMED_REQUEST),
	R("a space after the version", "GET / HTTP/1.1 \r\n" H END, MALFORMED_REQUEST),
	R("a NUL in the target", "GET /\0 HTTP/1.1\r\n" H END, MALFORMED_REQUEST),
	R("a byte above ASCII in the target", "GET /\xc3\xa9 HTTP/1.1\r\n" H END,
	    MALFORMED_REQUEST),
	R("DEL in the target", "GET /\x7f HTTP/1.1\r\n" H END, MALFORMED_REQUEST),
	R("a fragment in the target", "GET /a#b HTTP/1.1\r\n" H END, MALFORMED_REQUEST),
	R("no version: HTTP/0.9", "GET /\r\n\r\n", MALFORMED_REQUEST),
	R("HTTP/0.9 by name", "GET / HTTP/0.9\r\n" H END, MALFORMED_REQUEST),
	R("HTTP/1.0 without Host", "GET / HTTP/1.0\r\n\r\n", OK),
	R("HTTP/1.2", "GET / HTTP/1.2\r\n" H END, HTTP_VERSION),
	R("HTTP/1.9", "GET / HTTP/1.9\r\n" H END, HTTP_VERSION),
	R("HTTP/2.0", "GET / HTTP/2.0\r\n" H END, HTTP_VERSION),
	R("HTTP/9.0", "GET / HTTP/9.0\r\n" H END, HTTP_VERSION),
	R("the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\n", HTTP_VERSION),
	R("a version of two digits", "GET / HTTP/1.10\r\n" H END, MALFORMED_REQUEST),
	R("a version in lower case", "GET / http/1.1\r\n" H END, MALFORMED_REQUEST),
	R("a version with a sign", "GET / HTTP/+1.1\r\n" H END, MALFORMED_REQUEST),
	R("another protocol", "GET / ICY/1.1\r\n" H END, MALFORMED_REQUEST),
	R("a bare LF after the request line", "GET / HTTP/1.1\n" H END, MALFORMED_REQUEST),
	R("bare LF everywhere", "GET / HTTP/1.1\nHost: a\n\n", MALFORMED_REQUEST),
	R("a bare CR after the request line", "GET / HTTP/1.1\r" H END, MALFORMED_REQUEST),
	R("two CR", "GET / HTTP/1.1\r\r\n" H END, MALFORMED_REQUEST),

	R("a space before the colon", GET H "A : b\r\n" END, MALFORMED_REQUEST),
	R("a tab before the colon", GET H "A\t: b\r\n" END, MALFORMED_REQUEST),
	R("a space before the name", GET " Host: a\r\n" END, MALFORMED_REQUEST),
	R("a folded line (obs-fold)", GET H "A: b\r\n c\r\n" END, MALFORMED_REQUEST),
	R("a folded line with a tab", GET H "A: b\r\n\tc\r\n" END, MALFORMED_REQUEST),
	R("a line without a colon", GET H "Abc\r\n" END, MALFORMED_REQUEST),
	R("an empty name", GET H ": b\r\n" END, MALFORMED_REQUEST),
	R("a NUL in a name", GET H "A\0: b\r\n" END, MALFORMED_REQUEST),
	R("a byte above ASCII in a name", GET H "\xc3\xa9: b\r\n" END, MALFORMED_REQUEST),
	R("a slash in a name", GET H "A/b: b\r\n" END, MALFORMED_REQUEST),
	R("a parenthesis in a long name", GET H "Abcdefghijklmnopqrst(: b\r\n" END,
	    MALFORMED_REQUEST),
	R("a bare LF in a value", GET H "A: b\nc: d\r\n" END, MALFORMED_REQUEST),
	R("a bare LF that ends a line", GET "A: b\n" H END, MALFORMED_REQUEST),
	R("a bare CR in a value", GET H "A: b\rc\r\n" END, MALFORMED_REQUEST),
	R("a NUL in a value", GET H "A: b\0c\r\n" END, MALFORMED_REQUEST),
	R("a NUL far into a value", GET H "A: 0123456789012345678901234567890123\0c\r\n" END,
	    MALFORMED_REQUEST),
	R("a vertical tab in a value", GET H "A: \vb\r\n" END, MALFORMED_REQUEST),
	R("DEL in a value", GET H "A: b\x7f\r\n" END, MALFORMED_REQUEST),
	R("a tab in a value", GET H "A: b\tc\r\n" END, OK),
	R("a tab far into a value", GET H "A: 0123456789012345678901\t345678901\t23\tc\r\n" END,
	    OK),
	R("a byte above ASCII in a value", GET H "A: \xc3\xa9\r\n" END, OK),
	R("an empty value", GET H "A:\r\n" END, OK),
	R("an underscore in a name", GET H "Content_Length: 5\r\n" END, OK),
	R("every byte of a token", GET H "!#$%&'*+-.^_`|~09azAZ: b\r\n" END, OK),

	R("no Host", GET END, MALFORMED_REQUEST),
	R("two Hosts", GET H "Host: b\r\n" END, MALFORMED_REQUEST),
	R("two equal Hosts", GET H H END, MALFORMED_REQUEST),
	R("two Hosts in HTTP/1.0", "GET / HTTP/1.0\r\n" H H END, MALFORMED_REQUEST),
	R("an empty Host", GET "Host:\r\n" END, MALFORMED_REQUEST),
	R("a Host of two names", GET "Host: a, b\r\n" END, MALFORMED_REQUEST),
	R("a Host with user information", GET "Host: u@a\r\n" END, MALFORMED_REQUEST),
	R("a Host with a path", GET "Host: a/b\r\n" END, MALFORMED_REQUEST),
	R("a Host with a port", GET "Host: a.example:8080\r\n" END, OK),
	R("a Host with an empty port", GET "Host: a:\r\n" END, OK),
	R("a Host with port letters", GET "Host: a:b\r\n" END, MALFORMED_REQUEST),
	R("a Host with two ports", GET "Host: a:1:2\r\n" END, MALFORMED_REQUEST),
	R("a Host with the highest port", GET "Host: a:65535\r\n" END, OK),
	R("a Host with a port of six digits", GET "Host: a:000080\r\n" END, MALFORMED_REQUEST),
	R("a Host with a port above 65535", GET "Host: a:65536\r\n" END, MALFORMED_REQUEST),
	R("a Host of a port alone", GET "Host: :80\r\n" END, MALFORMED_REQUEST),
	R("a Host in brackets", GET "Host: [::1]:80\r\n" END, OK),
	R("a Host in empty brackets", GET "Host: []\r\n" END, MALFORMED_REQUEST),
	R("a Host with half a bracket", GET "Host: [::1\r\n" END, MALFORMED_REQUEST),
	R("a Host with a bracket inside", GET "Host: a[b\r\n" END, MALFORMED_REQUEST),
	R("a Host with text behind brackets", GET "Host: [::1]x\r\n" END, MALFORMED_REQUEST),

	R("Content-Length: 5", POST "Content-Length: 5\r\n" END, OK),
	R("Content-Length: +5", POST "Content-Length: +5\r\n" END, MALFORMED_REQUEST),
	R("Content-Length: -5", POST "Content-Length: -5\r\n" END, MALFORMED_REQUEST),
	R("Content-Length: 5,5", POST "Content-Length: 5,5\r\n" END, MALFORMED_REQUEST),
	R("Content-Length: 5, 5", POST "Content-Length: 5, 5\r\n" END, MALFORMED_REQUEST),
	R("Content-Length: 5 5", POST "Content-Length: 5 5\r\n" END, MALFORMED_REQUEST),
	R("Content-Length: 0x5", POST "Content-Length: 0x5\r\n" END, MALFORMED_REQUEST),
	R("Content-Length: 5.0", POST "Content-Length: 5.0\r\n" END, MALFORMED_REQUEST),
	R("Content-Length of nothing", POST "Content-Length:\r\n" END, MALFORMED_REQUEST),
	R("Content-Length of 20 digits", POST "Content-Length: 18446744073709551616\r\n" END,
	    MALFORMED_REQUEST),
	R("Content-Length of 20 digits that are small",
	    POST "Content-Length: 00000000000000000005\r\n" END, MALFORMED_REQUEST),
	R("Content-Length twice", POST "Content-Length: 5\r\nContent-Length: 6\r\n" END,
	    MALFORMED_REQUEST),
	R("Content-Length twice the same", POST "Content-Length: 5\r\ncontent-length: 5\r\n" END,
	    MALFORMED_REQUEST),
	R("both framings", POST "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n" END,
	    MALFORMED_REQUEST),
	R("both framings the other way",
	    POST "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n" END, MALFORMED_REQUEST),
	R("an unknown coding and a length",
	    POST "Transfer-Encoding: x\r\nContent-Length: 5\r\n" END, MALFORMED_REQUEST),
	R("chunked", POST "Transfer-Encoding: chunked\r\n" END, OK),
	R("Chunked, in any case", POST "tRANSFER-eNCODING: CHUNKED\r\n" END, OK),
	R("chunked twice", POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n" END,
	    MALFORMED_REQUEST),
	R("chunked, chunked", POST "Transfer-Encoding: chunked, chunked\r\n" END, CODING_UNKNOWN),
	R("gzip, chunked", POST "Transfer-Encoding: gzip, chunked\r\n" END, CODING_UNKNOWN),
	R("chunked, identity", POST "Transfer-Encoding: chunked, identity\r\n" END, CODING_UNKNOWN),
	R("identity", POST "Transfer-Encoding: identity\r\n" END, CODING_UNKNOWN),
	R("xchunked", POST "Transfer-Encoding: xchunked\r\n" END, CODING_UNKNOWN),
	R("\"chunked\"", POST "Transfer-Encoding: \"chunked\"\r\n" END, CODING_UNKNOWN),
	R("chunked with a vertical tab", POST "Transfer-Encoding: \vchunked\r\n" END,
	    MALFORMED_REQUEST),
	R("no coding", POST "Transfer-Encoding:\r\n" END, MALFORMED_REQUEST),
	R("a coding in HTTP/1.0", "POST / HTTP/1.0\r\n" H "Transfer-Encoding: chunked\r\n" END,
	    MALFORMED_REQUEST),

	R("absolute-form of this host", "GET http://a/x HTTP/1.1\r\n" H END, OK),
	R("absolute-form with https", "GET HTTPS://A/x HTTP/1.1\r\n" H END, OK),
	R("absolute-form of another host", "GET http://b/x HTTP/1.1\r\n" H END, MALFORMED_REQUEST),
	R("absolute-form without Host", "GET http://a/x HTTP/1.0\r\n\r\n", MALFORMED_REQUEST),
	R("absolute-form with user information", "GET http://u@a/x HTTP/1.1\r\n" H END,
	    MALFORMED_REQUEST),
	R("absolute-form with another port", "GET http://a:80/x HTTP/1.1\r\n" H END,
	    MALFORMED_REQUEST),
	R("absolute-form of another scheme", "GET ftp://a/x HTTP/1.1\r\n" H END, MALFORMED_REQUEST),
	R("a scheme alone", "GET http HTTP/1.1\r\n" H END, MALFORMED_REQUEST),
	R("a scheme and nothing", "GET http:// HTTP/1.1\r\n" H END, MALFORMED_REQUEST),
	R("authority-form", "CONNECT a:443 HTTP/1.1\r\n" H END, MALFORMED_REQUEST),
	R("a target without a slash", "GET x HTTP/1.1\r\n" H END, MALFORMED_REQUEST),
	R("asterisk-form of OPTIONS", "OPTIONS * HTTP/1.1\r\n" H END, OK),
	R("asterisk-form of GET", "GET * HTTP/1.1\r\n" H END, MALFORMED_REQUEST),

	R("Expect: 100-continue", POST "Content-Length: 5\r\nExpect: 100-Continue\r\n" END, OK),
	R("another expectation", POST "Content-Length: 5\r\nExpect: 200-ok\r\n" END, EXPECTATION),
	R("an expectation twice",
	    POST "Content-Length: 5\r\nExpect: 100-continue\r\nExpect: 100-continue\r\n" END,
	    MALFORMED_REQUEST),
	R("a key twice", POST "Authorization: a\r\nAuthorization: b\r\n" END, MALFORMED_REQUEST),
	R("an unknown field twice", POST "A: b\r\nA: b\r\n" END, OK),
	R("a list field twice", POST "Accept: b\r\nAccept: c\r\n" END, OK),
	R("bytes after the end", GET H END "x", MALFORMED_REQUEST),
	R("an end in the middle", GET H END "A: b\r\n\r\n", MALFORMED_REQUEST),
	R("nothing", "", MALFORMED_REQUEST),
	R("three bytes", "\n\r\n", MALFORMED_REQUEST),
};

static const struct refused responses[] = {
	R("a plain response", OK END, OK),
	R("an empty reason", "HTTP/1.1 200 \r\n\r\n", OK),
	R("no reason and no space", "HTTP/1.1 200\r\n\r\n", OK),
	R("a reason above ASCII", "HTTP/1.1 200 \xc3\xa9\r\n\r\n", OK),
	R("HTTP/1.0", "HTTP/1.0 200 OK\r\n\r\n", OK),
	R("HTTP/1.2", "HTTP/1.2 200 OK\r\n\r\n", UPSTREAM_MALFORMED),
	R("HTTP/2.0", "HTTP/2.0 200 OK\r\n\r\n", UPSTREAM_MALFORMED),
	R("HTTP/2 by curl's name", "HTTP/2 200 OK\r\n\r\n", UPSTREAM_MALFORMED),
	R("another protocol", "ICY 200 OK\r\n\r\n", UPSTREAM_MALFORMED),
	R("status 99", "HTTP/1.1 099 OK\r\n\r\n", UPSTREAM_MALFORMED),
	R("status 600", "HTTP/1.1 600 OK\r\n\r\n", UPSTREAM_MALFORMED),
	R("status of two digits", "HTTP/1.1 20 OK\r\n\r\n", UPSTREAM_MALFORMED),
	R("status of four digits", "HTTP/1.1 2000 OK\r\n\r\n", UPSTREAM_MALFORMED),
	R("status with a zero before it", "HTTP/1.1 0200 OK\r\n\r\n", UPSTREAM_MALFORMED),
	R("status with a colon in it", "HTTP/1.1 2:0 OK\r\n\r\n", UPSTREAM_MALFORMED),
	R("status with a slash in it", "HTTP/1.1 3/0 OK\r\n\r\n", UPSTREAM_MALFORMED),
	R("status and text without a space", "HTTP/1.1 200OK\r\n\r\n", UPSTREAM_MALFORMED),
	R("the lowest status", "HTTP/1.1 100 \r\n\r\n", OK),
	R("the highest status", "HTTP/1.1 599 \r\n\r\n", OK),
	R("no status line", "Content-Type: a\r\nContent-Length: 5\r\n\r\n", UPSTREAM_MALFORMED),
	R("status with a sign", "HTTP/1.1 +20 OK\r\n\r\n", UPSTREAM_MALFORMED),
	R("two spaces before the status", "HTTP/1.1  200 OK\r\n\r\n", UPSTREAM_MALFORMED),
	R("no status", "HTTP/1.1 \r\n\r\n", UPSTREAM_MALFORMED),
	R("a NUL in the reason", "HTTP/1.1 200 O\0K\r\n\r\n", UPSTREAM_MALFORMED),
	R("a bare CR in the reason", "HTTP/1.1 200 O\rK\r\n\r\n", UPSTREAM_MALFORMED),
	R("a bare LF after the status line", "HTTP/1.1 200 OK\nA: b\r\n\r\n", UPSTREAM_MALFORMED),
	R("a space before the colon", OK "A : b\r\n" END, UPSTREAM_MALFORMED),
	R("a folded line", OK "A: b\r\n c\r\n" END, UPSTREAM_MALFORMED),
	R("a NUL in a value", OK "A: b\0\r\n" END, UPSTREAM_MALFORMED),
	R("both framings", OK "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n" END,
	    UPSTREAM_MALFORMED),
	R("Content-Length twice", OK "Content-Length: 5\r\nContent-Length: 5\r\n" END,
	    UPSTREAM_MALFORMED),
	R("Content-Length: 5, 5", OK "Content-Length: 5, 5\r\n" END, UPSTREAM_MALFORMED),
	R("gzip, chunked", OK "Transfer-Encoding: gzip, chunked\r\n" END, UPSTREAM_MALFORMED),
	R("identity", OK "Transfer-Encoding: identity\r\n" END, UPSTREAM_MALFORMED),
	R("a coding in HTTP/1.0", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
	    UPSTREAM_MALFORMED),
	R("100 with a length", "HTTP/1.1 100 Continue\r\nContent-Length: 5\r\n\r\n",
	    UPSTREAM_MALFORMED),
	R("100 with chunks", "HTTP/1.1 100 Continue\r\nTransfer-Encoding: chunked\r\n\r\n",
	    UPSTREAM_MALFORMED),
	R("Content-Type twice", OK "Content-Type: a\r\nContent-Type: a\r\n" END,
	    UPSTREAM_MALFORMED),
	R("nothing", "", UPSTREAM_MALFORMED),
};

struct framed {
	const char	*why;
	struct slice	 head;
	enum framing	 framing;
	uint64_t	 length;
	bool		 keep_alive;
	bool		 to_head;
};

#define F(why, head, framing, length, keep)						\
	{ why, { head, sizeof(head) - 1 }, FRAMING_##framing, length, keep, false }
#define TO_HEAD(why, head, framing, length, keep)					\
	{ why, { head, sizeof(head) - 1 }, FRAMING_##framing, length, keep, true }

static const struct framed framings[] = {
	F("request without a body", GET H END, NONE, 0, true),
	F("request of length 0", POST "Content-Length: 0\r\n" END, NONE, 0, true),
	F("request of length 5", POST "Content-Length: 5\r\n" END, LENGTH, 5, true),
	F("length with zeros before it", POST "Content-Length: 0005\r\n" END, LENGTH, 5, true),
	F("the longest length", POST "Content-Length: 9999999999999999999\r\n" END, LENGTH,
	    UINT64_C(9999999999999999999), true),
	F("length with spaces around it", POST "Content-Length: \t 5 \t\r\n" END, LENGTH, 5, true),
	F("request in chunks", POST "Transfer-Encoding: chunked\r\n" END, CHUNKED, 0, true),
	F("Connection: close", GET H "Connection: close\r\n" END, NONE, 0, false),
	F("close among others", GET H "Connection: te , CLOSE,x\r\n" END, NONE, 0, false),
	F("close in a second field", GET H "Connection: te\r\nConnection: close\r\n" END, NONE, 0,
	    false),
	F("close and keep-alive", GET H "Connection: keep-alive, close\r\n" END, NONE, 0, false),
	F("a word that begins with close", GET H "Connection: closed\r\n" END, NONE, 0, true),
	F("HTTP/1.0 closes", "GET / HTTP/1.0\r\n\r\n", NONE, 0, false),
	F("HTTP/1.0 with keep-alive", "GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", NONE, 0,
	    true),
	F("an underscore is not a hyphen", POST "Content_Length: 5\r\n" END, NONE, 0, true),

	F("response of length 5", OK "Content-Length: 5\r\n" END, LENGTH, 5, true),
	F("response of length 0", OK "Content-Length: 0\r\n" END, NONE, 0, true),
	F("response in chunks", OK "Transfer-Encoding: chunked\r\n" END, CHUNKED, 0, true),
	F("response until the close", OK END, CLOSE, 0, false),
	F("response of HTTP/1.0 until the close",
	    "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n\r\n", CLOSE, 0, false),
	F("response of HTTP/1.0 with a length",
	    "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 5\r\n\r\n", LENGTH, 5,
	    true),
	F("100", "HTTP/1.1 100 Continue\r\n\r\n", NONE, 0, true),
	F("204", "HTTP/1.1 204 No Content\r\n\r\n", NONE, 0, true),
	F("204 that speaks of a body", "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", NONE,
	    0, false),
	F("204 that speaks of chunks", "HTTP/1.1 204 No\r\nTransfer-Encoding: chunked\r\n\r\n",
	    NONE, 0, false),
	F("304 with the length of what it is about",
	    "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", NONE, 5, true),
	TO_HEAD("to HEAD with a length", OK "Content-Length: 5\r\n" END, NONE, 5, true),
	TO_HEAD("to HEAD with chunks", OK "Transfer-Encoding: chunked\r\n" END, NONE, 0, true),
	TO_HEAD("to HEAD without either", OK END, NONE, 0, true),
};

/* The bytes in memory of exactly their length, so that a sanitizer sees a step outside. */
static struct slice
exact(struct slice s)
{
	char *copy = malloc(s.len > 0 ? s.len : 1);

	memcpy(copy, s.ptr, s.len);
	return slice_of(copy, s.len);
}

static enum err
read_exact(struct slice s, bool response, bool to_head, struct http1_head *head)
{
	struct slice copy = exact(s);
	enum err e = response ? http1_response(copy, to_head, head) : http1_request(copy, head);

	free((char *)copy.ptr);
	return e;
}

static void
test_refusals(const struct refused *cases, size_t count, bool response)
{
	for (size_t i = 0; i < count; i++) {
		struct http1_head head, before;

		memset(&head, 0x5a, sizeof head);
		before = head;
		check_int(read_exact(cases[i].head, response, false, &head), cases[i].want,
		    "%s: %s", response ? "response" : "request", cases[i].why);
		if (cases[i].want != ERR_OK)
			check(memcmp(&head, &before, sizeof head) == 0, "  and nothing is written");
	}
}

static void
test_framings(void)
{
	for (size_t i = 0; i < COUNT_OF(framings); i++) {
		const struct framed *c = &framings[i];
		bool response = slice_starts(c->head, S("HTTP/"));
		struct http1_head head = { 0 };

		enum err e = read_exact(c->head, response, c->to_head, &head);

		if (!check_int(e, ERR_OK, "%s", c->why))
			continue;
		check_int(head.framing, c->framing, "  framing of: %s", c->why);
		check(head.content_length == c->length, "  length of: %s", c->why);
		check_int(head.keep_alive, c->keep_alive, "  keep-alive of: %s", c->why);
	}
}

static const struct {
	enum header	 which;
	const char	*name;
	bool		 list;
} fields[] = {
#define one	false
#define list	true
#define HEADER(name, field, times)	{ HEADER_##name, field, times },
#include "wire/header.tbl"
#undef HEADER
#undef list
#undef one
};

#define FAR	"Z: 0123456789012345678901234567890123456789\r\n"

static unsigned
present(const struct http1_head *head)
{
	unsigned count = 0;

	for (unsigned i = 0; i < HEADER_COUNT; i++)
		count += head->field[i].ptr != NULL;
	return count;
}

/*
 * A response with one field, or with the same field twice; at the end of the
 * head and far from it, where it is read sixteen bytes at a time.
 */
static enum err
read_field(const char *name, const char *value, bool twice, struct http1_head *head)
{
	struct http1_head far;
	char room[256];
	struct text t;
	enum err e;

	text_init(&t, room, sizeof room);
	text_put(&t, S(OK));
	for (unsigned i = 0; i < (twice ? 2 : 1); i++) {
		text_put(&t, slice_of(name, strlen(name)));
		text_put_char(&t, ':');
		text_put(&t, slice_of(value, strlen(value)));
		text_put(&t, S("\r\n"));
	}
	text_put(&t, S("\r\n"));
	e = read_exact(text_slice(&t), true, false, head);
	t.len -= 2;
	text_put(&t, S(FAR "\r\n"));
	if (read_exact(text_slice(&t), true, false, &far) != e ||
	    (e == ERR_OK && present(&far) != present(head)))
		check(false, "%s is read the same wherever it stands", name);
	return e;
}

/* A field's name in one of four spellings. */
static void
spell(char *out, const char *name, unsigned spelling)
{
	for (size_t k = 0; k <= strlen(name); k++) {
		bool first = k == 0 || name[k - 1] == '-';
		bool upper[] = { false, true, k % 2 == 0, first };
		bool letter = name[k] >= 'a' && name[k] <= 'z';

		out[k] = (char)(upper[spelling] && letter ? name[k] - 32 : name[k]);
	}
}

static void
test_every_field(void)
{
	for (size_t i = 0; i < 4 * COUNT_OF(fields); i++) {
		enum header which = fields[i / 4].which;
		bool list = fields[i / 4].list;
		struct http1_head head;
		char name[64];

		spell(name, fields[i / 4].name, i % 4);
		const char *value = which == HEADER_TRANSFER_ENCODING ? " \tchunked\t " : "7";
		enum err twice = list ? ERR_OK : ERR_UPSTREAM_MALFORMED;

		check_int(read_field(name, value, false, &head), ERR_OK, "%s is read", name);
		check(present(&head) == 1 && head.field[which].ptr != NULL,
		    "%s is the field that it is, and no other", name);
		check_int(read_field(name, "7", true, &head), twice, "%s twice is %s", name,
		    list ? "read" : "refused");
	}
}

/* How many known fields are found in a name that differs from one in one byte. */
static unsigned
mistaken(const char *name, size_t at, unsigned *tried)
{
	struct http1_head head;
	unsigned count = 0;
	char other[64];

	memcpy(other, name, strlen(name) + 1);
	for (unsigned c = 0x21; c < 0x7f; c++) {
		bool same = c == (unsigned char)name[at] ||
		    (c >= 'A' && (c | 0x20) == (unsigned char)name[at]);

		other[at] = (char)c;
		if (same || c == ':' || read_field(other, "x", false, &head) != ERR_OK)
			continue;
		++*tried;
		count += present(&head);
	}
	return count;
}

static void
test_neighbours(void)
{
	unsigned count = 0, tried = 0;

	for (size_t i = 0; i < COUNT_OF(fields); i++)
		for (size_t at = 0; at < strlen(fields[i].name); at++)
			count += mistaken(fields[i].name, at, &tried);
	check(tried > 10000, "names near to known ones are accepted in form (%u)", tried);
	check_int(count, 0, "and none of them is taken for a known one");
}

static void
test_values(void)
{
	struct http1_head head;
	struct slice text = S("POST /v1/chat/completions?a=b HTTP/1.1\r\nHost: gw.example:8080\r\n"
	    "Authorization: Bearer tv-1 \t\r\nX-Trivium-Label:\r\nAccept: a\r\nAccept: b\r\n"
	    "User-Agent: x\r\nContent-Length: 12\r\nExpect: 100-continue\r\n\r\n");

	check_int(http1_request(text, &head), ERR_OK, "a request of an SDK is read");
	check_slice(head.method, S("POST"), "its method");
	check_slice(head.target, S("/v1/chat/completions?a=b"), "its target");
	check_int(head.minor, 1, "its version");
	check_int(head.field_count, 8, "all of its fields are counted");
	check_slice(head.field[HEADER_HOST], S("gw.example:8080"), "its host");
	check_slice(head.field[HEADER_AUTHORIZATION], S("Bearer tv-1"), "a value is trimmed");
	check_slice(head.field[HEADER_ACCEPT], S("a"), "of a list field the first is kept");
	check(head.field[HEADER_TRIVIUM_LABEL].ptr != NULL &&
	    head.field[HEADER_TRIVIUM_LABEL].len == 0, "an empty value is present");
	check(head.field[HEADER_X_API_KEY].ptr == NULL, "a field that is not there is absent");
	check(head.expects, "the client waits for 100");

	text = S("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n");
	check(http1_request(text, &head) == ERR_OK && !head.expects,
	    "without a body nobody waits for 100");
	text = S("POST / HTTP/1.0\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
	check(http1_request(text, &head) == ERR_OK && !head.expects, "nor with HTTP/1.0");
	text = S("GET HTTP://GW.example/v1/models HTTP/1.1\r\nhost: gw.Example\r\n\r\n");
	check_int(http1_request(text, &head), ERR_OK, "absolute-form is read");
	check_slice(head.target, S("/v1/models"), "and is cut down to its path");
	text = S("GET http://a HTTP/1.1\r\nhost: a\r\n\r\n");
	check_int(http1_request(text, &head), ERR_OK, "absolute-form without a path is read");
	check_slice(head.target, S("/"), "and means the root");
	text = S("HTTP/1.1 429 Too Many\r\nRetry-After: 3\r\nContent-Length: 1\r\n\r\n");
	check_int(http1_response(text, false, &head), ERR_OK, "a response is read");
	check_int(head.status, 429, "its status");
	check_slice(head.field[HEADER_RETRY_AFTER], S("3"), "its field");
}

static void
put_many(struct text *t, char c, size_t count)
{
	while (count-- > 0)
		text_put_char(t, c);
}

/* A head of so many fields, with a target and a last value of the given lengths. */
static enum err
read_sized(size_t target, unsigned count, size_t value)
{
	size_t cap = 64 + target + (size_t)count * 8 + value;
	char *room = malloc(cap);
	struct http1_head head;
	struct text t;
	enum err e;

	text_init(&t, room, cap);
	text_put(&t, S("GET /"));
	put_many(&t, 'a', target - 1);
	text_put(&t, S(" HTTP/1.1\r\nHost: a\r\n"));
	for (unsigned i = 1; i + 1 < count; i++)
		text_put(&t, S("A: b\r\n"));
	text_put(&t, S("A: "));
	put_many(&t, 'b', value);
	text_put(&t, S("\r\n\r\n"));
	e = text_overflowed(&t) ? ERR_MEMORY : http1_request(text_slice(&t), &head);
	free(room);
	return e;
}

static void
test_limits(void)
{
	check_int(read_sized(TARGET_BYTES_MAX, 2, 1), ERR_OK, "the longest target is read");
	check_int(read_sized(TARGET_BYTES_MAX + 1, 2, 1), ERR_TARGET_TOO_LONG, "a longer is not");
	check_int(read_sized(1, HEADER_COUNT_MAX, 1), ERR_OK, "the most fields are read");
	check_int(read_sized(1, HEADER_COUNT_MAX + 1, 1), ERR_HEAD_TOO_LARGE, "one more is not");
	size_t rest = sizeof "GET / HTTP/1.1\r\nHost: a\r\nA: \r\n\r\n" - 1;

	check_int(read_sized(1, 2, HEAD_BYTES_MAX - rest), ERR_OK, "the longest head is read");
	check_int(read_sized(1, 2, HEAD_BYTES_MAX - rest + 1), ERR_HEAD_TOO_LARGE,
	    "one byte more is not");
}

/* Every prefix of a head, and every single byte of it replaced, in memory of its exact size. */
static void
test_prefixes(void)
{
	struct slice text = S("POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\n"
	    "Connection: close\r\nContent-Type: application/json\r\n"
	    "X-Trivium-Conversation: c\r\nContent-Length: 5\r\n\r\n");
	struct http1_head head;
	unsigned accepted = 0;

	for (size_t len = 0; len < text.len; len++)
		accepted += read_exact(slice_of(text.ptr, len), false, false, &head) == ERR_OK;
	check_int(accepted, 0, "no prefix of a head is a head");
	for (size_t at = 0; at < text.len; at++) {
		for (char c = 0; c < 0x20; c++) {
			char copy[256];

			memcpy(copy, text.ptr, text.len);
			copy[at] = c;
			if (c != '\t' && c != text.ptr[at])
				accepted += read_exact(slice_of(copy, text.len), false, false,
				    &head) == ERR_OK;
		}
	}
	check_int(accepted, 0, "no control byte may stand anywhere in it");
}

static void
test_end(void)
{
	static const struct {
		const char	*why;
		struct slice	 text;
		size_t		 want;
	} cases[] = {
		{ "a head", { "GET / HTTP/1.1\r\nHost: a\r\n\r\nbody", 31 }, 27 },
		{ "the first of two", { "A\r\n\r\nB\r\n\r\n", 10 }, 5 },
		{ "no end", { "GET / HTTP/1.1\r\nHost: a\r\n", 25 }, 0 },
		{ "half an end", { "GET / HTTP/1.1\r\nHost: a\r\n\r", 26 }, 0 },
		{ "bare line feeds", { "GET / HTTP/1.1\nHost: a\n\n", 24 }, 24 },
		{ "CRLF and a bare LF", { "GET / HTTP/1.1\r\nHost: a\r\n\n", 26 }, 26 },
		{ "bare LF and CRLF", { "GET / HTTP/1.1\nHost: a\n\r\n", 25 }, 25 },
		{ "bare CR is no end", { "GET / HTTP/1.1\r\rHost: a\r\r", 25 }, 0 },
		{ "nothing", { "", 0 }, 0 },
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct slice s = exact(cases[i].text);
		size_t scanned = 0, found = 0, len;

		check(http1_end(s, &scanned) == cases[i].want, "end: %s", cases[i].why);
		scanned = 0;
		for (len = 0; len <= s.len && found == 0; len++)
			found = http1_end(slice_of(s.ptr, len), &scanned);
		check(found == cases[i].want, "end, byte by byte: %s", cases[i].why);
		free((char *)s.ptr);
	}
	check_int((int64_t)http1_skip(S("\r\nGET")), 2, "one empty line is skipped");
	check_int((int64_t)http1_skip(S("\r\n\r\n")), 2, "and no more");
	check_int((int64_t)http1_skip(S("\nGET")), 0, "a bare LF is not");
	check_int((int64_t)http1_skip(S("\r")), 0, "nor half a line");
	check_int((int64_t)http1_skip(S("")), 0, "nor nothing");
}

static void
test_words(void)
{
	check_slice(http1_reason(200), S("OK"), "the reason of 200");
	check_slice(http1_reason(429), S("Too Many Requests"), "the reason of 429");
	check_slice(http1_reason(299), S("Unknown"), "the reason of what nobody registered");
	check(http1_is_token(S("x-a_b")), "a token");
	check(!http1_is_token(S("")), "nothing is no token");
	check(!http1_is_token(S("a b")), "a space is in no token");
	check(!http1_is_token(S("a:")), "nor is a colon");
	check(http1_is_value(S("")), "a value may be empty");
	check(http1_is_value(S("a b\tc \xff")), "and have spaces, tabs and bytes above ASCII");
	check(!http1_is_value(S("a\r\nb")), "but no CRLF");
	check(!http1_is_value(slice_of("a\0b", 3)), "and no NUL");
	check(!http1_is_value(S("\x7f")), "and no DEL");
	for (enum err e = ERR_OK; e < ERR_COUNT; e++)
		check(http1_reason(err_info(e)->status).len > 0 &&
		    !slice_eq(http1_reason(err_info(e)->status), S("Unknown")),
		    "the status of every error has a reason");
}

int
main(void)
{
	test_refusals(requests, COUNT_OF(requests), false);
	test_refusals(responses, COUNT_OF(responses), true);
	test_framings();
	test_every_field();
	test_neighbours();
	test_values();
	test_limits();
	test_prefixes();
	test_end();
	test_words();
	return check_done();
}
