/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LEDGER_BOOK_H
#define LEDGER_BOOK_H

/*
 * book - the one writer of a data folder: entries, and changes that go with them.
 *
 * Every worker puts entries into one queue; a fiber of the first worker hands
 * what is there to a thread of the book's own, which writes it as one transaction:
 * entries, the tree over them, and whatever else was asked for.  So thousands of
 * entries share one synchronised write.  Who must know that his entry is on disk
 * waits for it (book_commit()); all others go on, and theirs is there at latest
 * BOOK_BATCH_MS later.
 *
 * If the disk takes nothing, waiting work is refused and the rest goes to the
 * spool (ledger/spool.h), from which it comes into the ledger when that is well
 * again, in this process or the next.  A process that dies leaves work open;
 * book_open() closes it with `recovered` entries before anything else happens.
 */

#include "core/err.h"
#include "core/must.h"
#include "core/text.h"
#include "core/unit.h"

struct book;
struct fiber;
struct loop;
struct store;

enum entry_kind {
	ENTRY_ALONE,	/* the only one of its request, or of none */
	ENTRY_OPENED,	/* work begins; its end is owed */
	ENTRY_CLOSING,	/* of work that was opened */
};

#define ENTRY_ID_BYTES	26	/* of a request: a ULID */

struct entry {
	enum entry_kind	kind;
	struct slice	id;	/* ENTRY_ID_BYTES of opened and closing ones */
	struct slice	line;	/* one object of JSON without a newline, ENTRY_BYTES_MAX at most */
	/* What it charges, and to which accounts: int64_t rows of the store, in bytes */
	nano_usd	charged;
	struct slice	rows;
	struct slice	share;	/* packed, of the rollups; absent: what its line says */
};

#define ENTRY_ROWS_MAX	16

/* What a book is opened with. */
struct book_plan {
	const char	*folder;
	struct slice	 origin;	/* the ledger's name; empty: it is named for its key */
	nanos		 head_every;	/* between signed heads, while the ledger grows */
};

/*
 * Opens the data folder for this process alone, made where it is missing; writes what a spool
 * holds and closes what was left open.  ERR_CONF: another gateway has it, and nothing else.
 * ERR_IO, ERR_STORE_BROKEN, ERR_MEMORY.  *why says what and what to do.
 */
must_use enum err book_open(struct book **, const struct book_plan *, struct text *why);

/* From now on this loop's fiber writes.  ERR_OVERLOADED, ERR_IO. */
must_use enum err book_start(struct book *, struct loop *);

/* Writes all that waits and ends that fiber; nothing may be put any more.  May suspend. */
void book_stop(struct book *, struct fiber *);

/* Without book_stop() before it, what waits is written in place. */
void book_close(struct book *);

/* So far behind that new work should be refused rather than lose its entry? */
bool book_is_full(const struct book *);

/* Puts an entry, copied; from any thread, never waits.  ERR_RECORD_FAILED, counted as lost. */
must_use enum err book_append(struct book *, const struct entry *);

/*
 * The same, and waits until it is on disk; ERR_RECORD_FAILED: it is not, and will not be.  May
 * suspend.
 */
must_use enum err book_commit(struct book *, struct fiber *, const struct entry *);

/*
 * Changes the store in the transaction of the next batch, with an entry that tells of it (NULL:
 * none), and waits until both are on disk.  What `work` returns is returned; unless it is ERR_OK
 * it must have changed nothing, and there is no entry.  ERR_RECORD_FAILED.  May suspend.  Without
 * a fiber (NULL) it is done in place, in a book that is not started and that nobody else uses.
 */
must_use enum err book_write(struct book *, struct fiber *,
    enum err (*work)(struct store *, void *arg), void *arg, const struct entry *);

/*
 * Signs a head of the ledger as it is, without waiting for its time; it is on disk then.
 * ERR_RECORD_FAILED.  May suspend.
 */
must_use enum err book_sign(struct book *, struct fiber *);

/*
 * Prunes entries [from, to) that are on disk, in steps with an entry each that names `by`.
 * ERR_RECORD_FAILED: not all of them.  May suspend.
 */
must_use enum err book_prune(struct book *, struct fiber *, uint64_t from, uint64_t to,
    struct slice by);

/* Reads the store as it was committed last, beside the writer.  May suspend. */
must_use enum err book_read(struct book *, struct fiber *,
    enum err (*work)(struct store *, void *arg), void *arg);

/* The store itself, between book_open() and book_start() alone. */
struct store *book_store(struct book *);

/* What its metrics tell. */
struct book_sight {
	uint64_t	entries;		/* of the ledger, all that ever were */
	uint64_t	batches, failures;
	uint64_t	lost;			/* found no room anywhere */
	uint64_t	waiting_bytes, spooled_bytes;
	nanos		commit;			/* that the last batch took */
	bool		failing;
};
void book_look(struct book *, struct book_sight *);

#endif
