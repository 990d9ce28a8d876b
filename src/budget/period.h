/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BUDGET_PERIOD_H
#define BUDGET_PERIOD_H

/*
 * period - when an amount begins anew.
 *
 * A period begins when the clocks of its time zone first show its beginning: the
 * full hour, midnight, midnight of a Monday (ISO 8601), midnight of the first of a
 * month.  Periods follow each other without a gap.  Where clocks go forward over a
 * beginning, it is the moment of the change; where they are put back, an hour that
 * they show twice is one period, and a beginning that they show twice counts the
 * first time.  So each moment is in exactly one period, and a day of a change has
 * 23 or 25 hours.
 */

#include "budget/time_zone.h"

enum per {
	PER_TOTAL,	/* one period, for ever */
	PER_HOUR,
	PER_DAY,
	PER_WEEK,
	PER_MONTH,
	PER_COUNT,
};

/* Seconds since 1970, UTC; the end belongs to the next one. */
struct period {
	int64_t	began, ends;
};

/* "total", "hour" and so on. */
struct slice period_name(enum per);
must_use bool period_read(struct slice name, enum per *out);

/* The period that a moment is in, of the years 1 to 9999. */
struct period period_at(enum per, const struct time_zone *, int64_t at);

#endif
