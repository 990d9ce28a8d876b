/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/url.h"

#define HOST_BYTES_MAX	253		/* RFC 1035, 2.3.4, as text */
#define LABEL_BYTES_MAX	63

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_hex(char c)
{
	return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
}

static unsigned
hex(char c)
{
	return (unsigned)(is_digit(c) ? c - '0' : (c | 0x20) - 'a' + 10);
}

/* Letters, digits, hyphens and, because people's networks have them, underscores. */
static bool
is_label_byte(char c)
{
	return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '-' || c == '_';
}

/* A name of labels with single dots between them, or an IPv4 address. */
static bool
is_name(struct slice s)
{
	size_t label = 0;

	if (s.len == 0 || s.len > HOST_BYTES_MAX)
		return false;
	for (size_t i = 0; i <= s.len; i++) {
		if (i == s.len || s.ptr[i] == '.') {
			if (label == 0 || label > LABEL_BYTES_MAX || s.ptr[i - 1] == '-')
				return false;
			label = 0;
		} else {
			if (!is_label_byte(s.ptr[i]) || (label == 0 && s.ptr[i] == '-'))
				return false;
			label++;
		}
	}
	return true;
}

/* The form of an IPv6 address; what it means is read where it is connected to. */
static bool
is_address(struct slice s)
{
	unsigned colons = 0;

	for (size_t i = 0; i < s.len; i++) {
		if (!is_hex(s.ptr[i]) && s.ptr[i] != ':' && s.ptr[i] != '.')
			return false;
		colons += s.ptr[i] == ':';
	}
	return colons >= 2 && s.len <= 45;
}

/* The byte at *at, its escape read; -1 if the escape is broken. */
static int
next_byte(struct slice s, size_t *at)
{
	char c = s.ptr[(*at)++];

	if (c != '%')
		return (unsigned char)c;
	if (s.len - *at < 2 || !is_hex(s.ptr[*at]) || !is_hex(s.ptr[*at + 1]))
		return -1;
	*at += 2;
	return (int)(hex(s.ptr[*at - 2]) << 4 | hex(s.ptr[*at - 1]));
}

/* May this byte stand in a segment, and so spelled?  A slash may not be escaped. */
static bool
is_segment_byte(int byte)
{
	return byte >= 0x20 && byte != 0x7f && byte != '/' && byte != '\\';
}

/* Why a path could mean more than one thing, or NULL.  It begins with a slash. */
static const char *
path_fault(struct slice path)
{
	size_t at = 1;

	if (path.len == 1)
		return NULL;
	while (at <= path.len) {
		size_t bytes = 0, dots = 0;

		while (at < path.len && path.ptr[at] != '/') {
			int byte = next_byte(path, &at);

			if (byte == -1)
				return "an escape in the path is broken";
			if (!is_segment_byte(byte))
				return "a byte in the path could mean two things";
			bytes++;
			dots += byte == '.';
		}
		if (bytes == 0)
			return "a segment of the path is empty";
		if (bytes <= 2 && dots == bytes)
			return "a segment of the path is . or ..";
		at++;
	}
	return NULL;
}

static bool
is_printable(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] <= 0x20 || s.ptr[i] >= 0x7f)
			return false;
	return true;
}

/* Takes the scheme off *s. */
static bool
cut_scheme(struct slice *s, bool *tls)
{
	size_t len = slice_find(*s, S("://"));
	struct slice scheme = slice_cut(*s, 0, len);

	*tls = slice_same_word(scheme, S("https"));
	if (len == s->len || (!*tls && !slice_same_word(scheme, S("http"))))
		return false;
	*s = slice_cut(*s, len + 3, s->len);
	return true;
}

/* Reads authority into host and port; says what is wrong, or NULL. */
static const char *
read_authority(struct url *url)
{
	struct slice rest = url->authority, port = { NULL, 0 };
	uint64_t number = url->tls ? 443 : 80;
	size_t end;

	if (rest.len > 0 && rest.ptr[0] == '[') {
		end = slice_find(rest, S("]"));
		url->host = slice_cut(rest, 1, end);
		if (end == rest.len || !is_address(url->host))
			return "the address in brackets is not one";
		end++;
	} else {
		end = slice_find(rest, S(":"));
		url->host = slice_cut(rest, 0, end);
		if (!is_name(url->host))
			return "the host is not a name or an address";
	}
	if (end < rest.len) {
		port = slice_cut(rest, end + 1, rest.len);
		if (rest.ptr[end] != ':' || port.len > 5 || !slice_number(port, &number) ||
		    number == 0 || number > UINT16_MAX)
			return "the port is not a number from 1 to 65535";
	}
	url->port = (uint16_t)number;
	return NULL;
}

static const char *
read_url(struct slice s, struct url *url)
{
	const char *why;
	size_t end;

	if (!is_printable(s))
		return "it has a space or a byte that is not ASCII";
	if (!cut_scheme(&s, &url->tls))
		return "it does not begin with https:// or http://";
	if (slice_find(s, S("?")) < s.len || slice_find(s, S("#")) < s.len)
		return "a query or a fragment has no place here";
	end = slice_find(s, S("/"));
	url->authority = slice_cut(s, 0, end);
	if (slice_find(url->authority, S("@")) < end)
		return "user information has no place here";
	why = read_authority(url);
	if (why != NULL)
		return why;
	url->path = slice_cut(s, end, s.len);
	if (url->path.len > 0 && url->path.ptr[url->path.len - 1] == '/')
		url->path.len--;
	if (slice_eq(url->path, S("/")))
		return "a segment of the path is empty";
	return url->path.len > 0 ? path_fault(url->path) : NULL;
}

bool
url_read(struct slice s, struct url *out, const char **why)
{
	struct url url = { .tls = false };
	const char *fault = read_url(s, &url);

	if (fault != NULL) {
		*why = fault;
		return false;
	}
	*out = url;
	return true;
}

bool
url_target(struct slice target, struct slice *path, struct slice *query)
{
	size_t mark = slice_find(target, S("?"));
	struct slice front = slice_cut(target, 0, mark);

	if (front.len == 0 || front.ptr[0] != '/' || path_fault(front) != NULL)
		return false;
	*path = front;
	*query = mark < target.len ? slice_cut(target, mark + 1, target.len) : slice_of(NULL, 0);
	return true;
}

size_t
url_decode(struct slice s, char *out)
{
	size_t at = 0, len = 0;

	while (at < s.len) {
		int byte = next_byte(s, &at);

		if (byte < 0x20 || byte == 0x7f)
			return SIZE_MAX;
		out[len++] = (char)byte;
	}
	return len;
}

struct slice
url_parameter(struct slice query, struct slice name)
{
	while (query.len > 0) {
		size_t end = slice_find(query, S("&"));
		struct slice pair = slice_cut(query, 0, end);
		size_t equals = slice_find(pair, S("="));

		if (slice_eq(slice_cut(pair, 0, equals), name))
			return slice_cut(pair, equals < pair.len ? equals + 1 : equals, pair.len);
		query = slice_cut(query, end < query.len ? end + 1 : end, query.len);
	}
	return slice_of(NULL, 0);
}
