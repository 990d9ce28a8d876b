/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_KEY_H
#define STORE_KEY_H

/*
 * key - keys, operators and tenants that were made while the gateway ran.
 *
 * A key is a packed grant (caller/grant.h) under its name, "tv_…" or "tva_…";
 * rows are replaced and never taken away, so that an id is never given twice and what
 * was revoked stays revoked.  Rows that are read borrow from the store until it
 * is asked for the next.
 */

#include "store/store.h"

struct key_row {
	struct slice	name;
	struct slice	tenant;
	struct slice	packed;
};

must_use enum err key_row_put(struct store *, const struct key_row *);

/* As the store's own copy, until the next one that it keeps; absent: there is none. */
must_use enum err key_row_get(struct store *, struct slice name, struct slice *packed);

/*
 * In the order of their names, those behind `after`, at most `count`; of one tenant, or with an
 * empty one of all.  Seek, then next until !*found.
 */
struct key_page {
	struct slice	prefix;		/* "tv_" or "tva_" */
	struct slice	after;		/* empty: from the first */
	struct slice	tenant;
	uint32_t	count;
};

/* The page's slices must stay until the last row was read. */
must_use enum err key_row_seek(struct store *, const struct key_page *);
must_use enum err key_row_next(struct store *, const struct key_page *, struct slice *packed,
    bool *found);

/* Ends a page before its last row. */
void key_row_end(struct store *, const struct key_page *);

/* How many there are. */
must_use enum err key_row_count(struct store *, uint64_t *count);

/* All of them, in no order; until !*found. */
must_use enum err key_row_each(struct store *, struct slice *packed, bool *found);

/* Is there one at all? */
must_use enum err key_row_any(struct store *, bool *found);

struct tenant_row {
	struct slice	name;
	struct slice	metadata;	/* a JSON object; or empty */
	nanos		created;
	bool		suspended;
};

must_use enum err tenant_row_put(struct store *, const struct tenant_row *);

/* In the order of their names, until !*found. */
must_use enum err tenant_row_next(struct store *, struct tenant_row *, bool *found);
void tenant_row_end(struct store *);

#endif
