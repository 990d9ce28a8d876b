/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/http1.h"

#include "core/limit.h"
#include "core/vec.h"
#include "wire/byte.h"
#include "wire/field.h"

/* A head while it is read. */
struct reading {
	struct slice	 method, target;
	uint64_t	 content_length;
	enum framing	 framing;
	int		 status, minor;
	bool		 expects;
	struct fields	 fields;
};

static bool
all(struct slice s, unsigned char what)
{
	for (size_t i = 0; i < s.len; i++)
		if (!byte_is(s.ptr[i], what))
			return false;
	return true;
}

bool
http1_is_token(struct slice s)
{
	return s.len > 0 && all(s, BYTE_TOKEN);
}

bool
http1_is_value(struct slice s)
{
	return all(s, BYTE_VALUE);
}

struct slice
http1_reason(int status)
{
	switch (status) {
#define STATUS(code, text)	case code: return S(text);
#include "wire/status.tbl"
#undef STATUS
	default: return S("Unknown");
	}
}

size_t
http1_skip(struct slice s)
{
	return slice_starts(s, S("\r\n")) ? 2 : 0;
}

/*
 * A line feed that is followed by an empty line, whether or not that line ends
 * as it should: a head of bare line feeds is complete too, so that it is
 * refused at once and not waited for.
 */
static size_t
end_at(struct slice s, size_t i)
{
	if (s.ptr[i] != '\n')
		return 0;
	if (s.ptr[i + 1] == '\n')
		return i + 2;
	if (s.ptr[i + 1] == '\r' && i + 2 < s.len && s.ptr[i + 2] == '\n')
		return i + 3;
	return 0;
}

size_t
http1_end(struct slice s, size_t *scanned)
{
	size_t at = *scanned, end;

	for (; at + VEC_BYTES + 2 <= s.len; at += VEC_BYTES) {
		struct vec here = vec_load(s.ptr + at), next = vec_load(s.ptr + at + 1);
		struct vec after = vec_load(s.ptr + at + 2);
		uint32_t hit = vec_mask(vec_and(vec_is(here, '\n'), vec_or(vec_is(next, '\n'),
		    vec_and(vec_is(next, '\r'), vec_is(after, '\n')))));

		if (hit != 0) {
			*scanned = 0;
			return end_at(s, at + vec_first(hit));
		}
	}
	for (; at + 1 < s.len; at++) {
		end = end_at(s, at);
		if (end != 0) {
			*scanned = 0;
			return end;
		}
	}
	/* The last two bytes may yet be the beginning of an end. */
	*scanned = s.len > 2 ? s.len - 2 : 0;
	return 0;
}

/*
 * The scanners below need no bound: a head ends in CRLF CRLF, which stops each
 * of them.  Only loads of sixteen bytes look where the end is.
 */
static inline const char *
target_end(const char *p, const char *end)
{
	while (end - p >= VEC_BYTES) {
		struct vec v = vec_load(p);
		uint32_t stop = vec_mask(vec_or(vec_is(v, '#'),
		    vec_or(vec_to(v, 0x20), vec_from(v, 0x7f))));

		if (stop != 0)
			return p + vec_first(stop);
		p += VEC_BYTES;
	}
	while (byte_is(*p, BYTE_TARGET))
		p++;
	return p;
}

/*
 * Content-Length or chunked, never both; the same for requests and responses.
 * A coding in a message of HTTP/1.0 is refused, for its reader and its writer
 * would disagree about where it ends (RFC 9112, 6.1).
 */
static enum err
frame(struct reading *r)
{
	struct slice coding = field_of(&r->fields, HEADER_TRANSFER_ENCODING);
	struct slice length = field_of(&r->fields, HEADER_CONTENT_LENGTH);

	if (coding.ptr != NULL) {
		if (r->minor == 0 || length.ptr != NULL || coding.len == 0)
			return ERR_MALFORMED_REQUEST;
		if (!slice_same_word(coding, S("chunked")))
			return ERR_CODING_UNKNOWN;
		r->framing = FRAMING_CHUNKED;
	} else if (length.ptr != NULL) {
		if (!slice_number(length, &r->content_length))
			return ERR_MALFORMED_REQUEST;
		r->framing = r->content_length > 0 ? FRAMING_LENGTH : FRAMING_NONE;
	}
	return ERR_OK;
}

/* A port without its colon: digits or nothing (RFC 3986, 3.2.3). */
static bool
is_port(struct slice s)
{
	uint64_t port = 0;

	return s.len == 0 || (s.len <= 5 && slice_number(s, &port) && port <= UINT16_MAX);
}

