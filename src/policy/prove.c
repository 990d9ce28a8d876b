/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/prove.h"

#include "policy/verdict.h"

/* Conditions that a kind can meet: of the origin's kinds, of the label's, of requirements. */
enum { TERMS = 3, TERMS_ALL = (1 << TERMS) - 1, ELSEWHERE = UINT8_MAX };

/* The most that a clearance lets through: kinds that flow there by themselves. */
struct admits {
	uint64_t	kinds;
	uint32_t	level;
};

/* An invariant with its sets of places laid out, and for each term the kinds that meet it. */
struct clause {
	const struct invariant *invariant;
	uint64_t	by[TERMS];
	uint32_t	origin_level, level;
	uint64_t	zones, tools;
};

struct work {
	struct label	floor;		/* closed */
	uint64_t	zones, tools;	/* where it may flow by their own clearance */
	uint64_t	may;		/* zones in which it allows a model */
	bool		here;
};

struct prover {
	const struct policy *policy;
	int64_t		now;
	struct clause	*clause;
	uint32_t	count;
	struct proof	*proof;
	uint32_t	*open;		/* invariants without a request against them so far */
	uint32_t	open_count;
	struct work	*work;
	/* [workload * count + clause]: set of terms that the floor meets, or ELSEWHERE */
	uint8_t		*met;
	struct admits	*place;
	bool		masking;	/* the workloads that are walked mask */
	uint64_t	*zone_model;	/* for each zone, its set of models */
	uint64_t	modelled;	/* zones that have any */
	uint32_t	words;		/* of a set of models */
	/* For one ceiling: [clause << TERMS | terms that the floor meets], sets of zones */
	uint64_t	*by_zone, *by_any;
	uint64_t	*by_tool;	/* the same times tool_count */
	uint64_t	*leans;
	uint32_t	lean_words;
};

/* Where content meets a clause: a zone, by its own clearance or an exception. */
struct way {
	uint32_t		workload, bound, zone;
	uint32_t		tool;		/* from tool_first; UINT32_MAX: none */
	const struct widening	*widening;
};

static struct admits
admits_of(const struct policy *p, struct clearance clearance)
{
	struct admits a = { 0, clearance.level };

	for (uint32_t k = 0; k < p->kind_count; k++)
		if (label_may_flow(p->kind_label[k], clearance))
			a.kinds |= UINT64_C(1) << k;
	return a;
}

static struct admits
admits_both(struct admits a, struct admits b)
{
	return (struct admits){ a.kinds & b.kinds, a.level < b.level ? a.level : b.level };
}

/* What masks can take away of content that comes so far. */
static struct admits
admits_masked(const struct label *maskable, uint32_t count, struct admits way)
{
	struct admits a = { 0, 0 };

	for (uint32_t i = 0; i < count; i++) {
		const struct label *one = &maskable[i];

		if (!label_within(one->kinds, way.kinds) || one->level > way.level)
			continue;
		a.kinds |= one->kinds;
		a.level = one->level > a.level ? one->level : a.level;
	}
	return a;
}

/* Of the content that arrives with `arrives`, what its origin can have had. */
static struct admits
admits_origin(struct admits arrives, struct admits masked)
{
	return (struct admits){
		arrives.kinds | masked.kinds,
		arrives.level > masked.level ? arrives.level : masked.level,
	};
}

/* ---- what is the same for all callers ---- */

static void
clause_set(struct clause *c, const struct policy *p, const struct invariant *v)
{
	*c = (struct clause){
		.invariant = v,
		.origin_level = v->origin.level,
		.level = v->label.level,
	};
	for (uint32_t k = 0; k < p->kind_count; k++) {
		const struct label *brings = &p->kind_label[k];
		uint64_t bit = UINT64_C(1) << k;

		c->by[0] |= (brings->kinds & v->origin.kinds) != 0 ? bit : 0;
		c->by[1] |= (brings->kinds & v->label.kinds) != 0 ? bit : 0;
		c->by[2] |= (brings->requires & v->requires) != 0 ? bit : 0;
	}
	for (uint32_t i = 0; i < p->place_count; i++) {
		if (!invariant_covers(v, p, i))
			continue;
		if (i < p->tool_first)
			c->zones |= UINT64_C(1) << i;
		else
			c->tools |= UINT64_C(1) << (i - p->tool_first);
	}
}

