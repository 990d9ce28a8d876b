/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/verdict.h"

#include "check.h"

#define MODELS	12

/* A small policy and a request, all of it permitted until a case changes something. */
struct world {
	struct policy		policy;
	struct label		kind_label[4];	/* the last is not the policy's */
	uint32_t		kind_duties[4];
	struct place		place[4];	/* two zones, then two tools */
	struct policy_model	model[MODELS];
	struct workload		workload[2];
	struct bound		bound[2];
	struct widening		widening[3];
	uint64_t		none[1], some[1];
	struct facts		facts;
	struct live		live[MODELS];
	uint32_t		asked[MODELS];
	struct verdict		verdict;
	uint8_t			reason[MODELS];
};

static const struct clearance everything = { UINT64_MAX, 1, UINT64_MAX, 9 };

static void
world_tables(struct world *w)
{
	for (size_t i = 0; i < 3; i++)
		w->kind_label[i] = (struct label){ UINT64_C(1) << i, UINT64_MAX, 0, 0 };
	w->kind_label[3] = (struct label){ 8, 0, 0, 99 };
	w->kind_duties[3] = 64;
	for (size_t i = 0; i < 4; i++)
		w->place[i] = (struct place){ everything, PLACE_EDGE, true, true };
	for (uint32_t i = 0; i < MODELS; i++) {
		w->model[i] = (struct policy_model){
			.capability = CAPABILITY_MID,
			.features = UINT64_MAX,
			.context_tokens = 1000,
			.latency_ms = 100,
		};
		w->asked[i] = i;
	}
	for (size_t i = 0; i < 2; i++) {
		w->workload[i] = (struct workload){
			.floor = LABEL_PUBLIC,
			.capability = CAPABILITY_BASIC,
			.latency_ms = 200,
			.widening = w->widening,
		};
		w->bound[i].ceiling = everything;
	}
}

static void
world_init(struct world *w)
{
	*w = (struct world){ .none = { 0 }, .some = { UINT64_MAX } };
	world_tables(w);
	w->policy = (struct policy){
		.kind_label = w->kind_label, .kind_duties = w->kind_duties, .kind_count = 3,
		.place = w->place, .place_count = 4, .tool_first = 2, .tool_count = 2,
		.here = { everything, PLACE_EDGE, true, true },
		.model = w->model, .model_count = MODELS,
		.workload = w->workload, .workload_count = 2,
		.bound = w->bound, .bound_count = 2,
	};
	w->facts = (struct facts){
		.label = { 1, UINT64_MAX, 1, 2 },
		.features = 1, .tools = 3, .tokens = 500, .now = 1000,
		.model = w->asked, .live = w->live, .count = 1,
	};
}

static void
decide(struct world *w)
{
	memset(w->reason, 0xff, sizeof w->reason);
	verdict_decide(&w->verdict, &w->policy, &w->facts, w->reason);
}

/* ---- one reason, and the first of several ------------------------------- */

/* A function that changes one thing of a world. */
#define CHANGE(name, statement)							\
	static void								\
	name(struct world *w)							\
	{									\
		statement;							\
	}

CHANGE(cut_here, w->policy.here.clearance.level = 1)
CHANGE(cut_role, w->bound[0].ceiling.kinds = 0)
CHANGE(cut_tool, w->place[3].clearance.level = 1)
CHANGE(cut_level, w->place[0].clearance.level = 1)
CHANGE(cut_kind, w->place[0].clearance.kinds = 6)
CHANGE(cut_region, w->place[0].clearance.regions = 0)
CHANGE(cut_requires, w->place[0].clearance.holds = 2)
CHANGE(cut_capability, w->workload[0].capability = CAPABILITY_FRONTIER)
CHANGE(cut_feature, w->model[0].features = ~UINT64_C(1))
CHANGE(cut_context, w->model[0].context_tokens = 499)
CHANGE(cut_latency, w->model[0].latency_ms = 201)
CHANGE(cut_allowlist, w->bound[0].models = w->none)
CHANGE(cut_workload, w->workload[0].models = w->none)
CHANGE(cut_draining, w->model[0].draining = true)
CHANGE(cut_breaker, w->live[0].broken = true)
CHANGE(cut_concurrency, w->live[0].full = true)
CHANGE(cut_rate, w->live[0].limited = true)

