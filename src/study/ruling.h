/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STUDY_RULING_H
#define STUDY_RULING_H

/*
 * ruling - what a policy decides about one request outside the gate.
 *
 * The request is of a file, of flags or of the log; nothing is sent.  It is
 * inquired into by gate/inquiry and decided by policy/verdict, as in the gate,
 * so that a ruling and the gate cannot disagree.  Everything lies in the arena
 * that it was made in.
 */

#include "ask/cover.h"
#include "policy/explain.h"
#include "study/roster.h"

struct ruling {
	const struct snapshot	*snapshot;
	const struct key	*key;		/* NULL: anybody */
	struct openai_ask	 ask;
	struct openai_use	 use;
	struct cover		*cover;		/* what would be masked; NULL: nothing */
	struct sight		*sight;		/* NULL: nobody looked, or there is no content */
	struct facts		 facts;
	struct label		 said;		/* by the request; opaque parts not counted */
	struct verdict		 verdict;
	uint8_t			*reason;	/* by facts.model */
	bool			 decided;	/* there is a verdict */
	enum err		 err;		/* ERR_OK: there is a plan */
	enum reason		 refused_by;
	struct slice		 param, detail;
};

/* Borrows the ruling, which must stay where it is. */
struct inquiry ruling_inquiry(struct ruling *, struct arena *);

/*
 * The last half: which models are meant, how they are (by index), the verdict.
 * What came before is in *e; the outcome is the ruling's `err`.
 */
void ruling_decide(struct ruling *, struct inquiry *, const struct live *health, enum err e);

struct explanation ruling_explanation(const struct ruling *);

/* The `code` of its error answer: "policy_level". */
void ruling_put_code(struct text *, const struct ruling *);

/* What its error answer says. */
struct slice ruling_text(const struct ruling *);

#endif