static unsigned
terms_of(const struct invariant *v, const struct label *floor)
{
	return (v->origin.kinds == 0 || (floor->kinds & v->origin.kinds) != 0) |
	    (unsigned)(v->label.kinds == 0 || (floor->kinds & v->label.kinds) != 0) << 1 |
	    (unsigned)(v->requires == 0 || (floor->requires & v->requires) != 0) << 2;
}

static bool
sets_meet(const uint64_t *a, const uint64_t *b, const uint64_t *c, uint32_t words)
{
	for (uint32_t i = 0; i < words; i++)
		if ((a[i] & (b == NULL ? UINT64_MAX : b[i]) & (c == NULL ? UINT64_MAX : c[i])) != 0)
			return true;
	return false;
}

/* Those of the zones with a model that both sets allow. */
static uint64_t
zones_with(const struct prover *v, uint64_t zones, const uint64_t *a, const uint64_t *b)
{
	for (uint64_t rest = zones; rest != 0; rest &= rest - 1) {
		uint32_t z = (uint32_t)__builtin_ctzll(rest);

		if (!sets_meet(&v->zone_model[(size_t)z * v->words], a, b, v->words))
			zones &= ~(UINT64_C(1) << z);
	}
	return zones;
}

static void
work_set(struct prover *v, uint32_t index)
{
	const struct policy *p = v->policy;
	const struct workload *w = &p->workload[index];
	struct work *work = &v->work[index];

	work->floor = policy_close(p, w->floor);
	work->here = label_may_flow(work->floor, p->here.clearance);
	work->may = zones_with(v, v->modelled, w->models, NULL);
	for (uint32_t i = 0; i < p->place_count; i++) {
		if (!label_may_flow(work->floor, p->place[i].clearance))
			continue;
		if (i < p->tool_first)
			work->zones |= UINT64_C(1) << i;
		else
			work->tools |= UINT64_C(1) << (i - p->tool_first);
	}
	for (uint32_t i = 0; i < v->count; i++) {
		const struct invariant *each = v->clause[i].invariant;

		v->met[(size_t)index * v->count + i] = policy_set_has(each->workloads, index)
		    ? (uint8_t)terms_of(each, &work->floor) : ELSEWHERE;
	}
}

/* ---- one request that shows it ---- */

/* Of what meets this host and the caller alone. */
static struct admits
admits_before(const struct prover *v, const struct way *way)
{
	const struct policy *p = v->policy;

	return admits_both(admits_of(p, p->here.clearance),
	    admits_of(p, p->bound[way->bound].ceiling));
}

static struct admits
admits_on(const struct prover *v, const struct way *way)
{
	const struct policy *p = v->policy;
	struct admits a = admits_before(v, way);

	a = admits_both(a, way->widening == NULL ? v->place[way->zone]
	    : admits_of(p, way->widening->clearance));
	return way->tool == UINT32_MAX ? a : admits_both(a, v->place[p->tool_first + way->tool]);
}

/* One that a mask can take away, with one of the kinds and at least the level, or NULL. */
static const struct label *
maskable_with(const struct workload *w, struct admits way, uint64_t kinds, uint32_t level)
{
	for (uint32_t i = 0; i < w->maskable_count; i++) {
		const struct label *one = &w->maskable[i];

		if (label_within(one->kinds, way.kinds) && one->level <= way.level &&
		    (kinds == 0 || (one->kinds & kinds) != 0) && one->level >= level)
			return one;
	}
	return NULL;
}

/* Conditions on the origin that what arrives does not meet are met by what was masked. */
static void
mask_on(const struct prover *v, const struct clause *c, const struct way *way,
    struct prove_case *out)
{
	const struct workload *w = &v->policy->workload[way->workload];
	struct admits so_far = admits_before(v, way);
	struct label origin = out->label;
	const struct label *one;

	if ((terms_of(c->invariant, &origin) & 1) == 0) {
		one = maskable_with(w, so_far, c->by[0], 0);
		must(one != NULL);
		out->masked[out->masked_count++] = *one;
		origin = label_join(origin, *one);
	}
	if (origin.level < c->origin_level) {
		one = maskable_with(w, so_far, 0, c->origin_level);
		must(one != NULL);
		out->masked[out->masked_count++] = *one;
	}
}

