/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GUESS_ENTROPY_H
#define GUESS_ENTROPY_H

/*
 * entropy - is this made by chance, or by people?
 *
 * Two measures, both in integers.  Shannon's entropy of the bytes of a text
 * says how evenly they are used: 64 hexadecimal digits of a generator have
 * nearly 4 bits each, `aaaabbbb` has one.  It cannot tell a word from a random
 * one of the same length; that is what pairs of letters are for: of 676 pairs
 * there are 311 which make up 97.5 % of English words and first names, and a
 * random word of ten letters has one in a hundred chances of using only those.
 */

#include "core/slice.h"

/* No more than this of a text is measured. */
#define ENTROPY_BYTES_MAX	256

/* Bits a byte, in sixteenths: 0 to 128. */
unsigned entropy_bits(struct slice);

/* Are the letters of s those of words?  Also of what has less than two letters in a row. */
bool entropy_wordy(struct slice);

#endif
