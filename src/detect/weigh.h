/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DETECT_WEIGH_H
#define DETECT_WEIGH_H

/*
 * weigh - what findings mean: from a request's findings to its label.
 *
 * A census is filled text by text; it forgets where things stood and keeps how
 * many there were of each type.  Rules are the configuration's: what a finding
 * of a type brings with it, from which score on it counts, and what is done
 * about it.  The label is a join, so another finding can only raise it.  Pure;
 * a census is a value without pointers.
 */

#include "core/label.h"
#include "detect/finding.h"

/* What a workload does about findings of a type. */
enum action {
	ACTION_RAISE,		/* the label */
	ACTION_ALLOW,		/* nothing: an assumption, which the proof lists */
	ACTION_MASK,		/* replaced by a token before it is sent, whatever the label */
	ACTION_REFUSE,		/* the request */
};

struct type_rule {
	struct label	label;		/* of one finding; closed */
	uint8_t		score_min;	/* findings below it do not count */
	bool		off;
	bool		lowerable;	/* what it brings goes away with its mask */
};

struct rules {
	struct type_rule type[TYPE_COUNT];
};

struct census {
	uint32_t	count[TYPE_COUNT];
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

/* The label that a census has by these rules; types of `ignored` (NULL: none) bring nothing. */
struct label weigh_label(const struct census *, const struct rules *, const uint64_t *ignored);

static inline bool
weigh_has(const uint64_t *set, unsigned type)
{
	return (set[type / 64] >> type % 64 & 1) != 0;
}

#define TYPE_WORDS	((TYPE_COUNT + 63) / 64)

#endif
