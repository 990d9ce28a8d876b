/* SPDX-License-Identifier: Apache-2.0 */
#include "core/price.h"

#define PER_MILLION_DECIMALS	6	/* of dollars per million tokens: a picodollar per token */
#define USD_DECIMALS		9	/* of dollars: a nanodollar */

/*
 * A sum of products of 64 bits: what does not fit 128 does not fit an amount either.
 * The division is written out, because the compiler's is a call to its library.
 */
struct sum {
	unsigned __int128 n;
	bool		over;
};

static void
sum_add(struct sum *s, uint64_t a, uint64_t b)
{
	s->over |= __builtin_add_overflow(s->n, (unsigned __int128)a * b, &s->n);
}

static void
sum_multiply(struct sum *s, uint32_t factor)
{
	s->over |= __builtin_mul_overflow(s->n, factor, &s->n);
}

/*
 * Rounded up.  Divisions one after another round up as one by their product does.  Inline,
 * so that a constant divides by multiplying what fits 64 bits, and that is nearly all.
 */
static inline void
sum_divide(struct sum *s, uint32_t by)
{
	uint64_t high = (uint64_t)(s->n >> 64), low = (uint64_t)s->n;
	uint64_t rest, middle;

	if (high == 0) {
		s->n = low / by + (low % by > 0);
		return;
	}
	rest = high % by;
	middle = rest << 32 | low >> 32;
	rest = (middle % by) << 32 | (low & UINT32_MAX);
	s->n = ((unsigned __int128)(high / by) << 64 | (unsigned __int128)(middle / by) << 32) +
	    rest / by + (rest % by > 0);
}

/* False if it needs more than 63 bits. */
static bool
sum_amount(const struct sum *s, nano_usd *out)
{
	if (s->over || s->n > INT64_MAX)
		return false;
	*out = (nano_usd)s->n;
	return true;
}

enum side { SIDE_INPUT, SIDE_OUTPUT, SIDES };

static const struct {
	enum side	side;
	enum price_kind	otherwise;
} kinds[PRICE_KINDS] = {
#define PRICE(NAME, count, side, otherwise, key)	{ SIDE_##side, PRICE_##otherwise },
#include "core/price.tbl"
#undef PRICE
};

void
price_complete(struct price_tier *tier, uint32_t said)
{
	for (unsigned i = 0; i < PRICE_KINDS; i++)
		if ((said & UINT32_C(1) << i) == 0)
			tier->at[i] = kinds[i].otherwise == i ? 0 : tier->at[kinds[i].otherwise];
}

bool
price_is_usual(const struct price_tier *tier, enum price_kind kind)
{
	return kinds[kind].otherwise != kind && tier->at[kind] == tier->at[kinds[kind].otherwise];
}

/* The tier of a prompt of so many tokens. */
static const struct price_tier *
tier_of(const struct price *price, uint64_t input)
{
	uint32_t i = price->tiers - 1;

	while (i > 0 && input <= price->tier[i].above)
		i--;
	return &price->tier[i];
}

