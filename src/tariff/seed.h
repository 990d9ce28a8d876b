/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TARIFF_SEED_H
#define TARIFF_SEED_H

/*
 * seed - prices that are built in, by vendor and the model's id.
 *
 * seed.txt is written by tool/prices/make from a dated release of a public table
 * and lies in the program as it is; nothing is ever fetched.  A line is a vendor,
 * patterns of ids, and prices in dollars per million tokens:
 *
 *	openai gpt-5.4|gpt-5.4-#### tool=0.01 input=2.5 output=15 above=271999 input=5 …
 *
 * The first line that fits an id counts; one without prices says that none is
 * known.  An id that ends in a date without dashes is tried with them as well.
 * Costs a pass over the text for each question, some 70 microseconds: it is asked
 * when a configuration is read.  Pure.
 */

#include "core/price.h"

/* True if there is a price; *out is complete then. */
bool seed_find(struct slice vendor, struct slice id, struct price *out);

/* What the prices are from, and of which day: "genai-prices 0.1.8 of 2026-09-23". */
struct slice seed_source(void);

/*
 * Is an id one of these patterns, which stand between bars?  `*` is any text, `#` a digit;
 * capitals do not matter.
 */
bool seed_matches(struct slice patterns, struct slice id);

#endif
