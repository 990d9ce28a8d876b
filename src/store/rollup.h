/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_ROLLUP_H
#define STORE_ROLLUP_H

/*
 * rollup - sums of what requests were and cost, for questions over long times.
 *
 * A row is a span of time (an hour, and again a day and a month, in UTC), and who,
 * what for, by what, where, and how sensitive; its figures are sums.  Each request
 * is in one row of each span, so a question over a year reads twelve months of
 * rows and the hours and days at its ends.  Rows are only ever added to, and
 * outlive the lines of the entries that they were made of.
 */

#include "store/store.h"

enum rollup_span { ROLLUP_HOUR, ROLLUP_DAY, ROLLUP_MONTH, ROLLUP_SPANS };

enum rollup_name {
	ROLLUP_TENANT, ROLLUP_KEY, ROLLUP_WORKLOAD, ROLLUP_MODEL, ROLLUP_ZONE, ROLLUP_LABEL,
	ROLLUP_NAMES
};

enum rollup_figure {
#define FIGURE(name, what)	FIGURE_##name,
#include "store/rollup.tbl"
#undef FIGURE
	ROLLUP_FIGURES
};

struct rollup {
	enum rollup_span span;
	int64_t		 at;			/* when it begins: seconds since 1970 */
	struct slice	 name[ROLLUP_NAMES];	/* empty: none */
	int64_t		 figure[ROLLUP_FIGURES];
};

/* When the span begins in which a moment is; of the years 1970 to 9999. */
int64_t rollup_begin(enum rollup_span, int64_t seconds);

/* Adds the figures to the row of this span and these names. */
must_use enum err rollup_add(struct store *, const struct rollup *);

/* Sums of all rows from one moment to another, apart by what is asked for. */
struct rollup_query {
	int64_t		from, to;		/* an hour that has begun counts whole */
	bool		by_hour, by_day, by_month;	/* one of them at most */
	bool		by[ROLLUP_NAMES];
	struct slice	only[ROLLUP_NAMES];	/* ptr NULL: any */
};

/*
 * Seek, then next until !*found, or end before that.  Rows come in the order of what is asked
 * for, with empty names and time 0 where nothing is; they borrow from the store until the
 * next.  A time of which nothing is known has no row.  The query must stay as it is meanwhile.
 */
must_use enum err rollup_seek(struct store *, const struct rollup_query *);
must_use enum err rollup_next(struct store *, struct rollup *, bool *found);
void rollup_end(struct store *);

#endif
