/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STUDY_TALLY_H
#define STUDY_TALLY_H

/*
 * tally - past decisions under another policy, counted by what became of them.
 *
 * Each record has one fate.  What a caller would notice comes first: served or
 * not, by whom; then what an auditor would: other candidates behind the first,
 * another label, other duties or reasons.
 */

#include "study/past.h"

enum fate {
	FATE_SAME,
	FATE_NOW_REFUSED,
	FATE_NOW_ALLOWED,
	FATE_OTHER_FIRST,	/* another model is asked first */
	FATE_OTHER_PLAN,	/* others behind the same first */
	FATE_OTHER_DETAIL,	/* the label, duties, an exception, the reasons of refused models */
	FATE_UNDECIDED,		/* a name of the record is not in this policy */
	FATE_COUNT
};

struct tally {
	uint64_t	fate[FATE_COUNT];
	uint64_t	without;	/* records without a decision */
	uint64_t	other;		/* lines that are no records, or open one */
	uint64_t	wrong;		/* lines that cannot be read */
	/* By the policies that made them, where there is an archive */
	uint64_t	reproduced, not_reproduced, not_archived;
};

/* "now refused", and "now_refused". */
struct slice tally_words(enum fate);
struct slice tally_name(enum fate);

/* What became of a record that was ruled again.  ERR_MEMORY. */
must_use enum err tally_fate(const struct past *, const struct ruling *, struct arena *,
    enum fate *out);

/* Which record, what it was and what it would be, as a line or an object; `why` of an undecided. */
void tally_put_change(struct text *, enum fate, const struct past *, const struct ruling *,
    struct slice why);
void tally_put_change_json(struct text *, enum fate, const struct past *, const struct ruling *,
    struct slice why);

/* Decisions that are not the same. */
uint64_t tally_changes(const struct tally *);

/* The counts, as lines or as an object. */
void tally_put(struct text *, const struct tally *, bool archive);
void tally_put_json(struct text *, const struct tally *, bool archive);

#endif
