/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ADMIT_ADMISSION_H
#define ADMIT_ADMISSION_H

/*
 * admission - one request among those that its key, tenant, workload and model may send.
 *
 * It enters one subject after another, and at each takes all of what it may
 * need or nothing.  What it took is an estimate; once the truth is known it is
 * corrected, at every subject, and then they are left.  The owner must leave
 * each subject that was entered, whatever became of the request.
 */

#include "admit/rate.h"
#include "core/text.h"

/* Why it was not admitted. */
struct refusal {
	enum subject_kind	kind;
	enum dimension		dimension;
	uint64_t		limit, asked;
	nanos			wait;		/* until it might be */
	bool			never;		/* it asks for more than a whole minute's */
};

struct admission {
	struct rates		*rates;
	uint32_t		entered;	/* set of enum subject_kind */
	struct admitted {
		const struct allowance	*allowance;
		struct rate_cell	 cell;
		uint64_t		 taken[RATE_COUNT];
	} at[SUBJECT_COUNT];
};

/* Whose, and how much of what it may need. */
struct applicant {
	enum subject_kind	 kind;
	const struct allowance	*allowance;
	uint64_t		 number;	/* allowance_number() */
	uint64_t		 units[RATE_COUNT];
};

/*
 * Enters a subject; false with the refusal, and nothing taken from this one, which
 * may be entered all the same, so that what it has left can be told.  An
 * allowance without limits is not entered.  A model's concurrency is not asked
 * here: admit/turn has it.
 */
must_use bool admission_enter(struct admission *, const struct applicant *, nanos now,
    struct refusal *);

/* Would it be admitted now, by its rates?  Takes nothing; *refusal says why not. */
must_use bool admission_peek(const struct rates *, const struct applicant *, nanos now,
    struct refusal *);

/* What was really used of a subject, if it is entered; less or more than was taken. */
void admission_correct(struct admission *, enum subject_kind, const uint64_t used[RATE_COUNT],
    nanos now);

void admission_leave(struct admission *, enum subject_kind);

/*
 * Fields of an answer as OpenAI's, of the subject with the least left:
 * x-ratelimit-limit-requests, -remaining-requests, -reset-requests, and the same
 * with tokens.  Nothing where no rate is limited.
 */
void admission_put_fields(struct text *, const struct admission *, nanos now);

/* "the limit of the key is 60 requests a minute". */
void refusal_put(struct text *, const struct refusal *);

#endif
