/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/pass.h"

#include "check.h"
#include "policy/verdict.h"
#include "random.h"

/* One place up to level 1 that two models share; the second is draining. */
static const struct place place[] = {
	{ { .kinds = 1, .regions = 1, .holds = 0, .level = 1 }, PLACE_PUBLIC_API, false, false },
};
static const struct policy_model model[] = {
	{ .place = 0, .features = UINT64_MAX, .cost = INT64_MAX },
	{ .place = 0, .features = UINT64_MAX, .cost = INT64_MAX, .draining = true },
};
static const struct widening widening[] = {
	{ 0, 0, { .kinds = 1, .regions = 1, .level = 2 }, 1000, 0 },
};
static const struct workload workload[] = {
	{ .floor = { .regions = UINT64_MAX }, .widening = widening, .widening_count = 1 },
};
static const struct bound bound[] = { { { UINT64_MAX, 1, UINT64_MAX, 9 }, NULL, NULL, 0 } };
static const struct label kind_label[] = { { 1, UINT64_MAX, 0, 0 }, { 2, UINT64_MAX, 0, 0 } };
static const uint32_t kind_duties[2];
static const struct policy policy = {
	.kind_label = kind_label, .kind_duties = kind_duties, .kind_count = 2,
	.place = place, .place_count = 1, .tool_first = 1,
	.here = { { UINT64_MAX, 1, UINT64_MAX, 9 }, PLACE_OTHER, true, true },
	.model = model, .model_count = 2, .workload = workload, .workload_count = 1,
	.bound = bound, .bound_count = 1,
};

static const struct {
	const char	*why;
	struct label	 label;
	int64_t		 now;
	uint32_t	 model;
	enum reason	 want;
} cases[] = {
	{ "what may flow", { 1, UINT64_MAX, 0, 1 }, 0, 0, REASON_NONE },
	{ "a level too high", { 0, UINT64_MAX, 0, 3 }, 0, 0, REASON_LEVEL },
	{ "a kind too many", { 2, UINT64_MAX, 0, 0 }, 0, 0, REASON_KIND },
	{ "outside of its regions", { 0, 2, 0, 0 }, 0, 0, REASON_HERE },
	{ "an agreement is missing", { 0, UINT64_MAX, 1, 0 }, 0, 0, REASON_REQUIRES },
	{ "by an exception", { 0, UINT64_MAX, 0, 2 }, 999, 0, REASON_NONE },
	{ "that has ended since", { 0, UINT64_MAX, 0, 2 }, 1000, 0, REASON_EXCEPTION_EXPIRED },
	{ "a model that is taken out", { 0, UINT64_MAX, 0, 0 }, 0, 1, REASON_DRAINING },
};

static struct fingerprint_key key, other_key;

static struct sealed
sealed_of(size_t i)
{
	return (struct sealed){ .key = &key, .origin = 77, .fingerprint = 4242,
	    .model = cases[i].model, .label = cases[i].label };
}

static void
mint_each(void)
{
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct facts facts = { .label = cases[i].label, .now = cases[i].now };
		struct sealed sealed = sealed_of(i);
		struct pass pass = { .origin = 1 };

		check_int(pass_mint(&policy, &facts, &sealed, &pass), cases[i].want, "%s",
		    cases[i].why);
		check(pass_admits(&pass, &key, 77, 4242) == (cases[i].want == REASON_NONE),
		    "%s: what is made is good, and nothing else", cases[i].why);
	}
}

static void
what_is_bound(void)
{
	struct facts facts = { .label = cases[0].label };
	struct sealed sealed = sealed_of(0);
	struct pass pass, other;

	check_or_stop(pass_mint(&policy, &facts, &sealed, &pass) == REASON_NONE, "a pass");
	check(!pass_admits(&pass, &key, 78, 4242), "not for another origin");
	check(!pass_admits(&pass, &key, 77, 4243), "not for other bytes");
	check(!pass_admits(&pass, &other_key, 77, 4242), "not in another process");
	other = pass;
	other.model = 1;
	check(!pass_admits(&other, &key, 77, 4242), "the model cannot be changed");
	other = pass;
	other.label.level = 0;
	check(!pass_admits(&other, &key, 77, 4242), "nor the label");
	other = (struct pass){ .origin = 77, .fingerprint = 4242 };
	check(!pass_admits(&other, &key, 77, 4242), "one that was not made is none");
}

static void
fill(struct fingerprint_key *k, uint64_t seed)
{
	struct random r = { seed };

	k->point = random_next(&r);
	for (size_t i = 0; i < COUNT_OF(k->word); i++)
		k->word[i] = random_next(&r);
}

int
main(void)
{
	fill(&key, 5);
	fill(&other_key, 6);
	mint_each();
	what_is_bound();
	return check_done();
}
