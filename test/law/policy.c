/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/verdict.h"

#include "check.h"
#include "random.h"

/*
 * The laws of the policy: the decision beside a second one that is made of sets
 * as the guide defines them, member by member.
 *
 * First over every label and clearance of a small lattice (two levels, three
 * kinds, two regions, two properties); then over policies and requests drawn
 * from a seed, which is printed when a law breaks: SEED=n runs that one alone.
 */

#define LATTICE	(2 * 8 * 4 * 4)

static struct label
label_number(unsigned n)
{
	return (struct label){ n % 8, n / 8 % 4, n / 32 % 4, n / 128 };
}

static struct clearance
clearance_number(unsigned n)
{
	return (struct clearance){ n % 8, n / 8 % 4, n / 32 % 4, n / 128 };
}

static bool
has(uint64_t set, unsigned member)
{
	return (set >> member & 1) != 0;
}

static bool
part_of(uint64_t part, uint64_t whole)
{
	for (unsigned i = 0; i < 64; i++)
		if (has(part, i) && !has(whole, i))
			return false;
	return true;
}

static bool
may(struct label l, struct clearance c)
{
	return l.level <= c.level && part_of(l.kinds, c.kinds) && part_of(l.requires, c.holds) &&
	    part_of(c.regions, l.regions) && c.regions != 0;
}

static bool
same(struct label a, struct label b)
{
	return a.kinds == b.kinds && a.regions == b.regions && a.requires == b.requires &&
	    a.level == b.level;
}

static bool
less_eq(struct label a, struct label b)
{
	return a.level <= b.level && part_of(a.kinds, b.kinds) &&
	    part_of(b.regions, a.regions) && part_of(a.requires, b.requires);
}

/* ---- the lattice -------------------------------------------------------- */

static void
check_lattice(void)
{
	unsigned flows = 0, definition = 0, permits = 0, order = 0, associates = 0;

	for (unsigned i = 0; i < LATTICE; i++)
		for (unsigned k = 0; k < LATTICE; k++) {
			bool want = may(label_number(i), clearance_number(k));

			flows += want;
			definition += label_may_flow(label_number(i), clearance_number(k)) != want;
		}
	for (unsigned i = 0; i < LATTICE * LATTICE; i++) {
		struct label a = label_number(i % LATTICE), b = label_number(i / LATTICE);
		struct label ab = label_join(a, b);

		order += !less_eq(a, ab) || !less_eq(b, ab) || !same(ab, label_join(b, a)) ||
		    (less_eq(a, b) && !same(ab, b));
		for (unsigned k = 0; k < LATTICE; k++) {
			struct clearance c = clearance_number(k);
			struct label d = label_number(k);

			permits += label_may_flow(ab, c) !=
			    (label_may_flow(a, c) && label_may_flow(b, c));
			associates += !same(label_join(ab, d), label_join(a, label_join(b, d)));
		}
	}
	check_int(definition, 0, "a flow is what the sets say");
	check_int(order, 0, "a join is commutative, idempotent, and an upper bound");
	check_int(associates, 0, "a join is associative");
	check_int(permits, 0, "a join permits exactly what both sides permit");
	check(flows > 1000 && flows < LATTICE * LATTICE / 2, "some flows are, some are not");
}

static bool
closed(const struct policy *p, struct label l)
{
	for (unsigned k = 0; k < p->kind_count; k++)
		if (has(l.kinds, k) && !less_eq(p->kind_label[k], l))
			return false;
	return true;
}

/* What a row's kinds bring together with it. */
static struct label
brought(const struct label *row, unsigned count, struct label l)
{
	uint64_t kinds = l.kinds;

	for (unsigned j = 0; j < count; j++)
		if (has(kinds, j))
			l = label_join(l, row[j]);
	return l;
}

/* Rows of kinds that bring other kinds with them, closed until nothing changes. */
static void
draw_kinds(struct random *r, struct label *row, unsigned count)
{
	for (unsigned k = 0; k < count; k++) {
		row[k] = label_number((unsigned)random_below(r, LATTICE));
		row[k].kinds &= random_next(r) & (UINT64_MAX >> (64 - count));
		row[k].kinds |= UINT64_C(1) << k;
	}
	for (unsigned i = 0; i < count * count; i++)
		row[i % count] = brought(row, count, row[i % count]);
}

