/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_PRICE_H
#define CORE_PRICE_H

/*
 * price - what tokens cost, in integers.
 *
 * Prices are picodollars per token ($1 per million tokens is 1,000,000 of
 * them); amounts are nanodollars, rounded up, so that a sum of small costs is
 * never less than the truth.  A model without a price has known == false and
 * its cost is unknown, never 0.
 */

#include "core/must.h"
#include "core/slice.h"
#include "core/unit.h"

struct price {
	pico_usd	input;		/* per token of the prompt that was not cached */
	pico_usd	output;		/* per token of the answer, reasoning included */
	pico_usd	cached;		/* per token of the prompt that the vendor had cached */
	bool		known;
};

struct usage {
	uint64_t	input;		/* all tokens of the prompt, cached ones included */
	uint64_t	output;		/* all tokens of the answer, reasoning included */
	uint64_t	cached;		/* of input */
	uint64_t	reasoning;	/* of output */
	bool		known;		/* the vendor said so; false: nothing was said */
};

/*
 * The cost of a usage at a price; false if either is unknown or the sum does
 * not fit 63 bits.  Cached tokens are billed once, at their own price.
 */
must_use bool price_cost(const struct price *, const struct usage *, nano_usd *out);

/*
 * Reads decimal dollars per million tokens ("0.15", "3", "0.0000005" is too
 * fine) as picodollars per token: at most 6 decimals; false otherwise.
 */
must_use bool price_read(struct slice decimal, pico_usd *out);

#endif
