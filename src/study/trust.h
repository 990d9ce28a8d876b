/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STUDY_TRUST_H
#define STUDY_TRUST_H

/*
 * trust - what of detection a policy rests on.
 *
 * A proof is about labels, and labels are no better than what is found: who
 * looks at all, which types and combinations are switched off, what a workload
 * allows as if it were not there.  None of it lowers a label; all of it can keep
 * one from being raised, so whoever reads a proof must see it.
 */

#include "conf/snapshot.h"
#include "core/text.h"

/* Lines for people, each with two spaces before it. */
void trust_put(struct text *, const struct snapshot *);

/* {"enabled":…,"parts":[…],"off":[…],"combinations_off":[…],"allowed":{WORKLOAD:[…]}} */
void trust_put_json(struct text *, const struct snapshot *);

#endif
