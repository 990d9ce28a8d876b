/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/match.h"

#include "policy/policy.h"

static uint64_t
slot_of(const struct match *m, uint32_t clue, struct slice value)
{
	return (hash_64(&m->key, value) + clue * UINT64_C(0x9e3779b97f4a7c15)) & m->mask;
}

/* The condition that the fewest workloads share, or 0 conditions: MATCH_NONE. */
static uint32_t
rarest(const struct match *m, const uint32_t *shared, uint32_t workload)
{
	uint32_t best = MATCH_NONE, fewest = UINT32_MAX;

	for (uint32_t i = m->first[workload]; i < m->first[workload + 1]; i++) {
		const struct condition *c = &m->condition[i];
		uint32_t count = shared[slot_of(m, c->clue, c->value)];

		if (count < fewest) {
			fewest = count;
			best = i;
		}
	}
	return best;
}

bool
match_build(struct match *m, struct arena *arena)
{
	uint32_t conditions = m->first[m->count], *slot, *next, *shared;
	uint64_t size = 4;

	while (size < 2 * (uint64_t)conditions)
		size *= 2;
	m->mask = size - 1;
	slot = arena_zero(arena, size * sizeof *slot);
	shared = arena_zero(arena, size * sizeof *shared);
	next = arena_zero(arena, (m->count + 1) * sizeof *next);
	if (slot == NULL || shared == NULL || next == NULL)
		return false;
	for (uint32_t i = 0; i < conditions; i++)
		shared[slot_of(m, m->condition[i].clue, m->condition[i].value)]++;
	for (uint32_t w = 0; w < m->count; w++) {
		uint32_t best = rarest(m, shared, w);

		if (best == MATCH_NONE)
			continue;
		uint64_t at = slot_of(m, m->condition[best].clue, m->condition[best].value);

		next[w] = slot[at];
		slot[at] = w + 1;
	}
	m->slot = slot;
	m->next = next;
	return true;
}

static bool
holds(const struct match *m, const struct slice *value, uint32_t workload)
{
	for (uint32_t i = m->first[workload]; i < m->first[workload + 1]; i++) {
		const struct condition *c = &m->condition[i];

		if (value[c->clue].ptr == NULL || !slice_eq(value[c->clue], c->value))
			return false;
	}
	return true;
}

uint32_t
match_find(const struct match *m, const struct slice *value, const uint64_t *set)
{
	uint32_t best = MATCH_NONE;

	for (uint32_t p = 0; p < m->clue_count; p++) {
		if (value[p].ptr == NULL)
			continue;
		for (uint32_t w = m->slot[slot_of(m, p, value[p])]; w != 0; w = m->next[w - 1])
			if (w - 1 < best && policy_set_has(set, w - 1) && holds(m, value, w - 1))
				best = w - 1;
	}
	return best;
}
