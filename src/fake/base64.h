/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FAKE_BASE64_H
#define FAKE_BASE64_H

/*
 * base64 - bytes as letters and back (RFC 4648, section 4, with padding).
 *
 * Embeddings are asked for in base64 by the OpenAI SDK for Python, and the
 * debugging pages of the simulated providers show raw bytes in it.  Nothing is
 * allocated but the decoded bytes, which live in the caller's arena.
 */

#include "core/arena.h"
#include "core/must.h"
#include "core/text.h"

/* Writes s in base64: 4 letters for each 3 bytes begun. */
void base64_put(struct text *, struct slice);

/* Reads base64; false for letters outside of the alphabet, wrong padding or no memory. */
must_use bool base64_read(struct arena *, struct slice letters, struct slice *out);

#endif
