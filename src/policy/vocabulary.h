/* SPDX-License-Identifier: Apache-2.0 */
#ifndef POLICY_VOCABULARY_H
#define POLICY_VOCABULARY_H

/*
 * vocabulary - what the bits and indexes of one policy are called.
 *
 * The policy decides by numbers; whoever explains or records needs their names.
 * Immutable, borrowed from the snapshot.  A bit without a name is not shown.
 */

#include "core/slice.h"

struct names {
	const struct slice	*name;
	uint32_t		 count;
};

struct vocabulary {
	struct names	level, kind, region, property;
	struct names	zone, tool, role, model, workload, exception;	/* by index */
	size_t		longest;	/* bytes of the longest name */
};

#endif
