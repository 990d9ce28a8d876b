/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ASK_INQUIRY_H
#define ASK_INQUIRY_H

/*
 * inquiry - what a request asks for, as facts by which a policy decides.
 *
 * Everything that is understood of a head and a body is understood here: the
 * label that headers give, the workload, the models that a name stands for, what
 * the body makes use of.  The gate inquires into requests in flight, the
 * commands into those of a file, so both hear the same.  Nothing is sent, no
 * clock is asked, nothing suspends.  An inquiry is a bundle of borrowed
 * pointers; results go where they point.
 */

#include "conf/snapshot.h"
#include "core/text.h"
#include "dialect/openai_use.h"
#include "ask/sight.h"
#include "policy/verdict.h"
#include "wire/http1.h"

/* Bytes for a token, on the safe side of what English text takes in today's vocabularies. */
#define INQUIRY_TOKEN_BYTES	4

struct cover;

struct inquiry {
	const struct snapshot	*snapshot;
	const struct key	*key;		/* NULL: anybody, where the gateway is open */
	const struct http1_head	*head;
	const struct json	*json;		/* the body; not looked at for OPERATION_MODELS */
	enum operation		 operation;
	struct arena		*arena;		/* for what outlives the body */
	struct arena		*work;
	struct arena		*scratch;	/* given back whenever it was used */
	bool			 wide;		/* the machine has what core/wide.h needs */
	/* What is found */
	struct sight		*sight;		/* NULL: nobody looks */
	struct cover		*cover;		/* what was masked so far; NULL: nothing */
	struct openai_ask	*ask;
	struct openai_use	*use;
	struct facts		*facts;
	/* Why it failed: the field, a text instead of err.tbl's, the reason */
	struct slice		 param, detail;
	enum reason		 refused_by;
};

/* The caller's bound, and the label of x-trivium-label.  ERR_HEADER_VALUE. */
must_use enum err inquiry_label(struct inquiry *);

/*
 * What the body asks for and makes use of; OPERATION_ROUTE becomes what it is for.  As
 * openai_read(); ERR_MODEL_UNKNOWN, ERR_MEMORY.
 */
must_use enum err inquiry_ask(struct inquiry *);

/* What that means for the decision; what nobody can read makes the label opaque. */
void inquiry_use(struct inquiry *);

/*
 * Opens q->sight for these parts (enum detect_parts; none: it stays closed); whoever asks takes
 * its steps.  ERR_MEMORY.
 */
must_use enum err inquiry_look(struct inquiry *, unsigned parts);

/* The body is another one now, of the same operation: what it asks for.  ERR_MEMORY. */
must_use enum err inquiry_again(struct inquiry *);

/* What was found, joined to the label.  ERR_CONTENT_REFUSED; ERR_MEMORY. */
must_use enum err inquiry_found(struct inquiry *);

/* May this caller (NULL: anybody) use a model, and so hear its name? */
bool inquiry_may_name(const struct key *, const struct model *);

/* The models that the name stands for.  ERR_MODEL_UNKNOWN, ERR_MEMORY. */
must_use enum err inquiry_scope(struct inquiry *);

/* True if an empty plan sends it to every model instead, which it was not yet. */
bool inquiry_reroute(struct inquiry *);

/* Why there is no plan.  ERR_POLICY_REFUSED, ERR_NO_CANDIDATE; ERR_MEMORY. */
must_use enum err inquiry_refused(struct inquiry *, const struct verdict *);

/* The `code` of an error answer: the error's name, or policy_REASON. */
void inquiry_put_code(struct text *, enum err, enum reason refused_by);

/* ERR_MODEL_UNKNOWN for ask->model, with the nearest names that the caller may hear. */
must_use enum err inquiry_unknown(struct inquiry *);

#endif