static void
cut_offline(struct world *w)
{
	w->workload[0].offline = true;
	w->place[0].offline = false;
}

static const struct {
	const char	*why;
	void		(*cut)(struct world *);
	enum reason	 want;
} reasons[] = {
	{ "this host is not cleared", cut_here, REASON_HERE },
	{ "the caller may not see the answer", cut_role, REASON_ROLE },
	{ "a tool is not cleared", cut_tool, REASON_TOOL },
	{ "the level is too high for the zone", cut_level, REASON_LEVEL },
	{ "the zone does not take a kind", cut_kind, REASON_KIND },
	{ "the zone is nowhere", cut_region, REASON_REGION },
	{ "the zone lacks an agreement", cut_requires, REASON_REQUIRES },
	{ "the model is too simple", cut_capability, REASON_CAPABILITY },
	{ "the model lacks a feature", cut_feature, REASON_FEATURE },
	{ "the context is one token too small", cut_context, REASON_CONTEXT },
	{ "the model is one millisecond too slow", cut_latency, REASON_LATENCY },
	{ "the zone needs a network", cut_offline, REASON_OFFLINE },
	{ "the key may not use the model", cut_allowlist, REASON_ALLOWLIST },
	{ "the workload may not use the model", cut_workload, REASON_WORKLOAD },
	{ "the model is draining", cut_draining, REASON_DRAINING },
	{ "the breaker is open", cut_breaker, REASON_BREAKER },
	{ "the model is full", cut_concurrency, REASON_CONCURRENCY },
	{ "the model has got enough", cut_rate, REASON_RATE },
};

static void
check_reasons(void)
{
	struct world w;

	world_init(&w);
	decide(&w);
	check(w.verdict.count == 1 && w.verdict.refused == 0 && w.reason[0] == REASON_NONE &&
	    w.verdict.reason == REASON_NONE && !w.verdict.degraded && w.verdict.model[0] == 0 &&
	    w.verdict.exception[0] == 0, "what nothing forbids is permitted");
	for (size_t i = 0; i < COUNT_OF(reasons); i++) {
		unsigned behind = 0;

		world_init(&w);
		reasons[i].cut(&w);
		decide(&w);
		check_int(w.reason[0], reasons[i].want, "%s", reasons[i].why);
		check(w.verdict.count == 0 && w.verdict.refused == 1 &&
		    w.verdict.reason == reasons[i].want &&
		    verdict_refuses(&w.policy, &w.facts, 0, w.live) == reasons[i].want,
		    "  so there is no plan, and the reason is told");
		for (size_t k = i; k < COUNT_OF(reasons); k++) {
			world_init(&w);
			reasons[k].cut(&w);
			reasons[i].cut(&w);
			decide(&w);
			behind += w.reason[0] != reasons[i].want;
		}
		check_int(behind, 0, "  before all that are asked later");
	}
}

/* ---- what just fits ----------------------------------------------------- */

CHANGE(fit_context, w->model[0].context_tokens = 500)
CHANGE(fit_no_context, w->model[0].context_tokens = 0)
CHANGE(fit_latency, w->model[0].latency_ms = 200)
CHANGE(fit_capability, w->workload[0].capability = CAPABILITY_MID)
CHANGE(fit_list, w->workload[0].models = w->bound[0].models = w->some)
CHANGE(fit_feature, w->model[0].features = 1)

static void
fit_no_latency(struct world *w)
{
	w->workload[0].latency_ms = 0;
	w->model[0].latency_ms = 100000;
}

static void
fit_declared(struct world *w)
{
	w->live[0].latency = 500 * NANOS_PER_MS;
}

static void
slow_of_late(struct world *w)
{
	w->model[0].latency_ms = 0;
	w->live[0].latency = 201 * NANOS_PER_MS;
}

static void
fit_of_late(struct world *w)
{
	w->model[0].latency_ms = 0;
	w->live[0].latency = 200 * NANOS_PER_MS;
}

static void
fit_offline(struct world *w)
{
	w->workload[0].offline = true;
}

static void
fit_online(struct world *w)
{
	w->place[0].offline = false;
}

static void
needs_feature(struct world *w)
{
	w->facts.features = 0;
	w->workload[0].features = 1;
	w->model[0].features = ~UINT64_C(1);
}

