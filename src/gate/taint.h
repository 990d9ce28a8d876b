/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATE_TAINT_H
#define GATE_TAINT_H

/*
 * taint - what a conversation has come to, and what it hides.
 *
 * A request that says in x-trivium-conversation of which conversation it is has
 * at least the label of all that was sent in it before (what was masked never
 * was), and its tokens stand for what they stood for.  What is new is kept before
 * anything of it is sent.
 * Conversations are of a tenant's key; nobody can name another's.
 */

#include "ask/cover.h"
#include "crypt/aead.h"
#include "store/conversation.h"

struct request;

struct taint {
	struct slice		id;		/* as the caller says it */
	struct hash_digest	digest;		/* of tenant, caller and id */
	struct conversation	kept;
	struct label		label;		/* it came with */
	struct aead		aead;		/* open where something is masked */
	bool			sealed;
};

/*
 * Finds the conversation, if the request names one, and joins its label to the request's.
 * ERR_HEADER_VALUE, ERR_MEMORY.
 */
must_use enum err taint_open(struct request *);

/* The keys of the request's tokens; ERR_MEMORY. */
must_use enum err taint_keys(struct request *, struct cover_keys *out);

/*
 * Keeps what is new, before anything is sent.  ERR_CONVERSATION_FULL, ERR_CONVERSATION_STALE,
 * ERR_MEMORY; errors of vault_open() and vault_merge().
 */
must_use enum err taint_keep(struct request *);

void taint_release(struct taint *);

#endif
