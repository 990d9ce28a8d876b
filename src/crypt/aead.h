/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CRYPT_AEAD_H
#define CRYPT_AEAD_H

/*
 * aead - AES-256-GCM (NIST SP 800-38D) under keys that are derived for one use.
 *
 * From a master key of 32 bytes, a tenant and a conversation HKDF-Expand (RFC
 * 5869, with SHA-256) makes the key of a seal and the key of the conversation's tokens: no two
 * conversations share either, whoever has one learns nothing of another, and every
 * worker makes the same.  Since a key seals one conversation only, random nonces
 * of 96 bits do not meet before 2^32 of its requests.
 */

#include "core/hash.h"
#include "core/must.h"
#include "core/seal.h"

#define AEAD_KEY_BYTES	32

struct aead {
	struct seal	seal;		/* first: what is given on is a pointer to this */
	unsigned char	key[AEAD_KEY_BYTES];
	struct hash_key	tokens;		/* for vault_init() */
};

/*
 * The master has AEAD_KEY_BYTES, and is as good as random.  False if the library refuses, as it
 * does without memory, or if the names have more than some 1,000 bytes.
 */
must_use bool aead_init(struct aead *, struct slice master, struct slice tenant,
    struct slice conversation);

/* Wipes the keys. */
void aead_release(struct aead *);

#endif
