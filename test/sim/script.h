/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIM_SCRIPT_H
#define SIM_SCRIPT_H

/*
 * script - what a simulated provider does wrong, thrown by the dice.
 */

#include "sim/dice.h"

#include <stddef.h>

#define SCRIPT_ROOM	8192
#define SCRIPT_HUGE	1200000		/* more than an event may have */

/*
 * Writes a script of src/fake into `out`, of SCRIPT_ROOM + SCRIPT_HUGE bytes; says how many it
 * used.
 */
size_t script_write(struct dice *, char *out);

#endif
