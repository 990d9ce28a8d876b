/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/http1.h"

#include "core/limit.h"
#include "core/vec.h"

/*
 * What a byte may be part of.  Bytes of a target exclude '#': a fragment is
 * never sent.  Bytes of a host are those of reg-name (RFC 3986, 3.2.2).
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
	[':'] = TARGET | VALUE,
	[';'] = TARGET | VALUE | HOST,
	['<'] = TARGET | VALUE,
	['='] = TARGET | VALUE | HOST,
	['>' ... '@'] = TARGET | VALUE,
	['A' ... 'Z'] = ALL,
	['['] = TARGET | VALUE,
	['\\'] = TARGET | VALUE,
	[']'] = TARGET | VALUE,
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
#define KNOWN_BYTES	32		/* room for the names, and for each name */
#define MARKED		64		/* bytes whose marks are one word */

_Static_assert(HEADER_COUNT <= KNOWN_BYTES, "more fields need another block");

static const char known_sign[KNOWN_BYTES] = {
#define HEADER(name, field, times)							\
	(char)SIGN(sizeof(field) - 1, (unsigned char)(field)[0],			\
	    (unsigned char)(field)[sizeof(field) - 2]),
#include "wire/header.tbl"
#undef HEADER
};

static const char known_name[][KNOWN_BYTES] = {
#define HEADER(name, field, times)	field,
#include "wire/header.tbl"
#undef HEADER
};

static const unsigned char known_len[] = {
#define HEADER(name, field, times)	sizeof(field) - 1,
#include "wire/header.tbl"
#undef HEADER
};

/* The fields that may stand more than once, as bits. */
static const uint32_t known_lists =
#define one	UINT32_C(0)
#define list	UINT32_C(1)
#define HEADER(name, field, times)	times << HEADER_##name |
#include "wire/header.tbl"
#undef HEADER
#undef list
#undef one
    0;

#define HEADER(name, field, times)							\
	_Static_assert(sizeof(field) <= KNOWN_BYTES, "a longer name needs more room");
#include "wire/header.tbl"
#undef HEADER

/*
 * A head while it is read.  To clear all fields and then copy all of them would
 * cost as much as to read some, so only those that are present are ever set.
 */
struct reading {
	const char	*begin, *end;
	struct slice	 method, target;
	uint64_t	 content_length;
	enum framing	 framing;
	int		 status, minor;
	bool		 close;		/* Connection: close */
	bool		 persist;	/* Connection: keep-alive */
	bool		 expects;
	uint32_t	 field_count;
	uint32_t	 present;	/* of field[], as bits */
	struct slice	*field;
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
	while (is(*p, TARGET))
		p++;
	return p;
}

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

/* Which of sixteen bytes differ, when letters are folded, from those of a known name. */
static inline uint32_t
differing(const char *p, const char *name)
{
	return ~vec_mask(vec_same(vec_or(vec_load(p), vec_all(0x20)), vec_load(name))) & 0xffff;
}

/*
 * The name is as long as the row's, and a token, so that setting a bit folds
 * letters and makes no other byte equal.
 */
static inline bool
same_name(const char *name, const char *end, size_t row)
{
	const char *known = known_name[row];
	uint32_t len = known_len[row];

	if (end - name >= KNOWN_BYTES) {
		uint32_t differ = differing(name, known);

		if (len > VEC_BYTES)
			differ |= differing(name + VEC_BYTES, known + VEC_BYTES) << VEC_BYTES;
		return (differ & ((UINT32_C(1) << len) - 1)) == 0;
	}
	for (size_t i = 0; i < len; i++)
		if ((name[i] | 0x20) != known[i])
			return false;
	return true;
}

