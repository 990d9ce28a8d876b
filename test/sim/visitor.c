/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/visitor.h"

#include <errno.h>

#include "run/fiber.h"
#include "run/loop.h"
#include "sim/thing.h"

#define PATIENCE	(900 * NANOS_PER_S)	/* no answer takes longer than this */
#define STALL		(130 * NANOS_PER_S)
#define CONTINUE_WAIT	NANOS_PER_S

static void visit(struct fiber *, void *);
static void send_all(struct fiber *, void *);

static void
throw_manners(struct visitor *v)
{
	struct dice *d = &v->dice;

	v->piece_max = SIZE_MAX;
	v->read_max = 65536;
	v->comes = v->scene->rush ? 0 : (nanos)dice_wide(d, 0, 8000) * NANOS_PER_MS;
	if (v->scene->calm)
		return;
	if (dice_percent(d, 30))
		v->ahead = (int)dice_between(d, 1, VISITOR_WISHES);
	if (dice_percent(d, 25)) {
		v->piece_max = (size_t)dice_wide(d, 1, 4000);
		v->piece_wait = (nanos)dice_wide(d, 0, 20) * NANOS_PER_MS;
	}
	if (dice_percent(d, 25)) {
		v->read_max = (size_t)dice_wide(d, 1, 10000);
		v->read_wait = (nanos)dice_wide(d, 0, 200) * NANOS_PER_MS;
		/* Slow, but not so slow that nobody lives to see the end. */
		if (v->read_wait > 0 && v->read_max < 200)
			v->read_max += 200;
	}
	v->leave_bytes = SIZE_MAX;
	v->leave_after = PATIENCE;
	if (dice_percent(d, 35)) {
		v->leave = (enum leave)dice_between(d, LEAVE_CLOSE, LEAVE_STALL);
		if (dice_percent(d, 60))
			v->leave_bytes = (size_t)dice_wide(d, 0, 20000);
		else
			v->leave_after = (nanos)dice_wide(d, 0, 20000) * NANOS_PER_MS;
	}
}

struct visitor *
visitor_new(struct scene *s, uint64_t number)
{
	struct visitor *v = world_alloc(s->world, sizeof *v);
	size_t from = 0;

	v->scene = s;
	v->dice = dice_of(s->world->seed * 1000 + number, "visitor");
	v->leave_bytes = SIZE_MAX;
	v->leave_after = PATIENCE;
	throw_manners(v);
	v->wishes = (int)dice_between(&v->dice, 1, VISITOR_WISHES);
	for (int i = 0; i < v->wishes; i++) {
		struct wish *w = &v->wish[i];

		wish_make(
		    w, s, &v->dice, s->world->seed % 100000 * 10000 + number * 10 + (uint64_t)i);
		w->from = from;
		from += w->send_bytes;
		if (!shape_info(w->shape)->goes_on)
			v->wishes = i + 1;
	}
	/* Without a fiber there is no visitor; that is for torture to see. */
	if (fiber_start(s->loop, "visitor", visit, v) != ERR_OK)
		v->done = true;
	return v;
}

void
visitor_free(struct visitor *v)
{
	message_free(&v->message);
}

/* ---- its socket ---- */

static void
hear(void *ear)
{
	struct visitor *v = ear;

	if (v->reader != NULL)
		fiber_wake(v->reader);
	if (v->sender != NULL)
		fiber_wake(v->sender);
}

static bool
open_socket(struct fiber *f, struct visitor *v)
{
	struct thing *t;
	int result;

	v->fd = kernel_connect(&v->scene->gate);
	if (v->fd < 0)
		return false;
	t = thing_of(v->scene->world, v->fd, THING_END);
	t->hear = hear;
	t->ear = v;
	while ((result = kernel_connect_result(v->fd)) == -EINPROGRESS)
		if (fiber_park(f, NANOS_NEVER) != ERR_OK)
			break;
	if (result == 0 && kernel_local_address(v->fd, &v->local) == 0)
		return true;
	t->hear = NULL;
	kernel_close(v->fd);
	return false;
}

/* At least one byte; ERR_CLOSED at any end, ERR_DEADLINE. */
static enum err
read_socket(struct fiber *f, struct visitor *v, struct iovec room, nanos deadline, size_t *got)
{
	for (;;) {
		ssize_t n = kernel_read(v->fd, room.iov_base, room.iov_len);
		enum err e;

		if (n != -EAGAIN) {
			*got = n > 0 ? (size_t)n : 0;
			return n > 0 ? ERR_OK : ERR_CLOSED;
		}
		if ((e = fiber_park(f, deadline)) != ERR_OK)
			return e;
	}
}

static bool
write_socket(struct fiber *f, struct visitor *v, struct slice s)
{
	while (s.len > 0) {
		struct iovec piece = { (char *)(uintptr_t)s.ptr, s.len };
		ssize_t n = kernel_write(v->fd, &piece, 1);

		if (n > 0)
			s = slice_cut(s, (size_t)n, s.len);
		else if (n != -EAGAIN || fiber_park(f, NANOS_NEVER) != ERR_OK)
			return false;
	}
	return true;
}

/* ---- sending ---- */

