/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/story.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/limit.h"
#include "run/dns.h"
#include "run/fiber.h"
#include "run/fiber_pool.h"
#include "sim/file.h"
#include "sim/heap.h"
#include "sim/judge.h"
#include "sim/tap.h"

#define STORY_TIME	(10000 * NANOS_PER_S)	/* nothing takes longer than this */
#define CANCEL_WAIT	(2 * NANOS_PER_S)
#define TURNS_MAX	3000000

static void
turn(struct story *s, nanos until)
{
	loop_turn(&s->loop, until);
	if (s->loop.turn > TURNS_MAX) {
		printf(
		    "seed %llu: the loop turns without end\n", (unsigned long long)s->world.seed);
		abort();
	}
}

/* No model has more requests in flight than it may. */
static void
check_crowds(struct story *s)
{
	const struct binding *b = s->gate.fleet.current;

	for (uint32_t i = 0; s->scene.versions == 1 && i < b->snapshot->model_count; i++) {
		const struct model *m = &b->snapshot->model[i];
		uint32_t most = m->limits.concurrency;

		if (most > 0 && b->ship[i]->in_flight > most)
			world_complain(&s->world,
			    "model %.*s has %u requests in flight, and may have %u",
			    (int)m->name.len, m->name.ptr, b->ship[i]->in_flight, most);
	}
}

/* ---- opening ---- */

static enum err
open_shelf(struct story *s, struct gate_parts *parts)
{
	enum err e = shelf_open(&s->shelf, &s->world, s->conversations);

	if (e != ERR_OK)
		return e;
	parts->book = s->shelf.book;
	parts->ceilings = s->shelf.ceilings;
	parts->tells_book = true;
	return shelf_start(&s->shelf, &s->loop);
}

static enum err
open_gate(struct story *s)
{
	static const char master[32] = "the master key of each history";
	struct gate_parts parts = {
		.loop = &s->loop,
		.memory = &s->memory,
		.dns = s->dns,
		.scratch = s->scratch,
		.log = s->log,
		.connections_max = s->crowded ? 1 + s->world.seed % 4 : CLIENT_CONNECTIONS_MAX,
	};
	enum err e;

	s->conversations = parts.conversations = conversations_new(master);
	s->admit = parts.admit = admit_new(kernel_now());
	if (parts.conversations == NULL || parts.admit == NULL)
		return ERR_MEMORY;
	if (s->scene.books && (e = open_shelf(s, &parts)) != ERR_OK)
		return e;
	parts.snapshot = scene_version(&s->scene);
	if (parts.snapshot == NULL)
		return ERR_MEMORY;
	parts.listener = kernel_listen(&s->scene.gate, true);
	if (parts.listener < 0)
		return ERR_IO;
	e = gate_open(&s->gate, &parts);
	s->opened = e == ERR_OK;
	return e;
}

static enum err
open_all(struct story *s)
{
	static const uint8_t gate_ip[16] = { [10] = 0xff, 0xff, 127, 0, 0, 1 };
	struct dice books;
	enum err e;

	s->dice = dice_of(s->world.seed, "story");
	scene_weather(&s->world, &s->dice, true);
	memory_init(&s->memory);
	s->scratch = malloc(READ_BYTES);
	if (s->scratch == NULL)
		return ERR_MEMORY;
	if ((e = dns_open(&s->dns)) != ERR_OK || (e = loop_open(&s->loop, NULL)) != ERR_OK)
		return e;
	s->world.loop = &s->loop;
	s->world.watched_port = 8080;
	scene_open(&s->scene, &s->world, &s->loop, s->calm);
	/* One history in three keeps a book; what is refused in torture is refused without one. */
	books = dice_of(s->world.seed, "books");
	s->scene.books = dice_percent(&books, 33) && !s->tortured;
	if (s->scene.books)
		purses_throw(&s->scene.purses, &books);
	memcpy(s->scene.gate.ip, gate_ip, sizeof gate_ip);
	s->scene.gate.port = s->world.watched_port;
	s->log = kernel_file_append("log");
	e = open_gate(s);
	if (!s->calm)
		scene_weather(&s->world, &s->dice, false);
	if (s->scene.books)
		shelf_trouble(&s->shelf, s->calm);
	return e;
}

/* ---- living ---- */

static bool
all_done(const struct story *s)
{
	for (const struct visitor *v = s->visitors; v != NULL; v = v->next)
		if (!v->done)
			return false;
	return true;
}

