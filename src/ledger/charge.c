/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/charge.h"

#include <stdlib.h>

#include "store/account.h"

struct charge {
	int64_t		row;		/* 0: a free slot */
	nano_usd	amount;
};

void
charges_release(struct charges *c)
{
	free(c->slot);
	*c = (struct charges){ 0 };
}

void
charges_reset(struct charges *c)
{
	if (c->count > 0)
		memset(c->slot, 0, c->room * sizeof *c->slot);
	c->count = 0;
}

/* The slot of a row, or a free one. */
static struct charge *
find(struct charge *slot, size_t room, int64_t row)
{
	size_t at = (uint64_t)row * UINT64_C(0x9e3779b97f4a7c15) >> 32 & (room - 1);

	while (slot[at].row != 0 && slot[at].row != row)
		at = (at + 1) & (room - 1);
	return &slot[at];
}

static bool
grow(struct charges *c)
{
	size_t room = c->room == 0 ? 64 : c->room * 2;
	struct charge *slot = calloc(room, sizeof *slot);

	if (slot == NULL)
		return false;
	for (size_t i = 0; i < c->room; i++)
		if (c->slot[i].row != 0)
			*find(slot, room, c->slot[i].row) = c->slot[i];
	free(c->slot);
	c->slot = slot;
	c->room = room;
	return true;
}

enum err
charge_add(struct charges *c, int64_t row, nano_usd amount)
{
	struct charge *slot;

	must(row > 0);
	if (c->count * 2 >= c->room && !grow(c))
		return ERR_MEMORY;
	slot = find(c->slot, c->room, row);
	c->count += slot->row == 0;
	slot->row = row;
	if (__builtin_add_overflow(slot->amount, amount, &slot->amount))
		slot->amount = INT64_MAX / 2;
	return ERR_OK;
}

enum err
charge_put(struct charges *c, struct store *s)
{
	enum err e = ERR_OK;

	for (size_t i = 0; c->count > 0 && i < c->room && e == ERR_OK; i++)
		if (c->slot[i].row != 0)
			e = account_charge(s, c->slot[i].row, c->slot[i].amount);
	charges_reset(c);
	return e;
}
