/* SPDX-License-Identifier: Apache-2.0 */

/*
 * prove - the proof says what trying everything says.
 *
 * A small policy is drawn from a seed.  Then every label that a request can
 * carry is tried for every workload, bound, model and tool, by the decision that
 * the gateway itself makes, and each flow is held against each invariant in the
 * plainest words.  Where a workload masks, each label is tried with all that may
 * have been masked before.  An invariant must be broken by one of these exactly if the
 * proof says so, and the request that the proof shows must itself be one.
 *
 *	SEED=7 build/law/prove
 */

#include "policy/prove.h"

#include "check.h"
#include "policy/verdict.h"
#include "random.h"
#include "run/heap.h"

enum {
	POLICIES = 12000, KINDS = 4, LEVELS = 3, PROPERTIES = 3, LEAVES = 3, ZONES = 4, TOOLS = 2,
	MODELS = 5, WORKLOADS = 3, BOUNDS = 3, EXCEPTIONS = 4, INVARIANTS = 4, NOW = 1000,
	MASKABLE = 3,
};

struct world {
	struct policy		policy;
	struct label		kind[KINDS], maskable[MASKABLE];
	uint32_t		kind_duties[KINDS];
	struct place		place[ZONES + TOOLS];
	struct policy_model	model[MODELS];
	struct workload		workload[WORKLOADS];
	struct bound		bound[BOUNDS];
	struct widening		widening[WORKLOADS][EXCEPTIONS];
	uint64_t		set[64];	/* sets of models, workloads and roles */
	uint32_t		sets;
	struct invariant	invariant[INVARIANTS];
	uint32_t		invariants;
};

static bool
chance(struct random *r, size_t of)
{
	return random_below(r, of) == 0;
}

static uint64_t
bits(struct random *r, unsigned count, unsigned of)
{
	uint64_t set = 0;

	for (unsigned i = 0; i < count; i++)
		set |= (uint64_t)(random_below(r, of) > 0) << i;
	return set;
}

/* Mostly NULL: all. */
static const uint64_t *
some(struct world *w, struct random *r, unsigned count)
{
	if (!chance(r, 3))
		return NULL;
	w->set[w->sets] = bits(r, count, 2);
	return &w->set[w->sets++];
}

static struct clearance
draw_clearance(struct random *r)
{
	return (struct clearance){
		.kinds = bits(r, KINDS, 3),
		.regions = chance(r, 20) ? 0 : UINT64_C(1) << random_below(r, LEAVES) |
		    bits(r, LEAVES, 2),
		.holds = bits(r, PROPERTIES, 3),
		.level = (uint32_t)random_below(r, LEVELS),
	};
}

static struct clearance
draw_ceiling(struct random *r)
{
	struct clearance c = { UINT64_MAX, UINT64_C(1) << 63, UINT64_MAX, 15 };

	if (chance(r, 2)) {
		c.level = (uint32_t)random_below(r, LEVELS);
		c.kinds = bits(r, KINDS, 4);
	}
	return c;
}

static uint64_t
draw_regions(struct random *r)
{
	return chance(r, 3) ? bits(r, LEAVES, 3) | UINT64_C(1) << 63 : UINT64_MAX;
}

/* A kind may bring another with it, and then all that this one brings. */
static void
draw_kinds(struct world *w, struct random *r)
{
	for (unsigned k = 0; k < KINDS; k++) {
		w->kind[k] = (struct label){
			.kinds = UINT64_C(1) << k,
			.regions = draw_regions(r),
			.requires = chance(r, 2) ? 0 : UINT64_C(1) << random_below(r, PROPERTIES),
			.level = chance(r, 2) ? 0 : (uint32_t)random_below(r, LEVELS),
		};
		if (k > 0 && chance(r, 4))
			w->kind[k] = label_join(w->kind[k], w->kind[random_below(r, k)]);
	}
}

