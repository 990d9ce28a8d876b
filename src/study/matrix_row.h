/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STUDY_MATRIX_ROW_H
#define STUDY_MATRIX_ROW_H

/*
 * matrix_row - sensitivities of one workload that have the same answer.
 *
 * Shared by the pages of matrix.c and the JSON of matrix_json.c.
 */

#include "study/matrix.h"

struct matrix_row {
	uint64_t	levels, kinds;	/* sets of which one is empty */
	bool		floor;		/* the floor, and all that is below it */
	struct cell	cell;
};

#define MATRIX_ROWS_MAX	(LEVEL_MAX + KIND_MAX + 1)

/* Fills row[MATRIX_ROWS_MAX].  ERR_MEMORY. */
must_use enum err matrix_rows(const struct matrix *, uint32_t workload, struct matrix_row *,
    uint32_t *count);

/* basic, mid, frontier; empty where it is not said. */
struct slice matrix_capability(enum capability);

/* matrix_json.c: a workload as JSON. */
must_use enum err matrix_put_json(struct matrix *, uint32_t workload);

#endif
