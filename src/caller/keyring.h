/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CALLER_KEYRING_H
#define CALLER_KEYRING_H

/*
 * keyring - the keys of a data folder: registry, store and pepper together.
 *
 * Opened before the workers run; a first start makes the pepper (DATA/pepper) and
 * one admin, whose key goes to DATA/admin.key and nowhere else.  A change is
 * written by the book, in one transaction with the entry that tells who did
 * what; when that is on disk the registry takes it and every worker's next
 * request sees it.  A revocation is seen at once, before it is on disk, and is
 * kept in memory even if the disk refuses it.  Changes are made one at a time, by
 * fibers of the first worker's loop.
 */

#include "caller/registry.h"

struct book;
struct fiber;
struct store;

struct keyring;

/*
 * Reads the keys of a folder's store, which nobody else uses now.  ERR_CONF (the pepper
 * is missing or open to others), ERR_IO, ERR_STORE_BROKEN, ERR_MEMORY, with *why.  Whoever runs
 * the gateway should be told what is in *news, if anything.
 */
must_use enum err keyring_open(struct keyring **, const char *folder, struct book *,
    struct text *news, struct text *why);
void keyring_close(struct keyring *);

/* Writes where the admin port is to DATA/admin.url.  ERR_IO, ERR_CONF, with *why. */
must_use enum err keyring_say_where(const char *folder, struct slice line, struct text *why);

struct registry *keyring_registry(struct keyring *);

/* Waits for its turn to change something, and ends it.  ERR_CANCELLED.  May suspend. */
must_use enum err keyring_begin(struct keyring *, struct fiber *);
void keyring_end(struct keyring *);

/* Who changes what, for the entry. */
struct deed {
	struct slice	by;	/* name of an operator: tva_… */
	struct slice	what;	/* key.create, key.revoke … */
	nanos		wall;
};

/*
 * Writes a grant as it is from now on, between begin and end.  ERR_RECORD_FAILED: it is not on
 * disk.  ERR_MEMORY.  May suspend.
 */
must_use enum err keyring_put(struct keyring *, struct fiber *, const struct grant *,
    const struct deed *);

/* Makes a key for a grant whose id is set: the text is written out, its HMAC into the grant. */
size_t keyring_make(struct keyring *, struct grant *, char out[static KEY_TEXT_MAX]);

/* Tenants that were made here, newest first; borrowed until the next change. */
struct ring_tenant {
	struct ring_tenant	*next;
	struct slice		 name, metadata;
	nanos			 created;
	bool			 suspended;
};

const struct ring_tenant *keyring_tenants(const struct keyring *);
const struct ring_tenant *keyring_tenant(const struct keyring *, struct slice name);

/* As keyring_put(), of a tenant; `next` means nothing. */
must_use enum err keyring_put_tenant(struct keyring *, struct fiber *, const struct ring_tenant *,
    const struct deed *);

#endif
