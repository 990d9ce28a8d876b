/* SPDX-License-Identifier: Apache-2.0 */
#include "http/server.h"

#include <errno.h>
#include <stdlib.h>

#include "core/limit.h"
#include "http/client.h"
#include "run/address.h"
#include "run/fiber.h"
#include "run/tls.h"

/*
 *            bytes                    answered, nothing more there
 *   idle ───────────────▶ busy ─────────────────────────────────────▶ idle
 *    │                     │
 *    └── too long ──┐      └── error, close asked, draining ──┐
 *                   ▼                                         ▼
 *                 closed                                    closed
 *
 * Only a busy connection has a fiber and a buffer.
 */

#define SWEEP_EVERY	NANOS_PER_S
#define RETRY_EVERY	(20 * NANOS_PER_MS)
#define ACCEPTS_MAX	256

static void listener_stir(struct sock *);
static void client_stir(struct sock *);
static void client_main(struct fiber *, void *);
static void accept_again(struct timer *, nanos);
static void sweep(struct timer *, nanos);

enum err
server_open(struct server *s, int fd)
{
	enum err e = sock_adopt(&s->listener, s->loop, fd);

	if (e != ERR_OK)
		return e;
	s->listener.stir = listener_stir;
	s->idle_head = s->idle_tail = NULL;
	s->connections = s->busy = 0;
	s->draining = false;
	s->date_second = -1;
	s->again = (struct timer){ .fire = accept_again };
	s->sweep = (struct timer){ .fire = sweep };
	e = timer_set(&s->loop->timers, &s->sweep, s->loop->now + SWEEP_EVERY);
	if (e != ERR_OK)
		sock_close(&s->listener);
	return e;
}

static struct server *
server_of(struct sock *listener)
{
	return (struct server *)((char *)listener - offsetof(struct server, listener));
}

static void
idle_push(struct client *c)
{
	struct server *s = c->server;

	c->fiber = NULL;
	c->sock.guard = NULL;
	c->since = s->loop->now;
	c->newer = NULL;
	c->older = s->idle_tail;
	if (s->idle_tail != NULL)
		s->idle_tail->newer = c;
	else
		s->idle_head = c;
	s->idle_tail = c;
}

static void
idle_remove(struct client *c)
{
	struct server *s = c->server;

	if (c->older != NULL)
		c->older->newer = c->newer;
	else
		s->idle_head = c->newer;
	if (c->newer != NULL)
		c->newer->older = c->older;
	else
		s->idle_tail = c->older;
	c->newer = c->older = NULL;
}

static void
busy_push(struct client *c)
{
	struct server *s = c->server;

	c->busy = true;
	c->older = NULL;
	c->newer = s->busy_head;
	if (s->busy_head != NULL)
		s->busy_head->older = c;
	s->busy_head = c;
	s->busy++;
}

static void
busy_remove(struct client *c)
{
	struct server *s = c->server;

	if (c->older != NULL)
		c->older->newer = c->newer;
	else
		s->busy_head = c->newer;
	if (c->newer != NULL)
		c->newer->older = c->older;
	c->newer = c->older = NULL;
	c->busy = false;
	s->busy--;
}

static void
client_close(struct client *c)
{
	struct server *s = c->server;

	if (c->busy)
		busy_remove(c);
	if (c->in != NULL)
		memory_give(s->memory, c->in, c->in_bytes);
	sock_close(&c->sock);
	s->connections--;
	free(c);
}

static void
welcome(struct server *s, int fd, const struct address *peer)
{
	struct client *c;
	struct text name;

	if (s->connections >= s->limits.connections_max || (c = calloc(1, sizeof *c)) == NULL) {
		kernel_close(fd);
		return;
	}
	if (sock_adopt(&c->sock, s->loop, fd) != ERR_OK) {
		free(c);
		return;
	}
	c->sock.stir = client_stir;
	c->server = s;
	c->peer = *peer;
	text_init(&name, c->name, sizeof c->name);
	address_put_host(&name, peer);
	c->name_bytes = (uint8_t)name.len;
	s->connections++;
	s->accepted++;
	idle_push(c);
}

/*
 * The listener tells of an edge once, so what is left in its queue is asked for by a timer.
 * Without memory for one, the sweep asks.
 */
static void
ask_again(struct server *s, nanos after)
{
	(void)!timer_set(&s->loop->timers, &s->again, s->loop->now + after);
}

static void
accept_some(struct server *s)
{
	for (int i = 0; i < ACCEPTS_MAX; i++) {
		struct address peer;
		int fd = kernel_accept(s->listener.fd, &peer);

		if (fd >= 0) {
			welcome(s, fd, &peer);
		} else if (fd == -EAGAIN) {
			s->listener.ready &= (uint8_t)~READY_READ;
			return;
		} else if (fd != -ECONNABORTED) {
			/* Out of descriptors or memory. */
			ask_again(s, RETRY_EVERY);
			return;
		}
	}
	/* The others have their turn first. */
	ask_again(s, 1);
}

