/* SPDX-License-Identifier: Apache-2.0 */
#include "fake/mouth.h"

#include "core/limit.h"
#include "core/text.h"
#include "http/client.h"
#include "run/fiber.h"

/* The event with a mistake in its chunk: not the first, so that a stream has begun. */
#define BAD_EVENT	3

/* One chunk of a whole answer. */
#define CHUNK_BYTES	10000

static uint64_t
next_word(struct mouth *m)
{
	m->random = m->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return m->random >> 24;
}

void
mouth_init(struct mouth *m, struct exchange *x, struct arena *arena, const struct behaviour *b)
{
	m->x = x;
	m->arena = arena;
	m->behaviour = b;
	m->rough = !script_is_smooth(b);
	m->due = x->server->loop->now;
	if (b->close)
		x->close = true;
}

static enum err
sleep_until(struct mouth *m, nanos until)
{
	if (until <= m->x->server->loop->now)
		return ERR_OK;
	return fiber_sleep(m->x->fiber, until) == ERR_OK ? ERR_OK : ERR_CLIENT_GONE;
}

enum err
mouth_wait_first(struct mouth *m)
{
	if (m->behaviour->first.count == 0)
		return ERR_OK;
	m->due += pace_draw(&m->behaviour->first, next_word(m));
	return sleep_until(m, m->due);
}

enum err
mouth_wait_token(struct mouth *m)
{
	if (m->behaviour->token.count == 0)
		return ERR_OK;
	m->due += pace_draw(&m->behaviour->token, next_word(m));
	return sleep_until(m, m->due);
}

/* Leaves the answer as it is; the server closes what is not at its end. */
static enum err
give_up(struct mouth *m, bool reset)
{
	m->x->close = true;
	m->x->ended = false;
	if (reset)
		kernel_reset_on_close(m->x->client->sock.fd);
	return ERR_CLOSED;
}

/* What the script wants at this place of the answer. */
static enum err
fault_at(struct mouth *m, uint64_t place)
{
	const struct behaviour *b = m->behaviour;
	nanos now = m->x->server->loop->now;

	if (b->fault == FAULT_NONE || b->fault_at != place)
		return ERR_OK;
	if (b->fault != FAULT_STALL)
		return give_up(m, b->fault == FAULT_RESET);
	m->due = b->fault_for == NANOS_NEVER ? NANOS_NEVER : now + b->fault_for;
	return sleep_until(m, m->due);
}

/* Writes bytes of a rough answer: in pieces, with pauses, up to the cut. */
static enum err
write_rough(struct mouth *m, struct slice s)
{
	const struct behaviour *b = m->behaviour;
	enum err e;

	for (size_t at = 0; at < s.len;) {
		uint64_t most = b->piece_bytes > 0 ? b->piece_bytes : s.len;
		struct iovec piece = { .iov_base = (char *)(uintptr_t)s.ptr + at };

		if (b->piece_random)
			most = 1 + next_word(m) % most;
		if (b->cut_bytes > 0 && most > b->cut_bytes - m->written)
			most = b->cut_bytes - m->written;
		piece.iov_len = most < s.len - at ? most : s.len - at;
		at += piece.iov_len;
		m->written += piece.iov_len;
		m->x->sent_bytes += piece.iov_len;
		e = sock_write(m->x->fiber, &m->x->client->sock, &piece, 1,
		    CLIENT_STALL_MS * NANOS_PER_MS);
		if (e != ERR_OK)
			return ERR_CLIENT_GONE;
		if (m->written == b->cut_bytes)
			return give_up(m, false);
		e = sleep_until(m,
		    m->x->server->loop->now + pace_draw(&b->piece_wait, next_word(m)));
		if (e != ERR_OK)
			return e;
	}
	return ERR_OK;
}

enum err
mouth_raw(struct mouth *m, struct slice bytes)
{
	enum err e = fault_at(m, FAULT_BEFORE_HEAD);

	if (e == ERR_OK)
		e = write_rough(m, bytes);
	m->x->ended = e == ERR_OK;
	return e;
}

/* ---- rough heads ---- */

