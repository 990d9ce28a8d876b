/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NAME_TAGGER_H
#define NAME_TAGGER_H

/*
 * tagger - which words of a text are persons, places and organisations.
 *
 * An averaged perceptron (Collins, 2002) over hashed features (Weinberger et
 * al., 2009) of a word, its neighbours and the tags before it, decided from
 * left to right in the scheme of Ratinov and Roth (2009): the beginning, inside
 * and last word of a name, and a name of one word.  Only words that could be
 * names are decided, the others are not.  tagger.bin lies in the program as it
 * is: `trivium train names` makes it, doc/guide/names.md says of what.
 *
 *	magic, "TVMTAG1\n"
 *	TAGGER_ROWS rows of TAG_COUNT signed bytes, TAGGER_PAD bytes of nothing
 *
 * No memory but the structure itself; about a quarter of a microsecond for
 * each word that is decided.
 */

#include "name/atom.h"

#define TAGGER_MAGIC	"TVMTAG1\n"
#define TAGGER_ROWS	65536U
#define TAGGER_PAD	8
#define TAGGER_FEATURES	48	/* of one word, at most */
#define TAGGER_SEEN	256	/* words whose last tag is remembered */

enum tag {
	TAG_NONE,
	TAG_PERSON, TAG_PERSON_BEGIN, TAG_PERSON_INSIDE, TAG_PERSON_LAST,
	TAG_PLACE, TAG_PLACE_BEGIN, TAG_PLACE_INSIDE, TAG_PLACE_LAST,
	TAG_FIRM, TAG_FIRM_BEGIN, TAG_FIRM_INSIDE, TAG_FIRM_LAST,
	TAG_COUNT,
};

/* Of a name's tag: which of the three it is, and which part of it. */
#define TAG_CLASS(tag)	(((unsigned)(tag) - 1) / 4)
#define TAG_PART(tag)	(((unsigned)(tag) - 1) % 4)
enum tag_part { PART_WHOLE, PART_BEGIN, PART_INSIDE, PART_LAST };

struct tagger {
	const struct atoms	*words;
	enum tag		 last[2];	/* the tag before, and the one before that */
	struct {
		uint32_t	hash;
		uint8_t		tag;
	} seen[TAGGER_SEEN];
};

struct tagger_rows {
	uint32_t	at[TAGGER_FEATURES];
	unsigned	count;
};

/* For one text. */
void tagger_init(struct tagger *, const struct atoms *);

/* Could the word be part of a name, after the last tags? */
bool tagger_may(const struct tagger *, const struct atom *);

/* May a word with this tag follow one with that?  A name that is open may be given up. */
bool tagger_may_follow(enum tag before, enum tag tag);

/* The rows whose sum decides word i. */
void tagger_features(const struct tagger *, uint32_t i, struct tagger_rows *);

/* Before a word: no name goes on from one line to the next. */
void tagger_break(struct tagger *, const struct atom *);

/* Goes on: the word has this tag; `decided` if tagger_may() held. */
void tagger_take(struct tagger *, const struct atom *, enum tag, bool decided);

/*
 * Decides each word of the block, with so much added to what speaks for a name: its tag, and by
 * how much it is better than none.
 */
void tagger_decide(struct tagger *, struct atoms *, int in_favour);

#endif
