/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CONF_RESOLVE_H
#define CONF_RESOLVE_H

/*
 * resolve - names of the file as bits, ranks and rows of a draft.
 *
 * Each reports a name that is wrong, with the nearest that is right, and gives
 * something usable all the same.  A NULL node is a key that is not there.
 */

#include "admit/allowance.h"
#include "budget/budget.h"
#include "yaml/node.h"
#include "conf/schema.h"
#include "detect/weigh.h"
#include "policy/policy.h"

struct draft;
struct name_table;

/*
 * A leaf that every label allows and only callers and this host have: content
 * may go back to who sent it, and is read where it was sent.
 */
#define REGION_CALLER	(UINT64_C(1) << 63)

/* place.c: sets of names as bits; wrong names are reported. */
uint64_t draft_all_kinds(const struct draft *);
uint64_t draft_kind_set(struct draft *, const struct node *);
uint64_t draft_region_set(struct draft *, const struct node *names);
uint64_t draft_property_set(struct draft *, const struct node *names);
uint32_t draft_level(struct draft *, const struct node *);
uint64_t draft_agreements(void);
uint32_t draft_builtin_kinds(void);
void draft_clearance(struct draft *, const struct node *, struct clearance *);
void draft_where(struct draft *, const struct node *regions, const struct node *holds,
    struct clearance *);

/* The index of a name, or `count`; and what to say when there is none. */
uint32_t draft_find(const struct slice *names, uint32_t count, struct slice name);
void draft_no_such(struct draft *, const struct node *, struct slice what,
    const struct slice *names, uint32_t count);
void draft_no_such_workload(struct draft *, const struct node *);

/* The name on the left of a TABLE's pair; false, with a report, if it is no good. */
bool draft_pair_name(struct draft *, const struct node *key, struct slice what);

/* sink.c: a level, or a clearance; everything where there is none. */
struct clearance draft_ceiling(struct draft *, const struct node *);

/* caller.c: models and groups as a set of models; NULL for all. */
const uint64_t *draft_model_set(struct draft *, const struct node *);

/* workload.c: a set of workloads, NULL for all; sets of duties and features. */
const uint64_t *draft_workload_set(struct draft *, const struct node *);
uint32_t draft_duties(struct draft *, const struct node *);
uint64_t draft_features(struct draft *, const struct node *);

/* A list of `detect.lists`. */
struct own_list {
	enum detect_type	 type;
	uint64_t		 kinds;		/* as they were said */
	const struct node	*words;		/* or NULL */
	const struct node	*patterns;	/* or NULL */
	bool			 any_case;	/* of them */
	struct slice		 values;	/* a path; empty: none */
	char			 digest[65];	/* of that file, with a NUL behind its end */
};

struct own_lists {
	const struct node	*words;		/* of `detect` itself; or NULL */
	const struct node	*key;		/* of values; or NULL */
	bool			 unkeyed;	/* it cannot be read, which was told */
	struct dictionary	*dictionary;
	struct own_list		 at[OWN_COUNT];	/* in the order of the file */
	uint32_t		 count;
};

/* detection.c: which detectors there are, and what is done about findings. */
enum { DETECTION_PARTS = 4 };
extern const struct slice detection_part[DETECTION_PARTS];
struct slice detection_action_name(enum action);

/* tenant.c: what `limits` says; nothing where there is none. */
void draft_allowance(struct draft *, const struct node *, struct allowance *);

struct key;

/* tenant.c: the rows of a `budget`; none where there is no list. */
void draft_budgets(struct draft *, const struct node *, struct budgets *out);

/* The same of a key; NULL for none. */
const struct budgets *draft_key_budgets(struct draft *, const struct node *);

/* The team that a key names must be its tenant's. */
void draft_key_team(struct draft *, const struct node *, struct slice tenant);

/* Where an amount of it stands: the keys are in the order of dimension.tbl. */
#define DRAFT_AMOUNT(dimension)	((enum schema_row)(ALLOWANCE_requests_per_minute + (dimension)))
_Static_assert(DRAFT_AMOUNT(DIMENSION_INPUT) == ALLOWANCE_input_tokens_per_minute &&
    DRAFT_AMOUNT(DIMENSION_OUTPUT) == ALLOWANCE_output_tokens_per_minute &&
    DRAFT_AMOUNT(DIMENSION_CONCURRENT) == ALLOWANCE_concurrency, "an amount each");

/* An array in an arena that is sure to be there for count 0 too; NULL when overflowed. */
void *draft_array(struct arena *, uint32_t count, size_t each);

/* A table for `count` names; the caller fills the slots. */
uint32_t *draft_table(struct draft *, struct name_table *, uint32_t count);

/* A field's text with a NUL behind its end, in the snapshot's arena; absent stays absent. */
struct slice draft_path(struct draft *, const struct fields *, enum schema_row);

#endif
