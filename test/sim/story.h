/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIM_STORY_H
#define SIM_STORY_H

/*
 * story - one history from its seed: everything is opened, lived and closed.
 *
 * The gateway, the providers and the visitors are fibers of one loop in one
 * world.  Reloads, the drain and the cancel that follows it come as letters to
 * the loop or from outside of its turns, as in the program.  When all is
 * closed, the judge looks at what is left.
 */

#include "gate/gate.h"
#include "sim/scene.h"
#include "sim/visitor.h"

struct dns;

struct story {
	struct world		 world;
	struct scene		 scene;
	struct loop		 loop;
	struct memory_pool	 memory;
	struct dns		*dns;
	char			*scratch;
	struct gate		 gate;
	struct metric		 metrics;	/* as the gate said at its end */
	struct visitor		*visitors;
	struct dice		 dice;
	bool			 calm;
	bool			 torture;	/* no reloads, few visitors, no weather */
	bool			 opened;	/* the gate was */
	nanos			 drained_at;
	int			 log;
	int64_t			 heap_before;
	struct letter		 drain, cancel;
	uint64_t		 history;
};

struct story_options {
	uint64_t	seed;
	bool		verbose;
	bool		calm;
	bool		torture;
};

/* Lives the history of a seed; the number of broken rules.  *history is its hash. */
unsigned story_tell(const struct story_options *, uint64_t *history);

#endif
