/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STUDY_MATRIX_H
#define STUDY_MATRIX_H

/*
 * matrix - a policy on one page: workload by sensitivity by capability, and
 * which tiers may serve.
 *
 * A tier is a kind of zone (edge, on_prem, private_cloud, public_api); a column
 * is a capability of models.  Rows with the same answer are one row.  With each
 * workload stands what people need to judge it: owner, reason, needs, duties,
 * what happens when nothing fits.  Written workload by workload, so that the
 * caller can write what there is in between.
 */

#include "core/err.h"
#include "core/text.h"
#include "study/cell.h"

enum matrix_format { MATRIX_TEXT, MATRIX_MARKDOWN, MATRIX_HTML, MATRIX_JSON };

struct matrix {
	const struct snapshot	*snapshot;
	enum matrix_format	 format;
	bool			 colour;
	struct slice		 title;
	int64_t			 now;
	struct arena		*arena;		/* for a workload's rows; may be reset after each */
	bool			 begun;		/* a workload was written */
	struct text		*out;
};

void matrix_begin(struct matrix *);
must_use enum err matrix_workload(struct matrix *, uint32_t workload);	/* ERR_MEMORY */
void matrix_end(struct matrix *);

#endif
