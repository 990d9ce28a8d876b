/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/http1.h"

#include "core/limit.h"
#include "core/vec.h"

/*
 * What a byte may be part of.  Bytes of a target exclude '#': a fragment is
 * never sent.  Bytes of a host are those of reg-name and IP literals (RFC 3986).
 */
enum {
	TOKEN	= 1,
	TARGET	= 2,
	VALUE	= 4,
	HOST	= 8,
	ALL	= TOKEN | TARGET | VALUE | HOST,
};

static const unsigned char class[256] = {
	['\t'] = VALUE,
	[' '] = VALUE,
	['!'] = ALL,
	['"'] = TARGET | VALUE,
	['#'] = TOKEN | VALUE,
	['$' ... '\''] = ALL,
	['('] = TARGET | VALUE | HOST,
	[')'] = TARGET | VALUE | HOST,
	['*'] = ALL,
	['+'] = ALL,
	[','] = TARGET | VALUE | HOST,
	['-'] = ALL,
	['.'] = ALL,
	['/'] = TARGET | VALUE,
	['0' ... '9'] = ALL,
	[':'] = TARGET | VALUE | HOST,
	[';'] = TARGET | VALUE | HOST,
	['<'] = TARGET | VALUE,
	['='] = TARGET | VALUE | HOST,
	['>' ... '@'] = TARGET | VALUE,
	['A' ... 'Z'] = ALL,
	['['] = TARGET | VALUE | HOST,
	['\\'] = TARGET | VALUE,
	[']'] = TARGET | VALUE | HOST,
	['^'] = TOKEN | TARGET | VALUE,
	['_'] = ALL,
	['`'] = TOKEN | TARGET | VALUE,
	['a' ... 'z'] = ALL,
	['{'] = TARGET | VALUE,
	['|'] = TOKEN | TARGET | VALUE,
	['}'] = TARGET | VALUE,
	['~'] = ALL,
	[0x80 ... 0xff] = VALUE,
};

/*
 * A known field is found by one byte made of its name's length and ends: a
 * compare of sixteen such bytes at once leaves a candidate or, for most fields
 * of other people's making, none.
 */
#define SIGN(len, first, last)								\
	((unsigned char)((len) * 5u + ((first) | 0x20u) * 3u + ((last) | 0x20u) * 7u))
#define KNOWN_BYTES	32

_Static_assert(HEADER_COUNT <= KNOWN_BYTES, "more fields need another block");

static const char known_sign[KNOWN_BYTES] = {
#define HEADER(name, field, times)							\
	(char)SIGN(sizeof(field) - 1, (unsigned char)(field)[0],			\
	    (unsigned char)(field)[sizeof(field) - 2]),
#include "wire/header.tbl"
#undef HEADER
};

static const struct {
	char		name[23];
	unsigned char	len;
	bool		list;
} known[] = {
#define one	false
#define list	true
#define HEADER(name, field, times)	{ field, sizeof(field) - 1, times },
#include "wire/header.tbl"
#undef HEADER
#undef list
#undef one
};

/* A head while it is read. */
struct reading {
	struct http1_head	 head;
	const char		*end;
	bool			 close;		/* Connection: close */
	bool			 persist;	/* Connection: keep-alive */
};

static inline bool
is(char c, unsigned char what)
{
	return (class[(unsigned char)c] & what) != 0;
}

static inline bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool
all(struct slice s, unsigned char what)
{
	for (size_t i = 0; i < s.len; i++)
		if (!is(s.ptr[i], what))
			return false;
	return true;
}

bool
http1_is_token(struct slice s)
{
	return s.len > 0 && all(s, TOKEN);
}

