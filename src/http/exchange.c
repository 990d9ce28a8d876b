/* SPDX-License-Identifier: Apache-2.0 */
#include "http/exchange.h"

#include "core/limit.h"
#include "core/text.h"
#include "http/client.h"
#include "run/fiber.h"

static enum err read_counted(struct exchange *, size_t);
static enum err read_chunked(struct exchange *, size_t);

/* The bytes of one body read so far, in a block that grows with what has really come. */
static bool
grow_block(struct exchange *x, size_t used, size_t want)
{
	size_t bytes = x->body_block_bytes * 2, got;
	char *block;

	if (x->body_block_bytes >= want)
		return true;
	if (bytes < CLIENT_BUFFER_BYTES * 2)
		bytes = CLIENT_BUFFER_BYTES * 2;
	block = memory_take(x->server->memory, bytes < want ? bytes : want, &got);
	if (block == NULL)
		return false;
	if (x->body_block != NULL) {
		memcpy(block, x->body_block, used);
		memory_give(x->server->memory, x->body_block, x->body_block_bytes);
	}
	x->body_block = block;
	x->body_block_bytes = got;
	return true;
}

/* A body may be silent for a while, and slow, but not both for ever. */
static nanos
body_deadline(const struct exchange *x, size_t received)
{
	nanos silence = x->server->loop->now + BODY_WAIT_MS * NANOS_PER_MS;
	nanos pace = x->began + BODY_WAIT_MS * NANOS_PER_MS +
	    (nanos)(received / BODY_RATE_MIN) * NANOS_PER_S;

	return silence < pace ? silence : pace;
}

enum err
exchange_read_body(struct exchange *x, uint64_t bytes_max)
{
	enum err e = ERR_OK;

	if (x->body_read)
		return ERR_OK;
	if (x->head.framing == FRAMING_LENGTH && x->head.content_length > bytes_max)
		return ERR_TOO_LARGE;
	if (x->head.expects && x->client->from == x->client->to) {
		struct iovec go = { (char *)(uintptr_t)"HTTP/1.1 100 Continue\r\n\r\n", 25 };

		if ((e = client_write(x->client, &go, 1)) != ERR_OK)
			return e;
	}
	if (x->head.framing == FRAMING_LENGTH)
		e = read_counted(x, x->head.content_length);
	else if (x->head.framing == FRAMING_CHUNKED)
		e = read_chunked(x, bytes_max);
	if (e == ERR_OK)
		x->body_read = true;
	return e;
}

static enum err
read_counted(struct exchange *x, size_t length)
{
	struct client *c = x->client;
	size_t have = c->to - c->from;
	enum err e;

	if (length <= c->in_bytes - c->from) {
		while (c->to - c->from < length)
			if ((e = client_fill(c, body_deadline(x, c->to - c->from))) != ERR_OK)
				return e;
		x->body = slice_of(c->in + c->from, length);
		c->from += length;
		return ERR_OK;
	}
	if (!grow_block(x, 0, length))
		return ERR_MEMORY;
	memcpy(x->body_block, c->in + c->from, have);
	c->from = c->to;
	while (have < length) {
		struct iovec room;
		size_t got, end;

		if (have == x->body_block_bytes && !grow_block(x, have, length))
			return ERR_MEMORY;
		end = x->body_block_bytes < length ? x->body_block_bytes : length;
		room = (struct iovec){ x->body_block + have, end - have };
		if ((e = client_read(c, room, body_deadline(x, have), &got)) != ERR_OK)
			return e;
		have += got;
	}
	x->body = slice_of(x->body_block, length);
	return ERR_OK;
}

/* Decodes what is in the input buffer behind the bytes that are already in the block. */
static enum err
take_chunks(struct exchange *x, struct chunk *chunk, size_t *have, size_t bytes_max)
{
	struct client *c = x->client;

	while (c->from < c->to && !chunk_is_done(chunk)) {
		struct slice piece;

		c->from += chunk_feed(chunk, slice_of(c->in + c->from, c->to - c->from), &piece);
		if (chunk_is_bad(chunk))
			return ERR_MALFORMED_REQUEST;
		if (piece.len > bytes_max - *have)
			return ERR_TOO_LARGE;
		if (piece.len == 0)
			continue;
		while (x->body_block_bytes < *have + piece.len)
			if (!grow_block(x, *have, bytes_max + CLIENT_BUFFER_BYTES))
				return ERR_MEMORY;
		memcpy(x->body_block + *have, piece.ptr, piece.len);
		*have += piece.len;
	}
	return ERR_OK;
}

