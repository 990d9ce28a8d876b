/* SPDX-License-Identifier: Apache-2.0 */

/*
 * model - the rows of `models`, and `groups` of them.
 */

#include "conf/draft.h"
#include "core/limit.h"

static struct slice
find_near_vendor(struct slice name)
{
	struct nearest nearest = { .word = name };

	for (size_t i = 0; i < vendor_count; i++)
		nearest_try(&nearest, vendor_row[i].name);
	return nearest_word(&nearest);
}

static const struct vendor *
model_vendor(struct draft *d, const struct node *node)
{
	const struct vendor *vendor = node == NULL ? NULL : vendor_find(node->text);
	struct slice near;

	if (vendor != NULL || node == NULL)
		return vendor;
	near = find_near_vendor(node->text);
	if (near.len > 0)
		report_error(d->report, node, SAY(S("there is no vendor `"), node->text,
		    S("`; did you mean `"), near, S("`?")));
	else
		report_error(d->report, node, SAY(S("there is no vendor `"), node->text,
		    S("`; for any server with the OpenAI API, write openai_compatible")));
	return NULL;
}

static const struct zone *
model_zone(struct draft *d, const struct node *node)
{
	struct nearest nearest = { 0 };
	struct slice near;

	if (node == NULL)
		return NULL;
	nearest.word = node->text;
	for (uint32_t i = 0; i < d->s->zone_count; i++) {
		if (slice_eq(d->s->zone[i].name, node->text))
			return &d->s->zone[i];
		nearest_try(&nearest, d->s->zone[i].name);
	}
	near = nearest_word(&nearest);
	if (near.len > 0)
		report_error(d->report, node, SAY(S("there is no zone `"), node->text,
		    S("`; did you mean `"), near, S("`?")));
	else
		report_error(d->report, node, SAY(S("there is no zone `"), node->text,
		    S("`; add it to `zones`")));
	return NULL;
}

/* Below this, in picodollars per token, a price per token was probably meant. */
#define PRICE_DOUBTFUL	1000

static void
check_price(struct draft *d, const struct node *node, pico_usd price)
{
	if (price > 0 && price < PRICE_DOUBTFUL)
		report_warning(d->report, node, SAY(S("this is less than a tenth of a cent per "
		    "million tokens; was it meant per token?")));
}

static void
model_price(struct draft *d, const struct node *node, struct model *model,
    struct model_source *source)
{
	struct price *price = &model->price;
	struct fields f;

	if (node == NULL || !schema_read(node, ROW_PRICE, d->report, &f) ||
	    field_at(&f, PRICE_input_usd_per_million) == NULL ||
	    field_at(&f, PRICE_output_usd_per_million) == NULL)
		return;
	must(price_read(field_at(&f, PRICE_input_usd_per_million)->text, &price->input));
	must(price_read(field_at(&f, PRICE_output_usd_per_million)->text, &price->output));
	check_price(d, field_at(&f, PRICE_input_usd_per_million), price->input);
	check_price(d, field_at(&f, PRICE_output_usd_per_million), price->output);
	price->cached = price->input;
	price->known = true;
	if (field_at(&f, PRICE_cached_input_usd_per_million) == NULL)
		return;
	must(price_read(field_at(&f, PRICE_cached_input_usd_per_million)->text, &price->cached));
	source->priced_cached = true;
	if (price->cached > price->input)
		report_warning(d->report, field_at(&f, PRICE_cached_input_usd_per_million), SAY(
		    S("cached tokens cost more than others here")));
}

static void
model_id(struct draft *d, const struct fields *f, struct model *model)
{
	struct slice id = field_text(f, MODEL_id, model->name);
	size_t room_bytes = 6 * id.len + 2;
	char *room = arena_bytes(d->arena, room_bytes);
	struct text text;

	model->id = arena_copy(d->arena, id);
	if (room == NULL)
		return;
	if (id.len == 0)
		report_error(d->report, field_at(f, MODEL_id), SAY(S("`id` is empty")));
	text_init(&text, room, room_bytes);
	text_put_json(&text, id);
	model->id_json = text_slice(&text);
}

static void
model_key(struct draft *d, const struct fields *f, struct model *model, struct model_source *source)
{
	const struct node *node = field_at(f, MODEL_key);
	const struct vendor *vendor = model->vendor;

	if (node != NULL) {
		source->key = arena_copy(d->arena, node->text);
		model->key.hidden = draft_secret(d, node);
		return;
	}
	if (vendor == NULL || vendor->auth == AUTH_NONE || field_at(f, MODEL_url) != NULL ||
	    node_find(f->map, S("key")) != NULL)
		return;
	report_warning(d->report, f->map, SAY(S("no `key`: "), vendor->name,
	    S(" will refuse requests; usually it is env:"), vendor->key_env));
}