/* What findings mean that can be masked: a level, and kinds with all that they bring. */
static void
draw_maskable(struct world *w, struct random *r)
{
	w->policy.maskable_count = (uint32_t)random_below(r, MASKABLE + 1);
	for (uint32_t i = 0; i < w->policy.maskable_count; i++) {
		struct label label = LABEL_PUBLIC;

		label.level = (uint32_t)random_below(r, LEVELS);
		for (unsigned k = 0; k < KINDS; k++)
			if (chance(r, 3))
				label = label_join(label, w->kind[k]);
		w->maskable[i] = label;
	}
	/* A workload may mask fewer of them. */
	for (uint32_t i = 0; i < w->policy.workload_count; i++) {
		w->workload[i].masks = chance(r, 3);
		w->workload[i].maskable = w->maskable;
		w->workload[i].maskable_count = (uint32_t)random_below(r,
		    w->policy.maskable_count + 1);
	}
}

static void
draw_places(struct world *w, struct random *r)
{
	w->policy.tool_first = 1 + (uint32_t)random_below(r, ZONES);
	w->policy.tool_count = (uint32_t)random_below(r, TOOLS + 1);
	w->policy.place_count = w->policy.tool_first + w->policy.tool_count;
	for (uint32_t i = 0; i < w->policy.place_count; i++)
		w->place[i] = (struct place){
			.clearance = draw_clearance(r),
			.kind = i < w->policy.tool_first ? (enum place_kind)random_below(r, 4)
			    : PLACE_OTHER,
			.self_operated = chance(r, 3),
			.offline = chance(r, 2),
		};
	w->policy.here = (struct place){ { UINT64_MAX, UINT64_C(1) << 63, UINT64_MAX, 15 },
	    PLACE_OTHER, true, true };
	if (chance(r, 4)) {
		w->policy.here.clearance = draw_clearance(r);
		w->policy.here.clearance.regions |= UINT64_C(1) << 63;
	}
}

static void
draw_models(struct world *w, struct random *r, bool needs)
{
	w->policy.model_count = 1 + (uint32_t)random_below(r, MODELS);
	for (uint32_t i = 0; i < w->policy.model_count; i++)
		w->model[i] = (struct policy_model){
			.place = (uint32_t)random_below(r, w->policy.tool_first),
			.capability = needs ? (enum capability)random_below(r, 4) : 0,
			.features = !needs || chance(r, 2) ? UINT64_MAX : random_next(r),
			.draining = needs && chance(r, 5),
			.cost = INT64_MAX,
		};
}

static void
draw_workloads(struct world *w, struct random *r, bool needs)
{
	uint32_t exception = 0;

	w->policy.workload_count = 1 + (uint32_t)random_below(r, WORKLOADS);
	for (uint32_t i = 0; i < w->policy.workload_count; i++) {
		struct workload *work = &w->workload[i];

		*work = (struct workload){
			.floor = { chance(r, 3) ? bits(r, KINDS, 2) : 0, draw_regions(r),
			    chance(r, 4) ? bits(r, PROPERTIES, 2) : 0,
			    chance(r, 2) ? 0 : (uint32_t)random_below(r, LEVELS) },
			.capability = needs ? (enum capability)random_below(r, 4) : 0,
			.offline = needs && chance(r, 4),
			.refused_degrade = chance(r, 3),
			.models = some(w, r, MODELS),
			.widening = w->widening[i],
		};
		while (exception < EXCEPTIONS && chance(r, 3)) {
			struct widening *x = &w->widening[i][work->widening_count++];

			x->place = (uint32_t)random_below(r, w->policy.tool_first);
			x->clearance = w->place[x->place].clearance;
			x->clearance.kinds |= bits(r, KINDS, 2);
			x->clearance.holds |= bits(r, PROPERTIES, 2);
			x->clearance.level = (uint32_t)random_below(r, LEVELS);
			x->until = NOW + (chance(r, 4) ? 0 : 1);
			x->workload = i;
			x->exception = exception++;
		}
	}
}

