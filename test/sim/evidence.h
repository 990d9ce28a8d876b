/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIM_EVIDENCE_H
#define SIM_EVIDENCE_H

/*
 * evidence - what the taps and the log show, put together by wish.
 *
 * An answer is what the gateway wrote to a client for one wish; a call is one
 * request that it wrote to a provider, with what it read in return.  Wishes are
 * found by the order on their connection and by their markers.
 */

#include "sim/account.h"
#include "sim/message.h"
#include "sim/tap.h"
#include "sim/visitor.h"

struct answer {
	struct answer	*next;
	struct tap	*tap;
	struct visitor	*visitor;
	struct wish	*wish;
	struct account	*account;	/* by its x-trivium-id */
	struct message	 message;
	size_t		 from;		/* in tap->out */
	/* Its record was on disk before its end, which its client may not have heard */
	bool		 durable, cut;
};

struct call {
	struct call	*next;		/* of all, in the order of their first bytes */
	struct tap	*tap;
	int		 provider;	/* -1: nobody's address */
	struct visitor	*visitor;
	struct wish	*wish;		/* NULL: no marker, or one of nobody */
	struct message	 request;
	size_t		 from;		/* in tap->out */
	struct message	 reply;
	size_t		 reply_from;	/* in tap->in */
	bool		 first;		/* on its connection */
};

struct evidence {
	struct story	*story;
	struct account	*accounts;
	uint64_t	 lines;		/* of the log, durable ones included */
	struct answer	*answers, **answers_tail;
	struct call	*calls;
};

struct story;

void evidence_gather(struct evidence *, struct story *);
void evidence_release(struct evidence *);

/* The wish of a marker at the front of s; NULL if it is none, or none of this history. */
struct wish *evidence_wish(const struct evidence *, struct slice s, struct visitor **whose);

/*
 * The next marker in s from *at on, as it is, escaped, or as base64: its place,
 * and what it is.  False when there is none.
 */
bool evidence_marker(struct slice s, size_t *at, char marker[MARKER_BYTES]);

/* The n-th call of a wish, from 0; NULL if there are not so many. */
struct call *evidence_call(const struct evidence *, const struct wish *, int n);

/* Was the entry of an answer waited for, between what came and what left of it? */
bool evidence_waited(const struct evidence *, const struct answer *, const struct mark *came,
    const struct mark *left);
struct account *evidence_account(const struct evidence *, const struct wish *);
struct call *evidence_last_call(const struct evidence *, const struct wish *);

#endif
