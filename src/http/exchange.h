/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HTTP_EXCHANGE_H
#define HTTP_EXCHANGE_H

/*
 * exchange - one request on a client's connection, and its answer.
 *
 * The server owns it for as long as serve() runs.  The head's slices and the
 * body lie in the connection's buffer and are valid until
 * exchange_release_input() or the end.  An answer is either whole
 * (exchange_reply) or streamed (begin, send…, end); fields are given as text
 * lines "Name: value\r\n", framing, Date and Connection are added here.  Bytes
 * given to reply and send may be volatile: what the client does not take at
 * once is copied before the fiber suspends.
 */

#include "core/err.h"
#include "core/must.h"
#include "core/unit.h"
#include "run/net.h"
#include "wire/chunk.h"
#include "wire/http1.h"

struct client;
struct fiber;
struct server;

struct exchange {
	struct fiber		*fiber;
	struct server		*server;
	struct client		*client;
	struct http1_head	 head;
	struct slice		 body;		/* after exchange_read_body() */
	nanos			 began;		/* when its first byte was there */
	int			 status;	/* of the answer that was begun; 0: none yet */
	bool			 to_head;	/* the request is HEAD: the answer has no body */
	bool			 body_read;
	bool			 begun;		/* a streamed answer is open */
	bool			 ended;		/* the answer is whole */
	bool			 chunked;
	bool			 close;		/* the connection ends with this answer */
	bool			 cut;		/* a write failed: nothing can be said any more */
	uint64_t		 sent_bytes;	/* of the answer, heads and framing included */
	char			*body_block;	/* a body that did not fit the buffer */
	size_t			 body_block_bytes;
};

/*
 * Reads the whole body into x->body, answering Expect: 100-continue first.
 * ERR_TOO_LARGE, ERR_REQUEST_TIMEOUT, ERR_MALFORMED_REQUEST, ERR_CLIENT_GONE,
 * ERR_OVERLOADED, ERR_MEMORY.  May suspend.
 */
must_use enum err exchange_read_body(struct exchange *, uint64_t bytes_max);

/* A whole answer.  ERR_CLIENT_GONE.  May suspend. */
must_use enum err exchange_reply(struct exchange *, int status, struct slice fields,
    struct slice body);

/*
 * What is sent at once: at most EXCHANGE_PIECES pieces, as one chunk; with `last` the answer
 * ends.
 */
#define EXCHANGE_PIECES	16

struct exchange_part {
	const struct slice	*piece;
	int			 count;
	bool			 last;
	/* Whole chunks that go before, as they are; only to who takes chunks (HTTP/1.1) */
	struct slice		 chunks;
};

/*
 * Opens a streamed answer with its first part, so that head and first event
 * leave together.  ERR_CLIENT_GONE.  May suspend.
 */
must_use enum err exchange_open(struct exchange *, int status, struct slice fields,
    const struct exchange_part *);

/* The next part.  ERR_CLIENT_GONE.  May suspend. */
must_use enum err exchange_part(struct exchange *, const struct exchange_part *);

/*
 * The same in simple words: one piece to begin with, pieces, the end.  ERR_CLIENT_GONE.  May
 * suspend.
 */
must_use enum err exchange_begin(struct exchange *, int status, struct slice fields,
    struct slice first);
must_use enum err exchange_send(struct exchange *, const struct slice *piece, int count);
must_use enum err exchange_end(struct exchange *);

/*
 * Gives the input buffer back: head and body are gone, bytes of a next request
 * are kept.  For long answers, so that an open stream holds little.
 */
void exchange_release_input(struct exchange *);

/* The server's last word on it: gives its memory back. */
void exchange_finish(struct exchange *);

/* True if the client hung up, or what it was being told broke off. */
bool exchange_is_gone(const struct exchange *);

/* The client's address, and the same as text without its port. */
const struct address *exchange_peer(const struct exchange *);
struct slice exchange_peer_name(const struct exchange *);

#endif
