/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/lot.h"

#include <stdlib.h>

/*
 * A ceiling is raised for about STEP_TIME of spending at once, and never by more than
 * a part of what is left: what is between it and what was spent is what a crash
 * costs until somebody corrects it.
 */
#define STEP_TIME	(200 * NANOS_PER_MS)
#define STEP_OF_REST	16
#define IDLE_AT_ONCE	256

struct slice
lot_name(const struct lot *lot)
{
	return slice_of(lot->account->name, lot->account->name_bytes);
}

void
lot_due(struct holds *h, struct lot *lot)
{
	if (lot->is_due)
		return;
	lot->is_due = true;
	atomic_store_explicit(&h->any_due, true, memory_order_relaxed);
	lot->next_due = NULL;
	*h->due_last = lot;
	h->due_last = &lot->next_due;
	h->due_count++;
}

static struct lot *
next_due(struct holds *h)
{
	struct lot *lot = h->due;

	h->due = lot->next_due;
	h->due_count--;
	if (h->due == NULL) {
		h->due_last = &h->due;
		atomic_store_explicit(&h->any_due, false, memory_order_relaxed);
	}
	lot->is_due = false;
	return lot;
}

static void
push_busy(struct holds *h, struct lot *lot)
{
	lot->is_busy = true;
	lot->next_busy = NULL;
	*h->busy_last = lot;
	h->busy_last = &lot->next_busy;
	h->busy_count++;
}

static struct lot *
pop_busy(struct holds *h)
{
	struct lot *lot = h->busy;

	h->busy = lot->next_busy;
	if (h->busy == NULL)
		h->busy_last = &h->busy;
	h->busy_count--;
	lot->is_busy = false;
	return lot;
}

void
lot_touch(struct holds *h, struct lot *lot)
{
	lot->moved = true;
	if (h->durable && !lot->is_busy)
		push_busy(h, lot);
}

uint8_t
lot_alert(const struct lot *lot)
{
	uint8_t reached = 0;

	for (unsigned i = 0; i < lot->alert_count; i++) {
		uint8_t percent = lot->alert[i];

		if (percent > lot->told && lot->spent >= lot->limit / 100 * percent +
		    lot->limit % 100 * percent / 100)
			reached = percent;
	}
	return reached;
}

/* ---- work ---- */

static nano_usd
used(const struct lot *lot)
{
	return lot->spent + lot->held;
}

static nano_usd
least(nano_usd a, nano_usd b)
{
	return a < b ? a : b;
}

/* Doubled where it lasted less than half of STEP_TIME, halved where it lasted twice as long. */
static void
adapt_step(struct lot *lot, nanos now)
{
	nanos lasted = now - lot->raised;

	if (lot->step == 0)
		lot->step = least(lot->wanted, INT64_MAX / 4);
	else if (lasted < STEP_TIME / 2)
		lot->step = least(lot->step, INT64_MAX / 4) * 2;
	else if (lasted > STEP_TIME * 2)
		lot->step = (lot->step + 1) / 2;
	lot->raised = now;
}

/* Never above the limit, unless that much was spent. */
static nano_usd
raised_ceiling(struct lot *lot, nanos now)
{
	nano_usd base = used(lot), rest = lot->limit - base, need = least(lot->wanted, rest);

	if (rest <= 0 || (need == 0 && lot->ceiling - base >= lot->step / 2))
		return base > lot->ceiling ? base : lot->ceiling;
	adapt_step(lot, now);
	lot->wanted = 0;
	base += need + least(lot->step, (rest - need) / STEP_OF_REST);
	return base > lot->ceiling ? base : lot->ceiling;
}

static nano_usd
next_ceiling(struct holds *h, struct lot *lot, nanos now)
{
	bool ended = !lot->current && lot->users == 0, idle = lot->idle && lot->wanted == 0;

	lot->idle = false;
	if (!h->durable)
		return lot->ceiling;
	if (!ended && !idle)
		return raised_ceiling(lot, now);
	if (idle)
		lot->step = 0;
	/* Nothing may be held above it from now on, whenever it is on disk. */
	lot->ceiling = ended ? lot->spent : used(lot);
	return lot->ceiling;
}

/* Nobody will ask for it any more, and the store knows its end. */
static bool
is_over(const struct holds *h, const struct lot *lot)
{
	return !lot->current && lot->users == 0 && !lot->is_busy && lot_alert(lot) == 0 &&
	    (!h->durable || !lot->opened || lot->stored == lot->spent);
}

static void
take_lot(struct holds *h, struct lot *lot, struct lot_work *w, nanos now)
{
	uint8_t reached = lot_alert(lot);

	*w = (struct lot_work){
		.lot = lot,
		.open = !lot->opened,
		.tell = reached > 0,
		.row = lot->row,
		.wall = lot->wall,
		.period = lot->period,
		.ceiling = next_ceiling(h, lot, now),
		.spent = lot->spent,
		.limit = lot->limit,
		.told = reached > 0 ? reached : lot->told,
		.told_before = lot->told,
	};
	lot->told = w->told;
	lot->users++;
}

uint32_t
lot_take(struct holds *h, struct lot_work *work, uint32_t max, nanos now)
{
	uint32_t count = 0;

	lock_take(&h->lock);
	while (count < max && h->due != NULL) {
		struct lot *lot = next_due(h);

		if (is_over(h, lot))
			free(lot);
		else
			take_lot(h, lot, &work[count++], now);
	}
	lock_give(&h->lock);
	return count;
}

uint64_t
lot_due_count(struct holds *h)
{
	uint64_t count;

	lock_take(&h->lock);
	count = h->due_count;
	lock_give(&h->lock);
	return count;
}

static void
finish_lot(struct holds *h, const struct lot_work *w, bool written)
{
	struct lot *lot = w->lot;

	lot->users--;
	if (!written)
		lot->told = w->told_before;
	if (written && w->open) {
		lot->opened = true;
		lot->row = w->row;
		lot->period = w->period;
		lot->spent = w->spent;
		lot->told = w->told;
	}
	if (written)
		lot->stored = w->ceiling;
	if (written && w->ceiling > lot->ceiling)
		lot->ceiling = w->ceiling;
	/* What failed is tried again by lot_idle(), or by whoever needs it before. */
	if (!written || lot->ceiling > used(lot))
		lot_touch(h, lot);
	if (!lot->current && lot->users == 0 && !lot->is_busy)
		lot_due(h, lot);
}

void
lot_done(struct holds *h, const struct lot_work *work, uint32_t count, bool written)
{
	lock_take(&h->lock);
	for (uint32_t i = 0; i < count; i++)
		finish_lot(h, &work[i], written);
	lock_give(&h->lock);
}

bool
lot_idle(struct holds *h, bool all)
{
	uint64_t count;
	bool any;

	lock_take(&h->lock);
	count = h->busy_count < IDLE_AT_ONCE || all ? h->busy_count : IDLE_AT_ONCE;
	while (count-- > 0) {
		struct lot *lot = pop_busy(h);

		if (!lot->current && lot->users > 0)
			continue;	/* due when its last hold is let go of */
		if (lot->current && lot->moved && !all) {
			lot->moved = false;
			push_busy(h, lot);
			continue;
		}
		lot->idle = true;
		lot->moved = false;
		if (!lot->current || lot->stored > used(lot))
			lot_due(h, lot);
	}
	any = h->busy_count > 0;
	lock_give(&h->lock);
	return any;
}
