/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FIND_LOOK_H
#define FIND_LOOK_H

/*
 * look - one text under the eyes of the detectors.
 *
 * Each detector is a function NOUN_look() of its own file: one pass over the
 * text, linear in its length whatever it holds, no memory but the arena's.  It
 * adds what it finds; what overlaps is settled afterwards.  The text is UTF-8,
 * already normalised (find/normal.h), and nothing is read behind its end.
 */

#include "find/finding.h"

struct dictionary;
struct look;

/*
 * Who looks for an operator's patterns: a library that this folder may not know.  Like a
 * detector it adds findings to the look's; it is called from many threads at once.
 */
struct matcher {
	void (*look)(const struct matcher *, const struct look *);
};

struct look {
	struct slice		 text;
	struct slice		 key;		/* JSON key, form label or file name above it */
	struct arena		*arena;
	struct findings		*findings;
	const struct dictionary	*dictionary;	/* the operator's own, or NULL */
	bool			 wide;		/* the machine has what core/wide.h needs */
};

#endif
