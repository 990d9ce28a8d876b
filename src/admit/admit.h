/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ADMIT_ADMIT_H
#define ADMIT_ADMIT_H

/*
 * admit - what all workers of a process share of limits.
 *
 * Made before the first worker begins and given back after the last has ended;
 * a restart forgets it.
 */

#include "admit/rate.h"
#include "admit/turn.h"

struct admit {
	struct rates	*rates;
	struct turns	*turns;
};

/* NULL without memory. */
struct admit *admit_new(nanos now);
void admit_free(struct admit *);

#endif
