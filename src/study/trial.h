/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STUDY_TRIAL_H
#define STUDY_TRIAL_H

/*
 * trial - what is expected of a ruling, and what is different.
 *
 * An expectation is the `expect` of a request in a file, an object in which
 * only what is said is compared:
 *
 *   plan       the models, in this order and no others
 *   first      the model that is asked first
 *   refused    {MODEL: REASON}: these are refused for these reasons
 *   label      the level and all kinds: "regulated, phi"
 *   workload   its name
 *   duties     all of them, in any order
 *   exception  the one on which the first candidate leans; null: none
 *   masked     how many spans are masked; 0: none
 *   findings   {TYPE: HOW MANY}: these are found, whatever else is
 *   error      the code of the error answer; null: none
 */

#include "study/sample.h"

struct trial {
	const struct json	*json;
	uint32_t		 expect;	/* its node */
	const struct ruling	*ruling;
	struct arena		*arena;
	struct text		*differences;	/* a line for each: "    first: wanted a, got b" */
	struct sample_fault	*fault;
	bool			 same;
};

/* Compares, and sets `same`.  ERR_CONF with the fault if the expectation makes no sense. */
must_use enum err trial_judge(struct trial *);

#endif
