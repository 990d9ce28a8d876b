/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/duty.h"

#include "gate/request.h"

/* Any number does, as long as it is always the same. */
#define FIXED_SEED	S("\"seed\":42,")

static bool
has(const struct request *r, enum duty duty)
{
	return (r->verdict.duties >> duty & 1) != 0;
}

static bool
is_number(const struct request *r, uint32_t node, struct slice spelling, struct slice other)
{
	struct slice raw = json_raw(&r->json, node);

	return slice_eq(raw, spelling) || slice_eq(raw, other);
}

static enum err
refuse(struct request *r, struct slice param, struct slice text)
{
	return request_fail(r, ERR_DUTY_REFUSED, param, text);
}

enum err
duty_check(struct request *r)
{
	const struct openai_use *use = &r->use;

	if (has(r, DUTY_no_content_log) && use->stores)
		return refuse(r, S("store"), S("the duty no_content_log forbids `store: true`: "
		    "the vendor would keep the content"));
	if (!has(r, DUTY_deterministic))
		return ERR_OK;
	if (use->temperature_node != 0 && !is_number(r, use->temperature_node, S("0"), S("0.0")))
		return refuse(r, S("temperature"), S("the duty deterministic asks for "
		    "temperature 0; leave it out"));
	if (use->top_p_node != 0 && !is_number(r, use->top_p_node, S("1"), S("1.0")))
		return refuse(r, S("top_p"), S("the duty deterministic asks for top_p 1; leave it "
		    "out"));
	return ERR_OK;
}

static bool
has_sampling(const struct request *r)
{
	return r->operation == OPERATION_CHAT || r->operation == OPERATION_COMPLETION;
}

enum err
duty_edit(struct request *r, const struct model *m, struct openai_edit *edit)
{
	const struct workload *w = &r->snapshot->policy.workload[r->facts.workload];
	bool fixed = has(r, DUTY_deterministic);
	const size_t room_bytes = 128;
	char *room;
	struct text t;

	if (!has_sampling(r) || (!fixed && w->output_max == 0))
		return ERR_OK;
	room = arena_bytes(&r->work, room_bytes);
	if (room == NULL)
		return ERR_MEMORY;
	text_init(&t, room, room_bytes);
	if (w->output_max > 0) {
		text_put_number(&t, w->output_max);
		edit->output_max = w->output_max;
		edit->output_max_text = text_slice(&t);
		text_init(&t, room + t.len, room_bytes - t.len);
	}
	if (fixed && r->use.temperature_node == 0)
		text_put(&t, S("\"temperature\":0,"));
	if (fixed && r->use.seed_node == 0)
		text_put(&t, FIXED_SEED);
	if (w->output_max > 0 && !r->ask.limited) {
		text_put(&t, r->operation == OPERATION_CHAT &&
		    (m->vendor->quirks & QUIRK_COMPLETION_TOKENS) != 0
		    ? S("\"max_completion_tokens\":") : S("\"max_tokens\":"));
		text_put_number(&t, w->output_max);
		text_put_char(&t, ',');
	}
	edit->insert = text_slice(&t);
	return ERR_OK;
}

static enum err
compare(struct request *r, const struct model *m, const struct json *j)
{
	uint32_t node = json_type(j, 0) == JSON_OBJECT ? json_member(j, 0, S("model")) : 0;

	if (node != 0 && json_type(j, node) == JSON_STRING && json_is(j, node, m->version))
		return ERR_OK;
	r->version_differs = m->version_flag;
	return m->version_flag ? ERR_OK : ERR_UPSTREAM_VERSION;
}

enum err
duty_check_answer(struct request *r, const struct model *m, struct slice text)
{
	struct json_fault fault;
	struct json json;
	enum err e;

	if (!has(r, DUTY_pinned_version))
		return ERR_OK;
	e = json_parse(&r->event, text, JSON_DUPLICATES_KEPT, &json, &fault);
	e = e == ERR_OK ? compare(r, m, &json) : ERR_UPSTREAM_VERSION;
	arena_reset(&r->event);
	return e;
}

enum err
duty_check_events(struct request *r, const struct model *m, struct slice events)
{
	struct slice rest = events;

	while (has(r, DUTY_pinned_version) && rest.len > 0) {
		size_t end = slice_find(rest, S("\n"));
		struct slice line = slice_cut(rest, 0, end);

		rest = slice_cut(rest, end < rest.len ? end + 1 : end, rest.len);
		if (!slice_starts(line, S("data:")))
			continue;
		line = slice_cut(line, 5, line.len);
		if (line.len > 0 && line.ptr[line.len - 1] == '\r')
			line.len--;
		return duty_check_answer(r, m, slice_trim(line));
	}
	return ERR_OK;
}