/* The field that a name means, or HEADER_COUNT. */
static inline enum header
find(struct slice name, const char *end)
{
	struct vec sign = vec_all(SIGN((unsigned)name.len, (unsigned char)name.ptr[0],
	    (unsigned char)name.ptr[name.len - 1]));
	uint32_t hit = vec_mask(vec_same(vec_load(known_sign), sign)) |
	    vec_mask(vec_same(vec_load(known_sign + VEC_BYTES), sign)) << VEC_BYTES;

	for (; hit != 0; hit &= hit - 1) {
		unsigned row = vec_first(hit);

		if (row < HEADER_COUNT && known_len[row] == name.len &&
		    same_name(name.ptr, end, row))
			return (enum header)row;
	}
	return HEADER_COUNT;
}

static void
read_connection(struct reading *r, struct slice value)
{
	size_t len;

	for (; value.len > 0; value = slice_cut(value, len + (len < value.len), value.len)) {
		for (len = 0; len < value.len && value.ptr[len] != ',';)
			len++;

		struct slice option = slice_trim(slice_cut(value, 0, len));

		r->close |= slice_same_word(option, S("close"));
		r->persist |= slice_same_word(option, S("keep-alive"));
	}
}

static bool
keep(struct reading *r, enum header which, struct slice value)
{
	uint32_t bit = UINT32_C(1) << which;

	if (which == HEADER_CONNECTION)
		read_connection(r, value);
	if ((r->present & bit) != 0)
		return (known_lists & bit) != 0;
	r->present |= bit;
	r->field[which] = value;
	return true;
}

static inline struct slice
field(const struct reading *r, enum header which)
{
	return (r->present >> which & 1) != 0 ? r->field[which] : slice_of(NULL, 0);
}

/* Reads the field line from p to `stop`, where its CRLF is. */
static inline bool
read_field(struct reading *r, const char *p, const char *stop)
{
	struct slice name = { p, 0 };
	enum header which;

	p = name_end(p, r->end);
	name.len = (size_t)(p - name.ptr);
	if (name.len == 0 || *p != ':')
		return false;
	which = find(name, r->end);
	if (which == HEADER_COUNT)
		return true;
	do
		p++;
	while (is_blank(*p));
	while (stop > p && is_blank(stop[-1]))
		stop--;
	return keep(r, which, slice_of(p, (size_t)(stop - p)));
}

/* Of 64 bytes: which are CR, and which are control bytes, CR among them but not the tab. */
struct marks {
	uint64_t	cr, control;
};

static inline void
mark_block(struct marks *m, const char *p, unsigned at)
{
	struct vec v = vec_load(p + at);
	struct vec control = vec_or(vec_to(v, 0x1f), vec_is(v, 0x7f));

	m->cr |= (uint64_t)vec_mask(vec_is(v, '\r')) << at;
	m->control |= (uint64_t)vec_mask(vec_and_not(control, vec_is(v, '\t'))) << at;
}

static inline struct marks
mark(const char *p)
{
	struct marks m = { 0, 0 };

	mark_block(&m, p, 0);
	mark_block(&m, p, 16);
	mark_block(&m, p, 32);
	mark_block(&m, p, 48);
	return m;
}

/* The same of a head's last bytes, fewer than 64: together with those before them, or alone. */
static struct marks
mark_last(const struct reading *r, const char *p)
{
	unsigned left = (unsigned)(r->end - p);
	struct marks m = { 0, 0 };

	if (r->end - r->begin >= MARKED) {
		m = mark(r->end - MARKED);
		m.cr >>= MARKED - left;
		m.control >>= MARKED - left;
		return m;
	}
	for (unsigned i = 0; i < left; i++) {
		m.cr |= (uint64_t)(p[i] == '\r') << i;
		m.control |= (uint64_t)!is(p[i], VALUE) << i;
	}
	return m;
}

/*
 * Reads the field lines from p up to the empty line that ends the head.  The
 * ends of lines are found first, so that one line need not wait for the last:
 * a processor reads several of them at once.
 */
