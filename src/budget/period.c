/* SPDX-License-Identifier: Apache-2.0 */
#include "budget/period.h"

#define HOUR	INT64_C(3600)
#define DAY	INT64_C(86400)

struct slice
period_name(enum per per)
{
	static const struct slice name[PER_COUNT] = {
		[PER_TOTAL] = S("total"), [PER_HOUR] = S("hour"), [PER_DAY] = S("day"),
		[PER_WEEK] = S("week"), [PER_MONTH] = S("month"),
	};

	must(per < PER_COUNT);
	return name[per];
}

bool
period_read(struct slice name, enum per *out)
{
	for (unsigned i = 0; i < PER_COUNT; i++)
		if (slice_eq(period_name(i), name)) {
			*out = i;
			return true;
		}
	return false;
}

static int64_t
round_down(int64_t n, int64_t unit)
{
	return n - ((n % unit) + unit) % unit;
}

/* Local time is in seconds since 1970 as the clocks of the place show it. */

/* The beginning of the period of a local time. */
static int64_t
local_begin(enum per per, int64_t local)
{
	int64_t year, month, day;

	switch (per) {
	case PER_HOUR:
		return round_down(local, HOUR);
	case PER_DAY:
		return round_down(local, DAY);
	case PER_WEEK:
		/* 1970-01-01 was a Thursday: the Monday before it was three days earlier. */
		return round_down(local + 3 * DAY, 7 * DAY) - 3 * DAY;
	default:
		time_zone_civil(round_down(local, DAY) / DAY, &year, &month, &day);
		return time_zone_days(year, month, 1) * DAY;
	}
}

/* The beginning behind one, and the one before it. */
static int64_t
local_next(enum per per, int64_t begin)
{
	/* From the first of a month on, 32 days later is always in the next. */
	static const int64_t longer[PER_COUNT] = {
		[PER_HOUR] = HOUR, [PER_DAY] = DAY, [PER_WEEK] = 7 * DAY, [PER_MONTH] = 32 * DAY,
	};

	return local_begin(per, begin + longer[per]);
}

static int64_t
local_before(enum per per, int64_t begin)
{
	return local_begin(per, begin - 1);
}

/* The first moment at which clocks show this local time, or one behind it. */
static int64_t
first_shown(const struct time_zone *z, int64_t local)
{
	int64_t at = local - 2 * DAY;

	for (;;) {
		struct time_span span = time_zone_span(z, at);
		int64_t shown = local - span.offset > at ? local - span.offset : at;

		if (shown < span.until)
			return shown;
		at = span.until;
	}
}

struct period
period_at(enum per per, const struct time_zone *z, int64_t at)
{
	struct period p = { .began = 0, .ends = INT64_MAX };
	int64_t begin;

	if (per == PER_TOTAL)
		return p;
	begin = local_begin(per, at + time_zone_span(z, at).offset);
	while ((p.began = first_shown(z, begin)) > at)
		begin = local_before(per, begin);
	/* Behind a change, the clocks may show a time of a period that has ended. */
	for (;;) {
		begin = local_next(per, begin);
		p.ends = first_shown(z, begin);
		if (p.ends > at)
			return p;
		p.began = p.ends;
	}
}
