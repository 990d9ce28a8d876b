/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATE_ATTEMPT_H
#define GATE_ATTEMPT_H

/*
 * attempt - one model is asked: its row in the record, its place in flight, and
 * what its breaker learns.  Begun in call; ended there if it failed, else in
 * settle, exactly once.
 */

#include "gate/request.h"

/*
 * A turn at a model and its rates, for an attempt, which must begin then.  Without `waits`,
 * ERR_NO_CANDIDATE where there is no turn now; with it, the fiber waits for one until the
 * request's deadline.  ERR_RATE_LIMITED, and what ends a wait.  May suspend.
 */
must_use enum err attempt_enter(struct request *, const struct model *, bool waits);

void attempt_begin(struct request *, const struct model *);

/*
 * The next events of a streamed answer into the request's view, with those of them that need
 * no change as the chunks that they came in; what stopped the stream behind them is in
 * view_err.  ERR_UPSTREAM_CLOSED at its end, and as lane_part(), if there are none.  May
 * suspend.
 */
must_use enum err attempt_events(struct request *, nanos deadline);

/* Its times so far, for a record that is written before the attempt ends; nothing without one. */
void attempt_note(struct request *);

/* Closes the lane too; the connection is kept if the answer was read to its end. */
void attempt_end(struct request *, enum err);

#endif
