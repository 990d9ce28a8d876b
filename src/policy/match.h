/* SPDX-License-Identifier: Apache-2.0 */
#ifndef POLICY_MATCH_H
#define POLICY_MATCH_H

/*
 * match - which workload a request is of, by what can be seen of it.
 *
 * A workload's conditions must all hold.  A clue is one thing that any of them
 * looks at (a header field, a member of `metadata`); the gate fetches each
 * once, and matching compares texts.  Each workload is filed under its rarest
 * condition, so that the cost is in clues and hits, not in workloads.
 * Immutable after match_build(); lives in its snapshot's arena.
 */

#include "core/arena.h"
#include "core/hash.h"
#include "core/limit.h"
#include "core/must.h"
#include "core/slice.h"

enum match_what { MATCH_HEADER, MATCH_PATH, MATCH_MODEL, MATCH_METADATA, MATCH_FIELD };

struct clue {
	enum match_what	what;
	struct slice	name;		/* of the field or member; empty for path and model */
};

struct condition {
	uint32_t	clue;
	struct slice	value;
};

#define MATCH_NONE	UINT32_MAX

struct match {
	const struct clue	*clue;
	uint32_t		 clue_count;
	const struct condition	*condition;
	const uint32_t		*first;		/* of each workload's conditions; count + 1 */
	uint32_t		 count;		/* workloads */
	const uint32_t		*slot;		/* workload + 1 at the head of a chain; mask + 1 */
	const uint32_t		*next;		/* workload + 1 behind a workload */
	uint64_t		 mask;
	struct hash_key		 key;
};

/* Files the workloads; clue, condition, first, count and key are set.  False: no memory. */
must_use bool match_build(struct match *, struct arena *);

/*
 * The first workload, in the order of the configuration, that is in the set
 * (NULL: all) and has conditions that all hold; or MATCH_NONE.  value[] is by
 * clue; an absent one (NULL) holds nothing.
 */
uint32_t match_find(const struct match *, const struct slice *value, const uint64_t *set);

#endif
