/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LEDGER_CEILING_H
#define LEDGER_CEILING_H

/*
 * ceiling - what budgets may have spent, on disk before it is.
 *
 * A fiber of the first worker puts into the store what lots have to do (lot.h): it
 * opens the rows of new periods, raises ceilings ahead of use, lowers them where
 * nothing was held for a second or two, and marks alerts.  Whoever finds no room
 * under a ceiling waits for it; most never do.  A process that ends in order leaves
 * ceilings that are what was spent.  One that dies leaves more, and the next one
 * enters the difference as `recovered`, as spent: nobody knows what of it was.
 * Without a book accounts are in memory alone, and the limits are the ceilings.
 */

#include "ledger/hold.h"

struct book;
struct ceilings;
struct fiber;
struct loop;
struct text;

/*
 * After book_open(), before book_start(): enters what another process has left open, and
 * forgets old periods.  ERR_MEMORY, ERR_IO, ERR_STORE_BROKEN, ERR_RECORD_FAILED.
 */
must_use enum err ceiling_open(struct ceilings **, struct book *, nanos wall);

/* From now on this loop's fiber works; after book_start(). */
must_use enum err ceiling_start(struct ceilings *, struct loop *);

/* Every hold was settled: leaves on disk what was spent.  Before book_stop().  May suspend. */
void ceiling_stop(struct ceilings *, struct fiber *);
void ceiling_close(struct ceilings *);

/*
 * As hold_try(), and waits for ceilings: ERR_INSUFFICIENT_QUOTA and ERR_BUDGET_BUSY with *why,
 * ERR_RECORD_FAILED where the store cannot be written, ERR_MEMORY.  May suspend.
 */
must_use enum err ceiling_place(struct ceilings *, struct fiber *, struct hold *,
    const struct hold_ask *, struct hold_refusal *why);

/*
 * Corrects what was spent of one budget, by an amount that may be less than nothing, with an entry
 * that tells of it: `line` is that of an object without its end, to which the row is put.
 * ERR_INSUFFICIENT_QUOTA and ERR_BUDGET_BUSY where there is no room for it, or so much was not
 * spent; ERR_RECORD_FAILED, ERR_MEMORY.  May suspend.
 */
must_use enum err ceiling_adjust(struct ceilings *, struct fiber *, const struct hold_ask *,
    struct text *line);

/* As hold_settle(), hold_release() and hold_look(). */
bool ceiling_settle(struct ceilings *, struct hold *, nano_usd actual);
void ceiling_release(struct ceilings *, struct hold *);
struct hold_sight ceiling_look(struct ceilings *, const struct budget *, int64_t wall);

/* An account has reached a part of its limit; told once in each period. */
struct ceiling_alert {
	int64_t		id;		/* of the store (store/alert.h); 0: it is in memory alone */
	nanos		wall;		/* when it was raised */
	char		account[512];
	size_t		account_bytes;
	struct period	period;
	nano_usd	spent, limit;
	uint8_t		percent;
};

/* The next one; waits for it.  ERR_CANCELLED when there will be none.  May suspend. */
must_use enum err ceiling_alert(struct ceilings *, struct fiber *, struct ceiling_alert *out);

/* What its metrics tell. */
struct ceiling_sight {
	uint64_t	raised, failed;		/* transactions */
	uint64_t	waited;			/* holds that waited for one */
	uint64_t	overran;		/* settlements above their holds */
};
void ceiling_count(struct ceilings *, struct ceiling_sight *);

#endif
