/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/account.h"

#include "core/json.h"
#include "core/must.h"
#include "sim/heap.h"

static void *
take(struct memory *m, size_t *bytes)
{
	(void)m;
	return heap_real_calloc(1, *bytes);
}

static void
give(struct memory *m, void *block, size_t bytes)
{
	(void)m;
	(void)bytes;
	heap_real_free(block);
}

enum err
account_err(struct slice name)
{
	for (int e = 0; e < ERR_COUNT; e++)
		if (slice_eq(err_info((enum err)e)->name, name))
			return (enum err)e;
	return ERR_COUNT;
}

struct reader {
	struct json	 json;
	uint32_t	 object;
};

static struct slice
text_of(const struct reader *r, struct slice name)
{
	uint32_t node = json_member(&r->json, r->object, name);

	if (node == 0 || json_type(&r->json, node) != JSON_STRING)
		return slice_of(NULL, 0);
	return json_inside(&r->json, node);
}

static uint64_t
number_of(const struct reader *r, struct slice name)
{
	uint32_t node = json_member(&r->json, r->object, name);
	uint64_t n = 0;

	return node != 0 && json_integer(&r->json, node, &n) ? n : UINT64_MAX;
}

static void
read_attempts(struct account *a, struct reader *r)
{
	uint32_t list = json_member(&r->json, 0, S("attempts"));

	must(list != 0 && json_type(&r->json, list) == JSON_ARRAY);
	for (uint32_t i = list + 1; i < r->json.node[list].next; i = r->json.node[i].next) {
		struct account_attempt *at = &a->attempt[a->attempts++];

		must(a->attempts <= CANDIDATE_MAX);
		r->object = i;
		at->model = text_of(r, S("model"));
		at->err = account_err(text_of(r, S("err")));
		at->status = number_of(r, S("status"));
	}
	r->object = 0;
}

static struct slice
raw_of(const struct reader *r, struct slice name)
{
	uint32_t node = json_member(&r->json, r->object, name);

	return node == 0 ? slice_of(NULL, 0) : json_raw(&r->json, node);
}

static void
read_decision(struct account *a, struct reader *r)
{
	struct account_decision *d = &a->decision;
	uint32_t decision = json_member(&r->json, 0, S("decision")), facts, label, own;

	if (decision == 0)
		return;
	facts = json_member(&r->json, decision, S("facts"));
	label = json_member(&r->json, decision, S("label"));
	must(facts != 0 && label != 0);
	d->there = true;
	r->object = decision;
	d->workload = text_of(r, S("workload"));
	d->exception = text_of(r, S("exception"));
	d->plan = raw_of(r, S("plan"));
	d->refused = raw_of(r, S("refused"));
	d->degraded = raw_of(r, S("degraded")).len > 0;
	r->object = facts;
	d->now = number_of(r, S("now"));
	d->tokens = number_of(r, S("tokens"));
	if ((own = json_member(&r->json, facts, S("label"))) != 0) {
		r->object = own;
		d->own_level = text_of(r, S("level"));
		d->own_kinds = raw_of(r, S("kinds"));
	}
	r->object = label;
	d->level = text_of(r, S("level"));
	d->kinds = raw_of(r, S("kinds"));
	d->regions = raw_of(r, S("regions"));
	d->requires = raw_of(r, S("requires"));
	r->object = 0;
}

static void
read_line(struct account *a, struct reader *r)
{
	uint32_t stream = json_member(&r->json, 0, S("stream"));

	a->id = text_of(r, S("id"));
	a->caller = text_of(r, S("caller"));
	a->tenant = text_of(r, S("tenant"));
	a->operation = text_of(r, S("operation"));
	a->model_asked = text_of(r, S("model_asked"));
	a->model = text_of(r, S("model"));
	a->zone = text_of(r, S("zone"));
	a->label = text_of(r, S("label"));
	a->step = text_of(r, S("step"));
	a->policy = text_of(r, S("policy"));
	a->client = text_of(r, S("client"));
	a->cost = text_of(r, S("cost_usd"));
	a->before = text_of(r, S("label_before"));
	a->masked = number_of(r, S("masked"));
	if (a->masked == UINT64_MAX)
		a->masked = 0;
	a->lost = text_of(r, S("cost_lost_usd"));
	a->estimated = json_member(&r->json, 0, S("usage_estimated")) != 0;
	a->stream = stream != 0 && json_type(&r->json, stream) == JSON_TRUE;
	a->status = number_of(r, S("status"));
	a->err = account_err(text_of(r, S("err")));
	a->input = number_of(r, S("input_tokens"));
	a->output = number_of(r, S("output_tokens"));
	a->cached = number_of(r, S("cached_tokens"));
	a->usage_known = a->input != UINT64_MAX;
	a->request_bytes = number_of(r, S("request_bytes"));
	a->answer_bytes = number_of(r, S("answer_bytes"));
	a->events = number_of(r, S("events"));
	a->duration_us = number_of(r, S("duration_us"));
	read_attempts(a, r);
	read_decision(a, r);
}

/* Takes back the record that was written before, if one of this id was. */
static void
take_back(struct account **first, struct account ***tail, const struct account *a)
{
	for (struct account **at = first; *at != NULL; at = &(*at)->next) {
		if (a->err != ERR_RECORD_FAILED || !slice_eq((*at)->id, a->id))
			continue;
		if (*tail == &(*at)->next)
			*tail = at;
		*at = (*at)->next;
		return;
	}
}

struct account *
account_read_all(struct world *w, struct slice log, uint64_t *lines)
{
	struct memory memory = { take, give };
	struct account *first = NULL, **tail = &first;
	struct json_fault fault;
	struct arena arena;

	arena_init(&arena, &memory, 1 << 30);
	while (log.len > 0) {
		size_t end = slice_find(log, S("\n"));
		struct slice line = slice_cut(log, 0, end);
		struct account *a = world_alloc(w, sizeof *a);
		struct reader r = { .object = 0 };

		if (end == log.len || json_parse(&arena, line, JSON_DUPLICATES_REFUSED, &r.json,
		    &fault) != ERR_OK) {
			world_complain(
			    w, "a line of the log is none: %.*s", (int)line.len, line.ptr);
			break;
		}
		++*lines;
		if (slice_find(line, S("\"event\":")) == line.len &&
		    json_member(&r.json, 0, S("opened")) == 0) {
			read_line(a, &r);
			a->line = line;
			take_back(&first, &tail, a);
			*tail = a;
			tail = &a->next;
		}
		arena_reset(&arena);
		log = slice_cut(log, end + 1, log.len);
	}
	arena_release(&arena);
	return first;
}
