/* SPDX-License-Identifier: Apache-2.0 */
/*
 * place - levels, kinds, regions and zones: what content may be, and where it
 * may go.
 */

#include "conf/draft.h"
#include "core/limit.h"

static const struct slice usual_level[] = {
	{ "public", 6 }, { "internal", 8 }, { "confidential", 12 }, { "regulated", 9 },
};

static const struct slice builtin_kind[] = {
#define KIND(name)	{ #name, sizeof(#name) - 1 },
#include "policy/kind.tbl"
#undef KIND
};

static const struct slice builtin_property[] = {
#define PROPERTY(name, agreement)	{ #name, sizeof(#name) - 1 },
#include "policy/property.tbl"
#undef PROPERTY
};

enum property {
#define PROPERTY(name, agreement)	PROPERTY_##name,
#include "policy/property.tbl"
#undef PROPERTY
};

/* Bits of the properties that are agreements: nobody needs one with himself. */
static const uint64_t agreements = 0
#define PROPERTY(name, agreement)	| (uint64_t)(agreement) << PROPERTY_##name
#include "policy/property.tbl"
#undef PROPERTY
    ;

#define COUNT(array)	((uint32_t)(sizeof(array) / sizeof((array)[0])))

/* The index of a name, or `count`. */
uint32_t
draft_find(const struct slice *names, uint32_t count, struct slice name)
{
	for (uint32_t i = 0; i < count; i++)
		if (slice_eq(names[i], name))
			return i;
	return count;
}

/* "unknown WHAT `name`", with the nearest of the known ones. */
void
draft_no_such(struct draft *d, const struct node *node, struct slice what,
    const struct slice *names, uint32_t count)
{
	struct nearest nearest = { .word = node->text };
	struct slice near;

	for (uint32_t i = 0; i < count; i++)
		nearest_try(&nearest, names[i]);
	near = nearest_word(&nearest);
	if (near.len > 0)
		report_error(d->report, node, SAY(S("there is no "), what, S(" `"), node->text,
		    S("`; did you mean `"), near, S("`?")));
	else
		report_error(d->report, node, SAY(S("there is no "), what, S(" `"), node->text,
		    S("`")));
}

static bool
is_text(struct draft *d, const struct node *node, struct slice what)
{
	if (node->type == NODE_TEXT)
		return true;
	report_error(d->report, node, SAY(S("this must be the name of a "), what));
	return false;
}

void
draft_levels(struct draft *d)
{
	const struct node *list = field_at(&d->file, FILE_levels);
	uint32_t count = list == NULL ? COUNT(usual_level) : list->count;
	struct slice *level = draft_array(d->arena, LEVEL_MAX, sizeof *level);

	if (level == NULL)
		return;
	if (count == 0 || count > LEVEL_MAX) {
		report_error(d->report, list, SAY(S("`levels` takes 1 to 16 names")));
		count = count == 0 ? 0 : LEVEL_MAX;
	}
	for (uint32_t i = 0; i < count; i++) {
		struct slice name = list == NULL ? usual_level[i] : list->child[i].text;

		if (draft_find(level, i, name) < i)
			report_error(d->report, &list->child[i], SAY(S("the level `"), name,
			    S("` stands twice")));
		level[i] = arena_copy(d->arena, name);
	}
	d->s->level = level;
	d->s->level_count = count;
}

uint32_t
draft_level(struct draft *d, const struct node *node)
{
	uint32_t rank = 0;

	if (node != NULL && !snapshot_level(d->s, node->text, &rank))
		draft_no_such(d, node, S("level"), d->s->level, d->s->level_count);
	return rank;
}

/* The bit of an agreement or property; new names become known by being used. */
static uint64_t
property_bit(struct draft *d, const struct node *node)
{
	struct nearest nearest = { .word = node->text };
	uint32_t at = draft_find(d->property, d->s->property_count, node->text);
	struct slice near;

	if (at < d->s->property_count)
		return UINT64_C(1) << at;
	if (at == PROPERTY_MAX) {
		report_error(d->report, node, SAY(S("there are more than 64 agreements and "
		    "properties")));
		return 0;
	}
	for (uint32_t i = 0; i < at; i++)
		nearest_try(&nearest, d->property[i]);
	near = nearest_word(&nearest);
	if (near.len > 0)
		report_warning(d->report, node, SAY(S("`"), node->text,
		    S("` is not a property that is known; did you mean `"), near, S("`?")));
	d->property[d->s->property_count++] = arena_copy(d->arena, node->text);
	return UINT64_C(1) << at;
}

