/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVE_ALARM_H
#define SERVE_ALARM_H

/*
 * alarm - tells in the log when the ledger cannot be written, and when it can again.
 *
 * A fiber of the first worker looks once a second; what it tells is an event of
 * the log beside the metrics, because it must reach people who look at neither.
 */

#include "core/err.h"
#include "core/must.h"
#include "run/loop.h"
#include "watch/log.h"

struct book;

struct alarm {
	struct book	*book;
	struct log	*log;
	struct fiber	*fiber;		/* NULL: it does not run */
	struct fiber	*stopper;	/* that waits for its end; NULL: none */
	bool		 failing;
	uint64_t	 lost;
};

/* The caller has set book and log.  ERR_OVERLOADED. */
must_use enum err alarm_start(struct alarm *, struct loop *);

/* Returns when its fiber has ended.  May suspend. */
void alarm_stop(struct alarm *, struct fiber *);

#endif
