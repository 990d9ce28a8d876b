/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CALLER_REGISTRY_H
#define CALLER_REGISTRY_H

/*
 * registry - every stored key of the process, in memory.
 *
 * Made when the process starts, from the store; changed when the store was, and
 * then seen by the next request of every worker.  What is presented is found by
 * its public id, and then its HMAC is compared.  A key that is not there costs
 * what one with a wrong secret does, instruction by instruction: a place in the table
 * is two cache lines, all of whose slots are looked at whatever is found, and
 * an id that nobody has is compared with the row of somebody else.  So time
 * tells neither which ids there are nor how many.  Shards with a lock each;
 * a lock is held for some 100 ns, or while one shard doubles its table.  A row
 * is the packed grant, copied for who asks: nobody holds on to a registry's
 * memory.  A key of usual size takes 217 bytes, and 10^6 of them 0.4 s of CPU to put
 * in (make bench-keys).
 */

#include "caller/grant.h"
#include "core/arena.h"
#include "core/hash.h"

struct registry;

/* The pepper has MAC_BYTES, and is kept as long as the registry.  NULL without memory. */
struct registry *registry_new(struct slice pepper);
void registry_free(struct registry *);

/* A code of this registry's pepper, for one thread.  False without memory. */
must_use bool registry_mac(const struct registry *, struct mac *);

/* Makes room for so many keys in one that is empty; without memory they find it one by one. */
void registry_expect(struct registry *, uint64_t keys);

/* Takes a copy of a packed grant, in the place of the one with this id.  ERR_MEMORY. */
must_use enum err registry_put(struct registry *, struct slice packed);

/* What somebody presents as a key, and when. */
struct presented {
	struct slice	text;
	enum key_owner	owner;	/* that is wanted */
	nanos		wall;
};

/*
 * The grant of a presented key, copied into the arena.  ERR_KEY_UNKNOWN for everything that
 * is not the text of a key of this owner with the right secret; and who has that is told more:
 * ERR_KEY_REVOKED, ERR_KEY_EXPIRED, ERR_TENANT_SUSPENDED.  ERR_MEMORY.
 */
must_use enum err registry_find(struct registry *, struct mac *,
    const struct presented *, struct arena *, struct grant *out);

/* The grant of an id, whatever its state, copied into the arena; ERR_KEY_UNKNOWN, ERR_MEMORY. */
must_use enum err registry_get(struct registry *, enum key_owner, const struct key_id *,
    struct arena *, struct grant *out);

/* Is a key that was found before still good? */
bool registry_is_good(struct registry *, enum key_owner, const struct key_id *, nanos wall);

/* Refuses, or no longer refuses, the keys of a tenant, present and future. */
must_use enum err registry_suspend(struct registry *, struct slice tenant, bool);

/* How many keys of callers were ever made; of operators. */
uint64_t registry_count(const struct registry *, enum key_owner);

#endif