static void
check_close(void)
{
	struct random r = { 7 };
	unsigned upper = 0, is_closed = 0, least = 0, twice = 0;

	for (unsigned n = 0; n < 40; n++) {
		struct label row[3];
		struct policy p = { .kind_label = row, .kind_count = 3 };

		draw_kinds(&r, row, 3);
		for (unsigned i = 0; i < LATTICE; i++) {
			struct label l = label_number(i), got = policy_close(&p, l);

			upper += !less_eq(l, got);
			is_closed += !closed(&p, got);
			twice += !same(got, policy_close(&p, got));
			for (unsigned k = 0; k < LATTICE; k++) {
				struct label u = label_number(k);

				least += less_eq(l, u) && closed(&p, u) && !less_eq(got, u);
			}
		}
	}
	check_int(upper, 0, "closing loses nothing");
	check_int(is_closed, 0, "what a kind brings is there");
	check_int(twice, 0, "closing twice is closing once");
	check_int(least, 0, "closing adds nothing that no kind brings");
}

/* ---- drawn policies ----------------------------------------------------- */

#define MODELS		12
#define PLACES		6		/* four zones, two tools */
#define WORKLOADS	3
#define WIDENINGS	3

struct world {
	struct policy		policy;
	struct label		kind_label[3];
	uint32_t		kind_duties[3];
	struct place		place[PLACES];
	struct policy_model	model[MODELS];
	struct workload		workload[WORKLOADS];
	struct widening		widening[WORKLOADS][WIDENINGS];
	uint64_t		list[2 * WORKLOADS];
	struct bound		bound[2];	/* of the policy, and of a caller's own */
	struct facts		facts;
	uint32_t		asked[MODELS];
	struct live		live[MODELS];
};

static bool
one_in(struct random *r, size_t n)
{
	return random_below(r, n) == 0;
}

static const struct clearance generous = { 7, 1, 3, 1 };

/* Generous more often than not, or nothing would ever be permitted. */
static struct clearance
draw_clearance(struct random *r)
{
	struct clearance c = clearance_number((unsigned)random_below(r, LATTICE));

	if (!one_in(r, 3))
		c.kinds = 7;
	if (!one_in(r, 3))
		c.holds = 3;
	if (!one_in(r, 3))
		c.level = 1;
	if (c.regions == 0 && !one_in(r, 4))
		c.regions = 1;
	return c;
}

static struct label
draw_label(struct random *r)
{
	struct label l = label_number((unsigned)random_below(r, LATTICE));

	if (!one_in(r, 3))
		l.regions = 3;
	if (!one_in(r, 2))
		l.requires = 0;
	l.kinds &= random_next(r);
	return l;
}

static void
draw_workload(struct random *r, struct world *w, uint32_t at)
{
	for (size_t i = 0; i < WIDENINGS; i++)
		w->widening[at][i] = (struct widening){
			.workload = at,
			.place = (uint32_t)random_below(r, PLACES),
			.clearance = draw_clearance(r),
			.until = (int64_t)random_below(r, 3),
			.exception = (uint32_t)i,
		};
	w->workload[at] = (struct workload){
		.floor = one_in(r, 2) ? LABEL_PUBLIC : draw_label(r),
		.capability = (enum capability)random_below(r, 3),
		.features = random_below(r, 4) & random_next(r),
		.latency_ms = one_in(r, 2) ? 0 : 5,
		.offline = one_in(r, 6),
		.refused_degrade = one_in(r, 2),
		.down_degrade = one_in(r, 2),
		.prefers = one_in(r, 2),
		.prefer = { (uint32_t)random_below(r, 3), (uint32_t)random_below(r, 3), 1 },
		.duties = (uint32_t)random_below(r, 64),
		.models = one_in(r, 2) ? NULL : &w->list[at],
		.widening = w->widening[at],
		.widening_count = (uint32_t)random_below(r, WIDENINGS + 1),
	};
}

