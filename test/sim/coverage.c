/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/coverage.h"

static struct coverage *here;

static const struct slice steps[] = {
#define STEP(name, suspends, runs, post)	{ #name, sizeof(#name) - 1 },
#include "gate/step.tbl"
#undef STEP
};

_Static_assert(sizeof steps / sizeof steps[0] <= COVERAGE_STEPS, "one row a step");

void
coverage_open(struct coverage *c)
{
	here = c;
}

void
coverage_note(struct slice step, enum err e)
{
	for (size_t i = 0; here != NULL && i < sizeof steps / sizeof steps[0]; i++)
		if (slice_eq(steps[i], step) && e < ERR_COUNT)
			here->count[i][e]++;
}
