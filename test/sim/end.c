/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/end.h"

#include <errno.h>

#include "core/must.h"
#include "sim/tap.h"

#define RETRANSMIT_WAIT	(127 * NANOS_PER_S)	/* until a SYN that nobody answers is given up */

#define BLACKOUT_MS	100000

static nanos
latency(struct world *w)
{
	return (nanos)dice_wide(&w->dice, (uint64_t)w->weather.latency_low,
	    (uint64_t)w->weather.latency_high);
}

static uint64_t
free_room(const struct duct *f)
{
	return f->room - (f->sent - f->heard);
}

static bool
is_writable(const struct end *e)
{
	return e->peer != NULL && free_room(&e->peer->in) * 3 >= e->peer->in.room;
}

unsigned
end_mask(struct end *e)
{
	unsigned mask = 0;

	if (e->connecting)
		return 0;
	if (e->in.arrived > e->in.taken || e->in.fin_arrived || e->reset || e->error != 0)
		mask |= READY_READ;
	if (e->in.fin_arrived || e->reset || e->error != 0)
		mask |= READY_HANGUP;
	if (e->reset || e->error != 0 || e->shut || is_writable(e))
		mask |= READY_WRITE;
	else
		e->wants_room = true;
	return mask;
}

unsigned
listener_mask(struct listener *l)
{
	return l->head != NULL ? READY_READ : 0;
}

/* ---- what arrives ---- */

static void
reset_arrives(struct world *w, void *who, uint64_t what)
{
	struct end *e = who;

	(void)what;
	if (e->closed || e->reset)
		return;
	e->reset = true;
	e->error = e->in.fin_arrived ? EPIPE : ECONNRESET;
	e->connecting = false;
	tap_hangup(e->tap);
	world_note(w, 'R', (uint64_t)e->thing.fd, 0);
	thing_edge(&e->thing);
}

static void
send_reset(struct end *e)
{
	struct world *w = e->thing.world;

	if (e->peer != NULL && !e->peer->closed)
		world_plan(w, w->now + latency(w), reset_arrives, e->peer, 0);
}

static void
data_arrives(struct world *w, void *who, uint64_t upto)
{
	struct end *e = who;

	(void)w;
	if (e->closed) {
		send_reset(e);
		return;
	}
	if (e->reset)
		return;
	if (upto > e->in.arrived)
		e->in.arrived = upto;
	thing_edge(&e->thing);
}

static void
fin_arrives(struct world *w, void *who, uint64_t what)
{
	struct end *e = who;

	(void)w;
	(void)what;
	if (e->closed || e->reset)
		return;
	e->in.fin_arrived = true;
	tap_hangup(e->tap);
	thing_edge(&e->thing);
}

static void
room_arrives(struct world *w, void *who, uint64_t taken)
{
	struct end *e = who;

	(void)w;
	if (e->peer == NULL)
		return;
	if (taken > e->peer->in.heard)
		e->peer->in.heard = taken;
	if (e->wants_room && !e->closed && is_writable(e)) {
		e->wants_room = false;
		thing_edge(&e->thing);
	}
}

/* ---- connecting ---- */

static void
fail_connect(struct end *e, int error)
{
	if (e->closed)
		return;
	e->connecting = false;
	e->error = error;
	e->reset = true;
	thing_edge(&e->thing);
}

static void
give_up(struct world *w, void *who, uint64_t what)
{
	(void)w;
	(void)what;
	fail_connect(who, ETIMEDOUT);
}

static struct listener *
find_listener(struct world *w, const struct address *a)
{
	for (struct thing *t = w->things; t != NULL; t = t->next) {
		struct listener *l = (struct listener *)t;

		if (t->kind == THING_LISTENER && !l->closed && l->address.port == a->port &&
		    memcmp(l->address.ip, a->ip, sizeof a->ip) == 0)
			return l;
	}
	return NULL;
}

static void
open_flow(struct world *w, struct duct *f)
{
	f->room = dice_wide(&w->dice, w->weather.room_low, w->weather.room_high);
	f->ring = world_alloc(w, f->room);
	f->last = w->now;
}

static void
arrive(struct world *w, void *who, uint64_t what)
{
	struct end *e = who, *far;
	struct listener *l = find_listener(w, &e->remote);

	(void)what;
	if (e->closed)
		return;
	if (l == NULL) {
		fail_connect(e, ECONNREFUSED);
		return;
	}
	far = world_alloc(w, sizeof *far);
	far->thing = (struct thing){ .world = w, .kind = THING_END, .fd = -1, .next = w->things };
	w->things = &far->thing;
	far->local = e->remote;
	far->remote = e->local;
	far->peer = e;
	e->peer = far;
	open_flow(w, &e->in);
	open_flow(w, &far->in);
	e->connecting = false;
	thing_edge(&e->thing);
	if (e->tap != NULL)
		e->tap->duct = &far->in;
	far->listener = l;
	*l->tail = far;
	l->tail = &far->next_waiting;
	thing_edge(&l->thing);
	if (l->address.port == w->watched_port)
		far->tap = tap_new(w, true, &far->remote);
}

