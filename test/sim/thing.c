/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/thing.h"

#include <errno.h>

#include "core/must.h"
#include "sim/end.h"

int
thing_open(struct world *w, struct thing *t, enum thing_kind kind)
{
	size_t room = (size_t)w->thing_room;
	int fd = 0;

	while (fd < w->thing_room && w->thing[fd] != NULL)
		fd++;
	if (fd >= w->weather.descriptors_max)
		return -EMFILE;
	if (fd >= w->thing_room) {
		w->thing = world_grow(w->thing, &room, (size_t)fd + 1, sizeof w->thing[0]);
		for (; w->thing_room < (int)room; w->thing_room++)
			w->thing[w->thing_room] = NULL;
	}
	if (t->world == NULL) {
		t->world = w;
		t->next = w->things;
		w->things = t;
	}
	t->kind = kind;
	t->fd = fd;
	t->ready_tail = &t->ready_head;
	w->thing[fd] = t;
	w->open++;
	return fd;
}

struct thing *
thing_of(struct world *w, int fd, enum thing_kind kind)
{
	must(fd >= 0 && fd < w->thing_room && w->thing[fd] != NULL);
	must(w->thing[fd]->kind == kind);
	return w->thing[fd];
}

static void
leave_poll(struct thing *t)
{
	struct thing *poll = t->poll, **at;

	if (poll == NULL)
		return;
	for (at = &poll->ready_head; t->queued && *at != t;)
		at = &(*at)->next_ready;
	if (t->queued) {
		*at = t->next_ready;
		if (t->next_ready == NULL)
			poll->ready_tail = at;
	}
	t->queued = false;
	t->poll = NULL;
}

void
thing_close(struct thing *t)
{
	struct world *w = t->world;

	leave_poll(t);
	if (t->kind == THING_POLL)
		for (struct thing *other = w->things; other != NULL; other = other->next)
			if (other->poll == t)
				leave_poll(other);
	must(w->thing[t->fd] == t);
	w->thing[t->fd] = NULL;
	w->open--;
	t->fd = -1;
}

void
thing_edge(struct thing *t)
{
	struct thing *poll = t->poll;

	if (t->hear != NULL) {
		t->hear(t->ear);
		t->world->heard = true;
	}
	if (poll == NULL || t->queued)
		return;
	t->queued = true;
	t->next_ready = NULL;
	*poll->ready_tail = t;
	poll->ready_tail = &t->next_ready;
}

unsigned
thing_mask(struct thing *t)
{
	switch (t->kind) {
	case THING_BELL:
		return (t->rung ? READY_READ : 0) | READY_WRITE;
	case THING_LISTENER:
		return listener_mask((struct listener *)t);
	case THING_END:
		return end_mask((struct end *)t);
	default:
		return 0;
	}
}
