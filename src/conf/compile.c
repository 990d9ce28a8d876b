/* SPDX-License-Identifier: Apache-2.0 */

/*
 * compile - the resolved file as the tables by which the policy decides.
 *
 * Names are gone here: zones become places by their index, tools stand behind
 * them, keys that bound the same share a bound.
 */

#include "conf/draft.h"
#include "core/limit.h"

static void
compile_places(struct draft *d)
{
	const struct snapshot *s = d->s;
	uint32_t count = s->zone_count + s->tool_count;
	struct place *place = draft_array(d->arena, count, sizeof *place);
	struct slice kinds = schema_row[ZONE_kind].of;

	if (place == NULL)
		return;
	for (uint32_t i = 0; i < s->zone_count; i++) {
		unsigned kind = 0;

		while (!slice_eq(schema_word(kinds, kind), s->zone[i].kind))
			kind++;
		place[i] = (struct place){
			.clearance = s->zone[i].clearance,
			.kind = (enum place_kind)kind,
			.self_operated = s->zone[i].self_operated,
			.offline = s->zone[i].offline,
		};
	}
	for (uint32_t i = 0; i < s->tool_count; i++)
		place[s->zone_count + i] = (struct place){
			.clearance = s->tool[i].clearance,
			.kind = PLACE_OTHER,
			.self_operated = s->tool[i].self_operated,
		};
	d->s->policy.place = place;
	d->s->policy.place_count = count;
	d->s->policy.tool_first = s->zone_count;
	d->s->policy.tool_count = s->tool_count;
	d->s->policy.here = (struct place){ d->here, PLACE_OTHER, true, true };
}

/* What goes without saying: all operations where none is named, and the lesser of two. */
static uint64_t
features_of(const struct model *m)
{
	const uint64_t operations = UINT64_C(1) << FEATURE_chat |
	    UINT64_C(1) << FEATURE_completions | UINT64_C(1) << FEATURE_embeddings;
	uint64_t set = m->features;

	if (!m->features_said)
		return UINT64_MAX;
	if ((set & operations) == 0)
		set |= operations;
	if ((set >> FEATURE_json_schema & 1) != 0)
		set |= UINT64_C(1) << FEATURE_json_object;
	return set;
}

/* What `prefer: cost` compares: a token in and one out, of a short prompt. */
static int64_t
model_rank(const struct model *m)
{
	const pico_usd *at = m->price.tier[0].at;
	int64_t sum;

	if (!m->price.known || __builtin_add_overflow(at[PRICE_INPUT], at[PRICE_OUTPUT], &sum))
		return INT64_MAX;
	return sum;
}

static void
compile_models(struct draft *d)
{
	const struct snapshot *s = d->s;
	struct policy_model *out = draft_array(d->arena, s->model_count, sizeof *out);
	uint32_t *every = draft_array(d->arena, s->model_count, sizeof *every);

	if (out == NULL || every == NULL)
		return;
	for (uint32_t i = 0; i < s->model_count; i++) {
		const struct model *m = &s->model[i];
		unsigned capability = 0;

		while (m->capability.len > 0 && !slice_eq(m->capability,
		    schema_word(schema_row[MODEL_capability].of, capability)))
			capability++;
		out[i] = (struct policy_model){
			.place = m->zone->index,
			.capability = m->capability.len == 0 ? CAPABILITY_UNSAID
			    : (enum capability)(CAPABILITY_BASIC + capability),
			.features = features_of(m),
			.context_tokens = m->context_tokens,
			.latency_ms = m->latency_ms,
			.cost = model_rank(m),
			.draining = m->drain,
		};
		every[i] = i;
	}
	d->s->policy.model = out;
	d->s->policy.model_count = s->model_count;
	d->s->every_model = every;
}

/* Each workload's widenings, one after another, in the order of the file. */
static void
compile_workloads(struct draft *d)
{
	struct widening *all = draft_array(d->arena, d->s->exception_count, sizeof *all);
	uint32_t filled = 0;

	if (all == NULL)
		return;
	for (uint32_t i = 0; i < d->s->workload_count; i++) {
		d->workload[i].widening = &all[filled];
		for (uint32_t x = 0; x < d->s->exception_count; x++)
			if (d->widening[x].workload == i)
				all[filled++] = d->widening[x];
		d->workload[i].widening_count = (uint32_t)(&all[filled] - d->workload[i].widening);
	}
	d->s->policy.workload = d->workload;
	d->s->policy.workload_count = d->s->workload_count;
}

/* ---- bounds ---- */

static uint64_t
set_hash(const struct draft *d, const uint64_t *set, uint32_t count)
{
	if (set == NULL)
		return 1;
	return hash_64(&d->s->hash_key, slice_of((const char *)set,
	    (count + 63) / 64 * sizeof *set));
}

static uint64_t
bound_hash(const struct draft *d, const struct bound *b)
{
	uint64_t word[6] = {
		b->ceiling.kinds, b->ceiling.holds, b->ceiling.level, b->role,
		set_hash(d, b->models, d->s->model_count),
		set_hash(d, b->workloads, d->s->workload_count),
	};

	return hash_64(&d->s->hash_key, slice_of((const char *)word, sizeof word));
}

static bool
set_eq(const uint64_t *a, const uint64_t *b, uint32_t count)
{
	if (a == NULL || b == NULL)
		return a == b;
	return memcmp(a, b, (count + 63) / 64 * sizeof *a) == 0;
}

