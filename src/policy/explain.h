/* SPDX-License-Identifier: Apache-2.0 */
#ifndef POLICY_EXPLAIN_H
#define POLICY_EXPLAIN_H

/*
 * explain - a decision as one JSON object: its facts, its verdict, every reason.
 *
 * The same object stands in the record, in the answer of /v1/route and in what
 * `trivium explain` prints, so they cannot disagree.  It is enough to decide
 * again: facts that are the usual ones are left out, and a model's health is
 * told by its reason, or by `down` where that is another.  No content, names only.
 */

#include "core/text.h"
#include "policy/verdict.h"
#include "policy/vocabulary.h"

struct explanation {
	const struct policy	*policy;
	const struct vocabulary	*vocabulary;
	const struct facts	*facts;
	const struct verdict	*verdict;
	const uint8_t		*reason;	/* by facts->model */
};

/* {"workload":…,"label":{…},"plan":[…],…}; at most explain_bytes() bytes. */
void explain_put(struct text *, const struct explanation *);
size_t explain_bytes(const struct explanation *);

/* {"level":"regulated","kinds":["phi"],…}. */
void explain_put_label_json(struct text *, const struct vocabulary *, struct label);

/* "regulated, phi, pii": as x-trivium-label says it. */
void explain_put_label(struct text *, const struct vocabulary *, struct label);

#endif
