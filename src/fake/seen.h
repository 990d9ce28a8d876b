/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FAKE_SEEN_H
#define FAKE_SEEN_H

/*
 * seen - the last requests that a simulated provider received, byte for byte.
 *
 * A test reads from here what really arrived behind a gateway, and how each
 * answer ended: whole, broken by a script, or because the client went away.  A
 * bounded ring: FAKE_SEEN_MAX requests and FAKE_SEEN_BYTES_MAX bytes, the
 * oldest go first.  Without memory a request is counted but not kept.
 */

#include "core/limit.h"
#include "core/text.h"
#include "run/memory.h"

enum seen_end {
	SEEN_OPEN,
	SEEN_WHOLE,
	SEEN_BROKEN,			/* by the script */
	SEEN_GONE,			/* the client went away */
};

struct seen_request {
	uint64_t	number;		/* from 1 */
	size_t		block_bytes;
	size_t		head_bytes, body_bytes;
	nanos		began, ended;	/* monotonic */
	enum seen_end	end;
	int		status;		/* that it was answered with */
	uint32_t	rule;		/* of the script, from 1; 0: none */
	char		bytes[];	/* head, then body */
};

struct seen {
	struct memory_pool	*memory;
	uint64_t		 total, open;
	uint64_t		 oldest;	/* number of the first that is still kept */
	size_t			 bytes;
	struct seen_request	*ring[FAKE_SEEN_MAX];	/* by number */
};

void seen_init(struct seen *, struct memory_pool *);

/* Forgets everything that has ended. */
void seen_reset(struct seen *);

/* Keeps a request; returns its number. */
uint64_t seen_begin(struct seen *, struct slice head, struct slice body, nanos now);

/* The kept request of that number, or NULL. */
struct seen_request *seen_find(struct seen *, uint64_t number);

void seen_end(struct seen *, uint64_t number, enum seen_end, nanos now);

/* All of it as JSON, bytes in base64; and how many bytes that needs at most. */
void seen_put(struct text *, struct seen *);
size_t seen_put_bytes(const struct seen *);

#endif