static void
tool_off(struct world *w)
{
	w->facts.tools = 1;
	w->place[3].clearance.level = 0;
}

static void
tool_first(struct world *w)
{
	w->facts.tools = 1;
	w->place[2].clearance.level = 1;
}

CHANGE(tool_unknown, w->facts.tool_unknown = true)
CHANGE(tool_beyond, w->facts.tools = 4)
CHANGE(tool_last, w->facts.tools = UINT64_C(1) << 63)
CHANGE(floor_high, w->workload[0].floor.level = 10)

static void
other_zone(struct world *w)
{
	w->model[0].place = 1;
	w->place[0].clearance.level = 0;
}

static void
other_list(struct world *w)
{
	w->some[0] = ~UINT64_C(1);
	w->workload[0].models = w->some;
}

CHANGE(kind_beyond, w->facts.label.kinds = 8)

static void
just_too_slow(struct world *w)
{
	w->workload[0].latency_ms = 1000000;
	w->model[0].latency_ms = 1000001;
}

static void
slow_for_one(struct world *w)
{
	w->workload[0].latency_ms = 1;
	w->model[0].latency_ms = 2;
}

static void
slow_by_a_nanosecond(struct world *w)
{
	w->model[0].latency_ms = 0;
	w->live[0].latency = 200 * NANOS_PER_MS + 1;
}

static void
context_of_one(struct world *w)
{
	w->model[0].context_tokens = 1;
	w->facts.tokens = 2;
}

static void
kind_brings(struct world *w)
{
	w->kind_label[0].level = 3;
	w->place[0].clearance.level = 2;
}

static const struct {
	const char	*why;
	void		(*change)(struct world *);
	enum reason	 want;
} edges[] = {
	{ "a context that is just enough", fit_context, REASON_NONE },
	{ "a context of which nothing is said", fit_no_context, REASON_NONE },
	{ "a latency that is just enough", fit_latency, REASON_NONE },
	{ "latency does not matter", fit_no_latency, REASON_NONE },
	{ "a declared latency counts more than the one of late", fit_declared, REASON_NONE },
	{ "the one of late, where none is declared", slow_of_late, REASON_LATENCY },
	{ "the one of late may be just enough", fit_of_late, REASON_NONE },
	{ "a capability that is just enough", fit_capability, REASON_NONE },
	{ "lists on which the model is", fit_list, REASON_NONE },
	{ "lists on which all but the model are", other_list, REASON_WORKLOAD },
	{ "no more features than the request uses", fit_feature, REASON_NONE },
	{ "a feature that the workload needs", needs_feature, REASON_FEATURE },
	{ "a zone that needs no network", fit_offline, REASON_NONE },
	{ "a network where it does not matter", fit_online, REASON_NONE },
	{ "a tool that is not switched on", tool_off, REASON_NONE },
	{ "the first tool", tool_first, REASON_TOOL },
	{ "a tool that is not known by name", tool_unknown, REASON_TOOL },
	{ "a tool behind the policy's last", tool_beyond, REASON_TOOL },
	{ "the last tool that a set can name", tool_last, REASON_TOOL },
	{ "a floor is joined", floor_high, REASON_HERE },
	{ "the model's own zone counts", other_zone, REASON_NONE },
	{ "a kind that the policy does not have brings nothing", kind_beyond, REASON_NONE },
	{ "a millisecond in a thousand seconds", just_too_slow, REASON_LATENCY },
	{ "two milliseconds where one is needed", slow_for_one, REASON_LATENCY },
	{ "a nanosecond", slow_by_a_nanosecond, REASON_LATENCY },
	{ "two tokens for a context of one", context_of_one, REASON_CONTEXT },
	{ "a kind brings its level", kind_brings, REASON_LEVEL },
};

static void
check_edges(void)
{
	struct world w;

	for (size_t i = 0; i < COUNT_OF(edges); i++) {
		world_init(&w);
		edges[i].change(&w);
		decide(&w);
		check_int(w.reason[0], edges[i].want, "%s", edges[i].why);
	}
}

/* ---- exceptions --------------------------------------------------------- */

