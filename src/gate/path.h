/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATE_PATH_H
#define GATE_PATH_H

/*
 * path - what a request target asks for, by path.tbl.
 */

#include "core/err.h"
#include "core/must.h"
#include "dialect/openai.h"

struct path {
	struct slice	pattern;	/* without its star */
	struct slice	method;
	enum operation	operation;
	bool		prefix;
	bool		built;
};

/*
 * Finds the row of a target.  ERR_PATH_UNKNOWN, ERR_METHOD_UNKNOWN (with
 * *out set: its method is what is allowed), ERR_NOT_BUILT.  *rest is what
 * stands for the star, or empty.
 */
must_use enum err path_find(struct slice target, struct slice method, const struct path **out,
    struct slice *rest);

/* Is this what an operation is called in records, as chat or embeddings? */
bool path_is_operation(struct slice name);

#endif