/* The floor, and of what is admitted no more than the invariant asks for. */
static void
label_on(const struct prover *v, const struct clause *c, const struct way *way,
    struct prove_case *out)
{
	bool masks = v->policy->workload[way->workload].masks;
	struct admits a = admits_on(v, way);
	struct label label = v->work[way->workload].floor;
	unsigned met = terms_of(c->invariant, &label);

	for (unsigned t = 0; t < TERMS; t++) {
		uint64_t kinds = a.kinds & c->by[t];

		if ((met >> t & 1) != 0 || (t == 0 && kinds == 0 && masks))
			continue;
		must(kinds != 0);
		label = label_join(label, v->policy->kind_label[__builtin_ctzll(kinds)]);
		met |= terms_of(c->invariant, &label);
	}
	must(a.level >= c->level && (masks || a.level >= c->origin_level));
	if (label.level < c->level)
		label.level = c->level;
	if (label.level < c->origin_level && a.level >= c->origin_level)
		label.level = c->origin_level;
	out->label = label;
	mask_on(v, c, way, out);
}

/* The gate's own decision on that request for one model: REASON_NONE if it goes through. */
static enum reason
verdict_on(const struct prover *v, const struct way *way, struct label label, uint32_t model,
    enum feature path)
{
	static const struct live well = { .broken = false };
	bool tool = way->tool != UINT32_MAX;
	struct facts f = {
		.workload = way->workload,
		.bound = way->bound,
		.label = { label.kinds, UINT64_MAX, 0, label.level },
		.features = UINT64_C(1) << path | (uint64_t)tool << FEATURE_tools,
		.tools = tool ? UINT64_C(1) << way->tool : 0,
		.tokens = 16,
		.now = v->now,
		.model = &model,
		.live = &well,
		.count = 1,
	};
	struct verdict verdict;
	uint8_t reason;

	verdict_decide(&verdict, v->policy, &f, &reason);
	must(!reason_info((enum reason)reason)->policy);
	return (enum reason)reason;
}

/* The case with the first model that would serve it today, or else with the first. */
static struct prove_case
case_of(const struct prover *v, const struct clause *c, const struct way *way)
{
	static const enum feature paths[] = {
		FEATURE_chat, FEATURE_embeddings, FEATURE_completions,
	};
	const struct policy *p = v->policy;
	bool tool = way->tool != UINT32_MAX, found = false;
	struct prove_case out = {
		.sink = tool ? PROVE_TOOL : PROVE_ZONE,
		.workload = way->workload,
		.bound = way->bound,
		.place = tool ? p->tool_first + way->tool : way->zone,
		.exception = way->widening == NULL ? 0 : way->widening->exception + 1,
	};

	label_on(v, c, way, &out);
	for (uint32_t m = 0; m < p->model_count; m++) {
		if (p->model[m].place != way->zone ||
		    !policy_set_has(p->bound[way->bound].models, m) ||
		    !policy_set_has(p->workload[way->workload].models, m))
			continue;
		for (unsigned i = 0; i < (tool ? 1 : 3); i++) {
			enum reason today = verdict_on(v, way, out.label, m, paths[i]);

			/* Embeddings are never masked. */
			if (out.masked_count > 0 && paths[i] == FEATURE_embeddings)
				continue;
			if (found && today != REASON_NONE)
				continue;
			out.model = m;
			out.path = paths[i];
			out.today = today;
			found = true;
			if (today == REASON_NONE)
				return out;
		}
	}
	must(found);
	return out;
}

static unsigned
terms_by(const struct clause *c, struct admits origin, struct admits a)
{
	return (unsigned)((origin.kinds & c->by[0]) != 0) |
	    (unsigned)((a.kinds & c->by[1]) != 0) << 1 |
	    (unsigned)((a.kinds & c->by[2]) != 0) << 2;
}

/* Terms that content can meet which arrives with `a`; *reaches: its levels can be so high. */
static unsigned
terms_met(const struct clause *c, struct admits a, struct admits masked, bool *reaches)
{
	struct admits origin = admits_origin(a, masked);

	*reaches = a.level >= c->level && origin.level >= c->origin_level;
	return terms_by(c, origin, a);
}

