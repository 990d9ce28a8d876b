/* SPDX-License-Identifier: Apache-2.0 */
#ifndef POLICY_PASS_H
#define POLICY_PASS_H

/*
 * pass - the permission to send certain bytes to one place, once asked for.
 *
 * Nothing is sent to a model without one, and only pass_mint() makes one: after
 * it has asked the policy again.  It binds the model, the origin to which the
 * bytes go, the label under which they go, and their fingerprint; the lane
 * compares origin and bytes at the moment of sending.  A pass that does not
 * fit is a wrong program: must() stops it, and no byte leaves.
 */

#include "core/fingerprint.h"
#include "policy/facts.h"

struct pass {
	uint64_t	origin;
	uint64_t	fingerprint;
	struct label	label;
	uint32_t	model;
	uint64_t	seal;		/* over all of these, under the process's key */
};

/* What is about to be sent, and where. */
struct sealed {
	const struct fingerprint_key *key;	/* of the process */
	uint64_t	origin;
	uint64_t	fingerprint;
	uint32_t	model;
	struct label	label;		/* of the bytes, closed */
};

/*
 * REASON_NONE and *out, or the policy's reason against it; whatever is a matter
 * of the moment (health, load) is not asked again.
 */
must_use enum reason pass_mint(const struct policy *, const struct facts *,
    const struct sealed *, struct pass *out);

/* Was this pass made by pass_mint(), for this origin and these bytes? */
bool pass_admits(const struct pass *, const struct fingerprint_key *, uint64_t origin,
    uint64_t fingerprint);

#endif