void
end_connect(struct end *e, const struct address *to)
{
	struct world *w = e->thing.world;
	bool is_client = to->port == w->watched_port;

	e->connecting = true;
	e->remote = *to;
	e->local = (struct address){ .port = w->next_port++ };
	memset(e->local.ip + 10, 0xff, 2);
	/* Clients have an address each, so that records tell them apart. */
	e->local.ip[12] = 10;
	if (is_client) {
		w->next_client++;
		e->local.ip[13] = 200;
		e->local.ip[14] = (uint8_t)(w->next_client >> 8);
		e->local.ip[15] = (uint8_t)w->next_client;
	} else {
		e->tap = tap_new(w, false, to);
	}
	/* 10.66/16 answers nobody. */
	if (to->ip[12] == 10 && to->ip[13] == 66)
		world_plan(w, w->now + RETRANSMIT_WAIT, give_up, e, 0);
	else
		world_plan(w, w->now + latency(w), arrive, e, 0);
}

struct end *
listener_take(struct listener *l)
{
	struct end *e = l->head;

	if (e == NULL)
		return NULL;
	l->head = e->next_waiting;
	if (l->head == NULL)
		l->tail = &l->head;
	e->listener = NULL;
	return e;
}

void
listener_stop(struct listener *l)
{
	struct end *e;

	l->closed = true;
	while ((e = listener_take(l)) != NULL)
		end_reset(e);
}

void
listener_close(struct listener *l)
{
	listener_stop(l);
	thing_close(&l->thing);
}

/* ---- reading and writing ---- */

static void
copy_out(struct duct *f, char *out, size_t bytes)
{
	size_t at = (size_t)(f->taken % f->room), first = f->room - at;

	if (first > bytes)
		first = bytes;
	memcpy(out, f->ring + at, first);
	memcpy(out + first, f->ring, bytes - first);
	f->taken += bytes;
}

static void
copy_in(struct duct *f, const char *from, size_t bytes)
{
	size_t at = (size_t)(f->sent % f->room), first = f->room - at;

	/* A piece of nothing may stand nowhere. */
	if (bytes == 0)
		return;
	if (first > bytes)
		first = bytes;
	memcpy(f->ring + at, from, first);
	memcpy(f->ring, from + first, bytes - first);
	f->sent += bytes;
}

static int
tell_error(struct end *e)
{
	int error = e->error;

	e->error = 0;
	return -error;
}

ssize_t
end_read(struct end *e, char *out, size_t bytes)
{
	struct world *w = e->thing.world;
	size_t there = (size_t)(e->in.arrived - e->in.taken);

	if (there == 0) {
		if (e->in.fin_arrived)
			return 0;
		if (e->error != 0)
			return tell_error(e);
		return e->reset ? 0 : -EAGAIN;
	}
	if (there > bytes)
		there = bytes;
	copy_out(&e->in, out, there);
	tap_read(e->tap, out, there);
	world_plan(w, w->now + latency(w), room_arrives, e->peer, e->in.taken);
	return (ssize_t)there;
}

/* What was written travels in parts that arrive in order. */
static void
send_parts(struct end *from, uint64_t begin)
{
	struct world *w = from->thing.world;
	struct end *to = from->peer;
	uint64_t parts = dice_between(&w->dice, 1, w->weather.segments), at = begin;

	for (uint64_t i = 1; i <= parts && at < to->in.sent; i++) {
		uint64_t upto = i == parts ? to->in.sent
		    : dice_between(&w->dice, at + 1, to->in.sent);
		nanos when = w->now + latency(w);

		if (dice_permille(&w->dice, w->weather.blackouts))
			when += (nanos)dice_wide(&w->dice, 0, BLACKOUT_MS) * NANOS_PER_MS;
		if (when > to->in.last)
			to->in.last = when;
		world_plan(w, to->in.last, data_arrives, to, upto);
		at = upto;
	}
}

ssize_t
end_write(struct end *e, const struct iovec *piece, int count)
{
	struct duct *out = e->peer != NULL ? &e->peer->in : NULL;
	uint64_t begin, room, all = 0;

	if (e->error != 0)
		return tell_error(e);
	if (e->reset || e->shut || out == NULL)
		return -EPIPE;
	begin = out->sent;
	room = free_room(out);
	for (int i = 0; i < count; i++) {
		size_t bytes = piece[i].iov_len < room ? piece[i].iov_len : (size_t)room;

		all += piece[i].iov_len;
		copy_in(out, piece[i].iov_base, bytes);
		tap_write(e->tap, piece[i].iov_base, bytes);
		room -= bytes;
	}
	if (out->sent - begin < all)
		e->wants_room = true;
	tap_wrote(e->tap, out->sent - begin < all);
	if (out->sent == begin)
		return all == 0 ? 0 : -EAGAIN;
	send_parts(e, begin);
	return (ssize_t)(out->sent - begin);
}

void
end_shutdown(struct end *e)
{
	struct world *w = e->thing.world;

	if (e->shut || e->reset || e->peer == NULL)
		return;
	e->shut = true;
	e->peer->in.fin_sent = true;
	if (e->peer->in.last < w->now)
		e->peer->in.last = w->now + latency(w);
	world_plan(w, e->peer->in.last, fin_arrives, e->peer, 0);
}

void
end_close(struct end *e)
{
	tap_close(e->tap);
	if (e->rude || e->in.arrived > e->in.taken) {
		end_reset(e);
		return;
	}
	end_shutdown(e);
	e->closed = true;
}

void
end_reset(struct end *e)
{
	if (!e->reset)
		send_reset(e);
	e->closed = true;
}
