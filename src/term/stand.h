/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TERM_STAND_H
#define TERM_STAND_H

/*
 * stand - does a word stand in its text as a marking?
 *
 * "CONFIDENTIAL" on a line of its own is a marking, "he was confidential about
 * it" is not.  What counts: a line that holds nothing else, but for decoration,
 * with a capital; a key before it ("Classification: Internal"); a capital and
 * separators or the line's end on both of its sides ("Acme - Confidential |
 * Page 3"); a long word in capitals in a line that is not.  What stands inside
 * of an identifier, a path, a table or a string of code is never one.  No more
 * than STAND_BYTES on either side are looked at.
 */

#include "find/look.h"

#define STAND_BYTES	120

/* How a phrase of the lists must stand. */
enum stand {
	STAND_ANYWHERE,
	STAND_UPPER,		/* in capitals */
	STAND_SLASHED,		/* in capitals, with // behind its first word */
	STAND_STANDS,		/* as a marking */
};

/*
 * The score of the phrase [start, end) if it stands so, or 0.  `key_end` is the end of a key
 * before it, or 0.
 */
unsigned stand_score(const struct look *, uint32_t start, uint32_t end, enum stand,
    uint32_t key_end);

#endif
