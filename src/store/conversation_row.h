/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_CONVERSATION_ROW_H
#define STORE_CONVERSATION_ROW_H

/*
 * conversation_row - conversations on disk, behind those in memory.
 *
 * A row is what store/conversation.h keeps of one, its vault sealed.  Rows are
 * written when a conversation changes, in whatever order their writers come: an
 * older version never takes the place of a newer one.
 */

#include "core/hash.h"
#include "store/conversation.h"
#include "store/store.h"

struct conversation_row {
	struct hash_digest	digest;
	struct conversation	conversation;	/* its version as it is after the put */
	nanos			expires_wall;
};

/* A row that is over at `wall` gives way to any version. */
must_use enum err conversation_row_put(struct store *, const struct conversation_row *,
    nanos wall);

/* Removes what is over at `wall`: a few rows with each call. */
must_use enum err conversation_row_sweep(struct store *, nanos wall);

/* Puts all that is not over into memory, which is empty.  ERR_CONVERSATION_FULL, ERR_MEMORY. */
must_use enum err conversation_row_load(struct store *, struct conversations *, nanos wall);

#endif
