/* SPDX-License-Identifier: Apache-2.0 */
#include "http/pool.h"

#include <stdlib.h>

#include "core/limit.h"
#include "core/text.h"
#include "run/dns.h"
#include "run/fiber.h"
#include "run/memory.h"
#include "run/tls.h"
#include "wire/http1.h"

/*
 * Idle connections of one origin stand in a list, newest first:
 *
 *   place.newest ─▶ upstream ─older─▶ upstream ─older─▶ … ◀─ place.oldest
 *
 * The newest is taken, so the oldest fall out of use and are swept.  The table
 * of places is open addressing by origin id and only grows: origins are as
 * many as the configurations of this process ever named.
 */

#define SWEEP_EVERY	(5 * NANOS_PER_S)

static void sweep(struct timer *, nanos);
static void stir(struct sock *);

void
pool_init(struct pool *p)
{
	p->place = NULL;
	p->place_room = p->place_count = 0;
	p->released = false;
	p->opened = p->reused = 0;
	p->sweep = (struct timer){ .fire = sweep };
}

/* The place of an id, or the free one where it would stand. */
static struct pool_place *
slot_of(struct pool_place *place, size_t room, uint64_t id)
{
	size_t i = (size_t)(id * UINT64_C(0x9e3779b97f4a7c15) >> 32) & (room - 1);

	while (place[i].id != 0 && place[i].id != id)
		i = (i + 1) & (room - 1);
	return &place[i];
}

/* NULL without memory. */
static struct pool_place *
place_of(struct pool *p, uint64_t id)
{
	must(id != 0);
	if (p->place_count * 2 >= p->place_room) {
		size_t room = p->place_room == 0 ? 16 : p->place_room * 2;
		struct pool_place *grown = calloc(room, sizeof *grown);

		if (grown == NULL)
			return NULL;
		for (size_t i = 0; i < p->place_room; i++)
			if (p->place[i].id != 0)
				*slot_of(grown, room, p->place[i].id) = p->place[i];
		free(p->place);
		p->place = grown;
		p->place_room = room;
	}
	struct pool_place *place = slot_of(p->place, p->place_room, id);

	if (place->id == 0) {
		place->id = id;
		p->place_count++;
	}
	return place;
}

static void
leave(struct pool_place *place, struct upstream *u)
{
	if (u->newer != NULL)
		u->newer->older = u->older;
	else
		place->newest = u->older;
	if (u->older != NULL)
		u->older->newer = u->newer;
	else
		place->oldest = u->newer;
	u->newer = u->older = NULL;
	place->count--;
}

void
upstream_close(struct upstream *u)
{
	sock_close(&u->sock);
	free(u);
}

void
pool_release(struct pool *p)
{
	for (size_t i = 0; i < p->place_room; i++)
		while (p->place[i].newest != NULL) {
			struct upstream *u = p->place[i].newest;

			leave(&p->place[i], u);
			upstream_close(u);
		}
	free(p->place);
	p->place = NULL;
	p->place_room = p->place_count = 0;
	p->released = true;
	timer_clear(&p->loop->timers, &p->sweep);
}

static void
sweep(struct timer *t, nanos now)
{
	struct pool *p = (struct pool *)((char *)t - offsetof(struct pool, sweep));
	uint32_t left = 0;

	for (size_t i = 0; i < p->place_room; i++) {
		struct pool_place *place = &p->place[i];
		struct upstream *u = place->oldest;

		while (u != NULL) {
			struct upstream *newer = u->newer;

			if (sock_is_stirred(&u->sock) ||
			    now - u->idle_since > POOL_IDLE_MS * NANOS_PER_MS) {
				leave(place, u);
				upstream_close(u);
			}
			u = newer;
		}
		left += place->count;
	}
	if (left > 0)
		must(timer_set(&p->loop->timers, t, now + SWEEP_EVERY) == ERR_OK);
}

void
pool_give(struct upstream *u)
{
	struct pool *p = u->pool;
	struct pool_place *place = p->released ? NULL : place_of(p, u->id);

	if (place == NULL || sock_is_stirred(&u->sock) || place->count >= POOL_IDLE_MAX ||
	    (p->sweep.place == 0 &&
	    timer_set(&p->loop->timers, &p->sweep, p->loop->now + SWEEP_EVERY) != ERR_OK)) {
		upstream_close(u);
		return;
	}
	u->idle_since = p->loop->now;
	u->sock.stir = stir;
	u->newer = NULL;
	u->older = place->newest;
	if (u->older != NULL)
		u->older->newer = u;
	else
		place->oldest = u;
	place->newest = u;
	place->count++;
}

/*
 * Something happened on an idle connection: the hints that the loop has set keep it from being
 * taken.
 */
static void
stir(struct sock *sock)
{
	sock->stir = NULL;
}

