/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NAME_ATOM_H
#define NAME_ATOM_H

/*
 * atom - a text as words, numbers and marks, for those who look at sentences.
 *
 * A word is a run of letters, with the apostrophes and hyphens inside it
 * (O'Brien, Garcia-Ripoll), an initial with its full stop, a number with what
 * hangs on it (12,500, 1D, 5th), a whole address of the net, or one other
 * character.  Its hash is that of its letters in lower case without accents,
 * so that GARCIA, Garcia and García are one word.  A text is read in blocks of
 * ATOMS_MAX words that end where a line or a sentence does, if one does late
 * enough, so that memory does not grow with the text; around a block stand
 * words without a shape, so that neighbours may be asked for without a look at
 * the border.  Every byte is looked at once.
 */

#include "core/arena.h"

#define ATOMS_MAX	1024	/* in one block: about eight kilobytes of prose */
#define ATOMS_AROUND	4	/* without a shape, on each side of a block */
#define ATOM_FOLD_BYTES	32	/* of a word, for its prefixes and suffixes */

enum atom_shape {
	ATOM_NONE,		/* beside the text */
	ATOM_LOWER,		/* lower, and letters that have no case */
	ATOM_TITLE,		/* Title */
	ATOM_UPPER,		/* UPPER */
	ATOM_INITIAL,		/* X, X. and U.S. */
	ATOM_MIXED,		/* McMixed and mixedCase */
	ATOM_CODE,		/* with_code, a4b, @handle, #tag, address@host, a://b/c */
	ATOM_NUMBER,		/* 12, 12,500, 1D */
	ATOM_MARK,		/* any other character */
};

enum atom_gap { GAP_NONE, GAP_SPACE, GAP_LINE, GAP_PARAGRAPH };

struct atom {
	uint32_t	start, end;
	uint32_t	hash;		/* of a mark: its bytes */
	uint16_t	is;		/* gazetteer.h */
	uint8_t		shape;		/* enum atom_shape */
	uint8_t		gap;		/* enum atom_gap; before it */
	uint8_t		tag;		/* tagger.h */
	bool		code;		/* its line looks like code or a log */
	bool		taken;		/* it is part of a finding */
	int16_t		margin;		/* tagger.h */
};

struct atoms {
	struct slice	 text;
	struct atom	*at;		/* count words; ATOMS_AROUND more on both sides */
	uint32_t	 count;
	uint32_t	 next;		/* where the next block begins */
};

/* False if there is no memory. */
bool atoms_init(struct atoms *, struct arena *, struct slice text);

/* The next block; false when there is none. */
bool atoms_read(struct atoms *);

/* The letters of a word as its hash sees them, at most ATOM_FOLD_BYTES; how many there are. */
unsigned atoms_fold(const struct atoms *, const struct atom *, char *to);

/* The hash of a folded word, and of a phrase that goes on with the next word. */
uint32_t atoms_hash(struct slice folded);
uint32_t atoms_hash_on(uint32_t phrase, uint32_t word);

static inline struct slice
atoms_slice(const struct atoms *ws, const struct atom *w)
{
	return slice_cut(ws->text, w->start, w->end);
}

/* Does a line begin with it, or the block? */
static inline bool
atom_begins_line(const struct atom *w)
{
	return w->gap >= GAP_LINE || w[-1].shape == ATOM_NONE;
}

/* Does a line, or the block, end with it? */
static inline bool
atom_ends_line(const struct atom *w)
{
	return w[1].gap >= GAP_LINE || w[1].shape == ATOM_NONE;
}

/* Written with a capital: Title, UPPER, X. and McMixed. */
static inline bool
atom_is_capital(const struct atom *w)
{
	return w->shape >= ATOM_TITLE && w->shape <= ATOM_MIXED;
}

/* Is it this character alone? */
static inline bool
atom_is_mark(const struct atom *w, char c)
{
	return w->shape == ATOM_MARK && w->hash == (unsigned char)c;
}

#endif
