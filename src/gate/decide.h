/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATE_DECIDE_H
#define GATE_DECIDE_H

/*
 * decide - what other steps ask of the decision.
 */

#include <stdbool.h>

#include "core/err.h"
#include "ask/inquiry.h"

struct key;
struct model;
struct request;

/*
 * ERR_MODEL_UNKNOWN for the model that was asked for, with the nearest names that the caller
 * may hear.
 */
enum err decide_unknown(struct request *);

/* The request as an inquiry, and an error that one met as the request's. */
struct inquiry decide_inquiry(struct request *);
enum err decide_fail(struct request *, const struct inquiry *, enum err);

#endif