static void
draw_models(struct random *r, struct world *w)
{
	for (uint32_t i = 0; i < MODELS; i++) {
		w->model[i] = (struct policy_model){
			.place = (uint32_t)random_below(r, PLACES - 2),
			.capability = (enum capability)random_below(r, 4),
			.features = one_in(r, 4) ? random_below(r, 4) : UINT64_MAX,
			.context_tokens = one_in(r, 2) ? 0 : 5,
			.latency_ms = (uint32_t)random_below(r, 8),
			.cost = one_in(r, 6) ? INT64_MAX : (int64_t)random_below(r, 1000),
			.draining = one_in(r, 12),
		};
		w->live[i] = (struct live){
			.broken = one_in(r, 12),
			.full = one_in(r, 12),
			.limited = one_in(r, 12),
			.latency = (nanos)random_below(r, 8) * NANOS_PER_MS,
		};
		w->asked[i] = (uint32_t)random_below(r, MODELS);
	}
}

static void
draw_world(struct random *r, struct world *w)
{
	*w = (struct world){ 0 };
	draw_kinds(r, w->kind_label, 3);
	for (size_t i = 0; i < 3; i++)
		w->kind_duties[i] = (uint32_t)random_below(r, 64);
	for (size_t i = 0; i < PLACES; i++)
		w->place[i] = (struct place){
			.clearance = draw_clearance(r),
			.offline = one_in(r, 2),
		};
	for (size_t i = 0; i < COUNT_OF(w->list); i++)
		w->list[i] = random_next(r) | random_next(r) | random_next(r);
	for (uint32_t i = 0; i < WORKLOADS; i++)
		draw_workload(r, w, i);
	for (size_t i = 0; i < 2; i++)
		w->bound[i] = (struct bound){
			.ceiling = one_in(r, 4) ? draw_clearance(r) : generous,
			.models = one_in(r, 2) ? NULL : &w->list[WORKLOADS + i],
		};
	draw_models(r, w);
	w->policy = (struct policy){
		.kind_label = w->kind_label, .kind_duties = w->kind_duties, .kind_count = 3,
		.place = w->place, .place_count = PLACES, .tool_first = PLACES - 2, .tool_count = 2,
		.here = { .clearance = one_in(r, 4) ? draw_clearance(r) : generous },
		.model = w->model, .model_count = MODELS,
		.workload = w->workload, .workload_count = WORKLOADS,
		.bound = w->bound, .bound_count = 1,
	};
	w->facts = (struct facts){
		.workload = (uint32_t)random_below(r, WORKLOADS),
		.own = one_in(r, 2) ? &w->bound[1] : NULL,
		.label = draw_label(r),
		.features = random_below(r, 4) & random_next(r),
		.tools = one_in(r, 2) ? 0 : random_below(r, one_in(r, 8) ? 8 : 4),
		.tool_unknown = one_in(r, 16),
		.tokens = random_below(r, 8),
		.now = 1,
		.prefer = { (uint32_t)random_below(r, 2), (uint32_t)random_below(r, 2), 0 },
		.model = w->asked, .live = w->live, .count = (uint32_t)random_below(r, MODELS + 1),
	};
}

/* ---- the second decision ------------------------------------------------ */

static struct label
plain_label(const struct world *w)
{
	struct label l = label_join(w->workload[w->facts.workload].floor, w->facts.label);

	for (unsigned k = 0; k < 3; k++)
		if (has(w->workload[w->facts.workload].floor.kinds | w->facts.label.kinds, k))
			l = label_join(l, w->kind_label[k]);
	return l;
}

static bool
plain_request(const struct world *w, struct label l)
{
	if (!may(l, w->policy.here.clearance) || !may(l, w->bound[w->facts.own != NULL].ceiling) ||
	    w->facts.tool_unknown)
		return false;
	for (unsigned i = 0; i < 64; i++)
		if (has(w->facts.tools, i) &&
		    (i > 1 || !may(l, w->place[PLACES - 2 + i].clearance)))
			return false;
	return true;
}

static bool
plain_flow(const struct world *w, struct label l, uint32_t place)
{
	const struct workload *load = &w->workload[w->facts.workload];
	bool flows = may(l, w->place[place].clearance);

	for (uint32_t i = 0; i < load->widening_count; i++) {
		const struct widening *each = &load->widening[i];

		flows |= each->place == place && w->facts.now < each->until &&
		    may(l, each->clearance);
	}
	return flows;
}

