/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LEDGER_RETAIN_H
#define LEDGER_RETAIN_H

/*
 * retain - what of a ledger is let go of when it is old: heads that others stand for, and the
 * bytes of entries.
 *
 * The tree stays whole: a pruned entry keeps its leaf, so everything that is left can be
 * verified and proven, and a head that somebody has kept holds whether its row is
 * still there or not.  Heads of the last day all stay, then the last one of each hour,
 * after a month the last one of each day.  Entries are pruned from the first on,
 * so that what is left has no holes; each step is told by an entry of its own, in
 * the same transaction.  Steps are small, for whoever writes waits for them.
 */

#include "core/text.h"
#include "store/entry.h"

#define RETAIN_STEP	4096	/* rows of one transaction */

/* Drops some of the heads that are too many; *more: there are others.  Inside of a transaction. */
must_use enum err retain_heads(struct store *, nanos wall, bool *more);

/* The first entry that has its bytes; the ledger's size if none has. */
must_use enum err retain_first(struct store *, uint64_t *seq);

/*
 * Behind the last entry that may be pruned at all: of what no head speaks yet, and of work that is
 * still open, the bytes are needed.
 */
must_use enum err retain_end(struct store *, uint64_t *seq);

/* Entries [from, to), at most RETAIN_STEP of them, that are pruned together, and by whom. */
struct retain_step {
	uint64_t	from, to;
	struct slice	by;	/* an operator's name, or what in the configuration */
};

/* Inside of a transaction.  `arg` is a struct retain_step. */
must_use enum err retain_prune(struct store *, void *arg);

/* The entry that tells of it. */
#define RETAIN_LINE_BYTES	512
void retain_put(struct text *, const struct retain_step *, nanos wall);

#endif
