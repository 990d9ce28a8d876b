/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATE_RECHECK_H
#define GATE_RECHECK_H

/*
 * recheck - what the newest configuration says of a request that began under an
 * older one.
 *
 * A request keeps its snapshot, but before each attempt the newest one is asked
 * as well: a key may have been revoked, a model drained, an exception ended, a
 * policy made stricter.  Facts are carried over by name; what has no name in
 * the newest one is not permitted by it.  It can only refuse.
 */

#include "policy/reason.h"

struct model;
struct request;

/* REASON_NONE, or why the newest configuration does not let it go to this model. */
enum reason recheck_refuses(struct request *, const struct model *);

#endif