/* host[:port], where the host is a name, an address, or an address in brackets. */
static bool
is_host(struct slice s)
{
	bool bracket = s.len > 0 && s.ptr[0] == '[';
	size_t at = bracket, begin = at;

	while (at < s.len && (byte_is(s.ptr[at], BYTE_HOST) || (bracket && s.ptr[at] == ':')))
		at++;
	if (at == begin || (bracket && (at == s.len || s.ptr[at++] != ']')))
		return false;
	return at == s.len || (s.ptr[at] == ':' && is_port(slice_cut(s, at + 1, s.len)));
}

/* Cuts an absolute-form target down to its path, if it is of this host. */
static bool
cut_origin(struct slice *target, struct slice host)
{
	struct slice rest = *target;
	size_t scheme = slice_find(rest, S("://")), end;

	if (scheme == rest.len || (!slice_same_word(slice_cut(rest, 0, scheme), S("http")) &&
	    !slice_same_word(slice_cut(rest, 0, scheme), S("https"))))
		return false;
	rest = slice_cut(rest, scheme + 3, rest.len);
	end = slice_find(rest, S("/"));
	if (host.len == 0 || !slice_same_word(slice_cut(rest, 0, end), host))
		return false;
	*target = end == rest.len ? S("/") : slice_cut(rest, end, rest.len);
	return true;
}

/* Host and target, together: what is asked for, and of whom (RFC 9112, 3.2). */
static bool
read_target(struct reading *r)
{
	struct slice host = field_of(&r->fields, HEADER_HOST);

	if (host.ptr == NULL ? r->minor > 0 : !is_host(host))
		return false;
	if (r->target.ptr[0] == '/')
		return true;
	if (slice_eq(r->target, S("*")))
		return slice_eq(r->method, S("OPTIONS"));
	return cut_origin(&r->target, host);
}

/* HTTP/1.0 or HTTP/1.1 at p, where at least eight bytes are. */
static enum err
read_version(struct reading *r, const char *p)
{
	if (memcmp(p, "HTTP/", 5) != 0 || p[5] < '1' || p[5] > '9' || p[6] != '.' ||
	    p[7] < '0' || p[7] > '9')
		return ERR_MALFORMED_REQUEST;
	if (p[5] != '1' || p[7] > '1')
		return ERR_HTTP_VERSION;
	r->minor = p[7] - '0';
	return ERR_OK;
}

/* The bytes end in an empty line, which stops every scanner. */
static enum err
check_end(struct slice head)
{
	if (head.len > HEAD_BYTES_MAX)
		return ERR_HEAD_TOO_LARGE;
	if (head.len < 4 || memcmp(head.ptr + head.len - 4, "\r\n\r\n", 4) != 0)
		return ERR_MALFORMED_REQUEST;
	return ERR_OK;
}

/* method SP target SP version CRLF */
static enum err
read_request_line(struct reading *r, const char **at)
{
	const char *p = *at;
	enum err e;

	r->method.ptr = p;
	while (byte_is(*p, BYTE_TOKEN))
		p++;
	r->method.len = (size_t)(p - r->method.ptr);
	if (r->method.len == 0 || *p++ != ' ')
		return ERR_MALFORMED_REQUEST;
	r->target.ptr = p;
	p = target_end(p, r->fields.end);
	r->target.len = (size_t)(p - r->target.ptr);
	if (r->target.len == 0 || *p++ != ' ' || r->fields.end - p < 10)
		return ERR_MALFORMED_REQUEST;
	e = read_version(r, p);
	if (e != ERR_OK)
		return e;
	if (p[8] != '\r' || p[9] != '\n')
		return ERR_MALFORMED_REQUEST;
	*at = p + 10;
	return r->target.len > TARGET_BYTES_MAX ? ERR_TARGET_TOO_LONG : ERR_OK;
}

/* Hands over what was read; it was all in order. */
static void
deliver(const struct reading *r, struct http1_head *out)
{
	out->method = r->method;
	out->target = r->target;
	out->status = r->status;
	out->minor = r->minor;
	out->framing = r->framing;
	out->content_length = r->content_length;
	out->keep_alive = !r->fields.close && (r->minor > 0 || r->fields.persist);
	out->expects = r->expects;
	out->field_count = r->fields.count;
	out->raw = slice_of(r->fields.begin, (size_t)(r->fields.end - r->fields.begin));
	/* A few are present of the many that are known. */
	memset(out->field, 0, sizeof out->field);
	for (uint32_t left = r->fields.present; left != 0; left &= left - 1)
		out->field[__builtin_ctz(left)] = r->fields.value[__builtin_ctz(left)];
}

