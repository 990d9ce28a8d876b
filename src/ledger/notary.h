/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LEDGER_NOTARY_H
#define LEDGER_NOTARY_H

/*
 * notary - signs the ledger's heads, with a key that only this folder has.
 *
 * The key is made at the first start: `ledger.key`, for its owner alone, and
 * `ledger.pub`, for auditors.  A head is signed when the ledger has grown since
 * the last one and some time has passed; it goes into the transaction of the batch
 * that it speaks of, so there is no head of what is not on disk.  Belongs to the
 * thread that writes.
 */

#include "ledger/batch.h"
#include "ledger/head.h"

struct notary {
	struct signer	signer;
	char		origin[HEAD_ORIGIN_BYTES_MAX];
	size_t		origin_len;
	nanos		every;
	uint64_t	size;		/* that the newest head speaks of */
	nanos		at;		/* when it was signed; monotonic */
	uint64_t	refused;	/* signatures that the library did not make */
};

/*
 * Reads the key, or makes one.  Without a name (the empty slice) the ledger is named for its key.
 * ERR_IO, ERR_CONF and ERR_MEMORY with *why.
 */
must_use enum err notary_open(struct notary *, const char *folder, struct slice origin,
    struct text *why);
void notary_close(struct notary *);

/* Which head is the newest of that store?  ERR_IO, ERR_STORE_BROKEN. */
must_use enum err notary_resume(struct notary *, struct store *);

/* When the next head of a ledger of that size should be signed; NANOS_NEVER: it has one. */
nanos notary_due(const struct notary *, uint64_t size);

/* Signs the tree as it is, inside of a transaction.  ERR_IO, ERR_STORE_BROKEN: roll it back. */
must_use enum err notary_sign(struct notary *, struct batch *);

#endif
