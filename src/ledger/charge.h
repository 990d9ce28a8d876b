/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LEDGER_CHARGE_H
#define LEDGER_CHARGE_H

/*
 * charge - what the entries of one transaction charge to accounts, summed up.
 *
 * A batch has thousands of entries and few accounts; each account's row is
 * changed once, in the transaction of the entries themselves.  So what a row says
 * was spent is what the entries on disk say, always.  For one thread at a time.
 */

#include "store/store.h"

struct charge;

struct charges {
	struct charge	*slot;		/* of malloc(); by the row's id */
	size_t		 room, count;	/* room is a power of 2, or 0 */
};

void charges_release(struct charges *);
void charges_reset(struct charges *);

/* Adds an amount for a row; ERR_MEMORY. */
must_use enum err charge_add(struct charges *, int64_t row, nano_usd amount);

/* Puts all of them, and is empty then. */
must_use enum err charge_put(struct charges *, struct store *);

#endif
