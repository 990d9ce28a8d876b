/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHAPE_PATTERN_H
#define SHAPE_PATTERN_H

/*
 * pattern - which numbers can look like this?
 *
 * pattern.tbl has a row for each type that can have a signature (chain.h), with
 * the rule that proves it, and how sure one may be of it without any word and
 * with a word that speaks of such numbers.  The best row wins.
 */

#include "shape/chain.h"

/*
 * Looks at what begins with group `from` of the chain; adds the best that is there, and returns
 * how many groups it has; 0 if nothing is.
 */
unsigned pattern_look(struct eye *, const struct chain *, unsigned from);

/* A line of a machine-readable zone around this byte (ICAO 9303); its end, or 0. */
uint32_t pattern_mrz(struct eye *, uint32_t at);

#endif
