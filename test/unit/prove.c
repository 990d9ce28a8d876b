/* SPDX-License-Identifier: Apache-2.0 */

/*
 * prove - one small policy, one change at a time, and the invariant that it breaks.
 *
 * A zone of one's own may have everything; the cloud is cleared for internal
 * content and the kind `a`, and holds nothing.  test/law/prove.c tries what a
 * table does not think of.
 */

#include "policy/prove.h"

#include <time.h>

#include "check.h"
#include "run/heap.h"

enum { A, B, KINDS, OWN = 0, CLOUD, TOOL, PUBLIC = 0, INTERNAL, SECRET, NOW = 1000 };

#define ALL	UINT64_MAX
#define BIT(n)	(UINT64_C(1) << (n))

struct world {
	struct label		kind[KINDS];
	struct place		place[3];
	struct policy_model	model[2];
	struct workload		workload[2];
	struct bound		bound[2];
	struct widening		widening;
	struct invariant	invariant;
	struct policy		policy;
};

static const uint32_t no_duties[KINDS];
static const uint64_t only_first[1] = { 1 }, only_second[1] = { 2 };

static void
build(struct world *w)
{
	*w = (struct world){
		.kind = {
			{ BIT(A), ALL, 0, PUBLIC },
			{ BIT(B), ALL, BIT(0), SECRET },
		},
		.place = {
			{ { ALL, BIT(0), ALL, SECRET }, PLACE_ON_PREM, true, false },
			{ { BIT(A), BIT(1), 0, INTERNAL }, PLACE_PUBLIC_API, false, false },
			{ { 0, BIT(1), 0, INTERNAL }, PLACE_OTHER, false, false },
		},
		.model = {
			{ .place = OWN, .features = ALL },
			{ .place = CLOUD, .features = ALL },
		},
		.workload = { { .floor = LABEL_PUBLIC }, { .floor = LABEL_PUBLIC } },
		.bound = {
			{ .ceiling = { ALL, BIT(63), ALL, 15 } },
			{ .ceiling = { ALL, BIT(63), ALL, 15 }, .role = 1 },
		},
		.widening = { 0, CLOUD, { ALL, BIT(1), ALL, SECRET }, NOW + 1, 70 },
	};
	w->policy = (struct policy){
		.kind_label = w->kind, .kind_duties = no_duties, .kind_count = KINDS,
		.place = w->place, .place_count = 3,
		.tool_first = TOOL, .tool_count = 1,
		.here = { { ALL, BIT(63), ALL, 15 }, PLACE_OTHER, true, true },
		.model = w->model, .model_count = 2, .workload = w->workload, .workload_count = 2,
		.bound = w->bound, .bound_count = 2, .invariant = &w->invariant,
		.invariant_count = 1,
	};
}

enum change {
	NOTHING, CLEAR_LEVEL, CLEAR_KIND, HOLDS, DROP_REQUIRES, LOWER_B, EXCEPTION, EXCEPTION_ENDED,
	CLEAR_TOOL, FIRST_ONLY_OWN, HERE_PUBLIC, ROLE_PUBLIC, KEYS, FLOOR_B, DRAIN, FLOOR_SECRET,
};

static void
change(struct world *w, enum change what)
{
	switch (what) {
	case NOTHING:		break;
	case CLEAR_LEVEL:	w->place[CLOUD].clearance.level = SECRET; break;
	case CLEAR_KIND:	w->place[CLOUD].clearance.kinds = ALL; break;
	case HOLDS:		w->place[CLOUD].clearance = w->place[OWN].clearance; break;
	case DROP_REQUIRES:	w->kind[B].requires = 0; w->place[CLOUD].clearance.kinds = ALL;
				w->place[CLOUD].clearance.level = SECRET; break;
	case LOWER_B:		w->kind[B] = (struct label){ BIT(B), ALL, 0, PUBLIC };
				w->place[CLOUD].clearance.kinds = ALL; break;
	case EXCEPTION_ENDED:	w->widening.until = NOW; /* fallthrough */
	case EXCEPTION:		w->workload[0].widening = &w->widening;
				w->workload[0].widening_count = 1; break;
	case CLEAR_TOOL:	w->place[TOOL].clearance.kinds = ALL; break;
	case FIRST_ONLY_OWN:	w->workload[0].models = w->bound[1].models = only_first; break;
	case HERE_PUBLIC:	w->policy.here.clearance.level = PUBLIC; break;
	case ROLE_PUBLIC:	w->bound[1].ceiling.level = PUBLIC; break;
	case KEYS:		w->policy.bound_first = 1;
				w->bound[1].ceiling.level = PUBLIC; break;
	case FLOOR_B:		w->workload[0].floor.kinds = BIT(B);
				w->workload[1].floor.kinds = BIT(B); break;
	case DRAIN:		w->model[CLOUD].draining = true; break;
	case FLOOR_SECRET:	w->workload[0].floor.level = SECRET;
				w->workload[1].floor.level = SECRET; break;
	}
}