uint64_t
draft_property_set(struct draft *d, const struct node *names)
{
	uint64_t set = 0;

	/* Without memory for properties there is none. */
	for (uint32_t i = 0; d->property != NULL && names != NULL && i < names->count; i++)
		set |= property_bit(d, &names->child[i]);
	return set;
}

uint64_t
draft_region_set(struct draft *d, const struct node *names)
{
	uint64_t set = 0;

	for (uint32_t i = 0; names != NULL && i < names->count; i++) {
		const struct node *each = &names->child[i];
		struct nearest nearest = { .word = each->text };
		uint32_t at = 0;

		while (at < d->region_count && !slice_eq(d->region[at].name, each->text))
			nearest_try(&nearest, d->region[at++].name);
		if (at < d->region_count) {
			set |= d->region[at].leaves;
			continue;
		}
		/* A pack names what may be there, and was checked for one that is. */
		if (d->in_pack)
			continue;
		struct slice near = nearest_word(&nearest);

		if (near.len > 0)
			report_error(d->report, each, SAY(S("there is no region `"), each->text,
			    S("`; did you mean `"), near, S("`?")));
		else
			report_error(d->report, each, SAY(S("there is no region `"), each->text,
			    S("`; every region must stand in `regions`")));
	}
	return set;
}

uint64_t
draft_all_kinds(const struct draft *d)
{
	uint32_t credentials = draft_find(d->kind, d->s->kind_count, S("credentials"));
	uint64_t all = d->s->kind_count == 64 ? UINT64_MAX : (UINT64_C(1) << d->s->kind_count) - 1;

	return all & ~(UINT64_C(1) << credentials);
}

/* The bits of a list of kinds, or of `all`. */
uint64_t
draft_kind_set(struct draft *d, const struct node *node)
{
	uint64_t all = draft_all_kinds(d), set = 0;

	if (node == NULL)
		return 0;
	if (node->type == NODE_TEXT && slice_eq(node->text, S("all")))
		return all;
	if (node->type != NODE_LIST) {
		report_error(d->report, node, SAY(S("`kinds` must be `all` or a list of kinds")));
		return 0;
	}
	for (uint32_t i = 0; i < node->count; i++) {
		const struct node *each = &node->child[i];

		if (!is_text(d, each, S("kind")))
			continue;
		uint32_t at = draft_find(d->kind, d->s->kind_count, each->text);

		if (slice_eq(each->text, S("all")))
			set |= all;
		else if (at < d->s->kind_count)
			set |= UINT64_C(1) << at;
		else
			draft_no_such(d, each, S("kind"), d->kind, d->s->kind_count);
	}
	return set;
}

/* The name on the left of a TABLE's pair; false, with a report, if it is no good. */
bool
draft_pair_name(struct draft *d, const struct node *key, struct slice what)
{
	const char *why;

	if (schema_name(key->text, &why))
		return true;
	report_error(d->report, key, SAY(S("the "), what, S(" `"), key->text, S("` "),
	    slice_of(why, strlen(why))));
	return false;
}

void
draft_kinds(struct draft *d)
{
	const struct node *table = field_at(&d->file, FILE_kinds);
	uint32_t count = COUNT(builtin_kind);

	d->kind = draft_array(d->arena, KIND_MAX, sizeof *d->kind);
	d->kind_label = draft_array(d->arena, KIND_MAX, sizeof *d->kind_label);
	d->kind_duties = draft_array(d->arena, KIND_MAX, sizeof *d->kind_duties);
	d->kind_basis = draft_array(&d->scratch, KIND_MAX, sizeof *d->kind_basis);
	d->property = draft_array(d->arena, PROPERTY_MAX, sizeof *d->property);
	if (d->kind == NULL || d->kind_label == NULL || d->kind_basis == NULL ||
	    d->kind_duties == NULL || d->property == NULL)
		return;
	memcpy(d->kind, builtin_kind, sizeof builtin_kind);
	memcpy(d->property, builtin_property, sizeof builtin_property);
	d->s->property_count = COUNT(builtin_property);
	for (uint32_t i = 0; table != NULL && i < table->count; i++) {
		const struct node *key = node_key(table, i);

		if (!draft_pair_name(d, key, S("kind")) ||
		    draft_find(d->kind, count, key->text) < count)
			continue;
		if (slice_eq(key->text, S("all"))) {
			report_error(d->report, key, SAY(S("`all` means all kinds; name it "
			    "otherwise")));
			continue;
		}
		if (count == KIND_MAX) {
			report_error(d->report, key, SAY(S("there are more than 64 kinds")));
			break;
		}
		d->kind[count++] = arena_copy(d->arena, key->text);
	}
	count = draft_pack_kinds(d, count);
	for (uint32_t i = 0; i < count; i++)
		d->kind_label[i] = (struct label){ UINT64_C(1) << i, UINT64_MAX, 0, 0 };
	d->s->kind = d->kind;
	d->s->kind_label = d->kind_label;
	d->s->kind_count = count;
	d->s->property = d->property;
}

