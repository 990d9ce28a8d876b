/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVE_STEWARD_H
#define SERVE_STEWARD_H

/*
 * steward - lets go of what the ledger need not keep any longer (ledger/retain.h).
 *
 * A fiber of the first worker looks once a minute: heads that others stand for, and,
 * where the configuration says `ledger.retain_days`, the bytes of older entries.  How old an
 * entry is its heads say; one counts as old when a head did that is old itself, so nothing
 * goes too early.  Each look does a bounded part of the work, so that a first one
 * over years is spread.
 */

#include "core/err.h"
#include "core/must.h"
#include "run/loop.h"

struct book;
struct gate;

struct steward {
	struct book	*book;
	struct gate	*gate;		/* whose newest configuration counts */
	struct fiber	*fiber;		/* NULL: it does not run */
	struct fiber	*stopper;	/* that waits for its end; NULL: none */
	bool		 more;		/* the last look left something */
};

/* The caller has set book and gate.  ERR_OVERLOADED. */
must_use enum err steward_start(struct steward *, struct loop *);

/* Returns when its fiber has ended.  May suspend. */
void steward_stop(struct steward *, struct fiber *);

#endif
