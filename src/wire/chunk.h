/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WIRE_CHUNK_H
#define WIRE_CHUNK_H

/*
 * chunk - the chunked transfer coding (RFC 9112, section 7.1), as a byte
 * machine.
 *
 * chunk_feed() reads a buffer and gives the next piece of payload in it, in
 * place; it accepts any split of its input.  Sizes are 1 to 16 hexadecimal
 * digits, checked for overflow; extensions are read and dropped, within
 * CHUNK_LINE_BYTES_MAX; only CRLF ends a line; trailer fields are checked for
 * form, counted against TRAILER_BYTES_MAX and dropped.  A byte that offends is
 * not read, and no byte is read after it.
 */

#include "core/must.h"
#include "core/slice.h"

enum chunk_state {
	CHUNK_SIZE_FIRST,
	CHUNK_SIZE,
	CHUNK_EXTENSION,
	CHUNK_SIZE_LF,
	CHUNK_DATA,
	CHUNK_DATA_CR,
	CHUNK_DATA_LF,
	CHUNK_TRAILER_START,
	CHUNK_TRAILER,
	CHUNK_TRAILER_VALUE,
	CHUNK_TRAILER_LF,
	CHUNK_END_LF,
	CHUNK_DONE,
	CHUNK_BAD,
};

struct chunk {
	uint64_t		left;	/* payload bytes left in this chunk */
	uint32_t		line;	/* bytes of this size line or of the trailer */
	uint8_t			digits;
	enum chunk_state	state;
};

void chunk_init(struct chunk *);

/*
 * Reads from s until a piece of payload ends, s ends, or the body ends.
 * Returns how many bytes were read; *piece is payload among them, or empty.
 * Call again with the rest until it is empty or chunk_is_done/chunk_is_bad.
 * Bytes after the end of the body are not read.
 */
size_t chunk_feed(struct chunk *, struct slice s, struct slice *piece);

/*
 * The same until s ends or the body does: the pieces are moved together at the
 * front of it, *payload bytes in all, over what was read.
 */
size_t chunk_join(struct chunk *, char *s, size_t len, size_t *payload);

/*
 * The chunk at the front of s, if all of it is there, it is not the last one, and
 * its size line is nothing but digits: its length with its framing, and its data;
 * else 0.  Needs no machine: s begins where a chunk does.
 */
size_t chunk_whole(struct slice s, struct slice *data);

static inline bool
chunk_is_done(const struct chunk *c)
{
	return c->state == CHUNK_DONE;
}

static inline bool
chunk_is_bad(const struct chunk *c)
{
	return c->state == CHUNK_BAD;
}

/* True between two chunks: what was read so far is whole chunks and nothing else. */
static inline bool
chunk_is_between(const struct chunk *c)
{
	return c->state == CHUNK_SIZE_FIRST || c->state == CHUNK_DONE;
}

#endif