static enum err
read_fields(struct reading *r, const char *p)
{
	const char *line = p, *stop;
	uint64_t before = 0;

	for (; p < r->end; p += MARKED) {
		struct marks m = r->end - p >= MARKED ? mark(p) : mark_last(r, p);

		/* The only control bytes are each CR and the byte behind it. */
		if (m.control != (m.cr | m.cr << 1 | before))
			return ERR_MALFORMED_REQUEST;
		before = m.cr >> (MARKED - 1);
		for (; m.cr != 0; m.cr &= m.cr - 1, line = stop + 2) {
			stop = p + __builtin_ctzll(m.cr);
			if (stop[1] != '\n')
				return ERR_MALFORMED_REQUEST;
			if (stop == line)
				return stop == r->end - 2 ? ERR_OK : ERR_MALFORMED_REQUEST;
			if (++r->field_count > HEADER_COUNT_MAX)
				return ERR_HEAD_TOO_LARGE;
			if (!read_field(r, line, stop))
				return ERR_MALFORMED_REQUEST;
		}
	}
	return ERR_MALFORMED_REQUEST;
}

/*
 * Content-Length or chunked, never both; the same for requests and responses.
 * A coding in a message of HTTP/1.0 is refused, for its reader and its writer
 * would disagree about where it ends (RFC 9112, 6.1).
 */
static enum err
frame(struct reading *r)
{
	struct slice coding = field(r, HEADER_TRANSFER_ENCODING);
	struct slice length = field(r, HEADER_CONTENT_LENGTH);

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

	while (at < s.len && (is(s.ptr[at], HOST) || (bracket && s.ptr[at] == ':')))
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
	struct slice host = field(r, HEADER_HOST);

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
	while (is(*p, TOKEN))
		p++;
	r->method.len = (size_t)(p - r->method.ptr);
	if (r->method.len == 0 || *p++ != ' ')
		return ERR_MALFORMED_REQUEST;
	r->target.ptr = p;
	p = target_end(p, r->end);
	r->target.len = (size_t)(p - r->target.ptr);
	if (r->target.len == 0 || *p++ != ' ' || r->end - p < 10)
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
	out->keep_alive = !r->close && (r->minor > 0 || r->persist);
	out->expects = r->expects;
	out->field_count = r->field_count;
	for (unsigned i = 0; i < HEADER_COUNT; i++)
		out->field[i] = field(r, (enum header)i);
}

/* Expect: 100-continue; HTTP/1.0 knows no interim answers, and without a body nobody waits. */
static enum err
read_expectation(struct reading *r)
{
	struct slice expect = field(r, HEADER_EXPECT);

	if (expect.ptr == NULL)
		return ERR_OK;
	r->expects = r->minor > 0 && r->framing != FRAMING_NONE;
	return slice_same_word(expect, S("100-continue")) ? ERR_OK : ERR_EXPECTATION;
}

enum err
http1_request(struct slice head, struct http1_head *out)
{
	struct slice fields[HEADER_COUNT];
	struct reading r = { .begin = head.ptr, .end = head.ptr + head.len, .field = fields };
	const char *p = head.ptr;
	enum err e = check_end(head);

	if (e == ERR_OK)
		e = read_request_line(&r, &p);
	if (e == ERR_OK)
		e = read_fields(&r, p);
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

	if (r->end - p < 14 || read_version(r, p) != ERR_OK || p[8] != ' ')
		return false;
	for (p += 9; *p >= '0' && *p <= '9' && p < *at + 12; p++)
		r->status = r->status * 10 + (*p - '0');
	if (r->status < 100 || r->status > 599)
		return false;
	if (*p == ' ')
		while (is(*p, VALUE))
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
		r->close |= says;
		return true;
	}
	if (!says && field(r, HEADER_CONTENT_LENGTH).ptr == NULL) {
		r->framing = FRAMING_CLOSE;
		r->close = true;
	}
	return true;
}

enum err
http1_response(struct slice head, bool to_head, struct http1_head *out)
{
	struct slice fields[HEADER_COUNT];
	struct reading r = { .begin = head.ptr, .end = head.ptr + head.len, .field = fields };
	const char *p = head.ptr;

	if (check_end(head) != ERR_OK || !read_status_line(&r, &p) ||
	    read_fields(&r, p) != ERR_OK || !frame_response(&r, to_head))
		return ERR_UPSTREAM_MALFORMED;
	deliver(&r, out);
	return ERR_OK;
}
