/* SPDX-License-Identifier: Apache-2.0 */

/*
 * model - the rows of `models`, and `groups` of them.
 */

#include "conf/draft.h"
#include "core/limit.h"
#include "run/file.h"
#include "tariff/seed.h"

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

/* Where each kind of token is priced: in a price, and in a tier of one. */
static const enum schema_row price_keys[PRICE_KINDS] = {
#define PRICE(NAME, count, side, otherwise, key)	PRICE_##key,
#include "core/price.tbl"
#undef PRICE
};

static const enum schema_row tier_keys[PRICE_KINDS] = {
#define PRICE(NAME, count, side, otherwise, key)	TIER_##key,
#include "core/price.tbl"
#undef PRICE
};

/* What is said of tokens; the set of kinds of which something is. */
static uint32_t
price_tokens(struct draft *d, const struct fields *f, const enum schema_row *keys,
    struct price_tier *tier)
{
	const struct node *cached = field_at(f, keys[PRICE_CACHED]);
	uint32_t said = 0;

	for (unsigned i = 0; i < PRICE_KINDS; i++) {
		const struct node *node = field_at(f, keys[i]);

		if (node == NULL)
			continue;
		must(price_read(node->text, &tier->at[i]));
		if (i == PRICE_INPUT || i == PRICE_OUTPUT)
			check_price(d, node, tier->at[i]);
		said |= UINT32_C(1) << i;
	}
	price_complete(tier, said);
	if (cached != NULL && tier->at[PRICE_CACHED] > tier->at[PRICE_INPUT])
		report_warning(d->report, cached, SAY(S("cached tokens cost more than others "
		    "here")));
	return said;
}

static void
price_tiers(struct draft *d, const struct node *list, struct price *price)
{
	struct fields f;

	for (uint32_t i = 0; list != NULL && i < list->count; i++) {
		const struct node *node = &list->child[i];
		struct price_tier *tier = &price->tier[price->tiers];

		if (price->tiers == PRICE_TIERS) {
			report_error(d->report, node, SAY(S("a price has at most 3 `tiers`")));
			return;
		}
		if (!schema_read(node, ROW_TIER, d->report, &f))
			continue;
		(void)price_tokens(d, &f, tier_keys, tier);
		tier->above = field_count(&f, TIER_above_tokens, 1);
		if (tier->above <= tier[-1].above)
			report_error(d->report, node, SAY(S("the `tiers` of a price stand in "
			    "order: `above_tokens` must be more than in the one before")));
		price->tiers++;
	}
}

static nano_usd
field_usd(const struct fields *f, enum schema_row row)
{
	nano_usd amount = 0;

	if (field_at(f, row) != NULL)
		must(price_read_usd(field_at(f, row)->text, &amount));
	return amount;
}

#define HOURS_OF_A_YEAR	8760
#define SECONDS_OF_HOUR	3600

/* a * b / c, rounded up; false if it does not fit. */
static bool
scale_up(nano_usd a, int64_t b, int64_t c, nano_usd *out)
{
	int64_t product;

	if (__builtin_mul_overflow(a, b, &product))
		return false;
	*out = product / c + (product % c > 0);
	return true;
}

/* An hour of a machine of one's own; the formula is the one of conf.tbl. */
static void
price_hardware(struct draft *d, const struct node *node, struct price *price)
{
	int64_t hours, watts, utilisation;
	nano_usd bought, power;
	struct fields f;

	if (node == NULL || !schema_read(node, ROW_HARDWARE, d->report, &f))
		return;
	hours = (int64_t)field_count(&f, HARDWARE_years, 1) * HOURS_OF_A_YEAR;
	utilisation = (int64_t)field_count(&f, HARDWARE_utilisation_percent, 100);
	watts = (int64_t)field_count(&f, HARDWARE_watts, 0);
	if (!scale_up(field_usd(&f, HARDWARE_purchase_usd), 100, hours * utilisation, &bought) ||
	    !scale_up(field_usd(&f, HARDWARE_usd_per_kwh), watts, 1000, &power) ||
	    __builtin_add_overflow(bought, power, &price->hour))
		report_error(d->report, node, SAY(S("this is more money than can be counted")));
}

