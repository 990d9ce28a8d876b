/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STUDY_CHANGE_H
#define STUDY_CHANGE_H

/*
 * change - what is different between two policies, cell by cell.
 *
 * Not how their files differ, but who may serve what: for each workload and
 * sensitivity, matched by name, the models that are gained and lost, those that
 * serve by an exception now or no longer, who is asked first, and duties.
 * Sensitivities with the same change are told together.
 */

#include "core/err.h"
#include "core/text.h"
#include "study/cell.h"

struct change {
	const struct snapshot	*old, *new;
	int64_t			 now;
	struct arena		*arena;
	struct text		*out;
	bool			 json, colour;
	uint32_t		 workloads;	/* that differ */
	uint32_t		 words;		/* levels, kinds, models that one policy lacks */
};

/* Names that only one of the two has; and in JSON the opening of the object. */
void change_begin(struct change *);

/* What changes in a workload that one of them has at least.  ERR_MEMORY. */
must_use enum err change_workload(struct change *, struct slice name);

void change_end(struct change *);

/* True if nothing was told. */
bool change_is_none(const struct change *);

#endif
