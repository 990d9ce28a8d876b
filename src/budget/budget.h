/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BUDGET_BUDGET_H
#define BUDGET_BUDGET_H

/*
 * budget - an amount that somebody may spend in a period.
 *
 * A row of a configuration, immutable.  What has been spent of it is in an account
 * (ledger/hold.h), which is found by name; the name tells owner, period and time
 * zone, so that another amount changes nothing of what was spent.  One row may be of
 * many owners, so the account's name is put in when they are known (caller/payer.h).
 */

#include "budget/period.h"
#include "core/unit.h"

#define BUDGET_ALERTS_MAX	8
#define BUDGETS_MAX		4	/* of one owner */


struct budget {
	struct slice		 account;	/* "tenant acme month Europe/Berlin" */
	uint64_t		 hash;		/* of the account's name */
	nano_usd		 limit;
	enum per		 per;
	const struct time_zone	*zone;		/* NULL: UTC */
	struct slice		 zone_name;
	uint8_t			 alert[BUDGET_ALERTS_MAX];	/* percent, ascending */
	uint32_t		 alert_count;
};

/* Where nothing else is said, alerts are raised at 50, 80 and 100 %. */
static inline void
budget_alert_usually(struct budget *b)
{
	static const uint8_t percent[] = { 50, 80, 100 };

	memcpy(b->alert, percent, sizeof percent);
	b->alert_count = sizeof percent;
}

struct budgets {
	const struct budget	*row;
	uint32_t		 count;
};

#endif
