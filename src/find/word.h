/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FIND_WORD_H
#define FIND_WORD_H

/*
 * word - the words of a text, each with a hash that forgets case and accents.
 *
 * A word is a run of ASCII letters, digits and bytes above ASCII; ideographs
 * and kana are words of one character, so that phrases of them are found
 * although nothing stands between.  The hash is of the word folded: letters
 * small, accents gone (Latin up to U+017F, Cyrillic small), so "Ärzte", "ÄRZTE"
 * and "arzte" are one word.  Words longer than WORD_BYTES_MAX are cut to
 * pieces that no list holds.  tool/terms makes the same hashes.
 *
 * Sixty-four bytes are looked at together; a word costs some two nanoseconds.
 */

#include "core/slice.h"

#define WORD_BYTES_MAX	64

/* Words that one block of text may end. */
#define WORDS_ROOM_MIN	96

struct word {
	uint32_t	start, end;
	uint32_t	hash;
};

struct words {
	struct slice	text;
	size_t		at;		/* the block that comes next */
	size_t		open;		/* the beginning of a word that goes on there */
	bool		is_open;
	bool		is_ascii;	/* that word, so far */
	bool		wide;
};

void words_init(struct words *, struct slice text, bool wide);

/* Some of the next words, by place; 0 behind the last.  `room` is at least WORDS_ROOM_MIN. */
unsigned words_read(struct words *, struct word *out, unsigned room);

/* The hash of one word. */
uint32_t word_hash(struct slice);

#endif
