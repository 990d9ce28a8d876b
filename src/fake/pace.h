/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FAKE_PACE_H
#define FAKE_PACE_H

/*
 * pace - how long something takes, as a distribution in integers.
 *
 * A pace is a quantile function: a few points (share of ten thousand, time)
 * with straight lines between them.  A fixed time is one point, a uniform one
 * two, a lognormal one ten that are made from its median and 99th percentile.
 * pace_draw() maps a random word to a time; the same word gives the same time
 * for ever.  No floating point, so that a history is the same on every machine.
 */

#include "core/json.h"
#include "core/must.h"
#include "core/unit.h"

#define PACE_POINTS	16

struct pace {
	uint32_t	count;			/* 0: no time at all */
	uint32_t	share[PACE_POINTS];	/* of 10,000, rising */
	nanos		wait[PACE_POINTS];
};

nanos pace_draw(const struct pace *, uint64_t random);

/* The same time always. */
struct pace pace_fixed(nanos);

/* From its median and 99th percentile: lognormal, cut off at 1 % and 99.8 %. */
struct pace pace_lognormal(nanos median, nanos p99);

/*
 * Reads milliseconds: 20 | {"uniform": [10, 30]} | {"lognormal": [median, p99]} |
 * {"quantiles": [t0, …, tn]} evenly spaced, 2 to PACE_POINTS of them, rising.
 */
must_use bool pace_read(const struct json *, uint32_t node, struct pace *out);

#endif
