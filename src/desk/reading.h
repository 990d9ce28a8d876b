/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DESK_READING_H
#define DESK_READING_H

/*
 * reading - the verbs of `trivium ledger` that show entries: tail and query.
 *
 * Entries are printed as they are, a line each, so that other programs can take
 * them up.
 */

#include "desk/ledger_call.h"

/* The last entries, and what comes, if the call follows.  A status. */
int reading_tail(const struct ledger_call *);

/* The entries that fit all that the call names. */
int reading_query(const struct ledger_call *);

#endif
