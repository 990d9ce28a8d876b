/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/hold.h"

#include <stdlib.h>

#include "ledger/lot.h"

/* One MiB: a million accounts are found in a few steps, and it never grows under the lock. */
#define SLOTS	(1u << 17)

enum err
holds_init(struct holds *h, bool durable)
{
	*h = (struct holds){ .durable = durable };
	h->due_last = &h->due;
	h->busy_last = &h->busy;
	h->slot = calloc(SLOTS, sizeof *h->slot);
	if (h->slot == NULL)
		return ERR_MEMORY;
	lock_init(&h->lock);
	return ERR_OK;
}

void
holds_release(struct holds *h)
{
	/* Lots whose period is over are in one of the lists, or in both. */
	while (h->busy != NULL) {
		struct lot *lot = h->busy;

		h->busy = lot->next_busy;
		lot->is_busy = false;
		if (!lot->current && !lot->is_due)
			free(lot);
	}
	while (h->due != NULL) {
		struct lot *lot = h->due;

		h->due = lot->next_due;
		if (!lot->current)
			free(lot);
	}
	for (uint32_t i = 0; i < SLOTS; i++)
		while (h->slot[i] != NULL) {
			struct account *a = h->slot[i];

			h->slot[i] = a->next;
			free(a->now);
			free(a);
		}
	free(h->slot);
	lock_release(&h->lock);
}

/* ---- accounts; under the lock ---- */

static struct account *
find(const struct holds *h, const struct budget *b)
{
	struct account *a = h->slot[b->hash % SLOTS];

	while (a != NULL && (a->hash != b->hash ||
	    !slice_eq(slice_of(a->name, a->name_bytes), b->account)))
		a = a->next;
	return a;
}

static struct account *
find_or_add(struct holds *h, const struct budget *b)
{
	struct account *a = find(h, b), **slot = &h->slot[b->hash % SLOTS];

	if (a != NULL)
		return a;
	a = calloc(1, sizeof *a + b->account.len);
	if (a == NULL)
		return NULL;
	a->hash = b->hash;
	a->name_bytes = b->account.len;
	memcpy(a->name, b->account.ptr, b->account.len);
	a->next = *slot;
	*slot = a;
	return a;
}

/* The period is over, or there was none: the next one begins, and the old one has an end. */
static struct lot *
begin_lot(struct holds *h, struct account *a, const struct budget *b, int64_t wall)
{
	struct lot *lot = calloc(1, sizeof *lot), *old = a->now;

	if (lot == NULL)
		return NULL;
	lot->account = a;
	lot->wall = wall;
	lot->period = period_at(b->per, b->zone, wall);
	lot->current = true;
	lot->opened = !h->durable;
	lot->ceiling = h->durable ? 0 : INT64_MAX;
	a->now = lot;
	if (old != NULL) {
		old->current = false;
		if (old->users == 0)
			lot_due(h, old);
	}
	return lot;
}

/* A clock that goes backwards finds the period that is open. */
static struct lot *
current_lot(struct holds *h, const struct budget *b, int64_t wall)
{
	struct account *a = find_or_add(h, b);
	struct lot *lot;

	if (a == NULL)
		return NULL;
	lot = a->now;
	if (lot == NULL || wall >= lot->period.ends)
		lot = begin_lot(h, a, b, wall);
	return lot;
}

/* ---- holds ---- */

static enum hold_answer
try_lot(const struct lot *lot, const struct hold_ask *ask, uint32_t i, struct hold_refusal *why)
{
	nano_usd used = lot->spent + lot->held;

	if (!lot->opened)
		return HOLD_WAIT;
	if (ask->amount > lot->limit - used) {
		*why = (struct hold_refusal){
			.budget = ask->budget[i],
			.left = used < lot->limit ? lot->limit - used : 0,
			.ends = lot->period.ends,
		};
		return ask->amount > lot->limit - lot->spent ? HOLD_SPENT : HOLD_BUSY;
	}
	return ask->amount > lot->ceiling - used ? HOLD_WAIT : HOLD_PLACED;
}

static enum hold_answer
find_lots(struct holds *h, struct hold *hold, const struct hold_ask *ask, struct lot **lot)
{
	for (uint32_t i = 0; i < ask->count; i++) {
		const struct budget *b = ask->budget[i];

		lot[i] = hold->open ? hold->lot[i] : current_lot(h, b, ask->wall);
		if (lot[i] == NULL)
			return HOLD_MEMORY;
		lot[i]->limit = b->limit;
		lot[i]->alert_count = (uint8_t)b->alert_count;
		memcpy(lot[i]->alert, b->alert, sizeof lot[i]->alert);
	}
	return HOLD_PLACED;
}

