/* SPDX-License-Identifier: Apache-2.0 */
#include "http/lane.h"

#include "core/limit.h"
#include "core/text.h"
#include "run/fiber.h"
#include "run/memory.h"

/*
 * Where the input lies:
 *
 *   scratch   [ head | body … ]              read in one turn, used in that turn
 *   block     [ head | body …        ]       when an answer takes several reads
 *               from ─▶      ◀─ to
 *
 * The scratch belongs to whoever runs now.  So before the fiber suspends with
 * unread bytes in it, they move to a block; a lane that has used up all that
 * it read goes back to the scratch and holds no memory while it waits.
 */

static enum err fill(struct lane *, nanos deadline);

void
lane_init(struct lane *l, struct fiber *f, struct pool *pool)
{
	*l = (struct lane){ .fiber = f, .pool = pool, .in = pool->scratch };
}

static void
drop_block(struct lane *l)
{
	if (l->block != NULL)
		memory_give(l->pool->memory, l->block, l->block_bytes);
	l->block = NULL;
	l->block_bytes = 0;
	l->in = l->pool->scratch;
}

static enum err
say(enum err e)
{
	switch (e) {
	case ERR_OK:
	case ERR_CANCELLED:
	case ERR_MEMORY:
		return e;
	case ERR_DEADLINE:
		return ERR_UPSTREAM_TIMEOUT;
	default:
		return ERR_UPSTREAM_CLOSED;
	}
}

enum err
lane_open(struct lane *l, const struct origin *o, nanos deadline)
{
	must(l->upstream == NULL);
	return pool_take(l->fiber, l->pool, o, deadline, &l->upstream);
}

static enum err
send_all(struct lane *l, struct iovec *piece, int count, nanos stall, nanos deadline)
{
	struct sock *sock = &l->upstream->sock;
	nanos until = l->pool->loop->now + stall;
	size_t left = iovec_bytes(piece, count);

	while (left > 0) {
		size_t put;
		int used;
		enum err e = sock_try_write(sock, piece, count, &put);

		if (e != ERR_OK)
			return e;
		if (put == 0) {
			e = sock_wait_writable(l->fiber, sock, until < deadline ? until : deadline);
			if (e != ERR_OK)
				return e;
			continue;
		}
		used = iovec_advance(piece, count, put);
		piece += used;
		count -= used;
		left -= put;
		until = l->pool->loop->now + stall;
	}
	return ERR_OK;
}

static uint64_t
fingerprint_of(const struct lane *l)
{
	struct fingerprint f;

	fingerprint_init(&f, &l->pool->pass_key, l->pool->loop->wide);
	for (int i = 0; i < l->count; i++)
		fingerprint_add(&f, slice_of(l->piece[i].iov_base, l->piece[i].iov_len));
	return f.state;
}

uint64_t
lane_load(struct lane *l, struct iovec *piece, int count)
{
	l->piece = piece;
	l->count = count;
	l->fingerprint = fingerprint_of(l);
	l->loaded = fiber_suspensions(l->fiber);
	return l->fingerprint;
}

static struct iovec
piece_of(struct slice s)
{
	return (struct iovec){ (char *)(uintptr_t)s.ptr, s.len };
}

enum err
lane_get(struct lane *l, const struct origin *o, nanos deadline)
{
	struct iovec piece[] = {
		piece_of(S("GET ")),
		piece_of(o->url->path.len > 0 ? o->url->path : S("/")),
		piece_of(S(" HTTP/1.1\r\nHost: ")),
		piece_of(o->url->authority),
		piece_of(S("\r\nUser-Agent: trivium\r\nAccept: application/json\r\n\r\n")),
	};
	enum err e;

	must(l->upstream != NULL && l->upstream->id == o->id);
	l->sent = true;
	l->sent_bytes = iovec_bytes(piece, 5);
	e = send_all(l, piece, 5, deadline - l->pool->loop->now, deadline);
	return e == ERR_CLOSED || e == ERR_IO ? ERR_OK : say(e);
}

