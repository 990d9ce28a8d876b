/* SPDX-License-Identifier: Apache-2.0 */
#ifndef REGEX_BOUND_H
#define REGEX_BOUND_H

/*
 * bound - how large a pattern is before anybody compiles it.
 *
 * The library's time to compile is that of the automaton, and a pattern of twenty
 * characters can ask for one of minutes: \p{L}{1,200} took eighteen seconds only to be
 * refused.  So each place of the pattern is counted, repeats written out and what
 * stands for many characters of UTF-8 weighed by what it becomes, and a pattern with too
 * many is refused before.  This knows brackets, groups, escapes and repeats; whether a
 * pattern is a good one otherwise is for the library to say.  Pure, one pass, no memory.
 */

#include "core/slice.h"

struct bound {
	uint32_t	 places;
	size_t		 at;		/* where it is wrong, in bytes from 0 */
	const char	*why;		/* NULL: nothing is, as far as this can tell */
};

struct bound bound_of(struct slice pattern);

#endif
