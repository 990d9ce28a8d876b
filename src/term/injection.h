/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TERM_INJECTION_H
#define TERM_INJECTION_H

/*
 * injection - does a text give orders to the model that nobody may give it?
 *
 * A signal for labels, tools and records, never a barrier of its own: it knows
 * styles of attack that were seen, not meanings.  Words, pairs and triples of
 * words have weights (injection.tbl; tool/injection trains them and says from
 * what); their sum rises and falls along the text, a 16th of it goes with each
 * word and it is never below zero, so what is harmless before an order does not
 * hide it.  What was counted a moment ago is not counted again: code repeats
 * itself.  Where the sum is high, its heaviest word is the finding, so that it
 * covers no more than that.  Sure phrases are in injection_phrase.tbl, as terms
 * (term.h).
 */

#include "find/look.h"
#include "find/word.h"

/* Sums from here on are a finding; its score rises with them. */
#define INJECTION_SUM_MIN	80

/* Hashes with a weight that are remembered, so that what is repeated counts once. */
#define INJECTION_RECENT	16

/* A text being read; zero at first. */
struct injection {
	int32_t		sum;
	uint32_t	before, first;	/* the hashes of the two words before */
	uint32_t	recent[INJECTION_RECENT];
	uint32_t	count;
	/* The stretch in which the sum has been high: its highest, and its heaviest word. */
	int32_t		most, by;
	struct word	word;
};

/* Reads the next words of the text. */
void injection_read(struct injection *, const struct look *, const struct word *, unsigned count);

/* After the last one. */
void injection_end(struct injection *, const struct look *);

/* The highest sum of a text. */
uint32_t injection_sum(struct slice text, bool wide);

#endif
