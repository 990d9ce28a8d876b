/* SPDX-License-Identifier: Apache-2.0 */

/*
 * caller - the rows of `keys` and `issuers`: who may call, and which models.
 */

#include "conf/caller.h"

#include <errno.h>

#include "conf/draft.h"
#include "core/limit.h"
#include "run/kernel.h"

/* Fewer characters than this can be guessed. */
#define SECRET_BYTES_GOOD	16

static void
allow_group(const struct group *group, uint64_t *set)
{
	for (uint32_t i = 0; i < group->count; i++)
		set[group->model[i]->index / 64] |= UINT64_C(1) << group->model[i]->index % 64;
}

static void
report_nothing_named(struct draft *d, const struct node *node)
{
	struct nearest nearest = { .word = node->text };
	struct slice near;

	for (uint32_t i = 0; i < d->s->model_count; i++)
		nearest_try(&nearest, d->s->model[i].name);
	for (uint32_t i = 0; i < d->s->group_count; i++)
		nearest_try(&nearest, d->s->group[i].name);
	near = nearest_word(&nearest);
	if (near.len > 0)
		report_error(d->report, node, SAY(S("there is no model or group `"), node->text,
		    S("`; did you mean `"), near, S("`?")));
	else
		report_error(d->report, node, SAY(S("there is no model or group `"), node->text,
		    S("`")));
}

const uint64_t *
draft_model_set(struct draft *d, const struct node *list)
{
	uint64_t *set;

	if (list == NULL)
		return NULL;
	set = draft_array(d->arena, (d->s->model_count + 63) / 64, sizeof *set);
	for (uint32_t i = 0; set != NULL && i < list->count; i++) {
		const struct node *each = &list->child[i];
		const struct model *model = snapshot_model(d->s, each->text);
		const struct group *group = snapshot_group(d->s, each->text);

		if (model != NULL)
			set[model->index / 64] |= UINT64_C(1) << model->index % 64;
		else if (group != NULL)
			allow_group(group, set);
		else
			report_nothing_named(d, each);
	}
	if (list->count == 0)
		report_error(d->report, list, SAY(S("an empty list allows no model; "
		    "leave `models` out for all")));
	return set;
}

static const uint64_t *
caller_workloads(struct draft *d, const struct node *list)
{
	if (list != NULL && list->count == 0)
		report_error(d->report, list, SAY(S("a key that may choose no workload is of no "
		    "use; leave `workloads` out for all")));
	return draft_workload_set(d, list);
}

static void
caller_bound(struct draft *d, const struct fields *f, struct key *key, struct bound *bound)
{
	for (uint32_t i = 1; d->role != NULL && i < d->s->role_count; i++)
		if (slice_eq(d->role[i].name, key->role))
			bound->role = i;
	if (d->role == NULL)
		return;
	bound->ceiling = caller_meet(d->role[bound->role].ceiling,
	    draft_ceiling(d, field_at(f, CALLER_ceiling)));
	bound->models = key->models;
	bound->workloads = caller_workloads(d, field_at(f, CALLER_workloads));
	key->explain = d->role[bound->role].explain;
}

/* Puts a key where its digest finds it; false if that secret is another's already. */
static bool
caller_place(struct draft *d, uint32_t *slot, uint32_t index, uint32_t *other)
{
	const struct hash_digest *digest = &d->key[index].digest;
	uint64_t mask = d->s->key_table.mask;
	uint64_t at = digest->word[0] & mask;

	for (; slot[at] != 0; at = (at + 1) & mask) {
		const struct hash_digest *taken = &d->key[slot[at] - 1].digest;

		if (taken->word[0] != digest->word[0] || taken->word[1] != digest->word[1])
			continue;
		*other = slot[at] - 1;
		return false;
	}
	slot[at] = index + 1;
	return true;
}

