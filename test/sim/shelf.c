/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/shelf.h"

#include <errno.h>
#include <stdio.h>

#include "run/fiber.h"
#include "run/kernel.h"
#include "run/loop.h"
#include "store/conversation_row.h"

#define CALL_TIME_MAX	(2 * NANOS_PER_US)
#define SLOW_TIME_MAX	(5 * NANOS_PER_MS)
#define HEAD_EVERY	NANOS_PER_S
#define LINE_HEAD_MAX	2000		/* so far into a line its kind is known */

/* The first key of RFC 8032, 7.1: what is signed with it is the same in every run. */
static const char key_pem[] =
    "-----BEGIN PRIVATE KEY-----\n"
    "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n"
    "-----END PRIVATE KEY-----\n";

/* ---- what the disk does ---- */

static void
note_sighting(struct shelf *s, struct slice id, bool closing)
{
	struct sighting *seen;

	if (shelf_durable(s, id, closing) != UINT64_MAX)
		return;
	s->seen = world_grow(s->seen, &s->seen_room, s->seen_count + 1, sizeof *s->seen);
	seen = &s->seen[s->seen_count++];
	*seen = (struct sighting){ .closing = closing, .call = s->world->calls };
	memcpy(seen->id, id.ptr, sizeof seen->id);
	if (!closing)
		s->open++;
	else if (shelf_durable(s, id, false) != UINT64_MAX)
		s->open--;
}

/* The ids of entries in what SQLite's log is about to make last. */
static void
look_for_ids(struct shelf *s, struct slice bytes)
{
	static const struct slice mark = { "\",\"id\":\"", 8 };
	size_t at;

	while ((at = slice_find(bytes, mark)) < bytes.len) {
		struct slice head;

		bytes = slice_cut(bytes, at + mark.len, bytes.len);
		if (bytes.len < ENTRY_ID_BYTES)
			return;
		head = slice_cut(bytes, 0, bytes.len < LINE_HEAD_MAX ? bytes.len : LINE_HEAD_MAX);
		note_sighting(s, slice_cut(bytes, 0, ENTRY_ID_BYTES),
		    slice_find(head, S(",\"opened\":true")) > slice_find(head, S(",\"zone\":")));
	}
}

static void
look_at_log(struct shelf *s, const struct disk_file *f)
{
	for (size_t i = 0; i < f->loose_count; i++) {
		size_t to = f->loose[i].to < f->len ? f->loose[i].to : f->len;

		if (f->loose[i].from < to)
			look_for_ids(s, slice_of(f->bytes + f->loose[i].from,
			    to - f->loose[i].from));
	}
}

static void
lose_power(struct shelf *s, struct crash *c)
{
	c->happened = true;
	c->call = s->world->calls;
	world_say(s->world, "the power goes: %s, fate %d", c->folder, c->fate);
	disk_crash(&s->world->disk, SHELF_FOLDER, c->folder, c->fate, &s->dice);
}

static bool
is_due(const struct shelf *s, const struct crash *c)
{
	return !c->happened && c->at > 0 && s->world->disk.calls >= c->at && s->open >= c->open;
}

static void
watch(struct disk *d, enum disk_call call, const struct disk_file *f, size_t at, size_t bytes)
{
	struct shelf *s = d->owner;
	struct world *w = s->world;
	size_t len = strlen(f->path);

	w->calls++;
	world_note(w, 'D' << 8 | (uint64_t)call, at, bytes);
	world_say(w, "disk call %llu: %d of %s at %zu, %zu bytes", (unsigned long long)d->calls,
	    call, f->path, at, bytes);
	if (dice_permille(&s->dice, s->slow))
		world_pass(w, (nanos)dice_below(&s->dice, SLOW_TIME_MAX));
	world_pass(w, (nanos)dice_below(&s->dice, CALL_TIME_MAX));
	for (int i = 0; i < SHELF_CRASHES; i++)
		if (is_due(s, &s->crash[i]))
			lose_power(s, &s->crash[i]);
	if (call == DISK_SYNC && len > 4 && strcmp(f->path + len - 4, "-wal") == 0)
		look_at_log(s, f);
}

