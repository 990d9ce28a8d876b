/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_BREAKER_H
#define CORE_BREAKER_H

/*
 * breaker - whether a model is worth asking, from what its last answers were.
 *
 * Arithmetic: state, time and event in, state out.  After BREAKER_FAILURES in
 * a row it opens for BREAKER_OPEN; then one probe at a time may pass, whose
 * success closes it and whose failure opens it again, twice as long, up to
 * BREAKER_OPEN_MAX.
 */

#include <stdbool.h>
#include <stdint.h>

#include "core/unit.h"

#define BREAKER_FAILURES	5
#define BREAKER_OPEN		(5 * NANOS_PER_S)
#define BREAKER_OPEN_MAX	(60 * NANOS_PER_S)

struct breaker {
	uint32_t	failures;	/* in a row */
	bool		probing;	/* the one request that may pass is out */
	nanos		open_until;	/* 0: closed */
	nanos		open_for;	/* of the last opening */
};

/* May a request pass?  Changes nothing. */
bool breaker_may_pass(const struct breaker *, nanos now);

/* One passes now. */
void breaker_pass(struct breaker *, nanos now);

/* How it went; a request that was given up counts for nothing (breaker_forget). */
void breaker_note(struct breaker *, nanos now, bool failed);
void breaker_forget(struct breaker *);

#endif
