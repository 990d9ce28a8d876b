/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LEDGER_SHARE_H
#define LEDGER_SHARE_H

/*
 * share - what one request adds to the rollups.
 *
 * Whoever makes an entry of a request has its figures at hand and gives them
 * along, packed, beside the line: reading them again from the line would cost more
 * than all else that is done with an entry.  An entry without a share is read from its
 * line, as are those of other hands.  Both say the same of the same record
 * (test/law/share.c), so rollups can be made again from the ledger alone.
 *
 *	figures | hour, lengths of the names, names
 *	        '- the subject: equal bytes are one row of an hour
 */

#include "core/arena.h"
#include "core/must.h"
#include "store/rollup.h"

/* The rest of a row, how many ended within which time, follows from the duration. */
#define SHARE_FIGURES	FIGURE_under_1

struct share {
	int64_t		figure[SHARE_FIGURES];	/* none below 0 */
	int64_t		hour;			/* that it began in: seconds since 1970 */
	struct slice	name[ROLLUP_NAMES];	/* empty: none */
};

/* A count as a figure; what is more than a row can hold counts nothing, as with json_integer(). */
static inline int64_t
share_count(uint64_t n)
{
	return n <= INT64_MAX ? (int64_t)n : 0;
}

/* The figures that say how it ended, and of how many models that were asked. */
void share_judge(struct share *, bool well, uint64_t status, uint64_t asked);

/* Packed into the arena; absent: without memory. */
struct slice share_pack(struct arena *, const struct share *);

/* False for bytes that are no packed share.  Names borrow from them. */
must_use bool share_unpack(struct slice packed, struct share *out);

/* Of a whole packed share: whose row it is added to, and what. */
struct slice share_subject(struct slice packed);
void share_figures(struct slice packed, int64_t out[static SHARE_FIGURES]);

/*
 * Reads a line; *counts is false for what is no record of a request.  Borrows from line and
 * arena.  ERR_MEMORY.
 */
must_use enum err share_read(struct arena *, struct slice line, struct share *out, bool *counts);

#endif