static void
caller_secret(struct draft *d, const struct node *node, uint32_t index, uint32_t *slot)
{
	struct slice secret = draft_secret(d, node);
	uint32_t other;

	if (secret.len == 0)
		return;
	if (secret.len < SECRET_BYTES_GOOD && !d->options->detached)
		report_warning(d->report, node, SAY(S("this secret is shorter than 16 characters, "
		    "and can be guessed; take 32 random ones")));
	d->key[index].digest = hash_128(&d->s->hash_key, secret);
	d->key_source[index] = node->text;
	if (!caller_place(d, slot, index, &other))
		report_error(d->report, node, SAY(S("the keys `"), d->key[other].id, S("` and `"),
		    d->key[index].id,
		    S("` have the same secret; records could not tell them apart")));
}

/* Ids are found again by hash, so that a million of them are checked in one pass. */
static void
check_id(struct draft *d, const struct node *node, uint32_t index, uint32_t *slot, uint64_t mask)
{
	uint64_t at = hash_64(&d->s->hash_key, node->text) & mask;

	while (slot[at] != 0 && !slice_eq(d->key[slot[at] - 1].id, node->text))
		at = (at + 1) & mask;
	if (slot[at] != 0)
		report_error(d->report, node, SAY(S("there are two keys `"), node->text, S("`")));
	slot[at] = index + 1;
}

static void
draft_key(struct draft *d, const struct node *node, uint32_t index, uint32_t *slot,
    const struct name_table *ids)
{
	struct key *key = &d->key[index];
	struct fields f;

	key->index = index;
	if (!schema_read(node, ROW_CALLER, d->report, &f))
		return;
	key->id = arena_copy(d->arena, field_text(&f, CALLER_id, slice_of(NULL, 0)));
	key->tenant = arena_copy(d->arena, field_text(&f, CALLER_tenant, S("default")));
	key->role = arena_copy(d->arena, field_text(&f, CALLER_role, S("service")));
	key->models = draft_model_set(d, field_at(&f, CALLER_models));
	caller_bound(d, &f, key, &d->key_bound[index]);
	key->team = arena_copy(d->arena, field_text(&f, CALLER_team, slice_of(NULL, 0)));
	draft_key_team(d, field_at(&f, CALLER_team), key->tenant);
	draft_allowance(d, field_at(&f, CALLER_limits), &key->limits);
	key->budgets = draft_key_budgets(d, field_at(&f, CALLER_budget));
	key->number = allowance_number(&d->s->hash_key, SUBJECT_KEY, key->id);
	if (field_at(&f, CALLER_id) != NULL)
		check_id(d, field_at(&f, CALLER_id), index, (uint32_t *)(uintptr_t)ids->slot,
		    ids->mask);
	if (field_at(&f, CALLER_secret) != NULL)
		caller_secret(d, field_at(&f, CALLER_secret), index, slot);
}

void
draft_keys(struct draft *d)
{
	const struct node *list = field_at(&d->file, FILE_keys);
	uint32_t count = list == NULL ? 0 : list->count;
	struct name_table ids;
	uint32_t *slot;

	if (count > KEY_MAX) {
		report_error(d->report, list, SAY(S("there are more than 1000000 keys")));
		count = KEY_MAX;
	}
	d->key = draft_array(d->arena, count, sizeof *d->key);
	d->key_source = draft_array(&d->scratch, count, sizeof *d->key_source);
	d->key_bound = draft_array(&d->scratch, count, sizeof *d->key_bound);
	slot = draft_table(d, &d->s->key_table, count);
	if (d->key == NULL || d->key_source == NULL || d->key_bound == NULL ||
	    slot == NULL || draft_table(d, &ids, count) == NULL)
		return;
	d->s->key = d->key;
	d->s->key_count = count;
	for (uint32_t i = 0; i < count && !report_is_full(d->report); i++)
		draft_key(d, &list->child[i], i, slot, &ids);
}

/* ---- issuers ---- */

/* The texts of a list, in the snapshot; *count is 0 without memory. */
static const struct slice *
take_names(struct draft *d, const struct node *list, uint32_t *count)
{
	struct slice *names = draft_array(d->arena, list->count, sizeof *names);

	for (uint32_t i = 0; names != NULL && i < list->count; i++)
		names[i] = arena_copy(d->arena, list->child[i].text);
	*count = names == NULL ? 0 : list->count;
	return names;
}

