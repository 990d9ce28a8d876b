/* SPDX-License-Identifier: Apache-2.0 */
#include "core/price.h"

#include "check.h"
#include "random.h"

#define BIG	UINT64_C(18446744073709551615)
#define TIERS(n)	.tiers = n, .percent = { 100, 100, 0 }, .known = true
#define USUAL		TIERS(1)

/* A price of nothing but tokens, each kind at the price of its side unless it is said. */
#define FLAT(in, out, cache)	{ USUAL, .tier = { { .at = {				\
	[PRICE_INPUT] = in, [PRICE_CACHED] = cache, [PRICE_CACHE_WRITE] = in,		\
	[PRICE_CACHE_WRITE_1H] = in, [PRICE_AUDIO_IN] = in, [PRICE_IMAGE_IN] = in,	\
	[PRICE_OUTPUT] = out, [PRICE_REASONING] = out, [PRICE_AUDIO_OUT] = out,		\
	[PRICE_IMAGE_OUT] = out } } } }
#define USED(in, out, cache)	{ .input = in, .output = out, .cached = cache, .known = true }

/* A price for each kind, by the powers of ten. */
#define EACH	{ USUAL, .tier = { { .at = {						\
	[PRICE_INPUT] = 1000, [PRICE_CACHED] = 10000, [PRICE_CACHE_WRITE] = 100000,	\
	[PRICE_CACHE_WRITE_1H] = 1000000, [PRICE_AUDIO_IN] = 10000000,			\
	[PRICE_IMAGE_IN] = 100000000, [PRICE_OUTPUT] = 1000, [PRICE_REASONING] = 10000,	\
	[PRICE_AUDIO_OUT] = 100000, [PRICE_IMAGE_OUT] = 1000000 } } } }

