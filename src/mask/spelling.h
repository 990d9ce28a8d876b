/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MASK_SPELLING_H
#define MASK_SPELLING_H

/*
 * spelling - where a text has tokens of a vault, and as what they still count.
 *
 * What masks and what restores must agree on what a token is, or a text that
 * held something like one would not come back as it was; so both ask here.
 * Models copy most tokens as they are and some nearly so:
 *
 *	exact	as it was made
 *	loose	in any case, with O, I and L for 0 and 1, and between word and digits
 *		one to four of _ - space \ * ` in place of the underscore (Markdown,
 *		escapes, prose); what stands around a token never matters
 *	near	also with one digit or one letter of the word that is wrong, missing,
 *		too many, or swapped with its neighbour, if the check character says
 *		so and just one live token is meant; only where the text is complete
 *
 * A token may stand anywhere, inside words too.  Where the digits are, tokens
 * are found by a search for what stands before them, sixteen bytes at once.
 */

#include "mask/vault.h"

enum spelling_way {
	SPELLING_EXACT = 0,
	SPELLING_LOOSE = 1,
	SPELLING_NEAR = 2 | SPELLING_LOOSE,
	SPELLING_JSON = 4,		/* the text is JSON: a backslash is written as two */
};

#define SPELLING_JOINT_MAX	4
#define SPELLING_BYTES_MAX	(TOKEN_WORD_MAX + 2 * SPELLING_JOINT_MAX + TOKEN_DIGITS + 1)

struct spelling {
	size_t				 start, end;
	const struct vault_entry	*entry;
};

/*
 * The first one that begins at `from` or later; false if there is none.  With an entry of
 * NULL, a word of the vault with its underscore, behind which no live token goes on: `end`
 * is where its digits would be.
 */
bool spelling_next(const struct vault *, struct slice text, size_t from, unsigned ways,
    struct spelling *);

/*
 * Where the end of the text begins that may become a token when more comes: the first place,
 * not before `from`, from which all that follows is a proper beginning of a spelling of a live
 * token, exact or loose.  The text's length if there is none.  No token before it is whole.
 */
size_t spelling_tail(const struct vault *, struct slice text, size_t from, unsigned ways);

#endif