static const struct {
	const char	*why;
	struct widening	 first, second;		/* workload, place, clearance, until, exception */
	enum reason	 want;
	uint32_t	 exception;
} exceptions[] = {
	{ "one that is in force", { 0, 0, { 1, 1, 1, 2 }, 1001, 4 }, { 0 }, REASON_NONE, 5 },
	{ "one that ends this second", { 0, 0, { 1, 1, 1, 2 }, 1000, 4 }, { 0 }, REASON_EXCEPTION_EXPIRED, 0 },
	{ "one that has ended", { 0, 0, { 1, 1, 1, 2 }, 999, 4 }, { 0 }, REASON_EXCEPTION_EXPIRED, 0 },
	{ "one for another place", { 0, 1, { 1, 1, 1, 2 }, 1001, 4 }, { 0 }, REASON_LEVEL, 0 },
	{ "one that is too narrow", { 0, 0, { 0, 1, 1, 2 }, 1001, 4 }, { 0 }, REASON_LEVEL, 0 },
	{ "an ended one that would have been too narrow", { 0, 0, { 0, 1, 1, 2 }, 1, 4 }, { 0 }, REASON_LEVEL, 0 },
	{ "two that are enough only together", { 0, 0, { 0, 1, 1, 2 }, 1001, 4 }, { 0, 0, { 1, 1, 0, 2 }, 1001, 5 }, REASON_LEVEL, 0 },
	{ "the second, when the first has ended", { 0, 0, { 1, 1, 1, 2 }, 1, 4 }, { 0, 0, { 1, 1, 1, 2 }, 1001, 6 }, REASON_NONE, 7 },
	{ "the first of two", { 0, 0, { 1, 1, 1, 2 }, 1001, 0 }, { 0, 0, { 1, 1, 1, 2 }, 1001, 6 }, REASON_NONE, 1 },
	{ "the second ended, the first too narrow", { 0, 0, { 0, 1, 1, 2 }, 1001, 4 }, { 0, 0, { 1, 1, 1, 2 }, 5, 6 }, REASON_EXCEPTION_EXPIRED, 0 },
};

static void
check_exceptions(void)
{
	struct world w;

	for (size_t i = 0; i < COUNT_OF(exceptions); i++) {
		world_init(&w);
		cut_level(&w);
		w.widening[0] = exceptions[i].first;
		w.widening[1] = exceptions[i].second;
		w.workload[0].widening_count = 2;
		decide(&w);
		check_int(w.reason[0], exceptions[i].want, "exception: %s", exceptions[i].why);
		check_int(w.verdict.count > 0 ? w.verdict.exception[0] : 0,
		    exceptions[i].exception, "  and on which it leans");
		w.workload[0].widening_count = 0;
		decide(&w);
		check_int(w.reason[0], REASON_LEVEL, "  of no use to another workload");
	}
	world_init(&w);
	w.widening[0] = exceptions[0].first;
	w.workload[0].widening_count = 1;
	decide(&w);
	check(w.verdict.count == 1 && w.verdict.exception[0] == 0,
	    "what the zone takes anyway leans on no exception");
}

/* ---- rank --------------------------------------------------------------- */

#define UNKNOWN	INT64_MAX
#define HUGE	(INT64_C(1) << 60)
#define B	CAPABILITY_BASIC
#define M	CAPABILITY_MID
#define F	CAPABILITY_FRONTIER

