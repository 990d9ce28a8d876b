/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/tap.h"

struct tap *
tap_new(struct world *w, bool is_client, const struct address *far)
{
	struct tap *t = world_alloc(w, sizeof *t);

	t->world = w;
	t->number = ++w->tap_count;
	t->opened_at = w->now;
	t->is_client = is_client;
	t->far = *far;
	*w->taps_tail = t;
	w->taps_tail = &t->next;
	return t;
}

void
tap_free_all(struct world *w)
{
	for (struct tap *t = w->taps; t != NULL; t = t->next) {
		world_free(t->in.bytes);
		world_free(t->in.mark);
		world_free(t->out.bytes);
		world_free(t->out.mark);
	}
}

static void
put(struct tape *tape, const char *ptr, size_t bytes)
{
	tape->bytes = world_grow(tape->bytes, &tape->room, tape->len + bytes + 1, 1);
	if (bytes > 0)
		memcpy(tape->bytes + tape->len, ptr, bytes);
	tape->len += bytes;
}

static void
put_mark(struct tap *t, struct tape *tape, bool stuck)
{
	struct world *w = t->world;

	tape->mark = world_grow(tape->mark, &tape->mark_room, tape->count + 1, sizeof *tape->mark);
	tape->mark[tape->count++] =
	    (struct mark){ tape->len, world_turn(w), w->calls, w->now, world_turn_at(w), stuck, 0 };
}

void
tap_read(struct tap *t, const char *ptr, size_t bytes)
{
	if (t == NULL)
		return;
	put(&t->in, ptr, bytes);
	put_mark(t, &t->in, false);
}

void
tap_write(struct tap *t, const char *ptr, size_t bytes)
{
	if (t != NULL)
		put(&t->out, ptr, bytes);
}

void
tap_wrote(struct tap *t, bool stuck)
{
	if (t != NULL)
		put_mark(t, &t->out, stuck);
}

void
tap_close(struct tap *t)
{
	if (t == NULL || t->closed_at != 0)
		return;
	t->closed_at = t->world->now;
	t->closed_call = t->world->calls;
}

void
tap_hangup(struct tap *t)
{
	if (t != NULL && t->hangup_at == 0)
		t->hangup_at = t->world->now;
}

void
tap_event(struct tap *t, unsigned ready)
{
	struct mark *last;

	if (t == NULL)
		return;
	/* The turn counts on when the events have been gathered. */
	if ((ready & READY_HANGUP) != 0 && t->hangup_turn == 0)
		t->hangup_turn = world_turn(t->world) + 1;
	last = t->out.count > 0 ? &t->out.mark[t->out.count - 1] : NULL;
	if ((ready & READY_WRITE) != 0 && last != NULL && last->stuck && last->room_at == 0)
		last->room_at = t->world->now;
}

const struct mark *
tape_mark(const struct tape *t, size_t offset)
{
	size_t low = 0, high = t->count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (t->mark[middle].upto > offset)
			high = middle;
		else
			low = middle + 1;
	}
	return low < t->count ? &t->mark[low] : NULL;
}

bool
tape_was_stuck(const struct tape *t, uint64_t call)
{
	bool stuck = false;

	for (size_t i = 0; i < t->count && t->mark[i].call <= call; i++)
		stuck = t->mark[i].stuck;
	return stuck;
}
