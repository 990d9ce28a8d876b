/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/disk.h"

#include <errno.h>
#include <sqlite3.h>
#include <string.h>

#include "core/must.h"

#define SECTOR	512		/* is written whole or not at all */

static void *
grow(void *array, size_t *room, size_t want, size_t each)
{
	if (want <= *room)
		return array;
	*room = want * 2 < 64 ? 64 : want * 2;
	array = sqlite3_realloc64(array, *room * each);
	must(array != NULL);
	return array;
}

void
disk_init(struct disk *d, uint64_t seed)
{
	*d = (struct disk){ .dice = dice_of(seed, "disk") };
}

static void
file_free(struct disk_file *f)
{
	must(f->node == NULL);
	sqlite3_free(f->path);
	sqlite3_free(f->bytes);
	sqlite3_free(f->kept);
	sqlite3_free(f->loose);
	sqlite3_free(f);
}

void
disk_release(struct disk *d)
{
	while (d->files != NULL) {
		struct disk_file *f = d->files;

		d->files = f->next;
		file_free(f);
	}
}

struct disk_file *
disk_find(const struct disk *d, const char *path)
{
	struct disk_file *f = d->files;

	while (f != NULL && strcmp(f->path, path) != 0)
		f = f->next;
	return f;
}

struct disk_file *
disk_make(struct disk *d, const char *path)
{
	struct disk_file *f = disk_find(d, path);

	if (f != NULL)
		return f;
	f = sqlite3_malloc64(sizeof *f);
	must(f != NULL);
	*f = (struct disk_file){ .path = sqlite3_mprintf("%s", path), .cut_to = SIZE_MAX };
	must(f->path != NULL);
	f->next = d->files;
	d->files = f;
	return f;
}

/* ---- room ---- */

static size_t
taken(const struct disk_file *f)
{
	return f->len > f->reserved ? f->len : f->reserved;
}

/* Has the disk room for a file of that size?  Then it is used. */
static bool
take_room(struct disk *d, const struct disk_file *f, size_t bytes)
{
	size_t more = bytes > taken(f) ? bytes - taken(f) : 0;

	if (d->room > 0 && more > 0 && (d->used > d->room || more > d->room - d->used))
		return false;
	d->used += more;
	return true;
}

static void
set_length(struct disk *d, struct disk_file *f, size_t len)
{
	size_t before = taken(f);

	if (len > f->len) {
		f->bytes = grow(f->bytes, &f->room, len, 1);
		memset(f->bytes + f->len, 0, len - f->len);
	}
	f->len = len;
	if (taken(f) < before)
		d->used -= before - taken(f);
}

/* ---- calls ---- */

/* 0, or the error with which the call is refused. */
static int
begin(struct disk *d, enum disk_call call, const struct disk_file *f, size_t at, size_t bytes)
{
	bool fails;

	d->calls++;
	if (d->watch != NULL)
		d->watch(d, call, f, at, bytes);
	if (call != DISK_READ && d->calls >= d->span_from && d->calls < d->span_to) {
		d->refused++;
		return d->span_error;
	}
	fails = dice_permille(&d->dice, d->fails) ||
	    (call == DISK_SYNC && dice_permille(&d->dice, d->syncs_fail));
	d->refused += fails;
	return fails ? -EIO : 0;
}

ssize_t
disk_read(struct disk *d, struct disk_file *f, size_t at, void *out, size_t bytes)
{
	int error = begin(d, DISK_READ, f, at, bytes);
	size_t there = at < f->len ? f->len - at : 0;

	if (error < 0)
		return error;
	if (bytes > there)
		bytes = there;
	if (bytes > 0)
		memcpy(out, f->bytes + at, bytes);
	return (ssize_t)bytes;
}

static void
loosen(struct disk_file *f, size_t from, size_t to)
{
	struct stretch *last = f->loose_count > 0 ? &f->loose[f->loose_count - 1] : NULL;

	if (from == to)
		return;
	if (last != NULL && last->to == from) {
		last->to = to;
		return;
	}
	f->loose = grow(f->loose, &f->loose_room, f->loose_count + 1, sizeof *f->loose);
	f->loose[f->loose_count++] = (struct stretch){ from, to };
}

int
disk_write(struct disk *d, struct disk_file *f, size_t at, const void *ptr, size_t bytes)
{
	int error = begin(d, DISK_WRITE, f, at, bytes);

	if (error == 0 && !take_room(d, f, at + bytes)) {
		error = -ENOSPC;
		d->refused++;
	}
	if (error < 0) {
		/* Within the file a part of it may have been written all the same. */
		bytes = (size_t)dice_below(&d->dice, bytes + 1);
		if (at + bytes > f->len)
			return error;
	}
	if (at + bytes > f->len)
		set_length(d, f, at + bytes);
	memcpy(f->bytes + at, ptr, bytes);
	loosen(f, at, at + bytes);
	return error;
}

int
disk_cut(struct disk *d, struct disk_file *f, size_t bytes)
{
	int error = begin(d, DISK_CUT, f, bytes, 0);

	if (error < 0 || bytes >= f->len)
		return error;
	set_length(d, f, bytes);
	if (bytes < f->cut_to)
		f->cut_to = bytes;
	return 0;
}

int
disk_reserve(struct disk *d, struct disk_file *f, size_t bytes)
{
	if (!take_room(d, f, bytes))
		return -ENOSPC;
	if (bytes > f->reserved)
		f->reserved = bytes;
	return 0;
}

