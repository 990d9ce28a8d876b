/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ADMIN_CALL_H
#define ADMIN_CALL_H

/*
 * call - one call of the operators' API: JSON in, JSON out.
 *
 * The frame does what every call needs, in one place: it finds the row of
 * api.tbl, the operator whose key the call carries, and whether the role
 * may; it reads the body.  Only then is the row's function called, which answers
 * exactly once.  Errors have the shape that callers know from the data port:
 * {"error":{"message","type","param","code"}}.  Lives on the first worker's loop;
 * functions may suspend.
 */

#include "caller/grant.h"
#include "caller/operator.h"
#include "core/arena.h"
#include "core/json.h"
#include "http/exchange.h"

struct admin;
struct snapshot;

struct call {
	struct exchange		*x;
	struct admin		*admin;
	struct arena		 arena;		/* given back after the answer */
	const struct snapshot	*snapshot;	/* the newest, held */
	nanos			 wall;
	struct grant		 operator;	/* who calls */
	struct slice		 by;		/* its name, tva_… */
	struct slice		 id;		/* what stands for the star */
	struct slice		 query;
	struct json		 json;		/* the body, an object; of none, an empty one */
};

/* Does the target belong to the API? */
bool call_is_api(struct slice target);

/* Serves one, whole; an exchange that cannot be answered is closed. */
void call_serve(struct exchange *, struct admin *);

/* Answers.  The body is JSON. */
void call_reply(struct call *, int status, struct slice body);

/*
 * Refuses: `code` is a word for programs, `message` a sentence for people that says what to do,
 * `param` the field or parameter that is wrong, or empty.
 */
struct refusal_words {
	int		status;
	struct slice	code, param, message;
};
void call_refuse(struct call *, const struct refusal_words *);

/* The same for what went wrong in the gateway: ERR_RECORD_FAILED, ERR_MEMORY and so on. */
void call_fail(struct call *, enum err);

/* A builder of so many bytes in the call's arena; it overflows without memory. */
struct text call_text(struct call *, size_t bytes);

/* A parameter of the query, decoded; absent if it is not said. */
struct slice call_query(struct call *, struct slice name);

#endif
