/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CALLER_PAYER_H
#define CALLER_PAYER_H

/*
 * payer - who pays for a request, and under which budgets it is.
 *
 * Those of its key, of the key's team and of the tenant.  A row of the
 * configuration may be of many owners (the tenant `default` is every tenant
 * that has no row), so the names of accounts are made here: "tenant acme month
 * Europe/Berlin", "team acme ml day UTC", "key app-1 total UTC".
 */

#include "budget/budget.h"
#include "conf/snapshot.h"
#include "core/err.h"

#define PAYER_BUDGETS_MAX	(3 * BUDGETS_MAX)

struct payer {
	struct slice		tenant, team, key;	/* names; empty: none */
	const struct budgets	*own;			/* of the key; NULL: none */
};

struct payer_bill {
	const struct budget	*budget[PAYER_BUDGETS_MAX];
	uint32_t		 count;
};

/* Its budgets, with their accounts, in the arena; ERR_MEMORY. */
must_use enum err payer_budgets(const struct payer *, const struct snapshot *, struct arena *,
    struct payer_bill *out);

#endif