/* ---- what lasts ---- */

static void
keep_length(struct disk_file *f, size_t len)
{
	f->kept = grow(f->kept, &f->kept_room, len, 1);
	if (len > f->kept_len)
		memset(f->kept + f->kept_len, 0, len - f->kept_len);
	f->kept_len = len;
}

static void
keep_cut(struct disk_file *f)
{
	if (f->cut_to < f->kept_len)
		keep_length(f, f->cut_to);
}

static void
keep(struct disk_file *f, size_t from, size_t to)
{
	if (to > f->len)
		to = f->len;
	if (from >= to)
		return;
	if (to > f->kept_len)
		keep_length(f, to);
	memcpy(f->kept + from, f->bytes + from, to - from);
}

static void
settle(struct disk_file *f)
{
	f->loose_count = 0;
	f->cut_to = SIZE_MAX;
	f->named = true;
}

int
disk_sync(struct disk *d, struct disk_file *f)
{
	int error = begin(d, DISK_SYNC, f, 0, 0);

	if (error == 0 || dice_percent(&d->dice, 50))
		keep_cut(f);
	for (size_t i = 0; i < f->loose_count; i++)
		if (error == 0 || dice_percent(&d->dice, 50))
			keep(f, f->loose[i].from, f->loose[i].to);
	if (error == 0)
		keep_length(f, f->len);
	settle(f);
	return error;
}

int
disk_remove(struct disk *d, struct disk_file *f)
{
	struct disk_file **at = &d->files;
	int error = begin(d, DISK_REMOVE, f, 0, 0);

	if (error < 0)
		return error;
	while (*at != f)
		at = &(*at)->next;
	*at = f->next;
	d->used -= taken(f);
	file_free(f);
	return 0;
}

void
disk_put(struct disk *d, const char *path, const char *bytes, size_t len)
{
	struct disk_file *f = disk_make(d, path);

	set_length(d, f, len);
	memcpy(f->bytes, bytes, len);
	keep_length(f, len);
	keep(f, 0, len);
	settle(f);
}

/* ---- crashes ---- */

/* Sectors that are left, where some of them are. */
struct rest {
	enum disk_fate	 fate;
	struct dice	*dice;
	uint64_t	 first;		/* so many of the first, of DISK_STOPS */
};

static bool
is_left(struct rest *r)
{
	switch (r->fate) {
	case DISK_KEEPS:
		return true;
	case DISK_STOPS:
		return r->first > 0 && r->first-- > 0;
	case DISK_TEARS:
		return dice_percent(r->dice, 50);
	default:
		return false;
	}
}

static uint64_t
count_sectors(const struct disk_file *f)
{
	uint64_t count = f->cut_to < SIZE_MAX;

	for (size_t i = 0; i < f->loose_count; i++)
		count += (f->loose[i].to + SECTOR - 1) / SECTOR - f->loose[i].from / SECTOR;
	return count;
}

static void
leave_stretch(struct disk_file *copy, const struct disk_file *f, const struct stretch *s,
    struct rest *r)
{
	size_t end = s->to < f->len ? s->to : f->len, next;

	for (size_t at = s->from; at < end; at = next) {
		next = (at / SECTOR + 1) * SECTOR;
		if (next > end)
			next = end;
		if (!is_left(r))
			continue;
		if (next > copy->kept_len)
			keep_length(copy, next);
		memcpy(copy->kept + at, f->bytes + at, next - at);
	}
}

/* What is found of a file. */
static void
leave(struct disk_file *copy, const struct disk_file *f, struct rest *r)
{
	keep_length(copy, f->kept_len);
	if (f->kept_len > 0)
		memcpy(copy->kept, f->kept, f->kept_len);
	if (f->cut_to < copy->kept_len && is_left(r))
		keep_length(copy, f->cut_to);
	for (size_t i = 0; i < f->loose_count; i++)
		leave_stretch(copy, f, &f->loose[i], r);
	copy->bytes = grow(copy->bytes, &copy->room, copy->kept_len + 1, 1);
	if (copy->kept_len > 0)
		memcpy(copy->bytes, copy->kept, copy->kept_len);
	copy->len = copy->kept_len;
	settle(copy);
}

static bool
is_in(const struct disk_file *f, const char *folder)
{
	size_t len = strlen(folder);

	return strncmp(f->path, folder, len) == 0 && f->path[len] == '/';
}

void
disk_crash(struct disk *d, const char *from, const char *to, enum disk_fate fate,
    struct dice *dice)
{
	struct rest r = { .fate = fate, .dice = dice };

	for (const struct disk_file *f = d->files; f != NULL; f = f->next) {
		struct disk_file *copy;
		char *path;

		if (!is_in(f, from) || (!f->named && !is_left(&r)))
			continue;
		r.first = dice_below(dice, count_sectors(f) + 1);
		path = sqlite3_mprintf("%s%s", to, f->path + strlen(from));
		must(path != NULL && disk_find(d, path) == NULL);
		copy = disk_make(d, path);
		sqlite3_free(path);
		leave(copy, f, &r);
		d->used += taken(copy);
	}
}

void
disk_clear(struct disk *d, const char *folder)
{
	for (struct disk_file **at = &d->files, *f; (f = *at) != NULL;) {
		if (!is_in(f, folder)) {
			at = &f->next;
			continue;
		}
		*at = f->next;
		d->used -= taken(f);
		file_free(f);
	}
}