/* The tables hold what any workload masks; here is what this one does. */
static bool
is_way(const struct prover *v, const struct clause *c, const struct way *way)
{
	const struct workload *w = &v->policy->workload[way->workload];
	struct admits a = admits_on(v, way);
	struct admits masked = admits_masked(w->maskable, w->masks ? w->maskable_count : 0,
	    admits_before(v, way));
	bool reaches;
	unsigned met = terms_of(c->invariant, &v->work[way->workload].floor) |
	    terms_met(c, a, masked, &reaches);

	return reaches && met == TERMS_ALL;
}

/* A request that is refused for what a model cannot do is kept until there is a better one. */
static void
found_way(struct prover *v, uint32_t clause, const struct way *way)
{
	struct proof *proof = &v->proof[clause];
	struct prove_case one;

	if (!is_way(v, &v->clause[clause], way))
		return;
	one = case_of(v, &v->clause[clause], way);
	if (!proof->holds && one.today != REASON_NONE)
		return;
	proof->holds = false;
	proof->against = one;
}

static bool
is_settled(const struct proof *proof)
{
	return !proof->holds && proof->against.today == REASON_NONE;
}

/* ---- all requests by the places' own clearances ---- */

static void
put_zones(uint64_t *table, unsigned met, uint32_t zone)
{
	for (unsigned floor = 0; floor <= TERMS_ALL; floor++)
		if ((floor | met) == TERMS_ALL)
			table[floor] |= UINT64_C(1) << zone;
}

static void
fill_tools(struct prover *v, uint32_t clause, struct admits ceiling, struct admits masked)
{
	const struct clause *c = &v->clause[clause];
	const struct policy *p = v->policy;
	uint64_t *any = &v->by_any[(size_t)clause << TERMS];

	for (uint64_t rest = c->tools; rest != 0; rest &= rest - 1) {
		uint32_t t = (uint32_t)__builtin_ctzll(rest);
		struct admits a = admits_both(ceiling, v->place[p->tool_first + t]);
		uint64_t *table = &v->by_tool[((size_t)t * v->count + clause) << TERMS];

		memset(table, 0, sizeof *table << TERMS);
		for (uint32_t z = 0; z < p->tool_first; z++) {
			bool reaches;
			unsigned met = terms_met(c, admits_both(a, v->place[z]), masked, &reaches);

			if (reaches)
				put_zones(table, met, z);
		}
		for (unsigned floor = 0; floor <= TERMS_ALL; floor++)
			any[floor] |= table[floor];
	}
}

/* What callers of one ceiling could bring where, for each clause that is open. */
static void
fill(struct prover *v, struct admits ceiling)
{
	const struct policy *p = v->policy;
	struct admits masked = v->masking ? admits_masked(p->maskable, p->maskable_count, ceiling)
	    : (struct admits){ 0, 0 };

	memset(v->by_zone, 0, ((size_t)v->count << TERMS) * sizeof *v->by_zone);
	memset(v->by_any, 0, ((size_t)v->count << TERMS) * sizeof *v->by_any);
	for (uint32_t i = 0; i < v->open_count; i++) {
		const struct clause *c = &v->clause[v->open[i]];

		for (uint64_t rest = c->zones; rest != 0; rest &= rest - 1) {
			uint32_t z = (uint32_t)__builtin_ctzll(rest);
			bool reaches;
			unsigned met = terms_met(c, admits_both(ceiling, v->place[z]), masked,
			    &reaches);

			if (reaches)
				put_zones(&v->by_zone[(size_t)v->open[i] << TERMS], met, z);
		}
		fill_tools(v, v->open[i], ceiling, masked);
	}
}

static void
close_settled(struct prover *v)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < v->open_count; i++)
		if (!is_settled(&v->proof[v->open[i]]))
			v->open[kept++] = v->open[i];
	v->open_count = kept;
}

static void
try_zones(struct prover *v, uint32_t clause, struct way way, uint64_t zones)
{
	for (; zones != 0 && !is_settled(&v->proof[clause]); zones &= zones - 1) {
		way.zone = (uint32_t)__builtin_ctzll(zones);
		found_way(v, clause, &way);
	}
}