static void
reload(struct story *s)
{
	struct snapshot *snapshot = scene_version(&s->scene);

	if (snapshot == NULL)
		return;
	world_say(&s->world, "reload: %s", snapshot->hash);
	if (gate_reload(&s->gate, snapshot) != ERR_OK)
		snapshot_unref(snapshot);
	else
		s->scene.version[s->scene.versions - 1].since = s->world.calls + 1;
}

static void
drain(struct letter *l, struct loop *loop)
{
	struct story *s = (struct story *)((char *)l - offsetof(struct story, drain));

	(void)loop;
	world_say(&s->world, "drain");
	gate_drain(&s->gate);
}

static void
cancel(struct letter *l, struct loop *loop)
{
	struct story *s = (struct story *)((char *)l - offsetof(struct story, cancel));

	(void)loop;
	world_say(&s->world, "cancel");
	gate_cancel(&s->gate);
}

/* As another thread would: the loop reads it among its events.  Or from between two turns. */
static void
tell(struct story *s, struct letter *l)
{
	/* Much may have happened since the last turn. */
	world_pass(&s->world, (nanos)dice_wide(&s->dice, 0, 20) * NANOS_PER_MS);
	if (dice_percent(&s->dice, 50))
		loop_post(&s->loop, l);
	else
		l->open(l, &s->loop);
	turn(s, s->loop.now);
}

static void
live(struct story *s)
{
	struct dice *d = &s->dice;
	int visitors = (int)dice_wide(d, 1, 30);
	nanos begin = s->loop.now, end = begin + STORY_TIME, next_reload = NANOS_NEVER;
	bool early = !s->calm && dice_percent(d, 25);

	for (int i = 0; i < visitors; i++) {
		struct visitor *v = visitor_new(&s->scene, (uint64_t)i);

		v->next = s->visitors;
		s->visitors = v;
	}
	if (early)
		end = begin + (nanos)dice_wide(d, 0, 15000) * NANOS_PER_MS;
	if (dice_percent(d, 60))
		next_reload = begin + (nanos)dice_wide(d, 0, 10000) * NANOS_PER_MS;
	while (!all_done(s) && s->loop.now < end) {
		turn(s, next_reload < end ? next_reload : end);
		check_crowds(s);
		if (s->loop.now < next_reload)
			continue;
		reload(s);
		next_reload = dice_percent(d, 30) ? NANOS_NEVER
		    : s->loop.now + (nanos)dice_wide(d, 0, 10000) * NANOS_PER_MS;
	}
	if (!early && !all_done(s))
		world_complain(&s->world, "a visitor still waits after %d seconds",
		    (int)(STORY_TIME / NANOS_PER_S));
}

static bool
wait_idle(struct story *s, nanos wait)
{
	nanos until = s->loop.now + wait;

	while (!gate_is_idle(&s->gate) && s->loop.now < until)
		turn(s, s->loop.now + 10 * NANOS_PER_MS);
	return gate_is_idle(&s->gate);
}

/* ---- closing ---- */

/* No timer of the gate is left behind. */
static void
check_timers(struct story *s)
{
	for (size_t i = 1; i <= s->loop.timers.count; i++) {
		const char *at = (const char *)s->loop.timers.heap[i];

		if (at >= (const char *)&s->gate && at < (const char *)(&s->gate + 1))
			world_complain(&s->world, "a timer of the gate is still set at its end");
	}
}

static void
stop_shelf(struct story *s)
{
	nanos until = s->loop.now + CANCEL_WAIT;

	must(shelf_stop(&s->shelf, &s->loop) == ERR_OK);
	while (!s->shelf.stopped && s->loop.now < until)
		turn(s, s->loop.now + 10 * NANOS_PER_MS);
	if (!s->shelf.stopped)
		world_complain(&s->world, "the book does not end");
}

static void
close_gate(struct story *s)
{
	s->drained_at = s->loop.now;
	s->drain.open = drain;
	s->cancel.open = cancel;
	tell(s, &s->drain);
	if (!wait_idle(s, (nanos)dice_wide(&s->dice, 0, DRAIN_WAIT_MS) * NANOS_PER_MS)) {
		tell(s, &s->cancel);
		if (!wait_idle(s, CANCEL_WAIT))
			world_complain(&s->world, "not idle %d s after everything was cancelled",
			    (int)(CANCEL_WAIT / NANOS_PER_S));
	}
	metric_init(&s->metrics);
	if (gate_metrics(&s->gate, &s->metrics) != ERR_OK)
		world_complain(&s->world, "no metrics");
	judge_gate(s);
	/* Meanwhile the log may have begun to write. */
	if (s->scene.books) {
		stop_shelf(s);
		(void)wait_idle(s, CANCEL_WAIT);
	}
	if (gate_is_idle(&s->gate))
		gate_close(&s->gate);
	check_timers(s);
}

