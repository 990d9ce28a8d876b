/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_CONVERSATION_H
#define STORE_CONVERSATION_H

/*
 * conversation - what is kept of conversations between their requests.
 *
 * Of each one its taint, the label that it has come to, in words; and its vault,
 * sealed.  A taint never falls: who puts one back must have joined it with what
 * he was given, and a put that is based on an older state is refused, so that
 * two requests at once cannot lose each other's.  Conversations are told apart by
 * a digest of tenant, caller and the caller's own id, so nobody finds another's.
 *
 * This keeps them in the memory of the process, shared by its workers, until
 * their time is over; with a data folder store/conversation_row.h keeps them on
 * disk as well, else a restart forgets them.  Where there is no room for a new
 * one it is refused, for a conversation that was forgotten would be taken for a
 * clean one.
 */

#include "core/arena.h"
#include "core/err.h"
#include "core/hash.h"
#include "core/must.h"
#include "core/unit.h"

struct conversations;

struct conversation {
	uint64_t	version;	/* 0: there is none yet */
	struct slice	taint;		/* level and kinds: "regulated, phi" */
	struct slice	vault;		/* vault_seal()'s bytes; empty: nothing was masked */
};

/* NULL without memory.  `master` is for conversation_master(). */
struct conversations *conversations_new(const char master[static 32]);
void conversations_free(struct conversations *);

/* 32 bytes of which the keys of conversations are derived. */
struct slice conversations_master(const struct conversations *);

/* The key of the digests, made from the master: the same in every process that has it. */
const struct hash_key *conversations_key(const struct conversations *);

/* As it is at `wall`, copied into the arena; ERR_MEMORY. */
must_use enum err conversation_get(struct conversations *, struct hash_digest, nanos wall,
    struct arena *, struct conversation *out);

/*
 * Puts it back, with the version that was got.  ERR_CONVERSATION_STALE: somebody else was
 * quicker; get it again.  ERR_CONVERSATION_FULL: there is no room for another.  ERR_MEMORY.
 */
must_use enum err conversation_put(struct conversations *, struct hash_digest,
    const struct conversation *, nanos wall, nanos expires_wall);

/* Puts back what an earlier process kept, as it was.  ERR_CONVERSATION_FULL, ERR_MEMORY. */
must_use enum err conversation_load(struct conversations *, struct hash_digest,
    const struct conversation *, nanos wall, nanos expires_wall);

#endif