static void
try_tools(struct prover *v, uint32_t clause, struct way way, uint64_t zones, unsigned met)
{
	uint64_t tools = v->clause[clause].tools & v->work[way.workload].tools;

	for (; tools != 0; tools &= tools - 1) {
		way.tool = (uint32_t)__builtin_ctzll(tools);
		try_zones(v, clause, way, zones &
		    v->by_tool[(((size_t)way.tool * v->count + clause) << TERMS) + met]);
	}
}

/* Every open clause, for one workload and bound; true if one was settled. */
static bool
walk_pair(struct prover *v, uint32_t workload, uint32_t bound, uint64_t zones)
{
	const uint8_t *met = &v->met[(size_t)workload * v->count];
	struct way way = { .workload = workload, .bound = bound, .tool = UINT32_MAX };
	bool settled = false;

	for (uint32_t i = 0; i < v->open_count; i++) {
		uint32_t clause = v->open[i];
		size_t at = ((size_t)clause << TERMS) + met[clause];

		if (met[clause] == ELSEWHERE ||
		    ((v->by_zone[at] | v->by_any[at]) & zones) == 0 ||
		    !policy_set_has(v->clause[clause].invariant->roles,
		    v->policy->bound[bound].role))
			continue;
		try_zones(v, clause, way, v->by_zone[at] & zones);
		try_tools(v, clause, way, v->by_any[at] & zones, met[clause]);
		settled |= is_settled(&v->proof[clause]);
	}
	return settled;
}

/* Zones with a model for both, where the caller may see answers at all; 0: none. */
static uint64_t
zones_of(const struct prover *v, uint32_t workload, uint32_t bound, uint64_t bound_may)
{
	const struct workload *w = &v->policy->workload[workload];
	const struct bound *b = &v->policy->bound[bound];
	const struct work *work = &v->work[workload];
	uint64_t zones = work->may & bound_may;

	if (!work->here || zones == 0 || !policy_set_has(b->workloads, workload) ||
	    !label_may_flow(work->floor, b->ceiling))
		return 0;
	return w->models == NULL || b->models == NULL ? zones
	    : zones_with(v, zones, w->models, b->models);
}

static void
walk_bound(struct prover *v, uint32_t bound)
{
	const struct bound *b = &v->policy->bound[bound];
	uint64_t may = zones_with(v, v->modelled, b->models, NULL);

	for (uint32_t w = 0; w < v->policy->workload_count && v->open_count > 0; w++) {
		uint64_t zones;

		/* Of a million callers, each may have one workload in thousands. */
		if (b->workloads != NULL && b->workloads[w / 64] >> w % 64 == 0) {
			w |= 63;
			continue;
		}
		if (v->policy->workload[w].masks != v->masking)
			continue;
		zones = zones_of(v, w, bound, may) & v->work[w].zones;
		if (zones != 0 && walk_pair(v, w, bound, zones))
			close_settled(v);
	}
}

/* All callers whose ceiling admits the same as that of the first of them, who is not walked. */
static void
walk_ceiling(struct prover *v, const struct admits *ceiling, bool *walked, uint32_t first)
{
	const struct policy *p = v->policy;

	fill(v, ceiling[first]);
	for (uint32_t b = first; b < p->bound_count; b++) {
		if (walked[b] || ceiling[b].kinds != ceiling[first].kinds ||
		    ceiling[b].level != ceiling[first].level)
			continue;
		walked[b] = true;
		walk_bound(v, b);
	}
}

/* Callers of one ceiling share their tables; workloads that mask have tables of their own. */
static bool
walk_all(struct prover *v, struct arena *arena)
{
	const struct policy *p = v->policy;
	struct admits here = admits_of(p, p->here.clearance);
	struct admits *ceiling = arena_alloc(arena, p->bound_count * sizeof *ceiling);
	bool *walked = arena_alloc(arena, p->bound_count * sizeof *walked), any = false;

	if (ceiling == NULL || walked == NULL)
		return false;
	for (uint32_t w = 0; w < p->workload_count; w++)
		any |= p->workload[w].masks;
	for (uint32_t b = p->bound_first; b < p->bound_count; b++)
		ceiling[b] = admits_both(here, admits_of(p, p->bound[b].ceiling));
	for (unsigned masking = 0; masking <= any; masking++) {
		v->masking = masking == 1;
		memset(walked, 0, p->bound_count * sizeof *walked);
		for (uint32_t b = p->bound_first; b < p->bound_count && v->open_count > 0; b++)
			if (!walked[b])
				walk_ceiling(v, ceiling, walked, b);
	}
	return true;
}