bool
http1_is_value(struct slice s)
{
	return all(s, VALUE);
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
name_end(const char *p, const char *end)
{
	if (end - p >= VEC_BYTES) {
		struct vec v = vec_load(p);
		struct vec plain = vec_or(vec_within(vec_or(v, vec_all(0x20)), 'a', 'z'),
		    vec_or(vec_within(v, '0', '9'), vec_is(v, '-')));

		p += vec_first(~vec_mask(plain));
	}
	while (is(*p, TOKEN))
		p++;
	return p;
}

static inline const char *
value_end(const char *p, const char *end)
{
	while (end - p >= VEC_BYTES) {
		struct vec v = vec_load(p);
		uint32_t stop = vec_mask(vec_or(vec_to(v, 0x1f), vec_is(v, 0x7f)));

		if (stop == 0) {
			p += VEC_BYTES;
			continue;
		}
		p += vec_first(stop);
		if (*p != '\t')
			return p;
		p++;
	}
	while (is(*p, VALUE))
		p++;
	return p;
}

/* The name is a token, so setting a bit folds letters and makes no other byte equal. */
static bool
same_name(const char *name, size_t row)
{
	for (size_t i = 0; i < known[row].len; i++)
		if ((name[i] | 0x20) != known[row].name[i])
			return false;
	return true;
}

/* The field that a name means, or HEADER_COUNT. */
static inline enum header
find(struct slice name)
{
	struct vec sign = vec_all(SIGN((unsigned)name.len, (unsigned char)name.ptr[0],
	    (unsigned char)name.ptr[name.len - 1]));
	uint32_t hit = vec_mask(vec_same(vec_load(known_sign), sign)) |
	    vec_mask(vec_same(vec_load(known_sign + VEC_BYTES), sign)) << VEC_BYTES;

	for (; hit != 0; hit &= hit - 1) {
		unsigned row = vec_first(hit);

		if (row < HEADER_COUNT && known[row].len == name.len && same_name(name.ptr, row))
			return (enum header)row;
	}
	return HEADER_COUNT;
}

static void
read_connection(struct reading *r, struct slice value)
{
	while (value.len > 0) {
		const char *comma = memchr(value.ptr, ',', value.len);
		size_t len = comma == NULL ? value.len : (size_t)(comma - value.ptr);
		struct slice option = slice_trim(slice_cut(value, 0, len));

		if (slice_same_word(option, S("close")))
			r->close = true;
		else if (slice_same_word(option, S("keep-alive")))
			r->persist = true;
		value = slice_cut(value, comma == NULL ? len : len + 1, value.len);
	}
}

static bool
keep(struct reading *r, enum header which, struct slice value)
{
	struct slice *field = &r->head.field[which];

	while (value.len > 0 && is_blank(value.ptr[value.len - 1]))
		value.len--;
	if (which == HEADER_CONNECTION)
		read_connection(r, value);
	if (field->ptr != NULL)
		return known[which].list;
	*field = value;
	return true;
}

/* Reads one field line; NULL if it is none. */
static inline const char *
read_field(struct reading *r, const char *p)
{
	struct slice name = { p, 0 };
	const char *value;
	enum header which;

	p = name_end(p, r->end);
	name.len = (size_t)(p - name.ptr);
	if (name.len == 0 || *p != ':')
		return NULL;
	do
		p++;
	while (is_blank(*p));
	value = p;
	p = value_end(p, r->end);
	if (p[0] != '\r' || p[1] != '\n')
		return NULL;
	which = find(name);
	if (which != HEADER_COUNT && !keep(r, which, slice_of(value, (size_t)(p - value))))
		return NULL;
	return p + 2;
}

/* Reads the field lines from p up to the empty line that ends the head. */
static enum err
read_fields(struct reading *r, const char *p)
{
	while (p < r->end - 2) {
		if (++r->head.field_count > HEADER_COUNT_MAX)
			return ERR_HEAD_TOO_LARGE;
		p = read_field(r, p);
		if (p == NULL)
			return ERR_MALFORMED_REQUEST;
	}
	return ERR_OK;
}

/*
 * Content-Length or chunked, never both; the same for requests and responses.
 * A coding in a message of HTTP/1.0 is refused, for its reader and its writer
 * would disagree about where it ends (RFC 9112, 6.1).
 */
static enum err
frame(struct http1_head *head)
{
	struct slice coding = head->field[HEADER_TRANSFER_ENCODING];
	struct slice length = head->field[HEADER_CONTENT_LENGTH];

	if (coding.ptr != NULL) {
		if (head->minor == 0 || length.ptr != NULL || coding.len == 0)
			return ERR_MALFORMED_REQUEST;
		if (!slice_same_word(coding, S("chunked")))
			return ERR_CODING_UNKNOWN;
		head->framing = FRAMING_CHUNKED;
	} else if (length.ptr != NULL) {
		if (!slice_number(length, &head->content_length))
			return ERR_MALFORMED_REQUEST;
		head->framing = head->content_length > 0 ? FRAMING_LENGTH : FRAMING_NONE;
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
	size_t at = 0;

	if (s.len == 0 || !all(s, HOST))
		return false;
	if (s.ptr[0] == '[') {
		at = slice_find(s, S("]")) + 1;
		if (at > s.len || at == 2 || slice_find(slice_cut(s, 1, s.len), S("[")) < s.len - 1)
			return false;
	} else {
		at = slice_find(s, S(":"));
		if (at == 0 || slice_find(s, S("[")) < s.len || slice_find(s, S("]")) < s.len)
			return false;
	}
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
read_target(struct http1_head *head)
{
	struct slice host = head->field[HEADER_HOST];

	if (host.ptr == NULL ? head->minor > 0 : !is_host(host))
		return false;
	if (head->target.ptr[0] == '/')
		return true;
	if (slice_eq(head->target, S("*")))
		return slice_eq(head->method, S("OPTIONS"));
	return cut_origin(&head->target, host);
}

/* HTTP/1.0 or HTTP/1.1 at p, where at least eight bytes are. */
static enum err
read_version(struct http1_head *head, const char *p)
{
	if (memcmp(p, "HTTP/", 5) != 0 || p[5] < '1' || p[5] > '9' || p[6] != '.' ||
	    p[7] < '0' || p[7] > '9')
		return ERR_MALFORMED_REQUEST;
	if (p[5] != '1' || p[7] > '1')
		return ERR_HTTP_VERSION;
	head->minor = p[7] - '0';
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
	struct http1_head *head = &r->head;
	const char *p = *at;
	enum err e;

	head->method.ptr = p;
	while (is(*p, TOKEN))
		p++;
	head->method.len = (size_t)(p - head->method.ptr);
	if (head->method.len == 0 || *p++ != ' ')
		return ERR_MALFORMED_REQUEST;
	head->target.ptr = p;
	while (is(*p, TARGET))
		p++;
	head->target.len = (size_t)(p - head->target.ptr);
	if (head->target.len == 0 || *p++ != ' ' || r->end - p < 10)
		return ERR_MALFORMED_REQUEST;
	e = read_version(head, p);
	if (e != ERR_OK)
		return e;
	if (p[8] != '\r' || p[9] != '\n')
		return ERR_MALFORMED_REQUEST;
	*at = p + 10;
	return head->target.len > TARGET_BYTES_MAX ? ERR_TARGET_TOO_LONG : ERR_OK;
}

static bool
stays_open(const struct reading *r)
{
	return !r->close && (r->head.minor > 0 || r->persist);
}

enum err
http1_request(struct slice text, struct http1_head *out)
{
	struct reading r = { .end = text.ptr + text.len };
	struct http1_head *head = &r.head;
	const char *p = text.ptr;
	enum err e = check_end(text);

	if (e == ERR_OK)
		e = read_request_line(&r, &p);
	if (e == ERR_OK)
		e = read_fields(&r, p);
	if (e == ERR_OK && !read_target(head))
		e = ERR_MALFORMED_REQUEST;
	if (e == ERR_OK)
		e = frame(head);
	if (e != ERR_OK)
		return e;

	struct slice expect = head->field[HEADER_EXPECT];

	if (expect.ptr != NULL && !slice_same_word(expect, S("100-continue")))
		return ERR_EXPECTATION;
	/* HTTP/1.0 knows no interim answers, and without a body nobody waits for one. */
	head->expects = expect.ptr != NULL && head->minor > 0 && head->framing != FRAMING_NONE;
	head->keep_alive = stays_open(&r);
	*out = *head;
	return ERR_OK;
}

/*
 * version SP status [ SP reason ] CRLF.  The space before an absent reason is
 * left out by some servers; nothing else can be meant by it.
 */
static bool
read_status_line(struct reading *r, const char **at)
{
	const char *p = *at;

	if (r->end - p < 14 || read_version(&r->head, p) != ERR_OK || p[8] != ' ')
		return false;
	for (p += 9; *p >= '0' && *p <= '9' && p < *at + 12; p++)
		r->head.status = r->head.status * 10 + (*p - '0');
	if (r->head.status < 100 || r->head.status > 599)
		return false;
	if (*p == ' ')
		p = value_end(p, r->end);
	if (p[0] != '\r' || p[1] != '\n')
		return false;
	*at = p + 2;
	return true;
}

/* How the body of this status ends (RFC 9112, 6.3); false if it contradicts itself. */
static bool
frame_response(struct reading *r, bool to_head)
{
	struct http1_head *head = &r->head;

	if (frame(head) != ERR_OK)
		return false;

	bool says = head->framing != FRAMING_NONE;

	if (head->status < 200) {
		head->framing = FRAMING_NONE;
		head->content_length = 0;
		return !says;
	}
	if (to_head || head->status == 304) {
		head->framing = FRAMING_NONE;
		return true;
	}
	if (head->status == 204) {
		/* It has no body; a server that speaks of one may send one all the same. */
		head->framing = FRAMING_NONE;
		head->content_length = 0;
		r->close |= says;
		return true;
	}
	if (!says && head->field[HEADER_CONTENT_LENGTH].ptr == NULL) {
		head->framing = FRAMING_CLOSE;
		r->close = true;
	}
	return true;
}

enum err
http1_response(struct slice text, bool to_head, struct http1_head *out)
{
	struct reading r = { .end = text.ptr + text.len };
	const char *p = text.ptr;

	if (check_end(text) != ERR_OK || !read_status_line(&r, &p) ||
	    read_fields(&r, p) != ERR_OK || !frame_response(&r, to_head))
		return ERR_UPSTREAM_MALFORMED;
	r.head.keep_alive = stays_open(&r);
	*out = r.head;
	return ERR_OK;
}