/* Whether a model may serve, but for its capability. */
static bool
plain_may(const struct world *w, uint32_t model, const struct live *live)
{
	const struct workload *load = &w->workload[w->facts.workload];
	const struct policy_model *m = &w->model[model];
	const uint64_t *of_key = w->bound[w->facts.own != NULL].models;
	struct label l = plain_label(w);
	nanos takes = m->latency_ms > 0 ? m->latency_ms * NANOS_PER_MS : live->latency;

	return plain_request(w, l) && plain_flow(w, l, m->place) &&
	    part_of(w->facts.features, m->features) && part_of(load->features, m->features) &&
	    (m->context_tokens == 0 || w->facts.tokens <= m->context_tokens) &&
	    (load->latency_ms == 0 || takes <= load->latency_ms * NANOS_PER_MS) &&
	    (!load->offline || w->place[m->place].offline) &&
	    (of_key == NULL || has(*of_key, model)) &&
	    (load->models == NULL || has(*load->models, model)) &&
	    !m->draining && !live->broken && !live->full && !live->limited;
}

/* ---- laws ---------------------------------------------------------------- */

struct broken {
	unsigned	plain, alone, plan, reasons, kinds_of_reason, narrows, order, duties;
	unsigned	planned, degraded, leaning;	/* so that the laws say something */
};

static bool
in_plan(const struct verdict *v, uint32_t model)
{
	for (uint32_t i = 0; i < v->count; i++)
		if (v->model[i] == model)
			return true;
	return false;
}

/* Each candidate is permitted; each of the others has one reason, and the right sort of it. */
static void
try_plan(const struct world *w, struct broken *b)
{
	const struct workload *load = &w->workload[w->facts.workload];
	uint8_t reason[MODELS];
	struct verdict v;
	uint32_t none = 0;
	bool lowered;

	verdict_decide(&v, &w->policy, &w->facts, reason);
	/* Where less was asked for in vain, the reasons are those of the second time. */
	lowered = v.degraded || (v.count == 0 && (load->refused_degrade || load->down_degrade));
	for (uint32_t i = 0; i < w->facts.count; i++) {
		uint32_t m = w->asked[i];
		bool want = plain_may(w, m, &w->live[i]);
		bool able = w->model[m].capability >= load->capability;
		enum reason alone = verdict_refuses(&w->policy, &w->facts, m, &w->live[i]);

		none += reason[i] == REASON_NONE;
		b->plain += (alone == REASON_NONE) != (want && able);
		b->alone += !lowered && reason[i] != REASON_RANK && reason[i] != alone;
		b->reasons += reason[i] == REASON_NONE && !in_plan(&v, m);
		b->plan += reason[i] == REASON_NONE && !(want && (able || v.degraded));
		b->kinds_of_reason += reason[i] == REASON_RANK && v.count != CANDIDATE_MAX;
		b->kinds_of_reason += reason[i] >= REASON_COUNT || reason[i] == REASON_NOT_ASKED;
		b->kinds_of_reason += alone == REASON_EXCEPTION_EXPIRED &&
		    plain_flow(w, plain_label(w), w->model[m].place);
	}
	for (uint32_t i = 0; i < v.count; i++) {
		b->plan += v.exception[i] > WIDENINGS || (v.exception[i] == 0) !=
		    may(v.label, w->place[w->model[v.model[i]].place].clearance);
		b->leaning += v.exception[i] > 0;
	}
	b->reasons += none != v.count || v.refused != w->facts.count - v.count ||
	    (v.reason == REASON_NONE) != (v.refused == 0);
	b->plain += !same(v.label, plain_label(w)) || !closed(&w->policy, v.label);
	b->planned += v.count;
	b->degraded += v.degraded;
}

/* Takes something away from a policy, or adds to what a request asks. */
static void
restrict_world(struct random *r, struct world *w)
{
	size_t at = random_below(r, PLACES), m = random_below(r, MODELS);
	struct workload *load = &w->workload[w->facts.workload];

	switch (random_below(r, 12)) {
	case 0: w->place[at].clearance.kinds &= random_next(r); break;
	case 1: w->place[at].clearance.holds &= random_next(r); break;
	case 2: w->place[at].clearance.level = 0; break;
	case 3: w->facts.label = label_join(w->facts.label, draw_label(r)); break;
	case 4: load->floor = label_join(load->floor, draw_label(r)); break;
	case 5: load->widening_count = 0; break;
	case 6: w->facts.now = 2; break;
	case 7: w->facts.tools |= random_below(r, 4); break;
	case 8: load->features |= random_below(r, 4); break;
	case 9: w->list[random_below(r, 2 * WORKLOADS)] &= random_next(r); break;
	case 10: w->model[m].draining = true; break;
	default: w->bound[w->facts.own != NULL].ceiling.kinds &= random_next(r); break;
	}
}

