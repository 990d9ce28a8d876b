/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CRYPT_DIGEST_H
#define CRYPT_DIGEST_H

/*
 * digest - SHA-256 (FIPS 180-4) of the library, alone and under a key.
 *
 * A digester holds what the library needs for one digest after another, so that
 * nothing is looked up or allocated for each: some 100 ns beside the hashing
 * itself.  It belongs to one thread.  Leaves and nodes of a Merkle tree are told
 * apart by their first byte (RFC 9162, 2.1.1), so that no entry can pass for a
 * pair of hashes.
 */

#include <stdbool.h>

#include "core/must.h"
#include "core/slice.h"

#define DIGEST_BYTES	32

struct digester {
	void	*context;	/* EVP_MD_CTX */
	void	*method;	/* EVP_MD */
};

/* False if the library refuses, as it does without memory. */
must_use bool digester_init(struct digester *);
void digester_release(struct digester *);

/* The digest of bytes that lie in one piece. */
void digest_bytes(struct digester *, struct slice, uint8_t out[static DIGEST_BYTES]);

/* SHA-256(0x00 || entry), SHA-256(0x01 || left || right); `out` may be one of the two. */
void digest_leaf(struct digester *, struct slice entry, uint8_t out[static DIGEST_BYTES]);
void digest_node(struct digester *, const uint8_t left[static DIGEST_BYTES],
    const uint8_t right[static DIGEST_BYTES], uint8_t out[static DIGEST_BYTES]);

/* HMAC-SHA256 (RFC 2104); from any thread.  False if the library refuses. */
must_use bool digest_hmac(struct slice key, struct slice bytes, uint8_t out[static DIGEST_BYTES]);

/* Are they the same?  In a time that does not tell where they differ. */
bool digest_same(const uint8_t a[static DIGEST_BYTES], const uint8_t b[static DIGEST_BYTES]);

#endif
