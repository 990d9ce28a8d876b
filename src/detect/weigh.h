/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DETECT_WEIGH_H
#define DETECT_WEIGH_H

/*
 * weigh - what findings mean: from a request's findings to its label.
 *
 * A census is filled text by text; it forgets where things stood and keeps how
 * many there were of each type, which combinations of combine.tbl came together,
 * and how many persons there are: the most different values that any one type
 * that identifies a person has, so that a name and its address are not two.
 * Rules are the configuration's: what a finding of a type brings with it, from
 * which score on it counts, and what combinations bring.  The label is a join,
 * so another finding can only raise it.  Pure; a census is a value without
 * pointers, and holds no value but hashes of 32 bits.
 */

#include "core/label.h"
#include "find/finding.h"

/* What a workload does about findings of a type. */
enum action {
	ACTION_RAISE,		/* the label */
	ACTION_ALLOW,		/* nothing: an assumption, which the proof lists */
	ACTION_MASK,		/* replaced by a token before it is sent, whatever the label */
	ACTION_REFUSE,		/* the request */
};

enum combine {
#define COMBINE(name, group, distinct, near, kind, level, basis)	COMBINE_##name,
#include "detect/combine.tbl"
#undef COMBINE
	COMBINE_COUNT
};

struct combine_info {
	struct slice		name, kind, basis;
	enum detect_level	level;
};

const struct combine_info *combine_info(enum combine);

struct type_rule {
	struct label	label;		/* of one finding; closed */
	uint8_t		score_min;	/* findings below it do not count */
	bool		off;
	bool		lowerable;	/* what it brings goes away with its mask */
};

/* So many persons are a list of people.  News and minutes name a dozen. */
#define PERSONS_MIN	25

struct rules {
	struct type_rule type[TYPE_COUNT];
	struct label	 combine[COMBINE_COUNT];	/* closed; LABEL_PUBLIC: off */
	struct label	 persons;			/* of so many persons */
	uint32_t	 persons_min;			/* 0: however many there are */
	struct type_info own[OWN_COUNT];		/* what lists are called; no name: none */
};

/* What a type is called by these rules, which know the operator's own. */
const struct type_info *weigh_type(const struct rules *, enum detect_type);

/* The type of a name, an operator's own included; TYPE_COUNT where there is none. */
enum detect_type weigh_type_of(const struct rules *, struct slice name);

/* Different values that a census can tell apart, and those of one group that it must. */
#define CENSUS_VALUES	512
#define CENSUS_DISTINCT	8

/* Groups of types that combinations are made of. */
enum topic {
	TOPIC_HEALTH, TOPIC_SPECIAL, TOPIC_MINOR, TOPIC_LEGAL, TOPIC_HR, TOPIC_FINANCIAL,
	TOPIC_COUNT
};

struct census {
	uint32_t	findings;			/* that were added */
	uint32_t	count[TYPE_COUNT];
	uint16_t	persons[TYPE_COUNT];		/* different values of what identifies */
	uint32_t	value[CENSUS_VALUES];		/* hashes of those; 0 is none */
	uint32_t	values;
	uint32_t	group[TOPIC_COUNT][CENSUS_DISTINCT];	/* hashes of a group's values */
	uint32_t	near;				/* combinations that stood near a person */
};

/* Does this finding count at all? */
static inline bool
weigh_counts(const struct rules *r, const struct finding *f)
{
	const struct type_rule *t = &r->type[f->type];

	return !t->off && f->score >= t->score_min;
}

/* Adds the findings of one text, settled; `census` was zero at first. */
void weigh_add(struct census *, const struct rules *, struct slice text, const struct findings *);

/* Do the findings of a census make this combination? */
bool weigh_is_combined(const struct census *, enum combine);

/* How many persons there are, at least. */
uint32_t weigh_persons(const struct census *);

/* The label that a census has by these rules; types of `ignored` (NULL: none) bring nothing. */
struct label weigh_label(const struct census *, const struct rules *, const uint64_t *ignored);

/* The label of everything that there could be, for a text of which not all was found. */
struct label weigh_worst(const struct rules *);

/* The part of weigh_label() which masking cannot take away: combinations, and how many persons. */
struct label weigh_combined(const struct census *, const struct rules *);

static inline bool
weigh_has(const uint64_t *set, unsigned type)
{
	return (set[type / 64] >> type % 64 & 1) != 0;
}

#define TYPE_WORDS	((TYPE_COUNT + 63) / 64)

#endif