static void
issuer_audience(struct draft *d, const struct node *list, struct issuer *issuer)
{
	if (list == NULL)
		return;
	issuer->audience = take_names(d, list, &issuer->audience_count);
	if (list->count == 0)
		report_error(d->report, list, SAY(S("an empty `audience` takes no token; write "
		    "what this gateway is called in `aud`")));
}

static void
issuer_algorithms(struct draft *d, const struct node *list, struct issuer *issuer)
{
	struct slice words = schema_row[ISSUER_algorithms].of, name[4];
	uint32_t count = 0, at;

	while (count < 4 && (name[count] = schema_word(words, count)).len > 0)
		count++;
	issuer->algorithms = list == NULL ? (1U << count) - 1 : 0;
	for (uint32_t i = 0; list != NULL && i < list->count; i++) {
		at = draft_find(name, count, list->child[i].text);
		if (at == count)
			draft_no_such(d, &list->child[i], S("algorithm"), name,
			    count);
		else
			issuer->algorithms |= 1U << at;
	}
	if (list != NULL && list->count == 0)
		report_error(d->report, list, SAY(S("an empty `algorithms` takes no token; leave "
		    "it out for all")));
}

/* A file that is not there at the start will hardly be there later. */
static void
issuer_file(struct draft *d, const struct node *node, struct issuer *issuer)
{
	struct slice path = slice_cut(node->text, 5, node->text.len);
	char *room = arena_bytes(d->arena, path.len + 1), byte;
	const char *why;
	ssize_t n;

	if (room == NULL)
		return;
	memcpy(room, path.ptr, path.len);
	room[path.len] = '\0';
	issuer->file = slice_of(room, path.len);
	issuer->keys_id = hash_64(&d->s->hash_key, node->text);
	if (d->options->detached)
		return;
	n = kernel_file_read(room, &byte, 1);
	if (n >= 0 || n == -EFBIG)
		return;
	why = strerror((int)-n);
	report_error(d->report, node, SAY(S("the file `"), path, S("` cannot be read: "),
	    slice_of(why, strlen(why))));
}

static void
issuer_keys(struct draft *d, const struct fields *f, struct issuer *issuer, struct tls_source *tls)
{
	const struct node *node = field_at(f, ISSUER_jwks);

	issuer->refresh_s = (uint32_t)field_count(f, ISSUER_refresh_s, 3600);
	issuer->keep_s = (uint32_t)field_count(f, ISSUER_keep_s, 86400);
	if (issuer->keep_s < issuer->refresh_s)
		report_error(d->report, field_at(f, ISSUER_keep_s), SAY(S("`keep_s` is less than "
		    "`refresh_s`: keys would be forgotten before they are fetched again")));
	if (node == NULL)
		return;
	issuer->jwks = arena_copy(d->arena, node->text);
	if (slice_starts(node->text, S("file:"))) {
		issuer_file(d, node, issuer);
		return;
	}
	draft_server_origin(d, SERVER_KEYS, f, &issuer->at, tls);
	issuer->keys_id = hash_64(&d->s->hash_key, node->text) ^ issuer->at.pool_id;
}

static void
issuer_claims(struct draft *d, const struct node *node, struct issuer *issuer)
{
	struct fields f = { 0 };

	if (node != NULL)
		(void)schema_read(node, ROW_CLAIMS, d->report, &f);
	for (enum claim i = 0; i < CLAIM_COUNT; i++) {
		enum schema_row row = (enum schema_row)(CLAIMS_id + i);
		struct slice path = field_text(&f, row, i == CLAIM_ID ? S("sub") : S(""));

		issuer->claim[i] = arena_copy(d->arena, path);
		if (field_at(&f, row) != NULL && path.len == 0)
			report_error(d->report, field_at(&f, row), SAY(S("`"),
			    schema_row[row].name, S("` is empty; leave it out")));
	}
}

