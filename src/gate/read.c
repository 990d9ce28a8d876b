/* SPDX-License-Identifier: Apache-2.0 */
#include "core/limit.h"
#include "gate/request.h"
#include "run/fiber.h"

/*
 * read - the body, whole, and its tape.
 *
 * Duplicate keys are refused everywhere in it: what the gateway reads and what
 * the model reads must be the same.
 */

/* "application/json", parameters allowed (RFC 9110, 8.3). */
static bool
is_json(struct slice type)
{
	size_t end = slice_find(type, S(";"));

	return slice_same_word(slice_trim(slice_cut(type, 0, end)), S("application/json"));
}

static enum err
say_fault(struct request *r, enum err e, const struct json_fault *fault)
{
	struct text t;
	char *room = arena_bytes(&r->arena, 256);

	if (room == NULL || e == ERR_MEMORY)
		return e;
	text_init(&t, room, 256);
	text_put(&t, err_info(e)->text);
	text_put(&t, S(": "));
	text_put(&t, slice_of(fault->why, strlen(fault->why)));
	text_put(&t, S(" at byte "));
	text_put_number(&t, fault->offset);
	return request_fail(r, e, slice_of(NULL, 0), text_slice(&t));
}

/* The others have their turns while a large body is parsed. */
static enum err
parse(struct request *r, struct json_fault *fault)
{
	unsigned rules = JSON_DUPLICATES_REFUSED | request_wide(r);
	struct json_reading *reading;

	if (r->x->body.len <= JSON_STEP_BYTES)
		return json_parse(&r->work, r->x->body, rules, &r->json, fault);
	reading = json_begin(&r->work, r->x->body, rules);
	if (reading == NULL)
		return ERR_MEMORY;
	while (!json_step(reading, JSON_STEP_BYTES))
		if (fiber_yield(r->fiber) != ERR_OK)
			return ERR_CLIENT_GONE;
	return json_end(reading, &r->json, fault);
}

enum err
gate_read(struct request *r)
{
	struct exchange *x = r->x;
	struct json_fault fault = { 0, "" };
	enum err e;

	if (r->operation == OPERATION_MODELS)
		return exchange_read_body(x, 0);
	if (!is_json(x->head.field[HEADER_CONTENT_TYPE]) ||
	    x->head.field[HEADER_CONTENT_ENCODING].len > 0)
		return ERR_MEDIA_TYPE;
	e = exchange_read_body(x, r->snapshot->body_bytes_max);
	if (e != ERR_OK)
		return e;
	r->record.request_bytes = x->body.len;
	e = parse(r, &fault);
	return e == ERR_OK || e == ERR_CLIENT_GONE ? e : say_fault(r, e, &fault);
}
