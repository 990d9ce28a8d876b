/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CALLER_FLAW_H
#define CALLER_FLAW_H

/*
 * flaw - what is wrong with a token, so that it is not taken for a caller's.
 *
 * Each check of a token has a name of its own, for whoever runs the gateway; the table is
 * flaw.tbl.  The order of the rows is the order of the checks: what is cheap comes first,
 * nothing is believed before the signature is good, and what the claims mean is asked last.
 */

#include "core/slice.h"

enum flaw {
	FLAW_none,
#define FLAW(name, what)	FLAW_##name,
#include "caller/flaw.tbl"
#undef FLAW
	FLAW_COUNT,
};

/* The row's name; empty for none. */
struct slice flaw_name(enum flaw);

#endif
