/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TARIFF_METER_H
#define TARIFF_METER_H

/*
 * meter - tokens of texts whose tokens nobody counted.
 *
 * A vendor says what it used when its answer is over; of one that was cut, and
 * where it says nothing, only the bytes are known that passed.  Three of them
 * are taken for a token, which is rather too many tokens than too few: of 12
 * sorts of text in eight languages and two of code, 1,200 characters each, the
 * tokenisers o200k_base and cl100k_base made one of 2.8 to 6.0 bytes in the
 * median (doc/guide/prices.md has the table): the estimate is from a twentieth
 * too low (Polish, the older one) to twice as high (Russian, the newer one), and
 * a third too high for English.  What a model thinks and never says is
 * not in it.
 */

#include "core/slice.h"

#define METER_BYTES_OF_TOKEN	3

static inline uint64_t
meter_tokens(uint64_t bytes)
{
	return bytes / METER_BYTES_OF_TOKEN + (bytes % METER_BYTES_OF_TOKEN > 0);
}

/*
 * Bytes of text that a piece of a streamed answer says: the inside of its first string that
 * is not empty and stands behind `content` (or a word that ends so, as reasoning_content),
 * `arguments` or `text`, with its escapes.  *at is where it was found last, for the next
 * piece, which mostly has it there; 0 at first.  A few nanoseconds where it has.
 */
size_t meter_piece(struct slice json, size_t *at);

#endif
