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
	struct record *record = &r->record;

	if (r->stream.usage.known)
		record->usage = r->stream.usage;
	record->events = r->stream.events;
	if (r->model != NULL && record->usage.known && !record->cost_known)
		record->cost_known = price_cost(&r->model->price, &record->usage, &record->cost);
	if (r->attempt != NULL)
		attempt_end(r, record->err);
	return ERR_OK;
}