/* `concurrency` beside `limits` is the same as inside. */
static void
model_limits(struct draft *d, const struct fields *f, struct model *model)
{
	uint64_t concurrency = field_count(f, MODEL_concurrency, 0);

	draft_allowance(d, field_at(f, MODEL_limits), &model->limits);
	if (concurrency > 0 && model->limits.concurrency > 0)
		report_error(d->report, field_at(f, MODEL_concurrency), SAY(S("`concurrency` and "
		    "`limits.concurrency` are the same; write one of them")));
	if (concurrency > 0)
		allowance_set(&model->limits, DIMENSION_CONCURRENT, concurrency);
	model->number = allowance_number(&d->s->hash_key, SUBJECT_MODEL, model->name);
}

static void
draft_model(struct draft *d, const struct node *node, struct model *model,
    struct model_source *source)
{
	struct fields f;

	if (!schema_read(node, ROW_MODEL, d->report, &f))
		return;
	model->vendor = model_vendor(d, field_at(&f, MODEL_vendor));
	model->zone = model_zone(d, field_at(&f, MODEL_zone));
	model_id(d, &f, model);
	model_key(d, &f, model, source);
	model_price(d, field_at(&f, MODEL_price), model, source);
	model->features = draft_features(d, field_at(&f, MODEL_features));
	model->features_said = field_at(&f, MODEL_features) != NULL;
	model->latency_ms = (uint32_t)field_count(&f, MODEL_latency_ms, 0);
	model->version = arena_copy(d->arena, field_text(&f, MODEL_version, model->id));
	model->version_flag = field_word(&f, MODEL_version_mismatch, 0) == 1;
	model->drain = field_switch(&f, MODEL_drain);
	model->capability = arena_copy(d->arena, field_text(&f, MODEL_capability, slice_of(NULL,
	    0)));
	model->context_tokens = (uint32_t)field_count(&f, MODEL_context, 0);
	model_limits(d, &f, model);
	model->first_byte_wait = (nanos)field_count(&f, MODEL_first_byte_ms, FIRST_BYTE_WAIT_MS) *
	    NANOS_PER_MS;
	model->stall_wait = (nanos)field_count(&f, MODEL_stall_ms, STREAM_STALL_MS) * NANOS_PER_MS;
	if (model->vendor != NULL && model->zone != NULL)
		draft_origin(d, &f, model, source);
}

/* A name that a request may carry in `model`; models and groups share them. */
static void
check_model_name(struct draft *d, const struct node *key, struct slice what)
{
	const char *why;

	if (!schema_name(key->text, &why))
		report_error(d->report, key, SAY(S("the "), what, S(" `"), key->text, S("` "),
		    slice_of(why, strlen(why))));
	else if (slice_eq(key->text, S("auto")))
		report_error(d->report, key, SAY(S("`auto` is every model that the caller may use; "
		    "name this "), what, S(" otherwise")));
	else if (slice_starts(key->text, S("workload/")))
		report_error(d->report, key, SAY(S("names that begin with workload/ are workloads; "
		    "name this "), what, S(" otherwise")));
}

void
draft_models(struct draft *d)
{
	const struct node *table = field_at(&d->file, FILE_models);
	uint32_t count = table == NULL ? 0 : table->count;
	uint32_t *slot;

	if (table != NULL && (count == 0 || count > MODEL_MAX))
		report_error(d->report, table, SAY(count == 0 ? S("`models` is empty; nothing "
		    "could answer") : S("there are more than 1024 models")));
	if (count > MODEL_MAX)
		count = MODEL_MAX;
	d->model = draft_array(d->arena, count, sizeof *d->model);
	d->model_source = draft_array(&d->scratch, count, sizeof *d->model_source);
	d->tls_shared = draft_array(&d->scratch, count, sizeof *d->tls_shared);
	slot = draft_table(d, &d->s->model_table, count);
	if (d->model == NULL || d->model_source == NULL || slot == NULL)
		return;
	d->s->model = d->model;
	d->s->model_count = count;
	for (uint32_t i = 0; i < count; i++) {
		const struct node *key = node_key(table, i);
		uint64_t at;

		check_model_name(d, key, S("model"));
		d->model[i].name = arena_copy(d->arena, key->text);
		d->model[i].index = i;
		draft_model(d, node_value(table, i), &d->model[i], &d->model_source[i]);
		at = hash_64(&d->s->hash_key, key->text) & d->s->model_table.mask;
		while (slot[at] != 0)
			at = (at + 1) & d->s->model_table.mask;
		slot[at] = i + 1;
	}
}

