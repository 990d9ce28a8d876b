/* SPDX-License-Identifier: Apache-2.0 */
#include "admit/rate.h"

#include <pthread.h>
#include <sched.h>

#include "admit/admission.h"
#include "core/limit.h"
#include "run/kernel.h"

#include "check.h"

#define T0	INT64_C(5000000000)
#define KEY	INT64_C(0x1234567890abcdef)

static struct allowance
allow(uint64_t requests, uint64_t input, uint64_t output, uint32_t concurrency)
{
	struct allowance a = { .any = false };

	allowance_set(&a, DIMENSION_REQUESTS, requests);
	allowance_set(&a, DIMENSION_INPUT, input);
	allowance_set(&a, DIMENSION_OUTPUT, output);
	allowance_set(&a, DIMENSION_CONCURRENT, concurrency);
	return a;
}

static bool
takes(struct rates *r, uint64_t number, uint64_t per_minute, uint64_t units, nanos now)
{
	struct gcra g = gcra_of(per_minute);
	uint64_t ticks = rates_ticks(r, now);
	struct rate_cell c;
	bool took;

	must(rate_enter(r, number, 0, ticks, &c) == RATE_ENTERED);
	took = rate_take(&c, &g, DIMENSION_REQUESTS, units, ticks).conforms;
	rate_leave(&c);
	return took;
}

/* ---- one cell ---- */

static void
keeps_state(void)
{
	struct rates *r = rates_new(T0);

	check_or_stop(r != NULL, "there is memory");
	check(takes(r, KEY, 10, 10, T0), "a whole minute's worth at once");
	check(!takes(r, KEY, 10, 1, T0), "and then nothing");
	check(takes(r, KEY + 1, 10, 10, T0), "another subject has its own");
	check(!takes(r, KEY, 10, 1, T0 + 5 * NANOS_PER_S), "nor after five seconds of six");
	check(takes(r, KEY, 10, 1, T0 + 7 * NANOS_PER_S), "but after seven");
	check(!takes(r, KEY, 20, 1, T0 + 7 * NANOS_PER_S),
	    "another limit finds what was used under the old one");
	check(!takes(r, KEY, 10, 11, T0 + 900 * NANOS_PER_S), "more than a minute's worth: never");
	check(!takes(r, KEY, 10, 10, T0 + NANOS_PER_S), "a clock that went back gives nothing");
	check(takes(r, KEY, 10, 10, T0 + 200 * NANOS_PER_S), "and does no harm for long");
	check(takes(r, KEY, 10, 10, T0 + 9000 * NANOS_PER_S) &&
	    !takes(r, KEY, 10, 1, T0 + 300 * NANOS_PER_S) &&
	    takes(r, KEY, 10, 1, T0 + 307 * NANOS_PER_S),
	    "nor when it went back by hours: the bucket is empty then, and fills");
	rates_free(r);
}

static void
is_concurrent(void)
{
	struct rates *r = rates_new(T0);
	struct rate_cell a, b, c;

	check(rate_enter(r, KEY, 2, 1, &a) == RATE_ENTERED &&
	    rate_enter(r, KEY, 2, 1, &b) == RATE_ENTERED, "two of two");
	check(rate_enter(r, KEY, 2, 1, &c) == RATE_FULL, "not a third");
	check(rate_held(&a) == 2, "two hold it");
	check(rate_enter(r, KEY, 3, 1, &c) == RATE_ENTERED, "but where three may");
	rate_leave(&b);
	check(rate_enter(r, KEY, 2, 1, &b) == RATE_FULL, "two are enough, whoever they are");
	rate_leave(&c);
	check(rate_enter(r, KEY, 2, 1, &b) == RATE_ENTERED, "one left, one comes");
	rate_leave(&a);
	rate_leave(&b);
	rates_free(r);
}

/* ---- bounded memory ---- */