static struct upstream *
take_idle(struct pool *p, uint64_t id)
{
	struct pool_place *place = place_of(p, id);

	while (place != NULL && place->newest != NULL) {
		struct upstream *u = place->newest;

		leave(place, u);
		if (!sock_is_stirred(&u->sock)) {
			u->sock.stir = NULL;
			u->uses++;
			p->reused++;
			return u;
		}
		upstream_close(u);
	}
	return NULL;
}

/* CONNECT through a proxy (RFC 9110, 9.3.6): afterwards the sock reaches the origin. */
static enum err
tunnel(struct fiber *f, struct upstream *u, const struct origin *o, nanos deadline)
{
	char *room = u->pool->scratch;
	struct http1_head head;
	struct text ask;
	size_t have = 0, got, room_bytes, end = 0, scanned = 0;
	enum err e;

	text_init(&ask, room, READ_BYTES);
	for (int i = 0; i < 2; i++) {
		text_put(&ask, i == 0 ? S("CONNECT ") : S(" HTTP/1.1\r\nHost: "));
		if (slice_find(o->url->host, S(":")) < o->url->host.len) {
			text_put_char(&ask, '[');
			text_put(&ask, o->url->host);
			text_put_char(&ask, ']');
		} else {
			text_put(&ask, o->url->host);
		}
		text_put_char(&ask, ':');
		text_put_number(&ask, o->url->port);
	}
	text_put(&ask, S("\r\n\r\n"));
	if (text_overflowed(&ask))
		return ERR_UPSTREAM_PROXY;
	e = sock_write(f, &u->sock, &(struct iovec){ room, ask.len }, 1,
	    CONNECT_WAIT_MS * NANOS_PER_MS);
	if (e != ERR_OK)
		return e == ERR_CANCELLED ? e : ERR_UPSTREAM_PROXY;

	/* The scratch is everybody's, so the answer is read into a block of its own. */
	room = memory_take(u->pool->memory, HEAD_BYTES_MAX, &room_bytes);
	if (room == NULL)
		return ERR_MEMORY;
	do {
		e = sock_read(f, &u->sock, (struct iovec){ room + have, HEAD_BYTES_MAX - have },
		    deadline, &got);
		if (e == ERR_OK)
			have += got;
	} while (e == ERR_OK && have < HEAD_BYTES_MAX &&
	    (end = http1_end(slice_of(room, have), &scanned)) == 0);
	/* Bytes behind the head would be the origin's before we spoke to it: refused. */
	if (e == ERR_OK && (have >= HEAD_BYTES_MAX || end != have ||
	    http1_response(slice_of(room, end), true, &head) != ERR_OK || head.status / 100 != 2))
		e = ERR_UPSTREAM_PROXY;
	memory_give(u->pool->memory, room, room_bytes);
	return e == ERR_OK || e == ERR_CANCELLED ? e : ERR_UPSTREAM_PROXY;
}

/* Connects to the first vetted address that answers. */
static enum err
reach(struct fiber *f, struct upstream *u, const struct origin *o, nanos deadline)
{
	const struct url *to = o->proxy != NULL ? o->proxy : o->url;
	/* A proxy is a place that the configuration names: wherever it is, it is meant. */
	struct dns_question question = { to->host, to->port, o->proxy == NULL ? o->allow
	    : DNS_PUBLIC | DNS_PRIVATE | DNS_LOOPBACK };
	struct dns_answer answer;
	enum err e;

	e = dns_find(f, u->pool->dns, &question, &answer, deadline);
	if (e != ERR_OK)
		return e;
	e = ERR_UPSTREAM_CONNECT;
	for (unsigned i = 0; i < answer.count && e == ERR_UPSTREAM_CONNECT; i++)
		e = sock_connect(f, &u->sock, &answer.address[i], deadline);
	return e;
}

static enum err
establish(struct fiber *f, struct upstream *u, const struct origin *o, nanos deadline)
{
	enum err e = reach(f, u, o, deadline);

	if (e == ERR_OK && o->proxy != NULL)
		e = tunnel(f, u, o, deadline);
	if (e == ERR_OK && o->tls != NULL)
		e = tls_connect(f, &u->sock, o->tls, o->url->host, deadline);
	return e == ERR_DEADLINE ? ERR_UPSTREAM_CONNECT : e;
}

enum err
pool_take(struct fiber *f, struct pool *p, const struct origin *o, nanos deadline,
    struct upstream **out)
{
	nanos connect_deadline = p->loop->now + CONNECT_WAIT_MS * NANOS_PER_MS;
	struct upstream *u = o->fresh ? NULL : take_idle(p, o->id);
	enum err e;

	if (u != NULL) {
		*out = u;
		return ERR_OK;
	}
	u = calloc(1, sizeof *u);
	if (u == NULL)
		return ERR_MEMORY;
	u->sock.fd = -1;
	u->pool = p;
	u->id = o->id;
	e = establish(f, u, o, connect_deadline < deadline ? connect_deadline : deadline);
	if (e != ERR_OK) {
		upstream_close(u);
		return e;
	}
	p->opened++;
	*out = u;
	return ERR_OK;
}
