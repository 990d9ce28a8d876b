/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FAKE_EMBED_H
#define FAKE_EMBED_H

/*
 * embed - simulated embeddings.
 *
 * A vector is made from its text alone (and the seed): the same text has the
 * same vector for ever, as numbers or as base64 of 32-bit floats.  An input is
 * a text, an array of texts, an array of token numbers, or an array of those.
 */

#include "core/text.h"
#include "fake/ask.h"

/* The whole answer as JSON, in the arena; the empty slice without memory. */
struct slice embed_body(struct arena *, const struct ask *, uint64_t seed);

#endif
