/* SPDX-License-Identifier: Apache-2.0 */
#include "admit/turn.h"

#include <pthread.h>
#include <stdatomic.h>

#include "core/limit.h"
#include "run/fiber.h"
#include "run/loop.h"

#include "check.h"

#define VISITORS	512

struct room {
	struct loop		 loop;
	struct turn_queue	*queue;
	unsigned		 living;
	unsigned		 served;		/* in all */
	char			 order[VISITORS];	/* of tenants, as they had their turns */
};

struct visitor {
	struct room	*room;
	struct fiber	*fiber;
	char		 tenant;
	nanos		 patience, stay;	/* 0: until the room is closed by its test */
	enum err	 outcome;
	bool		 inside, may_go, over;
};

static void
visit(struct fiber *f, void *arg)
{
	struct visitor *v = arg;
	struct room *room = v->room;

	v->fiber = f;
	v->outcome = turn_try(room->queue) ? ERR_OK : turn_wait(room->queue,
	    (uint64_t)v->tenant, f, v->patience > 0 ? room->loop.now + v->patience
	    : NANOS_NEVER);
	if (v->outcome == ERR_OK) {
		room->order[room->served++] = v->tenant;
		v->inside = true;
		while (!v->may_go && fiber_sleep(f, room->loop.now + NANOS_PER_MS / 10) == ERR_OK)
			;
		v->inside = false;
		turn_give(room->queue);
	}
	v->over = true;
	room->living--;
}

static void
enter(struct room *room, struct visitor *v, char tenant)
{
	v->room = room;
	v->tenant = tenant;
	room->living++;
	must(fiber_start(&room->loop, "visitor", visit, v) == ERR_OK);
	loop_turn(&room->loop, room->loop.now);
}

static void
turns(struct room *room, unsigned count)
{
	while (count-- > 0)
		loop_turn(&room->loop, room->loop.now + NANOS_PER_MS);
}

static void
finish(struct room *room, struct visitor *v, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		v[i].may_go = true;
	while (room->living > 0)
		loop_turn(&room->loop, room->loop.now + NANOS_PER_MS);
}

static struct turns *
open_room(struct room *room, uint32_t most)
{
	struct turns *turns = turns_new();

	*room = (struct room){ .living = 0 };
	must(turns != NULL && loop_open(&room->loop, NULL) == ERR_OK);
	room->queue = turns_queue(turns, 7);
	must(room->queue != NULL);
	turn_allow(room->queue, most);
	return turns;
}

static void
close_room(struct room *room, struct turns *turns)
{
	check(turn_taken(room->queue) == 0 && turn_waiting(room->queue) == 0,
	    "all turns are given back, and nobody waits");
	loop_close(&room->loop);
	turns_free(turns);
}

/* ---- whose turn it is ---- */

static void
is_fair(void)
{
	static struct visitor v[VISITORS];
	struct room room;
	struct turns *t = open_room(&room, 1);
	static const char come[] = "aaaaaaaaaabaacab";

	memset(v, 0, sizeof v);
	for (unsigned i = 0; i < sizeof come - 1; i++)
		enter(&room, &v[i], come[i]);
	check(turn_taken(room.queue) == 1 && turn_waiting(room.queue) == sizeof come - 2,
	    "one has its turn, the others wait");
	check(!turn_is_free(room.queue) && !turn_try(room.queue), "nobody goes before them");
	finish(&room, v, sizeof come - 1);
	check_slice(slice_of(room.order, room.served), S("aabcabaaaaaaaaaa"),
	    "turns go round the tenants, and in the order of coming inside");
	close_room(&room, t);
}

static void
waits_one_turn(void)
{
	static struct visitor v[VISITORS];
	struct room room;
	struct turns *t = open_room(&room, 1);
	unsigned at = 0;

	memset(v, 0, sizeof v);
	for (unsigned i = 0; i < 101; i++)
		enter(&room, &v[i], 'm');
	enter(&room, &v[101], 'o');
	finish(&room, v, 102);
	while (room.order[at] != 'o')
		at++;
	check(at <= 2, "a tenant with one, behind another's hundred, waits for one turn: %u", at);
	close_room(&room, t);
}

static void
follows_its_limit(void)
{
	static struct visitor v[8];
	struct room room;
	struct turns *t = open_room(&room, 1);

	memset(v, 0, sizeof v);
	for (unsigned i = 0; i < 8; i++)
		enter(&room, &v[i], 'a');
	turn_allow(room.queue, 4);
	turns(&room, 3);
	check(turn_taken(room.queue) == 4, "a larger limit lets more in at once");
	turn_allow(room.queue, 2);
	v[0].may_go = v[1].may_go = true;
	turns(&room, 5);
	check(turn_taken(room.queue) == 2, "a smaller one lets those out who are in");
	turn_allow(room.queue, 0);
	turns(&room, 3);
	check(turn_waiting(room.queue) == 0, "without one nobody waits");
	finish(&room, v, 8);
	close_room(&room, t);
}

/* ---- ends ---- */

