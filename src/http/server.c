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
 *        bytes, and a fiber           a head or a body
 *   idle ─────────────────▶ waiting ◀─────────────────▶ serving
 *    │ └──▶ hungry ────────────▲                           │
 *    │   no fiber               answered, nothing more     │
 *    ├◀────────────────────────────────────────────────────┤
 *    ▼  too long, or room is needed      error, close asked, draining
 *  closed ◀────────────────────────────────────────────────┘
 *
 * Only who is waiting or serving has a fiber and a buffer.  Each queue begins
 * with whoever has been in it longest.  When descriptors, connections or fibers
 * run out, who keeps us waiting makes room for who comes: the longest idle is
 * closed (RFC 9112, 9.5), the longest silent in a head or a body is refused.
 */

#define SWEEP_EVERY	NANOS_PER_S
#define RETRY_EVERY	(20 * NANOS_PER_MS)
#define ACCEPTS_MAX	256

static void listener_stir(struct sock *);
static void client_stir(struct sock *);
static void client_main(struct fiber *, void *);
static void again(struct timer *, nanos);
static void sweep(struct timer *, nanos);

enum err
server_open(struct server *s, int fd)
{
	enum err e = sock_adopt(&s->listener, s->loop, fd);

	if (e != ERR_OK)
		return e;
	s->listener.stir = listener_stir;
	s->idle = s->hungry = s->waiting = s->serving = (struct client_queue){ NULL, NULL };
	s->connections = 0;
	s->draining = false;
	s->date_second = -1;
	s->again = (struct timer){ .fire = again };
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

/* To the end of a queue; NULL: to none. */
static void
move(struct client *c, struct client_queue *to)
{
	struct client_queue *from = c->queue;

	if (from != NULL) {
		*(c->older != NULL ? &c->older->newer : &from->head) = c->newer;
		*(c->newer != NULL ? &c->newer->older : &from->tail) = c->older;
	}
	c->queue = to;
	c->newer = NULL;
	if (to == NULL)
		return;
	c->older = to->tail;
	*(to->tail != NULL ? &to->tail->newer : &to->head) = c;
	to->tail = c;
}

static void
fall_idle(struct client *c)
{
	c->fiber = NULL;
	c->sock.guard = NULL;
	c->since = c->server->loop->now;
	move(c, &c->server->idle);
}

static void
client_close(struct client *c)
{
	struct server *s = c->server;

	move(c, NULL);
	client_give_input(c);
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
	fall_idle(c);
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

/* Refuses whoever has been silent longest; the fiber ends when it runs. */
static bool
refuse_waiting(struct server *s)
{
	struct client *c = s->waiting.head;

	if (c == NULL || c->fiber == NULL)
		return false;
	move(c, &s->serving);
	c->shed = true;
	s->shed++;
	fiber_cancel(c->fiber);
	return true;
}

enum room { ROOM, ROOM_SOON, NO_ROOM };

/* A descriptor and a connection for somebody new.  Not while events are dispatched. */
static enum room
make_room(struct server *s)
{
	struct client *idle = s->idle.head, *waiting = s->waiting.head;

	if (idle == NULL || (waiting != NULL && waiting->since < idle->since))
		return refuse_waiting(s) ? ROOM_SOON : NO_ROOM;
	s->shed++;
	client_close(idle);
	return ROOM;
}

/*
 * While events are dispatched nothing may be closed: then whoever needs room for itself
 * waits for the timer.
 */
static void
accept_some(struct server *s, bool dispatching)
{
	for (int i = 0; i < ACCEPTS_MAX; i++) {
		enum room room = NO_ROOM;
		struct address peer;
		int fd;

		if (s->connections >= s->limits.connections_max) {
			room = dispatching ? ROOM_SOON : make_room(s);
			if (room == ROOM_SOON) {
				ask_again(s, 1);
				return;
			}
		}
		fd = kernel_accept(s->listener.fd, &peer);
		if (fd == -EAGAIN) {
			s->listener.ready &= (uint8_t)~READY_READ;
			return;
		}
		if (fd >= 0) {
			welcome(s, fd, &peer);
			continue;
		}
		if (fd == -EMFILE || fd == -ENFILE)
			room = dispatching ? ROOM_SOON : make_room(s);
		if (room != ROOM && fd != -ECONNABORTED) {
			ask_again(s, room == ROOM_SOON ? 1 : RETRY_EVERY);
			return;
		}
	}
	/* The others have their turn first. */
	ask_again(s, 1);
}

static void
listener_stir(struct sock *listener)
{
	accept_some(server_of(listener), true);
}

static bool
start(struct client *c)
{
	if (fiber_start(c->server->loop, "client", client_main, c) != ERR_OK)
		return false;
	c->since = c->server->loop->now;
	move(c, &c->server->waiting);
	return true;
}

/* Something happened on an idle connection: a fiber finds out what. */
static void
client_stir(struct sock *sock)
{
	struct client *c = (struct client *)sock;
	struct server *s = c->server;

	if (c->queue != &s->idle || (sock->ready & (READY_READ | READY_HANGUP)) == 0 || start(c))
		return;
	/* No edge will come again for these bytes. */
	c->since = s->loop->now;
	move(c, &s->hungry);
	ask_again(s, 1);
}

/* Fibers for those who got none, the longest hungry first; a refused one's is free next turn. */
static void
feed(struct server *s)
{
	bool soon = false;

	while (s->hungry.head != NULL && start(s->hungry.head))
		;
	for (struct client *c = s->hungry.head; c != NULL && refuse_waiting(s); c = c->newer)
		soon = true;
	if (s->hungry.head != NULL)
		ask_again(s, soon ? 1 : RETRY_EVERY);
}

static void
again(struct timer *t, nanos now)
{
	struct server *s = (struct server *)((char *)t - offsetof(struct server, again));

	(void)now;
	feed(s);
	if ((s->listener.ready & READY_READ) != 0)
		accept_some(s, false);
}

/* Whoever has been in a queue for longer than `wait`. */
static void
close_old(struct server *s, struct client_queue *queue, nanos wait)
{
	while (queue->head != NULL && s->loop->now - queue->head->since > wait)
		client_close(queue->head);
}

static void
sweep(struct timer *t, nanos now)
{
	struct server *s = (struct server *)((char *)t - offsetof(struct server, sweep));

	close_old(s, &s->idle, s->limits.idle_wait);
	close_old(s, &s->hungry, s->limits.header_wait);
	if (!s->draining && s->again.place == 0)
		again(&s->again, now);
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
	close_old(s, &s->idle, -1);
	close_old(s, &s->hungry, -1);
}

static void
cancel_all(struct client_queue *queue)
{
	for (struct client *c = queue->head; c != NULL; c = c->newer)
		if (c->fiber != NULL)
			fiber_cancel(c->fiber);
}

void
server_cancel(struct server *s)
{
	cancel_all(&s->waiting);
	cancel_all(&s->serving);
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
client_read(struct client *c, struct iovec room, nanos deadline, size_t *got)
{
	enum err e;

	move(c, &c->server->waiting);
	e = sock_read(c->fiber, &c->sock, room, deadline, got);
	move(c, &c->server->serving);
	/* Its fiber is cancelled, though its bytes may have come in the same turn. */
	if (c->shed)
		return ERR_OVERLOADED;
	return e == ERR_OK ? ERR_OK : e == ERR_DEADLINE ? ERR_REQUEST_TIMEOUT : ERR_CLIENT_GONE;
}

enum err
client_fill(struct client *c, nanos deadline)
{
	struct iovec room = { c->in + c->to, c->in_bytes - c->to };
	size_t got;
	enum err e;

	must(room.iov_len > 0);
	e = client_read(c, room, deadline, &got);
	if (e == ERR_OK)
		c->to += got;
	return e;
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
	while (all < LINGER_BYTES_MAX && client_read(c, room, deadline, &got) == ERR_OK)
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
		size_t left = c->to - c->from;

		memcpy(in, c->in + c->from, left);
		client_give_input(c);
		c->to = left;
		c->from = 0;
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
		/* For the next one there may be memory. */
		(void)refuse_waiting(c->server);
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
		    s->loop->now + s->limits.header_wait) == ERR_OK && !c->shed;
	move(c, &s->serving);
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
	client_give_input(c);
	c->from = c->to = 0;
	fall_idle(c);
}