static enum err
read_chunked(struct exchange *x, size_t bytes_max)
{
	struct client *c = x->client;
	size_t head_end = c->from, have = 0;
	struct chunk chunk;
	enum err e;

	chunk_init(&chunk);
	for (;;) {
		if ((e = take_chunks(x, &chunk, &have, bytes_max)) != ERR_OK)
			return e;
		if (chunk_is_done(&chunk))
			break;
		/* The head stays; the room behind it is used again and again. */
		c->from = c->to = head_end;
		/* One byte at a time would cost a system call for each. */
		if (c->in_bytes - c->to < CHUNK_ROOM_MIN)
			return ERR_HEAD_TOO_LARGE;
		if ((e = client_fill(c, body_deadline(x, have))) != ERR_OK)
			return e;
	}
	x->body = slice_of(x->body_block, have);
	return ERR_OK;
}

enum err
client_write(struct client *c, struct iovec *piece, int count)
{
	struct memory_pool *memory = c->server->memory;
	size_t all = iovec_bytes(piece, count), put, left, room, at = 0;
	enum err e;

	e = sock_try_write(&c->sock, piece, count, &put);
	if (e != ERR_OK)
		return ERR_CLIENT_GONE;
	if (put == all)
		return ERR_OK;
	left = all - put;

	char *kept = memory_take(memory, left, &room);

	if (kept == NULL)
		return ERR_CLIENT_GONE;
	for (int i = iovec_advance(piece, count, put); i < count; i++) {
		/* An empty piece may be nowhere. */
		if (piece[i].iov_len > 0)
			memcpy(kept + at, piece[i].iov_base, piece[i].iov_len);
		at += piece[i].iov_len;
	}
	e = sock_write(c->fiber, &c->sock, &(struct iovec){ kept, left }, 1,
	    CLIENT_STALL_MS * NANOS_PER_MS);
	memory_give(memory, kept, room);
	return e == ERR_OK ? ERR_OK : ERR_CLIENT_GONE;
}

static enum err
write_out(struct exchange *x, struct iovec *piece, int count)
{
	size_t bytes = iovec_bytes(piece, count);
	enum err e = client_write(x->client, piece, count);

	if (e != ERR_OK)
		x->close = x->cut = true;
	else
		x->sent_bytes += bytes;
	return e;
}

static void
put_date(struct server *s, struct text *t)
{
	nanos second = s->loop->now / NANOS_PER_S;

	if (second != s->date_second) {
		struct text date;

		text_init(&date, s->date, sizeof s->date);
		text_put(&date, S("Date: "));
		text_put_date(&date, kernel_wall());
		text_put(&date, S("\r\n"));
		s->date_bytes = date.len;
		s->date_second = second;
	}
	text_put(t, slice_of(s->date, s->date_bytes));
}

/* Status line and the fields that belong to the connection. */
static void
put_head(struct exchange *x, struct text *t, int status)
{
	text_put(t, S("HTTP/1.1 "));
	text_put_number(t, (uint64_t)status);
	text_put_char(t, ' ');
	text_put(t, http1_reason(status));
	text_put(t, S("\r\n"));
	put_date(x->server, t);
	if (x->server->draining)
		x->close = true;
	if (x->close)
		text_put(t, S("Connection: close\r\n"));
	else if (x->head.minor == 0)
		text_put(t, S("Connection: keep-alive\r\n"));
	x->status = status;
}

static struct iovec
iovec_of(struct slice s)
{
	return (struct iovec){ (char *)(uintptr_t)s.ptr, s.len };
}

enum err
exchange_reply(struct exchange *x, int status, struct slice fields, struct slice body)
{
	struct text head;
	struct iovec piece[4];
	int count = 3;

	must(x->status == 0);
	/* What of the request was not read cannot be skipped: the connection ends. */
	if (!x->body_read && x->head.framing != FRAMING_NONE)
		x->close = true;
	text_init(&head, x->server->head_room, sizeof x->server->head_room);
	put_head(x, &head, status);
	text_put(&head, S("Content-Length: "));
	text_put_number(&head, body.len);
	text_put(&head, S("\r\n"));
	must(!text_overflowed(&head));
	piece[0] = iovec_of(text_slice(&head));
	piece[1] = iovec_of(fields);
	piece[2] = iovec_of(S("\r\n"));
	if (!x->to_head && body.len > 0)
		piece[count++] = iovec_of(body);
	x->ended = true;
	return write_out(x, piece, count);
}

/*
 * Puts a part behind what is already in `out`: its chunks, its own chunk's size, its pieces, and
 * the end of the chunk or of the answer.  Where the answer ends with the
 * connection, the pieces alone.  `size` must stay until they are written.
 */
