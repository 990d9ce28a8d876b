/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/chunk.h"

#include "core/limit.h"
#include "wire/byte.h"

/* One more than the value of a hexadecimal digit; 0 for every other byte. */
static const unsigned char hex[256] = {
	['0'] = 1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
	['A'] = 11, 12, 13, 14, 15, 16,
	['a'] = 11, 12, 13, 14, 15, 16,
};

#define DIGITS_MAX	16

void
chunk_init(struct chunk *c)
{
	*c = (struct chunk){ .state = CHUNK_SIZE_FIRST };
}

/* One byte of a size line; the state that follows. */
static enum chunk_state
step_size(struct chunk *c, char b)
{
	unsigned digit = hex[(unsigned char)b];

	if (++c->line > CHUNK_LINE_BYTES_MAX)
		return CHUNK_BAD;
	switch (c->state) {
	case CHUNK_SIZE_FIRST:
	case CHUNK_SIZE:
		if (digit != 0) {
			c->left = c->left << 4 | (digit - 1);
			return ++c->digits <= DIGITS_MAX ? CHUNK_SIZE : CHUNK_BAD;
		}
		if (c->state == CHUNK_SIZE_FIRST)
			return CHUNK_BAD;
		if (b == ';')
			return CHUNK_EXTENSION;
		return b == '\r' ? CHUNK_SIZE_LF : CHUNK_BAD;
	case CHUNK_EXTENSION:
		if (b == '\r')
			return CHUNK_SIZE_LF;
		return byte_is(b, BYTE_VALUE) ? CHUNK_EXTENSION : CHUNK_BAD;
	default:
		if (b != '\n')
			return CHUNK_BAD;
		c->line = 0;
		c->digits = 0;
		return c->left > 0 ? CHUNK_DATA : CHUNK_TRAILER_START;
	}
}

/* One byte of the trailer, whose lines have the form of header fields. */
static enum chunk_state
step_trailer(struct chunk *c, char b)
{
	if (++c->line > TRAILER_BYTES_MAX)
		return CHUNK_BAD;
	switch (c->state) {
	case CHUNK_TRAILER_START:
		if (b == '\r')
			return CHUNK_END_LF;
		return byte_is(b, BYTE_TOKEN) ? CHUNK_TRAILER : CHUNK_BAD;
	case CHUNK_TRAILER:
		if (b == ':')
			return CHUNK_TRAILER_VALUE;
		return byte_is(b, BYTE_TOKEN) ? CHUNK_TRAILER : CHUNK_BAD;
	case CHUNK_TRAILER_VALUE:
		if (b == '\r')
			return CHUNK_TRAILER_LF;
		return byte_is(b, BYTE_VALUE) ? CHUNK_TRAILER_VALUE : CHUNK_BAD;
	case CHUNK_TRAILER_LF:
		return b == '\n' ? CHUNK_TRAILER_START : CHUNK_BAD;
	default:
		return b == '\n' ? CHUNK_DONE : CHUNK_BAD;
	}
}

static enum chunk_state
step(struct chunk *c, char b)
{
	switch (c->state) {
	case CHUNK_DATA_CR:
		return b == '\r' ? CHUNK_DATA_LF : CHUNK_BAD;
	case CHUNK_DATA_LF:
		return b == '\n' ? CHUNK_SIZE_FIRST : CHUNK_BAD;
	case CHUNK_SIZE_FIRST:
	case CHUNK_SIZE:
	case CHUNK_EXTENSION:
	case CHUNK_SIZE_LF:
		return step_size(c, b);
	default:
		return step_trailer(c, b);
	}
}

static inline bool
is_crlf(const char *p)
{
	return memcmp(p, "\r\n", 2) == 0;
}

/*
 * The usual size line, all of it here and nothing but digits: read in one look.
 * NULL where it is not that, and the machine reads it byte by byte.
 */
static inline const char *
whole_size(struct chunk *c, const char *p, const char *end)
{
	const char *most = end - p < DIGITS_MAX ? end : p + DIGITS_MAX;
	uint64_t value = 0;
	unsigned digit;

	for (; p < most && (digit = hex[(unsigned char)*p]) != 0; p++)
		value = value << 4 | (digit - 1);
	if (value == 0 || end - p < 2 || !is_crlf(p))
		return NULL;
	c->left = value;
	return p + 2;
}

/* What is there of the data, and the CRLF behind it if all of that is there. */
static inline const char *
feed_data(struct chunk *c, const char *p, const char *end, struct slice *piece)
{
	size_t len = (size_t)(end - p);

	c->state = CHUNK_DATA;
	if (c->left < len)
		len = (size_t)c->left;
	*piece = slice_of(p, len);
	c->left -= len;
	p += len;
	if (c->left > 0)
		return p;
	if (end - p < 2 || !is_crlf(p)) {
		c->state = CHUNK_DATA_CR;
		return p;
	}
	c->state = CHUNK_SIZE_FIRST;
	return p + 2;
}

/* Byte by byte, up to data that follows; or just that. */
static const char *
feed_slowly(struct chunk *c, const char *p, const char *end, struct slice *piece)
{
	while (p < end && c->state < CHUNK_DONE) {
		if (c->state == CHUNK_DATA)
			return feed_data(c, p, end, piece);
		c->state = step(c, *p);
		/* The byte that offends is not read. */
		p += c->state != CHUNK_BAD;
	}
	return p;
}

static inline const char *
feed(struct chunk *c, const char *p, const char *end, struct slice *piece)
{
	const char *data = c->state == CHUNK_SIZE_FIRST ? whole_size(c, p, end) : NULL;

	return data != NULL ? feed_data(c, data, end, piece) : feed_slowly(c, p, end, piece);
}

size_t
chunk_feed(struct chunk *c, struct slice s, struct slice *piece)
{
	*piece = slice_of(NULL, 0);
	return s.len == 0 ? 0 : (size_t)(feed(c, s.ptr, s.ptr + s.len, piece) - s.ptr);
}

size_t
chunk_whole(struct slice s, struct slice *data)
{
	const char *end = s.ptr + s.len, *p;
	struct chunk c;

	p = whole_size(&c, s.ptr, end);
	if (p == NULL || (size_t)(end - p) < 2 || c.left > (size_t)(end - p) - 2 ||
	    !is_crlf(p + c.left))
		return 0;
	*data = slice_of(p, (size_t)c.left);
	return (size_t)(p + c.left + 2 - s.ptr);
}

size_t
chunk_join(struct chunk *c, char *s, size_t len, size_t *payload)
{
	const char *p = s, *end = s + len;
	char *put = s;

	while (p < end && c->state < CHUNK_DONE) {
		struct slice piece = { NULL, 0 };

		p = feed(c, p, end, &piece);
		if (piece.len > 0 && piece.ptr != put)
			memmove(put, piece.ptr, piece.len);
		put += piece.len;
		if (c->state == CHUNK_BAD)
			break;
	}
	*payload = (size_t)(put - s);
	return (size_t)(p - s);
}
