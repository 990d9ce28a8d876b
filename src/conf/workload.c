/* SPDX-License-Identifier: Apache-2.0 */

/*
 * workload - the rows of `workloads`: uses of AI, and what each needs.
 *
 * A file without them has one that fits every request and asks for nothing, so
 * that deciding knows no special case.
 */

#include "conf/draft.h"
#include "core/date.h"
#include "core/limit.h"
#include "run/kernel.h"

#define CANARY_BYTES_MIN	8
#define CANARY_BYTES_MAX	256

static const bool duty_built[] = {
#define DUTY(name, built, what)	built,
#include "policy/duty.tbl"
#undef DUTY
};

uint32_t
draft_duties(struct draft *d, const struct node *list)
{
	uint32_t set = 0;

	for (uint32_t i = 0; list != NULL && i < list->count; i++) {
		const struct node *each = &list->child[i];
		uint32_t at = draft_find(policy_duty_name, DUTY_COUNT, each->text);

		if (at == DUTY_COUNT)
			draft_no_such(d, each, S("duty"), policy_duty_name, DUTY_COUNT);
		else if (!duty_built[at])
			report_error(d->report, each, SAY(S("the duty `"), each->text,
			    S("` is not built yet; a request under it would have to be refused: "
			    "take it out, or keep this work away")));
		else
			set |= UINT32_C(1) << at;
	}
	return set;
}

uint64_t
draft_features(struct draft *d, const struct node *list)
{
	uint64_t set = 0;

	for (uint32_t i = 0; list != NULL && i < list->count; i++) {
		const struct node *each = &list->child[i];
		uint32_t at = draft_find(policy_feature_name, FEATURE_COUNT, each->text);

		if (at == FEATURE_COUNT)
			draft_no_such(d, each, S("feature"), policy_feature_name, FEATURE_COUNT);
		else
			set |= UINT64_C(1) << at;
	}
	return set;
}

/* ---- match ---- */

static uint32_t
clue_find(struct draft *d, const struct node *at, enum match_what what, struct slice name)
{
	for (uint32_t i = 0; i < d->s->match.clue_count; i++)
		if (d->clue[i].what == what && (what == MATCH_HEADER
		    ? slice_same_word(d->clue[i].name, name) : slice_eq(d->clue[i].name, name)))
			return i;
	if (d->s->match.clue_count == CLUE_MAX) {
		report_error(d->report, at, SAY(S("the workloads look at more than 32 different "
		    "things; match more of them by the same header or member")));
		return 0;
	}
	d->clue[d->s->match.clue_count] = (struct clue){ what, arena_copy(d->arena, name) };
	return d->s->match.clue_count++;
}

static void
condition_add(struct draft *d, const struct node *value, enum match_what what, struct slice name)
{
	if (d->condition_count == d->condition_room) {
		report_error(d->report, value, SAY(S("there are more than 65536 conditions")));
		return;
	}
	d->condition[d->condition_count].clue = clue_find(d, value, what, name);
	d->condition[d->condition_count].value = arena_copy(d->arena, value->text);
	d->condition_count++;
}

static void
condition_map(struct draft *d, const struct node *map, enum match_what what)
{
	if (map == NULL)
		return;
	if (map->type != NODE_MAP || map->count == 0) {
		report_error(d->report, map, SAY(S("this must be a map of names and values, as "
		    "{x-team: support}")));
		return;
	}
	for (uint32_t i = 0; i < map->count; i++) {
		const struct node *key = node_key(map, i), *value = node_value(map, i);

		if (value->type != NODE_TEXT || value->text.len == 0)
			report_error(d->report, value, SAY(S("the value of `"), key->text,
			    S("` must be text that is not empty")));
		else
			condition_add(d, value, what, key->text);
	}
}