static bool
bound_eq(const struct draft *d, const struct bound *a, const struct bound *b)
{
	return a->ceiling.kinds == b->ceiling.kinds && a->ceiling.holds == b->ceiling.holds &&
	    a->ceiling.level == b->ceiling.level && a->role == b->role &&
	    set_eq(a->models, b->models, d->s->model_count) &&
	    set_eq(a->workloads, b->workloads, d->s->workload_count);
}

/* Bounds as they are filled in, each once. */
struct filling {
	struct bound		*bound;
	uint32_t		 count;
	struct name_table	 table;
	uint32_t		*slot;
};

static uint32_t
fill_bound(const struct draft *d, struct filling *f, const struct bound *bound)
{
	uint64_t at = bound_hash(d, bound) & f->table.mask;

	while (f->slot[at] != 0 && !bound_eq(d, &f->bound[f->slot[at] - 1], bound))
		at = (at + 1) & f->table.mask;
	if (f->slot[at] == 0) {
		f->bound[f->count] = *bound;
		f->slot[at] = ++f->count;
	}
	return f->slot[at] - 1;
}

/* Bound 0 is of callers without a key, where the gateway is open. */
static void
compile_bounds(struct draft *d)
{
	uint32_t roles = d->s->data.len > 0 ? d->s->role_count : 0, next = 0;
	uint32_t count = d->s->key_count + d->issuer_bound_count + roles;
	struct filling f = { draft_array(d->arena, count + 1, sizeof *f.bound), .count = 1 };

	f.slot = draft_table(d, &f.table, count + 1);
	if (f.bound == NULL || f.slot == NULL)
		return;
	f.bound[0].ceiling = d->role[0].ceiling;
	for (uint32_t i = 0; i < d->s->key_count; i++)
		d->key[i].bound = fill_bound(d, &f, &d->key_bound[i]);
	for (uint32_t i = 0; i < d->s->issuer_count; i++) {
		struct claimed_role *role = (struct claimed_role *)(uintptr_t)d->issuer[i].role;

		for (uint32_t j = 0; j < d->issuer[i].role_count; j++)
			role[j].bound = fill_bound(d, &f, &d->issuer_bound[next++]);
	}
	/*
	 * Keys that are made while the gateway runs have bounds that no file tells of, but each is
	 * within what its role may: what is proven of these holds for them.
	 */
	for (uint32_t i = 0; i < roles; i++)
		(void)fill_bound(d, &f, &(struct bound){ d->role[i].ceiling, .role = i });
	d->s->policy.bound = f.bound;
	d->s->policy.bound_count = f.count;
	d->s->policy.bound_first = !snapshot_is_open(d->s);
}

/* ---- names ---- */

static const struct slice *
gather(struct draft *d, const void *rows, size_t each, uint32_t count)
{
	struct slice *names = draft_array(d->arena, count, sizeof *names);

	/* The name is the first member of each of these rows. */
	for (uint32_t i = 0; names != NULL && i < count; i++)
		memcpy(&names[i], (const char *)rows + i * each, sizeof *names);
	return names;
}

#define GATHER(d, noun)								\
	((struct names){ gather(d, (d)->s->noun, sizeof *(d)->s->noun, (d)->s->noun##_count),	\
	    (d)->s->noun##_count })

static void
compile_vocabulary(struct draft *d)
{
	const struct snapshot *s = d->s;

	d->s->vocabulary = (struct vocabulary){
		.level = { s->level, s->level_count },
		.kind = { s->kind, s->kind_count },
		.region = { s->region, s->region_count },
		.property = { s->property, s->property_count },
		.zone = GATHER(d, zone),
		.tool = GATHER(d, tool),
		.role = GATHER(d, role),
		.model = GATHER(d, model),
		.workload = GATHER(d, workload),
		.exception = GATHER(d, exception),
	};
	const struct names all[] = {
		d->s->vocabulary.level, d->s->vocabulary.kind, d->s->vocabulary.region,
		d->s->vocabulary.property, d->s->vocabulary.tool, d->s->vocabulary.model,
		d->s->vocabulary.workload, d->s->vocabulary.exception,
	};

	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		for (uint32_t j = 0; all[i].name != NULL && j < all[i].count; j++)
			if (all[i].name[j].len > d->s->vocabulary.longest)
				d->s->vocabulary.longest = all[i].name[j].len;
}

/* A record on a pipe or a terminal is not durable. */
static void
check_durable(struct draft *d)
{
	uint32_t duties = d->s->policy.duties;

	for (uint32_t i = 0; i < d->s->workload_count; i++)
		duties |= d->workload[i].duties;
	for (uint32_t i = 0; i < d->s->kind_count; i++)
		duties |= d->kind_duties[i];
	if ((duties >> DUTY_durable_record & 1) != 0 && d->s->data.len == 0 &&
	    d->s->log_target != LOG_FILE)
		report_error(d->report, field_at(&d->file, FILE_log), SAY(S("the duty "
		    "durable_record needs a ledger, `data: FOLDER`, or records in a file: "
		    "`log: {file: PATH}`")));
}

void
draft_policy(struct draft *d)
{
	struct policy *p = &d->s->policy;

	/* What is wrong left holes, and is thrown away. */
	if (d->report->errors > 0 || arena_overflowed(d->arena) || arena_overflowed(&d->scratch))
		return;
	p->kind_label = d->kind_label;
	p->kind_duties = d->kind_duties;
	p->kind_count = d->s->kind_count;
	p->duties = draft_duties(d, field_at(&d->file, FILE_duties)) |
	    draft_pack_duties(d);
	compile_places(d);
	compile_models(d);
	compile_workloads(d);
	compile_bounds(d);
	compile_vocabulary(d);
	check_durable(d);
}
