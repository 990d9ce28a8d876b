/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATE_REQUEST_H
#define GATE_REQUEST_H

/*
 * request - one request: one fiber, one arena, one deadline, one record.
 *
 * It lies in the first block of its own arena.  What only the way to the model
 * needs (the tape, pieces of the body) is in the work arena, which is given
 * back when a stream begins, as is the client's input buffer, so that an open
 * stream holds a page of stack and one of this.  Steps return ERR_OK or the
 * error that ends the request; the first one is the outcome.
 */

#include "admit/admission.h"
#include "core/json.h"
#include "dialect/openai.h"
#include "dialect/openai_use.h"
#include "ask/cover.h"
#include "gate/gate.h"
#include "gate/keep.h"
#include "answer/stream.h"
#include "gate/reserve.h"
#include "gate/taint.h"
#include "answer/unmask.h"
#include "http/lane.h"
#include "policy/explain.h"
#include "watch/record.h"

struct request {
	struct exchange		*x;
	struct fiber		*fiber;
	struct gate		*gate;
	struct binding		*binding;
	const struct snapshot	*snapshot;
	struct request		*newer, *older;	/* in flight */
	struct arena		 arena;
	struct arena		 work;
	struct arena		 event;		/* reset with every event that needs it */
	nanos			 deadline;
	bool			 deadline_said;	/* by the caller: it holds for a stream too */

	const struct key	*key;		/* NULL: the gateway is open */
	const struct grant	*grant;		/* that it is made of; NULL: of the file */
	const struct passport	*passport;	/* of a token, whose key that is; or NULL */
	enum operation		 operation;
	struct slice		 target_model;	/* of GET /v1/models/{id} */
	struct json		 json;
	struct openai_ask	 ask;
	struct openai_use	 use;		/* its nodes go with the tape */
	struct taint		*taint;		/* of its conversation; NULL: none is said */
	struct cover		*cover;		/* what was masked; NULL: nothing */
	struct unmask		*unmask;	/* of the answer; NULL: nothing to restore */
	struct keep		*keep;		/* of its content; NULL: none is kept */
	struct sight		*sight;		/* NULL: nobody looked; goes with the tape */
	struct facts		 facts;
	struct verdict		 verdict;
	uint8_t			*reason;	/* by facts.model */
	bool			 identified;	/* its caller is known, or everybody may call */
	bool			 decided;	/* there is a verdict */
	bool			 version_differs;	/* of the answer; passed on and flagged */
	bool			 opened;	/* the ledger has its opened entry */
	bool			 journaled;	/* its record is on disk already */
	bool			 may_explain;	/* its caller may ask why */
	bool			 routing;	/* POST /v1/route: decide, do not send */
	enum reason		 refused_by;	/* of POLICY_REFUSED and NO_CANDIDATE */

	struct admission	 admission;
	uint64_t		 units[RATE_COUNT];	/* what it may need, estimated */
	struct refusal		 refusal;	/* of RATE_LIMITED */

	const struct model	*model;		/* that answers */
	struct ship		*ship;		/* its; in flight on it */
	struct lane		 lane;
	struct attempt		*attempt;	/* the one that goes on; NULL: none */
	struct slice		 answer;	/* the whole body; volatile */
	uint64_t		 answer_text_bytes;	/* of its strings; 0: usage is known */
	struct slice		 answer_type;	/* its Content-Type; volatile */
	struct stream		 stream;
	struct stream_view	 view;		/* its first events; volatile */
	enum err		 view_err;	/* what stopped it there; met again by relay */

	/* For an error's answer. */
	struct slice		 param;
	struct slice		 detail;	/* instead of err.tbl's text */
	struct slice		 upstream_body;	/* of UPSTREAM_REJECTED, checked */
	struct slice		 allow;		/* of METHOD_UNKNOWN */
	struct slice		 retry_after;	/* the upstream's */
	struct slice		 upstream_request_id;
	struct reserve		 reserve;	/* what it may cost and is held for it */
	struct record		 record;
};

/* JSON_WIDE, where the machine can. */
static inline unsigned
request_wide(const struct request *r)
{
	return r->gate->loop->wide ? JSON_WIDE : 0;
}

/* Do values that are masked in it go back into its answer? */
static inline bool
request_is_masked(const struct request *r)
{
	return r->cover != NULL && r->cover->vault.count > 0;
}

/* Are the texts of its answer looked at, on their way out? */
static inline bool
request_is_read(const struct request *r)
{
	return request_is_masked(r) ||
	    r->snapshot->handling[r->facts.workload].watch != WATCH_OFF;
}

/* Lives the request from its head to its record; the outcome. */
enum err request_serve(struct request *);

/* As request_serve, for one that failed with `e` before its first step. */
void request_refuse(struct request *, enum err e);

/* Why a request that was cancelled ends: its client is gone, or the gateway stops. */
enum err request_gone(const struct request *);

/* The request's error with a text of its own; returns e. */
enum err request_fail(struct request *, enum err e, struct slice param, struct slice detail);

/* The steps of step.tbl. */
#define STEP(name, suspends, runs, post)	enum err gate_##name(struct request *);
#include "gate/step.tbl"
#undef STEP

/* The decision, for whoever tells it; only of a request that has one (r->decided). */
struct explanation request_explanation(const struct request *);

/* What its line in the log takes at most. */
size_t request_line_bytes(const struct request *);

/* Usage, events and cost into the record, at an answer's end: as the vendor said, or estimated. */
void request_settle_usage(struct request *);

/* May the vendor charge for the attempt that goes on?  It has failed: what, as an estimate. */
bool request_may_be_billed(const struct request *);
void request_lose(struct request *);

/* Fills gate->fields with an answer's fields; `type` is its Content-Type. */
struct slice request_fields(struct request *, struct slice type);

#endif
