/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DETECT_DICTIONARY_H
#define DETECT_DICTIONARY_H

/*
 * dictionary - what an operator wants found: words and phrases, values that
 * nobody may read, and patterns.
 *
 * Words are literal and forget case and accents, as terms do (phrase.h).  Values
 * are numbers of customers, contracts, staff: the dictionary holds only their
 * hashes under a key (SipHash-2-4, core/hash.h), so that whoever reads the
 * configuration learns none of them.  A value has a digit and 5 to 64 letters
 * and digits, in up to DICTIONARY_PARTS words with one character between them;
 * its hash is of its letters and digits alone, in upper case: "kd-2023/17" is
 * KD202317.
 *
 * Each word and value has the type of its list, and no more than one.  Patterns
 * are somebody else's to match (struct matcher); here they have their turn.
 *
 * Filled once, then immutable, in the arena of its owner.  Looking costs what
 * looking for terms costs; for values, a hash for each run of words that begins
 * with a digit or is joined to one.
 */

#include "core/hash.h"
#include "find/look.h"

#define DICTIONARY_PARTS	4
#define DICTIONARY_VALUE_MIN	5
#define DICTIONARY_VALUE_MAX	64

struct dictionary;

/* An empty one, with the key of its values' hashes; NULL without memory. */
struct dictionary *dictionary_new(struct arena *, struct hash_key);

/* The key under which its values are hashed. */
const struct hash_key *dictionary_key(const struct dictionary *);

/* Adds a word or phrase; NULL, or why that cannot be done, in program text. */
const char *dictionary_add_word(struct dictionary *, struct slice phrase, enum detect_type);

/* Adds the hash of a value; the same.  Of the hash 54 bits are compared. */
const char *dictionary_add_value(struct dictionary *, uint64_t hash, enum detect_type);

/* Makes room for so many values more at once; the same. */
const char *dictionary_reserve_values(struct dictionary *, uint32_t count);

/* Patterns that are looked for too; the matcher stays its owner's. */
void dictionary_set_matcher(struct dictionary *, const struct matcher *);

/* The hash of a value under this key; false if no such value can be found. */
bool dictionary_hash(const struct hash_key *, struct slice value, uint64_t *out);

void dictionary_look(const struct dictionary *, const struct look *);

#endif
