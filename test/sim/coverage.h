/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIM_COVERAGE_H
#define SIM_COVERAGE_H

/*
 * coverage - which errors were reached in which steps, over all histories.
 *
 * test/sim/coverage.txt lists what there is to reach.  A row that is not
 * reached, and is not excused there with a reason, is a failure, and so is one
 * that was reached and is not listed, and an error that nobody thought of.
 */

#include <stdbool.h>

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

/* Prints the table. */
void coverage_print(const struct coverage *);

/* Compares with the list in a file; false with words on stdout if they differ. */
bool coverage_check(const struct coverage *, const char *path);

#endif
