/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_BASE64_H
#define CORE_BASE64_H

/*
 * base64 - bytes as letters and back (RFC 4648, section 4, with padding; and the
 * alphabet of section 5 without it, as JSON Web Tokens have it).
 *
 * Embeddings are asked for in it by the OpenAI SDK for Python, and signed heads
 * of the ledger are written in it.  Bytes have one spelling: bits that padding
 * leaves over must be zero, as section 3.5 allows to ask, so that no letter of
 * something signed can be changed unnoticed.  Nothing is allocated but the
 * decoded bytes, which live in the caller's arena.
 */

#include "core/arena.h"
#include "core/must.h"
#include "core/text.h"

/* Writes s in base64: 4 letters for each 3 bytes begun. */
void base64_put(struct text *, struct slice);

/*
 * Writes the bytes that the letters mean.  False for letters outside of the alphabet, wrong padding
 * or a text without room.
 */
must_use bool base64_put_bytes(struct text *, struct slice letters);

/* The same into an arena; false without memory too. */
must_use bool base64_read(struct arena *, struct slice letters, struct slice *out);

/* The same of base64url without padding (RFC 7515, section 2), which is refused there. */
must_use bool base64_url_read(struct arena *, struct slice letters, struct slice *out);

#endif
