/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_FINGERPRINT_H
#define CORE_FINGERPRINT_H

/*
 * fingerprint - 61 bits by which bytes are known again, under a secret key.
 *
 * Two hashes whose bounds are proven, one behind the other: NH (Black et al.,
 * "UMAC", CRYPTO 1999) makes 64 bits of each 2,048 bytes; a polynomial over the prime 2^61 - 1
 * takes up each piece's length and what NH made of it.  Whatever two lists of
 * pieces are, as long as they are not chosen with knowledge of the key, they
 * have one fingerprint with a probability of at most 2^-32 + n/2^60, for n
 * pieces and blocks: a piece of other bytes or another length is noticed, and
 * so are pieces cut or ordered otherwise.  It finds mistakes of the program, not
 * forgers who may ask often.  Where a machine can (core/wide.h) it is faster,
 * and the same.  16 KB cost some 200 ns then.
 */

#include "core/slice.h"

#define FINGERPRINT_BLOCK	2048	/* bytes that one NH takes */

/* All of it random; kept by whoever asks and compares. */
struct fingerprint_key {
	uint64_t	point;
	uint64_t	word[FINGERPRINT_BLOCK / 8];
};

struct fingerprint {
	const struct fingerprint_key	*key;
	uint64_t			 state;
	bool				 wide;
};

void fingerprint_init(struct fingerprint *, const struct fingerprint_key *, bool wide);

/* One more piece. */
void fingerprint_add(struct fingerprint *, struct slice piece);

#endif