#define NEVER(...)	{ __VA_ARGS__ }
#define ZONES(set)	.zones_said = true, .zones = (set)

static const struct {
	const char	*why;
	enum change	 change;
	struct invariant never;
	bool		 holds;
	uint32_t	 place, exception;	/* of the counterexample */
} cases[] = {
	{ "secrets stay at home", NOTHING, NEVER(.label.level = SECRET, .unless_self = true), true,
	    0, 0 },
	{ "internal content does not", NOTHING, NEVER(.label.level = INTERNAL, .unless_self = true),
	    false, CLOUD, 0 },
	{ "a higher clearance", CLEAR_LEVEL, NEVER(.label.level = SECRET, .unless_self = true),
	    false, CLOUD, 0 },
	{ "of the origin it is the same", CLEAR_LEVEL,
	    NEVER(.origin.level = SECRET, .unless_self = true), false, CLOUD, 0 },
	{ "a kind that is cleared is still too high", CLEAR_KIND,
	    NEVER(.label.kinds = BIT(B), .unless_self = true), true, 0, 0 },
	{ "a kind whose level was lowered", LOWER_B,
	    NEVER(.label.kinds = BIT(B), .unless_self = true), false, CLOUD, 0 },
	{ "a requirement dropped", DROP_REQUIRES,
	    NEVER(.label.kinds = BIT(B), .without = BIT(0)), false, CLOUD, 0 },
	{ "a place that holds it is not meant", HOLDS,
	    NEVER(.label.kinds = BIT(B), .without = BIT(0)), true, 0, 0 },
	{ "what requires it goes to a place that holds it", HOLDS,
	    NEVER(.requires = BIT(0), .unless_self = true), false, CLOUD, 0 },
	{ "an exception in force", EXCEPTION, NEVER(.label.level = SECRET, .unless_self = true),
	    false, CLOUD, 71 },
	{ "is not blamed for what happens without it", EXCEPTION,
	    NEVER(.label.level = INTERNAL, .unless_self = true), false, CLOUD, 0 },
	{ "an exception that has ended", EXCEPTION_ENDED,
	    NEVER(.label.level = SECRET, .unless_self = true), true, 0, 0 },
	{ "an exception of another workload", EXCEPTION,
	    NEVER(.label.level = SECRET, .unless_self = true, .workloads = only_second), true,
	    0, 0 },
	{ "a tool that is not cleared", NOTHING,
	    NEVER(.label.kinds = BIT(A), .tools_said = true, .tools = ALL), true, 0, 0 },
	{ "a tool that is", CLEAR_TOOL,
	    NEVER(.label.kinds = BIT(A), .tools_said = true, .tools = ALL), false, TOOL, 0 },
	{ "a tool is asked for with a model that may see it too", CLEAR_TOOL,
	    NEVER(.label.kinds = BIT(B), .tools_said = true, .tools = ALL), true, 0, 0 },
	{ "no model of the cloud for the first workload", FIRST_ONLY_OWN,
	    NEVER(ZONES(BIT(CLOUD)), .workloads = only_first), true, 0, 0 },
	{ "but for the second", FIRST_ONLY_OWN, NEVER(ZONES(BIT(CLOUD))), false, CLOUD, 0 },
	{ "and not for the second role", FIRST_ONLY_OWN,
	    NEVER(ZONES(BIT(CLOUD)), .roles = only_second), true, 0, 0 },
	{ "what may not be here goes nowhere", HERE_PUBLIC, NEVER(.label.level = INTERNAL), true,
	    0, 0 },
	{ "a role's ceiling", ROLE_PUBLIC, NEVER(.label.level = INTERNAL, .roles = only_second),
	    true, 0, 0 },
	{ "is of that role alone", ROLE_PUBLIC, NEVER(.label.level = INTERNAL), false, OWN, 0 },
	{ "nobody comes without a key where there are keys", KEYS, NEVER(.label.level = INTERNAL),
	    true, 0, 0 },
	{ "a floor counts", FLOOR_B, NEVER(.label.kinds = BIT(B)), false, OWN, 0 },
	{ "a floor keeps all of it away", FLOOR_B, NEVER(ZONES(BIT(CLOUD))), true, 0, 0 },
	{ "a floor's level too", FLOOR_SECRET, NEVER(ZONES(BIT(CLOUD))), true, 0, 0 },
	{ "all conditions must hold together", NOTHING,
	    NEVER(.label = { BIT(A), SECRET }, ZONES(BIT(CLOUD))), true, 0, 0 },
	{ "and together they can", NOTHING,
	    NEVER(.label = { BIT(A), INTERNAL }, ZONES(BIT(CLOUD))), false, CLOUD, 0 },
	{ "a zone of a kind", NOTHING, NEVER(.place_kinds = BIT(PLACE_PUBLIC_API)), false, CLOUD, 0 },
	{ "no zone of a kind", NOTHING, NEVER(.place_kinds = BIT(PLACE_EDGE)), true, 0, 0 },
	{ "outside of a region", NOTHING, NEVER(.outside_said = true, .outside = BIT(0)), false, CLOUD, 0 },
	{ "inside of all", NOTHING, NEVER(.outside_said = true, .outside = BIT(0) | BIT(1)), true, 0, 0 },
	{ "a model that is drained is permitted all the same", DRAIN, NEVER(ZONES(BIT(CLOUD))),
	    false, CLOUD, 0 },
	{ "an empty list", NOTHING, NEVER(.empty = true), true, 0, 0 },
	{ "nothing ever goes anywhere", NOTHING, NEVER(.empty = false), false, OWN, 0 },
};

