/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STUDY_CELL_H
#define STUDY_CELL_H

/*
 * cell - for one workload and one label: the models that may serve.
 *
 * The whole of a policy, asked cell by cell: every model, in health, for a
 * caller without bounds of its own.  A workload's sensitivities are the levels
 * from its floor's up, and each kind that is not in the floor on top of it.
 */

#include "conf/snapshot.h"
#include "core/arena.h"
#include "policy/verdict.h"

/* What is in the content beside the floor of the workload. */
struct sensitivity {
	bool		of_kind;
	uint32_t	index;		/* of the level, or of the kind */
};

struct cell {
	struct label	label;		/* closed, with the floor */
	uint64_t	*serves;	/* set of models */
	uint64_t	*leans;		/* those that need an exception */
	uint32_t	duties;
	uint32_t	first;		/* that is asked first, of all; or MATCH_NONE */
	bool		degraded;	/* they are less capable than the workload needs */
	struct live	*live;		/* every model in health */
	uint8_t		*reason;
};

/* Words of a set of models. */
static inline uint32_t
cell_words(const struct snapshot *s)
{
	return (s->model_count + 63) / 64;
}

/* An empty cell for this snapshot; serves is NULL where there is no memory. */
struct cell cell_new(struct arena *, const struct snapshot *);

/* Asks every model. */
void cell_ask(struct cell *, const struct snapshot *, uint32_t workload, struct sensitivity,
    int64_t now);

/* The closed label of a workload's floor. */
struct label cell_floor(const struct snapshot *, uint32_t workload);

/* True if the sensitivity says nothing that the floor does not say. */
bool cell_is_floor(const struct snapshot *, uint32_t workload, struct sensitivity);

/* The same models in both, with and without exceptions. */
bool cell_is_same(const struct cell *, const struct cell *, const struct snapshot *);

#endif