static const struct {
	const char	*why;
	struct price	 price;
	struct usage	 usage;
	bool		 ok;
	nano_usd	 want;
} costs[] = {
	{ "nothing used", FLAT(1, 1, 1), USED(0, 0, 0), true, 0 },
	{ "free", FLAT(0, 0, 0), USED(10, 10, 10), true, 0 },
	{ "a picodollar is rounded up", FLAT(1, 0, 0), USED(1, 0, 0), true, 1 },
	{ "999 too", FLAT(1, 0, 0), USED(999, 0, 0), true, 1 },
	{ "1000 are exactly one", FLAT(1, 0, 0), USED(1000, 0, 0), true, 1 },
	{ "1001 are two", FLAT(1, 0, 0), USED(1001, 0, 0), true, 2 },
	{ "rounded once, not for each part", FLAT(1, 1, 0), USED(500, 500, 0), true, 1 },
	{ "a request", FLAT(150000, 600000, 75000), USED(1000, 500, 0), true, 450000 },
	{ "cached tokens at their own price, once", FLAT(150000, 600000, 75000),
	    USED(1000, 500, 400), true, 90000 + 30000 + 300000 },
	{ "all of it cached", FLAT(150000, 0, 75000), USED(1000, 0, 1000), true, 75000 },
	{ "more cached than there was", FLAT(150000, 0, 75000), USED(10, 0, 1000), true, 75000 },
	{ "reasoning is in the output already", FLAT(0, 600000, 0),
	    { .output = 500, .reasoning = 400, .known = true }, true, 300000 },
	{ "each kind once, at its own price", EACH,
	    { .input = 10, .cached = 1, .cache_write = 2, .cache_write_1h = 1, .audio_in = 3,
	      .image_in = 1, .output = 10, .reasoning = 1, .audio_out = 2, .image_out = 3,
	      .known = true }, true, 2 + 10 + 200 + 1000 + 30000 + 100000 + 4 + 10 + 200 + 3000 },
	{ "the price is not known", { .tiers = 1, .percent = { 100, 100, 0 } }, USED(1, 1, 1),
	    false, 0 },
	{ "the usage is not known", FLAT(1, 1, 1), { .input = 1 }, false, 0 },
	{ "the most that fits", FLAT(1000, 0, 0), USED(INT64_MAX, 0, 0), true, INT64_MAX },
	{ "one token more", FLAT(1000, 0, 0), USED((uint64_t)INT64_MAX + 1, 0, 0), false, 0 },
	{ "one picodollar more is rounded over it", FLAT(1000, 1, 0), USED(INT64_MAX, 1, 0),
	    false, 0 },
	{ "the largest products", FLAT(INT64_MAX, INT64_MAX, INT64_MAX), USED(BIG, BIG, BIG), false,
	    0 },
	{ "a product above 64 bits that fits as nanodollars", FLAT(INT64_MAX, 0, 0),
	    USED(900, 0, 0), true, INT64_C(8301034833169298227) },
	{ "products whose sum is above 63 bits", FLAT(INT64_MAX, INT64_MAX, 0), USED(600, 600, 0),
	    false, 0 },

	{ "a prompt that is as long as a tier's edge is of the tier below",
	    { TIERS(2), .tier = { { .at = { 1000 } }, { 200, { 3000 } } } },
	    USED(200, 0, 0), true, 200 },
	{ "a longer one costs more from its first token",
	    { TIERS(2), .tier = { { .at = { 1000 } }, { 200, { 3000 } } } },
	    USED(201, 0, 0), true, 603 },
	{ "its answer too",
	    { TIERS(2), .tier = { { .at = { [PRICE_OUTPUT] = 1000 } },
	      { 200, { [PRICE_OUTPUT] = 3000 } } } }, USED(201, 10, 0), true, 30 },
	{ "the highest tier of several",
	    { TIERS(3), .tier = { { .at = { 1000 } }, { 10, { 2000 } },
	      { 20, { 4000 } } } }, USED(30, 0, 0), true, 120 },

	{ "of a batch", { .tiers = 1, .percent = { 100, 50, 0 }, .known = true,
	    .tier = { { .at = { 1000 } } } },
	    { .input = 3, .service = SERVICE_BATCH, .known = true }, true, 2 },
	{ "with priority", { .tiers = 1, .percent = { 100, 50, 175 }, .known = true,
	    .tier = { { .at = { 1000 } } } },
	    { .input = 4, .service = SERVICE_PRIORITY, .known = true }, true, 7 },
	{ "with priority, whose price is not known", FLAT(1, 1, 1),
	    { .input = 4, .service = SERVICE_PRIORITY, .known = true }, false, 0 },
	{ "a request of its own price", { USUAL, .request = 5000000 }, USED(7, 7, 0), true,
	    5000000 },
	{ "calls of a tool", { USUAL, .tool = 10, .tool_known = true },
	    { .tools = 3, .known = true }, true, 30 },
	{ "calls of a tool whose price is not known", { USUAL },
	    { .tools = 1, .known = true }, false, 0 },
	{ "half an hour", { USUAL, .hour = 3000000001 },
	    { .busy = 1800 * NANOS_PER_S, .known = true }, true, 1500000001 },
	{ "a nanosecond is rounded up", { USUAL, .hour = 1 }, { .busy = 1, .known = true }, true, 1 },
	{ "no time costs nothing", { USUAL, .hour = INT64_MAX }, { .known = true }, true, 0 },
	{ "a machine that is shared", { USUAL, .hour = 3600, .parallel = 8 },
	    { .busy = 16 * NANOS_PER_S, .known = true }, true, 2 },
	{ "more time than money can count", { USUAL, .hour = INT64_MAX },
	    { .busy = INT64_MAX, .known = true }, false, 0 },
	{ "all of it, over what can be counted", { USUAL, .hour = 3600, .request = INT64_MAX },
	    { .busy = NANOS_PER_S, .known = true }, false, 0 },
};

static const struct {
	const char	*text;
	bool		 ok;
	pico_usd	 want;
} prices[] = {
	{ "0", true, 0 },
	{ "3", true, 3000000 },
	{ "0.15", true, 150000 },
	{ "15.00", true, 15000000 },
	{ "0.000001", true, 1 },
	{ "0.000000", true, 0 },
	{ "007", true, 7000000 },
	{ "9223372036854.775807", true, INT64_MAX },
	{ "9223372036854.775808", false, 0 },
	{ "18446744073709.551616", false, 0 },
	{ "9999999999999999999", false, 0 },
	{ "99999999999999999999", false, 0 },
	{ "0.0000005", false, 0 },
	{ "0.1500000", false, 0 },
	{ "", false, 0 },
	{ ".", false, 0 },
	{ ".5", false, 0 },
	{ "5.", false, 0 },
	{ "1.2.3", false, 0 },
	{ "-1", false, 0 },
	{ "+1", false, 0 },
	{ "0.-1", false, 0 },
	{ "1e3", false, 0 },
	{ "1,5", false, 0 },
	{ " 1", false, 0 },
	{ "1 ", false, 0 },
	{ "$1", false, 0 },
};

static const struct {
	const char	*text;
	bool		 ok;
	nano_usd	 want;
} amounts[] = {
	{ "0", true, 0 },
	{ "0.005", true, 5000000 },
	{ "30000", true, INT64_C(30000000000000) },
	{ "0.000000001", true, 1 },
	{ "9223372036.854775807", true, INT64_MAX },
	{ "9223372036.854775808", false, 0 },
	{ "0.0000000001", false, 0 },
	{ "-1", false, 0 },
	{ "1e3", false, 0 },
	{ "", false, 0 },
};

