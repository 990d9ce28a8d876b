/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DESK_ATTEST_H
#define DESK_ATTEST_H

/*
 * attest - the verbs of `trivium ledger` by which its keeper gives evidence: prove, head.
 *
 * A receipt rests on one head.  Without a word about it that is the first one that
 * speaks of the entry, which hardly anybody but the ledger has; an auditor checks with
 * heads of their own, so the call may name a file of them, and the receipt is made
 * for the first of these that will do.
 */

#include "desk/ledger_call.h"

/* A receipt for the entry of a request's id, or of a number.  A status. */
int attest_prove(const struct ledger_call *);

/* The newest head that is kept, or one that the running gateway signs at once. */
int attest_head(const struct ledger_call *);

#endif
