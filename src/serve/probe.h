/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVE_PROBE_H
#define SERVE_PROBE_H

/*
 * probe - is there an inference engine on this port of this machine?
 *
 * All ports are asked at once for GET /v1/models, on 127.0.0.1 and with plain
 * calls, before anything else runs; what did not answer like an engine within
 * PROBE_WAIT_MS is not there.  Where nothing listens, that is known at once.
 * A gateway of this kind is no engine and is left out, ourselves included.
 */

#include "core/arena.h"
#include "core/limit.h"
#include "core/slice.h"
#include "dialect/vendor.h"

struct probe {
	uint16_t		 port;
	const struct vendor	*vendor;	/* whose port it is; then whose engine */
	uint32_t		 model_count;	/* 0: there is no engine, or no model in it */
	bool			 empty;		/* an engine without a model */
	bool			 more;		/* it has more models than are told */
	struct slice		 model[PROBE_MODELS_MAX];	/* their ids, in the arena */
	int			 fd;		/* private from here on */
	bool			 asked;
	char			*room;
	size_t			 len;
};

/* Asks them all; a probe that overflows the arena finds nothing. */
void probe_all(struct probe *, size_t count, struct arena *);

/* Reads an engine's whole answer, head and body; what probe_all() does with what it got. */
void probe_read(struct probe *, struct slice answer, struct arena *);

#endif
