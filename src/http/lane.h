/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HTTP_LANE_H
#define HTTP_LANE_H

/*
 * lane - one request to an upstream, and its answer.
 *
 * Input is read into the worker's shared scratch; what lane_head(),
 * lane_whole() and lane_part() give lies there or in a block of the lane's own
 * and is valid only until the fiber next suspends in a lane or client call
 * (exchange_reply and exchange_send copy what they must keep).  A lane never
 * sends a request twice; whether that may be done is decided above.
 */

#include "core/err.h"
#include "core/must.h"
#include "core/unit.h"
#include "http/pool.h"
#include "policy/pass.h"
#include "wire/chunk.h"
#include "wire/http1.h"

struct lane {
	struct fiber		*fiber;
	struct pool		*pool;
	struct upstream		*upstream;	/* NULL: not open */
	struct http1_head	 head;
	struct chunk		 chunk;
	uint64_t		 left;		/* of FRAMING_LENGTH */
	char			*in;		/* scratch or block; unread bytes are [from, to) */
	size_t			 from, to;
	char			*block;		/* of the lane's own */
	size_t			 block_bytes;
	size_t			 own_bytes;	/* of a lingering lane: its own size in memory */
	struct iovec		*piece;		/* of the request, borrowed */
	int			 count;
	uint64_t		 fingerprint;	/* of these, as they were at `loaded` */
	uint64_t		 loaded;	/* fiber_suspensions() then */
	/* Bytes of the request left: it may have been processed */
	bool			 sent;
	size_t			 sent_bytes;	/* the whole request's */
	bool			 ended;		/* the answer's last byte was read */
	/* Of the turns in which they came */
	nanos			 first_byte_at, last_byte_at;
};

void lane_init(struct lane *, struct fiber *, struct pool *);

/* ERR_UPSTREAM_NAME, _ADDRESS, _CONNECT, _TLS, _PROXY, _TIMEOUT.  May suspend. */
must_use enum err lane_open(struct lane *, const struct origin *, nanos deadline);

/*
 * Takes the request's head and body, which stay where they are, unchanged, until lane_send()
 * returns.  Returns their fingerprint under the pool's key, for the pass.
 */
uint64_t lane_load(struct lane *, struct iovec *piece, int count);

/*
 * Sends what was loaded.  The pass must be for this lane's origin and for these
 * very bytes: if the fiber has suspended since they were loaded, they are read
 * again, and must be what they were.  Gives up after `stall` without progress,
 * and at the deadline whatever the progress.  ERR_UPSTREAM_TIMEOUT.  May suspend.
 */
must_use enum err lane_send(struct lane *, const struct pass *, nanos stall, nanos deadline);

/*
 * Asks for the origin's own URL, which is all that is sent: nobody's content can leave by this, so
 * it needs no pass.  The lane must be open to that origin.  ERR_UPSTREAM_TIMEOUT.  May suspend.
 */
must_use enum err lane_get(struct lane *, const struct origin *, nanos deadline);

/*
 * What the gateway itself says to somebody: a signed head of the ledger, an alert of a budget.
 * Names, numbers, times and digests, never content, so it needs no pass.
 */
#define LANE_NOTE_BYTES	4096
struct lane_note {
	struct slice	type;		/* its Content-Type */
	struct slice	fields;		/* more of the head, each with its CRLF; or empty */
	struct slice	body;		/* at most LANE_NOTE_BYTES */
};

/* Sends it to the origin's own URL, by POST.  As lane_get(). */
must_use enum err lane_publish(struct lane *, const struct origin *, const struct lane_note *,
    nanos deadline);

/*
 * Reads the head of the final answer (1xx are passed over).  ERR_UPSTREAM_CLOSED, _MALFORMED,
 * _TIMEOUT.  May suspend.
 */
must_use enum err lane_head(struct lane *, bool to_head, nanos deadline);

/*
 * After ERR_UPSTREAM_CLOSED of lane_head(): was this request provably not
 * processed?  A kept connection may be closed by its other side just when it is
 * used again.  If not one byte of the request was acknowledged although the
 * other side's end has come, that end was said before the request arrived, and
 * nobody has read it (RFC 9110, 9.2.2; RFC 9112, 9.3.1).
 */
bool lane_is_unprocessed(const struct lane *);

/* The whole body, at most bytes_max.  ERR_UPSTREAM_TOO_LARGE and as lane_head.  May suspend. */
must_use enum err lane_whole(struct lane *, size_t bytes_max, nanos deadline, struct slice *body);

/* The next decoded bytes of the body, all that is there; empty at its end.  May suspend. */
must_use enum err lane_part(struct lane *, nanos deadline, struct slice *part);

/*
 * The same for who can use chunks as they are: waits until bytes are there, or the
 * body has ended (may suspend); those bytes, if they are at the beginning of a chunk,
 * or none; passes over some of them, which are whole chunks; and what is there
 * of the rest, decoded, perhaps nothing.
 */
must_use enum err lane_wait(struct lane *, nanos deadline);
struct slice lane_chunks(const struct lane *);
void lane_skip(struct lane *, size_t bytes);
must_use enum err lane_rest(struct lane *, struct slice *part);

/*
 * Ends: the connection goes back to the pool if the answer was read to its
 * end.  If a streamed answer's terminal event has come but not yet the end of
 * its framing, `linger` lets a fiber of its own wait a moment for it.
 */
void lane_close(struct lane *, bool linger);

#endif
