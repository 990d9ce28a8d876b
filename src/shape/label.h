/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHAPE_LABEL_H
#define SHAPE_LABEL_H

/*
 * label - values that only their label tells.
 *
 * "MRN: 7464851", "Account number 55-779911", {"cvv": "737"}: the value could be
 * anything, but what stands right in front of it says what it is (label.tbl).
 * Asked last, when nobody knows the value by its shape.
 */

#include "shape/chain.h"

/* How many groups from `from` on a label gives a meaning to; 0 if none does. */
unsigned label_look(struct eye *, const struct chain *, unsigned from);

#endif
