/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LEDGER_PROOF_H
#define LEDGER_PROOF_H

/*
 * proof - that an entry is in the tree, and that a tree is how another began.
 *
 * RFC 9162, 2.1.3 and 2.1.4: some hashes, one for each level at most, from which
 * whoever has the root, and nothing else of the ledger, sees that it could not
 * be otherwise.  Making a proof reads at most 256 rows for each eight levels of
 * the tree; checking one reads nothing, allocates nothing, and takes proofs from
 * anybody.
 */

#include "ledger/node.h"

#define PROOF_HASHES_MAX	(TREE_LEVELS + 1)

struct proof {
	uint32_t	count;
	uint8_t		hash[PROOF_HASHES_MAX][DIGEST_BYTES];	/* from the leaf up */
};

/* The inclusion proof of entry `index` in the tree of its first `size` entries; index < size. */
must_use enum err proof_of_entry(struct node_source *, uint64_t index, uint64_t size,
    struct proof *out);

/* The consistency proof from the first `first` entries to the first `second`; first <= second. */
must_use enum err proof_of_prefix(struct node_source *, uint64_t first, uint64_t second,
    struct proof *out);

/* 2.1.3.2: is the leaf number `index` of that tree? */
must_use bool proof_includes(const struct proof *, struct digester *,
    const uint8_t leaf[static DIGEST_BYTES], uint64_t index, const struct tree_state *);

/*
 * 2.1.4.2: is `first` how `second` began?  Of the empty tree everything is a continuation, and no
 * proof is asked for; a tree continues itself, without one.
 */
must_use bool proof_extends(const struct proof *, struct digester *,
    const struct tree_state *first, const struct tree_state *second);

#endif
