/* SPDX-License-Identifier: Apache-2.0 */
#include "study/change.h"

#include "study/told.h"

/* Sensitivities of one workload that change in the same way. */
struct delta {
	uint64_t	levels, kinds;	/* sets by the old policy's index */
	/* Sets by the index of that policy in which the model is */
	uint64_t	*gained, *lost, *excused, *unexcused;
	uint32_t	duties_gained, duties_lost;
	uint32_t	old_first, new_first;	/* MATCH_NONE: nobody, or the same */
};

struct deltas {
	struct delta	delta[LEVEL_MAX + KIND_MAX];
	uint32_t	count;
	struct cell	old, new;
};

bool
change_is_none(const struct change *c)
{
	return c->workloads == 0 && c->words == 0;
}

/* ---- finding ---- */

static void
mark(uint64_t *set, uint32_t i)
{
	set[i / 64] |= UINT64_C(1) << i % 64;
}

static bool
new_delta(struct delta *g, const struct change *c)
{
	uint32_t old = cell_words(c->old), new = cell_words(c->new);
	uint64_t *words = arena_zero(c->arena, (old + 3 * new) * sizeof *words);

	*g = (struct delta){
		.lost = words,
		.gained = words + old,
		.excused = words + old + new,
		.unexcused = words + old + 2 * new,
		.old_first = MATCH_NONE,
		.new_first = MATCH_NONE,
	};
	return words != NULL;
}

static struct slice
model_name(const struct snapshot *s, uint32_t model)
{
	return model == MATCH_NONE ? slice_of(NULL, 0) : s->model[model].name;
}

/* False if the cells are the same. */
static bool
compare(const struct change *c, const struct deltas *all, struct delta *g)
{
	const struct cell *old = &all->old, *new = &all->new;
	bool differs = false;

	for (uint32_t i = 0; i < c->old->model_count; i++) {
		const struct model *m = snapshot_model(c->new, c->old->model[i].name);

		if (!policy_set_has(old->serves, i) ||
		    (m != NULL && policy_set_has(new->serves, m->index)))
			continue;
		mark(g->lost, i);
		differs = true;
	}
	for (uint32_t i = 0; i < c->new->model_count; i++) {
		const struct model *m = snapshot_model(c->old, c->new->model[i].name);
		bool had = m != NULL && policy_set_has(old->serves, m->index);

		if (!policy_set_has(new->serves, i))
			continue;
		if (!had)
			mark(g->gained, i);
		else if (policy_set_has(new->leans, i) && !policy_set_has(old->leans, m->index))
			mark(g->excused, i);
		else if (!policy_set_has(new->leans, i) && policy_set_has(old->leans, m->index))
			mark(g->unexcused, i);
		else
			continue;
		differs = true;
	}
	g->duties_gained = new->duties & ~old->duties;
	g->duties_lost = old->duties & ~new->duties;
	if (!slice_eq(model_name(c->old, old->first), model_name(c->new, new->first))) {
		g->old_first = old->first;
		g->new_first = new->first;
		differs = true;
	}
	return differs || g->duties_gained != 0 || g->duties_lost != 0;
}

static bool
is_same(const struct change *c, const struct delta *a, const struct delta *b)
{
	size_t new = cell_words(c->new) * sizeof *a->gained;

	return (a->kinds != 0) == (b->kinds != 0) && a->duties_gained == b->duties_gained &&
	    a->duties_lost == b->duties_lost && a->old_first == b->old_first &&
	    a->new_first == b->new_first && memcmp(a->gained, b->gained, 3 * new) == 0 &&
	    memcmp(a->lost, b->lost, cell_words(c->old) * sizeof *a->lost) == 0;
}

/* One level or kind, where both policies have it. */
static enum err
add(const struct change *c, struct deltas *all, uint32_t old_workload, uint32_t new_workload,
    struct sensitivity what)
{
	struct slice name = what.of_kind ? c->old->kind[what.index] : c->old->level[what.index];
	struct sensitivity then = { .of_kind = what.of_kind };
	struct delta *g = &all->delta[all->count];

	if (what.of_kind ? !snapshot_kind(c->new, name, &then.index)
	    : !snapshot_level(c->new, name, &then.index))
		return ERR_OK;
	if (!new_delta(g, c))
		return ERR_MEMORY;
	cell_ask(&all->old, c->old, old_workload, what, c->now);
	cell_ask(&all->new, c->new, new_workload, then, c->now);
	if (!compare(c, all, g))
		return ERR_OK;
	*(what.of_kind ? &g->kinds : &g->levels) = UINT64_C(1) << what.index;
	for (uint32_t i = 0; i < all->count; i++)
		if (is_same(c, &all->delta[i], g)) {
			all->delta[i].levels |= g->levels;
			all->delta[i].kinds |= g->kinds;
			return ERR_OK;
		}
	all->count++;
	return ERR_OK;
}