/* ---- exceptions ---- */

/* What comes so far, and of that what a mask of its workload can take away. */
struct arrival {
	struct admits	admitted, masked;
};

/* One clause by one exception: is a place of its opened, and does that break it? */
static void
lean(struct prover *v, uint32_t clause, struct way way, struct arrival to)
{
	const struct clause *c = &v->clause[clause];
	unsigned met = v->met[(size_t)way.workload * v->count + clause];
	uint64_t tools = c->tools & v->work[way.workload].tools;
	uint32_t exception = way.widening->exception;
	bool zone = (c->zones >> way.zone & 1) != 0, reaches;
	unsigned by = terms_met(c, to.admitted, to.masked, &reaches);

	if (met == ELSEWHERE || (!zone && tools == 0) ||
	    !policy_set_has(c->invariant->roles, v->policy->bound[way.bound].role))
		return;
	v->leans[(size_t)clause * v->lean_words + exception / 64] |= UINT64_C(1) << exception % 64;
	if (zone && !is_settled(&v->proof[clause]) && reaches && (met | by) == TERMS_ALL)
		found_way(v, clause, &way);
	for (; tools != 0 && !is_settled(&v->proof[clause]); tools &= tools - 1) {
		way.tool = (uint32_t)__builtin_ctzll(tools);
		by = terms_met(c, admits_both(to.admitted,
		    v->place[v->policy->tool_first + way.tool]), to.masked, &reaches);
		if (reaches && (met | by) == TERMS_ALL)
			found_way(v, clause, &way);
	}
}

static void
walk_exception(struct prover *v, uint32_t workload, const struct widening *widening)
{
	const struct policy *p = v->policy;
	struct way way = {
		.workload = workload, .zone = widening->place, .tool = UINT32_MAX,
		.widening = widening,
	};
	struct admits opened = admits_both(admits_of(p, p->here.clearance),
	    admits_of(p, widening->clearance));

	if (!label_may_flow(v->work[workload].floor, widening->clearance))
		return;
	for (way.bound = p->bound_first; way.bound < p->bound_count; way.bound++) {
		struct admits ceiling = admits_of(p, p->bound[way.bound].ceiling);
		struct arrival to;

		if (zones_of(v, workload, way.bound, UINT64_C(1) << way.zone) == 0 ||
		    !sets_meet(&v->zone_model[(size_t)way.zone * v->words],
		    p->bound[way.bound].models, p->workload[workload].models, v->words))
			continue;
		to.admitted = admits_both(opened, ceiling);
		to.masked = admits_masked(p->workload[workload].maskable,
		    p->workload[workload].masks ? p->workload[workload].maskable_count : 0,
		    admits_both(admits_of(p, p->here.clearance), ceiling));
		for (uint32_t i = 0; i < v->count; i++)
			lean(v, i, way, to);
	}
}

static void
walk_exceptions(struct prover *v)
{
	for (uint32_t w = 0; w < v->policy->workload_count; w++) {
		const struct workload *workload = &v->policy->workload[w];

		for (uint32_t i = 0; i < workload->widening_count; i++)
			if (v->now < workload->widening[i].until)
				walk_exception(v, w, &workload->widening[i]);
	}
}

/* ---- the whole ---- */

static bool
prover_rooms(struct prover *v, struct arena *arena, uint32_t exceptions)
{
	const struct policy *p = v->policy;
	size_t table = ((size_t)v->count << TERMS) * sizeof(uint64_t);

	v->words = (p->model_count + 63) / 64;
	v->lean_words = (exceptions + 63) / 64;
	v->clause = arena_alloc(arena, v->count * sizeof *v->clause);
	v->open = arena_alloc(arena, v->count * sizeof *v->open);
	v->work = arena_zero(arena, p->workload_count * sizeof *v->work);
	v->met = arena_alloc(arena, (size_t)p->workload_count * v->count);
	v->place = arena_alloc(arena, p->place_count * sizeof *v->place);
	v->zone_model = arena_zero(arena, ((size_t)p->tool_first * v->words + 1) *
	    sizeof *v->zone_model);
	v->by_zone = arena_alloc(arena, table);
	v->by_any = arena_alloc(arena, table);
	v->by_tool = arena_alloc(arena, table * p->tool_count);
	v->leans = arena_zero(arena, ((size_t)v->lean_words * v->count + 1) * sizeof *v->leans);
	return !arena_overflowed(arena);
}