static void
put_bad_fields(struct text *t, enum malformed malformed)
{
	switch (malformed) {
	case MALFORMED_HEAD_NAME:
		text_put(t, S("X Spaced: yes\r\n"));
		break;
	case MALFORMED_HEAD_CONTROL:
		text_put(t, S("X-Control: a\001b\r\n"));
		break;
	case MALFORMED_HEAD_HUGE:
		text_put(t, S("X-Huge: "));
		for (int i = 0; i < 10000; i++)
			text_put(t, S("0123456789"));
		text_put(t, S("\r\n"));
		break;
	case MALFORMED_HEAD_MANY:
		for (uint64_t i = 0; i < 1000; i++) {
			text_put(t, S("X-Many-"));
			text_put_number(t, i);
			text_put(t, S(": yes\r\n"));
		}
		break;
	default:
		break;
	}
}

static void
put_length(struct text *t, uint64_t length)
{
	text_put(t, S("Content-Length: "));
	text_put_number(t, length);
	text_put(t, S("\r\n"));
}

/* Says how the body ends; `length` is UINT64_MAX for a stream. */
static void
put_framing(struct mouth *m, struct text *t, uint64_t length)
{
	uint64_t say = length == UINT64_MAX ? 100 : length;

	switch (m->behaviour->malformed) {
	case MALFORMED_TWO_LENGTHS:
		put_length(t, say);
		put_length(t, say + 1);
		return;
	case MALFORMED_LENGTH_SHORT:
		put_length(t, say / 2);
		return;
	case MALFORMED_LENGTH_LONG:
		put_length(t, say + 1000000);
		return;
	case MALFORMED_LENGTH_AND_CHUNKED:
		put_length(t, say);
		break;
	case MALFORMED_CHUNK_SIZE:
	case MALFORMED_CHUNK_END:
	case MALFORMED_CHUNK_HUGE:
	case MALFORMED_NO_LAST_CHUNK:
		break;
	default:
		if (length == UINT64_MAX)
			break;
		put_length(t, length);
		return;
	}
	m->chunked = true;
	text_put(t, S("Transfer-Encoding: chunked\r\n"));
}

/* Takes each CR out of t. */
static void
without_cr(struct text *t)
{
	size_t n = 0;

	for (size_t i = 0; i < t->len; i++) {
		if (t->ptr[i] != '\r')
			t->ptr[n++] = t->ptr[i];
	}
	t->len = n;
}

static enum err
rough_head(struct mouth *m, int status, struct slice fields, uint64_t length)
{
	enum malformed malformed = m->behaviour->malformed;
	size_t bytes = 1024 + fields.len + (malformed == MALFORMED_HEAD_HUGE ||
	    malformed == MALFORMED_HEAD_MANY ? 110000 : 0);
	char *room = arena_bytes(m->arena, bytes);
	struct text t;

	if (room == NULL)
		return give_up(m, false);
	text_init(&t, room, bytes);
	text_put(&t, S("HTTP/1.1 "));
	text_put_number(&t, (uint64_t)status);
	text_put(&t, malformed == MALFORMED_STATUS_LINE ? S("x ") : S(" "));
	text_put(&t, http1_reason(status));
	text_put(&t, S("\r\n"));
	text_put(&t, fields);
	put_bad_fields(&t, malformed);
	put_framing(m, &t, length);
	if (m->x->close)
		text_put(&t, S("Connection: close\r\n"));
	text_put(&t, S("\r\n"));
	if (malformed == MALFORMED_HEAD_LF)
		without_cr(&t);
	m->x->status = status;
	return text_overflowed(&t) ? give_up(m, false) : write_rough(m, text_slice(&t));
}

/* ---- whole answers ---- */

static enum err
rough_reply(struct mouth *m, int status, struct slice fields, struct slice body)
{
	enum err e = rough_head(m, status, fields, body.len);

	if (e == ERR_OK)
		e = fault_at(m, FAULT_AFTER_HEAD);
	if (e != ERR_OK)
		return e;
	if (m->chunked) {
		/* In three parts, the last of which may be framed wrongly. */
		size_t third = body.len / 3;

		e = mouth_event(m, slice_cut(body, 0, third));
		if (e == ERR_OK)
			e = mouth_event(m, slice_cut(body, third, 2 * third));
		if (e == ERR_OK)
			e = mouth_event(m, slice_cut(body, 2 * third, body.len));
		return e == ERR_OK ? mouth_end(m) : e;
	}
	e = m->x->to_head ? ERR_OK : write_rough(m, body);
	m->x->ended = e == ERR_OK;
	if (e == ERR_OK && m->behaviour->malformed == MALFORMED_LENGTH_LONG)
		return give_up(m, false);
	return e;
}