static void
draft_match(struct draft *d, const struct node *node)
{
	struct fields f;

	if (node == NULL || !schema_read(node, ROW_MATCH, d->report, &f))
		return;
	if (node->count == 0)
		report_error(d->report, node, SAY(S("`match` is empty; leave it out for a workload "
		    "that is chosen by name, or name one in `default_workload`")));
	condition_map(d, field_at(&f, MATCH_header), MATCH_HEADER);
	if (field_at(&f, MATCH_path) != NULL)
		condition_add(d, field_at(&f, MATCH_path), MATCH_PATH, S("path"));
	if (field_at(&f, MATCH_model) != NULL)
		condition_add(d, field_at(&f, MATCH_model), MATCH_MODEL, S("model"));
	condition_map(d, field_at(&f, MATCH_metadata), MATCH_METADATA);
	condition_map(d, field_at(&f, MATCH_field), MATCH_FIELD);
}

/* ---- what it needs ---- */

static void
draft_floor(struct draft *d, const struct node *node, struct label *floor)
{
	const struct node *regions;
	struct fields f;

	*floor = LABEL_PUBLIC;
	if (node == NULL || !schema_read(node, ROW_FLOOR, d->report, &f))
		return;
	floor->level = draft_level(d, field_at(&f, FLOOR_level));
	if (field_at(&f, FLOOR_kinds) != NULL)
		floor->kinds = draft_kind_set(d, field_at(&f, FLOOR_kinds));
	floor->requires = draft_property_set(d, field_at(&f, FLOOR_requires));
	regions = field_at(&f, FLOOR_regions);
	if (regions == NULL)
		return;
	floor->regions = draft_region_set(d, regions) | REGION_CALLER;
	if (regions->count == 0)
		report_error(d->report, regions, SAY(S("with no region, this work may go nowhere; "
		    "leave `regions` out for everywhere")));
}

static void
draft_needs(struct draft *d, const struct node *node, struct workload *w)
{
	struct fields f;

	if (node == NULL || !schema_read(node, ROW_NEEDS, d->report, &f))
		return;
	if (field_at(&f, NEEDS_capability) != NULL)
		w->capability = CAPABILITY_BASIC + field_word(&f, NEEDS_capability, 0);
	w->features = draft_features(d, field_at(&f, NEEDS_features));
	w->latency_ms = (uint32_t)field_count(&f, NEEDS_latency_ms, 0);
	w->offline = field_switch(&f, NEEDS_offline);
}

static void
draft_prefer(struct draft *d, const struct node *node, struct workload *w)
{
	static const struct slice words[] = {
		{ "order", 5 }, { "cost", 4 }, { "latency", 7 }, { "quality", 7 },
	};
	struct fields f;

	if (node == NULL)
		return;
	w->prefers = true;
	if (node->type == NODE_TEXT) {
		uint32_t at = draft_find(words, 4, node->text);

		if (at == 4)
			draft_no_such(d, node, S("preference"), words, 4);
		w->prefer = (struct prefer){ at == 1, at == 2, at == 3 };
		return;
	}
	if (!schema_read(node, ROW_PREFER, d->report, &f))
		return;
	w->prefer.cost = (uint32_t)field_count(&f, PREFER_cost, 0);
	w->prefer.latency = (uint32_t)field_count(&f, PREFER_latency, 0);
	w->prefer.quality = (uint32_t)field_count(&f, PREFER_quality, 0);
}

enum { REMEDY_DEGRADE = 1, REMEDY_MASK = 2, REMEDY_MASK_FIRST = 4 };

/* A remedy that is not built is refused, never ignored; `known` has those that are first. */
static unsigned
draft_remedy(struct draft *d, const struct node *list, struct names known, uint32_t built)
{
	unsigned set = 0;

	for (uint32_t i = 0; list != NULL && i < list->count; i++) {
		const struct node *each = &list->child[i];
		uint32_t at = draft_find(known.name, known.count, each->text);

		if (at == known.count)
			draft_no_such(d, each, S("remedy"), known.name, known.count);
		else if (at >= built)
			report_error(d->report, each, SAY(S("`"), each->text,
			    S("` is not built yet; without it such a request is refused: take it "
			    "out of the list")));
		else
			set |= at == 1 && (set & REMEDY_DEGRADE) == 0
			    ? REMEDY_MASK | REMEDY_MASK_FIRST : 1U << at;
	}
	return set;
}