/* What kinds bring with them; after levels and regions are known. */
static void
kind_labels(struct draft *d)
{
	const struct node *table = field_at(&d->file, FILE_kinds);

	for (uint32_t i = 0; table != NULL && i < table->count; i++) {
		uint32_t at = draft_find(d->kind, d->s->kind_count, node_key(table, i)->text);
		struct fields f;

		if (!schema_read(node_value(table, i), ROW_KIND, d->report, &f) ||
		    at == d->s->kind_count)
			continue;
		d->kind_label[at].level = draft_level(d, field_at(&f, KIND_level));
		d->kind_label[at].requires = draft_property_set(d, field_at(&f, KIND_requires));
		d->kind_duties[at] = draft_duties(d, field_at(&f, KIND_duties));
		d->kind_basis[at] = field_text(&f, KIND_basis, slice_of(NULL, 0));
		if (field_at(&f, KIND_regions) == NULL)
			continue;
		d->kind_label[at].regions = draft_region_set(d, field_at(&f, KIND_regions)) |
		    REGION_CALLER;
		if (field_at(&f, KIND_regions)->count == 0)
			report_error(d->report, field_at(&f, KIND_regions), SAY(S("with no region, "
			    "content of this kind may go nowhere; leave `regions` out for "
			    "everywhere")));
	}
}

/* Makes a name known; one that is known may still become one that holds others. */
static void
region_add(struct draft *d, const struct node *key, const struct node *members)
{
	uint32_t at = 0;

	while (at < d->region_count && !slice_eq(d->region[at].name, key->text))
		at++;
	if (at == d->region_count) {
		if (at == REGION_NAME_MAX) {
			report_error(d->report, key, SAY(S("there are more than 512 names of "
			    "regions")));
			return;
		}
		d->region[d->region_count++].name = arena_copy(d->arena, key->text);
	} else if (slice_eq(key->text, S("unspecified"))) {
		report_error(d->report, key, SAY(S("`unspecified` means a place that is not told; "
		    "name the region otherwise")));
	}
	if (members != NULL)
		d->region[at].members = members;
}

static void
regions_from_list(struct draft *d, const struct node *list)
{
	for (uint32_t i = 0; i < list->count; i++)
		if (is_text(d, &list->child[i], S("region")) &&
		    draft_pair_name(d, &list->child[i], S("region")))
			region_add(d, &list->child[i], NULL);
}

static void
regions_from_map(struct draft *d, const struct node *map)
{
	for (uint32_t i = 0; i < map->count; i++) {
		const struct node *key = node_key(map, i), *value = node_value(map, i);

		if (!draft_pair_name(d, key, S("region")))
			continue;
		if (value->type != NODE_LIST && value->type != NODE_EMPTY) {
			report_error(d->report, value, SAY(S("the region `"), key->text,
			    S("` takes a list of the regions inside it, or []")));
			continue;
		}
		region_add(d, key, value->count > 0 ? value : NULL);
		regions_from_list(d, value);
	}
}

