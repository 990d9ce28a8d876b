/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_LOWER_H
#define CORE_LOWER_H

/*
 * lower - a table's row names in lower case.
 *
 * Tables name their rows in upper case, as C does; everyone outside reads them
 * in lower case.  Folding a literal is not something that a macro can do to a
 * string, but it can to each of its characters: LOWER(NAME) initialises an
 * array of LOWER_BYTES characters, all constant expressions of the row's own
 * literal, so that no name stands twice.
 */

#define LOWER_BYTES		24

#define LOWER_FOLD(c)		((char)((c) >= 'A' && (c) <= 'Z' ? (c) - 'A' + 'a' : (c)))
#define LOWER_AT(s, i)								\
	((i) < sizeof(s) ? LOWER_FOLD((s)[(i) < sizeof(s) ? (i) : 0]) : '\0')
#define LOWER_4(s, i)								\
	LOWER_AT(s, i), LOWER_AT(s, (i) + 1), LOWER_AT(s, (i) + 2), LOWER_AT(s, (i) + 3)
#define LOWER(name)		{ LOWER_4(#name, 0), LOWER_4(#name, 4), LOWER_4(#name, 8), \
				  LOWER_4(#name, 12), LOWER_4(#name, 16), LOWER_4(#name, 20) }

/* A row that does not fit must not compile. */
#define LOWER_FITS(name)							\
	_Static_assert(sizeof(#name) <= LOWER_BYTES, #name " needs a longer LOWER_BYTES")

#endif