static void
accept_again(struct timer *t, nanos now)
{
	struct server *s = (struct server *)((char *)t - offsetof(struct server, again));

	(void)now;
	accept_some(s);
}

static void
listener_stir(struct sock *listener)
{
	accept_some(server_of(listener));
}

/* Something happened on an idle connection: a fiber finds out what. */
static void
client_stir(struct sock *sock)
{
	struct client *c = (struct client *)sock;
	struct server *s = c->server;

	if (c->busy || (sock->ready & (READY_READ | READY_HANGUP)) == 0)
		return;
	if (fiber_start(s->loop, "client", client_main, c) != ERR_OK) {
		/* No edge will come again for these bytes: the sweep asks anew. */
		s->starved = true;
		return;
	}
	idle_remove(c);
	busy_push(c);
}

/* Those for whom there was no fiber are asked again, the longest idle first. */
static void
feed(struct server *s)
{
	struct client *c = s->idle_head, *newer;

	s->starved = false;
	for (; c != NULL && !s->starved; c = newer) {
		newer = c->newer;
		client_stir(&c->sock);
	}
}

static void
sweep(struct timer *t, nanos now)
{
	struct server *s = (struct server *)((char *)t - offsetof(struct server, sweep));

	if (s->starved)
		feed(s);

	while (s->idle_head != NULL && now - s->idle_head->since > s->limits.idle_wait) {
		struct client *c = s->idle_head;

		idle_remove(c);
		client_close(c);
	}
	if (!s->draining && s->again.place == 0 && (s->listener.ready & READY_READ) != 0)
		accept_some(s);
	memory_trim(s->memory);
	must(timer_set(&s->loop->timers, t, now + SWEEP_EVERY) == ERR_OK);
}

void
server_drain(struct server *s)
{
	s->draining = true;
	timer_clear(&s->loop->timers, &s->again);
	if (sock_is_open(&s->listener)) {
		/*
		 * A supervisor holds it too: without this, connections would wait in it for
		 * nobody.
		 */
		kernel_unlisten(s->listener.fd);
		sock_close(&s->listener);
	}
	while (s->idle_head != NULL) {
		struct client *c = s->idle_head;

		idle_remove(c);
		client_close(c);
	}
}

void
server_cancel(struct server *s)
{
	for (struct client *c = s->busy_head; c != NULL; c = c->newer)
		if (c->fiber != NULL)
			fiber_cancel(c->fiber);
}

void
server_close(struct server *s)
{
	server_drain(s);
	must(s->connections == 0);
	timer_clear(&s->loop->timers, &s->sweep);
}

bool
server_is_empty(const struct server *s)
{
	return s->connections == 0;
}

enum err
client_fill(struct client *c, nanos deadline)
{
	struct iovec room = { c->in + c->to, c->in_bytes - c->to };
	size_t got;
	enum err e;

	must(room.iov_len > 0);
	e = sock_read(c->fiber, &c->sock, room, deadline, &got);
	if (e == ERR_DEADLINE)
		return ERR_REQUEST_TIMEOUT;
	if (e != ERR_OK)
		return ERR_CLIENT_GONE;
	c->to += got;
	return ERR_OK;
}

static void
refuse(struct exchange *x, enum err e)
{
	x->close = true;
	if (e == ERR_CLIENT_GONE)
		return;
	if (x->server->refuse != NULL)
		x->server->refuse(x, e);
	else if (exchange_reply(x, err_info(e)->status, S("Content-Type: text/plain\r\n"),
	    err_info(e)->text) != ERR_OK)
		x->close = true;
}

/*
 * Reads a head into the exchange.  ERR_CLOSED: the connection ended, or fell
 * idle again, before a request began.
 */
static enum err
read_head(struct client *c, struct exchange *x)
{
	size_t scanned = 0, length;
	enum err e;

	c->from += http1_skip(slice_of(c->in + c->from, c->to - c->from));
	for (;;) {
		struct slice have = slice_of(c->in + c->from, c->to - c->from);

		length = http1_end(have, &scanned);
		if (length > HEAD_BYTES_MAX || (length == 0 && have.len >= HEAD_BYTES_MAX))
			return ERR_HEAD_TOO_LARGE;
		if (length > 0)
			break;
		if (c->from > 0) {
			/* A next request began at the end of the buffer: move it to the front. */
			memmove(c->in, have.ptr, have.len);
			c->from = 0;
			c->to = have.len;
		}
		e = client_fill(c, c->since + c->server->limits.header_wait);
		if (e != ERR_OK)
			return e == ERR_CLIENT_GONE && c->to == 0 ? ERR_CLOSED : e;
		if (have.len == 0)
			c->from += http1_skip(slice_of(c->in, c->to));
	}
	e = http1_request(slice_of(c->in + c->from, length), &x->head);
	c->from += length;
	return e;
}

