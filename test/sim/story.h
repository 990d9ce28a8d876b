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
#include "sim/shelf.h"
#include "sim/visitor.h"

struct dns;

/* What is refused once, when the gateway is open: the n-th of its kind. */
enum refuse {
	REFUSE_NOTHING,
	REFUSE_HEAP,			/* malloc and its kin */
	REFUSE_POOL,			/* blocks of the gateway's pool: this and all after it */
	REFUSE_WRITE,			/* a write to a socket */
	REFUSE_FILE,			/* a write to the log */
	REFUSE_COUNT,
};

struct story {
	struct world		 world;
	struct scene		 scene;
	struct loop		 loop;
	struct memory_pool	 memory;
	struct dns		*dns;
	char			*scratch;
	struct conversations	*conversations;
	struct admit		*admit;
	struct shelf		 shelf;
	struct gate		 gate;
	struct metric		 metrics;	/* as the gate said at its end */
	struct visitor		*visitors;
	struct dice		 dice;
	bool			 tortured;	/* something will be refused */
	bool			 calm;
	bool			 crowded;	/* there are fewer connections than visitors */
	enum refuse		 refuse;
	unsigned		 excused;	/* requests for which no record could be made */
	bool			 opened;	/* the gate was */
	nanos			 drained_at;
	int			 log;
	int64_t			 heap_before;
	struct letter		 drain, cancel;
};

struct story_options {
	uint64_t	seed;
	bool		verbose;
	enum refuse	refuse;
	uint64_t	refuse_at;
};

struct story_end {
	uint64_t	history;	/* its hash */
	unsigned	complaints;
	bool		refused;	/* what was to be refused was reached */
};

/* Lives the history of a seed. */
struct story_end story_tell(const struct story_options *);

#endif