void
shelf_trouble(struct shelf *s, bool calm)
{
	struct disk *d = &s->world->disk;
	struct dice *dice = &s->dice;

	for (int i = 0; i < SHELF_CRASHES; i++) {
		struct crash *c = &s->crash[i];

		(void)snprintf(c->folder, sizeof c->folder, "crash%d", i);
		c->at = d->calls + dice_wide(dice, 1, 500);
		c->open = dice_percent(dice, 50) ? (int)dice_between(dice, 1, 3) : 0;
		c->fate = (enum disk_fate)dice_below(dice, DISK_FATES);
	}
	if (calm || dice_percent(dice, 50))
		return;
	if (dice_percent(dice, 40)) {
		d->span_from = d->calls + dice_wide(dice, 1, 1000);
		d->span_to = d->span_from + dice_wide(dice, 1, 300);
		d->span_error = dice_percent(dice, 50) ? -EIO : -ENOSPC;
	}
	if (dice_percent(dice, 20))
		d->room = d->used + dice_wide(dice, 1, 1000000);
	if (dice_percent(dice, 40))
		d->fails = (unsigned)dice_wide(dice, 1, 100);
	if (dice_percent(dice, 40))
		d->syncs_fail = (unsigned)dice_between(dice, 50, 400);
	if (dice_percent(dice, 40))
		s->slow = (unsigned)dice_wide(dice, 1, 50);
}

uint64_t
shelf_durable(const struct shelf *s, struct slice id, bool closing)
{
	for (size_t i = 0; i < s->seen_count; i++)
		if (s->seen[i].closing == closing &&
		    slice_eq(slice_of(s->seen[i].id, ENTRY_ID_BYTES), id))
			return s->seen[i].call;
	return UINT64_MAX;
}

/* ---- its life ---- */

static const struct book_plan plan = {
	.folder = SHELF_FOLDER, .origin = { "sim", 3 }, .head_every = HEAD_EVERY,
};

enum err
shelf_open(struct shelf *s, struct world *w, struct conversations *conversations)
{
	char room[512];
	struct text why;
	enum err e;

	*s = (struct shelf){ .world = w, .there = true, .dice = dice_of(w->seed, "shelf") };
	disk_put(&w->disk, SHELF_FOLDER "/ledger.key", key_pem, sizeof key_pem - 1);
	w->disk.owner = s;
	w->disk.watch = watch;
	text_init(&why, room, sizeof room);
	e = book_open(&s->book, &plan, &why);
	if (e == ERR_OK)
		e = conversation_row_load(book_store(s->book), conversations, kernel_wall());
	if (e == ERR_OK)
		e = ceiling_open(&s->ceilings, s->book, kernel_wall());
	if (e != ERR_OK)
		printf("seed %llu: %.*s\n", (unsigned long long)w->seed, (int)why.len, why.ptr);
	return e;
}

enum err
shelf_start(struct shelf *s, struct loop *loop)
{
	enum err e = book_start(s->book, loop);

	return e == ERR_OK ? ceiling_start(s->ceilings, loop) : e;
}

static void
stop_main(struct fiber *f, void *arg)
{
	struct shelf *s = arg;

	ceiling_stop(s->ceilings, f);
	book_stop(s->book, f);
	s->stopped = true;
}

enum err
shelf_stop(struct shelf *s, struct loop *loop)
{
	return fiber_start(loop, "stop", stop_main, s);
}

static void
end_trouble(struct disk *d)
{
	d->fails = d->syncs_fail = 0;
	d->span_to = 0;
	d->room = 0;
}

void
shelf_close(struct shelf *s)
{
	struct book_sight book;
	struct ceiling_sight ceilings;

	if (!s->there)
		return;
	book_look(s->book, &book);
	ceiling_count(s->ceilings, &ceilings);
	s->lost = book.lost;
	s->unwell = book.failing || book.lost > 0 || ceilings.failed > 0;
	ceiling_close(s->ceilings);
	book_close(s->book);
	s->slow = 0;
	for (int i = 0; i < SHELF_CRASHES; i++)
		s->crash[i].at = 0;
	end_trouble(&s->world->disk);
}

enum err
shelf_recover(const char *folder, struct text *why)
{
	struct book_plan next = plan;
	struct ceilings *ceilings = NULL;
	struct book *book = NULL;
	enum err e;

	next.folder = folder;
	if ((e = book_open(&book, &next, why)) != ERR_OK)
		return e;
	e = ceiling_open(&ceilings, book, kernel_wall());
	if (e == ERR_OK)
		ceiling_close(ceilings);
	else
		text_put(why, S("budgets cannot be taken up"));
	book_close(book);
	return e;
}