/* What is not of tokens; true if anything is said of it. */
static bool
price_rest(struct draft *d, const struct fields *f, struct price *price)
{
	const struct node *second = field_at(f, PRICE_per_second_usd);
	const struct node *hour = field_at(f, PRICE_per_hour_usd);
	const struct node *hardware = field_at(f, PRICE_hardware);

	if ((second != NULL) + (hour != NULL) + (hardware != NULL) > 1)
		report_error(d->report, f->map, SAY(S("`per_second_usd`, `per_hour_usd` and "
		    "`hardware` say the same thing; take one")));
	price->request = field_usd(f, PRICE_per_request_usd);
	price->tool = field_usd(f, PRICE_hosted_tool_usd);
	price->tool_known = field_at(f, PRICE_hosted_tool_usd) != NULL;
	price->tool_calls = (uint32_t)field_count(f, PRICE_hosted_tool_calls, 1);
	price->hour = field_usd(f, PRICE_per_hour_usd);
	if (second != NULL && !scale_up(field_usd(f, PRICE_per_second_usd), SECONDS_OF_HOUR, 1,
	    &price->hour))
		report_error(d->report, second, SAY(S("this is more money than can be counted")));
	price_hardware(d, hardware, price);
	price->parallel = (uint32_t)field_count(f, PRICE_parallel, 1);
	return second != NULL || hour != NULL || hardware != NULL ||
	    node_find(f->map, schema_row[PRICE_per_request_usd].name) != NULL;
}

/* Without another price those of tokens must be there; a wrong one was told already. */
static void
check_tokens_priced(struct draft *d, const struct fields *f)
{
	static const enum schema_row needed[] = {
		PRICE_input_usd_per_million, PRICE_output_usd_per_million,
	};

	for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++)
		if (node_find(f->map, schema_row[needed[i]].name) == NULL)
			report_error(d->report, f->map, SAY(S("`"), schema_row[needed[i]].name,
			    S("` is missing in models.NAME.price")));
}

static void
draft_price(struct draft *d, const struct node *node, struct slice from, struct model *model)
{
	struct price *price = &model->price;
	struct fields f;

	if (!schema_read(node, ROW_PRICE, d->report, &f))
		return;
	price->tiers = 1;
	(void)price_tokens(d, &f, price_keys, &price->tier[0]);
	price_tiers(d, field_at(&f, PRICE_tiers), price);
	price->percent[SERVICE_USUAL] = 100;
	price->percent[SERVICE_BATCH] = (uint32_t)field_count(&f, PRICE_batch_percent, 100);
	price->percent[SERVICE_PRIORITY] = (uint32_t)field_count(&f, PRICE_priority_percent, 0);
	if (!price_rest(d, &f, price))
		check_tokens_priced(d, &f);
	price->known = true;
	model->price_from = arena_copy(d->arena, field_text(&f, PRICE_source, from));
}

/* What stands of this vendor and id in the file of `prices`; the first that fits. */
static const struct node *
find_listed(const struct draft *d, const struct model *model)
{
	const struct node *ids = d->prices == NULL ? NULL
	    : node_find(d->prices, model->vendor->name);

	for (uint32_t i = 0; ids != NULL && ids->type == NODE_MAP && i < ids->count; i++)
		if (seed_matches(node_key(ids, i)->text, model->id))
			return node_value(ids, i);
	return NULL;
}

static bool
is_unknown(const struct node *node)
{
	return node->type == NODE_TEXT && slice_eq(node->text, S("unknown"));
}