static const struct {
	const char	*why;
	struct prefer	 prefer;	/* cost, latency, quality */
	int64_t		 cost[4];
	int64_t		 latency[4];	/* of late; 0: as declared, 100 */
	enum capability	 capability[4];
	const char	*want;
} ranks[] = {
	{ "nothing preferred is as written", { 0, 0, 0 }, { 9, 1, 5, 2 }, { 9, 1, 5, 2 }, { B, M, F, B }, "0123" },
	{ "the cheapest first", { 1, 0, 0 }, { 9, 1, 5, 2 }, { 1, 9, 1, 1 }, { B, M, F, B }, "1320" },
	{ "equals stay as written", { 1, 0, 0 }, { 5, 1, 5, 1 }, { 0 }, { B, M, F, B }, "1302" },
	{ "an unknown price comes last", { 1, 0, 0 }, { UNKNOWN, 3, HUGE, 1 }, { 0 }, { B, B, B, B }, "3120" },
	{ "the fastest first", { 0, 1, 0 }, { 1, 2, 3, 4 }, { 90, 10, 50, 20 }, { B, M, F, B }, "1320" },
	{ "a latency of late counts more than a declared one", { 0, 7, 0 }, { 0 }, { 101, 0, 99, 0 }, { B, B, B, B }, "2130" },
	{ "a latency of late and a declared one are of one unit", { 0, 1, 0 }, { 0 }, { 100, 0, 100, 0 }, { B, B, B, B }, "0123" },
	{ "the most capable first", { 0, 0, 1 }, { 1, 2, 3, 4 }, { 1, 2, 3, 4 }, { B, M, F, M }, "2130" },
	{ "costs and latencies in equal parts", { 1, 1, 0 }, { 100, 50, 80, 10 }, { 10, 50, 80, 100 }, { F, B, B, B }, "1032" },
	{ "costs more than latencies", { 9, 1, 0 }, { 100, 50, 80, 10 }, { 10, 50, 80, 100 }, { B, B, B, B }, "3120" },
	{ "latencies more than costs", { 1, 9, 0 }, { 100, 50, 80, 10 }, { 10, 50, 80, 100 }, { B, B, B, B }, "0123" },
	{ "quality against costs", { 1, 0, 2 }, { 100, 10, 30, 10 }, { 0 }, { F, B, M, B }, "2013" },
	{ "quality against latencies", { 0, 1, 2 }, { 0 }, { 100, 10, 30, 10 }, { F, B, M, B }, "2013" },
	{ "an unknown price is weighed as the dearest", { 1, 1, 0 }, { 40, UNKNOWN, 100, 10 }, { 100, 50, 51, 100 }, { B, B, B, B }, "3012" },
	{ "a huge figure is weighed as well", { 1, 1, 0 }, { HUGE, HUGE / 2, 8, HUGE / 4 }, { 10, 10, 100, 10 }, { B, B, B, B }, "3120" },
	{ "free models are weighed by the rest", { 1, 1, 0 }, { 0, 0, 0, 0 }, { 40, 30, 20, 10 }, { B, B, B, B }, "3210" },
	{ "prices that differ little", { 1, 0, 1 }, { 1000003, 1000002, 1000001, 1000000 }, { 0 }, { M, M, M, M }, "3210" },
	{ "costs against quality, which is in thirds", { 3, 0, 1 }, { 90, 100, 100, 100 }, { 0 }, { B, F, M, B }, "1203" },
};

static void
check_ranks(void)
{
	struct world w;

	for (size_t i = 0; i < COUNT_OF(ranks); i++) {
		char got[5] = "";

		world_init(&w);
		w.facts.prefer = ranks[i].prefer;
		w.facts.count = 4;
		for (uint32_t k = 0; k < 4; k++) {
			w.model[k].cost = ranks[i].cost[k];
			w.model[k].capability = ranks[i].capability[k];
			w.live[k].latency = ranks[i].latency[k] * NANOS_PER_MS;
		}
		decide(&w);
		for (uint32_t k = 0; k < w.verdict.count && k < 4; k++)
			got[k] = (char)('0' + w.verdict.model[k]);
		check_slice(slice_of(got, strlen(got)), slice_of(ranks[i].want, 4), "rank: %s",
		    ranks[i].why);
	}
	world_init(&w);
	w.facts.count = 2;
	w.facts.prefer = (struct prefer){ 1, 0, 0 };
	w.model[0].cost = 2;
	w.model[1].cost = 1;
	w.workload[0].prefers = true;
	decide(&w);
	check_int(w.verdict.model[0], 0,
	    "rank: a workload's `order` counts more than a group's cost");
	w.workload[0].prefer.cost = 1;
	w.facts.prefer.cost = 0;
	decide(&w);
	check_int(w.verdict.model[0], 1, "rank: and its cost more than a group's order");
}

