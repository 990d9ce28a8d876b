/* SPDX-License-Identifier: Apache-2.0 */
#include "fake/pace.h"

#include "check.h"
#include "run/memory.h"

#define MS	NANOS_PER_MS

struct read_case {
	const char	*why;
	struct slice	 text;
	bool		 good;
	nanos		 least, middle, most;	/* drawn at 0, 5,000 and 9,999 of 10,000 */
};

static const struct read_case cases[] = {
	{ "a number is a fixed time", S("20"), true, 20 * MS, 20 * MS, 20 * MS },
	{ "zero is no time", S("0"), true, 0, 0, 0 },
	{ "uniform has its middle in the middle", S("{\"uniform\":[10,30]}"), true,
	    10 * MS, 20 * MS, 30 * MS - 2 * MS / 1000 },
	{ "quantiles are evenly spaced", S("{\"quantiles\":[1,2,10]}"), true,
	    1 * MS, 2 * MS, 10 * MS - 8 * MS / 5000 },
	{ "a falling range is refused", S("{\"uniform\":[30,10]}"), false, 0, 0, 0 },
	{ "a fraction is refused", S("1.5"), false, 0, 0, 0 },
	{ "a negative time is refused", S("-1"), false, 0, 0, 0 },
	{ "a text is refused", S("\"20\""), false, 0, 0, 0 },
	{ "an unknown distribution is refused", S("{\"pareto\":[1,2]}"), false, 0, 0, 0 },
	{ "two distributions are refused", S("{\"uniform\":[1,2],\"lognormal\":[1,2]}"), false, 0, 0, 0 },
	{ "one quantile is refused", S("{\"quantiles\":[1]}"), false, 0, 0, 0 },
	{ "more quantiles than points are refused",
	    S("{\"quantiles\":[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17]}"), false, 0, 0, 0 },
};

static void
check_case(struct arena *a, const struct read_case *c)
{
	struct json_fault fault;
	struct json json;
	struct pace pace;

	check_or_stop(json_parse(a, c->text, JSON_DUPLICATES_REFUSED, &json, &fault) == ERR_OK,
	    "%s: is JSON", c->why);
	check_int(pace_read(&json, 0, &pace), c->good, "%s", c->why);
	if (!c->good)
		return;
	check_int(pace_draw(&pace, 0), c->least, "%s: the least", c->why);
	check_int(pace_draw(&pace, 5000), c->middle, "%s: the middle", c->why);
	check(pace_draw(&pace, 9999) <= c->most && pace_draw(&pace, 9999) >= c->most * 99 / 100,
	    "%s: the most", c->why);
}

/* The share of draws below a time, in ten thousandths. */
static int64_t
share_below(const struct pace *p, nanos wait)
{
	int64_t below = 0;

	for (uint64_t i = 0; i < 10000; i++)
		below += pace_draw(p, i) < wait;
	return below;
}

static void
check_lognormal(void)
{
	struct pace p = pace_lognormal(100 * MS, 1600 * MS);
	nanos before = 0;
	bool rises = true;

	check_int(pace_draw(&p, 5000), 100 * MS, "the median of a lognormal is the median");
	check(pace_draw(&p, 9900) > 1590 * MS && pace_draw(&p, 9900) < 1610 * MS,
	    "its 99th percentile is the one that was said");
	check(share_below(&p, 25 * MS) > 1150 && share_below(&p, 25 * MS) < 1300,
	    "one draw in eight is below a quarter of the median");
	for (uint64_t i = 0; i < 10000; i++) {
		rises &= pace_draw(&p, i) >= before;
		before = pace_draw(&p, i);
	}
	check(rises, "a quantile function never falls");
	p = pace_lognormal(1, 86400000 * MS);
	check(pace_draw(&p, 9999) >= 0, "an absurd ratio does not overflow");
	p = pace_lognormal(1 * MS, 86400000 * MS);
	check(pace_draw(&p, 9999) >= 0, "the largest ratio does not overflow");
	p = pace_lognormal(50 * MS, 10 * MS);
	check_int(pace_draw(&p, 9999), 50 * MS, "a 99th percentile below the median is the median");
}

int
main(void)
{
	struct memory_pool memory;
	struct arena arena;

	memory_init(&memory);
	arena_init(&arena, &memory.memory, 1 << 20);
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		check_case(&arena, &cases[i]);
	check_lognormal();
	arena_release(&arena);
	memory_release(&memory);
	return check_done();
}
