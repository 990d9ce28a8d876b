/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BUDGET_TIME_ZONE_H
#define BUDGET_TIME_ZONE_H

/*
 * time_zone - what clocks on the wall say somewhere, from the system's own files.
 *
 * Reads one file of zoneinfo (TZif, RFC 8536, version 2 or later): changes of
 * the offset in its table, and behind the last of them the rule that its footer
 * gives for all years to come.  A time zone borrows the bytes that it was read
 * from; it looks things up in them by halving and keeps nothing else.  Files that
 * count leap seconds are refused: budgets are not kept in atomic time.  No time
 * zone at all (NULL) is UTC, so that UTC needs no file.
 */

#include "core/must.h"
#include "core/slice.h"

/* A day of each year on which clocks change (POSIX.1-2017, XBD 8.3, TZ). */
enum time_day {
	TIME_DAY_MONTH,		/* Mm.w.d: the w-th weekday d of month m; 5 is the last */
	TIME_DAY_JULIAN,	/* Jn: 1 to 365, February 29 is never counted */
	TIME_DAY_COUNT,		/* n: 0 to 365, February 29 is */
};

struct time_change {
	enum time_day	day;
	int32_t		month, week, n;	/* n: weekday or number of the day */
	int32_t		seconds;	/* of the local day, -167 to 167 hours */
};

struct time_rule {
	bool			known;
	bool			summer;		/* there are two offsets */
	int32_t			standard, other;	/* seconds east of UTC */
	struct time_change	begins, ends;	/* of the other one */
};

struct time_zone {
	const unsigned char	*at;		/* 8 bytes each, ascending */
	const unsigned char	*type;		/* the offset's number from there on */
	const unsigned char	*offset;	/* 6 bytes each */
	uint32_t		 count;		/* of changes */
	struct time_rule	 rule;		/* behind the last of them */
};

/* Reads a file's bytes, which must stay.  False with *why for what is no time zone. */
must_use bool time_zone_read(struct time_zone *, struct slice bytes, const char **why);

/* Reads the footer's rule, as `CET-1CEST,M3.5.0,M10.5.0/3`; false for what is none. */
must_use bool time_zone_read_rule(struct slice, struct time_rule *out);

/* An offset, and how long it lasts. */
struct time_span {
	int64_t	offset;		/* seconds east of UTC */
	int64_t	until;		/* the first moment of the next one; INT64_MAX: for ever */
};

/* At a moment, in seconds since 1970, UTC. */
struct time_span time_zone_span(const struct time_zone *, int64_t at);

/* Days since 1970 of a civil date of the proleptic Gregorian calendar, and back. */
int64_t time_zone_days(int64_t year, int64_t month, int64_t day);
void time_zone_civil(int64_t days, int64_t *year, int64_t *month, int64_t *day);

#endif