/* A model that is refused must not be what others are weighed against. */
static void
check_scale(void)
{
	struct world w;

	world_init(&w);
	w.facts.count = 3;
	w.facts.prefer = (struct prefer){ 1, 1, 0 };
	for (uint32_t i = 0; i < 3; i++)
		w.live[i].latency = (int64_t[]){ 50, 100, 1 }[i];
	w.model[0].cost = 100;
	w.model[1].cost = 60;
	w.model[2].cost = 1000;
	w.live[2].broken = true;
	decide(&w);
	check(w.verdict.count == 2 && w.verdict.model[0] == 0,
	    "rank: what is refused is no measure of cost");
	w.model[0].cost = 60;
	w.model[1].cost = 100;
	w.model[2].cost = 1;
	w.live[0].latency = 100;
	w.live[1].latency = 50;
	w.live[2].latency = 1000;
	decide(&w);
	check(w.verdict.count == 2 && w.verdict.model[0] == 1,
	    "rank: what is refused is no measure of latency");
	world_init(&w);
	w.facts.count = 3;
	w.facts.prefer = (struct prefer){ 1, 1, 0 };
	w.live[0].broken = true;
	for (uint32_t i = 0; i < 3; i++)
		w.live[i].latency = (int64_t[]){ 1, 50, 100 }[i];
	w.model[1].cost = 100;
	w.model[2].cost = 40;
	decide(&w);
	check(w.verdict.count == 2 && w.verdict.model[0] == 2,
	    "rank: who comes behind a refused one is measured");
	w.facts.prefer = (struct prefer){ 0, 1, 0 };
	w.live[2].latency = 1;
	w.live[1].latency = 2;
	decide(&w);
	check_int(w.verdict.model[0], 2, "rank: a nanosecond is a latency");
}

static const struct {
	const char	*why;
	int64_t		 cost[MODELS];
	const char	*plan;		/* the models, a letter for each */
	const char	*out;
} crowds[] = {
	{ "as written, the last fall out", { 0 }, "abcdefgh", "ijkl" },
	{ "the dearest fall out", { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 }, "abcdefgh", "ijkl" },
	{ "whoever comes late may be better", { 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1 }, "lkjihgfe", "abcd" },
	{ "an equal that comes late is not", { 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 3, 1 }, "jlabcdef", "ghik" },
	{ "the eighth place", { 1, 2, 3, 4, 5, 6, 7, 9, 8, 9, 9, 9 }, "abcdefgi", "hjkl" },
};

static void
check_crowds(void)
{
	struct world w;

	for (size_t i = 0; i < COUNT_OF(crowds); i++) {
		unsigned wrong = 0;

		world_init(&w);
		w.facts.prefer.cost = 1;
		w.facts.count = MODELS;
		for (uint32_t k = 0; k < MODELS; k++)
			w.model[k].cost = crowds[i].cost[k];
		decide(&w);
		check_int(w.verdict.count, CANDIDATE_MAX, "twelve: %s", crowds[i].why);
		for (uint32_t k = 0; k < w.verdict.count; k++) {
			wrong += w.verdict.model[k] != (uint32_t)(crowds[i].plan[k] - 'a');
			wrong += w.reason[crowds[i].plan[k] - 'a'] != REASON_NONE;
		}
		for (uint32_t k = 0; k < MODELS - CANDIDATE_MAX; k++)
			wrong += w.reason[crowds[i].out[k] - 'a'] != REASON_RANK;
		check_int(wrong, 0, "  the plan and who is behind it");
		check(w.verdict.refused == 4 && w.verdict.reason == REASON_RANK,
		    "  four are told that they are behind");
	}
	world_init(&w);
	w.facts.count = 8;
	decide(&w);
	check(w.verdict.count == 8 && w.verdict.refused == 0, "eight fit");
}

/* The label keeps the first model out, and not the second. */
static void
first_refused(struct world *w)
{
	w->place[0].clearance.level = 1;
	w->model[1].place = 1;
}

/* ---- less capability, if the workload says so --------------------------- */

static void
first_kind(struct world *w)
{
	cut_kind(w);
	w->model[1].place = 1;
}

static void
first_requires(struct world *w)
{
	cut_requires(w);
	w->model[1].place = 1;
}

static void
first_expired(struct world *w)
{
	first_refused(w);
	w->widening[0] = (struct widening){ 0, 0, everything, w->facts.now, 0 };
	w->workload[0].widening_count = 1;
}