enum err
lane_publish(struct lane *l, const struct origin *o, const struct lane_note *note, nanos deadline)
{
	char room[24];
	struct text length;
	struct iovec piece[] = {
		piece_of(S("POST ")),
		piece_of(o->url->path.len > 0 ? o->url->path : S("/")),
		piece_of(S(" HTTP/1.1\r\nHost: ")),
		piece_of(o->url->authority),
		piece_of(S("\r\nUser-Agent: trivium\r\nContent-Type: ")),
		piece_of(note->type),
		piece_of(S("\r\n")),
		piece_of(note->fields),
		piece_of(S("Content-Length: ")),
		{ NULL, 0 },
		piece_of(S("\r\n\r\n")),
		piece_of(note->body),
	};
	const int count = sizeof piece / sizeof piece[0];
	enum err e;

	must(l->upstream != NULL && l->upstream->id == o->id && note->body.len <= LANE_NOTE_BYTES);
	text_init(&length, room, sizeof room);
	text_put_number(&length, note->body.len);
	piece[count - 3] = piece_of(text_slice(&length));
	l->sent = true;
	l->sent_bytes = iovec_bytes(piece, count);
	e = send_all(l, piece, count, deadline - l->pool->loop->now, deadline);
	return e == ERR_CLOSED || e == ERR_IO ? ERR_OK : say(e);
}

enum err
lane_send(struct lane *l, const struct pass *pass, nanos stall, nanos deadline)
{
	enum err e;

	/* The border: nothing leaves without a pass for this place and these very bytes. */
	if (l->loaded != fiber_suspensions(l->fiber))
		must(fingerprint_of(l) == l->fingerprint);
	must(pass_admits(pass, &l->pool->pass_key, l->upstream->id, l->fingerprint));
	l->sent = true;
	l->sent_bytes = iovec_bytes(l->piece, l->count);
	e = send_all(l, l->piece, l->count, stall, deadline);
	/* An upstream may answer and close before it has read everything: see what it says. */
	return e == ERR_CLOSED || e == ERR_IO ? ERR_OK : say(e);
}

bool
lane_is_unprocessed(const struct lane *l)
{
	ssize_t unacked;

	if (l->upstream == NULL || l->upstream->uses == 0 || l->first_byte_at != 0)
		return false;
	unacked = kernel_unacked(l->upstream->sock.fd);
	return unacked > 0 && (size_t)unacked >= l->sent_bytes;
}

/*
 * Room for `want` bytes behind `from` in a block of the lane's own, with the unread bytes moved
 * there.
 */
static enum err
keep(struct lane *l, size_t want)
{
	size_t unread = l->to - l->from, got;
	char *block;

	if (l->block != NULL && l->block_bytes - l->from >= want)
		return ERR_OK;
	block = memory_take(l->pool->memory, want, &got);
	if (block == NULL)
		return ERR_MEMORY;
	memcpy(block, l->in + l->from, unread);
	drop_block(l);
	l->in = l->block = block;
	l->block_bytes = got;
	l->from = 0;
	l->to = unread;
	return ERR_OK;
}

/* Reads more behind `to`; suspends if nothing is there, with the unread bytes safe. */
static enum err
fill(struct lane *l, nanos deadline)
{
	struct sock *sock = &l->upstream->sock;

	for (;;) {
		size_t room = (l->block != NULL ? l->block_bytes : READ_BYTES) - l->to, got = 0;
		enum err e = ERR_OK;

		if (room == 0) {
			if ((e = keep(l, (l->to - l->from) * 2 + CLIENT_BUFFER_BYTES)) != ERR_OK)
				return e;
			continue;
		}
		if (!sock_is_greedy(sock))
			e = sock_peek_read(sock, (struct iovec){ l->in + l->to, room }, &got);
		if (e != ERR_OK)
			return e;
		if (got > 0) {
			l->to += got;
			l->last_byte_at = l->pool->loop->now;
			return ERR_OK;
		}
		if (l->from == l->to) {
			drop_block(l);
			l->from = l->to = 0;
		} else if (l->block == NULL &&
		    (e = keep(l, (l->to - l->from) * 2 + CLIENT_BUFFER_BYTES)) != ERR_OK) {
			return e;
		}
		if ((e = sock_wait_readable(l->fiber, sock, deadline)) != ERR_OK)
			return e;
	}
}

