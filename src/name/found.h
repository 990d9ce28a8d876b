/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NAME_FOUND_H
#define NAME_FOUND_H

/*
 * found - what the words of a text name: persons, places and what goes with them.
 *
 * The detectors of this folder add to one list, in any order; it may overlap.  It
 * lives in its arena and grows there; when that is full, or FINDINGS_MAX are
 * there, it is `cut`.
 */

#include "core/arena.h"
#include "name/atom.h"

enum found_what {
	FOUND_PERSON,
	FOUND_PLACE,
	FOUND_FIRM,		/* an organisation */
	FOUND_STREET,		/* an address of a house, or a part of one */
	FOUND_CODE,		/* a postal code */
	FOUND_NATION,
	FOUND_TITLE,		/* Dr., and professions */
	FOUND_SEX,
	FOUND_KIN,
	FOUND_COUNT,
};

enum found_how {
	FOUND_BY_TAGGER = 1,
	FOUND_BY_LIST = 2,
	FOUND_BY_LABEL = 4,	/* or by other words nearby */
	FOUND_BY_SHAPE = 8,
};

struct found {
	uint32_t	start, end;	/* bytes of the text */
	uint8_t		what;		/* enum found_what */
	uint8_t		score;		/* 1 to 100 */
	uint8_t		how;		/* set of enum found_how */
};

struct founds {
	struct arena	*arena;
	struct found	*at;
	uint32_t	 count, room;
	bool		 cut;
};

void founds_init(struct founds *, struct arena *);

/* Adds one of the words [from, to), which are then taken; `one` has what, how and the score. */
void founds_take(struct founds *, struct atoms *, uint32_t from, uint32_t to, struct found one);

#endif
