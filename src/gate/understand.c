/* SPDX-License-Identifier: Apache-2.0 */
#include "core/limit.h"
#include "gate/decide.h"
#include "gate/request.h"
#include "ask/workload.h"
#include "run/fiber.h"

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

/* Every text is looked at; of a long one the others have their turns between. */
static enum err
look(struct request *r, struct inquiry *q, unsigned parts)
{
	enum err e = inquiry_look(q, parts);

	if (e != ERR_OK || q->sight == NULL)
		return e;
	while (!sight_step(q->sight, SIGHT_SLICE_BYTES))
		if (fiber_yield(r->fiber) != ERR_OK)
			return ERR_CLIENT_GONE;
	r->sight = q->sight;
	return arena_overflowed(&r->work) ? ERR_MEMORY : ERR_OK;
}

/* Only how many of what, and only where there is any: content stays where it is. */
static enum err
note_findings(struct request *r)
{
	size_t room_bytes;
	struct text t;
	char *room;

	if (r->sight == NULL || r->sight->count == 0)
		return ERR_OK;
	for (unsigned i = 0; i < TYPE_COUNT; i++)
		metric_found(&r->gate->metric, (enum detect_type)i, r->sight->census.count[i]);
	room_bytes = sight_counts_bytes(r->sight);
	if ((room = arena_bytes(&r->arena, room_bytes)) == NULL)
		return ERR_MEMORY;
	text_init(&t, room, room_bytes);
	sight_put_counts(&t, r->sight);
	r->record.findings = text_slice(&t);
	return ERR_OK;
}

/* Whoever asks what is in a text is told, whatever the configuration looks for. */
static enum err
classify_look(struct request *r, struct inquiry *q)
{
	static const struct handling none;
	enum err e = look(r, q, DETECT_ALL);

	if (e != ERR_OK)
		return e;
	r->sight->said = r->facts.label;
	r->facts.label = label_join(r->facts.label, sight_label(r->sight, &none));
	r->record.level = r->snapshot->level[policy_close(&r->snapshot->policy,
	    r->facts.label).level];
	return note_findings(r);
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
	if ((e = taint_open(r)) != ERR_OK)
		return e;
	r->record.level = r->snapshot->level[r->facts.label.level];
	if (r->operation == OPERATION_MODELS)
		return ERR_OK;
	if (openai_is_local(r->operation))
		return classify_look(r, &q);
	e = inquiry_ask(&q);
	r->operation = q.operation;
	if (e != ERR_OK)
		return decide_fail(r, &q, e);
	r->record.model_asked = r->ask.model;
	r->record.stream = r->ask.stream;
	if ((e = workload_find(&q)) != ERR_OK)
		return decide_fail(r, &q, e);
	inquiry_use(&q);
	if ((e = look(r, &q, r->snapshot->detect_parts)) != ERR_OK ||
	    (e = note_findings(r)) != ERR_OK)
		return e;
	return decide_fail(r, &q, inquiry_found(&q));
}
