/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATE_UNVEIL_H
#define GATE_UNVEIL_H

/*
 * unveil - what a model said, as this caller may see it.
 *
 * Between call, which has an answer, and whoever sends it: values go back where the
 * request was masked, and what its workload or the caller's role keeps back is
 * watched for (answer/unmask.h).  Answers that nobody must look into cost a
 * comparison.  It holds for errors too that are told in a model's words.
 */

#include "core/err.h"
#include "core/must.h"

struct request;

/* Opens r->unmask, once, if this request's answer is looked into.  ERR_MEMORY. */
must_use enum err unveil_open(struct request *);

/* The whole answer, r->answer; yields.  As unmask_whole(). */
must_use enum err unveil_answer(struct request *);

/* The words of a model that rejected the request, r->upstream_body; suspends never. */
must_use enum err unveil_error(struct request *);

#endif
