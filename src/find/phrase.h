/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FIND_PHRASE_H
#define FIND_PHRASE_H

/*
 * phrase - phrases of one or several words, looked for in a text.
 *
 * A phrase is a path of states, one for each word; an edge is a slot of a table,
 * found by the hash of its state and of the word's (word.h).  A bitmap of the
 * hashes of first words keeps most words of a text from being looked up.
 * Between the words of a phrase stand up to four bytes of white space and
 * punctuation, but no empty line.  Of the phrases that begin at a word the
 * longest counts, and the next one is looked for behind it.  At most
 * PHRASE_WORDS_MAX words are looked at from each, so time is linear.  Tables
 * are built by tool/terms (term.h) or of an operator's lists (dictionary.h).
 */

#include "find/word.h"

#define PHRASE_WORDS_MAX	16

struct phrase_slot {
	uint32_t	key;		/* phrase_key() of the edge */
	uint32_t	to;		/* the state behind it; 0: no longer phrase goes on */
	uint32_t	row;		/* of the phrase that ends here; 0: none does */
};

/* An empty slot has neither a state nor a row; at least one of them is empty. */
struct phrases {
	const struct phrase_slot *slot;
	const uint64_t		*gate;
	unsigned		 slots_log2, gate_log2;
};

/* The edge that a word's hash makes from a state; the first state is 0. */
static inline uint32_t
phrase_key(uint32_t state, uint32_t hash)
{
	return hash ^ state * 0x9e3779b1u;
}

/* The slot where the search for a key begins; it goes on with the next one, round the end. */
static inline uint32_t
phrase_slot(uint32_t key, unsigned slots_log2)
{
	return (uint32_t)(key * UINT64_C(0x9e3779b97f4a7c15) >> (64 - slots_log2));
}

#define PHRASE_ROOM	(PHRASE_WORDS_MAX + WORDS_ROOM_MIN + 16)

struct phrase_reader {
	const struct phrases	*phrases;
	struct words		 words;
	struct word		 at[PHRASE_ROOM];
	unsigned		 ready, next, until;
};

struct phrase {
	uint32_t	start, end;
	uint32_t	row;
};

void phrase_begin(struct phrase_reader *, const struct phrases *, struct slice text, bool wide);

/*
 * Reads some more words of the text, for phrase_next() and for whoever else looks at words: the
 * new ones are *words, valid until the next call.  False behind the last phrase.
 */
bool phrase_fill(struct phrase_reader *, const struct word **words, unsigned *count);

/* The next phrase by place of those that the words so far tell; false if there is none. */
bool phrase_next(struct phrase_reader *, struct phrase *out);

#endif
