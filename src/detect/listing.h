/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DETECT_LISTING_H
#define DETECT_LISTING_H

/*
 * listing - a file of values that only their hashes tell.
 *
 *	trivium-values 1 5f0c1b2a99e3d477
 *	01a2c5d4e6f70819
 *	…
 *
 * The first line has a check value of the key, so that a list and a key that do not
 * belong together are told apart from a list in which nothing is found; each line
 * behind it has the hash of one value (dictionary_hash()), in lower-case hexadecimal,
 * greater than the one before.  Numbers of customers are short: a digest of them
 * under no key, salted or not, is undone by trying all there are, so the key is what
 * keeps them, and belongs elsewhere than the file.
 */

#include "detect/dictionary.h"

/* A key in hexadecimal, as a secret is kept. */
#define LISTING_KEY_DIGITS	64

/* The largest file, in bytes. */
#define LISTING_BYTES_MAX	(64 + (size_t)DICTIONARY_VALUES_MAX * 17)

struct listing_fault {
	uint32_t	 line;		/* from 1; 0: of the whole */
	const char	*why;
};

/* Of the key's bytes; of its digits, false if there are not LISTING_KEY_DIGITS of them. */
void listing_key(const char key[static LISTING_KEY_DIGITS / 2], struct hash_key *out);
bool listing_key_digits(struct slice digits, struct hash_key *out);

/* Adds all values of a file to a dictionary of that key; false, with what is wrong and where. */
bool listing_read(struct dictionary *, struct slice file, enum detect_type,
    struct listing_fault *);

/* The first line, and one of the others. */
void listing_put_head(struct text *, const struct hash_key *);
void listing_put_value(struct text *, uint64_t hash);

#endif
