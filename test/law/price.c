/* SPDX-License-Identifier: Apache-2.0 */
#include "core/price.h"

#include "check.h"
#include "random.h"

/*
 * The laws of money, over random prices and usages.
 *
 * A cost grows with every token, of whatever kind, where longer prompts are not
 * cheaper.  A sum of costs is never less than the cost of the sum, nor than the
 * exact one.  And no usage costs more than the worst that was held for it,
 * however its tokens are told apart and whatever it costs to have it sooner.
 */

#define ROUNDS	200000

struct money {
	struct random	r;
	unsigned	grows, sums, holds, costs, unknown;
};

static uint64_t
any(struct random *r, uint64_t below)
{
	return random_below(r, 4) == 0 ? 0 : random_next(r) % below;
}

/* With a few tiers, each at least as dear as the one before. */
static struct price
any_price(struct random *r)
{
	struct price p = { .known = true, .percent = { 100, 50, 200 }, .tool_known = true };

	p.tiers = 1 + (uint32_t)random_below(r, PRICE_TIERS);
	for (uint32_t t = 0; t < p.tiers; t++) {
		p.tier[t].above = t == 0 ? 0 : p.tier[t - 1].above + 1 + any(r, 5000);
		for (unsigned i = 0; i < PRICE_KINDS; i++)
			p.tier[t].at[i] = (t == 0 ? 0 : p.tier[t - 1].at[i]) +
			    (pico_usd)any(r, 20000000);
	}
	p.request = (nano_usd)any(r, 10000000);
	p.tool = (nano_usd)any(r, 10000000);
	p.hour = (nano_usd)any(r, 5000000000);
	p.parallel = (uint32_t)random_below(r, 5);
	return p;
}

/* Some of all; what is left is for the next kinds. */
static uint64_t
part(struct random *r, uint64_t *left)
{
	uint64_t n = any(r, *left + 1);

	*left -= n;
	return n;
}

/* A usage with no more than this, told apart at random. */
static struct usage
any_usage(struct random *r, const struct usage *most)
{
	struct usage u = *most;
	uint64_t in, out;

	in = u.input = any(r, most->input + 1);
	out = u.output = any(r, most->output + 1);
	u.cached = part(r, &in);
	u.cache_write = part(r, &in);
	u.cache_write_1h = part(r, &in);
	u.audio_in = part(r, &in);
	u.image_in = part(r, &in);
	u.reasoning = part(r, &out);
	u.audio_out = part(r, &out);
	u.image_out = part(r, &out);
	u.tools = any(r, most->tools + 1);
	u.busy = (nanos)any(r, (uint64_t)most->busy + 1);
	return u;
}

static struct usage
add(const struct usage *a, const struct usage *b)
{
	struct usage sum = *a;

#define PRICE(NAME, count, side, otherwise, key)	sum.count += b->count;
#include "core/price.tbl"
#undef PRICE
	sum.tools += b->tools;
	sum.busy += b->busy;
	return sum;
}

/* One token more, of one kind; it counts among all of its side as well. */
static struct usage
one_more(struct random *r, struct usage u)
{
	uint64_t kind = random_below(r, PRICE_KINDS), n = 0;

#define PRICE(NAME, count, side, otherwise, key)						\
	if (n++ == kind) {									\
		u.count++;									\
		u.input += #side[0] == 'I' && PRICE_##NAME != PRICE_INPUT;			\
		u.output += #side[0] == 'O' && PRICE_##NAME != PRICE_OUTPUT;			\
	}
#include "core/price.tbl"
#undef PRICE
	return u;
}

static void
try_round(struct money *m)
{
	struct random *r = &m->r;
	struct price p = any_price(r), flat = p;
	struct usage most = { .input = any(r, 30000), .output = any(r, 30000),
	    .tools = any(r, 5), .busy = (nanos)any(r, 600 * NANOS_PER_S), .known = true,
	    .service = (enum price_service)random_below(r, SERVICE_COUNT) };
	struct usage u = any_usage(r, &most), v = any_usage(r, &most), uv = add(&u, &v);
	struct usage more = one_more(r, u);
	nano_usd worst, cost, other, both;

	flat.tiers = 1;
	if (!price_worst(&p, &most, &worst) || !price_cost(&p, &u, &cost) ||
	    !price_cost(&p, &more, &other)) {
		m->unknown++;
		return;
	}
	m->costs += cost > 0;
	m->grows += other < cost;
	m->holds += cost > worst;
	if (!price_cost(&flat, &u, &cost) || !price_cost(&flat, &v, &other) ||
	    !price_cost(&flat, &uv, &both)) {
		m->unknown++;
		return;
	}
	/* A request's own price is due for each of the two. */
	m->sums += cost + other < both + flat.request;
}

int
main(void)
{
	struct money m = { .r = { 5 } };

	for (unsigned i = 0; i < ROUNDS; i++)
		try_round(&m);
	check_int(m.grows, 0, "a cost grows with every token");
	check_int(m.sums, 0, "a sum of costs is never less than the cost of the sum");
	check_int(m.holds, 0, "no usage costs more than the worst that was held");
	check_int(m.unknown, 0, "all of these costs are known");
	check(m.costs > ROUNDS / 2, "and most are something (%u)", m.costs);
	return check_done();
}
