/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVE_ALERT_H
#define SERVE_ALERT_H

/*
 * alert - tells that a budget has reached a part of its amount.
 *
 * A fiber of the first worker waits for what ledger/ceiling.h has marked on disk,
 * once for each part and period, and puts it into the log as an event: part and
 * period, what was spent, the amount.
 */

#include "core/err.h"
#include "core/must.h"
#include "run/loop.h"
#include "watch/log.h"

struct ceilings;

struct alert {
	struct ceilings	*ceilings;
	struct log	*log;
};

/* The caller has set both; it ends with ceiling_stop().  ERR_OVERLOADED. */
must_use enum err alert_start(struct alert *, struct loop *);

#endif
