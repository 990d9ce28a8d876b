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
#include "core/slice.h"

struct tenant {
	struct slice		name;
	struct allowance	limits;
	uint64_t		number;		/* allowance_number(), by its name */
};

#endif