static void
begin_body(struct lane *l)
{
	l->left = l->head.framing == FRAMING_LENGTH ? l->head.content_length : 0;
	l->ended = l->head.framing == FRAMING_NONE;
	chunk_init(&l->chunk);
}

enum err
lane_head(struct lane *l, bool to_head, nanos deadline)
{
	size_t scanned = 0, length, passed = 0;
	enum err e;

	for (;;) {
		struct slice have = slice_of(l->in + l->from, l->to - l->from);

		length = http1_end(have, &scanned);
		if (length > HEAD_BYTES_MAX || (length == 0 && have.len > HEAD_BYTES_MAX))
			return ERR_UPSTREAM_MALFORMED;
		if (length == 0) {
			bool first = have.len == 0 && l->first_byte_at == 0;

			if ((e = fill(l, deadline)) != ERR_OK)
				return say(e);
			if (first)
				l->first_byte_at = l->pool->loop->now;
			continue;
		}
		e = http1_response(slice_of(have.ptr, length), to_head, &l->head);
		if (e != ERR_OK)
			return e;
		l->from += length;
		scanned = 0;
		if (l->head.status >= 200)
			break;
		passed += length;
		/*
		 * 101 would change the protocol, which was not asked for; and some 1xx are said
		 * before an answer, but not instead of it.
		 */
		if (l->head.status == 101 || passed > HEAD_BYTES_MAX)
			return ERR_UPSTREAM_MALFORMED;
	}
	begin_body(l);
	return ERR_OK;
}

/*
 * Takes payload from the unread bytes, moved together in place.  The end of a
 * body that only the connection's end shows is found by the caller.
 */
static enum err
decode(struct lane *l, struct slice *part)
{
	size_t bytes = l->to - l->from;
	char *start = l->in + l->from;

	if (l->head.framing == FRAMING_CHUNKED) {
		l->from += chunk_join(&l->chunk, start, bytes, &bytes);
		if (chunk_is_bad(&l->chunk))
			return ERR_UPSTREAM_MALFORMED;
		l->ended = chunk_is_done(&l->chunk);
		*part = slice_of(start, bytes);
		return ERR_OK;
	}
	if (l->head.framing == FRAMING_LENGTH) {
		if (bytes > l->left)
			bytes = l->left;
		l->left -= bytes;
		l->ended = l->left == 0;
	}
	l->from += bytes;
	*part = slice_of(start, bytes);
	return ERR_OK;
}

enum err
lane_wait(struct lane *l, nanos deadline)
{
	while (!l->ended && l->from == l->to) {
		enum err e;

		l->from = l->to = 0;
		e = fill(l, deadline);
		if (e == ERR_CLOSED && l->head.framing == FRAMING_CLOSE)
			l->ended = true;
		else if (e != ERR_OK)
			return say(e);
	}
	return ERR_OK;
}

struct slice
lane_chunks(const struct lane *l)
{
	if (l->ended || l->head.framing != FRAMING_CHUNKED || !chunk_is_between(&l->chunk))
		return slice_of(NULL, 0);
	return slice_of(l->in + l->from, l->to - l->from);
}

void
lane_skip(struct lane *l, size_t bytes)
{
	must(bytes <= l->to - l->from);
	l->from += bytes;
}

