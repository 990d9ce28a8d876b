/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FAKE_FAKE_H
#define FAKE_FAKE_H

/*
 * fake - simulated providers in the OpenAI dialect.
 *
 * They are the demo, the tests' upstreams and the simulator's: everything that
 * they do follows from a seed, a script and the order of the requests, and all
 * of it goes through the doors of run/.  A struct fake belongs to one loop and
 * is the owner of a server whose serve is fake_serve().  With `control` it also
 * keeps what it received and lets callers on loopback read that and replace the
 * script under /fake/; without, it forgets everything at once.
 */

#include "core/err.h"
#include "core/must.h"
#include "fake/seen.h"
#include "http/exchange.h"

struct script;

struct fake {
	struct memory_pool	*memory;
	uint64_t		 seed;
	uint64_t		 number;	/* requests so far */
	struct script		*script;
	bool			 control;
	struct seen		 seen;
};

/* Without a script: every model exists, answers at once and well.  ERR_MEMORY. */
must_use enum err fake_init(struct fake *, struct memory_pool *, uint64_t seed);

/* Every exchange must have ended. */
void fake_release(struct fake *);

/* Replaces the script from the next request on; ERR_CONF with a C string in `why`. */
must_use enum err fake_script(struct fake *, struct slice text, char *why, size_t why_bytes);

/* Answers one request; server.owner is the struct fake.  May suspend. */
void fake_serve(struct exchange *);

/* For server.refuse: the dialect's error shape. */
void fake_refuse(struct exchange *, enum err);

#endif
