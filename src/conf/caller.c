/* SPDX-License-Identifier: Apache-2.0 */

/*
 * caller - the rows of `keys`: who may call, and which models.
 */

#include "conf/draft.h"
#include "core/limit.h"

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

/* Both ceilings hold. */
static struct clearance
meet(struct clearance a, struct clearance b)
{
	a.kinds &= b.kinds;
	a.holds &= b.holds;
	a.level = a.level < b.level ? a.level : b.level;
	return a;
}

static void
caller_bound(struct draft *d, const struct fields *f, struct key *key, struct bound *bound)
{
	for (uint32_t i = 1; d->role != NULL && i < d->s->role_count; i++)
		if (slice_eq(d->role[i].name, key->role))
			bound->role = i;
	if (d->role == NULL)
		return;
	bound->ceiling = meet(d->role[bound->role].ceiling,
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
	draft_allowance(d, field_at(&f, CALLER_limits), &key->limits);
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
