/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/attempt.h"
#include "gate/request.h"
#include "gate/reserve.h"

/*
 * settle - usage and cost become final, and nothing is held any more.
 *
 * Runs for every request, one whose client is gone included.  What a vendor
 * did not say is estimated, and flagged.
 */

/* Did any byte of it leave? */
static bool
is_sent(const struct record *record)
{
	bool sent = false;

	for (uint32_t i = 0; i < record->attempt_count; i++)
		sent |= record->attempt[i].sent;
	return sent;
}

enum err
gate_settle(struct request *r)
{
	request_settle_usage(r);
	reserve_settle(r);
	if (r->attempt != NULL)
		attempt_end(r, r->record.err);
	for (enum subject_kind kind = 0; kind < SUBJECT_MODEL; kind++) {
		reserve_correct(r, kind, r->record.err == ERR_OK, is_sent(&r->record));
		admission_leave(&r->admission, kind);
	}
	keep_close(r);
	return ERR_OK;
}
