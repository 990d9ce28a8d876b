/* SPDX-License-Identifier: Apache-2.0 */
#include "admit/allowance.h"

static const struct slice subjects[SUBJECT_COUNT] = {
#define SUBJECT(name, text)	{ text, sizeof text - 1 },
#include "admit/subject.tbl"
#undef SUBJECT
};

static const struct slice dimensions[DIMENSION_COUNT] = {
#define DIMENSION(name, text, key, most)	{ text, sizeof text - 1 },
#include "admit/dimension.tbl"
#undef DIMENSION
};

static const struct slice keys[DIMENSION_COUNT] = {
#define DIMENSION(name, text, key, most)	{ key, sizeof key - 1 },
#include "admit/dimension.tbl"
#undef DIMENSION
};

static const uint64_t most[DIMENSION_COUNT] = {
#define DIMENSION(name, text, key, most)	UINT64_C(most),
#include "admit/dimension.tbl"
#undef DIMENSION
};

struct slice
allowance_subject(enum subject_kind kind)
{
	return subjects[kind];
}

struct slice
allowance_dimension(enum dimension dimension)
{
	return dimensions[dimension];
}

struct slice
allowance_key(enum dimension dimension)
{
	return keys[dimension];
}

uint64_t
allowance_max(enum dimension dimension)
{
	return most[dimension];
}

bool
allowance_find(struct slice key, enum dimension *out)
{
	for (enum dimension d = 0; d < DIMENSION_COUNT; d++) {
		if (!slice_eq(keys[d], key))
			continue;
		*out = d;
		return true;
	}
	return false;
}

uint64_t
allowance_amount(const struct allowance *a, enum dimension dimension)
{
	return dimension == DIMENSION_CONCURRENT ? a->concurrency : a->rate[dimension].per_minute;
}

void
allowance_set(struct allowance *a, enum dimension dimension, uint64_t amount)
{
	if (dimension == DIMENSION_CONCURRENT)
		a->concurrency = (uint32_t)amount;
	else
		a->rate[dimension] = gcra_of(amount);
	a->any = a->any || amount > 0;
}

/* Each kind has a key of its own, so that a tenant and a model of one name are two. */
uint64_t
allowance_number(const struct hash_key *key, enum subject_kind kind, struct slice name)
{
	struct hash_key own = { { key->word[0], key->word[1] + 1 + (uint64_t)kind } };

	return hash_64(&own, name);
}