/*
 * The client may still be sending what was refused unread: closing now would
 * reset the connection and lose the answer (RFC 9112, 9.6).  So its writing
 * side is closed first, and what comes is read and dropped for a moment.
 */
static void
linger(struct client *c)
{
	nanos deadline = c->server->loop->now + LINGER_WAIT_MS * NANOS_PER_MS;
	struct iovec room = { c->in, c->in_bytes };
	size_t got, all = 0;

	if (c->in == NULL || c->sock.tls != NULL)
		return;
	kernel_shutdown(c->sock.fd);
	while (all < LINGER_BYTES_MAX &&
	    sock_read(c->fiber, &c->sock, room, deadline, &got) == ERR_OK)
		all += got;
}

/* One request.  True if the connection can take another. */
static bool
serve_one(struct client *c)
{
	struct server *s = c->server;
	struct exchange x = { .fiber = c->fiber, .server = s, .client = c };
	enum err e;

	x.began = c->since;
	e = read_head(c, &x);
	if (e == ERR_CLOSED)
		return false;
	if (e != ERR_OK) {
		refuse(&x, e);
		if (x.ended)
			linger(c);
		return false;
	}
	x.to_head = slice_eq(x.head.method, S("HEAD"));
	x.close = !x.head.keep_alive || s->draining;
	s->serve(&x);
	exchange_finish(&x);
	if (x.ended && !x.body_read && x.head.framing != FRAMING_NONE)
		linger(c);
	return x.ended && !x.close && !s->draining && !fiber_is_cancelled(c->fiber);
}

/* True if bytes of a next request are there or may be. */
static bool
has_more(struct client *c)
{
	return c->from < c->to || (c->sock.ready & (READY_READ | READY_HANGUP)) != 0 ||
	    (c->sock.tls != NULL && tls_has_input(c->sock.tls));
}

/* A whole buffer, with what was kept of a pipelined request at its front; false without memory. */
static bool
take_buffer(struct client *c)
{
	struct memory_pool *memory = c->server->memory;
	size_t room;
	char *in;

	if (c->in != NULL && c->in_bytes >= CLIENT_BUFFER_BYTES)
		return true;
	in = memory_take(memory, CLIENT_BUFFER_BYTES, &room);
	if (in == NULL)
		return false;
	if (c->in != NULL) {
		memcpy(in, c->in + c->from, c->to - c->from);
		c->to -= c->from;
		c->from = 0;
		memory_give(memory, c->in, c->in_bytes);
	}
	c->in = in;
	c->in_bytes = room;
	return true;
}

/* Takes a buffer and the first bytes; false if there are none, or no memory. */
static bool
begin(struct client *c)
{
	struct iovec room;
	size_t got;

	if (!take_buffer(c)) {
		c->sock.broken = true;
		return false;
	}
	if (c->from == c->to)
		c->from = c->to = 0;
	c->since = c->server->loop->now;
	if (c->from < c->to)
		return true;
	room = (struct iovec){ c->in, c->in_bytes };
	if (sock_peek_read(&c->sock, room, &got) != ERR_OK) {
		c->sock.broken = true;
		return false;
	}
	c->to = got;
	return got > 0;
}

static void
client_main(struct fiber *f, void *arg)
{
	struct client *c = arg;
	struct server *s = c->server;
	unsigned served = 0;
	bool open = true;

	c->fiber = f;
	c->sock.guard = f;
	/* Gone before there was a guard: no event will say so again. */
	if ((c->sock.ready & READY_HANGUP) != 0)
		fiber_cancel(f);
	if (s->tls != NULL && c->sock.tls == NULL)
		open = tls_accept(f, &c->sock, s->tls,
		    s->loop->now + s->limits.header_wait) == ERR_OK;
	while (open && has_more(c)) {
		if (++served % TURN_REQUESTS_MAX == 0 && fiber_yield(f) != ERR_OK)
			open = false;
		else if (begin(c))
			open = serve_one(c);
		else if (c->sock.broken)
			open = false;
	}
	if (!open || s->draining) {
		client_close(c);
		return;
	}
	if (c->in != NULL)
		memory_give(s->memory, c->in, c->in_bytes);
	c->in = NULL;
	c->from = c->to = 0;
	busy_remove(c);
	idle_push(c);
}
