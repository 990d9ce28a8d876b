/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CALLER_JWKS_H
#define CALLER_JWKS_H

/*
 * jwks - the public keys of an issuer, as it publishes them (RFC 7517, a JSON Web Key Set).
 *
 * A set is read once, never changes, and is shared by reference.  Of its keys those are kept
 * that could verify a token: of RSA, P-256 and Ed25519, for signatures, strong enough.  What
 * is of another sort is passed over, as RFC 7517, section 5, asks, and so are shared secrets
 * (`oct`) and keys whose private half is there for everyone to read.  A set without a usable
 * key is none.
 */

#include "caller/flaw.h"
#include "core/err.h"
#include "core/must.h"
#include "crypt/verify.h"

struct jwks;

/*
 * Reads a set; one reference.  ERR_JSON_MALFORMED, with *why (program text), for a text that
 * is no set or has no usable key; ERR_MEMORY.
 */
must_use enum err jwks_read(struct slice text, struct jwks **out, const char **why);
struct jwks *jwks_ref(struct jwks *);
void jwks_unref(struct jwks *);

/* The text that it was read from, and how many of its keys can be used. */
struct slice jwks_text(const struct jwks *);
uint32_t jwks_count(const struct jwks *);

/*
 * The key that a token means: of that `kid` and fit for the algorithm; where no kid is given
 * (ptr is NULL), the only one that fits.  FLAW_kid_missing, _kid_unknown, _alg_mismatch.
 */
enum flaw jwks_find(const struct jwks *, struct slice kid, enum verify_algorithm,
    const struct verify_key **out);

/* The algorithm of a name of RFC 7518, section 3.1, or RFC 8037; false for all others. */
bool jwks_algorithm(struct slice name, enum verify_algorithm *out);

#endif
