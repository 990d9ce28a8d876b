/* SPDX-License-Identifier: Apache-2.0 */
#include "core/limit.h"
#include "gate/decide.h"
#include "gate/request.h"
#include "gate/workload.h"

/*
 * understand - the facts: what is asked for, by whom, for which workload, under
 * which label, until when.
 *
 * A caller's headers can only make things stricter: raise the label, shorten
 * the deadline, choose inside its key's bound.
 */

static enum err
read_deadline(struct request *r)
{
	struct slice asked = r->x->head.field[HEADER_TRIVIUM_DEADLINE_MS];
	uint64_t ms;

	if (asked.ptr == NULL)
		return ERR_OK;
	if (!slice_number(asked, &ms) || ms == 0)
		return request_fail(r, ERR_HEADER_VALUE, S("x-trivium-deadline-ms"),
		    S("x-trivium-deadline-ms must be a whole number of milliseconds above 0"));
	r->deadline_said = true;
	if (ms < REQUEST_WAIT_MS) {
		nanos asked_for = r->x->began + (nanos)ms * NANOS_PER_MS;

		if (asked_for < r->deadline)
			r->deadline = asked_for;
	}
	return ERR_OK;
}

enum err
gate_understand(struct request *r)
{
	struct inquiry q = decide_inquiry(r);
	enum err e;

	r->facts.now = gate_wall(r->gate) / NANOS_PER_S;
	if ((e = inquiry_label(&q)) != ERR_OK)
		return decide_fail(r, &q, e);
	if ((e = read_deadline(r)) != ERR_OK)
		return e;
	r->record.level = r->snapshot->level[r->facts.label.level];
	if (r->operation == OPERATION_MODELS)
		return ERR_OK;
	e = inquiry_ask(&q);
	r->operation = q.operation;
	if (e != ERR_OK)
		return decide_fail(r, &q, e);
	r->record.model_asked = r->ask.model;
	r->record.stream = r->ask.stream;
	if ((e = workload_find(&q)) != ERR_OK)
		return decide_fail(r, &q, e);
	inquiry_use(&q);
	return ERR_OK;
}
