/* SPDX-License-Identifier: Apache-2.0 */
#include "ask/inquiry.h"

#include "core/limit.h"
#include "policy/explain.h"


#define REFUSED_TEXT_BYTES	512

static enum err
fail(struct inquiry *q, enum err e, struct slice param, struct slice detail)
{
	q->param = param;
	q->detail = detail;
	return e;
}

/* ---- what it says ---- */

/* Words between commas or spaces; all of them count. */
enum err
inquiry_label(struct inquiry *q)
{
	struct slice rest = q->head->field[HEADER_TRIVIUM_LABEL];
	bool any = false;

	q->facts->label = LABEL_PUBLIC;
	q->facts->bound = q->key == NULL ? 0 : q->key->bound;
	q->facts->own = q->key == NULL ? NULL : q->key->own;
	if (rest.ptr == NULL)
		return ERR_OK;
	while (rest.len > 0) {
		size_t end = 0;

		while (end < rest.len && memchr(", \t", rest.ptr[end], 3) == NULL)
			end++;
		if (end > 0 && !snapshot_label_word(q->snapshot,
		    slice_cut(rest, 0, end), &q->facts->label))
			return fail(q, ERR_HEADER_VALUE, S("x-trivium-label"),
			    S("x-trivium-label must be levels and kinds of the configuration, "
			    "with commas between them"));
		any |= end > 0;
		rest = slice_cut(rest, end < rest.len ? end + 1 : end, rest.len);
	}
	return any ? ERR_OK : fail(q, ERR_HEADER_VALUE, S("x-trivium-label"),
	    S("x-trivium-label is empty"));
}

enum err
inquiry_ask(struct inquiry *q)
{
	struct openai_fault fault = { 0 };
	enum err e;

	if (q->operation == OPERATION_ROUTE)
		q->operation = openai_operation_of(q->json);
	e = openai_read(q->arena, q->json, q->operation, q->ask, &fault);
	if (e != ERR_OK)
		return fail(q, e, fault.param, fault.text);
	if (q->ask->model.len > NAME_BYTES_MAX)
		return fail(q, ERR_MODEL_UNKNOWN, S("model"), slice_of(NULL, 0));
	/* The tape and the input may go before the request does. */
	q->ask->model = arena_copy(q->arena, q->ask->model);
	openai_use_read(q->work, q->json, q->operation, q->use);
	return arena_overflowed(q->arena) || arena_overflowed(q->work) ? ERR_MEMORY : ERR_OK;
}

static void
read_tools(struct inquiry *q)
{
	const struct names tools = q->snapshot->vocabulary.tool;

	q->facts->tool_unknown = q->use->hosted_overflow;
	for (uint32_t i = 0; i < q->use->hosted_count; i++) {
		uint32_t at = 0;

		while (at < tools.count && !slice_eq(tools.name[at], q->use->hosted[i]))
			at++;
		if (at < tools.count)
			q->facts->tools |= UINT64_C(1) << at;
		else
			q->facts->tool_unknown = true;
	}
}

/* What nobody can read is not harmless. */
void
inquiry_use(struct inquiry *q)
{
	uint32_t opaque;

	q->facts->features = q->use->features;
	q->facts->tokens = q->json->text.len / INQUIRY_TOKEN_BYTES + q->ask->output_max;
	read_tools(q);
	if (q->use->opaque) {
		must(snapshot_kind(q->snapshot, S("opaque"), &opaque));
		q->facts->label.kinds |= UINT64_C(1) << opaque;
	}
}

enum err
inquiry_again(struct inquiry *q)
{
	struct openai_fault fault = { 0 };
	struct slice model = q->ask->model;
	enum err e;

	*q->ask = (struct openai_ask){ 0 };
	*q->use = (struct openai_use){ 0 };
	e = openai_read(q->work, q->json, q->operation, q->ask, &fault);
	must(e == ERR_OK || e == ERR_MEMORY);
	q->ask->model = model;
	openai_use_read(q->work, q->json, q->operation, q->use);
	q->facts->tools = 0;
	inquiry_use(q);
	return arena_overflowed(q->work) ? ERR_MEMORY : e;
}

/* ---- what is in it ---- */

enum err
inquiry_look(struct inquiry *q, unsigned parts)
{
	if (parts == 0)
		return ERR_OK;
	q->sight = sight_begin(q->work, q->scratch, q->json, q->snapshot);
	if (q->sight == NULL)
		return ERR_MEMORY;
	q->sight->wide = q->wide;
	q->sight->parts = parts;
	return ERR_OK;
}

