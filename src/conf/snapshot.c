/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/snapshot.h"

#include <stdlib.h>

#include "conf/resolve.h"
#include "core/must.h"
#include "run/tls.h"

struct snapshot *
snapshot_ref(struct snapshot *s)
{
	must(atomic_fetch_add_explicit(&s->references, 1, memory_order_relaxed) > 0);
	return s;
}

/* The arena's memory wipes what it takes back; the digests of keys lie in it too. */
void
snapshot_unref(struct snapshot *s)
{
	if (s == NULL)
		return;
	uint64_t before = atomic_fetch_sub_explicit(&s->references, 1, memory_order_acq_rel);

	must(before > 0);
	if (before > 1)
		return;
	for (uint32_t i = 0; i < s->tls_count; i++)
		tls_context_unref(s->tls[i]);
	regex_free(s->regex);
	arena_release(&s->arena);
	explicit_bzero(s, sizeof *s);
	free(s);
}

/* The first slot of a name; the walk goes on from there until it meets an empty one. */
static uint64_t
slot_of(const struct snapshot *s, const struct name_table *table, struct slice name)
{
	return hash_64(&s->hash_key, name) & table->mask;
}

const struct model *
snapshot_model(const struct snapshot *s, struct slice name)
{
	const struct name_table *t = &s->model_table;

	if (t->slot == NULL)
		return NULL;
	for (uint64_t at = slot_of(s, t, name); t->slot[at] != 0; at = (at + 1) & t->mask)
		if (slice_eq(s->model[t->slot[at] - 1].name, name))
			return &s->model[t->slot[at] - 1];
	return NULL;
}

const struct group *
snapshot_group(const struct snapshot *s, struct slice name)
{
	const struct name_table *t = &s->group_table;

	if (t->slot == NULL)
		return NULL;
	for (uint64_t at = slot_of(s, t, name); t->slot[at] != 0; at = (at + 1) & t->mask)
		if (slice_eq(s->group[t->slot[at] - 1].name, name))
			return &s->group[t->slot[at] - 1];
	return NULL;
}

const struct tenant *
snapshot_tenant(const struct snapshot *s, struct slice name)
{
	const struct name_table *t = &s->tenant_table;

	if (s->tenant_count == 0)
		return NULL;
	for (uint64_t at = slot_of(s, t, name); t->slot[at] != 0; at = (at + 1) & t->mask)
		if (slice_eq(s->tenant[t->slot[at] - 1].name, name))
			return &s->tenant[t->slot[at] - 1];
	return s->tenant_default;
}

uint32_t
snapshot_workload(const struct snapshot *s, struct slice name)
{
	const struct name_table *t = &s->workload_table;

	if (t->slot == NULL || name.len == 0)
		return MATCH_NONE;
	for (uint64_t at = slot_of(s, t, name); t->slot[at] != 0; at = (at + 1) & t->mask)
		if (slice_eq(s->workload[t->slot[at] - 1].name, name))
			return t->slot[at] - 1;
	return MATCH_NONE;
}

/*
 * The secret is hashed whole, known or not, and only digests under a random key
 * are compared: what the comparison's time tells is of no use to anyone.
 */
const struct key *
snapshot_key(const struct snapshot *s, struct slice presented)
{
	struct hash_digest digest = hash_128(&s->hash_key, presented);
	const struct name_table *t = &s->key_table;
	const struct key *found = NULL;

	if (t->slot == NULL)
		return NULL;
	for (uint64_t at = digest.word[0] & t->mask; t->slot[at] != 0; at = (at + 1) & t->mask) {
		const struct key *key = &s->key[t->slot[at] - 1];
		uint64_t differs = (key->digest.word[0] ^ digest.word[0]) |
		    (key->digest.word[1] ^ digest.word[1]);

		found = differs == 0 ? key : found;
	}
	return found;
}

const struct issuer *
snapshot_issuer(const struct snapshot *s, struct slice iss)
{
	for (uint32_t i = 0; i < s->issuer_count; i++)
		if (slice_eq(s->issuer[i].iss, iss))
			return &s->issuer[i];
	return NULL;
}

struct clearance
snapshot_ceiling(const struct snapshot *s, uint32_t level)
{
	struct clearance ceiling = {
		.kinds = UINT64_MAX >> (64 - s->kind_count),
		.regions = REGION_CALLER,
		.holds = UINT64_MAX,
		.level = level,
	};
	uint32_t credentials;

	must(snapshot_kind(s, S("credentials"), &credentials));
	ceiling.kinds &= ~(UINT64_C(1) << credentials);
	return ceiling;
}

const struct key *
snapshot_key_again(const struct snapshot *s, const struct key *old)
{
	const struct name_table *t = &s->key_table;
	uint64_t at = old->digest.word[0] & t->mask;

	if (t->slot == NULL)
		return NULL;
	for (; t->slot[at] != 0; at = (at + 1) & t->mask) {
		const struct key *key = &s->key[t->slot[at] - 1];

		if (key->digest.word[0] == old->digest.word[0] &&
		    key->digest.word[1] == old->digest.word[1])
			return slice_eq(key->id, old->id) ? key : NULL;
	}
	return NULL;
}

static bool
find_name(const struct slice *names, uint32_t count, struct slice name, uint32_t *index)
{
	for (uint32_t i = 0; i < count; i++) {
		if (!slice_eq(names[i], name))
			continue;
		*index = i;
		return true;
	}
	return false;
}

bool
snapshot_level(const struct snapshot *s, struct slice name, uint32_t *rank)
{
	return find_name(s->level, s->level_count, name, rank);
}

bool
snapshot_kind(const struct snapshot *s, struct slice name, uint32_t *index)
{
	return find_name(s->kind, s->kind_count, name, index);
}

bool
snapshot_label_word(const struct snapshot *s, struct slice word, struct label *label)
{
	uint32_t at;

	if (snapshot_level(s, word, &at))
		label->level = at > label->level ? at : label->level;
	else if (snapshot_kind(s, word, &at))
		label->kinds |= UINT64_C(1) << at;
	else
		return false;
	return true;
}
