/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIM_TORTURE_H
#define SIM_TORTURE_H

/*
 * torture - each allocation, each send, each write of the log is refused in turn.
 *
 * A few histories are told again and again, with the first of a kind refused,
 * then the second, until there are no more.  The rules hold all the same, but
 * for what cannot be: a request for which there is no memory has no record and
 * its connection is closed; a client is given up when there is no memory to
 * keep what it does not take; what the log's file refuses is lost and counted.
 */

#include <stdbool.h>

#include "sim/story.h"

/* Everything; says how often and how it went.  True if no rule was broken. */
bool torture_run(void);

/* "heap:12" and the like, for one of them again. */
bool torture_read(const char *text, struct story_options *);

#endif
