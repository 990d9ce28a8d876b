/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHAPE_CONTEXT_H
#define SHAPE_CONTEXT_H

/*
 * context - what the words near a candidate are about.
 *
 * Nine digits are a social security number because somebody says so: in front
 * of them, behind them, or as the key above them.  context.tbl says which words
 * speak of what (a concept) and of where (a country).  A word is known by its
 * first eight bytes, in lower case and without accents, so that endings do not
 * matter; in scripts without spaces each two characters are tried.  Words are
 * read once, in front of the pass and only near candidates; what they said is
 * kept for the few that were read last.  Of all that was said the nearest
 * counts: in front up to the last finding, on the same line before that above.
 * A table (CSV) is told by its first line, which names its columns.
 */

#include "core/slice.h"

enum concept {
#define CONCEPT(name)	CONCEPT_AT_##name,
#include "shape/context.tbl"
	CONCEPT_COUNT
};

_Static_assert(CONCEPT_COUNT < 64, "a set of concepts is one word");

/* One bit each, for sets. */
#define CONCEPT_BIT(name)	(UINT64_C(1) << CONCEPT_AT_##name)

enum country {
#define COUNTRY(name)	COUNTRY_AT_##name,
#include "shape/context.tbl"
	COUNTRY_COUNT
};

_Static_assert(COUNTRY_COUNT <= 64, "a set of countries is one word");

#define COUNTRY_BIT(name)	(UINT64_C(1) << COUNTRY_AT_##name)

/* Sets: of what is spoken, and of where. */
struct topic {
	uint64_t	what, where;
};

#define CONTEXT_COLUMNS	32		/* of a table with a line of names in front */
#define CONTEXT_HITS	16		/* words that are remembered; a power of two */
#define CONTEXT_BEFORE	48		/* bytes in front of a candidate that may speak of it */
#define CONTEXT_BEHIND	24		/* and behind */

struct context {
	struct slice	text;
	struct topic	key;			/* what the key says */
	struct topic	column[CONTEXT_COLUMNS];	/* what the first line says of each */
	struct topic	now;			/* of the column of the last candidate */
	unsigned	columns, at_column;	/* how many there are; where `at` is */
	uint32_t	at;			/* separators before it were counted */
	char		separator;
	bool		has_head;		/* the first line was read */
	uint32_t	read;			/* words before it were read */
	uint32_t	floor;			/* what was said before it counts no more */
	struct topic	last;			/* but is inherited by the next in a list */
	unsigned	count;			/* words that said something, ever */
	struct {
		uint32_t	start, end;
		struct topic	topic;
	}		hit[CONTEXT_HITS];
};

void context_init(struct context *, struct slice text, struct slice key);

/* What is said of [start, end); starts of successive calls do not fall. */
struct topic context_of(struct context *, uint32_t start, uint32_t end);

/* Could a label stand in front of `start`?  Cheap; no word was read before. */
bool context_may_label(struct context *, uint32_t start);

/*
 * What the label right in front of `start` says: words with nothing between them and it but
 * "number", "is", ":" and their like.  context_of() was asked before.
 */
struct topic context_label(const struct context *, uint32_t start);

/* The candidate was found: what was said was said of it. */
void context_used(struct context *, uint32_t end, struct topic);

/* What a single word says, for tests and for keys. */
struct topic context_word(struct slice);

#endif
