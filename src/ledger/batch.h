/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LEDGER_BATCH_H
#define LEDGER_BATCH_H

/*
 * batch - entries on their way into the store, and one transaction of them.
 *
 * Items are entries in the form in which queue and spool hold them: a head of
 * fixed size, the accounts that are charged, the share, then the line.  A batch owns the tree:
 * between begin and commit it runs ahead of what is on disk, and a rollback puts it
 * back.  Accounts are charged, and rollups added to, with the commit.  For one
 * thread at a time.
 */

#include "ledger/book.h"
#include "ledger/charge.h"
#include "ledger/sums.h"
#include "ledger/tree.h"
#include "store/store.h"

struct items {
	char	*ptr;		/* of malloc() */
	size_t	 len, room;
};

/* Adds one, copied; ERR_MEMORY. */
must_use enum err items_add(struct items *, const struct entry *);

/* The item at *at, borrowed, and moves behind it; false at the end, or where no whole one is. */
bool items_next(struct slice items, size_t *at, struct entry *out);
void items_release(struct items *);

struct batch {
	struct store	*store;
	struct digester	 digester;
	struct tree	 tree;
	struct tree	 before;	/* of what is committed */
	struct charges	 charges;	/* of entries that are not */
	struct sums	 sums;		/* the same */
};

/* Takes up the tree where the store has it.  ERR_STORE_BROKEN: tree and entries differ. */
must_use enum err batch_open(struct batch *, struct store *, struct text *why);
void batch_close(struct batch *);	/* the store stays */

/* As store_begin() and so on; a commit keeps the tree's frontier and the charges. */
must_use enum err batch_begin(struct batch *);
must_use enum err batch_put(struct batch *, const struct entry *);
must_use enum err batch_put_all(struct batch *, struct slice items);
must_use enum err batch_commit(struct batch *);
void batch_rollback(struct batch *);

#endif
