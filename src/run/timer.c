/* SPDX-License-Identifier: Apache-2.0 */
#include "run/timer.h"

#include <stdlib.h>

/*
 * A heap of four children a node: as deep as half of a binary one, and the
 * children share a cache line.  Places begin at 1, and so
 *
 *   the parent of i is (i - 2) / 4 + 1,    its children 4 i - 2 … 4 i + 1.
 */
#define FIRST_ROOM	64

static void
put(struct timers *timers, struct timer *t, size_t place)
{
	timers->heap[place] = t;
	t->place = place;
}

/* Moves t, whose place is free, towards the root until its parent is not later. */
static void
rise(struct timers *timers, struct timer *t, size_t place)
{
	while (place > 1) {
		struct timer *parent = timers->heap[(place - 2) / 4 + 1];

		if (parent->at <= t->at)
			break;
		size_t above = parent->place;

		put(timers, parent, place);
		place = above;
	}
	put(timers, t, place);
}

/* Moves t, whose place is free, away from the root until no child is earlier. */
static void
sink(struct timers *timers, struct timer *t, size_t place)
{
	for (;;) {
		size_t child = 4 * place - 2, least = 0, last = 4 * place + 1;
		nanos at = t->at;

		if (last > timers->count)
			last = timers->count;
		for (; child <= last; child++)
			if (timers->heap[child]->at < at) {
				at = timers->heap[child]->at;
				least = child;
			}
		if (least == 0)
			break;
		put(timers, timers->heap[least], place);
		place = least;
	}
	put(timers, t, place);
}

static enum err
make_room(struct timers *timers)
{
	size_t room = timers->room > 0 ? timers->room * 2 : FIRST_ROOM;
	struct timer **heap;

	if (timers->count + 1 < timers->room)
		return ERR_OK;
	heap = realloc(timers->heap, room * sizeof *heap);
	if (heap == NULL)
		return ERR_MEMORY;
	timers->heap = heap;
	timers->room = room;
	return ERR_OK;
}

void
timers_release(struct timers *timers)
{
	for (size_t i = 1; i <= timers->count; i++)
		timers->heap[i]->place = 0;
	free(timers->heap);
	*timers = (struct timers){ 0 };
}

enum err
timer_set(struct timers *timers, struct timer *t, nanos at)
{
	enum err e;

	must(t->fire != NULL);
	if (t->place == 0) {
		if ((e = make_room(timers)) != ERR_OK)
			return e;
		t->at = at;
		rise(timers, t, ++timers->count);
		return ERR_OK;
	}
	must(timers->heap[t->place] == t);
	bool earlier = at < t->at;

	t->at = at;
	if (earlier)
		rise(timers, t, t->place);
	else
		sink(timers, t, t->place);
	return ERR_OK;
}

void
timer_clear(struct timers *timers, struct timer *t)
{
	size_t place = t->place;
	struct timer *last;

	if (place == 0)
		return;
	must(timers->heap[place] == t);
	t->place = 0;
	last = timers->heap[timers->count--];
	if (last == t)
		return;
	if (last->at < t->at)
		rise(timers, last, place);
	else
		sink(timers, last, place);
}

nanos
timers_next(const struct timers *timers)
{
	return timers->count > 0 ? timers->heap[1]->at : NANOS_NEVER;
}

/* At most as many as there are now, so that one that sets itself to the past cannot hold us. */
void
timers_fire(struct timers *timers, nanos now)
{
	for (size_t left = timers->count; left > 0 && timers_next(timers) <= now; left--) {
		struct timer *t = timers->heap[1];

		if (now == NANOS_NEVER && t->at == NANOS_NEVER)
			return;
		timer_clear(timers, t);
		t->fire(t, now);
	}
}
