/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/sums.h"

#include <stdlib.h>

#include "core/hash.h"
#include "core/limit.h"
#include "ledger/share.h"
#include "run/heap.h"

struct sums_row {
	struct slice	share;		/* packed: whose row it is, and figures of no meaning */
	uint64_t	hash;		/* of its subject */
	int64_t		figure[ROLLUP_FIGURES];
};

/* The first bound of milliseconds that is not below. */
static enum rollup_figure
bucket_of(int64_t us)
{
	static const int64_t bound[] = { 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000,
		10000, 30000, 60000 };
	unsigned i = 0;

	_Static_assert(sizeof bound / sizeof bound[0] == FIGURE_longer - FIGURE_under_1,
	    "a bound for each bucket but the last");
	while (i < sizeof bound / sizeof bound[0] && us > bound[i] * 1000)
		i++;
	return FIGURE_under_1 + i;
}

/* The same text gets the same place in every process; nobody gains by a poor one. */
static uint64_t
hash_of(struct slice subject)
{
	static const struct hash_key fixed = { { 0 } };

	return hash_64(&fixed, subject);
}

/* The slot of a subject, or a free one. */
static struct sums_row **
find(struct sums_row **slot, size_t room, struct slice subject, uint64_t hash)
{
	size_t at = hash & (room - 1);

	while (slot[at] != NULL && (slot[at]->hash != hash ||
	    !slice_eq(share_subject(slot[at]->share), subject)))
		at = (at + 1) & (room - 1);
	return &slot[at];
}

static bool
grow(struct sums *t)
{
	size_t room = t->room == 0 ? 64 : t->room * 2;
	struct sums_row **slot = calloc(room, sizeof *slot);

	if (slot == NULL)
		return false;
	for (size_t i = 0; i < t->room; i++) {
		struct sums_row *row = t->slot[i];

		if (row != NULL)
			*find(slot, room, share_subject(row->share), row->hash) = row;
	}
	free(t->slot);
	t->slot = slot;
	t->room = room;
	return true;
}

/* Sums stop at the most that a row can hold. */
static void
add(int64_t *to, int64_t n)
{
	if (__builtin_add_overflow(*to, n, to))
		*to = INT64_MAX;
}

static void
add_figures(struct sums_row *row, struct slice packed)
{
	int64_t figure[SHARE_FIGURES];

	share_figures(packed, figure);
	for (int i = 0; i < SHARE_FIGURES; i++)
		add(&row->figure[i], figure[i]);
	add(&row->figure[bucket_of(figure[FIGURE_duration_us])], 1);
}

static void
get_ready(struct sums *t)
{
	if (t->ready)
		return;
	arena_init(&t->arena, heap_memory(), SUMS_BYTES_MAX);
	arena_init(&t->work, heap_memory(), SUMS_BYTES_MAX);
	t->ready = true;
}

enum err
sums_add(struct sums *t, struct slice packed)
{
	struct slice subject = share_subject(packed);
	uint64_t hash = hash_of(subject);
	struct sums_row **slot;

	get_ready(t);
	if (t->count * 2 >= t->room && !grow(t))
		return ERR_MEMORY;
	slot = find(t->slot, t->room, subject, hash);
	if (*slot == NULL) {
		struct sums_row *row = arena_alloc(&t->arena, sizeof *row);
		struct slice share = arena_copy(&t->arena, packed);

		if (arena_overflowed(&t->arena))
			return ERR_MEMORY;
		*row = (struct sums_row){ .share = share, .hash = hash };
		*slot = row;
		t->count++;
	}
	add_figures(*slot, packed);
	return ERR_OK;
}

enum err
sums_line(struct sums *t, struct slice line)
{
	struct slice packed;
	struct share share;
	bool counts = false;
	enum err e;

	get_ready(t);
	e = share_read(&t->work, line, &share, &counts);
	if (e == ERR_OK && counts) {
		packed = share_pack(&t->work, &share);
		e = packed.ptr != NULL ? sums_add(t, packed) : ERR_MEMORY;
	}
	arena_reset(&t->work);
	return e;
}

/* The row of an hour, and what it adds to its day and month. */
static enum err
put_row(struct store *s, const struct sums_row *row)
{
	struct rollup rollup;
	struct share share;
	enum err e = ERR_OK;

	must(share_unpack(row->share, &share));
	memcpy(rollup.name, share.name, sizeof rollup.name);
	memcpy(rollup.figure, row->figure, sizeof rollup.figure);
	for (rollup.span = ROLLUP_HOUR; rollup.span < ROLLUP_SPANS && e == ERR_OK; rollup.span++) {
		rollup.at = rollup_begin(rollup.span, share.hour);
		e = rollup_add(s, &rollup);
	}
	return e;
}

enum err
sums_put(struct sums *t, struct store *s)
{
	enum err e = ERR_OK;

	for (size_t i = 0; t->count > 0 && i < t->room && e == ERR_OK; i++)
		if (t->slot[i] != NULL)
			e = put_row(s, t->slot[i]);
	sums_reset(t);
	return e;
}

void
sums_reset(struct sums *t)
{
	if (t->count > 0)
		memset(t->slot, 0, t->room * sizeof *t->slot);
	t->count = 0;
	if (t->ready)
		arena_reset(&t->arena);
}

void
sums_release(struct sums *t)
{
	if (t->ready) {
		arena_release(&t->arena);
		arena_release(&t->work);
	}
	free(t->slot);
	*t = (struct sums){ 0 };
}
