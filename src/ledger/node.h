/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LEDGER_NODE_H
#define LEDGER_NODE_H

/*
 * node - hashes of the tree's subtrees, of what is kept of it.
 *
 * The store has the leaf of each entry, and the node of each complete subtree of
 * 256, 65,536, … entries.  All others are made of these when they are asked
 * for: at most 256 rows for each eight levels are read.  Entries that were pruned
 * have left their leaves behind, so nothing here needs them.
 */

#include "ledger/tree.h"
#include "store/store.h"

/* Belongs to one thread, as its parts do. */
struct node_source {
	struct store	*store;
	struct digester	*digester;
	struct tree	 whole, part;	/* room for the work */
};

/*
 * The hash of entries [from, to) as a tree (RFC 9162, 2.1.1); to > from, and from is a multiple of
 * the least power of two that is not less than to - from, as it is for whatever a proof is made of.
 * ERR_STORE_BROKEN if something of it is missing; ERR_IO.
 */
must_use enum err node_of(struct node_source *, uint64_t from, uint64_t to,
    uint8_t out[static DIGEST_BYTES]);

/* The tree as it was with its first `size` entries. */
must_use enum err node_frontier(struct node_source *, uint64_t size, struct tree *out);

/* The root as it was then. */
must_use enum err node_root(struct node_source *, uint64_t size, struct tree_state *out);

#endif