enum err
lane_rest(struct lane *l, struct slice *part)
{
	*part = slice_of(NULL, 0);
	if (l->from == l->to)
		return ERR_OK;
	/* Bytes behind the end of the answer: nobody asked for them. */
	return l->ended ? ERR_UPSTREAM_MALFORMED : decode(l, part);
}

enum err
lane_part(struct lane *l, nanos deadline, struct slice *part)
{
	enum err e;

	do {
		if ((e = lane_wait(l, deadline)) != ERR_OK ||
		    (e = lane_rest(l, part)) != ERR_OK)
			return e;
	} while (part->len == 0 && !(l->ended && l->from == l->to));
	return ERR_OK;
}

/*
 * A whole body is put together at the front of the buffer: [start, start+have)
 * is payload, [from, to) is not yet decoded and moves down with each read.
 */
enum err
lane_whole(struct lane *l, size_t bytes_max, nanos deadline, struct slice *body)
{
	size_t start = l->from, have = 0;
	enum err e;

	if (l->head.framing == FRAMING_LENGTH && l->left > bytes_max)
		return ERR_UPSTREAM_TOO_LARGE;
	for (;;) {
		struct slice part = { NULL, 0 };

		if (l->from < l->to && !l->ended && (e = decode(l, &part)) != ERR_OK)
			return e;
		if (part.len > bytes_max - have)
			return ERR_UPSTREAM_TOO_LARGE;
		if (part.len > 0 && part.ptr != l->in + start + have)
			memmove(l->in + start + have, part.ptr, part.len);
		have += part.len;
		if (l->ended)
			break;
		/* Everything read so far is used up; keep only the payload, and read behind it. */
		l->from = start;
		l->to = start + have;
		if (l->head.framing == FRAMING_LENGTH && l->block == NULL &&
		    (e = keep(l, have + (l->left < READ_BYTES ? l->left : READ_BYTES))) != ERR_OK)
			return e;
		e = fill(l, deadline);
		start = l->from;
		l->from = start + have;
		if (e == ERR_CLOSED && l->head.framing == FRAMING_CLOSE) {
			l->ended = true;
			break;
		}
		if (e != ERR_OK)
			return say(e);
	}
	if (l->from < l->to)
		l->head.keep_alive = false;
	*body = slice_of(l->in + start, have);
	return ERR_OK;
}

static bool
is_reusable(const struct lane *l)
{
	return l->ended && l->head.keep_alive && l->from == l->to &&
	    l->head.framing != FRAMING_CLOSE;
}

static void
linger_main(struct fiber *f, void *arg)
{
	struct lane *l = arg;
	nanos deadline = l->pool->loop->now + LINGER_WAIT_MS * NANOS_PER_MS;
	struct slice part = { NULL, 0 };

	l->fiber = f;
	/* Only the end of the framing may come now; payload would be somebody's words unsaid. */
	if (lane_part(l, deadline, &part) != ERR_OK || part.len > 0)
		l->ended = false;
	lane_close(l, false);
	memory_give(l->pool->memory, l, l->own_bytes);
}

static bool
start_linger(struct lane *l)
{
	struct lane *own;
	size_t room;

	if (l->ended || !l->head.keep_alive || l->head.framing != FRAMING_CHUNKED ||
	    l->from < l->to || l->upstream->sock.broken)
		return false;
	own = memory_take(l->pool->memory, sizeof *own, &room);
	if (own == NULL)
		return false;
	drop_block(l);
	*own = *l;
	own->from = own->to = 0;
	own->own_bytes = room;
	if (fiber_start(l->pool->loop, "linger", linger_main, own) != ERR_OK) {
		memory_give(l->pool->memory, own, room);
		return false;
	}
	return true;
}

void
lane_close(struct lane *l, bool linger)
{
	if (l->upstream == NULL)
		return;
	if (is_reusable(l))
		pool_give(l->upstream);
	else if (!linger || !start_linger(l))
		upstream_close(l->upstream);
	l->upstream = NULL;
	drop_block(l);
}
