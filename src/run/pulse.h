/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUN_PULSE_H
#define RUN_PULSE_H

/*
 * pulse - how a parent knows that the loops of its child still turn.
 *
 * A page that both share has a word for each loop, in a cache line of its own.
 * The child's loop writes the number of its turn there, which costs one store;
 * the parent looks now and then and counts in how many looks in a row it has
 * not changed.  Looks are counted and not seconds, so a machine that slept, or
 * a parent that was stopped together with its child, has looked once.  A loop
 * that has not begun, or has ended, has no pulse and is not missed.
 */

#include <stdint.h>

#include "core/must.h"

struct pulse;

/* Before the child is forked.  NULL without memory. */
struct pulse *pulse_new(unsigned loops);
void pulse_free(struct pulse *);

/* In the child: where loop number `loop` writes; 0: it has not begun, or has ended. */
_Atomic(uint64_t) *pulse_of(struct pulse *, unsigned loop);

/* In the parent, before another child is forked. */
void pulse_reset(struct pulse *);

/* In the parent: in how many looks in a row, this one included, the most silent loop was silent. */
unsigned pulse_look(struct pulse *);

/* In the parent: the looks so far do not count. */
void pulse_forgive(struct pulse *);

#endif
