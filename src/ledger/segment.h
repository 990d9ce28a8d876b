/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LEDGER_SEGMENT_H
#define LEDGER_SEGMENT_H

/*
 * segment - up to 65,536 entries, looked through for whoever verifies.
 *
 * A segment is a complete subtree, or the last one, so that it can be looked
 * through without the others: each entry against its leaf, each 256 leaves against
 * the node that is kept of them, each head's signature.  Its leaves and nodes are kept
 * in memory until it is put together with what is before it.  Pruned entries have
 * a leaf and no bytes; they are counted and otherwise like the rest.
 */

#include "ledger/head.h"
#include "ledger/trouble.h"
#include "store/store.h"

#define SEGMENT_LEVEL	16
#define SEGMENT_ENTRIES	65536
#define SEGMENT_BLOCKS	256	/* of 256 entries */

/* Looks through one segment at a time; a thread of its own has each. */
struct segment {
	struct store		*store;
	struct digester		 digester;
	const uint8_t		*key;		/* NULL: no signature is checked */
	uint64_t		 from, to;
	uint8_t			(*leaf)[DIGEST_BYTES];	/* [SEGMENT_ENTRIES] */
	uint8_t			(*node)[DIGEST_BYTES];	/* [SEGMENT_BLOCKS] of complete blocks */
	uint8_t			(*room)[DIGEST_BYTES];	/* [128]: for joining them */
	struct tree_state	*head;		/* of malloc(): in [from + 1, to], in their order */
	size_t			 head_count, head_room;
	struct fault		 fault;		/* the first; one that is NODE may be REPLACED */
	uint64_t		 bytes, pruned;
	enum err		 err;		/* that the store could not be read */
};

/* ERR_MEMORY, or as store_open(). */
must_use enum err segment_open(struct segment *, const char *folder, const uint8_t *key,
    struct text *why);
void segment_close(struct segment *);

/* Looks through entries [from, to); to - from <= SEGMENT_ENTRIES. */
void segment_look(struct segment *, uint64_t from, uint64_t to);

#endif