enum err
inquiry_found(struct inquiry *q)
{
	const struct handling *h = &q->snapshot->handling[q->facts->workload];
	struct text t;
	char *room;

	if (q->sight == NULL)
		return ERR_OK;
	q->sight->said = q->facts->label;
	q->facts->label = label_join(q->facts->label, sight_label(q->sight, h));
	if (!sight_is_refused(q->sight, h))
		return ERR_OK;
	room = arena_bytes(q->arena, REFUSED_TEXT_BYTES);
	if (room == NULL)
		return ERR_MEMORY;
	text_init(&t, room, REFUSED_TEXT_BYTES);
	sight_put_refused(&t, q->sight, h);
	return fail(q, ERR_CONTENT_REFUSED, slice_of(NULL, 0), text_slice(&t));
}

/* ---- which models it may mean ---- */

/* A model that the key may not even name is as unknown as one that is not there. */
bool
inquiry_may_name(const struct key *key, const struct model *m)
{
	return key == NULL || key->models == NULL ||
	    (key->models[m->index / 64] >> m->index % 64 & 1) != 0;
}

/* The names that are nearest to one that is not known, where the caller may see them. */
enum err
inquiry_unknown(struct inquiry *q)
{
	struct text t;
	char *room = arena_bytes(q->arena, 512 + 6 * NAME_BYTES_MAX);
	unsigned found = 0;

	if (room == NULL)
		return ERR_MEMORY;
	text_init(&t, room, 512 + 6 * NAME_BYTES_MAX);
	text_put(&t, S("there is no model '"));
	text_put(&t, q->ask->model);
	text_put_char(&t, '\'');
	for (uint32_t i = 0; i < q->snapshot->model_count && found < 3; i++) {
		const struct model *m = &q->snapshot->model[i];

		if (!inquiry_may_name(q->key, m) ||
		    slice_distance(m->name, q->ask->model) > 1 + q->ask->model.len / 4)
			continue;
		text_put(&t, found++ == 0 ? S("; did you mean '") : S(", '"));
		text_put(&t, m->name);
		text_put_char(&t, '\'');
	}
	text_put(&t, S("; GET /v1/models lists what there is"));
	return fail(q, ERR_MODEL_UNKNOWN, S("model"), text_slice(&t));
}

static void
ask_every(struct inquiry *q)
{
	q->facts->model = q->snapshot->every_model;
	q->facts->count = q->snapshot->model_count;
	q->facts->prefer = q->snapshot->auto_prefer;
}

enum err
inquiry_scope(struct inquiry *q)
{
	const struct snapshot *s = q->snapshot;
	const struct model *one = snapshot_model(s, q->ask->model);
	const struct group *group;

	if (one != NULL) {
		if (!inquiry_may_name(q->key, one))
			return inquiry_unknown(q);
		q->facts->model = &s->every_model[one->index];
		q->facts->count = 1;
		return ERR_OK;
	}
	if ((group = snapshot_group(s, q->ask->model)) != NULL) {
		q->facts->model = group->index;
		q->facts->count = group->count;
		q->facts->prefer = group->prefer;
		return ERR_OK;
	}
	if (!slice_eq(q->ask->model, S("auto")) && !slice_starts(q->ask->model, S("workload/")))
		return inquiry_unknown(q);
	ask_every(q);
	return ERR_OK;
}

bool
inquiry_reroute(struct inquiry *q)
{
	if (!q->snapshot->policy.workload[q->facts->workload].reroute ||
	    q->facts->count == q->snapshot->model_count)
		return false;
	ask_every(q);
	return true;
}

/* Policy first, for that is what a caller can change. */
enum err
inquiry_refused(struct inquiry *q, const struct verdict *v)
{
	enum reason reason = v->reason;
	const struct reason_info *info = reason_info(reason);
	const size_t room_bytes = 768 + KIND_MAX * (NAME_BYTES_MAX + 2);
	struct text t;
	char *room = arena_bytes(q->arena, room_bytes);

	if (room == NULL)
		return ERR_MEMORY;
	text_init(&t, room, room_bytes);
	text_put(&t, info->policy ? S("policy allows no model for this request: '")
	    : S("no model is available now: '"));
	text_put(&t, q->ask->model);
	text_put(&t, S("' "));
	text_put(&t, info->text);
	text_put(&t, S(" (label: "));
	explain_put_label(&t, &q->snapshot->vocabulary, v->label);
	text_put_char(&t, ')');
	q->refused_by = reason;
	return fail(q, info->policy ? ERR_POLICY_REFUSED : reason == REASON_RATE
	    ? ERR_RATE_LIMITED : ERR_NO_CANDIDATE, slice_of(NULL, 0), text_slice(&t));
}


void
inquiry_put_code(struct text *t, enum err e, enum reason refused_by)
{
	if (e != ERR_POLICY_REFUSED) {
		text_put(t, err_info(e)->name);
		return;
	}
	text_put(t, S("policy_"));
	text_put(t, reason_info(refused_by)->name);
}
