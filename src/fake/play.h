/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FAKE_PLAY_H
#define FAKE_PLAY_H

/*
 * play - one answer of a simulated provider, from its first wait to its end.
 *
 * Puts together what an answer says (answer.h, embed.h), what the script wants
 * of it (script.h) and how it leaves (mouth.h).
 */

#include "fake/mouth.h"

struct ask;
struct ask_fault;

struct play {
	struct mouth	 mouth;
	struct arena	*arena;
	uint64_t	 seed;
	uint64_t	 number;	/* makes the ids */
};

/* The answer to an understood request.  Errors as in mouth.h, and ERR_MEMORY.  May suspend. */
must_use enum err play_answer(struct play *, const struct ask *);

/* An answer that does not depend on the request; *done says that the script has one. */
must_use enum err play_scripted(struct play *, bool *done);

/* An error in the dialect's shape.  May suspend. */
must_use enum err play_error(struct play *, int status, struct slice type,
    const struct ask_fault *);

/* A JSON answer with status 200.  May suspend. */
must_use enum err play_json(struct play *, struct slice body);

#endif
