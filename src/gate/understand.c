/* SPDX-License-Identifier: Apache-2.0 */
#include "core/limit.h"
#include "gate/request.h"

/*
 * understand - what is asked for, under which label, until when.
 *
 * A caller's headers can only make things stricter: raise the label, shorten
 * the deadline.
 */

static enum err
read_label(struct request *r)
{
	struct slice asked = r->x->head.field[HEADER_TRIVIUM_LABEL];
	struct label said = LABEL_PUBLIC;

	if (asked.ptr != NULL) {
		if (!snapshot_level(r->snapshot, asked, &said.level))
			return request_fail(r, ERR_HEADER_VALUE, S("x-trivium-label"),
			    S("x-trivium-label is not a level of the configuration"));
		r->label = label_join(r->label, said);
	}
	r->record.level = r->snapshot->level[r->label.level];
	return ERR_OK;
}

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
	struct openai_fault fault = { 0 };
	enum err e;

	if ((e = read_label(r)) != ERR_OK || (e = read_deadline(r)) != ERR_OK)
		return e;
	if (r->operation == OPERATION_MODELS)
		return ERR_OK;
	e = openai_read(&r->arena, &r->json, r->operation, &r->ask, &fault);
	if (e != ERR_OK)
		return request_fail(r, e, fault.param, fault.text);
	if (r->ask.model.len > NAME_BYTES_MAX)
		return request_fail(r, ERR_MODEL_UNKNOWN, S("model"), slice_of(NULL, 0));
	/* The tape and the input may go before the request does. */
	r->ask.model = arena_copy(&r->arena, r->ask.model);
	r->record.model_asked = r->ask.model;
	r->record.stream = r->ask.stream;
	return arena_overflowed(&r->arena) ? ERR_MEMORY : ERR_OK;
}
