/* SPDX-License-Identifier: Apache-2.0 */

/*
 * never - the rows of `never`: what must not happen, as conditions on content
 * and on places.
 *
 * An empty list in a condition means nothing, not everything, so such a row can
 * never be broken; that is worth a warning, as is one whose own conditions
 * leave no place.  A row that speaks of a place or of content that is not there
 * yet is none: it guards what comes.  Packs have such rows too.
 */

#include "conf/draft.h"
#include "conf/pack.h"
#include "core/limit.h"

/* A level, alone or behind `>=`: both mean that level and all above. */
static uint32_t
never_level(struct draft *d, const struct node *node)
{
	struct node level;
	uint32_t rank = 0;

	if (node == NULL)
		return 0;
	level = *node;
	if (slice_starts(level.text, S(">=")))
		level.text = slice_trim(slice_cut(level.text, 2, level.text.len));
	if (level.text.len == 0 || memchr("<>=!", level.text.ptr[0], 4) != NULL)
		report_error(d->report, node, SAY(S("an invariant speaks of a level and all above "
		    "it: a level, alone or behind `>=`, not `"), node->text, S("`")));
	else if (!snapshot_level(d->s, level.text, &rank))
		draft_no_such(d, &level, S("level"), d->s->level, d->s->level_count);
	return rank;
}

/* Names of rows that begin with their name, as a set of at most `count` bits. */
static void
never_rows(struct draft *d, const struct node *list, struct slice what, struct names rows,
    uint64_t *set)
{
	for (uint32_t i = 0; rows.name != NULL && i < list->count; i++) {
		uint32_t at = draft_find(rows.name, rows.count, list->child[i].text);

		if (at == rows.count)
			draft_no_such(d, &list->child[i], what, rows.name, rows.count);
		else
			set[at / 64] |= UINT64_C(1) << at % 64;
	}
}

static struct names
names_of(struct draft *d, const void *rows, size_t each, uint32_t count)
{
	struct slice *name = draft_array(&d->scratch, count, sizeof *name);

	/* The name is the first member of each of these rows. */
	for (uint32_t i = 0; name != NULL && i < count; i++)
		memcpy(&name[i], (const char *)rows + i * each, sizeof *name);
	return (struct names){ name, count };
}

static const uint64_t *
never_roles(struct draft *d, const struct node *list)
{
	uint64_t *set;

	if (list == NULL)
		return NULL;
	set = draft_array(d->arena, ROLE_MAX / 64, sizeof *set);
	if (set != NULL)
		never_rows(d, list, S("role"),
		    names_of(d, d->s->role, sizeof *d->s->role, d->s->role_count), set);
	return set;
}

static uint64_t
never_tools(struct draft *d, const struct node *list)
{
	struct names tools = names_of(d, d->s->tool, sizeof *d->s->tool, d->s->tool_count);
	uint64_t set = 0;

	if (list == NULL)
		return 0;
	if (list->count == 1 && slice_eq(list->child[0].text, S("all")))
		return UINT64_MAX;
	never_rows(d, list, S("tool"), tools, &set);
	return set;
}

static uint64_t
never_zones(struct draft *d, const struct node *list)
{
	struct names zones = names_of(d, d->s->zone, sizeof *d->s->zone, d->s->zone_count);
	uint64_t set = 0;

	if (list == NULL)
		return 0;
	never_rows(d, list, S("zone"), zones, &set);
	return set;
}

static void
draft_places(struct draft *d, const struct fields *f, struct invariant *v)
{
	v->zones_said = field_at(f, NEVER_zones) != NULL;
	v->tools_said = field_at(f, NEVER_tools) != NULL;
	v->zones = never_zones(d, field_at(f, NEVER_zones));
	v->tools = never_tools(d, field_at(f, NEVER_tools));
	if (field_at(f, NEVER_zone_kind) != NULL)
		v->place_kinds = UINT32_C(1) << field_word(f, NEVER_zone_kind, 0);
	v->without = draft_property_set(d, field_at(f, NEVER_without));
	v->outside_said = field_at(f, NEVER_outside) != NULL;
	v->outside = draft_region_set(d, field_at(f, NEVER_outside));
	v->unless_self = field_at(f, NEVER_unless_operator) != NULL;
}

/* ---- what cannot be broken, whatever the file says ---- */

static bool
is_empty_list(const struct fields *f, const struct node **which)
{
	static const enum schema_row lists[] = {
		NEVER_origin_kinds, NEVER_kinds, NEVER_requires, NEVER_workloads, NEVER_roles,
		NEVER_zones, NEVER_tools, NEVER_without,
	};

	for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
		*which = field_at(f, lists[i]);
		if (*which != NULL && (*which)->count == 0)
			return true;
	}
	return false;
}

/* Its own words leave no place: both a zone and a tool, or a zone of another kind. */
static bool
is_nowhere(const struct draft *d, const struct fields *f, const struct invariant *v)
{
	bool zones = field_at(f, NEVER_zones) != NULL;
	bool kind = field_at(f, NEVER_zone_kind) != NULL;

	if (field_at(f, NEVER_tools) != NULL)
		return zones || kind;
	for (uint32_t i = 0; zones && i < d->s->zone_count; i++) {
		struct slice of = schema_word(schema_row[ZONE_kind].of, field_word(f,
		    NEVER_zone_kind, 0));

		if ((v->zones >> i & 1) != 0 && (!kind || slice_eq(of, d->zone[i].kind)) &&
		    !(v->unless_self && d->zone[i].self_operated))
			return false;
	}
	return zones;
}

