/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LEDGER_RECOVER_H
#define LEDGER_RECOVER_H

/*
 * recover - what a process left open when it died is closed, at worst case.
 *
 * Work that was opened has bytes at a provider, perhaps, and no closing entry.
 * Each gets one: `"entry":"recovered"`, with the names of its opened entry and the
 * most that it can have cost.
 */

#include "ledger/batch.h"

/* Closes all of it in one transaction; *count says how many.  As batch_commit(); ERR_MEMORY. */
must_use enum err recover_open(struct batch *, nanos wall, uint64_t *count);

#endif
