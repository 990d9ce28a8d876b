/* SPDX-License-Identifier: Apache-2.0 */
#include "caller/bind.h"

#include "caller/purse.h"
/* The role of a key that names none. */
#define ROLE_USUAL	S("service")

static bool
find_role(const struct snapshot *s, struct slice name, uint32_t *at)
{
	*at = 0;
	for (uint32_t i = 1; i < s->role_count; i++)
		if (slice_eq(s->role[i].name, name))
			*at = i;
	return *at != 0 || name.len == 0 || slice_eq(name, ROLE_USUAL);
}

static bool
find_zone(const struct snapshot *s, struct slice name, uint32_t *at)
{
	for (*at = 0; *at < s->zone_count; (*at)++)
		if (slice_eq(s->zone[*at].name, name))
			return true;
	return false;
}

static bool
has_model(const struct snapshot *s, struct slice name)
{
	return snapshot_model(s, name) != NULL || snapshot_group(s, name) != NULL;
}

/* ---- the ceiling ---- */

/* A level alone stands for all kinds but credentials up to it, as in a configuration. */
static uint64_t
usual_kinds(const struct snapshot *s)
{
	uint64_t all = s->kind_count == 64 ? UINT64_MAX : (UINT64_C(1) << s->kind_count) - 1;
	uint32_t credentials;

	if (snapshot_kind(s, S("credentials"), &credentials))
		all &= ~(UINT64_C(1) << credentials);
	return all;
}

/* Narrows the role's ceiling to the key's; ERR_KEY_STALE. */
static enum err
bind_ceiling(const struct grant *g, const struct snapshot *s, struct clearance *c,
    struct slice *gone)
{
	struct slice kinds = g->list[GRANT_kinds], level = g->text[GRANT_level], name;
	uint64_t set = 0;
	uint32_t at;

	if (level.len > 0) {
		*gone = level;
		if (!snapshot_level(s, level, &at))
			return ERR_KEY_STALE;
		c->level = at < c->level ? at : c->level;
	}
	if (level.len > 0 && kinds.ptr == NULL)
		c->kinds &= usual_kinds(s);
	if (kinds.ptr == NULL)
		return ERR_OK;
	while (grant_list_next(&kinds, &name)) {
		*gone = name;
		if (!snapshot_kind(s, name, &at))
			return ERR_KEY_STALE;
		set |= UINT64_C(1) << at;
	}
	c->kinds &= set;
	return ERR_OK;
}

static bool
has_team(const struct snapshot *s, struct slice tenant, struct slice team)
{
	const struct tenant *row = snapshot_tenant(s, tenant);

	return row != NULL && tenant_team(row, team) != NULL;
}

/* ---- sets ---- */

static void
add(uint64_t *set, uint32_t index)
{
	set[index / 64] |= UINT64_C(1) << index % 64;
}

static void
add_models(const struct snapshot *s, struct slice name, uint64_t *set)
{
	const struct model *model = snapshot_model(s, name);
	const struct group *group = snapshot_group(s, name);

	if (model != NULL)
		add(set, model->index);
	for (uint32_t i = 0; group != NULL && i < group->count; i++)
		add(set, group->index[i]);
}

static void
drop_zones(const struct snapshot *s, struct slice zones, uint64_t *set)
{
	for (uint32_t i = 0; i < s->model_count; i++)
		if (!grant_list_has(zones, s->model[i].zone->name))
			set[i / 64] &= ~(UINT64_C(1) << i % 64);
}

/* NULL: all.  False without memory. */
static bool
bind_models(const struct grant *g, const struct snapshot *s, struct arena *a, const uint64_t **out)
{
	struct slice models = g->list[GRANT_models], zones = g->list[GRANT_zones], name;
	size_t words = (s->model_count + 63) / 64;
	uint64_t *set;

	*out = NULL;
	if (models.ptr == NULL && zones.ptr == NULL)
		return true;
	if ((set = arena_zero(a, words * sizeof *set)) == NULL)
		return false;
	if (models.ptr == NULL)
		memset(set, 0xff, words * sizeof *set);
	while (grant_list_next(&models, &name))
		add_models(s, name, set);
	if (zones.ptr != NULL)
		drop_zones(s, zones, set);
	*out = set;
	return true;
}

static bool
bind_workloads(const struct grant *g, const struct snapshot *s, struct arena *a,
    const uint64_t **out)
{
	struct slice list = g->list[GRANT_workloads], name;
	uint64_t *set;

	*out = NULL;
	if (list.ptr == NULL)
		return true;
	if ((set = arena_zero(a, (s->workload_count + 63) / 64 * sizeof *set)) == NULL)
		return false;
	while (grant_list_next(&list, &name)) {
		uint32_t at = snapshot_workload(s, name);

		if (at != MATCH_NONE)
			add(set, at);
	}
	*out = set;
	return true;
}

