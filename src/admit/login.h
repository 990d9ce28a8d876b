/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ADMIT_LOGIN_H
#define ADMIT_LOGIN_H

/*
 * login - keys that were wrong, counted by where they came from.
 *
 * An address may be wrong so often a minute; beyond, it is told so instead of
 * what was wrong.  Who has the right key is never asked: behind one address may
 * be a whole company, or everybody by way of a balancer, and one bad client must
 * not lock out the others.  An address of IPv6 counts with its network of 64
 * bits, which is what one host is given (RFC 6177).  The cells are those of
 * admit/rate, so memory is bounded.
 */

#include "admit/rate.h"
#include "run/kernel.h"

/* Counts one; false, with the time until the next would be told, once they are too many. */
must_use bool login_failed(struct rates *, const struct hash_key *, const struct address *,
    const struct gcra *, nanos *wait);

#endif
