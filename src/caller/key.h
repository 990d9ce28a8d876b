/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CALLER_KEY_H
#define CALLER_KEY_H

/*
 * key - the text of a key that the gateway makes.
 *
 *	tv_4f0zq8m1c7w2k9xd_k3…(52)…0w7m2x		a caller's
 *	tva_4f0zq8m1c7w2k9xd_k3…(52)…0w7m2x		an operator's
 *	    public id, 80 bits  256 random bits, and a check of 30
 *
 * The letters are Crockford's base 32 in lower case (no i, l, o, u), so that a
 * double click takes the whole and nothing is mistaken when it is read aloud.
 * The public id finds the key and may be shown and logged; "tv_" and the id is
 * what people call it.  The check is the low 30 bits of the CRC-32 of all that
 * stands before it: a scanner of repositories can tell a key from what looks like one
 * without asking anybody (as with the tokens of GitHub, whose idea it is).  It
 * protects against nobody.  What is stored is the HMAC of the whole text.
 */

#include "core/must.h"
#include "core/slice.h"

enum key_owner { KEY_CALLER, KEY_OPERATOR };

#define KEY_ID_BYTES	16
#define KEY_TEXT_MAX	79	/* of an operator; a caller's is one shorter */
#define KEY_NAME_MAX	20	/* "tva_" and the id */

struct key_id {
	char	letter[KEY_ID_BYTES];
};

/* A random public id. */
struct key_id key_id_make(void);

/* A key of this id with a new secret; its bytes, without a NUL.  Wipe them after use. */
size_t key_make(enum key_owner, const struct key_id *, char out[static KEY_TEXT_MAX]);

/*
 * Whose it is and its id, if a text has the form of a key.  Only what is public is looked at: the
 * secret may have any bytes, and the check any value.
 */
bool key_read(struct slice text, enum key_owner *, struct key_id *);

/* Has it the form of a key, and is its check right? */
bool key_is_whole(struct slice text);

/* The id with its prefix, as people write it; and back, with or without the prefix. */
struct slice key_name(enum key_owner, const struct key_id *, char out[static KEY_NAME_MAX]);
bool key_name_read(enum key_owner, struct slice, struct key_id *);

/* In the same time, wherever they differ. */
static inline bool
key_id_same(const struct key_id *a, const struct key_id *b)
{
	uint64_t x[2], y[2];

	memcpy(x, a->letter, sizeof x);
	memcpy(y, b->letter, sizeof y);
	return ((x[0] ^ y[0]) | (x[1] ^ y[1])) == 0;
}

#endif
