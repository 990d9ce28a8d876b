/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ADMIN_BUDGETS_H
#define ADMIN_BUDGETS_H

/*
 * budgets - what the metrics tell of budgets.
 *
 * Limit, what is spent and what is held of each account that the configuration
 * names, as they are now: at most BUDGET_SERIES_MAX of them, tenants first, then teams,
 * then keys.  Accounts of tenants that share the row `default` are not told, for
 * anybody who makes tenants could make series.
 */

#include "conf/snapshot.h"

struct ceilings;

/* In Prometheus' text, in the arena; empty without budgets.  ERR_MEMORY. */
must_use enum err budgets_metrics(struct ceilings *, const struct snapshot *, struct arena *,
    struct slice *out);

#endif