static int
lay_part(struct exchange *x, const struct exchange_part *part, struct text *size, struct iovec *out)
{
	size_t bytes = 0;
	int count = 2;

	must(part->count <= EXCHANGE_PIECES);
	must(x->chunked || part->chunks.len == 0);
	x->ended = part->last;
	if (x->to_head)
		return 0;
	for (int i = 0; i < part->count; i++) {
		bytes += part->piece[i].len;
		out[count++] = iovec_of(part->piece[i]);
	}
	out[0] = iovec_of(part->chunks);
	if (!x->chunked) {
		out[1] = iovec_of(S(""));
		return count;
	}
	if (bytes > 0) {
		text_put_hex(size, bytes);
		text_put(size, S("\r\n"));
		out[count++] = iovec_of(part->last ? S("\r\n0\r\n\r\n") : S("\r\n"));
	} else if (part->last) {
		text_put(size, S("0\r\n\r\n"));
	}
	out[1] = iovec_of(text_slice(size));
	return count;
}

enum err
exchange_open(struct exchange *x, int status, struct slice fields, const struct exchange_part *part)
{
	struct iovec piece[EXCHANGE_PIECES + 6];
	char size_room[24];
	struct text head, size;

	must(x->status == 0);
	x->chunked = x->head.minor > 0;
	if (!x->chunked)
		x->close = true;
	text_init(&head, x->server->head_room, sizeof x->server->head_room);
	put_head(x, &head, status);
	if (x->chunked)
		text_put(&head, S("Transfer-Encoding: chunked\r\n"));
	must(!text_overflowed(&head));
	x->begun = true;
	text_init(&size, size_room, sizeof size_room);
	piece[0] = iovec_of(text_slice(&head));
	piece[1] = iovec_of(fields);
	piece[2] = iovec_of(S("\r\n"));
	return write_out(x, piece, 3 + lay_part(x, part, &size, piece + 3));
}

enum err
exchange_part(struct exchange *x, const struct exchange_part *part)
{
	struct iovec piece[EXCHANGE_PIECES + 3];
	char size_room[24];
	struct text size;
	int count;

	must(x->begun && !x->ended);
	text_init(&size, size_room, sizeof size_room);
	count = lay_part(x, part, &size, piece);
	return iovec_bytes(piece, count) > 0 ? write_out(x, piece, count) : ERR_OK;
}

enum err
exchange_begin(struct exchange *x, int status, struct slice fields, struct slice first)
{
	struct exchange_part part = { .piece = &first, .count = 1 };

	return exchange_open(x, status, fields, &part);
}

enum err
exchange_send(struct exchange *x, const struct slice *piece, int count)
{
	return exchange_part(x, &(struct exchange_part){ .piece = piece, .count = count });
}

enum err
exchange_end(struct exchange *x)
{
	return exchange_part(x, &(struct exchange_part){ .last = true });
}

void
exchange_release_input(struct exchange *x)
{
	struct client *c = x->client;
	size_t left = c->to - c->from, room;
	char *kept = NULL;

	x->body = slice_of(NULL, 0);
	memset(x->head.field, 0, sizeof x->head.field);
	x->head.method = slice_of(NULL, 0);
	x->head.target = slice_of(NULL, 0);
	if (x->body_block != NULL) {
		memory_give(x->server->memory, x->body_block, x->body_block_bytes);
		x->body_block = NULL;
	}
	if (c->in == NULL)
		return;
	if (left > 0) {
		kept = memory_take(x->server->memory, left, &room);
		if (kept == NULL)
			return;
		memcpy(kept, c->in + c->from, left);
	}
	client_give_input(c);
	c->in = kept;
	c->in_bytes = kept != NULL ? room : 0;
	c->from = 0;
	c->to = left;
}

void
exchange_finish(struct exchange *x)
{
	if (!x->body_read && x->head.framing != FRAMING_NONE)
		x->close = true;
	if (x->body_block != NULL)
		memory_give(x->server->memory, x->body_block, x->body_block_bytes);
	x->body_block = NULL;
}

bool
exchange_is_gone(const struct exchange *x)
{
	const struct sock *s = &x->client->sock;

	return x->cut || s->broken || (s->ready & READY_HANGUP) != 0;
}

const struct address *
exchange_peer(const struct exchange *x)
{
	return &x->client->peer;
}

struct slice
exchange_peer_name(const struct exchange *x)
{
	return slice_of(x->client->name, x->client->name_bytes);
}