static void
ends_waiting(void)
{
	static struct visitor v[5];
	struct room room;
	struct turns *t = open_room(&room, 1);

	memset(v, 0, sizeof v);
	v[2].patience = 5 * NANOS_PER_MS;
	for (unsigned i = 0; i < 5; i++)
		enter(&room, &v[i], i == 4 ? 'b' : 'a');
	fiber_cancel(v[1].fiber);
	turns(&room, 2);
	check(v[1].over && v[1].outcome == ERR_CANCELLED, "who is cancelled waits no more");
	while (!v[2].over)
		turns(&room, 1);
	check(v[2].outcome == ERR_DEADLINE, "nor who has a deadline");
	check(turn_waiting(room.queue) == 2, "the others do");
	finish(&room, v, 5);
	check(v[3].outcome == ERR_OK && v[4].outcome == ERR_OK, "and have their turns");
	close_room(&room, t);
}

/* It was given a turn, and is cancelled before it hears of it: the turn goes on to the next. */
static void
loses_no_turn(void)
{
	static struct visitor v[3];
	struct room room;
	struct turns *t = open_room(&room, 1);

	memset(v, 0, sizeof v);
	must(turn_try(room.queue));
	enter(&room, &v[0], 'a');
	enter(&room, &v[1], 'b');
	turn_give(room.queue);
	fiber_cancel(v[0].fiber);
	turns(&room, 5);
	check(v[0].over, "who is cancelled while its turn is on its way ends");
	check(v[1].inside, "and the next one has a turn");
	finish(&room, v, 3 - 1);
	close_room(&room, t);
}

static void
is_bounded(void)
{
	static struct visitor v[TURN_LANES + 2];
	struct room room;
	struct turns *t = open_room(&room, 1);
	enum err e;

	memset(v, 0, sizeof v);
	must(turn_try(room.queue));
	for (unsigned i = 0; i < TURN_LANES; i++) {
		v[i].room = &room;
		v[i].tenant = (char)i;
		room.living++;
		must(fiber_start(&room.loop, "visitor", visit, &v[i]) == ERR_OK);
	}
	turns(&room, 2);
	check(turn_waiting(room.queue) == TURN_LANES, "as many tenants wait as may");
	enter(&room, &v[TURN_LANES], (char)3);
	check(turn_waiting(room.queue) == TURN_LANES + 1, "another of one of them waits");
	e = v[TURN_LANES].outcome;
	check(e == ERR_OK, "and is not sent away");
	turn_give(room.queue);
	finish(&room, v, TURN_LANES + 1);
	close_room(&room, t);
}

/* ---- over several loops ---- */

#define LOOPS		4
#define FIBERS		24
#define ROUNDS		200

struct hall {
	struct turn_queue	*queue;
	uint32_t		 limit;
	_Atomic(uint32_t)	 inside, most;
	_Atomic(uint64_t)	 served, ended;
};

struct corner {
	struct hall	*hall;
	struct loop	 loop;
	unsigned	 living, number;
};

static void
wander(struct fiber *f, void *arg)
{
	struct corner *c = arg;
	struct hall *hall = c->hall;
	unsigned self = c->living;

	for (unsigned i = 0; i < ROUNDS; i++) {
		/* Some have little patience, so that turns and ends meet. */
		nanos until = (i + self) % 3 == 0 ? c->loop.now + 50 * NANOS_PER_US : NANOS_NEVER;
		enum err e = turn_try(hall->queue) ? ERR_OK
		    : turn_wait(hall->queue, c->number * 100 + self % 5, f, until);
		uint32_t inside, most;

		if (e != ERR_OK) {
			hall->ended++;
			continue;
		}
		inside = atomic_fetch_add(&hall->inside, 1) + 1;
		most = hall->most;
		while (inside > most && !atomic_compare_exchange_weak(&hall->most, &most, inside))
			;
		if (i % 2 == 0)
			must(fiber_yield(f) == ERR_OK);
		hall->served++;
		atomic_fetch_sub(&hall->inside, 1);
		turn_give(hall->queue);
	}
	if (--c->living == 0)
		loop_stop(&c->loop);
}

static void *
corner_main(void *arg)
{
	struct corner *c = arg;

	must(loop_open(&c->loop, NULL) == ERR_OK);
	for (unsigned i = 0; i < FIBERS; i++) {
		c->living++;
		must(fiber_start(&c->loop, "wander", wander, c) == ERR_OK);
	}
	loop_run(&c->loop);
	loop_close(&c->loop);
	return NULL;
}

static void
crosses_loops(void)
{
	static struct corner corner[LOOPS];
	struct turns *turns = turns_new();
	struct hall hall = { .queue = turns_queue(turns, 1), .limit = 3 };
	pthread_t thread[LOOPS];

	turn_allow(hall.queue, hall.limit);
	for (unsigned i = 0; i < LOOPS; i++) {
		corner[i] = (struct corner){ .hall = &hall, .number = i };
		must(pthread_create(&thread[i], NULL, corner_main, &corner[i]) == 0);
	}
	for (unsigned i = 0; i < LOOPS; i++)
		must(pthread_join(thread[i], NULL) == 0);
	check(hall.served + hall.ended == LOOPS * FIBERS * ROUNDS,
	    "everybody had its turn or its end: %llu and %llu", (unsigned long long)hall.served,
	    (unsigned long long)hall.ended);
	check(hall.served > 0 && hall.most <= hall.limit, "never more than %u at a time: %u",
	    hall.limit, hall.most);
	check(turn_taken(hall.queue) == 0 && turn_waiting(hall.queue) == 0,
	    "in the end nobody waits, and no turn is lost");
	turns_free(turns);
}

int
main(void)
{
	is_fair();
	waits_one_turn();
	follows_its_limit();
	ends_waiting();
	loses_no_turn();
	is_bounded();
	crosses_loops();
	return check_done();
}