static void
draw_invariants(struct world *w, struct random *r)
{
	w->invariants = 1 + (uint32_t)random_below(r, INVARIANTS);
	w->policy.invariant_count = w->invariants;
	for (uint32_t i = 0; i < w->invariants; i++)
		w->invariant[i] = (struct invariant){
			.origin = { chance(r, 2) ? bits(r, KINDS, 2) : 0,
			    chance(r, 3) ? (uint32_t)random_below(r, LEVELS) : 0 },
			.label = { chance(r, 3) ? bits(r, KINDS, 2) : 0,
			    chance(r, 3) ? (uint32_t)random_below(r, LEVELS) : 0 },
			.requires = chance(r, 4) ? bits(r, PROPERTIES, 2) : 0,
			.workloads = some(w, r, WORKLOADS),
			.roles = some(w, r, BOUNDS),
			.zones_said = chance(r, 4),
			.tools_said = chance(r, 6),
			.zones = bits(r, ZONES, 2),
			.tools = bits(r, TOOLS, 2),
			.place_kinds = chance(r, 3) ? (uint32_t)bits(r, 4, 2) : 0,
			.without = chance(r, 3) ? bits(r, PROPERTIES, 2) : 0,
			.outside_said = chance(r, 4),
			.outside = bits(r, LEAVES, 2),
			.unless_self = chance(r, 3),
			.empty = chance(r, 30),
		};
}

static void
draw_world(struct world *w, uint64_t seed)
{
	struct random r = { seed };
	bool needs = chance(&r, 2);

	memset(w, 0, sizeof *w);
	w->policy.kind_label = w->kind;
	w->policy.kind_duties = w->kind_duties;
	w->policy.kind_count = KINDS;
	w->policy.place = w->place;
	w->policy.model = w->model;
	w->policy.workload = w->workload;
	w->policy.bound = w->bound;
	w->policy.invariant = w->invariant;
	w->policy.maskable = w->maskable;
	draw_kinds(w, &r);
	draw_places(w, &r);
	draw_models(w, &r, needs);
	draw_workloads(w, &r, needs);
	w->policy.bound_count = 1 + (uint32_t)random_below(&r, BOUNDS);
	w->policy.bound_first = w->policy.bound_count > 1 && chance(&r, 3);
	for (uint32_t i = 0; i < w->policy.bound_count; i++)
		w->bound[i] = (struct bound){ draw_ceiling(&r), some(w, &r, MODELS),
		    some(w, &r, WORKLOADS), (uint32_t)random_below(&r, BOUNDS) };
	draw_invariants(w, &r);
	draw_maskable(w, &r);
}

/* ---- in the plainest words ---- */

static bool
any(uint64_t wanted, uint64_t have)
{
	return wanted == 0 || (wanted & have) != 0;
}

static bool
place_is_meant(const struct world *w, const struct invariant *v, uint32_t at)
{
	const struct place *place = &w->place[at];
	bool zone = at < w->policy.tool_first;

	if (v->empty || (v->unless_self && place->self_operated))
		return false;
	if (v->zones_said && (!zone || (v->zones >> at & 1) == 0))
		return false;
	if (v->tools_said && (zone || (v->tools >> (at - w->policy.tool_first) & 1) == 0))
		return false;
	if (v->place_kinds != 0 && (v->place_kinds >> place->kind & 1) == 0)
		return false;
	if (v->without != 0 && (v->without & place->clearance.holds) == v->without)
		return false;
	return !v->outside_said || (place->clearance.regions & ~v->outside) != 0;
}

static bool
breaks(const struct world *w, const struct invariant *v, const struct facts *f,
    const struct label label[2], uint32_t place)
{
	const struct label *origin = &label[0], *sent = &label[1];

	return place_is_meant(w, v, place) && policy_set_has(v->workloads, f->workload) &&
	    policy_set_has(v->roles, w->bound[f->bound].role) &&
	    any(v->origin.kinds, origin->kinds) && any(v->label.kinds, sent->kinds) &&
	    any(v->requires, sent->requires) && origin->level >= v->origin.level &&
	    sent->level >= v->label.level;
}

/* ---- trying everything ---- */

struct tried {
	bool	permitted[INVARIANTS];	/* by policy, whatever the model can do */
	bool	served[INVARIANTS];
	bool	plain[INVARIANTS];	/* permitted where no exception is in force */
	unsigned flows;
};

