/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATE_ATTEMPT_H
#define GATE_ATTEMPT_H

/*
 * attempt - one model is asked: its row in the record, its place in flight, and
 * what its breaker learns.  Begun in call; ended there if it failed, else in
 * settle, exactly once.
 */

#include "gate/request.h"

void attempt_begin(struct request *, const struct model *);

/* Closes the lane too; the connection is kept if the answer was read to its end. */
void attempt_end(struct request *, enum err);

#endif
