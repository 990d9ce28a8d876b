/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_PAYLOAD_H
#define STORE_PAYLOAD_H

/*
 * payload - prompts and answers of workloads that ask for them to be kept.
 *
 * Each is sealed (AES-256-GCM) under a key that is derived, for its request alone,
 * from a random key of its tenant; that key lies in the store sealed under the
 * master key, which does not.  Whoever has the database alone reads nothing; once
 * a tenant's key is removed, nobody reads what it sealed, whatever copies of the
 * rows there are.  A payload is over after its time, and its row goes soon after.
 */

#include "core/arena.h"
#include "store/store.h"

struct payload {
	struct slice	id;		/* of its request */
	struct slice	tenant;
	struct slice	text;
	nanos		wall, expires_wall;
};

/* The master has AEAD_KEY_BYTES.  Makes the tenant's key where there is none. */
must_use enum err payload_put(struct store *, struct slice master, const struct payload *);

/*
 * The text of a request's payload, in the arena; absent: there is none, or its tenant's key was
 * removed.  ERR_VAULT_BROKEN: it is not what was put.  ERR_MEMORY.
 */
must_use enum err payload_get(struct store *, struct slice master, struct slice id,
    struct arena *, struct payload *out);

/* Removes a tenant's key, and its rows; *count says how many there were. */
must_use enum err payload_shred(struct store *, struct slice tenant, uint64_t *count);

/* Removes what is over at `wall`: a few rows with each call. */
must_use enum err payload_sweep(struct store *, nanos wall);

#endif
