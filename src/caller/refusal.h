/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CALLER_REFUSAL_H
#define CALLER_REFUSAL_H

/*
 * refusal - why a token is not taken for a caller's.
 *
 * Each check of a token has a reason of its own, for whoever runs the gateway; the table is
 * refusal.tbl.  The order of the rows is the order of the checks: what is cheap comes first,
 * nothing is believed before the signature is good, and what the claims mean is asked last.
 */

#include "core/slice.h"

enum refusal {
	REFUSAL_none,
#define REFUSAL(name, what)	REFUSAL_##name,
#include "caller/refusal.tbl"
#undef REFUSAL
	REFUSAL_COUNT,
};

/* The row's name; empty for none. */
struct slice refusal_name(enum refusal);

#endif
