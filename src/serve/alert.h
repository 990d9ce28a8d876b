/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVE_ALERT_H
#define SERVE_ALERT_H

/*
 * alert - tells that a budget has reached a part of its amount.
 *
 * A fiber of the first worker waits for what ledger/ceiling.h has marked on disk,
 * once for each part and period, and puts it into the log as an event.  A second one
 * sends it to the URL of the configuration, one after another; what is not taken is
 * sent again at longer and longer intervals, ALERT_KEEP_S long.  The store keeps an
 * alert until it was taken (store/alert.h), so the next process sends what this one
 * could not; who gets one twice knows it by its id.  Messages are signed as Standard
 * Webhooks 1.0.0 says it (webhook-id, -timestamp, -signature over both and the body).
 */

#include "core/err.h"
#include "core/must.h"
#include "run/loop.h"

struct book;
struct ceilings;
struct gate;
struct waiting_alert;

struct alert_queue {
	struct waiting_alert	*first, **last;
	uint32_t		 count;
};

struct alert {
	struct ceilings		*ceilings;
	struct book		*book;		/* NULL: what waits is in memory alone */
	struct gate		*gate;		/* of the first worker: log, metrics, snapshot */
	struct alert_queue	 waiting;
	int64_t			 read;		/* the last row that an earlier process left */
	struct fiber		*sender, *stopper;
	nanos			 next, pause;	/* when it is tried again; and after that */
	bool			 failing;
};

/* The caller has set ceilings, book and gate.  ERR_OVERLOADED. */
must_use enum err alert_start(struct alert *, struct loop *);

/* After ceiling_stop(), before book_stop(): a last try, and the end of its fiber.  May suspend. */
void alert_stop(struct alert *, struct fiber *);

#endif
