/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LEDGER_TREE_H
#define LEDGER_TREE_H

/*
 * tree - the Merkle tree over all entries (RFC 9162, section 2.1).
 *
 * Of a tree that only grows, one hash for each bit of its size is enough to
 * append and to say the root: the roots of the complete subtrees from left to
 * right, largest first.  That frontier is all that is in memory, some 2 KiB, and
 * is kept with every batch of entries, so that a start reads no entries.  When a
 * subtree of 256, 65,536, 16,777,216 … entries becomes complete, its node is told
 * to the caller, who keeps it: a proof then reads at most 256 of them at each
 * level, and the tree outlives entries that were pruned.
 */

#include "crypt/digest.h"

#define TREE_STRIDE	8	/* levels between nodes that are kept */
#define TREE_LEVELS	48	/* 2^48 entries: a million a second for nine years */

struct tree {
	uint64_t	size;		/* entries */
	/* [n]: of 2^n entries, where size has that bit */
	uint8_t		node[TREE_LEVELS][DIGEST_BYTES];
};

/* What is said of a tree to others. */
struct tree_state {
	uint64_t	size;
	uint8_t		root[DIGEST_BYTES];
};

/* A complete subtree: entries index << level up to (index + 1) << level. */
struct tree_node {
	unsigned	level;
	uint64_t	index;
	uint8_t		hash[DIGEST_BYTES];
};

/*
 * Appends a leaf's hash.  The number of nodes to keep that became complete, in out; mostly 0.
 */
unsigned tree_append(struct tree *, struct digester *, const uint8_t leaf[static DIGEST_BYTES],
    struct tree_node out[static TREE_LEVELS / TREE_STRIDE]);

/* The same with the node of a complete subtree; the tree's size is a multiple of its leaves. */
unsigned tree_graft(struct tree *, struct digester *, const struct tree_node *,
    struct tree_node out[static TREE_LEVELS / TREE_STRIDE]);

/* The root; of no entries the digest of nothing. */
void tree_root(const struct tree *, struct digester *, uint8_t out[static DIGEST_BYTES]);

/* The frontier as bytes: the size, then its nodes from the largest on; all little-endian. */
#define TREE_BYTES_MAX	(8 + TREE_LEVELS * DIGEST_BYTES)
size_t tree_encode(const struct tree *, uint8_t out[static TREE_BYTES_MAX]);

/* False for bytes that are no frontier. */
must_use bool tree_decode(struct tree *, struct slice);

#endif