static void
report_no_model(struct draft *d, const struct node *node)
{
	struct nearest nearest = { .word = node->text };
	struct slice near;

	for (uint32_t i = 0; i < d->s->model_count; i++)
		nearest_try(&nearest, d->s->model[i].name);
	near = nearest_word(&nearest);
	if (near.len > 0)
		report_error(d->report, node, SAY(S("there is no model `"), node->text,
		    S("`; did you mean `"), near, S("`?")));
	else
		report_error(d->report, node, SAY(S("there is no model `"), node->text, S("`")));
}

static void
group_models(struct draft *d, const struct node *list, struct group *group)
{
	uint32_t *index = draft_array(d->arena, list->count, sizeof *index);

	group->model = draft_array(d->arena, list->count, sizeof *group->model);
	group->index = index;
	for (uint32_t i = 0; group->model != NULL && index != NULL && i < list->count; i++) {
		const struct node *each = &list->child[i];
		const struct model *model = snapshot_model(d->s, each->text);
		bool again = false;

		for (uint32_t j = 0; j < group->count; j++)
			again |= group->model[j] == model;
		if (model == NULL)
			report_no_model(d, each);
		else if (again)
			report_error(d->report, each, SAY(S("`"), each->text,
			    S("` stands twice in this group")));
		else {
			index[group->count] = model->index;
			group->model[group->count++] = model;
		}
	}
	if (list->count == 0)
		report_error(d->report, list, SAY(S("the group `"), group->name, S("` is empty")));
}

/* Of the words order, cost, latency. */
static struct prefer
prefer_of(unsigned word)
{
	return (struct prefer){ .cost = word == 1, .latency = word == 2 };
}

/* The short form is a list of names; it is checked as the long one's is. */
static void
draft_group(struct draft *d, const struct node *node, struct group *group)
{
	struct fields f;

	if (node->type == NODE_LIST) {
		for (uint32_t i = 0; i < node->count; i++) {
			if (node->child[i].type == NODE_TEXT)
				continue;
			report_error(d->report, &node->child[i], SAY(S("a group is a list of names "
			    "of models")));
			return;
		}
		group_models(d, node, group);
		return;
	}
	if (!schema_read(node, ROW_GROUP, d->report, &f))
		return;
	group->prefer = prefer_of(field_word(&f, GROUP_prefer, 0));
	if (field_at(&f, GROUP_models) != NULL)
		group_models(d, field_at(&f, GROUP_models), group);
}

void
draft_groups(struct draft *d)
{
	const struct node *table = field_at(&d->file, FILE_groups);
	const struct node *automatic = field_at(&d->file, FILE_auto);
	uint32_t count = table == NULL ? 0 : table->count;
	uint32_t *slot;
	struct fields f;

	if (automatic != NULL && schema_read(automatic, ROW_AUTO, d->report, &f))
		d->s->auto_prefer = prefer_of(field_word(&f, AUTO_prefer, 0));
	if (count > GROUP_MAX) {
		report_error(d->report, table, SAY(S("there are more than 1024 groups")));
		count = GROUP_MAX;
	}
	d->group = draft_array(d->arena, count, sizeof *d->group);
	slot = draft_table(d, &d->s->group_table, count);
	if (d->group == NULL || slot == NULL)
		return;
	d->s->group = d->group;
	d->s->group_count = count;
	for (uint32_t i = 0; i < count; i++) {
		const struct node *key = node_key(table, i);
		uint64_t at = hash_64(&d->s->hash_key, key->text) & d->s->group_table.mask;

		check_model_name(d, key, S("group"));
		if (snapshot_model(d->s, key->text) != NULL)
			report_error(d->report, key, SAY(S("`"), key->text, S("` is the name of a "
			    "model too; a request could not tell them apart")));
		d->group[i].name = arena_copy(d->arena, key->text);
		draft_group(d, node_value(table, i), &d->group[i]);
		while (slot[at] != 0)
			at = (at + 1) & d->s->group_table.mask;
		slot[at] = i + 1;
	}
}
