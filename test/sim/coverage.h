/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIM_COVERAGE_H
#define SIM_COVERAGE_H

/*
 * coverage - which errors were reached in which steps, over all histories.
 */

#include "core/err.h"
#include "core/slice.h"

#define COVERAGE_STEPS	12

/* Shared by the processes that tell histories. */
struct coverage {
	uint64_t	count[COVERAGE_STEPS][ERR_COUNT];
};

/* Where to count; NULL: nowhere. */
void coverage_open(struct coverage *);
void coverage_note(struct slice step, enum err);

#endif