static void
draft_remedies(struct draft *d, const struct fields *f, struct workload *w, struct handling *h)
{
	static const struct slice refused[] = { { "degrade", 7 }, { "mask", 4 }, { "review", 6 } };
	static const struct slice down[] = { { "degrade", 7 }, { "queue", 5 } };
	unsigned set = draft_remedy(d, field_at(f, WORKLOAD_when_refused),
	    (struct names){ refused, 3 }, 2);

	w->refused_degrade = (set & REMEDY_DEGRADE) != 0;
	w->masks = h->when_refused = (set & REMEDY_MASK) != 0;
	h->mask_first = (set & REMEDY_MASK_FIRST) != 0;
	w->down_degrade = draft_remedy(d, field_at(f, WORKLOAD_when_down),
	    (struct names){ down, 2 }, 1) != 0;
	if ((w->refused_degrade || w->down_degrade) && w->capability == CAPABILITY_UNSAID)
		report_warning(d->report, f->map, SAY(S("`degrade` has no effect: this workload "
		    "needs no `capability`")));
}

static void
draft_review(struct draft *d, const struct node *node, struct workload_text *text)
{
	int64_t when;

	if (node == NULL)
		return;
	text->review_by = arena_copy(d->arena, node->text);
	if (node->text.len != 10 || !date_read(node->text, &when))
		report_error(d->report, node, SAY(S("`review_by` must be a day, as 2027-02-01, not "
		    "`"), node->text, S("`")));
	else if (when <= kernel_wall() / NANOS_PER_S)
		report_warning(d->report, node, SAY(S("the review of `"), text->name,
		    S("` was due by "), node->text));
}

/* A host with a dot before it: that one, and those below. */
static struct slice
host_below(struct draft *d, struct slice host)
{
	char *room = arena_bytes(d->arena, host.len + 1);

	if (room == NULL)
		return slice_of(NULL, 0);
	room[0] = '.';
	memcpy(room + 1, host.ptr, host.len);
	return slice_of(room, host.len + 1);
}

static void
draft_output(struct draft *d, const struct node *node, uint32_t index)
{
	struct handling *h = &d->handling[index];
	const struct node *hosts;
	struct slice *host;
	struct fields f;

	if (node == NULL || !schema_read(node, ROW_OUTPUT, d->report, &f))
		return;
	d->workload[index].output_max = (uint32_t)field_count(&f, OUTPUT_max_tokens, 0);
	if (field_at(&f, OUTPUT_watch) != NULL)
		h->watch = (enum watch_mode)(WATCH_OBSERVE + field_word(&f, OUTPUT_watch, 0));
	hosts = field_at(&f, OUTPUT_hosts);
	host = draft_array(d->arena, hosts == NULL ? 0 : hosts->count, sizeof *host);
	for (uint32_t i = 0; host != NULL && hosts != NULL && i < hosts->count; i++)
		host[h->host_count++] = host_below(d, hosts->child[i].text);
	h->host = host;
	h->canary = arena_copy(d->arena, field_text(&f, OUTPUT_canary, slice_of(NULL, 0)));
	if (h->canary.len > 0 && (h->canary.len < CANARY_BYTES_MIN ||
	    h->canary.len > CANARY_BYTES_MAX))
		report_error(d->report, field_at(&f, OUTPUT_canary), SAY(S("`canary` must be 8 to "
		    "256 bytes long, and be a text that nobody says by chance")));
	if (h->watch == WATCH_OFF && (h->host_count > 0 || h->canary.len > 0))
		report_error(d->report, node, SAY(S("`hosts` and `canary` need `watch`: observe, "
		    "mask or stop")));
}