static bool
send_bytes(struct fiber *f, struct visitor *v, struct slice s)
{
	while (s.len > 0) {
		size_t n = s.len;

		if (n > v->piece_max)
			n = (size_t)dice_between(&v->dice, 1, v->piece_max);
		if (!write_socket(f, v, slice_cut(s, 0, n)))
			return false;
		s = slice_cut(s, n, s.len);
		if (s.len > 0 && v->piece_wait > 0 &&
		    fiber_sleep(f, fiber_loop(f)->now + v->piece_wait) != ERR_OK)
			return false;
	}
	return true;
}

static bool
wait_continue(struct fiber *f, struct visitor *v, int which)
{
	nanos until = fiber_loop(f)->now + CONTINUE_WAIT;

	while (v->answered < which || (v->answered == which && v->message.continues == 0)) {
		enum err e = fiber_park(f, until);

		if (e == ERR_DEADLINE)
			return true;
		if (e != ERR_OK)
			return false;
	}
	return v->answered == which;
}

static bool
send_wish(struct fiber *f, struct visitor *v, int i)
{
	const struct wish *w = &v->wish[i];
	struct slice all = slice_cut(w->bytes, 0, w->send_bytes);

	while (v->answered + v->ahead < i)
		if (fiber_park(f, NANOS_NEVER) != ERR_OK)
			return false;
	world_say(v->scene->world, "visitor %d.%d asks %s: %s%s%s, talk %d",
	    v->local.ip[14] << 8 | v->local.ip[15], i, w->marker, shape_info(w->shape)->what,
	    w->stream ? ", streamed" : "", w->crowd ? ", a crowd" : "", w->talk);
	if (!w->expects || w->head_bytes >= all.len)
		return send_bytes(f, v, all);
	if (!send_bytes(f, v, slice_cut(all, 0, w->head_bytes)))
		return false;
	/* Refused before its body: then nobody waits for that. */
	return wait_continue(f, v, i) && send_bytes(f, v, slice_cut(all, w->head_bytes, all.len));
}

static void
send_all(struct fiber *f, void *arg)
{
	struct visitor *v = arg;

	v->sender = f;
	for (int i = 0; i < v->wishes && send_wish(f, v, i); i++)
		;
	v->sender = NULL;
	fiber_wake(v->reader);
}

/* ---- reading ---- */

/* False when the connection carries no more answers. */
static bool
take(struct visitor *v, struct slice s)
{
	while (s.len > 0) {
		struct message *m = &v->message;
		bool closes;

		s = slice_cut(s, message_feed(m, s), s.len);
		if (m->state == MESSAGE_BAD)
			return false;
		if (!message_is_whole(m))
			break;
		closes = m->closes;
		v->answered++;
		message_free(m);
		if (closes || v->answered == v->wishes)
			return false;
		message_init(m, false, v->wish[v->answered].to_head);
	}
	if (v->sender != NULL)
		fiber_wake(v->sender);
	return true;
}

static void
read_all(struct fiber *f, struct visitor *v)
{
	bool patient = v->leave_after == PATIENCE;
	nanos until = v->scene->loop->now + v->leave_after;
	char *room = world_alloc(v->scene->world, v->read_max);
	size_t got;

	message_init(&v->message, false, v->wish[0].to_head);
	while (v->received < v->leave_bytes) {
		enum err e = read_socket(f, v, (struct iovec){ room, v->read_max }, until, &got);

		if (e == ERR_DEADLINE) {
			v->in_vain = patient && v->sender == NULL;
			return;
		}
		if (e != ERR_OK) {
			v->leave = LEAVE_DONE;
			return;
		}
		v->received += got;
		if (patient)
			until = fiber_loop(f)->now + PATIENCE;
		if (!take(v, slice_of(room, got))) {
			v->leave = LEAVE_DONE;
			return;
		}
		if (v->read_wait > 0 && fiber_sleep(f, fiber_loop(f)->now + v->read_wait) != ERR_OK)
			return;
	}
}

static void
leave(struct fiber *f, struct visitor *v)
{
	struct iovec room;
	size_t got;
	char byte[256];

	world_say(v->scene->world, "visitor %d leaves: %d of %d answered, manner %d",
	    v->local.ip[14] << 8 | v->local.ip[15], v->answered, v->wishes, v->leave);
	if (v->leave == LEAVE_STALL)
		(void)!fiber_sleep(f, fiber_loop(f)->now + STALL);
	if (v->leave == LEAVE_SHUT) {
		v->left_at = fiber_loop(f)->now;
		kernel_shutdown(v->fd);
		room = (struct iovec){ byte, sizeof byte };
		while (read_socket(f, v, room, fiber_loop(f)->now + STALL, &got) == ERR_OK)
			;
	}
	if (v->sender != NULL)
		fiber_cancel(v->sender);
	while (v->sender != NULL)
		(void)!fiber_park(f, NANOS_NEVER);
	if (v->leave == LEAVE_RESET)
		kernel_reset_on_close(v->fd);
	if (v->left_at == 0)
		v->left_at = v->scene->world->now;
	thing_of(v->scene->world, v->fd, THING_END)->hear = NULL;
	kernel_close(v->fd);
}

static void
visit(struct fiber *f, void *arg)
{
	struct visitor *v = arg;

	v->reader = f;
	if (fiber_sleep(f, fiber_loop(f)->now + v->comes) == ERR_OK &&
	    open_socket(f, v)) {
		v->connected = true;
		if (fiber_start(fiber_loop(f), "sender", send_all, v) == ERR_OK) {
			/* It runs when this fiber parks, and says then who it is. */
			(void)!fiber_yield(f);
			read_all(f, v);
		}
		leave(f, v);
	}
	v->done = true;
}
