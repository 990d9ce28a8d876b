/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ADMIT_GCRA_H
#define ADMIT_GCRA_H

/*
 * gcra - so many units a minute, as one number that says when.
 *
 * The generic cell rate algorithm in its virtual scheduling form (ITU-T
 * I.371, annex A), for arrivals of any size.  All that is kept of a subject is
 * its theoretical arrival time: the moment at which everything that it took is
 * paid for.  As far as that lies ahead, so much of the bucket is used; a full
 * bucket holds one minute's worth.  So nobody ever gets more than burst + rate
 * x time, and a subject that waits gets all of it.
 *
 * Times are ticks, 64 to the nanosecond, since an epoch of the owner's: they
 * last for four years.  A unit's price in ticks is rounded up, and the bucket
 * is deeper by those roundings.  A clock that goes back lives some time twice,
 * and gives for it twice; a subject waits until the clock is where it was, but
 * after more than an hour of that it has an empty bucket, which fills as ever.
 * Pure; a few multiplications.
 */

#include <stdbool.h>
#include <stdint.h>

#include "core/unit.h"

#define GCRA_TICKS_PER_NS	64
/* What a correction can owe at most, so that no number of a stranger's locks a subject for good. */
#define GCRA_DEBT		(INT64_C(3600) * NANOS_PER_S * GCRA_TICKS_PER_NS)

struct gcra {
	uint64_t	per_minute;	/* 0: no limit */
	uint64_t	step;		/* ticks a unit, in 2^-22 of a tick, rounded up */
	int64_t		span;		/* ticks: a full bucket */
};

/* What became of one arrival. */
struct gcra_answer {
	bool		conforms;
	bool		never;		/* it is larger than the bucket */
	uint64_t	arrival;	/* the theoretical arrival time from now on */
	int64_t		wait;		/* ticks until it would conform, where it does not */
};

/* So many units a minute, up to 10^12; the same number at once. */
struct gcra gcra_of(uint64_t per_minute);

/* Whole units that would conform at `now`. */
uint64_t gcra_left(const struct gcra *, uint64_t arrival, uint64_t now);

/*
 * The others are here because a request takes from up to twelve rates and is
 * corrected at each: made part of their callers they cost half.
 */

#define GCRA_STEP_BITS	22
#define GCRA_MINUTE	(INT64_C(60) * NANOS_PER_S * GCRA_TICKS_PER_NS)
/* Arrivals in a minute for whose roundings the bucket is deeper: a tick each. */
#define GCRA_ROUNDINGS	(INT64_C(1) << 24)

/* The price of so many units, in ticks; at most GCRA_DEBT beyond the bucket. */
static inline int64_t
gcra_cost(const struct gcra *g, uint64_t units)
{
	const int64_t most = GCRA_MINUTE + GCRA_ROUNDINGS + GCRA_DEBT;
	unsigned __int128 cost = (unsigned __int128)units * g->step;

	cost = (cost + (UINT64_C(1) << GCRA_STEP_BITS) - 1) >> GCRA_STEP_BITS;
	return cost < (unsigned __int128)most ? (int64_t)cost : most;
}

/*
 * How far ahead the arrival time is; 0: nothing is used.  Further than any debt means that the
 * clock went back: the bucket counts as empty.
 */
static inline int64_t
gcra_ahead(const struct gcra *g, uint64_t arrival, uint64_t now)
{
	int64_t ahead = (int64_t)(arrival - now);

	if (ahead <= 0)
		return 0;
	return ahead <= g->span + GCRA_DEBT ? ahead : g->span;
}

/* An arrival that costs so much at `now`, of a subject whose theoretical arrival time is given. */
static inline struct gcra_answer
gcra_take(const struct gcra *g, uint64_t arrival, uint64_t now, int64_t cost)
{
	int64_t ahead = gcra_ahead(g, arrival, now), over = ahead + cost - g->span;

	if (over <= 0)
		return (struct gcra_answer){ true, false, now + (uint64_t)(ahead + cost), 0 };
	return (struct gcra_answer){ false, cost > g->span, now + (uint64_t)ahead, over };
}

/* The arrival time when what was taken turns out to cost so much more, or less. */
static inline uint64_t
gcra_correct(const struct gcra *g, uint64_t arrival, uint64_t now, int64_t more)
{
	int64_t ahead = gcra_ahead(g, arrival, now) + more;

	if (ahead < 0)
		ahead = 0;
	return now + (uint64_t)(ahead < g->span + GCRA_DEBT ? ahead : g->span + GCRA_DEBT);
}

#endif
