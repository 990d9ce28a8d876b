/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/coverage.h"

#include <stdio.h>

static struct coverage *here;

static const struct slice steps[] = {
#define STEP(name, suspends, runs, post)	{ #name, sizeof(#name) - 1 },
#include "gate/step.tbl"
#undef STEP
};

#define STEPS	(sizeof steps / sizeof steps[0])

_Static_assert(STEPS <= COVERAGE_STEPS, "one row a step");

void
coverage_open(struct coverage *c)
{
	here = c;
}

void
coverage_note(struct slice step, enum err e)
{
	for (size_t i = 0; here != NULL && i < STEPS; i++)
		if (slice_eq(steps[i], step) && e < ERR_COUNT)
			here->count[i][e]++;
}

void
coverage_print(const struct coverage *c)
{
	printf("%-12s %-20s %s\n", "step", "err", "records");
	for (size_t i = 0; i < STEPS; i++)
		for (int e = 0; e < ERR_COUNT; e++)
			if (c->count[i][e] > 0)
				printf("%-12s %-20.*s %llu\n", steps[i].ptr,
				    (int)err_info((enum err)e)->name.len,
				    err_info((enum err)e)->name.ptr,
				    (unsigned long long)c->count[i][e]);
}

static size_t
find_step(const char *name)
{
	size_t i = 0;

	while (i < STEPS && !slice_eq(steps[i], slice_of(name, strlen(name))))
		i++;
	return i;
}

static int
find_err(const char *name)
{
	int e = 0;

	while (
	    e < ERR_COUNT && !slice_eq(err_info((enum err)e)->name, slice_of(name, strlen(name))))
		e++;
	return e;
}

/* One line: step, err, "reached", "rare" or "never", and why.  True if it holds. */
static bool
check_line(const struct coverage *c, const char *line, bool listed[STEPS][ERR_COUNT])
{
	char step[32], err[32], what[16];
	size_t i;
	int e;

	if (line[0] == '#' || sscanf(line, "%31s %31s %15s", step, err, what) != 3)
		return true;
	i = find_step(step);
	e = find_err(err);
	if (i == STEPS || e == ERR_COUNT) {
		printf("coverage: there is no %s %s\n", step, err);
		return false;
	}
	listed[i][e] = true;
	if (strcmp(what, "reached") == 0 && c->count[i][e] == 0) {
		printf("coverage: %s %s was not reached\n", step, err);
		return false;
	}
	if (strcmp(what, "never") == 0 && c->count[i][e] > 0) {
		printf("coverage: %s %s was reached, and is said never to be\n", step, err);
		return false;
	}
	return true;
}

/* Every error is listed somewhere, and wherever it was reached. */
static bool
check_row(const struct coverage *c, enum err e, bool listed[STEPS][ERR_COUNT])
{
	const struct slice name = err_info(e)->name;
	bool known = false, good = true;

	for (size_t i = 0; i < STEPS; i++) {
		known |= listed[i][e];
		if (c->count[i][e] == 0 || listed[i][e])
			continue;
		printf("coverage: %s %.*s was reached, and is not listed\n", steps[i].ptr,
		    (int)name.len, name.ptr);
		good = false;
	}
	if (!known)
		printf("coverage: %.*s is not listed\n", (int)name.len, name.ptr);
	return good && known;
}

bool
coverage_check(const struct coverage *c, const char *path)
{
	static bool listed[STEPS][ERR_COUNT];
	FILE *f = fopen(path, "r");
	char line[256];
	bool good = true;

	if (f == NULL) {
		printf("coverage: %s cannot be read\n", path);
		return false;
	}
	while (fgets(line, sizeof line, f) != NULL)
		good = check_line(c, line, listed) && good;
	fclose(f);
	for (int e = 0; e < ERR_COUNT; e++)
		good = check_row(c, (enum err)e, listed) && good;
	return good;
}
