/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LEDGER_HOLD_H
#define LEDGER_HOLD_H

/*
 * hold - money that is reserved before it may be spent.
 *
 * An account is what has been spent of a budget; it begins anew with every
 * period, as a lot.  A hold reserves an amount in all lots of a request or in
 * none; settling turns it into what was used.  Always, in each lot:
 *
 *	spent + held <= ceiling <= limit
 *
 * The ceiling is on disk (ledger/ceiling.h raises it ahead of use), so whatever
 * a process that died had spent or held, it is not more than its ceiling, and that
 * counts as spent then.  Only an actual cost above the hold can break this; it is
 * charged and told all the same.  All workers share the accounts; each function
 * takes one lock for some hundred instructions and none suspends.
 */

#include <stdatomic.h>

#include "budget/budget.h"
#include "core/err.h"
#include "run/lock.h"

#define HOLD_BUDGETS_MAX	12	/* tenant, team and key, four periods each */

struct account;
struct lot;

struct holds {
	struct lock	 lock;
	bool		 durable;	/* ceilings are on disk; else they are the limits */
	struct account	**slot;		/* by hash */
	struct lot	*due, **due_last;	/* something is to be done for them */
	_Atomic(bool)	 any_due;
	struct lot	*busy, **busy_last;	/* what is used may be less */
	uint64_t	 due_count, busy_count;
	uint64_t	 overran;	/* settlements above their holds */
};

/* Of a request; zero: nothing is held. */
struct hold {
	nano_usd	 amount, settled;
	uint32_t	 count;
	bool		 open;		/* not settled yet */
	struct lot	*lot[HOLD_BUDGETS_MAX];
};

struct hold_ask {
	const struct budget *const *budget;	/* no account twice */
	uint32_t	 count;
	nano_usd	 amount;
	int64_t		 wall;		/* seconds since 1970 */
};

enum hold_answer {
	HOLD_PLACED,
	HOLD_WAIT,	/* there may be room when a ceiling was raised */
	HOLD_BUSY,	/* there may be when others have settled */
	HOLD_SPENT,	/* there is none in this period */
	HOLD_MEMORY,
};

/* Of the budget that has no room. */
struct hold_refusal {
	const struct budget	*budget;
	nano_usd		 left;		/* not spent and not held */
	int64_t			 ends;		/* of its period; INT64_MAX: never */
};

must_use enum err holds_init(struct holds *, bool durable);
void holds_release(struct holds *);

/*
 * Reserves the amount in all budgets, or in none.  A hold that is open already grows by it,
 * in the lots that it has.  *why is written with HOLD_BUSY and HOLD_SPENT.
 */
must_use enum hold_answer hold_try(struct holds *, struct hold *, const struct hold_ask *,
    struct hold_refusal *why);

/* What was used, in the place of what was held; false if it is more.  At most once. */
bool hold_settle(struct holds *, struct hold *, nano_usd actual);

/*
 * Gives back what was spent before, in the one lot of a hold that was settled; no more than that.
 * What it was is on disk already.
 */
void hold_return(struct holds *, struct hold *, nano_usd amount);

/* Lets go of the lots, whose names and rows may be read until then. */
void hold_release(struct holds *, struct hold *);

/* A lot of a hold, for the record: "tenant acme month UTC", its period and the store's row. */
struct slice hold_account(const struct hold *, uint32_t index);
struct period hold_period(const struct hold *, uint32_t index);
int64_t hold_row(const struct hold *, uint32_t index);

/* An account as it is at a moment; a period that has ended tells zeros, as does none. */
struct hold_sight {
	struct period	period;
	nano_usd	spent, held, ceiling;
};
struct hold_sight hold_look(struct holds *, const struct budget *, int64_t wall);

#endif