static void
check_case(size_t i, struct arena *arena)
{
	struct world w;
	struct proof proof;

	build(&w);
	change(&w, cases[i].change);
	w.invariant = cases[i].never;
	if (!check(prove_all(arena, &w.policy, NOW, &proof) && proof.holds == cases[i].holds, "%s",
	    cases[i].why) || proof.holds)
		return;
	check(proof.against.place == cases[i].place &&
	    proof.against.exception == cases[i].exception &&
	    proof.against.today == (cases[i].change == DRAIN ? REASON_DRAINING : REASON_NONE),
	    "  and where");
	check(cases[i].exception == 0 || (proof.lean_count == 1 && policy_set_has(proof.leans,
	    cases[i].exception - 1)), "  and by what");
}

/* ---- the least label that shows it ---- */

static void
check_label(struct arena *arena)
{
	struct world w;
	struct proof proof;

	build(&w);
	w.invariant.label.level = INTERNAL;
	check(prove_all(arena, &w.policy, NOW, &proof) && !proof.holds &&
	    proof.against.label.level == INTERNAL && proof.against.label.kinds == 0,
	    "no more content is shown than the invariant speaks of");
	w.invariant = (struct invariant){ .origin.kinds = BIT(A) | BIT(B) };
	check(prove_all(arena, &w.policy, NOW, &proof) && !proof.holds &&
	    proof.against.label.kinds == BIT(A), "one kind of several is enough");
}

static void
check_serving(void)
{
	struct world w;
	uint32_t one = 9;

	build(&w);
	check_int(prove_serving(&w.policy, 0, NOW, UINT32_MAX, &one), 2, "both models serve");
	change(&w, FLOOR_B);
	check_int(prove_serving(&w.policy, 0, NOW, UINT32_MAX, &one), 1, "one serves a secret");
	check_int(one, OWN, "the own one");
	change(&w, EXCEPTION);
	check_int(prove_serving(&w.policy, 0, NOW, UINT32_MAX, &one), 2, "two by an exception");
	w.model[OWN].capability = CAPABILITY_MID;
	w.workload[1].capability = CAPABILITY_FRONTIER;
	check_int(prove_serving(&w.policy, 1, NOW, UINT32_MAX, &one), 0, "none is able enough");
	w.workload[1].down_degrade = true;
	check_int(prove_serving(&w.policy, 1, NOW, UINT32_MAX, &one), 1, "one may degrade");
	w.bound[0].workloads = w.bound[1].workloads = only_first;
	check_int(prove_serving(&w.policy, 1, NOW, UINT32_MAX, &one), 0, "no caller may choose it");
}

