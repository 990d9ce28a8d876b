/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATE_RESERVE_H
#define GATE_RESERVE_H

/*
 * reserve - the most that a request can cost, before anything is sent, and what
 * it needs of the limits of its key, tenant and workload.
 *
 * The body's bytes bound the tokens of a prompt of text; one with images, sound,
 * files or references may fill the model's context.  The answer is bounded by
 * what is asked for or the model's context, times `n`, and by the workload's
 * limit.  Whatever kind tokens turn out to be (cached, written to a cache,
 * thought, spoken), the dearest price of a tier that the prompt can reach bounds
 * theirs.  Calls of hosted tools are bounded by the price's hosted_tool_calls,
 * time by limits.request_ms.  Each attempt that sent bytes may be billed.
 */

#include <stdbool.h>

#include "admit/allowance.h"
#include "core/err.h"
#include "core/limit.h"
#include "core/must.h"
#include "core/slice.h"
#include "core/unit.h"
#include "ledger/hold.h"

struct model;
struct payer_bill;
struct request;

/* Candidates are by their place in the plan. */
struct reserve {
	struct hold		 hold;
	const struct payer_bill	*bill;		/* NULL: it is under no budget */
	nano_usd		 worst[CANDIDATE_MAX];	/* that an attempt can cost */
	bool			 worst_known[CANDIDATE_MAX];
	bool			 over_budget[CANDIDATE_MAX];	/* there is no room for it */
	uint32_t		 place;		/* of the attempt that goes on */
	nano_usd		 billed;	/* at most, by attempts that failed */
};

/*
 * The most that one attempt at this model can cost, while the request's tape is there; false
 * where it is not known: no price, no bound of the output, or hosted tools or a service
 * without a price.
 */
must_use bool reserve_worst(const struct request *, const struct model *, nano_usd *out);

/* What it may need of rates, into r->units, while the request's tape is there. */
void reserve_estimate(struct request *);

/* ERR_RATE_LIMITED for r->refusal: its text, its words in the record, its count. */
enum err reserve_refuse(struct request *);

/* The same without the text. */
void reserve_note(struct request *);

/*
 * What was used of a subject, as far as it is known: the usage that the vendor said; else what
 * was sent and came.
 */
void reserve_correct(struct request *, enum subject_kind, bool answered, bool sent);

/*
 * Is there room for an attempt at the plan's candidate of this place, beside what those before it
 * may be billed for?  Reserves what is missing; true without budgets.  May suspend.
 */
must_use bool reserve_attempt(struct request *, uint32_t place);

/* The attempt that goes on has failed: what it may be billed for at most stays spent. */
void reserve_failed(struct request *);

/* What is held becomes what was used, as far as that is known, and the worst where not; once. */
void reserve_settle(struct request *);

/* What is held, in a line of the record, takes at most. */
size_t reserve_line_bytes(const struct request *);

/* The rows that its entry charges, for `struct entry`. */
struct slice reserve_rows(struct request *);

#endif
