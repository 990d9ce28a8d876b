/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_ALERT_H
#define STORE_ALERT_H

/*
 * alert - that a budget has reached a part of its amount, until somebody has taken it.
 *
 * Added in the transaction that marks the account's row as told, so that an alert is
 * raised once, and is sent by the next process where this one ends before.  An id is
 * never used twice.  Amounts are nanodollars, times seconds since 1970.
 */

#include "core/unit.h"
#include "store/store.h"

struct alert_row {
	int64_t		id;		/* from 1 */
	struct slice	name;		/* of the account; valid until the store is asked again */
	int64_t		began, ends;	/* of its period */
	nano_usd	spent, amount;
	nanos		wall;		/* when it was raised */
	uint8_t		percent;
};

/* Its id is written. */
must_use enum err alert_add(struct store *, struct alert_row *);

/* The first one behind an id. */
must_use enum err alert_next(struct store *, int64_t id, struct alert_row *, bool *found);

must_use enum err alert_drop(struct store *, int64_t id);

#endif
