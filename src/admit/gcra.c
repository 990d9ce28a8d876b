/* SPDX-License-Identifier: Apache-2.0 */
#include "admit/gcra.h"

_Static_assert((uint64_t)GCRA_MINUTE < UINT64_MAX >> GCRA_STEP_BITS,
    "the step of one a minute fits");

struct gcra
gcra_of(uint64_t per_minute)
{
	struct gcra g = { .per_minute = per_minute };

	if (per_minute == 0)
		return g;
	g.step = (((uint64_t)GCRA_MINUTE << GCRA_STEP_BITS) + per_minute - 1) / per_minute;
	g.span = gcra_cost(&g, per_minute) + (per_minute < (uint64_t)GCRA_ROUNDINGS
	    ? (int64_t)per_minute : GCRA_ROUNDINGS);
	return g;
}

uint64_t
gcra_left(const struct gcra *g, uint64_t arrival, uint64_t now)
{
	int64_t room = g->span - gcra_ahead(g, arrival, now);
	uint64_t units;

	if (room <= 0)
		return 0;
	units = ((uint64_t)room << GCRA_STEP_BITS) / g->step;
	return units < g->per_minute ? units : g->per_minute;
}
