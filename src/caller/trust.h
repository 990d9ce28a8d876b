/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CALLER_TRUST_H
#define CALLER_TRUST_H

/*
 * trust - the keys of all issuers, as the process has them now.
 *
 * Shared by all workers, under one lock that is held for some hundred instructions.  Keys are
 * kept by where they come from, so a reload of the configuration forgets none.  One keeper, a
 * fiber of the first worker, fetches them (serve/keeper.c): before they are no longer fresh,
 * and sooner when a token names a key that is not known, but for that at most each
 * JWKS_RETRY_MS, so that nobody's made-up names become somebody's traffic.  While a fetch fails,
 * the keys that were had stay good for `keep_s`.  A set that is replaced by another one changes
 * its edition, by which what was verified under the old one is known to need a second look.
 * Times are those of the loops: monotonic.
 */

#include "caller/fetch.h"
#include "run/loop.h"

struct trust;

struct trust *trust_new(void);	/* NULL without memory */
void trust_free(struct trust *);

/* The keys of an issuer with a reference, and their edition; NULL: none, or they are too old. */
struct jwks *trust_keys(struct trust *, const struct issuer *, nanos now, uint64_t *edition);

/* Only the edition; 0 where trust_keys() would give NULL. */
uint64_t trust_edition(struct trust *, const struct issuer *, nanos now);

/*
 * Asks for keys that are not known, and waits until they were fetched, or could not be; false if
 * there was a fetch just now, or there is no keeper.  May suspend.
 */
bool trust_await(struct trust *, struct fiber *, const struct issuer *, nanos deadline);

/* ---- for the keeper ---- */

/* Who is to be woken when keys are asked for; NULL: no longer anybody. */
void trust_attend(struct trust *, struct loop *, struct fiber *);

/* Shall they be fetched now?  Who hears true fetches, and says how it went. */
bool trust_begin(struct trust *, const struct issuer *, nanos now);

/* Takes fetched->set.  True if something changed that is worth a line in the log. */
bool trust_end(struct trust *, const struct issuer *, struct fetched *, nanos now);

/* ---- for the metrics ---- */

void trust_count_refused(struct trust *, enum flaw);
void trust_count_verified(struct trust *);

/* Prometheus' text: refusals by reason, tokens verified, fetches by result. */
#define TRUST_METRICS_BYTES	8192
void trust_put_metrics(struct trust *, struct text *);

#endif