static void
negative(void)
{
	struct price price = FLAT(-1, 0, 0);
	struct usage usage = USED(1, 0, 0);
	nano_usd cost;

	(void)!price_cost(&price, &usage, &cost);
}

/* Of numbers of every size, against the compiler's own of 128 bits. */
static void
test_all_sizes(void)
{
	struct random r = { 1 };
	unsigned wrong = 0, fits = 0;

	for (unsigned i = 0; i < 100000; i++) {
		struct price price = { USUAL };
		struct usage usage = { .known = true };
		pico_usd *at = price.tier[0].at;
		unsigned __int128 sum, want;
		nano_usd cost = -77;

		at[PRICE_INPUT] = (pico_usd)(random_next(&r) >> (2 + random_below(&r, 62)));
		at[PRICE_OUTPUT] = (pico_usd)(random_next(&r) >> (2 + random_below(&r, 62)));
		at[PRICE_CACHED] = (pico_usd)(random_next(&r) >> (2 + random_below(&r, 62)));
		usage.input = random_next(&r) >> (2 + random_below(&r, 62));
		usage.output = random_next(&r) >> (2 + random_below(&r, 62));
		usage.cached = usage.input >> random_below(&r, 8);
		sum = (unsigned __int128)(usage.input - usage.cached) * (uint64_t)at[PRICE_INPUT] +
		    (unsigned __int128)usage.cached * (uint64_t)at[PRICE_CACHED] +
		    (unsigned __int128)usage.output * (uint64_t)at[PRICE_OUTPUT];
		want = (sum + 999) / 1000;
		if (want > INT64_MAX)
			wrong += price_cost(&price, &usage, &cost) || cost != -77;
		else
			wrong += !price_cost(&price, &usage, &cost) || cost != (nano_usd)want;
		fits += want <= INT64_MAX;
	}
	check_int(wrong, 0, "costs of every size are exact, or refused");
	check(fits > 20000 && fits < 99000, "some fit and some do not (%u)", fits);
}

/* Prices that were not said. */
static void
test_complete(void)
{
	struct price_tier tier = { .at = { [PRICE_INPUT] = 3, [PRICE_CACHE_WRITE] = 4,
	    [PRICE_OUTPUT] = 15, [PRICE_REASONING] = 0 } };

	price_complete(&tier, 1u << PRICE_INPUT | 1u << PRICE_CACHE_WRITE | 1u << PRICE_OUTPUT |
	    1u << PRICE_REASONING);
	check_int(tier.at[PRICE_CACHED], 3, "cached tokens cost what others of the prompt do");
	check_int(tier.at[PRICE_CACHE_WRITE_1H], 4, "an hour in the cache costs what minutes do");
	check_int(tier.at[PRICE_AUDIO_OUT], 15, "sound costs what the answer does");
	check_int(tier.at[PRICE_REASONING], 0, "what is said to be free is free");
	check(price_is_usual(&tier, PRICE_CACHED) && !price_is_usual(&tier, PRICE_REASONING) &&
	    !price_is_usual(&tier, PRICE_INPUT), "and what was said can be told");
}

int
main(void)
{
	for (size_t i = 0; i < COUNT_OF(costs); i++) {
		nano_usd cost = -77;
		bool ok = price_cost(&costs[i].price, &costs[i].usage, &cost);

		check(ok == costs[i].ok, "cost: %s", costs[i].why);
		check_int(cost, costs[i].ok ? costs[i].want : -77, "  how much: %s", costs[i].why);
	}
	for (size_t i = 0; i < COUNT_OF(prices); i++) {
		pico_usd price = -77;
		bool ok = price_read(slice_of(prices[i].text, strlen(prices[i].text)), &price);

		check(ok == prices[i].ok, "price: '%s'", prices[i].text);
		check_int(price, prices[i].ok ? prices[i].want : -77, "  how much: '%s'",
		    prices[i].text);
	}
	for (size_t i = 0; i < COUNT_OF(amounts); i++) {
		nano_usd amount = -77;
		bool ok = price_read_usd(slice_of(amounts[i].text, strlen(amounts[i].text)),
		    &amount);

		check(ok == amounts[i].ok, "dollars: '%s'", amounts[i].text);
		check_int(amount, amounts[i].ok ? amounts[i].want : -77, "  how much: '%s'",
		    amounts[i].text);
	}
	test_all_sizes();
	test_complete();
	check_must(negative, "a negative price is a mistake of the program");
	return check_done();
}
