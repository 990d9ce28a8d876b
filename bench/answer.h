/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BENCH_ANSWER_H
#define BENCH_ANSWER_H

/*
 * answer - reads one HTTP/1.1 answer as its bytes arrive, and the events within it.
 *
 * The load generator must be cheap, so the usual case (the whole head in one read) is parsed in
 * place and nothing is copied; only what a read has cut in two is carried in a small heap
 * buffer, which is given back when the piece is whole.  Bodies may be framed by length, by
 * chunks or by the end of the connection.  A body of type text/event-stream is cut into lines:
 * each `data:` line is one event, `data: [DONE]` ends the stream, and a member `"t":<ns>` in an
 * event is the sender's CLOCK_MONOTONIC, from which the one-way delay is taken.
 * The caller owns the struct; zeroed memory is ready for the first answer, answer_reset() for
 * the next.  Nothing here suspends or performs a system call.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hist.h"

enum answer_part {
	ANSWER_HEAD = 0,
	ANSWER_LENGTH,		/* a body of `left` bytes */
	ANSWER_CHUNK_SIZE,
	ANSWER_CHUNK_DATA,
	ANSWER_CHUNK_END,	/* the line end behind a chunk's data */
	ANSWER_TRAILER,
	ANSWER_UNTIL_CLOSE,
	ANSWER_WHOLE,
	ANSWER_MALFORMED,
};

struct carry {
	char		*bytes;
	size_t		len;
	size_t		room;
};

struct answer {
	enum answer_part part;
	unsigned	status;
	bool		close;		/* the server will close the connection */
	bool		stream;		/* the body is text/event-stream */
	bool		ended;		/* `data: [DONE]` was seen */
	uint32_t	events;		/* events of this answer, the end marker not counted */
	uint64_t	left;
	struct carry	carry;		/* a head or a framing line that a read has cut */
	struct carry	line;		/* an event's line that a read or a chunk has cut */
};

/* What all answers of a run add up to. */
struct tally {
	struct hist	delay;		/* ns from an event's timestamp to its arrival */
	uint64_t	events;
	uint64_t	bytes;		/* all bytes read, heads included */
};

/* Forgets the answer read and is ready for the next one on the same connection. */
void answer_reset(struct answer *);

/*
 * Takes n bytes that arrived at `now` (ns) and returns how many belonged to this answer;
 * fewer than n only if the answer is whole (or malformed) before their end.
 */
size_t answer_feed(struct answer *, struct tally *, uint64_t now, const char *, size_t n);

/* The connection has ended: true if that was a permitted end of this answer. */
bool answer_close(struct answer *);

#endif