static void
hold_label(const struct world *w, struct tried *t, const struct facts *f,
    const struct label label[2], enum reason reason)
{
	uint32_t zone = w->model[*f->model].place;
	uint32_t tool = w->policy.tool_first + (uint32_t)__builtin_ctzll(f->tools | 1 << TOOLS);

	for (uint32_t i = 0; i < w->invariants; i++) {
		const struct invariant *v = &w->invariant[i];

		if (!breaks(w, v, f, label, zone) &&
		    !(f->tools != 0 && breaks(w, v, f, label, tool)))
			continue;
		t->permitted[i] = true;
		t->served[i] |= reason == REASON_NONE;
		t->plain[i] |= f->now > NOW;
	}
}

/* All that may have been masked, and has met the host and the caller alone. */
static void
hold_against(const struct world *w, struct tried *t, const struct facts *f,
    const struct verdict *verdict, enum reason reason)
{
	const struct workload *work = &w->workload[f->workload];
	bool masks = work->masks && (f->features >> FEATURE_embeddings & 1) == 0;
	unsigned sets = masks ? 1U << work->maskable_count : 1;

	for (unsigned set = 0; set < sets; set++) {
		struct label label[2] = { verdict->label, verdict->label };

		for (unsigned i = 0; i < work->maskable_count; i++)
			if ((set >> i & 1) != 0)
				label[0] = label_join(label[0], w->maskable[i]);
		if (label_may_flow(label[0], w->policy.here.clearance) &&
		    label_may_flow(label[0], w->bound[f->bound].ceiling))
			hold_label(w, t, f, label, reason);
	}
}

static void
try_one(const struct world *w, struct tried *t, struct facts *f)
{
	static const enum feature paths[] = {
		FEATURE_chat, FEATURE_completions, FEATURE_embeddings,
	};
	struct verdict verdict;
	uint8_t reason;

	for (unsigned path = 0; path < (f->tools != 0 ? 1 : 3); path++) {
		f->features = UINT64_C(1) << paths[path] |
		    (uint64_t)(f->tools != 0) << FEATURE_tools;
		verdict_decide(&verdict, &w->policy, f, &reason);
		t->flows += reason == REASON_NONE;
		/* Needs are asked before allowlists, and may hide them. */
		if (policy_set_has(w->bound[f->bound].models, *f->model) &&
		    policy_set_has(w->workload[f->workload].models, *f->model) &&
		    !reason_info((enum reason)reason)->policy)
			hold_against(w, t, f, &verdict, (enum reason)reason);
	}
}

static void
try_labels(const struct world *w, struct tried *t, struct facts *f)
{
	for (uint32_t label = 0; label < LEVELS << KINDS; label++)
		for (uint32_t tool = 0; tool <= w->policy.tool_count; tool++) {
			f->label = (struct label){ label % (1 << KINDS), UINT64_MAX, 0,
			    label >> KINDS };
			f->tools = tool == 0 ? 0 : UINT64_C(1) << (tool - 1);
			f->now = NOW;
			try_one(w, t, f);
			f->now = NOW + 10;
			try_one(w, t, f);
		}
}

static void
try_all(const struct world *w, struct tried *t)
{
	static const struct live well = { .broken = false };
	uint32_t model;
	struct facts f = { .model = &model, .live = &well, .count = 1 };

	for (f.workload = 0; f.workload < w->policy.workload_count; f.workload++)
		for (f.bound = w->policy.bound_first; f.bound < w->policy.bound_count; f.bound++) {
			if (!policy_set_has(w->bound[f.bound].workloads, f.workload))
				continue;
			for (model = 0; model < w->policy.model_count; model++)
				try_labels(w, t, &f);
		}
}

/* ---- the law ---- */

struct broken {
	unsigned	wrong, weak, plain, shown, leans;
	unsigned	holds, breaks, by_exception, idle, tools, unserved, masked;
};

