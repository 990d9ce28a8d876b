/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/attempt.h"
#include "gate/request.h"

/*
 * settle - usage and cost become final, and nothing is held any more.
 *
 * Runs for every request, one whose client is gone included.  What a vendor
 * did not say stays unknown; it is never made up.
 */
enum err
gate_settle(struct request *r)
{
	request_settle_usage(r);
	if (r->attempt != NULL)
		attempt_end(r, r->record.err);
	return ERR_OK;
}
