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
	return p[0] == '\r' && p[1] == '\n';
}

/*
 * The usual size line, all of it here and nothing but digits: read in one look.
 * 0 where it is not that, and the machine reads it byte by byte.
 */
static inline size_t
whole_size(struct slice s, uint64_t *size)
{
	size_t n = 0, most = s.len < DIGITS_MAX ? s.len : DIGITS_MAX;
	uint64_t value = 0;
	unsigned digit;

	while (n < most && (digit = hex[(unsigned char)s.ptr[n]]) != 0) {
		value = value << 4 | (digit - 1);
		n++;
	}
	if (value == 0 || s.len - n < 2 || !is_crlf(s.ptr + n))
		return 0;
	*size = value;
	return n + 2;
}

/* What is there of the data, and the CRLF behind it if all of that is there. */
static inline size_t
feed_data(struct chunk *c, struct slice s, struct slice *piece)
{
	size_t len = c->left < s.len ? (size_t)c->left : s.len;

	*piece = slice_of(s.ptr, len);
	c->left -= len;
	if (c->left > 0) {
		c->state = CHUNK_DATA;
		return len;
	}
	if (s.len - len < 2 || !is_crlf(s.ptr + len)) {
		c->state = CHUNK_DATA_CR;
		return len;
	}
	c->state = CHUNK_SIZE_FIRST;
	return len + 2;
}

size_t
chunk_feed(struct chunk *c, struct slice s, struct slice *piece)
{
	size_t at = 0;

	*piece = slice_of(NULL, 0);
	if (c->state == CHUNK_SIZE_FIRST && (at = whole_size(s, &c->left)) > 0) {
		c->state = CHUNK_DATA;
		if (at < s.len)
			at += feed_data(c, slice_cut(s, at, s.len), piece);
		return at;
	}
	while (at < s.len && c->state < CHUNK_DONE) {
		if (c->state == CHUNK_DATA)
			return at + feed_data(c, slice_cut(s, at, s.len), piece);
		c->state = step(c, s.ptr[at]);
		/* The byte that offends is not read. */
		at += c->state != CHUNK_BAD;
	}
	return at;
}
