/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

/*
 * store - what outlives the process: entries, budgets, keys, rollups.
 *
 * It is asked in words of the domain (entry_put(), account_get() …), each in a
 * file of its own; SQL stands in schema.tbl and statement.tbl and nowhere else.
 * Behind the words is SQLite: a folder's database with a write-ahead log that is
 * synchronised with every commit, or one in memory, which runs the same SQL and
 * is gone with the process.  A store is a connection: one thread at a time uses
 * it.  One writes; others, of this or another process, may read meanwhile and
 * see what was committed when they began.  All of it blocks: for jobs, start-up
 * and commands.
 */

#include "core/err.h"
#include "core/must.h"
#include "core/text.h"

struct store;

#define STORE_FILE	"trivium.db"	/* in the data folder */

enum store_mode {
	STORE_WRITE,	/* makes folder, file and tables where they are missing */
	STORE_READ,
};

/*
 * Opens the store of a data folder; NULL: one in memory.  ERR_IO, ERR_STORE_BROKEN, ERR_CONF (it is
 * of another program or version), ERR_MEMORY, with *why in words for whoever runs it.
 */
must_use enum err store_open(struct store **, const char *folder, enum store_mode,
    struct text *why);

/* What was not committed is undone. */
void store_close(struct store *);

/*
 * All that is put between begin and commit is on disk when commit returns ERR_OK,
 * or none of it is.  Words outside of them are each a transaction of its own.  ERR_IO where the
 * disk takes nothing (full, read-only, broken), ERR_STORE_BROKEN for a damaged database.
 */
must_use enum err store_begin(struct store *);
must_use enum err store_commit(struct store *);

/* From now until store_rollback() the store is read as it is now, whoever writes meanwhile. */
must_use enum err store_look(struct store *);
void store_rollback(struct store *);

/* What the last failure was, in SQLite's words; no content is ever in them. */
struct slice store_complaint(const struct store *);

/*
 * Single values by name: the tree's frontier and its like.  What was got is valid until the
 * store is asked again; absent: it is not there.
 */
must_use enum err store_value_put(struct store *, struct slice name, struct slice value);
must_use enum err store_value_get(struct store *, struct slice name, struct slice *out);

#endif
