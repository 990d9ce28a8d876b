/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_ACCOUNT_H
#define STORE_ACCOUNT_H

/*
 * account - what was spent of budgets: one row for each period of an account.
 *
 * `spent` is the sum of what the ledger's entries charge, changed in the same
 * transaction as they are written; `ceiling` is the most that the process that has
 * the folder may have spent and promised.  Where it ended in order they are equal.
 * Amounts are nanodollars, times seconds since 1970.
 */

#include "core/unit.h"
#include "store/store.h"

struct account_row {
	int64_t		id;		/* from 1 */
	struct slice	name;		/* valid until the store is asked again */
	int64_t		began, ends;
	nano_usd	spent, ceiling;
	uint8_t		told;		/* percent of the highest alert that was told */
};

/* Adds one with nothing spent; its id is written. */
must_use enum err account_add(struct store *, struct account_row *);

/* The latest period of an account. */
must_use enum err account_last(struct store *, struct slice name, struct account_row *,
    bool *found);

/* The first row behind an id, and the first of these whose ceiling is above what was spent. */
must_use enum err account_next(struct store *, int64_t id, struct account_row *, bool *found);
must_use enum err account_open(struct store *, int64_t id, struct account_row *, bool *found);

/* Puts ceiling and told. */
must_use enum err account_raise(struct store *, const struct account_row *);

/* Adds to what was spent; less than nothing is given back. */
must_use enum err account_charge(struct store *, int64_t id, nano_usd amount);

/* Forgets periods that ended before this and are not the latest of their account. */
must_use enum err account_prune(struct store *, int64_t before);

#endif