/* ---- telling ---- */

static void
put_names(const struct change *c, struct names names, const uint64_t *set)
{
	bool first = true;

	for (uint32_t i = 0; i < names.count; i++) {
		if (!policy_set_has(set, i))
			continue;
		text_put(c->out, first ? S("") : c->json ? S(",") : S(", "));
		if (c->json)
			text_put_json(c->out, names.name[i]);
		else
			text_put(c->out, names.name[i]);
		first = false;
	}
}

static bool
is_empty(const uint64_t *set, uint32_t count)
{
	for (uint32_t i = 0; i < (count + 63) / 64; i++)
		if (set[i] != 0)
			return false;
	return true;
}

/* A line "    lost    a, b"; or a member of the object. */
static void
put_set(const struct change *c, struct slice what, struct slice colour, struct names names,
    const uint64_t *set)
{
	if (is_empty(set, names.count))
		return;
	if (c->json) {
		text_put(c->out, S(",\""));
		text_put(c->out, what);
		text_put(c->out, S("\":["));
		put_names(c, names, set);
		text_put_char(c->out, ']');
		return;
	}
	text_put(c->out, S("    "));
	text_put(c->out, c->colour ? colour : S(""));
	text_put(c->out, what);
	for (size_t i = what.len; i < 22; i++)
		text_put_char(c->out, ' ');
	put_names(c, names, set);
	text_put(c->out, c->colour && colour.len > 0 ? S("\033[0m\n") : S("\n"));
}

static void
put_first(const struct change *c, const struct delta *g)
{
	struct slice old = model_name(c->old, g->old_first), new = model_name(c->new, g->new_first);

	if (g->old_first == MATCH_NONE && g->new_first == MATCH_NONE)
		return;
	if (c->json) {
		text_put(c->out, S(",\"first\":["));
		text_put(c->out, old.len == 0 ? S("null") : S(""));
		if (old.len > 0)
			text_put_json(c->out, old);
		text_put(c->out, new.len == 0 ? S(",null]") : S(","));
		if (new.len > 0) {
			text_put_json(c->out, new);
			text_put_char(c->out, ']');
		}
		return;
	}
	text_put(c->out, S("    asked first           "));
	text_put(c->out, old.len == 0 ? S("nobody") : old);
	text_put(c->out, S(" -> "));
	text_put(c->out, new.len == 0 ? S("nobody") : new);
	text_put_char(c->out, '\n');
}

static void
put_delta(const struct change *c, const struct delta *g, bool first)
{
	static const struct names duties = { policy_duty_name, DUTY_COUNT };
	const struct vocabulary *old = &c->old->vocabulary, *new = &c->new->vocabulary;
	uint64_t duties_gained = g->duties_gained, duties_lost = g->duties_lost;

	if (c->json) {
		text_put(c->out, first ? S("{\"levels\":[") : S(",{\"levels\":["));
		put_names(c, old->level, &g->levels);
		text_put(c->out, S("],\"kinds\":["));
		put_names(c, old->kind, &g->kinds);
		text_put_char(c->out, ']');
	} else {
		text_put(c->out, g->kinds != 0 ? S("  with ") : S("  "));
		put_names(c, old->level, &g->levels);
		put_names(c, old->kind, &g->kinds);
		text_put_char(c->out, '\n');
	}
	put_set(c, S("gained"), S("\033[32m"), new->model, g->gained);
	put_set(c, S("lost"), S("\033[31m"), old->model, g->lost);
	put_set(c, c->json ? S("by_exception") : S("by an exception now"), S(""), new->model,
	    g->excused);
	put_set(c, c->json ? S("not_by_exception") : S("by no exception now"), S(""), new->model,
	    g->unexcused);
	put_first(c, g);
	put_set(c, c->json ? S("duties_gained") : S("duties gained"), S(""), duties,
	    &duties_gained);
	put_set(c, c->json ? S("duties_lost") : S("duties lost"), S(""), duties, &duties_lost);
	text_put(c->out, c->json ? S("}") : S(""));
}