/* Expands a name to its leaves; a leaf takes the next bit. */
static uint64_t
region_expand(struct draft *d, uint32_t at, unsigned depth)
{
	struct region *region = &d->region[at];

	if (region->state == REGION_DONE)
		return region->leaves;
	if (region->state == REGION_OPEN || depth > CONF_DEPTH_MAX) {
		report_error(d->report, region->members, SAY(S("the region `"), region->name,
		    S("` contains itself, or is nested too deeply")));
		return 0;
	}
	region->state = REGION_OPEN;
	for (uint32_t i = 0; region->members != NULL && i < region->members->count; i++)
		for (uint32_t j = 0; j < d->region_count; j++)
			if (slice_eq(d->region[j].name, region->members->child[i].text))
				region->leaves |= region_expand(d, j, depth + 1);
	if (region->members == NULL && d->s->region_count == REGION_MAX - 1) {
		report_error(d->report, field_at(&d->file, FILE_regions),
		    SAY(S("there are more than 62 regions without others "
		    "inside")));
	} else if (region->members == NULL) {
		d->leaf[d->s->region_count] = region->name;
		region->leaves = UINT64_C(1) << d->s->region_count++;
	}
	region->state = REGION_DONE;
	return region->leaves;
}

void
draft_regions(struct draft *d)
{
	const struct node *node = field_at(&d->file, FILE_regions);

	d->region = draft_array(&d->scratch, REGION_NAME_MAX, sizeof *d->region);
	d->leaf = draft_array(d->arena, REGION_MAX, sizeof *d->leaf);
	if (d->region == NULL || d->leaf == NULL)
		return;
	d->s->region = d->leaf;
	d->region[d->region_count++].name = S("unspecified");
	if (node != NULL && node->type == NODE_MAP)
		regions_from_map(d, node);
	else if (node != NULL && node->type == NODE_LIST)
		regions_from_list(d, node);
	else if (node != NULL)
		report_error(d->report, node, SAY(S("`regions` must be a map of regions, each with "
		    "a list of those inside it, or a list")));
	for (uint32_t i = 0; i < d->region_count; i++)
		region_expand(d, i, 0);
	kind_labels(d);
	draft_pack_labels(d);
}

void
draft_clearance(struct draft *d, const struct node *node, struct clearance *out)
{
	struct fields f;

	if (node == NULL || !schema_read(node, ROW_CLEARANCE, d->report, &f)) {
		out->level = 0;
		out->kinds = 0;
		return;
	}
	out->level = draft_level(d, field_at(&f, CLEARANCE_level));
	out->kinds = draft_kind_set(d, field_at(&f, CLEARANCE_kinds));
}

void
draft_where(struct draft *d, const struct node *regions, const struct node *holds,
    struct clearance *out)
{
	out->holds = draft_property_set(d, holds);
	out->regions = draft_region_set(d, regions);
	if (regions == NULL || regions->count == 0)
		out->regions = 1;
}

uint32_t
draft_builtin_kinds(void)
{
	return COUNT(builtin_kind);
}

uint64_t
draft_agreements(void)
{
	return agreements;
}

void
draft_zones(struct draft *d)
{
	const struct node *table = field_at(&d->file, FILE_zones);
	uint32_t count = table == NULL ? 0 : table->count;

	if (count > ZONE_MAX) {
		report_error(d->report, table, SAY(S("there are more than 64 zones")));
		count = ZONE_MAX;
	}
	d->zone = draft_array(d->arena, count, sizeof *d->zone);
	d->zone_operator = draft_array(&d->scratch, count, sizeof *d->zone_operator);
	if (d->zone == NULL || d->zone_operator == NULL)
		return;
	for (uint32_t i = 0; i < count; i++) {
		struct zone *zone = &d->zone[i];
		struct fields f;

		draft_pair_name(d, node_key(table, i), S("zone"));
		zone->name = arena_copy(d->arena, node_key(table, i)->text);
		zone->kind = S("public_api");
		zone->index = i;
		if (!schema_read(node_value(table, i), ROW_ZONE, d->report, &f))
			continue;
		zone->kind = schema_word(schema_row[ZONE_kind].of, field_word(&f, ZONE_kind, 3));
		d->zone_operator[i] = field_text(&f, ZONE_operator, S("vendor"));
		zone->self_operated = slice_eq(d->zone_operator[i], S("self"));
		zone->offline = field_switch(&f, ZONE_offline);
		draft_clearance(d, field_at(&f, ZONE_clearance), &zone->clearance);
		draft_where(d, field_at(&f, ZONE_regions), field_at(&f, ZONE_holds),
		    &zone->clearance);
		if (zone->self_operated)
			zone->clearance.holds |= agreements;
	}
	d->s->zone = d->zone;
	d->s->zone_count = count;
}
