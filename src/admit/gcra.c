/* SPDX-License-Identifier: Apache-2.0 */
#include "admit/gcra.h"

#define STEP_BITS	22
#define MINUTE		(UINT64_C(60) * (uint64_t)NANOS_PER_S * GCRA_TICKS_PER_NS)
/* Arrivals in a minute for whose roundings the bucket is deeper: a tick each. */
#define ROUNDINGS_MAX	(UINT64_C(1) << 24)

_Static_assert(MINUTE < UINT64_MAX >> STEP_BITS, "the step of one a minute fits");

struct gcra
gcra_of(uint64_t per_minute)
{
	struct gcra g = { .per_minute = per_minute };

	if (per_minute == 0)
		return g;
	g.step = ((MINUTE << STEP_BITS) + per_minute - 1) / per_minute;
	g.span = gcra_cost(&g, per_minute) +
	    (int64_t)(per_minute < ROUNDINGS_MAX ? per_minute : ROUNDINGS_MAX);
	return g;
}

int64_t
gcra_cost(const struct gcra *g, uint64_t units)
{
	const int64_t most = (int64_t)MINUTE + (int64_t)ROUNDINGS_MAX + GCRA_DEBT;
	unsigned __int128 cost = (unsigned __int128)units * g->step;

	cost = (cost + (UINT64_C(1) << STEP_BITS) - 1) >> STEP_BITS;
	return cost < (unsigned __int128)most ? (int64_t)cost : most;
}

/* Further ahead than any debt: the clock went back, and the bucket counts as empty. */
int64_t
gcra_ahead(const struct gcra *g, uint64_t arrival, uint64_t now)
{
	int64_t ahead = (int64_t)(arrival - now);

	if (ahead <= 0)
		return 0;
	return ahead <= g->span + GCRA_DEBT ? ahead : g->span;
}

struct gcra_answer
gcra_take(const struct gcra *g, uint64_t arrival, uint64_t now, int64_t cost)
{
	int64_t ahead = gcra_ahead(g, arrival, now);

	if (ahead + cost > g->span)
		return (struct gcra_answer){
			.never = cost > g->span,
			.arrival = now + (uint64_t)ahead,
			.wait = ahead + cost - g->span,
		};
	return (struct gcra_answer){ .conforms = true, .arrival = now + (uint64_t)(ahead + cost) };
}

uint64_t
gcra_correct(const struct gcra *g, uint64_t arrival, uint64_t now, int64_t more)
{
	int64_t ahead = gcra_ahead(g, arrival, now) + more;

	if (ahead < 0)
		ahead = 0;
	return now + (uint64_t)(ahead < g->span + GCRA_DEBT ? ahead : g->span + GCRA_DEBT);
}

uint64_t
gcra_left(const struct gcra *g, uint64_t arrival, uint64_t now)
{
	int64_t room = g->span - gcra_ahead(g, arrival, now);
	uint64_t units;

	if (room <= 0)
		return 0;
	units = ((uint64_t)room << STEP_BITS) / g->step;
	return units < g->per_minute ? units : g->per_minute;
}