static bool
is_required(const struct draft *d, uint64_t requires)
{
	for (uint32_t k = 0; k < d->s->kind_count; k++)
		if ((d->kind_label[k].requires & requires) != 0)
			return true;
	for (uint32_t w = 0; w < d->s->workload_count; w++)
		if ((d->workload[w].floor.requires & requires) != 0)
			return true;
	return false;
}

static void
warn_idle(struct draft *d, const struct fields *f, struct invariant *v, struct slice name)
{
	const struct node *which;

	if (is_empty_list(f, &which)) {
		v->empty = true;
		report_warning(d->report, which, SAY(S("the invariant `"), name, S("` never "
		    "applies: this list is empty; leave it out for all")));
	} else if (is_nowhere(d, f, v)) {
		report_warning(d->report, f->map, SAY(S("the invariant `"), name,
		    S("` never applies: "), field_at(f, NEVER_tools) != NULL
		    ? S("a tool is no zone; write a row for zones and one for tools")
		    : S("none of its zones is all that it says")));
	} else if (v->requires != 0 && !is_required(d, v->requires)) {
		report_warning(d->report, field_at(f, NEVER_requires), SAY(S("the invariant `"),
		    name, S("` never applies: no kind and no workload requires that")));
	}
}

/* ---- rows ---- */

static void
never_name(struct draft *d, const struct fields *f, uint32_t index)
{
	const struct node *node = field_at(f, NEVER_name);
	struct never *row = &d->never[index];
	struct text t;
	char room[32];

	text_init(&t, room, sizeof room);
	text_put(&t, S("never-"));
	text_put_number(&t, index + 1);
	row->name = arena_copy(d->arena, node != NULL ? node->text : text_slice(&t));
	for (uint32_t i = 0; i < index; i++)
		if (slice_eq(d->never[i].name, row->name))
			report_error(d->report, node != NULL ? node : f->map, SAY(S("there are two "
			    "invariants `"), row->name, S("`")));
}

static void
never_row(struct draft *d, const struct node *node, uint32_t index)
{
	struct invariant *v = &d->invariant[index];
	struct never *row = &d->never[index];
	uint32_t errors = d->report->errors;
	struct fields f;

	*v = (struct invariant){ .empty = true };
	*row = (struct never){ .line = node->line, .column = node->column };
	if (!schema_read(node, ROW_NEVER, d->report, &f))
		return;
	never_name(d, &f, index);
	row->basis = arena_copy(d->arena, field_text(&f, NEVER_basis, slice_of(NULL, 0)));
	for (enum schema_row key = NEVER_name; key <= NEVER_basis; key++)
		row->said |= (uint64_t)(field_at(&f, key) != NULL) << (key - ROW_NEVER);
	*v = (struct invariant){
		.origin.kinds = draft_kind_set(d, field_at(&f, NEVER_origin_kinds)),
		.origin.level = never_level(d, field_at(&f, NEVER_origin_level)),
		.label.kinds = draft_kind_set(d, field_at(&f, NEVER_kinds)),
		.label.level = never_level(d, field_at(&f, NEVER_level)),
		.requires = draft_property_set(d, field_at(&f, NEVER_requires)),
		.workloads = draft_workload_set(d, field_at(&f, NEVER_workloads)),
		.roles = never_roles(d, field_at(&f, NEVER_roles)),
	};
	draft_places(d, &f, v);
	if (d->report->errors == errors && !d->in_pack)
		warn_idle(d, &f, v, row->name);
}

/* Rows of the file, or of a pack: these stand, for messages, where the pack is switched on. */
static void
never_list(struct draft *d, const struct node *list, const struct pack *pack)
{
	for (uint32_t i = 0; i < list->count; i++) {
		uint32_t index = d->s->policy.invariant_count;

		if (index == NEVER_MAX) {
			report_error(d->report, &list->child[i], SAY(S("there are more than 256 "
			    "invariants")));
			return;
		}
		d->s->policy.invariant_count++;
		never_row(d, &list->child[i], index);
		if (pack == NULL)
			continue;
		d->never[index].pack = pack_name[pack->id];
		d->never[index].line = pack->at->line;
		d->never[index].column = pack->at->column;
	}
}

void
draft_never(struct draft *d)
{
	const struct node *list = field_at(&d->file, FILE_never);
	struct slice name;
	uint32_t at = 0;

	d->never = draft_array(d->arena, NEVER_MAX, sizeof *d->never);
	d->invariant = draft_array(d->arena, NEVER_MAX, sizeof *d->invariant);
	if (d->never == NULL || d->invariant == NULL)
		return;
	d->s->never = d->never;
	d->s->policy.invariant = d->invariant;
	if (list != NULL)
		never_list(d, list, NULL);
	while ((list = draft_pack_never(d, &at, &name)) != NULL)
		never_list(d, list, &d->pack[at - 1]);
}
