/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STUDY_TOLD_H
#define STUDY_TOLD_H

/*
 * told - a ruling in words: what was decided, and where each part of it came from.
 *
 * The label part by part with its sources (what the request said, what cannot
 * be read, the workload's floor, what a kind brings with it), the plan by rank,
 * every refused model with the reason and what is missing, duties, exceptions.
 * Names only, no content.  As text for people, or as one JSON object whose
 * `decision` is the record's.
 */

#include "study/ruling.h"

struct telling {
	const struct ruling	*ruling;
	struct slice		 source;	/* of what the request said: a header, a record */
	struct arena		*arena;		/* what it runs out of is left out */
	bool			 colour;	/* for a terminal */
	bool			 json;
};

void told_put(struct text *, const struct telling *);

/* "regulated is above internal", "phi", "baa": what a refused model lacks, where that is known. */
void told_put_lack(struct text *, const struct ruling *, uint32_t model, enum reason);

/* edge, on_prem, private_cloud, public_api. */
struct slice told_kind(enum place_kind);

/* A word in bold where there are colours. */
void told_put_bold(struct text *, bool colour, struct slice);

#endif
