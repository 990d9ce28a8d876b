/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FAKE_ANSWER_H
#define FAKE_ANSWER_H

/*
 * answer - what a simulated provider says, and how the dialect writes it.
 *
 * answer_make() decides the content from the request and the behaviour: an
 * echo, a scripted text, a number of words, JSON that fits a schema, or a
 * tool's arguments.  The same request, behaviour, number and time give the
 * same bytes for ever.  The other functions write it as OpenAI does: whole, or
 * event by event with the tokens that answer_next() cuts.  Nothing suspends;
 * memory comes from the request's arena.
 */

#include "core/text.h"
#include "fake/ask.h"
#include "fake/script.h"

struct answer {
	const struct ask	*ask;
	const struct behaviour	*behaviour;
	struct slice		 content;	/* text, JSON, or the tool's arguments */
	struct slice		 finish;
	uint64_t		 tokens;	/* of the content */
	uint64_t		 number;	/* makes the ids */
	uint64_t		 created;	/* seconds since 1970 */
};

/* Fills content, finish and tokens; false without memory. */
must_use bool answer_make(struct arena *, struct answer *);

/* The next token of the content from *at on, empty at its end. */
struct slice answer_next(const struct answer *, size_t *at);

/* The whole answer as JSON, in the arena; the empty slice without memory. */
struct slice answer_body(struct arena *, const struct answer *);

/* How large a text must be for any event of this answer. */
size_t answer_event_bytes(const struct answer *);

/* One event each, written behind what is there: the first of a choice, a token, its end. */
void answer_put_open(struct text *, const struct answer *, uint64_t choice);
void answer_put_token(struct text *, const struct answer *, uint64_t choice, struct slice token);
void answer_put_close(struct text *, const struct answer *, uint64_t choice);

/* Of the whole stream: usage, an error, the end mark, a comment. */
void answer_put_usage(struct text *, const struct answer *);
void answer_put_error_event(struct text *, const struct answer *);
void answer_put_done(struct text *, const struct answer *);
void answer_put_comment(struct text *, const struct answer *);

/* An error in the dialect's shape; empty param and code are null. */
void answer_put_error(struct text *, struct slice type, const struct ask_fault *);

#endif