static void
draft_keeping(struct draft *d, const struct fields *f, uint32_t index)
{
	bool *keeps = &d->handling[index].keeps_content;

	*keeps = field_switch(f, WORKLOAD_keep_content);
	if (*keeps && d->s->payload_keep == 0)
		report_error(d->report, field_at(f, WORKLOAD_keep_content), SAY(S("there is no "
		    "store of content: say `payloads` with what it may receive")));
	if (*keeps && (d->workload[index].duties >> DUTY_no_content_log & 1) != 0)
		report_error(d->report, field_at(f, WORKLOAD_keep_content), SAY(S("the duty "
		    "no_content_log of this workload forbids to keep content")));
}

static void
draft_workload(struct draft *d, const struct node *node, uint32_t index)
{
	struct workload *w = &d->workload[index];
	struct workload_text *text = &d->workload_text[index];
	struct fields f;

	w->floor = LABEL_PUBLIC;
	if (!schema_read(node, ROW_WORKLOAD, d->report, &f))
		return;
	text->owner = arena_copy(d->arena, field_text(&f, WORKLOAD_owner, slice_of(NULL, 0)));
	text->why = arena_copy(d->arena, field_text(&f, WORKLOAD_why, slice_of(NULL, 0)));
	text->volume = arena_copy(d->arena, field_text(&f, WORKLOAD_volume, slice_of(NULL, 0)));
	draft_review(d, field_at(&f, WORKLOAD_review_by), text);
	draft_match(d, field_at(&f, WORKLOAD_match));
	draft_floor(d, field_at(&f, WORKLOAD_label), &w->floor);
	draft_needs(d, field_at(&f, WORKLOAD_needs), w);
	draft_prefer(d, field_at(&f, WORKLOAD_prefer), w);
	draft_remedies(d, &f, w, &d->handling[index]);
	w->models = draft_model_set(d, field_at(&f, WORKLOAD_models));
	w->reroute = field_switch(&f, WORKLOAD_reroute);
	w->duties = draft_duties(d, field_at(&f, WORKLOAD_duties));
	draft_output(d, field_at(&f, WORKLOAD_output), index);
	draft_keeping(d, &f, index);
	draft_allowance(d, field_at(&f, WORKLOAD_limits), &text->limits);
	text->number = allowance_number(&d->s->hash_key, SUBJECT_WORKLOAD, text->name);
}

/* As many conditions as the file can mean: its maps are counted, right or wrong. */
static uint32_t
count_conditions(const struct node *table)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; table != NULL && i < table->count; i++) {
		const struct node *row = node_value(table, i);
		const struct node *match = NULL;

		if (row->type == NODE_MAP)
			match = node_find(row, S("match"));
		if (match == NULL || match->type != NODE_MAP)
			continue;
		for (uint32_t j = 0; j < match->count; j++)
			sum += 1 + node_value(match, j)->count;
	}
	return sum < CONDITION_MAX ? (uint32_t)sum : CONDITION_MAX;
}

static bool
draft_rooms(struct draft *d, const struct node *table, uint32_t count)
{
	d->condition_room = count_conditions(table);
	d->workload = draft_array(d->arena, count, sizeof *d->workload);
	d->workload_text = draft_array(d->arena, count, sizeof *d->workload_text);
	d->handling = draft_array(d->arena, count, sizeof *d->handling);
	d->clue = draft_array(d->arena, CLUE_MAX, sizeof *d->clue);
	d->condition = draft_array(&d->scratch, d->condition_room, sizeof *d->condition);
	d->condition_first = draft_array(d->arena, count + 1, sizeof *d->condition_first);
	return d->workload != NULL && d->workload_text != NULL && d->handling != NULL &&
	    d->clue != NULL && d->condition != NULL && d->condition_first != NULL;
}