static void
is_bounded(void)
{
	struct rates *r = rates_new(T0);
	uint64_t kept = 0, n = 4 * (uint64_t)RATE_CELLS;

	for (uint64_t i = 0; i < n; i++)
		must(takes(r, i * UINT64_C(0x9e3779b97f4a7c15), 60, 1, T0 + (nanos)i));
	check(rates_forgotten(r) > 0, "of four times as many as there is room for, some go");
	/* Each owes one of sixty; the last to come are still there. */
	for (uint64_t i = n - RATE_CELLS / 8; i < n; i++)
		kept += !takes(r, i * UINT64_C(0x9e3779b97f4a7c15), 60, 60, T0 + (nanos)n);
	check(kept > RATE_CELLS / 8 * 9 / 10, "the last ones are known: %llu",
	    (unsigned long long)kept);
	(void)rates_forgotten(r);
	for (uint64_t i = 0; i < n; i++)
		must(takes(r, ~i * UINT64_C(0x9e3779b97f4a7c15), 60, 1,
		    T0 + 600 * NANOS_PER_S + (nanos)i * NANOS_PER_MS));
	check(rates_forgotten(r) == 0, "who owes nothing makes room, and nothing is lost by it");
	rates_free(r);
}

/* All eight cells of a set are held: there is no room for a ninth subject of that set. */
static void
is_crowded(void)
{
	struct rates *r = rates_new(T0);
	struct rate_cell held[8], c;

	for (uint64_t i = 0; i < 8; i++)
		must(rate_enter(r, 7 + (i + 1) * (UINT64_C(1) << 40), 0, 1, &held[i]) ==
		    RATE_ENTERED);
	check(rate_enter(r, 7 + 9 * (UINT64_C(1) << 40), 0, 1, &c) == RATE_CROWDED,
	    "what is held is never given to others");
	check(rate_enter(r, 7 + (UINT64_C(1) << 40), 0, 1, &c) == RATE_ENTERED &&
	    rate_held(&c) == 2, "who is there is found");
	rate_leave(&c);
	rate_leave(&held[3]);
	check(rate_enter(r, 7 + 9 * (UINT64_C(1) << 40), 0, 1, &c) == RATE_ENTERED,
	    "one left, one comes");
	rate_leave(&c);
	for (int i = 0; i < 8; i++)
		if (i != 3)
			rate_leave(&held[i]);
	rates_free(r);
}

/* ---- 64 threads on one cell ---- */

#define THREADS	64

struct crowd {
	struct rates		*rates;
	uint64_t		 per_minute;
	_Atomic(uint64_t)	 took;
	_Atomic(uint32_t)	 inside, most;
	nanos			 until;
	uint32_t		 concurrency;
	uint64_t		 subjects;	/* that they use by turns */
};

static void *
grab(void *arg)
{
	struct crowd *c = arg;
	struct gcra g = gcra_of(c->per_minute);
	uint64_t n = 0;

	while (kernel_now() < c->until) {
		uint64_t ticks = rates_ticks(c->rates, kernel_now());
		struct rate_cell cell;
		uint32_t inside, most;

		if (rate_enter(c->rates, KEY + n++ % c->subjects, c->concurrency, ticks,
		    &cell) != RATE_ENTERED)
			continue;
		inside = atomic_fetch_add(&c->inside, 1) + 1;
		most = atomic_load(&c->most);
		while (inside > most && !atomic_compare_exchange_weak(&c->most, &most, inside))
			;
		if (rate_take(&cell, &g, DIMENSION_REQUESTS, 1, ticks).conforms)
			atomic_fetch_add(&c->took, 1);
		if (c->concurrency > 0 && n % 64 == 0)
			sched_yield();
		atomic_fetch_sub(&c->inside, 1);
		rate_leave(&cell);
	}
	return NULL;
}

static void
together(struct crowd *c)
{
	pthread_t thread[THREADS];
	nanos began = kernel_now(), ended;
	uint64_t most, least;

	c->rates = rates_new(began);
	c->until = began + 300 * NANOS_PER_MS;
	for (int i = 0; i < THREADS; i++)
		must(pthread_create(&thread[i], NULL, grab, c) == 0);
	for (int i = 0; i < THREADS; i++)
		must(pthread_join(thread[i], NULL) == 0);
	ended = kernel_now();
	most = c->subjects * (c->per_minute + 1 +
	    c->per_minute * (uint64_t)(ended - began) / (60 * NANOS_PER_S));
	least = c->subjects * (c->per_minute + c->per_minute * 250 / 60000);
	check(c->took <= most,
	    "64 threads, %llu subjects: never more than burst + rate x time: %llu of %llu", (unsigned long long)c->subjects, (unsigned long long)c->took,
	    (unsigned long long)most);
	if (c->concurrency == 0)
		check(c->took >= least, "and all of it is used: at least %llu",
		    (unsigned long long)least);
	else
		check(c->most <= c->concurrency, "at most %u at a time: %u", c->concurrency,
		    c->most);
	rates_free(c->rates);
}

