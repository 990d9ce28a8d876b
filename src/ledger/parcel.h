/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LEDGER_PARCEL_H
#define LEDGER_PARCEL_H

/*
 * parcel - consecutive entries outside of the ledger, with what proves them.
 *
 * A manifest has the frontier of the tree before the first entry, a consistency
 * proof from the tree behind the last one, and the signed head that it leads to.
 * With the entries between them, in a file of their own, whoever has the public
 * key sees that these are the ledger's entries, all of them and in their order.  The ledger
 * itself may have pruned them since.
 */

#include "core/arena.h"
#include "ledger/head.h"
#include "ledger/proof.h"

#define PARCEL_BYTES_MAX	65536	/* a manifest */

struct parcel {
	uint64_t	from, to;	/* entries [from, to) */
	struct slice	format, file;	/* jsonl or csv; the name of the file beside the manifest */
	struct tree	tree;		/* of what is before, then of what came so far */
	struct proof	proof;		/* from the first `to` entries to the head */
	struct slice	note;
};

/* The frontier and the proof, of entries that all are below the head.  As node_of(). */
must_use enum err parcel_make(struct parcel *, struct node_source *, uint64_t head_size);

/* A manifest; before any entry was added. */
void parcel_put(struct text *, const struct parcel *);

/* Borrows from the text and the arena.  ERR_CONF with *why in words; ERR_MEMORY. */
must_use enum err parcel_read(struct arena *, struct slice json, struct parcel *out,
    struct text *why);

/* The next entry's bytes. */
void parcel_add(struct parcel *, struct digester *, struct slice line);

/* When all were added: are they what the head was signed for?  False with *why. */
must_use bool parcel_check(const struct parcel *, struct digester *,
    const uint8_t key[static SIGN_PUBLIC_BYTES], struct text *why);

#endif