/* The request that is shown must do what it is shown for. */
static bool
shows(const struct world *w, const struct invariant *v, const struct prove_case *c)
{
	static const struct live well = { .broken = false };
	struct facts f = {
		.workload = c->workload, .bound = c->bound, .now = NOW,
		.label = { c->label.kinds, UINT64_MAX, 0, c->label.level },
		.features = UINT64_C(1) << c->path, .model = &c->model, .live = &well, .count = 1,
	};
	struct label label[2];
	struct verdict verdict;
	uint8_t reason;

	if (c->sink == PROVE_TOOL) {
		f.features |= UINT64_C(1) << FEATURE_tools;
		f.tools = UINT64_C(1) << (c->place - w->policy.tool_first);
	} else if (c->place != w->model[c->model].place) {
		return false;
	}
	verdict_decide(&verdict, &w->policy, &f, &reason);
	label[0] = label[1] = verdict.label;
	for (uint32_t i = 0; i < c->masked_count; i++)
		label[0] = label_join(label[0], c->masked[i]);
	return reason == c->today && breaks(w, v, &f, label, c->place) &&
	    (c->masked_count == 0 || w->workload[c->workload].masks) &&
	    label_may_flow(label[0], w->policy.here.clearance) &&
	    label_may_flow(label[0], w->bound[c->bound].ceiling) &&
	    c->label.kinds == verdict.label.kinds && c->label.level == verdict.label.level &&
	    policy_set_has(w->bound[c->bound].workloads, c->workload) &&
	    c->bound >= w->policy.bound_first;
}

static void
compare(struct broken *b, const struct world *w, const struct tried *t, const struct proof *proof)
{
	for (uint32_t i = 0; i < w->invariants; i++) {
		const struct proof *one = &proof[i];
		const struct prove_case *c = &one->against;
		uint32_t x = c->exception - 1;

		b->holds += one->holds;
		b->idle += one->idle;
		b->wrong += one->holds == t->permitted[i];
		if (one->holds)
			continue;
		b->breaks++;
		b->by_exception += c->exception != 0;
		b->tools += c->sink == PROVE_TOOL;
		b->masked += c->masked_count > 0;
		b->unserved += c->today != REASON_NONE;
		b->weak += (c->today == REASON_NONE) != t->served[i];
		/* What breaks without any exception may still be served only by one. */
		b->plain += c->exception == 0 && !t->plain[i];
		b->plain += c->exception != 0 && t->plain[i] && c->today != REASON_NONE;
		b->shown += !shows(w, &w->invariant[i], c);
		b->leans += c->exception != 0 && (one->leans[x / 64] >> x % 64 & 1) == 0;
	}
}

int
main(void)
{
	struct broken b = { 0 };
	unsigned flows = 0;
	uint64_t first, past;

	random_seeds(POLICIES, &first, &past);
	for (uint64_t seed = first; seed < past; seed++) {
		struct proof proof[INVARIANTS];
		struct tried tried = { .flows = 0 };
		struct broken before = b;
		struct world world;
		struct arena arena;

		draw_world(&world, seed);
		arena_init(&arena, heap_memory(), 1 << 20);
		if (!prove_all(&arena, &world.policy, NOW, proof))
			check_or_stop(false, "seed %llu is decided", (unsigned long long)seed);
		try_all(&world, &tried);
		compare(&b, &world, &tried, proof);
		flows += tried.flows;
		if (b.wrong + b.weak + b.plain + b.shown + b.leans >
		    before.wrong + before.weak + before.plain + before.shown + before.leans)
			printf("# SEED=%llu\n", (unsigned long long)seed);
		arena_release(&arena);
	}
	check_int(b.wrong, 0, "an invariant is broken exactly if a permitted request breaks it");
	check_int(b.weak, 0, "the request that is shown is served if any is that breaks it");
	check_int(b.plain, 0, "an exception is blamed exactly if nothing breaks it without one");
	check_int(b.shown, 0, "the request that is shown does what it is shown for");
	check_int(b.leans, 0, "an exception that is blamed is one on which the invariant leans");
	printf("# hold %u, broken %u (by exceptions %u, through tools %u, not served %u, masked "
	    "%u), idle %u; flows %u\n", b.holds, b.breaks, b.by_exception, b.tools, b.unserved,
	    b.masked, b.idle, flows);
	check(past - first == 1 || (b.holds > 1000 && b.breaks > 500 && b.by_exception > 50 &&
	    b.tools > 50 && b.unserved > 50 && b.masked > 50 && flows > 100000),
	    "the policies say something");
	return check_done();
}