/* What stands in the way: the worst of it, for nobody waits for what would be refused then. */
static enum hold_answer
try_lots(struct lot **lot, const struct hold_ask *ask, struct hold_refusal *why)
{
	enum hold_answer worst = HOLD_PLACED;

	for (uint32_t i = 0; i < ask->count; i++) {
		struct hold_refusal refusal = { 0 };
		enum hold_answer a = try_lot(lot[i], ask, i, &refusal);

		if (a > worst) {
			worst = a;
			*why = refusal;
		}
	}
	return worst;
}

/* Where the room is low the ceiling is raised before somebody has to wait for it. */
static void
take_room(struct holds *h, struct lot *lot, nano_usd amount)
{
	nano_usd room;

	lot->held += amount;
	room = lot->ceiling - lot->spent - lot->held;
	lot_touch(h, lot);
	if (h->durable && room < lot->step / 2 && lot->ceiling < lot->limit)
		lot_due(h, lot);
}

static void
place(struct holds *h, struct hold *hold, const struct hold_ask *ask, struct lot **lot)
{
	for (uint32_t i = 0; i < ask->count; i++) {
		take_room(h, lot[i], ask->amount);
		lot[i]->users += !hold->open;
		hold->lot[i] = lot[i];
	}
	hold->amount += ask->amount;
	hold->count = ask->count;
	hold->open = true;
}

static void
want_room(struct holds *h, const struct hold_ask *ask, struct lot **lot)
{
	for (uint32_t i = 0; i < ask->count; i++) {
		nano_usd room = lot[i]->ceiling - lot[i]->spent - lot[i]->held;

		if (lot[i]->opened && ask->amount <= room)
			continue;
		if (__builtin_add_overflow(lot[i]->wanted, ask->amount, &lot[i]->wanted))
			lot[i]->wanted = INT64_MAX;
		lot_due(h, lot[i]);
	}
}

enum hold_answer
hold_try(struct holds *h, struct hold *hold, const struct hold_ask *ask, struct hold_refusal *why)
{
	struct lot *lot[HOLD_BUDGETS_MAX];
	enum hold_answer answer;

	must(ask->amount >= 0 && ask->count <= HOLD_BUDGETS_MAX);
	must(!hold->open || hold->count == ask->count);
	lock_take(&h->lock);
	answer = find_lots(h, hold, ask, lot);
	if (answer == HOLD_PLACED)
		answer = try_lots(lot, ask, why);
	if (answer == HOLD_PLACED)
		place(h, hold, ask, lot);
	else if (answer == HOLD_WAIT)
		want_room(h, ask, lot);
	lock_give(&h->lock);
	return answer;
}

bool
hold_settle(struct holds *h, struct hold *hold, nano_usd actual)
{
	bool within = actual <= hold->amount;

	must(hold->open && actual >= 0);
	lock_take(&h->lock);
	for (uint32_t i = 0; i < hold->count; i++) {
		struct lot *lot = hold->lot[i];

		must(lot->held >= hold->amount);
		lot->held -= hold->amount;
		if (__builtin_add_overflow(lot->spent, actual, &lot->spent))
			lot->spent = INT64_MAX / 2;
		lot_touch(h, lot);
		if ((h->durable && lot->spent + lot->held > lot->ceiling) || lot_alert(lot) > 0)
			lot_due(h, lot);
	}
	h->overran += !within;
	lock_give(&h->lock);
	hold->settled = actual;
	hold->open = false;
	return within;
}

void
hold_return(struct holds *h, struct hold *hold, nano_usd amount)
{
	struct lot *lot = hold->lot[0];

	must(!hold->open && hold->count == 1 && amount >= 0);
	lock_take(&h->lock);
	lot->spent -= amount < lot->spent ? amount : lot->spent;
	lot_touch(h, lot);
	lock_give(&h->lock);
}

void
hold_release(struct holds *h, struct hold *hold)
{
	must(!hold->open);
	lock_take(&h->lock);
	for (uint32_t i = 0; i < hold->count; i++) {
		struct lot *lot = hold->lot[i];

		must(lot->users > 0);
		if (--lot->users == 0 && !lot->current)
			lot_due(h, lot);
	}
	lock_give(&h->lock);
	hold->count = 0;
}

/* ---- looking ---- */

struct slice
hold_account(const struct hold *hold, uint32_t i)
{
	return lot_name(hold->lot[i]);
}

struct period
hold_period(const struct hold *hold, uint32_t i)
{
	return hold->lot[i]->period;
}

int64_t
hold_row(const struct hold *hold, uint32_t i)
{
	return hold->lot[i]->row;
}

struct hold_sight
hold_look(struct holds *h, const struct budget *b, int64_t wall)
{
	struct hold_sight sight = { .period = period_at(b->per, b->zone, wall) };
	const struct account *a;

	lock_take(&h->lock);
	a = find(h, b);
	if (a != NULL && a->now != NULL && a->now->opened && wall < a->now->period.ends)
		sight = (struct hold_sight){
			.period = a->now->period,
			.spent = a->now->spent,
			.held = a->now->held,
			.ceiling = a->now->ceiling,
		};
	lock_give(&h->lock);
	return sight;
}