/* That of the model, or of the file of `prices`, or the built-in one. */
static void
model_price(struct draft *d, const struct node *node, struct model *model)
{
	struct slice from = S(PRICE_FROM_FILE);

	if (node == NULL && model->vendor != NULL) {
		node = find_listed(d, model);
		from = d->prices_from;
	}
	if (node == NULL && model->vendor != NULL &&
	    seed_find(model->vendor->name, model->id, &model->price))
		model->price_from = seed_source();
	if (node == NULL || is_unknown(node))
		return;
	if (node->type == NODE_MAP)
		draft_price(d, node, from, model);
	else
		report_error(d->report, node, SAY(S("`price` must be a map (`key: value` lines), "
		    "or the word unknown")));
}

/* Every entry is checked, whether or not a model has its price. */
static void
check_listed(struct draft *d, const struct node *ids)
{
	for (uint32_t i = 0; ids->type == NODE_MAP && i < ids->count; i++) {
		struct model nobody = { .index = 0 };

		if (!is_unknown(node_value(ids, i)))
			draft_price(d, node_value(ids, i), slice_of(NULL, 0), &nobody);
	}
	if (ids->type != NODE_MAP)
		report_error(d->report, ids, SAY(S("the prices of a vendor are a map of the ids of "
		    "its models, each with a map")));
}

static void
check_prices(struct draft *d, const struct node *root)
{
	if (root->type != NODE_MAP) {
		report_error(d->report, root, SAY(S("a file of prices is a map of vendors, each "
		    "with a map of the ids of its models")));
		return;
	}
	for (uint32_t i = 0; i < root->count; i++) {
		const struct node *vendor = node_key(root, i);

		if (vendor_find(vendor->text) == NULL)
			report_error(d->report, vendor, SAY(S("there is no vendor `"), vendor->text,
			    S("`")));
		check_listed(d, node_value(root, i));
	}
}

/* Mistakes of another file, told where this one names it; the first says where it stands. */
static void
report_prices(struct draft *d, const struct node *at, const struct report *report)
{
	const struct report_message *m = report->message;
	char line[20], column[20], more[20];

	for (uint32_t i = 0; i < report->count && m->warning; i++)
		m++;
	if (report->errors > 0)
		report_error(d->report, at, SAY(S("the file `"), at->text, S("` has "),
		    report_number(more, report->errors), S(" mistakes, the first of them at "),
		    report_number(line, m->line), S(":"), report_number(column, m->column),
		    S(": "), m->text));
}

/* The file of `prices`, where there is one and other files are read. */
static void
draft_prices(struct draft *d)
{
	const struct node *node = field_at(&d->file, FILE_prices);
	struct slice path = draft_path(d, &d->file, FILE_prices), yaml;
	struct report *outer = d->report, inner;
	char why[CONF_MESSAGE_BYTES / 2];
	struct text text;

	if (path.len == 0 || d->options->detached)
		return;
	text_init(&text, why, sizeof why);
	if (file_read(path.ptr, CONF_BYTES_MAX, &yaml, &text) != ERR_OK) {
		report_error(d->report, node, SAY(text_slice(&text)));
		return;
	}
	report_init(&inner, path);
	d->report = &inner;
	d->prices_from = path;
	d->prices = node_parse(&d->scratch, yaml, &d->s->hash_key, &inner);
	if (d->prices != NULL)
		check_prices(d, d->prices);
	d->report = outer;
	report_prices(d, node, &inner);
	report_release(&inner);
	file_free(yaml);
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
	model_price(d, field_at(&f, MODEL_price), model);
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

	draft_prices(d);
	if (table != NULL && (count == 0 || count > MODEL_MAX))
		report_error(d->report, table, SAY(count == 0 ? S("`models` is empty; nothing "
		    "could answer") : S("there are more than 1024 models")));
	if (count > MODEL_MAX)
		count = MODEL_MAX;
	d->model = draft_array(d->arena, count, sizeof *d->model);
	d->model_source = draft_array(&d->scratch, count, sizeof *d->model_source);
	d->tls_shared = draft_array(&d->scratch, count + ISSUER_MAX, sizeof *d->tls_shared);
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
