/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATE_PREPARE_H
#define GATE_PREPARE_H

/*
 * prepare - a request as one model is to see it.
 *
 * The body's bytes stay where the client's were; what must change is spliced
 * in.  The head is built new, from a list: nothing of the caller's head passes
 * but its trace.  Credentials are put in last and go to their own origin only.
 */

#include "core/splice.h"
#include "gate/request.h"

#define PREPARE_PIECES	(2 * SPLICE_MAX + 2)

struct prepared {
	struct iovec	piece[PREPARE_PIECES];
	int		count;
	size_t		body_bytes;
};

/* Builds it in the work arena.  ERR_MEMORY. */
must_use enum err prepare_for(struct request *, const struct model *, struct prepared *);

/* Where the model is. */
struct origin prepare_origin(const struct model *);

#endif