/* The rows of `tenants`, without the one that stands for all others. */
static void
take_tenants(struct draft *d, struct issuer *issuer)
{
	struct slice *names = draft_array(d->arena, d->s->tenant_count, sizeof *names);

	for (uint32_t i = 0; names != NULL && i < d->s->tenant_count; i++)
		if (!slice_eq(d->s->tenant[i].name, S("default")))
			names[issuer->tenant_count++] = d->s->tenant[i].name;
	issuer->tenants = names;
}

static void
issuer_tenants(struct draft *d, const struct fields *f, struct issuer *issuer)
{
	const struct node *list = field_at(f, ISSUER_tenants);
	bool claimed = issuer->claim[CLAIM_TENANT].len > 0;

	issuer->tenant = arena_copy(d->arena, field_text(f, ISSUER_tenant,
	    claimed ? S("") : S("default")));
	issuer->team = arena_copy(d->arena, field_text(f, ISSUER_team, S("")));
	/* Of tokens that name their tenant it is asked with each of them. */
	if (!claimed)
		draft_key_team(d, field_at(f, ISSUER_team), issuer->tenant);
	if (!claimed && list != NULL)
		report_error(d->report, list, SAY(S("`tenants` is for tokens that name one; say "
		    "in `claims: {tenant: …}` where")));
	if (!claimed)
		return;
	if (list != NULL)
		issuer->tenants = take_names(d, list, &issuer->tenant_count);
	else
		take_tenants(d, issuer);
	if (issuer->tenant_count == 0)
		report_error(d->report, list != NULL ? list : f->map, SAY(S("tokens name a tenant, "
		    "and there is none that they may name; list them in `tenants`")));
}

/* ---- their roles ---- */

static uint32_t
role_find(const struct draft *d, struct slice name)
{
	for (uint32_t i = 1; i < d->s->role_count; i++)
		if (slice_eq(d->role[i].name, name))
			return i;
	return 0;
}

static void
add_role(struct draft *d, struct issuer *issuer, struct slice value, struct slice name)
{
	struct claimed_role *all = (struct claimed_role *)(uintptr_t)issuer->role;
	uint32_t role = role_find(d, name);

	if (issuer->role_count == ISSUER_ROLES_MAX)
		return;
	all[issuer->role_count++] = (struct claimed_role){
		.value = arena_copy(d->arena, value),
		.name = arena_copy(d->arena, name),
		.explain = d->role[role].explain,
	};
	d->issuer_bound[d->issuer_bound_count++] = (struct bound){
		.ceiling = caller_meet(d->role[role].ceiling, issuer->ceiling),
		.models = issuer->models,
		.workloads = issuer->workloads,
		.role = role,
	};
}

static void
report_no_role(struct draft *d, const struct node *node)
{
	struct nearest nearest = { .word = node->text };
	struct slice near;

	for (uint32_t i = 1; i < d->s->role_count; i++)
		nearest_try(&nearest, d->role[i].name);
	near = nearest_word(&nearest);
	if (near.len > 0)
		report_error(d->report, node, SAY(S("there is no role `"), node->text,
		    S("`; did you mean `"), near, S("`?")));
	else
		report_error(d->report, node, SAY(S("there is no role `"), node->text,
		    S("`; add it to `roles`")));
}

static void
map_roles(struct draft *d, const struct node *map, struct issuer *issuer)
{
	if (map->type != NODE_MAP || map->count == 0 || map->count >= ISSUER_ROLES_MAX) {
		report_error(d->report, map, SAY(S("`roles` must be a map of one to 255 values of "
		    "the claim to names of `roles`: `ai-admins: admin`")));
		return;
	}
	for (uint32_t i = 0; i < map->count; i++) {
		const struct node *role = node_value(map, i);

		if (node_key(map, i)->text.len == 0)
			report_error(d->report, node_key(map, i), SAY(S("this value is empty; the "
			    "role of tokens that name none is `role`")));
		else if (role->type != NODE_TEXT || role_find(d, role->text) == 0)
			report_no_role(d, role);
		else
			add_role(d, issuer, node_key(map, i)->text, role->text);
	}
}

