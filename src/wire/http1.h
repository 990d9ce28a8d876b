/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WIRE_HTTP1_H
#define WIRE_HTTP1_H

/*
 * http1 - the head of an HTTP/1.1 message, strictly (RFC 9112).
 *
 * http1_end() finds where a head ends; http1_request() and http1_response()
 * read a whole one.  Both sides are equally strict, for upstreams are as hostile
 * as clients: CRLF only, token names, no control bytes in values, exactly one
 * Host, one Content-Length of digits or exactly `chunked`, never both.  What a
 * server must answer to a violation is the error's row; after any of them the
 * connection is closed.  All slices borrow from the bytes.  No I/O, no state.
 */

#include "core/err.h"
#include "core/must.h"
#include "core/slice.h"

enum header {
#define HEADER(name, field, times)	HEADER_##name,
#include "wire/header.tbl"
#undef HEADER
	HEADER_COUNT,
};

/* How the end of the body is known (RFC 9112, section 6.3). */
enum framing {
	FRAMING_NONE,			/* no body */
	FRAMING_LENGTH,			/* head.content_length bytes, more than 0 */
	FRAMING_CHUNKED,
	FRAMING_CLOSE,			/* responses only: until the connection closes */
};

struct http1_head {
	struct slice	method;		/* requests */
	struct slice	target;		/* requests: as sent */
	int		status;		/* responses */
	int		minor;		/* HTTP/1.minor */
	enum framing	framing;
	uint64_t	content_length;	/* FRAMING_LENGTH; of HEAD and 304 what they say, else 0 */
	bool		keep_alive;	/* the sender takes another message after it */
	bool		expects;	/* Expect: 100-continue, and a body that waits for it */
	uint32_t	field_count;
	struct slice	raw;		/* the whole head */
	struct slice	field[HEADER_COUNT];	/* values, trimmed; absent: ptr is NULL */
};

/*
 * The length of the head at the front of s, its empty line included, or 0 when
 * it is not complete.  *scanned (0 at first) remembers how far was looked, so
 * that feeding byte by byte stays linear; it is 0 again when an end is found.
 * A head whose lines end in a bare LF ends too, so that it can be refused.
 */
size_t http1_end(struct slice s, size_t *scanned);

/*
 * Reads a request head (exactly the bytes that http1_end() measured; empty
 * lines before the request line are not skipped here, see http1_skip()).
 * ERR_MALFORMED_REQUEST, _HEAD_TOO_LARGE, _TARGET_TOO_LONG, _HTTP_VERSION,
 * _CODING_UNKNOWN, _EXPECTATION.  The target must be origin-form ("/…", also of
 * an absolute-form whose authority equals Host, which is cut down to it) or "*".
 */
must_use enum err http1_request(struct slice head, struct http1_head *out);

/*
 * Reads a response head; `to_head` says that the request was HEAD.  Statuses
 * 1xx, 204 and 304 have no body.  ERR_UPSTREAM_MALFORMED.
 */
must_use enum err http1_response(struct slice head, bool to_head, struct http1_head *out);

/*
 * The value of any field of a head that was read, trimmed; absent where there is none or more
 * than one: a rule that looks at a field must not be led by a second one.
 */
struct slice http1_field(const struct http1_head *, struct slice name);

/* The bytes of an empty line (CRLF) before a request, at most one line's (RFC 9112, 2.2). */
size_t http1_skip(struct slice s);

/* The reason phrase of a status, or "Unknown". */
struct slice http1_reason(int status);

/* True if s is a token (RFC 9110, 5.6.2) / a field value without control bytes. */
bool http1_is_token(struct slice s);
bool http1_is_value(struct slice s);

#endif