/* What this program does not understand was checked by one that did: it limits nothing here. */
static void
bind_limits(const struct grant *g, struct allowance *out)
{
	struct slice list = g->list[GRANT_limits], each;
	enum dimension dimension;
	uint64_t amount;

	while (grant_list_next(&list, &each)) {
		size_t at = slice_find(each, S("="));

		if (allowance_find(slice_cut(each, 0, at), &dimension) &&
		    slice_number(slice_cut(each, at + 1, each.len), &amount) &&
		    amount <= allowance_max(dimension))
			allowance_set(out, dimension, amount);
	}
}

/*
 * The team and the budgets of a key, or what of them is gone: a key whose budgets nobody can read
 * is better refused than free.
 */
static enum err
bind_purse(const struct grant *g, const struct snapshot *s, struct arena *a, struct key *key,
    struct slice *gone)
{
	struct slice list = g->list[GRANT_budget], each, team = g->text[GRANT_team];
	struct budgets *own;
	struct budget *row;

	*gone = team;
	if (team.len > 0 && !has_team(s, g->text[GRANT_tenant], team))
		return ERR_KEY_STALE;
	key->team = team;
	if (list.ptr == NULL)
		return ERR_OK;
	own = arena_zero(a, sizeof *own);
	row = arena_zero(a, BUDGETS_MAX * sizeof *row);
	if (own == NULL || row == NULL)
		return ERR_MEMORY;
	own->row = row;
	while (grant_list_next(&list, &each)) {
		*gone = each;
		if (own->count == BUDGETS_MAX || !purse_read(each, &row[own->count]))
			return ERR_KEY_STALE;
		*gone = row[own->count].zone_name;
		if (!zone_file_find(s->zone_file, *gone, &row[own->count].zone))
			return ERR_KEY_STALE;
		own->count++;
	}
	key->budgets = own;
	return ERR_OK;
}

enum err
bind_grant(const struct grant *g, const struct snapshot *s, struct arena *a, struct key *out,
    struct slice *gone)
{
	struct bound *bound = arena_zero(a, sizeof *bound);
	char *id = arena_bytes(a, KEY_NAME_MAX);
	enum err e;

	if (bound == NULL || id == NULL)
		return ERR_MEMORY;
	*gone = g->text[GRANT_role];
	if (!find_role(s, g->text[GRANT_role], &bound->role))
		return ERR_KEY_STALE;
	bound->ceiling = s->role[bound->role].ceiling;
	if ((e = bind_ceiling(g, s, &bound->ceiling, gone)) != ERR_OK)
		return e;
	if (!bind_models(g, s, a, &bound->models) || !bind_workloads(g, s, a, &bound->workloads))
		return ERR_MEMORY;
	*out = (struct key){
		.id = key_name((enum key_owner)g->head.owner, &g->head.id, id),
		.tenant = g->text[GRANT_tenant],
		.role = g->text[GRANT_role].len > 0 ? g->text[GRANT_role] : ROLE_USUAL,
		.own = bound,
		.explain = s->role[bound->role].explain,
		.models = bound->models,
		.index = UINT32_MAX,
	};
	bind_limits(g, &out->limits);
	if ((e = bind_purse(g, s, a, out, gone)) != ERR_OK)
		return e;
	out->number = allowance_number(&s->hash_key, SUBJECT_KEY, out->id);
	return ERR_OK;
}

/* A budget's time zone must be one that the snapshot has read. */
static bool
zone_unknown(const struct snapshot *s, struct slice each, struct slice *name)
{
	const struct time_zone *zone;
	struct budget b;

	if (!purse_read(each, &b))
		return true;
	*name = b.zone_name;
	return !zone_file_find(s->zone_file, b.zone_name, &zone);
}

static bool
list_unknown(const struct snapshot *s, enum grant_list which, struct slice list,
    struct slice *name)
{
	uint32_t at;

	while (grant_list_next(&list, name)) {
		bool known = which == GRANT_kinds ? snapshot_kind(s, *name, &at)
		    : which == GRANT_models ? has_model(s, *name)
		    : which == GRANT_workloads ? snapshot_workload(s, *name) != MATCH_NONE
		    : which == GRANT_zones ? find_zone(s, *name, &at)
		    : which == GRANT_budget ? !zone_unknown(s, *name, name) : true;

		if (!known)
			return true;
	}
	return false;
}

bool
bind_unknown(const struct grant *g, const struct snapshot *s, struct slice *row, struct slice *name)
{
	uint32_t at;

	*row = grant_text_name[GRANT_role];
	*name = g->text[GRANT_role];
	if (!find_role(s, *name, &at))
		return true;
	*row = grant_text_name[GRANT_level];
	*name = g->text[GRANT_level];
	if (name->len > 0 && !snapshot_level(s, *name, &at))
		return true;
	*row = grant_text_name[GRANT_team];
	*name = g->text[GRANT_team];
	if (name->len > 0 && !has_team(s, g->text[GRANT_tenant], *name))
		return true;
	for (enum grant_list i = 0; i < GRANT_LISTS; i++) {
		*row = grant_list_name[i];
		if (list_unknown(s, i, g->list[i], name))
			return true;
	}
	return false;
}