static void
issuer_roles(struct draft *d, const struct fields *f, struct issuer *issuer)
{
	const struct node *map = field_at(f, ISSUER_roles);
	bool claimed = issuer->claim[CLAIM_ROLE].len > 0;
	struct slice usual = field_text(f, ISSUER_role, claimed ? S("") : S("service"));

	issuer->role = draft_array(d->arena, ISSUER_ROLES_MAX, sizeof *issuer->role);
	if (issuer->role == NULL || d->issuer_bound == NULL || d->role == NULL)
		return;
	if (!claimed && map != NULL)
		report_error(d->report, map, SAY(S("`roles` is for tokens that name one; say in "
		    "`claims: {role: …}` where")));
	if (claimed && map != NULL)
		map_roles(d, map, issuer);
	else if (claimed)
		for (uint32_t i = 1; i < d->s->role_count; i++)
			add_role(d, issuer, d->role[i].name, d->role[i].name);
	if (claimed && map == NULL && d->s->role_count == 1)
		report_error(d->report, f->map, SAY(S("tokens name a role, and the file has no "
		    "`roles`")));
	if (usual.len > 0)
		add_role(d, issuer, S(""), usual);
}

static void
draft_issuer(struct draft *d, const struct node *node, struct issuer *issuer,
    struct tls_source *tls)
{
	struct fields f;

	if (!schema_read(node, ROW_ISSUER, d->report, &f))
		return;
	issuer->iss = arena_copy(d->arena, field_text(&f, ISSUER_issuer, S("")));
	issuer_audience(d, field_at(&f, ISSUER_audience), issuer);
	issuer_algorithms(d, field_at(&f, ISSUER_algorithms), issuer);
	issuer->leeway_s = (uint32_t)field_count(&f, ISSUER_leeway_s, 60);
	issuer_keys(d, &f, issuer, tls);
	issuer_claims(d, field_at(&f, ISSUER_claims), issuer);
	issuer_tenants(d, &f, issuer);
	issuer->models = draft_model_set(d, field_at(&f, ISSUER_models));
	issuer->workloads = caller_workloads(d, field_at(&f, ISSUER_workloads));
	issuer->ceiling = draft_ceiling(d, field_at(&f, ISSUER_ceiling));
	issuer->ceiling_said = field_at(&f, ISSUER_ceiling) != NULL;
	issuer_roles(d, &f, issuer);
	draft_allowance(d, field_at(&f, ISSUER_limits), &issuer->limits);
	issuer->budgets = draft_key_budgets(d, field_at(&f, ISSUER_budget));
}

void
draft_issuers(struct draft *d)
{
	const struct node *table = field_at(&d->file, FILE_issuers);
	uint32_t count = table == NULL ? 0 : table->count;

	if (count > ISSUER_MAX) {
		report_error(d->report, table, SAY(S("there are more than 64 issuers")));
		count = ISSUER_MAX;
	}
	d->issuer = draft_array(d->arena, count, sizeof *d->issuer);
	d->issuer_tls = draft_array(&d->scratch, count, sizeof *d->issuer_tls);
	d->issuer_bound = draft_array(&d->scratch, count * ISSUER_ROLES_MAX,
	    sizeof *d->issuer_bound);
	if (d->issuer == NULL || d->issuer_tls == NULL || d->issuer_bound == NULL)
		return;
	d->s->issuer = d->issuer;
	for (uint32_t i = 0; i < count; i++) {
		const struct node *key = node_key(table, i);

		draft_pair_name(d, key, S("issuer"));
		d->issuer[i].name = arena_copy(d->arena, key->text);
		draft_issuer(d, node_value(table, i), &d->issuer[i], &d->issuer_tls[i]);
		if (snapshot_issuer(d->s, d->issuer[i].iss) != NULL && d->issuer[i].iss.len > 0)
			report_error(d->report, key, SAY(S("two rows have the `issuer` `"),
			    d->issuer[i].iss, S("`; a token could mean either")));
		d->s->issuer_count = i + 1;
	}
}
