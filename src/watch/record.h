/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WATCH_RECORD_H
#define WATCH_RECORD_H

/*
 * record - the one account of a request.
 *
 * The steps write into it as they go; when the request has ended, the log line,
 * the metrics and the ledger's entry are made from it, so they cannot disagree.
 * It holds names, numbers and verdicts, never content.  Slices borrow from the
 * request's arena or from its snapshot.
 */

#include "core/err.h"
#include "core/label.h"
#include "core/limit.h"
#include "core/price.h"
#include "core/text.h"
#include "core/unit.h"
#include "policy/explain.h"

#define RECORD_ID_BYTES	26		/* a ULID: 48 bits of milliseconds, 80 random, in base 32 */

/* One candidate that was asked. */
struct attempt {
	struct slice	model;
	enum err	err;
	int		status;		/* of its answer; 0: none */
	nanos		began;
	bool		sent;		/* bytes of the request left: it may have been processed */
	nanos		first_byte;	/* 0: none came */
	nanos		ended;
};

/* An account that a request is charged to. */
struct record_budget {
	struct slice	account;
	int64_t		row;		/* of the store; 0: in memory alone */
};

struct record {
	char		id[RECORD_ID_BYTES];
	nanos		began_wall;
	nanos		began, ended;	/* the span of the request */
	nanos		first_byte;	/* of the answer, offered to the client; 0: none */
	struct slice	caller, tenant;
	struct slice	standing;	/* what it may, a member of JSON; empty: its key says it */
	struct slice	operation;	/* chat, completion, … or empty */
	struct slice	model_asked;
	struct slice	model, zone;	/* that answered */
	struct slice	level;		/* of the label, by name */
	struct slice	policy;		/* the snapshot's hash */
	struct slice	client;		/* its address */
	struct slice	token_refused;	/* why, of a caller's token; empty: it was not */
	uint64_t	masked;		/* spans that were replaced by tokens */
	uint64_t	restored, unresolved;	/* tokens of the answer; words like them */
	uint64_t	watched;	/* things in the answer that must not be there */
	struct slice	watched_first;	/* what the first of them is */
	struct slice	origin;		/* the level before anything was masked; empty: the same */
	struct slice	content;	/* what became of a wish to keep it; empty: none */
	struct slice	findings;	/* {"type":count,…}; empty: nothing was found */
	struct slice	limit_of, limit_what;	/* that refused it: "key", "requests"; or empty */
	const char	*step;		/* the one that it is in, or failed in */
	int		status;		/* that the client was given; 0: none */
	enum err	err;
	bool		stream;
	const struct explanation *decision;	/* NULL: none was made */
	uint32_t	attempt_count;
	struct attempt	attempt[CANDIDATE_MAX];
	struct usage	usage;
	struct slice	price;		/* where the model's is from; empty: it has none */
	nano_usd	cost, cost_max;
	nano_usd	cost_lost;	/* of cost: attempts that failed and may be billed */
	bool		cost_known, cost_max_known;
	/* Under budgets: what was held and charged, and the accounts with the store's rows */
	nano_usd	held, settled;
	uint32_t	budget_count;
	const struct record_budget *budget;
	struct slice	over_budget;	/* names of models that no budget had room for, as JSON */
	uint64_t	request_bytes, answer_bytes;
	uint64_t	events;		/* of a stream, forwarded */
};

/* Time spent waiting for upstreams, and the rest, which is ours. */
nanos record_upstream(const struct record *);
nanos record_overhead(const struct record *);

/* One line of JSON with its newline, before anything is sent: `"opened":true`. */
void record_put_opened(struct text *, const struct record *, const struct explanation *);

/* One line of JSON with its newline. */
void record_put(struct text *, const struct record *);

#endif
