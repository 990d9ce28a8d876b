/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVE_KEEPER_H
#define SERVE_KEEPER_H

/*
 * keeper - who fetches the keys of issuers.
 *
 * A fiber of the first worker looks each second, and whenever a token asks for keys that are
 * not known, at the issuers of the newest configuration; each fetch is a fiber of its own, so a
 * server that does not answer holds up nobody else's.  What changes is told in the log: keys
 * that came, a fetch that fails, one that works again.
 */

#include "caller/trust.h"

struct gate;
struct fetching;

struct keeper {
	struct trust	*trust;
	struct gate	*gate;		/* of the worker on which it lives */
	struct fiber	*fiber;		/* NULL: it has ended */
	struct fetching	*fetches;	/* going on */
	bool		 stopping;
};

/* Begins to look.  ERR_OVERLOADED without a fiber. */
must_use enum err keeper_start(struct keeper *, struct trust *, struct gate *);

/* Cancels what it does, and waits until it has ended.  On its own loop; may suspend. */
void keeper_stop(struct keeper *, struct fiber *);

#endif
