/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATE_JOURNAL_H
#define GATE_JOURNAL_H

/*
 * journal - the duty durable_record: lines that are on disk before the work goes on.
 *
 * An `opened` line with the decision before a byte goes upstream; the record
 * itself before the last byte of an answer goes to the caller.  Both are entries
 * of the ledger; a gateway without one writes and synchronises them in the log's
 * file, each by a job of its own.  If that fails, the work is refused.
 */

#include <stdbool.h>

#include "core/err.h"
#include "core/must.h"

struct request;

/* ERR_RECORD_FAILED, ERR_MEMORY.  Nothing to do without the duty.  May suspend. */
must_use enum err journal_open(struct request *);

/* Is an end of the answer held back until journal_close()? */
bool journal_holds(const struct request *);

/*
 * The record as it will be: usage, cost and the answer's size so far are in it.
 * ERR_RECORD_FAILED, ERR_MEMORY.  May suspend.
 */
must_use enum err journal_close(struct request *);

#endif
