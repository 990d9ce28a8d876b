/* SPDX-License-Identifier: Apache-2.0 */
#include "store/rollup.h"

#include "store/sql.h"

#define HOUR	3600
#define DAY	86400

/*
 * The first day of the month of a day, both counted from 1970-01-01 (H. Hinnant,
 * "chrono-Compatible Low-Level Date Algorithms", civil_from_days).
 */
static int64_t
month_of(int64_t day)
{
	int64_t z = day + 719468, era = z / 146097, of_era = z % 146097;
	int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
	int64_t month = (5 * of_year + 2) / 153;

	must(era >= 0);
	return day - (of_year - (153 * month + 2) / 5);
}

int64_t
rollup_begin(enum rollup_span span, int64_t seconds)
{
	must(seconds >= 0);
	switch (span) {
	case ROLLUP_HOUR:
		return seconds - seconds % HOUR;
	case ROLLUP_DAY:
		return seconds - seconds % DAY;
	default:
		return month_of(seconds / DAY) * DAY;
	}
}

/* The first beginning of a span that is not before. */
static int64_t
begin_after(enum rollup_span span, int64_t seconds)
{
	static const int64_t most[ROLLUP_SPANS] = { HOUR, DAY, 31 * DAY };
	int64_t begin = rollup_begin(span, seconds);

	return begin == seconds ? begin : rollup_begin(span, begin + most[span]);
}

enum err
rollup_add(struct store *s, const struct rollup *r)
{
	sqlite3_stmt *q = sql_ready(s, STATEMENT_ROLLUP_ADD);

	sql_bind_number(q, 1, r->span);
	sql_bind_number(q, 2, r->at);
	for (int i = 0; i < ROLLUP_NAMES; i++)
		sql_bind_text(q, 3 + i, r->name[i].ptr != NULL ? r->name[i] : S(""));
	for (int i = 0; i < ROLLUP_FIGURES; i++)
		sql_bind_number(q, 3 + ROLLUP_NAMES + i, r->figure[i]);
	return sql_run(s, q);
}

struct stretch {
	int64_t		from, to;
};

/* Whole days, and the hours before and behind them. */
struct side {
	struct stretch	day, hour[2];
};

/* Seven stretches of one span each, that are all of what is asked for, once. */
struct stretches {
	struct stretch	month;
	struct side	side[2];
};

static void
cut_days(const struct rollup_query *query, struct stretch all, struct side *out)
{
	int64_t first = begin_after(ROLLUP_DAY, all.from), last = rollup_begin(ROLLUP_DAY, all.to);

	out->hour[0] = all;
	if (query->by_hour || first >= last)
		return;
	out->day = (struct stretch){ first, last };
	out->hour[0].to = first;
	out->hour[1] = (struct stretch){ last, all.to };
}

static void
cut_all(const struct rollup_query *query, struct stretches *out)
{
	int64_t from = rollup_begin(ROLLUP_HOUR, query->from);
	int64_t to = begin_after(ROLLUP_HOUR, query->to);
	int64_t first = begin_after(ROLLUP_MONTH, from), last = rollup_begin(ROLLUP_MONTH, to);

	*out = (struct stretches){ .month = { 0, 0 } };
	if (query->by_hour || query->by_day || first >= last) {
		cut_days(query, (struct stretch){ from, to }, &out->side[0]);
		return;
	}
	out->month = (struct stretch){ first, last };
	cut_days(query, (struct stretch){ from, first }, &out->side[0]);
	cut_days(query, (struct stretch){ last, to }, &out->side[1]);
}

/* The columns of ROLLUP_FIND: stretches, how to tell times apart, then each name. */
#define FIND_TIME	15
#define FIND_BY		16
#define FIND_ONLY	22

enum err
rollup_seek(struct store *s, const struct rollup_query *query)
{
	sqlite3_stmt *q = sql_ready(s, STATEMENT_ROLLUP_FIND);
	struct stretches all;
	const int64_t *bound = &all.month.from;

	if (q == NULL)
		return sql_failed(s, sqlite3_extended_errcode(s->db));
	_Static_assert(sizeof all == 14 * sizeof(int64_t), "bound one after another");
	cut_all(query, &all);
	for (int i = 0; i < 14; i++)
		sql_bind_number(q, 1 + i, bound[i]);
	sql_bind_number(q, FIND_TIME, query->by_hour ? HOUR : query->by_day ? DAY :
	    query->by_month ? -1 : 0);
	for (int i = 0; i < ROLLUP_NAMES; i++) {
		sql_bind_number(q, FIND_BY + i, query->by[i]);
		if (query->only[i].ptr == NULL)
			must(sqlite3_bind_null(q, FIND_ONLY + i) == SQLITE_OK);
		else
			sql_bind_text(q, FIND_ONLY + i, query->only[i]);
	}
	return ERR_OK;
}

enum err
rollup_next(struct store *s, struct rollup *out, bool *found)
{
	sqlite3_stmt *q = sql_ready(s, STATEMENT_ROLLUP_FIND);
	enum err e = sql_next(s, q, found);

	if (e != ERR_OK || !*found)
		return e;
	*out = (struct rollup){ .at = sql_number(q, 0) };
	for (int i = 0; i < ROLLUP_NAMES; i++)
		out->name[i] = sql_bytes(q, 1 + i);
	for (int i = 0; i < ROLLUP_FIGURES; i++)
		out->figure[i] = sql_number(q, 1 + ROLLUP_NAMES + i);
	return ERR_OK;
}

void
rollup_end(struct store *s)
{
	sql_end(s->statement[STATEMENT_ROLLUP_FIND]);
}
