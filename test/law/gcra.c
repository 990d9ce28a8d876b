/* SPDX-License-Identifier: Apache-2.0 */
#include "admit/gcra.h"

#include "check.h"
#include "random.h"

/*
 * The law: gcra is a bucket.  The oracle is one of exact rational arithmetic: it
 * is full at first, holds one minute's worth, fills evenly, and is emptied by
 * what gcra admits.  It never runs below nothing, so nobody gets more than burst
 * + rate x time; and where it holds enough, gcra admits, so all of it can be
 * used.  Both up to the roundings: a tick for each arrival.
 */

#define MINUTE		(60 * NANOS_PER_S)
#define STEPS		400

/* Levels are in units times nanoseconds a minute: whole numbers, without loss. */
typedef __int128 level;

struct bucket {
	uint64_t	rate;		/* units a minute */
	level		holds;
	nanos		now;
	uint64_t	roundings;	/* arrivals since it was full */
};

static level
full(const struct bucket *b)
{
	return (level)b->rate * MINUTE;
}

static void
fill(struct bucket *b, nanos now)
{
	/* A clock that goes back lives that time twice. */
	if (now > b->now)
		b->holds += (level)b->rate * (now - b->now);
	b->now = now;
	if (b->holds >= full(b)) {
		b->holds = full(b);
		b->roundings = 0;
	}
}

/* So many ticks are worth so much. */
static level
worth(const struct bucket *b, uint64_t ticks)
{
	return (level)b->rate * (ticks / GCRA_TICKS_PER_NS + 1);
}

static uint64_t
any_rate(struct random *r)
{
	static const uint64_t rates[] = {
		1, 2, 7, 59, 60, 61, 600, 1000, 9973, 1000000, 123456789, 1000000000000,
	};

	return random_below(r, 2) == 0 ? rates[random_below(r, COUNT_OF(rates))]
	    : 1 + random_next(r) % ((uint64_t)1 << (1 + random_below(r, 40)));
}

static nanos
any_pause(struct random *r)
{
	switch (random_below(r, 4)) {
	case 0:
		return 0;
	case 1:
		return (nanos)random_below(r, 1000);
	case 2:
		return (nanos)random_below(r, NANOS_PER_S);
	}
	return (nanos)random_below(r, (size_t)(2 * MINUTE));
}

struct play {
	struct gcra	gcra;
	struct bucket	bucket;
	uint64_t	arrival;
	uint64_t	last;		/* that was admitted */
};

static bool
arrive(struct play *p, nanos now, uint64_t units, bool back)
{
	struct bucket *b = &p->bucket;
	uint64_t ticks = (uint64_t)now * GCRA_TICKS_PER_NS;
	struct gcra_answer a = gcra_take(&p->gcra, p->arrival, ticks,
	    gcra_cost(&p->gcra, units));
	uint64_t deep = b->rate < 1 << 24 ? b->rate : 1 << 24;
	bool ok = true;

	fill(b, now);
	/* With less than is left nobody is sent away. */
	if (!back && units <= b->rate && b->holds >= (level)units * MINUTE +
	    worth(b, b->roundings))
		ok = a.conforms;
	if (units > b->rate + deep)
		ok = ok && a.never;
	p->arrival = a.arrival;
	if (!a.conforms)
		return ok && a.wait > 0;
	p->last = units;
	b->holds -= (level)units * MINUTE;
	b->roundings++;
	return ok && b->holds >= -worth(b, deep);
}

static void
correct(struct play *p, nanos now, uint64_t units)
{
	int64_t more = gcra_cost(&p->gcra, units) - gcra_cost(&p->gcra, p->last);

	p->arrival = gcra_correct(&p->gcra, p->arrival, (uint64_t)now * GCRA_TICKS_PER_NS, more);
	fill(&p->bucket, now);
	p->bucket.holds += (level)p->last * MINUTE - (level)units * MINUTE;
	p->bucket.roundings += 2;
	fill(&p->bucket, now);
	p->last = 0;
}

static bool
holds(uint64_t seed, bool back)
{
	struct random r = { seed };
	uint64_t rate = any_rate(&r);
	struct play p = {
		.gcra = gcra_of(rate), .bucket = { .rate = rate, .now = 1 },
	};
	nanos now = 1 + any_pause(&r);
	bool ok = true;

	p.bucket.holds = full(&p.bucket);
	for (int i = 0; i < STEPS && ok; i++) {
		uint64_t units = 1 + random_next(&r) % (1 + rate / (1 + random_below(&r, 100)));

		now += any_pause(&r);
		if (back && random_below(&r, 8) == 0)
			now -= (nanos)random_below(&r, (size_t)now);
		ok = arrive(&p, now, units, back);
		/* Debts beyond an hour are forgiven, so this stays far from that. */
		if (!back && p.last > 0 && random_below(&r, 3) == 0)
			correct(&p, now, random_next(&r) % (2 * p.last + 1));
	}
	return ok;
}

/* Somebody who takes one at a time gets a whole minute's worth at once, and then one each. */
static bool
is_usable(uint64_t rate)
{
	struct gcra g = gcra_of(rate);
	int64_t one = gcra_cost(&g, 1);
	uint64_t arrival = 0, got = 0, now = GCRA_TICKS_PER_NS;
	struct gcra_answer a;

	while ((a = gcra_take(&g, arrival, now, one)).conforms) {
		arrival = a.arrival;
		got++;
	}
	now += (uint64_t)a.wait;
	return got == rate && gcra_take(&g, arrival, now, one).conforms &&
	    !gcra_take(&g, arrival, now - 1, one).conforms;
}

int
main(void)
{
	static const uint64_t rates[] = { 1, 2, 3, 7, 60, 61, 1000, 9973, 100003, 1000000 };
	uint64_t first, past, broken = 0, back = 0;

	random_seeds(5000, &first, &past);
	for (uint64_t seed = first; seed < past; seed++) {
		if (!holds(seed, false))
			printf("# SEED=%llu breaks it\n", (unsigned long long)(broken++, seed));
		if (!holds(seed, true))
			printf("# SEED=%llu breaks it, backwards\n",
			    (unsigned long long)(back++, seed));
	}
	check(broken == 0, "never more than the bucket holds, and all of it");
	check(back == 0, "never more than that in all time that a clock shows");
	for (size_t i = 0; i < COUNT_OF(rates); i++)
		check(is_usable(rates[i]), "%llu a minute, one by one: all of them, and no more",
		    (unsigned long long)rates[i]);
	return check_done();
}
