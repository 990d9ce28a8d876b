/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_PRICE_H
#define CORE_PRICE_H

/*
 * price - what an answer costs, in integers.
 *
 * Prices of tokens are picodollars per token ($1 per million tokens is 1,000,000
 * of them); amounts are nanodollars, rounded up, so that a sum of small costs is
 * never less than the truth.  A model without a price has known == false and its
 * cost is unknown, never 0.  Prices may depend on the length of the prompt: all
 * tokens of a request are charged at the tier that its whole prompt is in, as
 * vendors do it (Google, "Gemini API pricing"; genai-prices' `tiers`).  Where
 * counts of one side overlap (audio that was cached), each is charged in full.
 */

#include "core/must.h"
#include "core/slice.h"
#include "core/unit.h"

enum price_kind {
#define PRICE(NAME, count, side, otherwise, key)	PRICE_##NAME,
#include "core/price.tbl"
#undef PRICE
	PRICE_KINDS
};

/* How soon the vendor answers, for more money or less. */
enum price_service { SERVICE_USUAL, SERVICE_BATCH, SERVICE_PRIORITY, SERVICE_COUNT };

#define PRICE_TIERS	4

struct price_tier {
	uint64_t	above;			/* for prompts of more tokens than this */
	pico_usd	at[PRICE_KINDS];	/* per token */
};

struct price {
	struct price_tier tier[PRICE_TIERS];	/* ascending; the first is above 0 tokens */
	uint32_t	tiers;			/* 1 at least where the price is known */
	uint32_t	percent[SERVICE_COUNT];	/* of the tokens' prices; 0: not known */
	nano_usd	request;		/* each, whatever is in it */
	nano_usd	tool;			/* each call of a tool that the vendor hosts */
	uint32_t	tool_calls;		/* of one request, where the vendor counts none */
	bool		tool_known;
	nano_usd	hour;			/* of the machine, while a request is on it */
	uint32_t	parallel;		/* requests that share it; 0 is 1 */
	bool		known;
};

struct usage {
#define PRICE(NAME, count, side, otherwise, key)	uint64_t count;
#include "core/price.tbl"
#undef PRICE
	uint64_t	tools;		/* calls of hosted tools */
	nanos		busy;		/* time on the machine */
	enum price_service service;
	bool		known;		/* it may be charged; false: nothing is known */
	bool		estimated;	/* from what passed: the vendor did not say */
	bool		refused;	/* the vendor said what cannot be: none of it was taken */
};

/* Prices of a tier that were not said are what price.tbl says; `said` is a set of kinds. */
void price_complete(struct price_tier *, uint32_t said);

/* Does a kind cost what it would if nothing were said of it? */
bool price_is_usual(const struct price_tier *, enum price_kind);

/*
 * The cost of a usage at a price; false if either is unknown or the sum does not fit 63
 * bits.  It grows with every count, where no tier is cheaper than the one before.
 */
must_use bool price_cost(const struct price *, const struct usage *, nano_usd *out);

/*
 * The most that a usage costs which has no more of `input`, `output`, `tools` and `busy`
 * than this one, however its tokens are told apart; false as price_cost().
 */
must_use bool price_worst(const struct price *, const struct usage *, nano_usd *out);

/*
 * Reads decimal dollars per million tokens ("0.15", "3", "0.0000005" is too
 * fine) as picodollars per token: at most 6 decimals; false otherwise.
 */
must_use bool price_read(struct slice decimal, pico_usd *out);

/* Reads decimal dollars ("0.005") as nanodollars: at most 9 decimals; false otherwise. */
must_use bool price_read_usd(struct slice decimal, nano_usd *out);

#endif
