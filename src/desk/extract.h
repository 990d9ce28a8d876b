/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DESK_EXTRACT_H
#define DESK_EXTRACT_H

/*
 * extract - the verbs of `trivium ledger` that take entries out: export, prune.
 *
 * An export is a file of entries and a manifest that proves them (ledger/parcel.h).
 * Prune takes the bytes of entries away of which an export was just found whole, or
 * which are given up by --force: the gateway does it where one runs, for it alone writes then.
 */

#include "desk/ledger_call.h"

int extract_export(const struct ledger_call *);

/* Is an export whole and the ledger's own?  With nothing but the key. */
int extract_verify(const struct ledger_call *);

int extract_prune(const struct ledger_call *);

#endif
