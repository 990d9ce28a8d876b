/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHAPE_STRUCTURE_H
#define SHAPE_STRUCTURE_H

/*
 * structure - what can be known by its shape: numbers, addresses, dates.
 *
 * One pass of vectors over the text looks for what may begin something: a
 * digit, an '@', a dot within a word, two colons, eight capitals.  Only there
 * the text is read closely, once, and given to whoever knows the shape; the
 * words around it are read when a shape alone is not enough.  Prose costs what
 * the vectors cost.  Linear, whatever the text; memory is the findings'.
 */

#include "find/look.h"

void structure_look(const struct look *);

#endif
