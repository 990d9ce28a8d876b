/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_ENTRY_H
#define STORE_ENTRY_H

/*
 * entry - the ledger's rows: entries, nodes of the tree, heads, what is open.
 *
 * An entry has a sequence number, which is the index of its leaf in the tree,
 * from 0 without a gap; its bytes are never changed.  Rows that are read borrow
 * from the store until it is asked for the next.
 */

#include "store/store.h"

struct entry_row {
	uint64_t	seq;
	struct slice	leaf;	/* SHA-256(0x00 || line), which outlives the line */
	struct slice	line;	/* JSON, one line, without its newline; absent: it was pruned */
};

must_use enum err entry_put(struct store *, const struct entry_row *);

/* Entries of [from, to), one by one: seek, then next until !*found, or end before that. */
must_use enum err entry_seek(struct store *, uint64_t from, uint64_t to);
must_use enum err entry_next(struct store *, struct entry_row *, bool *found);
void entry_end(struct store *);

/* The number of the last one, alone. */
must_use enum err entry_last(struct store *, uint64_t *seq, bool *found);

/* Takes the lines of [from, to) away; their leaves stay. */
must_use enum err entry_prune(struct store *, uint64_t from, uint64_t to);

/* Nodes of the tree that are kept; a hash has 32 bytes, absent: there is none. */
must_use enum err entry_node_put(struct store *, unsigned level, uint64_t index, struct slice hash);
must_use enum err entry_node_get(struct store *, unsigned level, uint64_t index,
    struct slice *hash);

/* Hashes of one level in their order, indices [from, to): leaves of entries (level 0), or nodes. */
struct entry_hash {
	uint64_t	index;
	struct slice	hash;
};

must_use enum err entry_hash_seek(struct store *, unsigned level, uint64_t from, uint64_t to);
must_use enum err entry_hash_next(struct store *, unsigned level, struct entry_hash *,
    bool *found);
void entry_hash_end(struct store *, unsigned level);

/* Signed heads by the size of the tree that they speak of. */
struct entry_head {
	uint64_t	size;
	nanos		wall;
	struct slice	note;	/* its text and signatures */
};

must_use enum err entry_head_put(struct store *, const struct entry_head *);
must_use enum err entry_head_last(struct store *, struct entry_head *, bool *found);
must_use enum err entry_head_seek(struct store *, uint64_t size);
must_use enum err entry_head_next(struct store *, struct entry_head *, bool *found);

void entry_head_end(struct store *);

must_use enum err entry_head_drop(struct store *, uint64_t size);

/* Work that was opened: by the id of its request, with the number of its opened entry. */
must_use enum err entry_open_put(struct store *, struct slice id, uint64_t seq);
must_use enum err entry_open_close(struct store *, struct slice id);

/* The oldest that is still open. */
must_use enum err entry_open_first(struct store *, struct entry_row *, bool *found);

#endif