/* Tokens of a side that are of no other kind. */
static uint64_t
plain(const struct usage *usage, enum side side)
{
	uint64_t all = side == SIDE_INPUT ? usage->input : usage->output;

#define PRICE(NAME, count, of, otherwise, key)						\
	if (SIDE_##of == side && PRICE_##NAME != PRICE_INPUT && PRICE_##NAME != PRICE_OUTPUT)	\
		all -= usage->count < all ? usage->count : all;
#include "core/price.tbl"
#undef PRICE
	return all;
}

/* What is not of tokens, added to their cost. */
static bool
add_rest(const struct price *price, const struct usage *usage, struct sum *sum)
{
	struct sum time = { 0 };
	nano_usd shared;

	must(price->request >= 0 && price->tool >= 0 && price->hour >= 0 && usage->busy >= 0);
	if (usage->tools > 0 && !price->tool_known)
		return false;
	sum_add(sum, (uint64_t)price->request, 1);
	sum_add(sum, usage->tools, (uint64_t)price->tool);
	if (price->hour == 0)
		return true;
	sum_add(&time, (uint64_t)usage->busy, (uint64_t)price->hour);
	sum_divide(&time, 3600);
	sum_divide(&time, 1000000000);
	sum_divide(&time, price->parallel > 0 ? price->parallel : 1);
	if (!sum_amount(&time, &shared))
		return false;
	sum_add(sum, (uint64_t)shared, 1);
	return true;
}

/* Picodollars at the usual price become what a service of that percentage costs, in nanodollars. */
static bool
finish(const struct price *price, const struct usage *usage, uint32_t percent, struct sum *sum,
    nano_usd *out)
{
	if (percent == 0)
		return false;
	sum_multiply(sum, percent);
	sum_divide(sum, 100 * 1000);
	return add_rest(price, usage, sum) && sum_amount(sum, out);
}

bool
price_cost(const struct price *price, const struct usage *usage, nano_usd *out)
{
	const struct price_tier *tier;
	struct sum sum = { 0 };
	uint64_t count[PRICE_KINDS] = {
#define PRICE(NAME, count, side, otherwise, key)	usage->count,
#include "core/price.tbl"
#undef PRICE
	};

	if (!price->known || !usage->known)
		return false;
	must(price->tiers > 0 && price->tiers <= PRICE_TIERS);
	tier = tier_of(price, usage->input);
	count[PRICE_INPUT] = plain(usage, SIDE_INPUT);
	count[PRICE_OUTPUT] = plain(usage, SIDE_OUTPUT);
	for (unsigned i = 0; i < PRICE_KINDS; i++) {
		must(tier->at[i] >= 0);
		sum_add(&sum, count[i], (uint64_t)tier->at[i]);
	}
	return finish(price, usage, price->percent[usage->service], &sum, out);
}

bool
price_worst(const struct price *price, const struct usage *usage, nano_usd *out)
{
	uint64_t dearest[SIDES] = { 0 };
	uint32_t percent = price->percent[usage->service];
	struct sum sum = { 0 };

	if (!price->known || !usage->known)
		return false;
	must(price->tiers > 0 && price->tiers <= PRICE_TIERS);
	for (uint32_t t = 0; t < price->tiers; t++) {
		if (t > 0 && usage->input <= price->tier[t].above)
			break;
		for (unsigned i = 0; i < PRICE_KINDS; i++)
			if ((uint64_t)price->tier[t].at[i] > dearest[kinds[i].side])
				dearest[kinds[i].side] = (uint64_t)price->tier[t].at[i];
	}
	sum_add(&sum, usage->input, dearest[SIDE_INPUT]);
	sum_add(&sum, usage->output, dearest[SIDE_OUTPUT]);
	/* Who asks for a slower answer may be given the usual one. */
	if (percent > 0 && percent < price->percent[SERVICE_USUAL])
		percent = price->percent[SERVICE_USUAL];
	return finish(price, usage, percent, &sum, out);
}

/* Decimal digits with so many of them behind the point, as a whole number. */
static bool
read_decimal(struct slice decimal, unsigned decimals, int64_t *out)
{
	uint64_t whole, part = 0, scale = 1, all;
	size_t point = slice_find(decimal, S("."));
	struct slice after = slice_of(NULL, 0);

	if (point < decimal.len) {
		after = slice_cut(decimal, point + 1, decimal.len);
		if (after.len > decimals || !slice_number(after, &part))
			return false;
	}
	if (!slice_number(slice_cut(decimal, 0, point), &whole))
		return false;
	for (size_t i = 0; i < decimals; i++) {
		scale *= 10;
		part *= i >= after.len ? 10 : 1;
	}
	if (__builtin_mul_overflow(whole, scale, &all) ||
	    __builtin_add_overflow(all, part, &all) || all > INT64_MAX)
		return false;
	*out = (int64_t)all;
	return true;
}

bool
price_read(struct slice decimal, pico_usd *out)
{
	return read_decimal(decimal, PER_MILLION_DECIMALS, out);
}

bool
price_read_usd(struct slice decimal, nano_usd *out)
{
	return read_decimal(decimal, USD_DECIMALS, out);
}