/* ---- many of everything ---- */

enum { WORKLOADS = 1000, BOUNDS = 64, MODELS = 64, INVARIANTS = 32, MANY_KINDS = 40 };

static struct label many_kind[MANY_KINDS];
static uint32_t many_duties[MANY_KINDS];
static struct place many_place[MODELS + 4];
static struct policy_model many_model[MODELS];
static struct workload many_workload[WORKLOADS];
static struct bound many_bound[BOUNDS];
static struct invariant many_invariant[INVARIANTS];
static uint64_t many_sets[WORKLOADS + BOUNDS];

static void
build_many(struct policy *p)
{
	for (uint32_t k = 0; k < MANY_KINDS; k++)
		many_kind[k] = (struct label){ BIT(k), ALL, k % 3 == 0 ? BIT(k % 5) : 0, k % 4 };
	for (uint32_t i = 0; i < MODELS + 4; i++)
		many_place[i] = (struct place){
			.clearance = { ALL >> i % 24, BIT(i % 7), ALL << i % 5, i % 4 },
			.kind = i < MODELS ? i % 4 : PLACE_OTHER,
		};
	for (uint32_t i = 0; i < MODELS; i++)
		many_model[i] = (struct policy_model){ .place = i, .features = ALL };
	for (uint32_t i = 0; i < WORKLOADS; i++) {
		many_sets[i] = ~BIT(i % 64);
		many_workload[i] = (struct workload){
			.floor = { BIT(i % MANY_KINDS), ALL, 0, i % 4 }, .models = &many_sets[i],
		};
	}
	for (uint32_t i = 0; i < BOUNDS; i++) {
		many_sets[WORKLOADS + i] = ~BIT(i % 13);
		many_bound[i] = (struct bound){
			.ceiling = { ALL & ~BIT(i), BIT(63), ALL, i % 4 }, .role = i,
			.models = &many_sets[WORKLOADS + i],
		};
	}
	/* All of them hold, for there is no level above the third: nothing ends the search. */
	for (uint32_t i = 0; i < INVARIANTS; i++)
		many_invariant[i] = (struct invariant){
			.label = { BIT(i), i % 2 == 0 ? 4 : 0 }, .origin.level = i % 2 == 0 ? 0 : 4,
		};
	*p = (struct policy){
		.kind_label = many_kind, .kind_duties = many_duties, .kind_count = MANY_KINDS,
		.place = many_place, .place_count = MODELS + 4, .tool_first = MODELS,
		.tool_count = 4, .here = { { ALL, BIT(63), ALL, 15 }, PLACE_OTHER, true, true },
		.model = many_model, .model_count = MODELS, .workload = many_workload,
		.workload_count = WORKLOADS, .bound = many_bound, .bound_count = BOUNDS,
		.invariant = many_invariant, .invariant_count = INVARIANTS,
	};
}

static double
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void
check_many(struct arena *arena)
{
	static struct proof proof[INVARIANTS];
	struct policy p;
	double began, took;
	unsigned hold = 0;

	build_many(&p);
	began = now_ms();
	check(prove_all(arena, &p, NOW, proof), "many are decided");
	took = now_ms() - began;
	for (uint32_t i = 0; i < INVARIANTS; i++)
		hold += proof[i].holds;
	check_int(hold, INVARIANTS, "all of the many hold");
	printf("# %d workloads, %d bounds, %d models, %d invariants: %.1f ms\n", WORKLOADS, BOUNDS,
	    MODELS, INVARIANTS, took);
	check(took < 2000, "and it takes no time");
}

int
main(void)
{
	struct arena arena;

	arena_init(&arena, heap_memory(), 64 << 20);
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		check_case(i, &arena);
	check_label(&arena);
	check_serving();
	check_many(&arena);
	arena_release(&arena);
	arena_init(&arena, heap_memory(), 64);
	struct world w;
	struct proof proof;

	build(&w);
	check(!prove_all(&arena, &w.policy, NOW, &proof), "without room nothing is decided");
	arena_release(&arena);
	return check_done();
}