static const struct {
	const char	*why;
	bool		 refused_degrade, down_degrade;
	enum capability	 needs;
	void		(*cut)(struct world *);	/* of model 0, which is capable; 1 is not */
	uint32_t	 count;
	bool		 degraded;
	enum reason	 reason;
} degrades[] = {
	{ "down, and says so", false, true, M, cut_breaker, 1, true, REASON_BREAKER },
	{ "full, and says so", false, true, M, cut_concurrency, 1, true, REASON_CONCURRENCY },
	{ "draining, and says so", false, true, M, cut_draining, 1, true, REASON_DRAINING },
	{ "it got enough, and says so", false, true, M, cut_rate, 1, true, REASON_RATE },
	{ "down, and says so for refusals", true, false, M, cut_breaker, 0, false, REASON_BREAKER },
	{ "down, and says nothing", false, false, M, cut_breaker, 0, false, REASON_BREAKER },
	{ "refused, and says so", true, false, M, first_refused, 1, true, REASON_LEVEL },
	{ "refused, and says so for what is down", false, true, M, first_refused, 0, false, REASON_LEVEL },
	{ "by a kind too", true, false, M, first_kind, 1, true, REASON_KIND },
	{ "and by an agreement", true, false, M, first_requires, 1, true, REASON_REQUIRES },
	{ "from the least that is said to what says nothing", false, true, CAPABILITY_BASIC, cut_breaker,
	  1, true, REASON_BREAKER },
	{ "by an exception that has ended", true, false, M, first_expired, 1, true,
	  REASON_EXCEPTION_EXPIRED },
	{ "a list is no reason to", true, true, M, other_list, 0, false, REASON_WORKLOAD },
	{ "serves anyway", true, true, M, fit_context, 1, false, REASON_CAPABILITY },
	{ "a context is no reason to", true, true, M, cut_context, 0, false, REASON_CONTEXT },
	{ "the whole request is refused", true, true, M, cut_here, 0, false, REASON_HERE },
	{ "no capability is needed", true, true, CAPABILITY_UNSAID, cut_breaker, 1, false, REASON_BREAKER },
};

static void
check_degrades(void)
{
	struct world w;

	for (size_t i = 0; i < COUNT_OF(degrades); i++) {
		world_init(&w);
		w.facts.count = 2;
		w.model[1].capability = CAPABILITY_UNSAID;
		w.workload[0].capability = degrades[i].needs;
		w.workload[0].refused_degrade = degrades[i].refused_degrade;
		w.workload[0].down_degrade = degrades[i].down_degrade;
		degrades[i].cut(&w);
		decide(&w);
		check(w.verdict.count == degrades[i].count &&
		    w.verdict.degraded == degrades[i].degraded &&
		    w.verdict.reason == degrades[i].reason &&
		    w.verdict.refused == 2 - degrades[i].count, "degrade: %s", degrades[i].why);
	}
	world_init(&w);
	w.facts.count = 3;
	w.workload[0].capability = CAPABILITY_MID;
	w.workload[0].down_degrade = true;
	w.model[1].capability = CAPABILITY_BASIC;
	cut_breaker(&w);
	decide(&w);
	check(w.verdict.count == 1 && w.verdict.model[0] == 2 && !w.verdict.degraded,
	    "degrade: not while somebody capable is left");
	world_init(&w);
	w.workload[0].refused_degrade = w.workload[0].down_degrade = true;
	w.workload[0].capability = CAPABILITY_FRONTIER;
	cut_breaker(&w);
	decide(&w);
	check(w.verdict.count == 0 && !w.verdict.degraded, "degrade: nobody is left all the same");
	world_init(&w);
	w.workload[0].capability = CAPABILITY_UNSAID;
	w.workload[0].refused_degrade = w.workload[0].down_degrade = true;
	w.live[0].broken = true;
	decide(&w);
	check(w.verdict.count == 0 && !w.verdict.degraded, "degrade: there is nothing to lower");
}

/* Less capability was tried and helped nobody: the reasons are those of the first asking. */
static void
check_helpless(void)
{
	struct world w;

	world_init(&w);
	w.facts.count = 2;
	w.model[1].capability = CAPABILITY_BASIC;
	w.workload[0].capability = CAPABILITY_MID;
	w.workload[0].refused_degrade = true;
	w.live[1].broken = true;
	first_refused(&w);
	decide(&w);
	check(w.verdict.count == 0 && !w.verdict.degraded, "degrade: the lesser one is down");
	check_int(w.reason[1], REASON_CAPABILITY, "degrade: it is still said to be too simple");
}

/* ---- what is asked again before sending --------------------------------- */

