/* SPDX-License-Identifier: Apache-2.0 */
#include "study/roster.h"

enum err
roster_build(struct roster *r, struct arena *arena, const struct snapshot *s)
{
	uint64_t size = 4;
	uint32_t *slot;

	while (size < 2 * (uint64_t)s->key_count)
		size *= 2;
	slot = arena_zero(arena, size * sizeof *slot);
	if (slot == NULL)
		return ERR_MEMORY;
	for (uint32_t i = 0; i < s->key_count; i++) {
		uint64_t at = hash_64(&s->hash_key, s->key[i].id) & (size - 1);

		while (slot[at] != 0)
			at = (at + 1) & (size - 1);
		slot[at] = i + 1;
	}
	*r = (struct roster){ s, { slot, size - 1 } };
	return ERR_OK;
}

const struct key *
roster_key(const struct roster *r, struct slice id)
{
	const struct name_table *t = &r->table;
	uint64_t at = hash_64(&r->snapshot->hash_key, id) & t->mask;

	for (; t->slot[at] != 0; at = (at + 1) & t->mask)
		if (slice_eq(r->snapshot->key[t->slot[at] - 1].id, id))
			return &r->snapshot->key[t->slot[at] - 1];
	return NULL;
}

enum err
roster_caller(const struct roster *r, struct slice id, const struct key **out)
{
	const struct key *key = NULL;

	if (r->snapshot->key_count > 0) {
		if (id.len == 0)
			return ERR_KEY_MISSING;
		key = roster_key(r, id);
		if (key == NULL)
			return ERR_KEY_UNKNOWN;
	}
	*out = key;
	return ERR_OK;
}
