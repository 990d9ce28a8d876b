/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LEDGER_USAGE_H
#define LEDGER_USAGE_H

/*
 * usage - a question about what was used, and its answer.
 *
 * A question is written as the query of a URL, on the admin port and for
 * `trivium usage` alike: from=2026-01-01&to=2027-01-01&by=tenant,model&zone=eu.
 * `by` takes tenant, key, workload, model, zone, label, and hour, day or month; each of the
 * first six may be a filter.  The answer is JSON, a row for each group; it is made
 * from rollups, and a time of which nothing is known has no rows.
 */

#include "core/text.h"
#include "store/rollup.h"

struct usage_question {
	struct rollup_query	query;
	char			room[1024];	/* the filters' values */
};

/*
 * Reads a question, which must stay where it is afterwards; an unsaid `from` is the beginning
 * of 1970 (by hour: 31 days ago, which is the most), an unsaid `to` is `now`, in seconds.
 * False with *why.
 */
must_use bool usage_read(struct usage_question *, struct slice question, int64_t now,
    struct text *why);

/* How many milliseconds so many in a thousand of the requests took at most, from the buckets. */
int64_t usage_quantile(const struct rollup *, int per_mille);

/*
 * The answer; overflows the text where it is larger.  ERR_IO and so on as the store's.
 * Blocks.
 */
must_use enum err usage_answer(struct store *, const struct usage_question *, struct text *);

#endif
