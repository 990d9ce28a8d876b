/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LEDGER_SPOOL_H
#define LEDGER_SPOOL_H

/*
 * spool - entries beside a ledger that cannot be written.
 *
 * A file of the data folder to which batches are appended and synchronised, up to
 * SPOOL_BYTES_MAX; some of its room is taken from the disk at the start, so that
 * a full disk does not stop it at once.  It begins with a random name.  The
 * ledger keeps that name and how much of the file it has, in the transaction that
 * writes those entries: so an entry comes into the ledger once, wherever a process
 * died.  A commit that failed may be found written all the same when a crash has come
 * between, so a batch says where in the ledger its entries would stand, and is looked
 * for there first.  Each batch has a checksum; what a crash left half written ends the
 * file.  All of it blocks.
 */

#include "ledger/batch.h"

struct spool {
	int		 fd;
	const char	*path;		/* of malloc() */
	size_t		 bytes;		/* of the file, all of it whole */
	bool		 waits;		/* it has batches that the ledger may not have */
	bool		 torn;		/* behind them is a half that could not be cut */
};

/* Opens or makes the file of a folder, and cuts a half written end.  ERR_IO, ERR_MEMORY, *why. */
must_use enum err spool_open(struct spool *, struct digester *, const char *folder,
    struct text *why);
void spool_close(struct spool *);

/*
 * Appends items that a transaction of this batch could not write; ERR_IO: it has no room for them,
 * and is as it was.
 */
must_use enum err spool_put(struct spool *, struct batch *, struct slice items);

/*
 * Writes what the ledger has not yet into it, then empties the file.  As batch_commit();
 * ERR_MEMORY.
 */
must_use enum err spool_drain(struct spool *, struct batch *);

#endif
