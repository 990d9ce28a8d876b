/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/weigh.h"

#include "core/must.h"

/* Where a person must be: within so many bytes, or one of these. */
#define NEAR_ANYWHERE	UINT32_MAX
#define NEAR_ALONE	0
#define ANYWHERE	NEAR_ANYWHERE
#define ALONE		NEAR_ALONE

/* A table that is fuller than this is full: there are as many persons as values. */
#define VALUES_MAX	(CENSUS_VALUES / 4 * 3)

#define TEXT(s)		{ s, sizeof(s) - 1 }

static const struct combine_info info[] = {
#define COMBINE(name, group, distinct, near, kind, level, basis)		\
	{ TEXT(#name), TEXT(#kind), TEXT(basis), DETECT_##level },
#include "detect/combine.tbl"
#undef COMBINE
};

static const struct combination {
	enum topic	group;
	uint32_t	distinct, near;
} combination[] = {
#define COMBINE(name, group, distinct, near, kind, level, basis)		\
	{ TOPIC_##group, distinct, near },
#include "detect/combine.tbl"
#undef COMBINE
};

/* The group of a type, plus one. */
static const uint8_t member[TYPE_COUNT] = {
#define MEMBER(group, type)	[TYPE_##type] = TOPIC_##group + 1,
#include "detect/combine.tbl"
#undef MEMBER
};

const struct combine_info *
combine_info(enum combine combine)
{
	must(combine < COMBINE_COUNT);
	return &info[combine];
}

const struct type_info *
weigh_type(const struct rules *r, enum detect_type type)
{
	return type >= TYPE_OWN && r->own[type - TYPE_OWN].name.len > 0 ? &r->own[type - TYPE_OWN]
	    : type_info(type);
}

enum detect_type
weigh_type_of(const struct rules *r, struct slice name)
{
	for (unsigned i = 0; i < OWN_COUNT; i++)
		if (r->own[i].name.len > 0 && slice_same_word(r->own[i].name, name))
			return (enum detect_type)(TYPE_OWN + i);
	return type_of(name);
}

/* Does a finding of the type say who somebody is? */
static bool
is_identifying(enum detect_type type)
{
	const struct type_info *t = type_info(type);

	return t->level >= DETECT_CONFIDENTIAL &&
	    (slice_eq(t->kind, S("pii")) || slice_eq(t->kind, S("phi")));
}

/* Of letters and digits alone, without case: "+49 30 1" is "49301".  Never 0. */
static uint32_t
value_hash(struct slice value, enum detect_type type)
{
	uint64_t h = UINT64_C(0x9e3779b97f4a7c15) + type;

	for (size_t i = 0; i < value.len; i++) {
		unsigned char c = (unsigned char)value.ptr[i];
		bool letter = (unsigned)((c | 0x20) - 'a') < 26;

		if (letter || c >= 0x80 || (unsigned)(c - '0') < 10) {
			h = (h ^ (letter ? c | 0x20 : c)) * UINT64_C(0xff51afd7ed558ccd);
			h ^= h >> 32;
		}
	}
	return (uint32_t)h | 1;
}

/* Counts a value that identifies, if it is a new one.  A full table counts no more. */
static void
add_person(struct census *c, enum detect_type type, uint32_t hash)
{
	uint32_t at = hash >> 8 & (CENSUS_VALUES - 1);

	while (c->value[at] != 0 && c->value[at] != hash)
		at = (at + 1) & (CENSUS_VALUES - 1);
	if (c->value[at] == hash || c->values == VALUES_MAX)
		return;
	c->value[at] = hash;
	c->values++;
	c->persons[type]++;
}

static void
add_member(uint32_t *seen, uint32_t hash)
{
	unsigned at = 0;

	while (at < CENSUS_DISTINCT && seen[at] != 0 && seen[at] != hash)
		at++;
	if (at < CENSUS_DISTINCT)
		seen[at] = hash;
}

/* Where the last person and the last of each group ended; 0 before the first. */
struct last {
	uint32_t	person;
	uint32_t	group[TOPIC_COUNT];
};

/*
 * Something begins at `start`, and what it must be near ended, for each group, at `ended`: the
 * last person for one of a group, the last of each group for a person.
 */
static void
meet(struct census *c, uint32_t start, const uint32_t ended[TOPIC_COUNT])
{
	for (unsigned i = 0; i < COMBINE_COUNT; i++) {
		uint32_t end = ended[combination[i].group], near = combination[i].near;

		if (near != NEAR_ANYWHERE && near != NEAR_ALONE && end > 0 && start - end <= near)
			c->near |= 1U << i;
	}
}

_Static_assert(COMBINE_COUNT <= 32, "one bit for each");

static void
add_one(struct census *c, enum detect_type type, struct slice text, const struct finding *one,
    struct last *last)
{
	uint32_t hash = value_hash(slice_cut(text, one->start, one->end), type);
	uint32_t ended[TOPIC_COUNT] = { 0 };

	c->findings++;
	c->count[type]++;
	if (member[type] != 0) {
		ended[member[type] - 1] = last->person;
		add_member(c->group[member[type] - 1], hash);
		meet(c, one->start, ended);
		last->group[member[type] - 1] = one->end;
	}
	if (is_identifying(type)) {
		add_person(c, type, hash);
		meet(c, one->start, last->group);
		last->person = one->end;
	}
}

void
weigh_add(struct census *c, const struct rules *r, struct slice text, const struct findings *f)
{
	struct last last = { 0 };

	for (uint32_t i = 0; i < f->count; i++)
		if (weigh_counts(r, &f->at[i]))
			add_one(c, (enum detect_type)f->at[i].type, text, &f->at[i], &last);
}

static bool
has_person(const struct census *c)
{
	return c->values > 0;
}

bool
weigh_is_combined(const struct census *c, enum combine combine)
{
	const struct combination *row = &combination[combine];

	if (row->near != NEAR_ALONE && row->near != NEAR_ANYWHERE)
		return (c->near >> combine & 1) != 0;
	return c->group[row->group][row->distinct - 1] != 0 &&
	    (row->near == NEAR_ALONE || has_person(c));
}

uint32_t
weigh_persons(const struct census *c)
{
	uint32_t most = 0;

	if (c->values == VALUES_MAX)
		return VALUES_MAX;
	for (unsigned i = 0; i < TYPE_COUNT; i++)
		most = c->persons[i] > most ? c->persons[i] : most;
	return most;
}

struct label
weigh_combined(const struct census *c, const struct rules *r)
{
	struct label label = LABEL_PUBLIC;

	for (unsigned i = 0; i < COMBINE_COUNT; i++)
		if (weigh_is_combined(c, (enum combine)i))
			label = label_join(label, r->combine[i]);
	if (r->persons_min > 0 && weigh_persons(c) >= r->persons_min)
		label = label_join(label, r->persons);
	return label;
}

struct label
weigh_worst(const struct rules *r)
{
	struct label label = r->persons;

	for (unsigned i = 0; i < COMBINE_COUNT; i++)
		label = label_join(label, r->combine[i]);
	for (unsigned i = 0; i < TYPE_COUNT; i++)
		label = label_join(label, r->type[i].label);
	return label;
}

struct label
weigh_label(const struct census *c, const struct rules *r, const uint64_t *ignored)
{
	struct label label = LABEL_PUBLIC;

	/* Of most requests that is all. */
	if (c->findings == 0)
		return label;
	label = weigh_combined(c, r);
	for (unsigned i = 0; i < TYPE_COUNT; i++)
		if (c->count[i] > 0 && (ignored == NULL || !weigh_has(ignored, i)))
			label = label_join(label, r->type[i].label);
	return label;
}