static uint32_t
exceptions_of(const struct policy *p)
{
	uint32_t count = 0;

	for (uint32_t w = 0; w < p->workload_count; w++)
		for (uint32_t i = 0; i < p->workload[w].widening_count; i++)
			if (p->workload[w].widening[i].exception >= count)
				count = p->workload[w].widening[i].exception + 1;
	return count;
}

static void
prover_set(struct prover *v)
{
	const struct policy *p = v->policy;

	for (uint32_t m = 0; m < p->model_count; m++) {
		v->modelled |= UINT64_C(1) << p->model[m].place;
		v->zone_model[(size_t)p->model[m].place * v->words + m / 64] |=
		    UINT64_C(1) << m % 64;
	}
	for (uint32_t i = 0; i < p->place_count; i++)
		v->place[i] = admits_of(p, p->place[i].clearance);
	for (uint32_t i = 0; i < v->count; i++) {
		clause_set(&v->clause[i], p, &p->invariant[i]);
		v->open[v->open_count++] = i;
		v->proof[i] = (struct proof){
			.holds = true,
			.idle = v->clause[i].zones == 0 && v->clause[i].tools == 0,
			.leans = &v->leans[(size_t)i * v->lean_words],
		};
	}
	for (uint32_t w = 0; w < p->workload_count; w++)
		work_set(v, w);
}

bool
prove_all(struct arena *arena, const struct policy *p, int64_t now, struct proof *out)
{
	struct prover v = { .policy = p, .now = now, .count = p->invariant_count, .proof = out };
	uint32_t exceptions = exceptions_of(p);

	must(p->tool_first <= 64 && p->tool_count <= 64);
	if (v.count == 0)
		return true;
	if (!prover_rooms(&v, arena, exceptions))
		return false;
	prover_set(&v);
	if (!walk_all(&v, arena))
		return false;
	walk_exceptions(&v);
	for (uint32_t i = 0; i < v.count; i++)
		for (uint32_t x = 0; x < exceptions; x++)
			out[i].lean_count += policy_set_has(out[i].leans, x);
	return true;
}

/* May this caller be answered for the least sensitive content of this workload? */
static bool
may_ask(const struct policy *p, uint32_t workload, struct label floor, uint32_t bound)
{
	return policy_set_has(p->bound[bound].workloads, workload) &&
	    label_may_flow(floor, p->bound[bound].ceiling);
}

/* A model with less capability than needed serves too where the workload may degrade. */
static bool
serves(const struct policy *p, uint32_t workload, uint32_t model, uint32_t bound, int64_t now)
{
	static const struct live well = { .broken = false };
	const struct workload *w = &p->workload[workload];
	struct facts f = {
		.workload = workload, .bound = bound, .label = LABEL_PUBLIC, .now = now,
	};
	enum reason reason = verdict_refuses(p, &f, model, &well);

	return reason == REASON_NONE || (reason == REASON_CAPABILITY &&
	    (w->refused_degrade || w->down_degrade));
}

uint32_t
prove_serving(const struct policy *p, uint32_t workload, int64_t now, uint32_t enough,
    uint32_t *one)
{
	struct label floor = policy_close(p, p->workload[workload].floor);
	uint32_t words = (p->model_count + 63) / 64, found = 0, b;
	uint64_t may[MODEL_MAX / 64] = { 0 };

	must(p->model_count <= MODEL_MAX);
	for (b = p->bound_first; b < p->bound_count; b++)
		for (uint32_t i = 0; may_ask(p, workload, floor, b) && i < words; i++)
			may[i] |= p->bound[b].models == NULL ? UINT64_MAX : p->bound[b].models[i];
	for (uint32_t m = 0; m < p->model_count && found < enough; m++) {
		if (!policy_set_has(may, m))
			continue;
		for (b = p->bound_first; !policy_set_has(p->bound[b].models, m) ||
		    !may_ask(p, workload, floor, b); b++)
			;
		if (serves(p, workload, m, b, now) && found++ == 0)
			*one = m;
	}
	return found;
}