static void
outlive(struct story *s)
{
	nanos until = s->loop.now + STORY_TIME;

	while (!all_done(s) && s->loop.now < until)
		turn(s, s->loop.now + NANOS_PER_S);
	scene_drain(&s->scene);
	while (fiber_pool_living(s->loop.fibers) > 0 && s->loop.now < until)
		turn(s, s->loop.now + NANOS_PER_S);
	if (fiber_pool_living(s->loop.fibers) > 0 || !scene_is_idle(&s->scene)) {
		world_complain(&s->world, "fibers live on: %zu", fiber_pool_living(s->loop.fibers));
		abort();
	}
}

static void
close_rest(struct story *s)
{
	for (struct visitor *v = s->visitors; v != NULL; v = v->next) {
		if (v->in_vain)
			world_complain(&s->world, "a visitor waited in vain");
		visitor_free(v);
	}
	scene_close(&s->scene);
	shelf_close(&s->shelf);
	conversations_free(s->conversations);
	admit_free(s->admit);
	kernel_close(s->log);
	loop_close(&s->loop);
	dns_close(s->dns);
	if (s->memory.bytes != 0)
		world_complain(&s->world, "%zu bytes of the pool were not given back",
		    s->memory.bytes);
	else
		memory_release(&s->memory);
	free(s->scratch);
}

/* From now on things are refused, once. */
static void
arm(struct story *s, const struct story_options *o)
{
	s->refuse = o->refuse;
	switch (o->refuse) {
	case REFUSE_HEAP:
		heap_account()->fail_at = o->refuse_at;
		break;
	case REFUSE_POOL:
		s->memory.fail_at = o->refuse_at;
		break;
	case REFUSE_WRITE:
		s->world.fail_write_at = o->refuse_at;
		break;
	case REFUSE_FILE:
		s->world.fail_file_at = o->refuse_at;
		break;
	default:
		break;
	}
}

static bool
disarm(struct story *s)
{
	bool refused = s->refuse == REFUSE_HEAP ? heap_account()->fail_at == 0
	    : s->refuse == REFUSE_POOL ? s->memory.fail_at == 1
	    : s->refuse == REFUSE_WRITE ? s->world.fail_write_at == 0
	    : s->refuse == REFUSE_FILE && s->world.fail_file_at == 0;

	heap_account()->fail_at = 0;
	s->memory.fail_at = 0;
	s->world.fail_write_at = s->world.fail_file_at = 0;
	return refused;
}

static void
check_leaks(struct story *s)
{
	if (s->world.open != 0)
		world_complain(&s->world, "%d descriptors are left open", s->world.open);
	if (heap_account()->living != s->heap_before)
		world_complain(&s->world, "%lld allocations were not given back",
		    (long long)(heap_account()->living - s->heap_before));
}

struct story_end
story_tell(const struct story_options *o)
{
	struct story *s = heap_real_calloc(1, sizeof *s);
	struct story_end end;

	s->heap_before = heap_account()->living;
	world_open(&s->world, o->seed);
	s->world.verbose = o->verbose;
	s->calm = o->seed % 10 == 0;
	s->tortured = o->refuse != REFUSE_NOTHING;
	s->crowded = o->seed % 11 == 3 && !s->calm;
	if (open_all(s) != ERR_OK) {
		printf("seed %llu: the gateway does not open\n", (unsigned long long)o->seed);
		abort();
	}
	arm(s, o);
	live(s);
	end.refused = disarm(s);
	close_gate(s);
	outlive(s);
	close_rest(s);
	judge_log(s);
	/* What the log lost is not there to be judged. */
	if (s->refuse != REFUSE_FILE)
		judge_story(s);
	metric_release(&s->metrics);
	check_leaks(s);
	end.history = s->world.history;
	end.complaints = s->world.complaints;
	world_free(s->shelf.seen);
	tap_free_all(&s->world);
	file_free_all(&s->world);
	world_close(&s->world);
	heap_real_free(s);
	return end;
}
