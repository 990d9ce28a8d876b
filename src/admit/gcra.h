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

/* The price of so many units, in ticks; at most GCRA_DEBT beyond the bucket. */
int64_t gcra_cost(const struct gcra *, uint64_t units);

/* An arrival that costs so much at `now`, of a subject whose theoretical arrival time is given. */
struct gcra_answer gcra_take(const struct gcra *, uint64_t arrival, uint64_t now, int64_t cost);

/* The arrival time when what was taken turns out to cost so much more, or less. */
uint64_t gcra_correct(const struct gcra *, uint64_t arrival, uint64_t now, int64_t more);

/* How far ahead the arrival time is; 0: nothing is used. */
int64_t gcra_ahead(const struct gcra *, uint64_t arrival, uint64_t now);

/* Whole units that would conform at `now`. */
uint64_t gcra_left(const struct gcra *, uint64_t arrival, uint64_t now);

#endif
