/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FIND_NORMAL_H
#define FIND_NORMAL_H

/*
 * normal - a text as its reader sees it, with the way back.
 *
 * Detectors look at letters and digits of ASCII; this makes them out of what
 * reads like them: compatibility forms (full width, ligatures, mathematical
 * letters, circled digits; NFKC of UAX #15), digits of other scripts, odd
 * spaces, dashes and quotes.  What is not seen goes: zero-width characters,
 * directions, soft hyphens; tag characters and smuggled variation selectors
 * become what they say.  A combining mark joins its letter, a second one goes.
 * Letters of another script that look Latin become so only in words that hold
 * Latin ones too, so that a word of Greek or Russian stays what it is.
 *
 * Nothing grows.  What needs no change is not copied, and ASCII costs a vector
 * comparison.  What is not UTF-8 passes as it is.  Of UTF-8, normalising twice is
 * normalising once.
 */

#include "core/arena.h"

/* From `to` on in the normalised text stands what was at `from`, up to the next change. */
struct normal_change {
	uint32_t	to;
	uint32_t	from : 30;
	uint32_t	whole : 1;	/* one thing that was replaced; else byte for byte */
	uint32_t	odd : 1;	/* nobody types that; it hides something */
};

struct normal {
	struct slice		 text;		/* normalised; `from` where nothing was */
	struct slice		 from;		/* as it was */
	struct normal_change	*change;	/* by place in both */
	uint32_t		 count, room;
	bool			 cut;		/* no memory: what is hidden in it stays hidden */
};

/* `wide`: the machine has what core/wide.h needs.  The text is shorter than 2^30 bytes. */
void normal_make(struct arena *, struct slice text, bool wide, struct normal *out);

/*
 * Turns a span of the normalised text, not empty, into the span of the text as it was that it
 * stands for.  True if something odd stands within.
 */
bool normal_span(const struct normal *, uint32_t *start, uint32_t *end);

#endif
