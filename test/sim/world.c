/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/world.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/must.h"
#include "run/loop.h"
#include "sim/heap.h"
#include "sim/vfs.h"

struct block {
	struct block	*next;
	char		 bytes[] __attribute__((aligned(16)));
};

static struct world *here;

/* Some afternoon; every world begins then. */
#define FULL_MINUTE	(INT64_C(1795000020) * NANOS_PER_S)

void
world_open(struct world *w, uint64_t seed)
{
	struct dice wall = dice_of(seed, "wall");

	*w = (struct world){ .seed = seed, .now = WORLD_BEGIN, .history = seed };
	/* Exceptions end at a full minute: the first one comes while much is going on. */
	w->wall = FULL_MINUTE - WORLD_BEGIN - (nanos)dice_wide(&wall, 1, 40000) * NANOS_PER_MS;
	w->dice = dice_of(seed, "network");
	w->entropy = dice_of(seed, "entropy");
	w->taps_tail = &w->taps;
	w->next_port = 40000;
	disk_init(&w->disk, seed);
	w->vfs = vfs_install(&w->disk);
	here = w;
}

void
world_close(struct world *w)
{
	while (w->blocks != NULL) {
		struct block *next = w->blocks->next;

		heap_real_free(w->blocks);
		w->blocks = next;
	}
	vfs_remove();
	disk_release(&w->disk);
	heap_real_free(w->agenda);
	heap_real_free(w->thing);
	here = NULL;
}

struct world *
world_here(void)
{
	return here;
}

void *
world_alloc(struct world *w, size_t bytes)
{
	struct block *b = heap_real_calloc(1, sizeof *b + bytes);

	must(b != NULL);
	b->next = w->blocks;
	w->blocks = b;
	return b->bytes;
}

void *
world_grow(void *array, size_t *room, size_t want, size_t each)
{
	if (want <= *room)
		return array;
	*room = want * 2 < 64 ? 64 : want * 2;
	array = heap_real_realloc(array, *room * each);
	must(array != NULL);
	return array;
}

void
world_free(void *array)
{
	heap_real_free(array);
}

static bool
is_sooner(const struct happening *a, const struct happening *b)
{
	return a->at != b->at ? a->at < b->at : a->order < b->order;
}

void
world_plan(struct world *w, nanos at, world_event *happen, void *who, uint64_t what)
{
	struct happening h = { at < w->now ? w->now : at, w->order++, happen, who, what };
	size_t i;

	w->agenda = world_grow(w->agenda, &w->agenda_room, w->agenda_count + 1, sizeof h);
	for (i = w->agenda_count++; i > 0 && is_sooner(&h, &w->agenda[(i - 1) / 2]);
	     i = (i - 1) / 2)
		w->agenda[i] = w->agenda[(i - 1) / 2];
	w->agenda[i] = h;
}

static struct happening
take_first(struct world *w)
{
	struct happening first = w->agenda[0], last = w->agenda[--w->agenda_count];
	size_t i = 0, child;

	while ((child = 2 * i + 1) < w->agenda_count) {
		if (child + 1 < w->agenda_count &&
		    is_sooner(&w->agenda[child + 1], &w->agenda[child]))
			child++;
		if (!is_sooner(&w->agenda[child], &last))
			break;
		w->agenda[i] = w->agenda[child];
		i = child;
	}
	w->agenda[i] = last;
	return first;
}

void
world_catch_up(struct world *w)
{
	while (w->agenda_count > 0 && w->agenda[0].at <= w->now) {
		struct happening h = take_first(w);

		h.happen(w, h.who, h.what);
	}
}

nanos
world_next(const struct world *w)
{
	return w->agenda_count > 0 ? w->agenda[0].at : NANOS_NEVER;
}

void
world_pass(struct world *w, nanos time)
{
	w->now += time;
	world_catch_up(w);
}

uint64_t
world_turn(const struct world *w)
{
	return w->loop != NULL ? w->loop->turn : 0;
}

nanos
world_turn_at(const struct world *w)
{
	return w->loop != NULL ? w->loop->now : w->now;
}

void
world_note(struct world *w, uint64_t a, uint64_t b, uint64_t c)
{
	uint64_t h = w->history;

	h = (h ^ (uint64_t)w->now) * UINT64_C(0xff51afd7ed558ccd);
	h = (h ^ h >> 33 ^ a) * UINT64_C(0xc4ceb9fe1a85ec53);
	h = (h ^ h >> 29 ^ b) * UINT64_C(0x9fb21c651e98df25);
	w->history = (h ^ h >> 31 ^ c) * UINT64_C(0xff51afd7ed558ccd);
}

void
world_note_bytes(struct world *w, const char *ptr, size_t bytes)
{
	uint64_t h = w->history, word;

	for (; bytes >= 8; ptr += 8, bytes -= 8) {
		memcpy(&word, ptr, 8);
		h = (h ^ word) * UINT64_C(0x9fb21c651e98df25);
		h ^= h >> 32;
	}
	for (; bytes > 0; ptr++, bytes--)
		h = (h ^ (unsigned char)*ptr) * UINT64_C(0x100000001b3);
	w->history = h;
}

void
world_say(struct world *w, const char *format, ...)
{
	va_list list;

	if (!w->verbose)
		return;
	printf("%12.6f %6llu  ", (double)(w->now - WORLD_BEGIN) / 1e9,
	    (unsigned long long)world_turn(w));
	va_start(list, format);
	vprintf(format, list);
	va_end(list);
	putchar('\n');
}

void
world_complain(struct world *w, const char *format, ...)
{
	char room[256];
	va_list list;

	va_start(list, format);
	vsnprintf(room, sizeof room, format, list);
	va_end(list);
	if (strcmp(w->complaint, room) == 0)
		return;
	memcpy(w->complaint, room, sizeof room);
	if (w->complaints++ < 10)
		printf("seed %llu: %s\n", (unsigned long long)w->seed, room);
	world_say(w, "*** %s", room);
}