/* The conditions are known: they are filed, and copied out of the scratch. */
static void
file_conditions(struct draft *d, uint32_t count)
{
	struct condition *kept = draft_array(d->arena, d->condition_count, sizeof *kept);
	struct match *m = &d->s->match;

	if (kept == NULL)
		return;
	memcpy(kept, d->condition, d->condition_count * sizeof *kept);
	d->condition = kept;
	d->condition_first[count] = d->condition_count;
	m->clue = d->clue;
	m->condition = kept;
	m->first = d->condition_first;
	m->count = count;
	m->key = d->s->hash_key;
	if (!match_build(m, d->arena))
		must(arena_overflowed(d->arena));
}

static void
draft_default(struct draft *d)
{
	const struct node *node = field_at(&d->file, FILE_default_workload);
	struct slice name = node == NULL ? S("none") : node->text;
	uint32_t at = snapshot_workload(d->s, name);

	d->s->default_workload = d->s->workloads_said ? at : 0;
	if (node != NULL && at == MATCH_NONE && !slice_eq(name, S("none")))
		draft_no_such_workload(d, node);
}

const uint64_t *
draft_workload_set(struct draft *d, const struct node *list)
{
	uint64_t *set;

	if (list == NULL)
		return NULL;
	set = draft_array(d->arena, (d->s->workload_count + 63) / 64, sizeof *set);
	for (uint32_t i = 0; set != NULL && i < list->count; i++) {
		uint32_t at = snapshot_workload(d->s, list->child[i].text);

		if (at == MATCH_NONE)
			draft_no_such_workload(d, &list->child[i]);
		else
			set[at / 64] |= UINT64_C(1) << at % 64;
	}
	return set;
}

void
draft_no_such_workload(struct draft *d, const struct node *node)
{
	struct nearest nearest = { .word = node->text };
	struct slice near;

	for (uint32_t i = 0; i < d->s->workload_count; i++)
		nearest_try(&nearest, d->workload_text[i].name);
	near = nearest_word(&nearest);
	if (near.len > 0)
		report_error(d->report, node, SAY(S("there is no workload `"), node->text,
		    S("`; did you mean `"), near, S("`?")));
	else
		report_error(d->report, node, SAY(S("there is no workload `"), node->text,
		    S("`")));
}

void
draft_workloads(struct draft *d)
{
	const struct node *table = field_at(&d->file, FILE_workloads);
	uint32_t count = table == NULL ? 0 : table->count;
	uint32_t *slot;

	d->s->workloads_said = count > 0;
	if (table != NULL && (count == 0 || count > WORKLOAD_MAX)) {
		report_error(d->report, table, SAY(count == 0 ? S("`workloads` is empty; leave it "
		    "out where there are none") : S("there are more than 4096 workloads")));
		count = count == 0 ? 0 : WORKLOAD_MAX;
	}
	slot = draft_table(d, &d->s->workload_table, count);
	if (!draft_rooms(d, table, count + 1) || slot == NULL)
		return;
	d->s->workload = d->workload_text;
	d->s->workload_count = count > 0 ? count : 1;
	d->workload[0].floor = LABEL_PUBLIC;
	for (uint32_t i = 0; i < count; i++) {
		const struct node *key = node_key(table, i);
		uint64_t at = hash_64(&d->s->hash_key, key->text) & d->s->workload_table.mask;

		draft_pair_name(d, key, S("workload"));
		if (slice_eq(key->text, S("none")))
			report_error(d->report, key, SAY(S("`none` means no workload; name it "
			    "otherwise")));
		d->workload_text[i].name = arena_copy(d->arena, key->text);
		d->condition_first[i] = d->condition_count;
		draft_workload(d, node_value(table, i), i);
		while (slot[at] != 0)
			at = (at + 1) & d->s->workload_table.mask;
		slot[at] = i + 1;
	}
	file_conditions(d, d->s->workload_count);
	draft_default(d);
}
