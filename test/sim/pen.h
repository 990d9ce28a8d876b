/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIM_PEN_H
#define SIM_PEN_H

/*
 * pen - writes the body of one wish, and notes in the wish what it wrote.
 *
 * The marker goes into whichever parts a request can have: prompts, system
 * messages, tools and their calls and results, names of files, metadata; as it
 * is, with every character escaped, or as base64.
 */

#include "core/text.h"
#include "sim/dice.h"
#include "sim/wish.h"

struct pen {
	struct wish	*wish;
	struct scene	*scene;
	struct dice	*dice;
	struct text	 head, body;
};

/* Messages, a prompt or an input; of at least so many bytes. */
void pen_put_input(struct pen *, uint64_t bytes);

/* What stands beside them. */
void pen_put_rest(struct pen *);

#endif
