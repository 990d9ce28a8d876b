/* SPDX-License-Identifier: Apache-2.0 */
#include "core/price.h"

#include "check.h"
#include "random.h"

#define BIG	UINT64_C(18446744073709551615)

static const struct {
	const char	*why;
	struct price	 price;		/* input, output, cached */
	struct usage	 usage;		/* input, output, cached, reasoning */
	bool		 ok;
	nano_usd	 want;
} costs[] = {
	{ "nothing used", { 1, 1, 1, true }, { 0, 0, 0, 0, true }, true, 0 },
	{ "free", { 0, 0, 0, true }, { 10, 10, 10, 0, true }, true, 0 },
	{ "a picodollar is rounded up", { 1, 0, 0, true }, { 1, 0, 0, 0, true }, true, 1 },
	{ "999 too", { 1, 0, 0, true }, { 999, 0, 0, 0, true }, true, 1 },
	{ "1000 are exactly one", { 1, 0, 0, true }, { 1000, 0, 0, 0, true }, true, 1 },
	{ "1001 are two", { 1, 0, 0, true }, { 1001, 0, 0, 0, true }, true, 2 },
	{ "rounded once, not for each part", { 1, 1, 0, true }, { 500, 500, 0, 0, true }, true, 1 },
	{ "a request", { 150000, 600000, 75000, true }, { 1000, 500, 0, 0, true }, true, 450000 },
	{ "cached tokens at their own price, once", { 150000, 600000, 75000, true },
	    { 1000, 500, 400, 0, true }, true, 90000 + 30000 + 300000 },
	{ "all of it cached", { 150000, 0, 75000, true }, { 1000, 0, 1000, 0, true }, true, 75000 },
	{ "more cached than there was", { 150000, 0, 75000, true }, { 10, 0, 1000, 0, true }, true,
	    75000 },
	{ "reasoning is in the output already", { 0, 600000, 0, true }, { 0, 500, 0, 400, true }, true,
	    300000 },
	{ "the price is not known", { 1, 1, 1, false }, { 1, 1, 1, 0, true }, false, 0 },
	{ "the usage is not known", { 1, 1, 1, true }, { 1, 1, 1, 0, false }, false, 0 },
	{ "the most that fits", { 1000, 0, 0, true }, { INT64_MAX, 0, 0, 0, true }, true, INT64_MAX },
	{ "one token more", { 1000, 0, 0, true }, { (uint64_t)INT64_MAX + 1, 0, 0, 0, true }, false, 0 },
	{ "one picodollar more is rounded over it", { 1000, 1, 0, true },
	    { INT64_MAX, 1, 0, 0, true }, false, 0 },
	{ "the largest products", { INT64_MAX, INT64_MAX, INT64_MAX, true }, { BIG, BIG, BIG, 0, true },
	    false, 0 },
	{ "a product above 64 bits that fits as nanodollars", { INT64_MAX, 0, 0, true },
	    { 900, 0, 0, 0, true }, true, INT64_C(8301034833169298227) },
	{ "three such products", { INT64_MAX, INT64_MAX, INT64_MAX, true },
	    { 300, 300, 0, 0, true }, true, INT64_C(5534023222112865485) },
	{ "products whose sum is above 63 bits", { INT64_MAX, INT64_MAX, 0, true },
	    { 600, 600, 0, 0, true }, false, 0 },
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

static void
negative(void)
{
	struct price price = { -1, 0, 0, true };
	struct usage usage = { 1, 0, 0, 0, true };
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
		struct price price = { .known = true };
		struct usage usage = { .known = true };
		unsigned __int128 sum, want;
		nano_usd cost = -77;

		price.input = (pico_usd)(random_next(&r) >> (2 + random_below(&r, 62)));
		price.output = (pico_usd)(random_next(&r) >> (2 + random_below(&r, 62)));
		price.cached = (pico_usd)(random_next(&r) >> (2 + random_below(&r, 62)));
		usage.input = random_next(&r) >> (2 + random_below(&r, 62));
		usage.output = random_next(&r) >> (2 + random_below(&r, 62));
		usage.cached = usage.input >> random_below(&r, 8);
		sum = (unsigned __int128)(usage.input - usage.cached) * (uint64_t)price.input +
		    (unsigned __int128)usage.cached * (uint64_t)price.cached +
		    (unsigned __int128)usage.output * (uint64_t)price.output;
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
	test_all_sizes();
	check_must(negative, "a negative price is a mistake of the program");
	return check_done();
}
