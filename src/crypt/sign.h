/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CRYPT_SIGN_H
#define CRYPT_SIGN_H

/*
 * sign - signatures of Ed25519 (RFC 8032), and their keys as text.
 *
 * A signer holds a private key for as long as it lives and can do nothing but
 * sign with it; whoever checks needs 32 public bytes.  As text, a key is PEM with
 * the DER of RFC 8410, which has one form and is what `openssl pkey` reads and
 * writes.  A signature costs some 25 us, a check 60.
 */

#include "core/must.h"
#include "core/text.h"

#define SIGN_BYTES		64
#define SIGN_PUBLIC_BYTES	32
#define SIGN_PEM_BYTES		256	/* more than a key takes as text */

struct signer {
	void	*key;				/* EVP_PKEY */
	uint8_t	 public[SIGN_PUBLIC_BYTES];
};

/* A new key, of the library's own randomness.  False if the library refuses. */
must_use bool signer_make(struct signer *);

/* The key of a PEM text.  False for anything else. */
must_use bool signer_read(struct signer *, struct slice pem);

/* The private key as a PEM text, which its owner wipes.  False if the library refuses. */
must_use bool signer_put(struct text *, const struct signer *);

void signer_release(struct signer *);

/* False if the library refuses. */
must_use bool signer_sign(const struct signer *, struct slice, uint8_t out[static SIGN_BYTES]);

/* The public key as a PEM text, and back; false for anything else. */
void sign_put_public(struct text *, const uint8_t key[static SIGN_PUBLIC_BYTES]);
must_use bool sign_read_public(struct slice pem, uint8_t out[static SIGN_PUBLIC_BYTES]);

/* Is this the signature of the bytes by that key? */
must_use bool sign_check(const uint8_t key[static SIGN_PUBLIC_BYTES], struct slice,
    const uint8_t signature[static SIGN_BYTES]);

#endif