struct slice
http1_field(const struct http1_head *head, struct slice name)
{
	struct slice rest = head->raw, found = slice_of(NULL, 0);

	for (;;) {
		size_t end = slice_find(rest, S("\r\n")), colon;
		struct slice line;

		if (end + 2 >= rest.len)
			return found;
		rest = slice_cut(rest, end + 2, rest.len);
		line = slice_cut(rest, 0, slice_find(rest, S("\r\n")));
		colon = slice_find(line, S(":"));
		if (colon == line.len || !slice_same_word(slice_cut(line, 0, colon), name))
			continue;
		if (found.ptr != NULL)
			return slice_of(NULL, 0);
		found = slice_trim(slice_cut(line, colon + 1, line.len));
	}
}

/* Expect: 100-continue; HTTP/1.0 knows no interim answers, and without a body nobody waits. */
static enum err
read_expectation(struct reading *r)
{
	struct slice expect = field_of(&r->fields, HEADER_EXPECT);

	if (expect.ptr == NULL)
		return ERR_OK;
	r->expects = r->minor > 0 && r->framing != FRAMING_NONE;
	return slice_same_word(expect, S("100-continue")) ? ERR_OK : ERR_EXPECTATION;
}

enum err
http1_request(struct slice head, struct http1_head *out)
{
	struct slice value[HEADER_COUNT];
	struct reading r = {
		.fields = { .begin = head.ptr, .end = head.ptr + head.len, .value = value },
	};
	const char *p = head.ptr;
	enum err e = check_end(head);

	if (e == ERR_OK)
		e = read_request_line(&r, &p);
	if (e == ERR_OK)
		e = field_read(&r.fields, p);
	if (e == ERR_OK && !read_target(&r))
		e = ERR_MALFORMED_REQUEST;
	if (e == ERR_OK)
		e = frame(&r);
	if (e == ERR_OK)
		e = read_expectation(&r);
	if (e == ERR_OK)
		deliver(&r, out);
	return e;
}

/*
 * version SP status [ SP reason ] CRLF.  The space before an absent reason is
 * left out by some servers; nothing else can be meant by it.
 */
static bool
read_status_line(struct reading *r, const char **at)
{
	const char *p = *at;

	if (r->fields.end - p < 14 || read_version(r, p) != ERR_OK || p[8] != ' ')
		return false;
	for (p += 9; *p >= '0' && *p <= '9' && p < *at + 12; p++)
		r->status = r->status * 10 + (*p - '0');
	if (r->status < 100 || r->status > 599)
		return false;
	if (*p == ' ')
		while (byte_is(*p, BYTE_VALUE))
			p++;
	if (p[0] != '\r' || p[1] != '\n')
		return false;
	*at = p + 2;
	return true;
}

/* How the body of this status ends (RFC 9112, 6.3); false if it contradicts itself. */
static bool
frame_response(struct reading *r, bool to_head)
{
	if (frame(r) != ERR_OK)
		return false;

	bool says = r->framing != FRAMING_NONE;

	if (r->status < 200) {
		r->framing = FRAMING_NONE;
		r->content_length = 0;
		return !says;
	}
	if (to_head || r->status == 304) {
		r->framing = FRAMING_NONE;
		return true;
	}
	if (r->status == 204) {
		/* It has no body; a server that speaks of one may send one all the same. */
		r->framing = FRAMING_NONE;
		r->content_length = 0;
		r->fields.close |= says;
		return true;
	}
	if (!says && field_of(&r->fields, HEADER_CONTENT_LENGTH).ptr == NULL) {
		r->framing = FRAMING_CLOSE;
		r->fields.close = true;
	}
	return true;
}

enum err
http1_response(struct slice head, bool to_head, struct http1_head *out)
{
	struct slice value[HEADER_COUNT];
	struct reading r = {
		.fields = { .begin = head.ptr, .end = head.ptr + head.len, .value = value },
	};
	const char *p = head.ptr;

	if (check_end(head) != ERR_OK || !read_status_line(&r, &p) ||
	    field_read(&r.fields, p) != ERR_OK || !frame_response(&r, to_head))
		return ERR_UPSTREAM_MALFORMED;
	deliver(&r, out);
	return ERR_OK;
}
