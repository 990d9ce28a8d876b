/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_HASH_H
#define CORE_HASH_H

/*
 * hash - SipHash-2-4 (Aumasson and Bernstein, 2012), keyed.
 *
 * For tables whose keys a stranger chooses, and with 128 bits of output for
 * finding a secret by its digest: under a random key of the process, equal
 * digests mean equal inputs, and time tells nothing about either.
 */

#include "core/slice.h"

struct hash_key {
	uint64_t	word[2];
};

struct hash_digest {
	uint64_t	word[2];
};

uint64_t hash_64(const struct hash_key *, struct slice);
struct hash_digest hash_128(const struct hash_key *, struct slice);

/* The 128 bits of several slices, one after another; none can pass for a part of another. */
struct hash_digest hash_parts(const struct hash_key *, const struct slice *, size_t count);

#endif