static bool
is_forbidding(enum reason r)
{
	return r == REASON_DRAINING || reason_info(r)->policy;
}

static void
check_forbids(void)
{
	struct world w;

	world_init(&w);
	check_int(verdict_forbids(&w.policy, &w.facts, 0), REASON_NONE, "nothing forbids");
	for (size_t i = 0; i < COUNT_OF(reasons); i++) {
		enum reason want = reasons[i].want;

		world_init(&w);
		reasons[i].cut(&w);
		check_int(verdict_forbids(&w.policy, &w.facts, 0), is_forbidding(want) ? want
		    : REASON_NONE, "before sending: %s", reasons[i].why);
		if (is_forbidding(want))
			continue;
		cut_allowlist(&w);
		check_int(verdict_forbids(&w.policy, &w.facts, 0), REASON_ALLOWLIST,
		    "  which hides no list behind it");
	}
}

static void
forbids_unknown_model(void)
{
	struct world w;

	world_init(&w);
	(void)verdict_forbids(&w.policy, &w.facts, w.policy.model_count);
}

/* ---- what a verdict holds ----------------------------------------------- */

static void
check_first(void)
{
	struct world w;

	world_init(&w);
	w.facts.count = 4;
	w.live[0].broken = true;
	w.live[1].full = true;
	decide(&w);
	check(w.verdict.reason == REASON_BREAKER && w.verdict.refused == 2 && w.verdict.count == 2,
	    "the first reason, where none is by policy");
	w.some[0] = 0x0b;
	w.workload[0].models = w.some;
	w.model[3].place = 1;
	w.place[1].clearance.level = 0;
	decide(&w);
	check(w.verdict.reason == REASON_WORKLOAD && w.verdict.refused == 4,
	    "the first by policy, where one is");
	w.facts.count = 0;
	decide(&w);
	check(w.verdict.reason == REASON_NONE && w.verdict.refused == 0 && w.verdict.count == 0,
	    "nobody was asked");
}

static void
check_label(void)
{
	struct world w;
	struct label l;

	world_init(&w);
	w.workload[1].floor = (struct label){ 4, 7, 2, 1 };
	w.kind_label[2] = (struct label){ 4, 5, 8, 4 };
	w.kind_label[1] = (struct label){ 2, 2, 16, 6 };
	w.kind_duties[0] = 1;
	w.kind_duties[1] = 2;
	w.kind_duties[2] = 4;
	w.policy.duties = 8;
	w.workload[0].duties = 32;
	w.workload[1].duties = 16;
	w.facts.workload = 1;
	w.facts.label.kinds = 9;
	decide(&w);
	l = w.verdict.label;
	check(l.kinds == 13 && l.regions == 5 && l.requires == 11 && l.level == 4,
	    "the label: known, floor, and what the kinds bring");
	check_int(w.verdict.duties, 8 | 16 | 1 | 4, "duties of policy, workload and kinds");
	w.facts.bound = 1;
	w.bound[1].ceiling.level = 3;
	decide(&w);
	check_int(w.verdict.reason, REASON_ROLE, "the facts' own bound counts");
}

static void
ask_unknown_model(void)
{
	struct world w;

	world_init(&w);
	w.asked[0] = MODELS;
	decide(&w);
}

static void
ask_unknown_workload(void)
{
	struct world w;

	world_init(&w);
	w.facts.workload = 2;
	decide(&w);
}

static void
ask_unknown_bound(void)
{
	struct world w;

	world_init(&w);
	w.facts.bound = 2;
	decide(&w);
}

static void
refuses_unknown_model(void)
{
	struct world w;

	world_init(&w);
	(void)verdict_refuses(&w.policy, &w.facts, MODELS, w.live);
}

int
main(void)
{
	check_reasons();
	check_edges();
	check_exceptions();
	check_ranks();
	check_scale();
	check_crowds();
	check_degrades();
	check_helpless();
	check_forbids();
	check_first();
	check_label();
	check_must(ask_unknown_model, "a model that the policy does not have");
	check_must(ask_unknown_workload, "a workload that it does not have");
	check_must(ask_unknown_bound, "a bound that it does not have");
	check_must(refuses_unknown_model, "one that is asked about alone");
	check_must(forbids_unknown_model, "and one that is asked about before sending");
	return check_done();
}