static void
put_workload(struct change *c, struct slice name, struct slice how)
{
	if (c->json) {
		text_put(c->out, c->workloads > 0 ? S(",\n{\"workload\":") : S("\n{\"workload\":"));
		text_put_json(c->out, name);
		text_put(c->out, S(",\"change\":"));
		text_put_json(c->out, how);
		text_put(c->out, S(",\"cells\":["));
	} else {
		told_put_bold(c->out, c->colour, name.len > 0 ? name : S("every request"));
		text_put(c->out, slice_eq(how, S("changed")) ? S("") : S("  "));
		text_put(c->out, slice_eq(how, S("changed")) ? S("\n") : how);
		text_put(c->out, slice_eq(how, S("changed")) ? S("") : S("\n"));
	}
	c->workloads++;
}

/* The workload of a name; without names there is one. */
static uint32_t
find(const struct snapshot *s, struct slice name)
{
	if (name.len == 0)
		return s->workloads_said ? MATCH_NONE : 0;
	return snapshot_workload(s, name);
}

enum err
change_workload(struct change *c, struct slice name)
{
	uint32_t old = find(c->old, name), new = find(c->new, name);
	struct deltas *all = arena_alloc(c->arena, sizeof *all);

	if (all == NULL)
		return ERR_MEMORY;
	if (old == MATCH_NONE || new == MATCH_NONE) {
		put_workload(c, name, old == MATCH_NONE ? S("added") : S("removed"));
		text_put(c->out, c->json ? S("]}") : S(""));
		return ERR_OK;
	}
	all->count = 0;
	all->old = cell_new(c->arena, c->old);
	all->new = cell_new(c->arena, c->new);
	if (all->old.reason == NULL || all->new.reason == NULL)
		return ERR_MEMORY;
	for (uint32_t i = 0; i < c->old->level_count + c->old->kind_count; i++) {
		bool of_kind = i >= c->old->level_count;
		enum err e = add(c, all, old, new, (struct sensitivity){
			of_kind, of_kind ? i - c->old->level_count : i });

		if (e != ERR_OK)
			return e;
	}
	if (all->count == 0)
		return ERR_OK;
	put_workload(c, name, S("changed"));
	for (uint32_t i = 0; i < all->count; i++)
		put_delta(c, &all->delta[i], i == 0);
	text_put(c->out, c->json ? S("]}") : S(""));
	return ERR_OK;
}

/* ---- the whole ---- */

static bool
has(struct names names, struct slice name)
{
	for (uint32_t i = 0; i < names.count; i++)
		if (slice_eq(names.name[i], name))
			return true;
	return false;
}

/* Names of one that the other has not. */
static void
put_missing(struct change *c, struct slice what, struct names these, struct names those)
{
	bool first = true;

	if (c->json) {
		text_put(c->out, S(",\""));
		text_put(c->out, what);
		text_put(c->out, S("\":["));
	}
	for (uint32_t i = 0; i < these.count; i++) {
		if (has(those, these.name[i]))
			continue;
		if (c->json) {
			text_put(c->out, first ? S("") : S(","));
			text_put_json(c->out, these.name[i]);
		} else {
			text_put(c->out, first ? what : S(","));
			text_put_char(c->out, ' ');
			text_put(c->out, these.name[i]);
		}
		first = false;
		c->words++;
	}
	text_put(c->out, c->json ? S("]") : first ? S("") : S("\n"));
}

void
change_begin(struct change *c)
{
	const struct vocabulary *old = &c->old->vocabulary, *new = &c->new->vocabulary;

	if (c->json) {
		text_put(c->out, S("{\"old\":\""));
		text_put(c->out, slice_of(c->old->hash, SNAPSHOT_HASH_BYTES));
		text_put(c->out, S("\",\"new\":\""));
		text_put(c->out, slice_of(c->new->hash, SNAPSHOT_HASH_BYTES));
		text_put_char(c->out, '"');
	}
	put_missing(c, c->json ? S("levels_added") : S("levels added:"), new->level, old->level);
	put_missing(c, c->json ? S("levels_removed") : S("levels removed:"), old->level,
	    new->level);
	put_missing(c, c->json ? S("kinds_added") : S("kinds added:"), new->kind, old->kind);
	put_missing(c, c->json ? S("kinds_removed") : S("kinds removed:"), old->kind, new->kind);
	put_missing(c, c->json ? S("models_added") : S("models added:"), new->model, old->model);
	put_missing(c, c->json ? S("models_removed") : S("models removed:"), old->model,
	    new->model);
	text_put(c->out, c->json ? S(",\"workloads\":[") : S(""));
}

void
change_end(struct change *c)
{
	if (!c->json) {
		text_put(c->out, change_is_none(c) ? S("the same may serve the same\n") : S(""));
		return;
	}
	text_put(c->out, change_is_none(c) ? S("],\"same\":true}\n") : S("],\"same\":false}\n"));
}