/* The bytes of a body that are sent before a script breaks the connection in the middle of it. */
static enum err
halved_reply(struct mouth *m, int status, struct slice fields, struct slice body)
{
	enum err e = rough_head(m, status, fields, body.len);

	if (e == ERR_OK && m->behaviour->fault_at > FAULT_AFTER_HEAD)
		e = write_rough(m, slice_cut(body, 0, body.len / 2));
	if (e == ERR_OK)
		e = fault_at(m, m->behaviour->fault_at);
	if (e == ERR_OK)
		e = write_rough(m, m->behaviour->fault_at > FAULT_AFTER_HEAD ?
		    slice_cut(body, body.len / 2, body.len) : body);
	m->x->ended = e == ERR_OK;
	return e;
}

/* A whole answer in chunks. */
static enum err
chunked_reply(struct mouth *m, int status, struct slice fields, struct slice body)
{
	enum err e = mouth_begin(m, status, fields);

	for (size_t at = 0; at < body.len && e == ERR_OK; at += CHUNK_BYTES) {
		size_t end = body.len - at < CHUNK_BYTES ? body.len : at + CHUNK_BYTES;

		e = mouth_event(m, slice_cut(body, at, end));
	}
	return e == ERR_OK ? mouth_end(m) : e;
}

enum err
mouth_reply(struct mouth *m, int status, struct slice fields, struct slice body)
{
	enum err e;

	if (m->behaviour->malformed == MALFORMED_EMPTY)
		body.len = 0;
	if (m->behaviour->chunked)
		return chunked_reply(m, status, fields, body);
	e = fault_at(m, FAULT_BEFORE_HEAD);
	if (e != ERR_OK)
		return e;
	if (m->rough)
		return rough_reply(m, status, fields, body);
	if (m->behaviour->fault != FAULT_NONE && m->behaviour->fault_at != FAULT_BEFORE_HEAD)
		return halved_reply(m, status, fields, body);
	return exchange_reply(m->x, status, fields, body);
}

/* ---- streamed answers ---- */

enum err
mouth_begin(struct mouth *m, int status, struct slice fields)
{
	enum err e = fault_at(m, FAULT_BEFORE_HEAD);

	if (e != ERR_OK)
		return e;
	if (m->rough)
		e = rough_head(m, status, fields, UINT64_MAX);
	else
		e = exchange_begin(m->x, status, fields, slice_of(NULL, 0));
	return e == ERR_OK ? fault_at(m, FAULT_AFTER_HEAD) : e;
}

/* One chunk; the BAD_EVENTth may be framed wrongly. */
static enum err
rough_event(struct mouth *m, struct slice event)
{
	enum malformed malformed = m->events == BAD_EVENT ? m->behaviour->malformed : MALFORMED_NOT;
	struct text t;
	char *room;

	if (!m->chunked)
		return write_rough(m, event);
	room = arena_bytes(m->arena, event.len + 64);
	if (room == NULL)
		return give_up(m, false);
	text_init(&t, room, event.len + 64);
	if (malformed == MALFORMED_CHUNK_SIZE)
		text_put(&t, S("1z"));
	else if (malformed == MALFORMED_CHUNK_HUGE)
		text_put(&t, S("10000000000000000f"));
	text_put_hex(&t, event.len);
	text_put(&t, S("\r\n"));
	text_put(&t, event);
	text_put(&t, malformed == MALFORMED_CHUNK_END ? S("??") : S("\r\n"));
	return write_rough(m, text_slice(&t));
}

enum err
mouth_event(struct mouth *m, struct slice event)
{
	enum err e;

	m->events++;
	if (event.len == 0)
		return ERR_OK;
	if (m->rough)
		e = rough_event(m, event);
	else
		e = exchange_send(m->x, &event, 1);
	return e == ERR_OK ? fault_at(m, FAULT_AFTER_EVENT(m->events)) : e;
}

enum err
mouth_end(struct mouth *m)
{
	enum malformed malformed = m->behaviour->malformed;
	enum err e = ERR_OK;

	if (!m->rough)
		return exchange_end(m->x);
	if (malformed == MALFORMED_NO_LAST_CHUNK || malformed == MALFORMED_LENGTH_LONG)
		return give_up(m, false);
	if (m->chunked)
		e = write_rough(m, S("0\r\n\r\n"));
	m->x->ended = e == ERR_OK;
	return e;
}
