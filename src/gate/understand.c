/* SPDX-License-Identifier: Apache-2.0 */
#include "core/limit.h"
#include "gate/request.h"
#include "gate/workload.h"

/*
 * understand - the facts: what is asked for, by whom, for which workload, under
 * which label, until when.
 *
 * A caller's headers can only make things stricter: raise the label, shorten
 * the deadline, choose inside its key's bound.
 */

/* Bytes for a token, on the safe side of what English text takes in today's vocabularies. */
#define TOKEN_BYTES	4

/* One word of x-trivium-label: a level, or a kind. */
static bool
add_word(const struct request *r, struct slice word, struct label *label)
{
	struct label one = LABEL_PUBLIC;
	uint32_t at;

	if (snapshot_level(r->snapshot, word, &at))
		one.level = at;
	else if (snapshot_kind(r->snapshot, word, &at))
		one.kinds = UINT64_C(1) << at;
	else
		return false;
	*label = label_join(*label, one);
	return true;
}

/* Words between commas or spaces; all of them count. */
static enum err
read_label(struct request *r)
{
	struct slice rest = r->x->head.field[HEADER_TRIVIUM_LABEL];
	bool any = false;

	if (rest.ptr == NULL)
		return ERR_OK;
	while (rest.len > 0) {
		size_t end = 0;

		while (end < rest.len && memchr(", \t", rest.ptr[end], 3) == NULL)
			end++;
		if (end > 0 && !add_word(r, slice_cut(rest, 0, end), &r->facts.label))
			return request_fail(r, ERR_HEADER_VALUE, S("x-trivium-label"),
			    S("x-trivium-label must be levels and kinds of the configuration, "
			    "with commas between them"));
		any |= end > 0;
		rest = slice_cut(rest, end < rest.len ? end + 1 : end, rest.len);
	}
	return any ? ERR_OK : request_fail(r, ERR_HEADER_VALUE, S("x-trivium-label"),
	    S("x-trivium-label is empty"));
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

static enum err
read_ask(struct request *r)
{
	struct openai_fault fault = { 0 };
	enum err e;

	if (r->routing)
		r->operation = openai_operation_of(&r->json);
	e = openai_read(&r->arena, &r->json, r->operation, &r->ask, &fault);

	if (e != ERR_OK)
		return request_fail(r, e, fault.param, fault.text);
	if (r->ask.model.len > NAME_BYTES_MAX)
		return request_fail(r, ERR_MODEL_UNKNOWN, S("model"), slice_of(NULL, 0));
	/* The tape and the input may go before the request does. */
	r->ask.model = arena_copy(&r->arena, r->ask.model);
	r->record.model_asked = r->ask.model;
	r->record.stream = r->ask.stream;
	openai_use_read(&r->work, &r->json, r->operation, &r->use);
	return arena_overflowed(&r->arena) || arena_overflowed(&r->work) ? ERR_MEMORY : ERR_OK;
}

static void
read_tools(struct request *r)
{
	const struct names tools = r->snapshot->vocabulary.tool;

	r->facts.tool_unknown = r->use.hosted_overflow;
	for (uint32_t i = 0; i < r->use.hosted_count; i++) {
		uint32_t at = 0;

		while (at < tools.count && !slice_eq(tools.name[at], r->use.hosted[i]))
			at++;
		if (at < tools.count)
			r->facts.tools |= UINT64_C(1) << at;
		else
			r->facts.tool_unknown = true;
	}
}

/* What nobody can read is not harmless. */
static void
read_use(struct request *r)
{
	uint32_t opaque;

	r->facts.features = r->use.features;
	r->facts.tokens = r->json.text.len / TOKEN_BYTES + r->ask.output_max;
	read_tools(r);
	if (r->use.opaque) {
		must(snapshot_kind(r->snapshot, S("opaque"), &opaque));
		r->facts.label.kinds |= UINT64_C(1) << opaque;
	}
}

enum err
gate_understand(struct request *r)
{
	enum err e;

	r->facts.label = LABEL_PUBLIC;
	r->facts.bound = r->key == NULL ? 0 : r->key->bound;
	r->facts.now = gate_wall(r->gate) / NANOS_PER_S;
	if ((e = read_label(r)) != ERR_OK || (e = read_deadline(r)) != ERR_OK)
		return e;
	r->record.level = r->snapshot->level[r->facts.label.level];
	if (r->operation == OPERATION_MODELS)
		return ERR_OK;
	if ((e = read_ask(r)) != ERR_OK || (e = workload_find(r)) != ERR_OK)
		return e;
	read_use(r);
	return ERR_OK;
}
