/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STUDY_TRAIN_H
#define STUDY_TRAIN_H

/*
 * train - the weights of the tagger of names, from texts that are labelled.
 *
 * A corpus is lines of a token, a tab and a label: O, or B- or I- and what it
 * is; an empty line ends a text, the token ¶ is a line feed.  PER and person are
 * persons; LOC, GPE and location places; ORG, corporation and group
 * organisations; other labels count as none.  Tokens are joined with spaces and
 * read as the tagger reads, so that how a corpus divides words does not matter.
 *
 * The averaged perceptron of Collins (2002), with a margin: integers only, the
 * same texts in the same order give the same weights.  Memory is the arena's,
 * some thirty bytes a word.
 */

#include "core/err.h"
#include "core/must.h"
#include "core/text.h"
#include "name/tagger.h"

struct train_text {
	struct atoms	 words;
	uint8_t		*gold;		/* a tag for each word */
};

struct train {
	struct arena	*arena;
	struct train_text *texts;
	uint32_t	 count, room;
	uint64_t	 words;
	uint32_t	 line;		/* that was read last */

	int32_t		*weights;	/* TAGGER_ROWS rows of TAG_COUNT */
	int64_t		*sums;		/* of each weight over the steps until it changed last */
	uint32_t	*changed;	/* the step of that */
	uint16_t	*known;		/* what the lists say of the words of a text */
	struct tagger	*tagger;
	uint32_t	 step;
	uint64_t	 random;
	uint32_t	 mistakes;	/* of the last epoch */
};

struct train_options {
	unsigned	epochs;
	unsigned	margin;		/* what is right must be better by this */
	unsigned	forget;		/* of a hundred words, in how many the lists say nothing */
};

/* ERR_MEMORY. */
must_use enum err train_init(struct train *, struct arena *);

/* Reads a corpus.  ERR_MEMORY; ERR_CONF if line t->line has no tab or an unknown form of label. */
must_use enum err train_read(struct train *, struct slice corpus);

/* Goes through all texts once. */
void train_epoch(struct train *, const struct train_options *);

/* The file of the tagger, with the weights' averages. */
void train_put(const struct train *, struct text *out);

#endif
