/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LEDGER_RECEIPT_H
#define LEDGER_RECEIPT_H

/*
 * receipt - one entry with what proves that it is in the ledger.
 *
 * A JSON object: `entry`, the entry's bytes as a text; `seq`, its number; `path`,
 * hashes in base64 from the leaf up (RFC 9162, 2.1.3); `head`, the signed note of
 * the tree that it is in.  Whoever has the public key needs nothing else.  A receipt is
 * read from anybody.
 */

#include "core/arena.h"
#include "ledger/head.h"
#include "ledger/proof.h"

#define RECEIPT_BYTES_MAX	(64u << 20)	/* more than the largest entry as a text of JSON */

struct receipt {
	struct slice	entry;
	uint64_t	seq;
	struct proof	proof;
	struct slice	note;
};

void receipt_put(struct text *, const struct receipt *);

/* Borrows from the text and the arena.  ERR_CONF with *why in words; ERR_MEMORY. */
must_use enum err receipt_read(struct arena *, struct slice json, struct receipt *out,
    struct text *why);

/*
 * Does it prove its entry?  Of a key that is NULL only the arithmetic is checked.  False with *why.
 */
must_use bool receipt_check(const struct receipt *, struct digester *, const uint8_t *key,
    struct text *why);

#endif
