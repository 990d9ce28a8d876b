/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CONF_TENANT_H
#define CONF_TENANT_H

/*
 * tenant - who pays, and what each may use.
 *
 * A row of a snapshot like those of conf/row.h.  The row `default` holds for
 * every tenant that has none of its own, each of them for itself; a tenant of
 * which nothing is said has no limits.
 */

#include "admit/allowance.h"
#include "budget/budget.h"
#include "core/slice.h"

/* A time zone that the configuration names, as the system has it. */
struct zone_file {
	struct zone_file	*next;
	struct slice		 name;
	struct time_zone	 zone;
};

/* By its name, NULL being UTC; false: there is none. */
static inline bool
zone_file_find(const struct zone_file *first, struct slice name, const struct time_zone **out)
{
	*out = NULL;
	if (slice_eq(name, S("UTC")))
		return true;
	while (first != NULL && !slice_eq(first->name, name))
		first = first->next;
	if (first != NULL)
		*out = &first->zone;
	return first != NULL;
}

struct team {
	struct slice		name;
	struct budgets		budgets;
};

struct tenant {
	struct slice		name;
	struct budgets		budgets;
	const struct team	*team;
	uint32_t		team_count;
	struct allowance	limits;
	uint64_t		number;		/* allowance_number(), by its name */
};

/* One of its teams; NULL: it has none of this name. */
static inline const struct team *
tenant_team(const struct tenant *t, struct slice name)
{
	for (uint32_t i = 0; i < t->team_count; i++)
		if (slice_eq(t->team[i].name, name))
			return &t->team[i];
	return NULL;
}

#endif