static void
try_restriction(struct random *r, const struct world *w, struct broken *b)
{
	bool before[MODELS];
	struct world tight = *w;

	/* The copy keeps looking at the first world's tables, unless it is told of its own. */
	tight.policy.place = tight.place;
	tight.policy.workload = tight.workload;
	tight.policy.model = tight.model;
	tight.policy.bound = tight.bound;
	if (tight.facts.own != NULL)
		tight.facts.own = &tight.bound[1];
	for (size_t i = 0; i < WORKLOADS; i++)
		if (tight.workload[i].models != NULL)
			tight.workload[i].models = &tight.list[i];
	for (size_t i = 0; i < 2; i++)
		if (tight.bound[i].models != NULL)
			tight.bound[i].models = &tight.list[WORKLOADS + i];
	for (uint32_t i = 0; i < MODELS; i++)
		before[i] = verdict_refuses(&w->policy, &w->facts, i, &w->live[i]) == REASON_NONE;
	restrict_world(r, &tight);
	for (uint32_t i = 0; i < MODELS; i++)
		b->narrows += !before[i] &&
		    verdict_refuses(&tight.policy, &tight.facts, i, &w->live[i]) == REASON_NONE;
}

/* The models in another order: as many, of each the same reason but for its rank. */
static void
try_order(struct random *r, const struct world *w, struct broken *b)
{
	uint32_t asked[MODELS], from[MODELS];
	uint8_t reason[MODELS], turned[MODELS];
	struct live live[MODELS];
	struct facts facts = w->facts;
	struct verdict v, other;

	for (uint32_t i = 0; i < facts.count; i++)
		from[i] = i;
	for (uint32_t i = 1; i < facts.count; i++) {
		size_t k = random_below(r, i + 1);
		uint32_t was = from[i];

		from[i] = from[k];
		from[k] = was;
	}
	for (uint32_t i = 0; i < facts.count; i++) {
		asked[i] = w->asked[from[i]];
		live[i] = w->live[from[i]];
	}
	facts.model = asked;
	facts.live = live;
	verdict_decide(&v, &w->policy, &w->facts, reason);
	verdict_decide(&other, &w->policy, &facts, turned);
	b->order += v.count != other.count || v.degraded != other.degraded ||
	    v.duties != other.duties || !same(v.label, other.label);
	for (uint32_t i = 0; i < facts.count; i++)
		b->order += turned[i] != reason[from[i]] && turned[i] != REASON_RANK &&
		    reason[from[i]] != REASON_RANK;
}

static bool
any(const struct broken *b)
{
	return (b->plain | b->alone | b->plan | b->reasons | b->kinds_of_reason | b->narrows |
	    b->order) != 0;
}

int
main(void)
{
	struct broken b = { 0 };
	uint64_t first, past;

	check_lattice();
	check_close();
	random_seeds(20000, &first, &past);
	for (uint64_t seed = first; seed < past && !any(&b); seed++) {
		struct random r = { seed };
		struct world w;

		draw_world(&r, &w);
		try_plan(&w, &b);
		try_restriction(&r, &w, &b);
		try_order(&r, &w, &b);
		if (any(&b))
			printf("# broken by SEED=%llu\n", (unsigned long long)seed);
	}
	check_int(b.plain, 0, "a model may serve exactly if the sets say so");
	check_int(b.alone, 0, "one model alone has the reason that it has among others");
	check_int(b.plan, 0, "nobody is in a plan who may not");
	check_int(b.reasons, 0, "who is not in the plan has a reason, and only they");
	check_int(b.kinds_of_reason, 0,
	    "a rank refuses only behind eight, an ended exception only without another");
	check_int(b.narrows, 0, "a restriction lets nobody in");
	check_int(b.order, 0, "the order of the models decides nothing but the order of the plan");
	check(past - first == 1 || (b.planned > 5000 && b.degraded > 50 && b.leaning > 50),
	    "plans, degraded plans and exceptions occur: %u, %u, %u", b.planned, b.degraded,
	    b.leaning);
	return check_done();
}
