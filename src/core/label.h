/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_LABEL_H
#define CORE_LABEL_H

/*
 * label - how sensitive content is, and what a place may receive.
 *
 * A label travels with content, a clearance belongs to a sink; both are four
 * fixed-size words and values.  label_join() is what two findings mean
 * together: commutative, associative, idempotent, and it never loses a
 * restriction.  label_may_flow() is the one question that guards every sink.
 * Sets are bits whose meaning (names of kinds, regions, requirements) the
 * configuration gives.
 */

#include "core/must.h"
#include "core/slice.h"

struct label {
	uint64_t	kinds;		/* what was found */
	uint64_t	regions;	/* leaf regions where it may be processed; all by default */
	uint64_t	requires;	/* agreements and properties that a place must hold */
	uint32_t	level;		/* rank; 0 is the least */
};

struct clearance {
	uint64_t	kinds;		/* kinds accepted */
	uint64_t	regions;	/* leaf regions that the place may use */
	uint64_t	holds;
	uint32_t	level;		/* the highest level accepted */
};

#define LABEL_PUBLIC	((struct label){ .regions = UINT64_MAX })

/* The first of these that forbids a flow. */
enum flow {
	FLOW_MAY,
	FLOW_LEVEL,
	FLOW_KIND,
	FLOW_REGION,
	FLOW_REQUIRES,
};

struct label label_join(struct label a, struct label b);
enum flow label_flow(struct label content, struct clearance place);
bool label_may_flow(struct label content, struct clearance place);

#endif