/* ---- admissions ---- */

static void
admits_all_or_nothing(void)
{
	struct admission a = { .rates = rates_new(T0) };
	struct allowance key = allow(10, 1000, 0, 0), tenant = allow(0, 500, 0, 1);
	struct applicant k = { SUBJECT_KEY, &key, 1, { 1, 400, 9 } };
	struct applicant t = { SUBJECT_TENANT, &tenant, 2, { 1, 600, 9 } };
	static const uint64_t nothing[RATE_COUNT], twice[RATE_COUNT] = { 1, 800, 0 };
	struct refusal refusal;
	char room[512];
	struct text text;

	check(admission_enter(&a, &k, T0, &refusal), "the key lets it pass");
	check(!admission_enter(&a, &t, T0, &refusal) && refusal.never &&
	    refusal.kind == SUBJECT_TENANT && refusal.dimension == DIMENSION_INPUT &&
	    refusal.limit == 500 && refusal.asked == 600, "the tenant never does");
	text_init(&text, room, sizeof room);
	refusal_put(&text, &refusal);
	check_slice(text_slice(&text), S("the limit of this tenant is 500 input tokens a minute, "
	    "and this request alone asks for 600; it can never pass"), "and says why");
	text_init(&text, room, sizeof room);
	admission_put_fields(&text, &a, T0);
	check_slice(text_slice(&text), S("x-ratelimit-limit-requests: 10\r\n"
	    "x-ratelimit-remaining-requests: 9\r\nx-ratelimit-reset-requests: 6.000s\r\n"
	    "x-ratelimit-limit-tokens: 1000\r\nx-ratelimit-remaining-tokens: 600\r\n"
	    "x-ratelimit-reset-tokens: 24.000s\r\n"), "fields are of who has the least left");
	admission_correct(&a, SUBJECT_KEY, nothing, T0);
	admission_leave(&a, SUBJECT_KEY);
	admission_leave(&a, SUBJECT_TENANT);
	check(a.entered == 0, "all are left");
	k.units[DIMENSION_INPUT] = 1000;
	check(admission_enter(&a, &k, T0, &refusal), "and what was given back is there");
	admission_correct(&a, SUBJECT_KEY, twice, T0);
	admission_leave(&a, SUBJECT_KEY);
	k.units[DIMENSION_INPUT] = 200;
	check(admission_peek(a.rates, &k, T0, &refusal), "a correction to less");
	k.units[DIMENSION_INPUT] = 201;
	check(!admission_peek(a.rates, &k, T0, &refusal) && !refusal.never &&
	    refusal.wait > 59 * NANOS_PER_MS && refusal.wait < 61 * NANOS_PER_MS,
	    "one token too many waits for the sixtieth of a second that it takes");
	rates_free(a.rates);
}

/* What a vendor says of its usage is a stranger's number. */
static void
survives_strange_usage(void)
{
	struct admission a = { .rates = rates_new(T0) };
	struct allowance key = allow(0, 1000, 0, 0);
	struct applicant k = { SUBJECT_KEY, &key, 1, { 1, 10, 0 } };
	static const uint64_t huge[RATE_COUNT] = { 1, UINT64_MAX, UINT64_MAX };
	struct refusal refusal;

	must(admission_enter(&a, &k, T0, &refusal));
	admission_correct(&a, SUBJECT_KEY, huge, T0);
	admission_leave(&a, SUBJECT_KEY);
	check(!admission_peek(a.rates, &k, T0 + 3500 * NANOS_PER_S, &refusal),
	    "a huge usage is owed for nearly an hour");
	check(admission_peek(a.rates, &k, T0 + 3661 * NANOS_PER_S, &refusal), "and not longer");
	rates_free(a.rates);
}

int
main(void)
{
	struct crowd one = { .per_minute = 100000, .subjects = 1 };
	struct crowd fast = { .per_minute = 1000, .subjects = 1 };
	struct crowd many = { .per_minute = 1000, .subjects = 50 };
	struct crowd few = { .per_minute = 1000000, .subjects = 1, .concurrency = 3 };

	keeps_state();
	is_concurrent();
	is_bounded();
	is_crowded();
	admits_all_or_nothing();
	survives_strange_usage();
	together(&one);
	together(&fast);
	together(&many);
	together(&few);
	return check_done();
}
