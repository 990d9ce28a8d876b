/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LEDGER_VERIFY_H
#define LEDGER_VERIFY_H

/*
 * verify - a whole ledger, looked through from its first entry to its last.
 *
 * Every entry against its leaf, every node that is kept, every head's signature
 * and that its tree is how the ledger began, and the frontier that the writer goes on
 * from.  Some segments are looked through side by side; then, in their order, they
 * are put together.  A gateway may go on writing meanwhile: what is verified is the
 * ledger as it was at the beginning.  Entries whose bytes may be anybody's work are
 * hashed and searched for an id, never parsed.
 *
 * Heads that were published are what a rewritten ledger cannot answer: whoever has
 * the key can sign another history, but not the head that others keep.
 */

#include "ledger/segment.h"

struct verify_plan {
	const char		*folder;	/* of the data, or a copy of it */
	const uint8_t		*key;		/* NULL: no signature is checked */
	const struct tree_state	*published;	/* heads that are known, the smallest first */
	size_t			 published_count;
	unsigned		 threads;	/* 1 to JOBS_EACH_MAX */
};

struct verify_sight {
	uint64_t	size;		/* entries that the ledger has */
	uint64_t	done;		/* of them */
	uint64_t	bytes, pruned, heads, published;
	struct tree_state end;		/* when all is done */
	struct fault	fault;
};

struct verify;

/* ERR_IO, ERR_STORE_BROKEN, ERR_MEMORY, ERR_CONF (no ledger of this program) with *why. */
must_use enum err verify_open(struct verify **, const struct verify_plan *, struct text *why);
void verify_close(struct verify *);

/* Looks through the next segments.  *more is false when it is over; the first fault ends it. */
must_use enum err verify_step(struct verify *, bool *more, struct text *why);

const struct verify_sight *verify_look(const struct verify *);

#endif
