/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/pack.h"

#include "conf/draft.h"
#include "core/limit.h"

/* The bytes of each pack, from the root of the tree, where everything is compiled. */
#define PACK(name, what)							\
	__asm__(".pushsection .rodata\n"					\
	    "pack_yaml_" #name ": .incbin \"src/conf/pack/" #name ".yaml\"\n"	\
	    "pack_yaml_end_" #name ": .byte 0\n"				\
	    ".popsection\n");							\
	extern const char pack_yaml_##name[] __attribute__((visibility("hidden")));	\
	extern const char pack_yaml_end_##name[] __attribute__((visibility("hidden")));
#include "conf/pack.tbl"
#undef PACK

const struct slice pack_name[PACK_COUNT] = {
#define PACK(name, what)	{ #name, sizeof(#name) - 1 },
#include "conf/pack.tbl"
#undef PACK
};

const struct slice pack_what[PACK_COUNT] = {
#define PACK(name, what)	{ what, sizeof(what) - 1 },
#include "conf/pack.tbl"
#undef PACK
};

static const struct slice about[PACK_COUNT] = {
#define PACK(name, what)	{ "the pack `" #name "`", sizeof("the pack `" #name "`") - 1 },
#include "conf/pack.tbl"
#undef PACK
};

struct slice
pack_yaml(enum pack_id id)
{
	switch (id) {
#define PACK(name, what)							\
	case PACK_##name:							\
		return slice_of(pack_yaml_##name,				\
		    (size_t)(pack_yaml_end_##name - pack_yaml_##name));
#include "conf/pack.tbl"
#undef PACK
	default:
		return slice_of(NULL, 0);
	}
}

/* ---- whose words these are ---- */

static void
pack_open(struct draft *d, const struct pack *pack)
{
	d->in_pack = true;
	report_about(d->report, pack->at, about[pack->id]);
}

static void
pack_close(struct draft *d)
{
	d->in_pack = false;
	report_about(d->report, NULL, slice_of(NULL, 0));
}

void
draft_packs(struct draft *d)
{
	const struct node *list = field_at(&d->file, FILE_packs);

	for (uint32_t i = 0; list != NULL && i < list->count; i++) {
		const struct node *each = &list->child[i];
		struct pack *pack = &d->pack[d->pack_count];
		uint32_t id = draft_find(pack_name, PACK_COUNT, each->text), before = 0;

		if (id == PACK_COUNT) {
			draft_no_such(d, each, S("pack"), pack_name, PACK_COUNT);
			continue;
		}
		while (before < d->pack_count && d->pack[before].id != id)
			before++;
		if (before < d->pack_count) {
			report_error(d->report, each, SAY(about[id], S(" stands twice")));
			continue;
		}
		*pack = (struct pack){ .id = (enum pack_id)id, .at = each };
		pack_open(d, pack);
		pack->root = node_parse(&d->scratch, pack_yaml(pack->id), &d->s->hash_key,
		    d->report);
		pack_close(d);
		d->pack_count += pack->root != NULL;
	}
}

uint32_t
draft_pack_kinds(struct draft *d, uint32_t count)
{
	for (uint32_t p = 0; p < d->pack_count; p++) {
		const struct node *table = node_find(d->pack[p].root, S("kinds"));

		for (uint32_t i = 0; table != NULL && i < table->count; i++) {
			struct slice name = node_key(table, i)->text;

			if (draft_find(d->kind, count, name) < count)
				continue;
			if (count == KIND_MAX) {
				report_error(d->report, d->pack[p].at, SAY(S("there are more than "
				    "64 kinds with those of "), about[d->pack[p].id]));
				return count;
			}
			d->kind[count++] = arena_copy(d->arena, name);
		}
	}
	return count;
}

/* ---- what a pack needs of the file ---- */

static bool
is_level(const struct draft *d, struct slice name)
{
	return draft_find(d->s->level, d->s->level_count, name) < d->s->level_count;
}

static bool
is_region(const struct draft *d, const struct node *names)
{
	for (uint32_t i = 0; i < names->count; i++)
		for (uint32_t j = 0; j < d->region_count; j++)
			if (slice_eq(d->region[j].name, names->child[i].text))
				return true;
	return false;
}

/* "needs a region `eu`, `eea` or `adequate`". */
static void
report_region(struct draft *d, const struct pack *pack, const struct node *names)
{
	char room[512];
	struct text t;

	text_init(&t, room, sizeof room);
	for (uint32_t i = 0; i < names->count; i++) {
		text_put(&t, i == 0 ? S("`") : i + 1 < names->count ? S("`, `") : S("` or `"));
		text_put(&t, names->child[i].text);
	}
	report_error(d->report, pack->at, SAY(about[pack->id], S(" needs a region "),
	    text_slice(&t), S("`; add it to `regions` with those inside it, as `"),
	    names->child[0].text, S(": [de, fr, ie]`")));
}

/* A kind above names the same level. */
static bool
is_level_above(const struct node *table, uint32_t i, struct slice level)
{
	while (i-- > 0) {
		const struct node *above = node_find(node_value(table, i), S("level"));

		if (above != NULL && slice_eq(above->text, level))
			return true;
	}
	return false;
}

/* Each missing thing is told once. */
static void
pack_check(struct draft *d, struct pack *pack)
{
	const struct node *table = node_find(pack->root, S("kinds"));
	bool no_region = false;

	for (uint32_t i = 0; table != NULL && i < table->count; i++) {
		const struct node *kind = node_value(table, i);
		const struct node *level = node_find(kind, S("level"));
		const struct node *regions = node_find(kind, S("regions"));

		if (level != NULL && !is_level(d, level->text)) {
			pack->broken = true;
			if (!is_level_above(table, i, level->text))
				report_error(d->report, pack->at, SAY(about[pack->id],
				    S(" needs a level `"), level->text,
				    S("`; add it to `levels`")));
		}
		if (regions != NULL && !is_region(d, regions) && !no_region) {
			report_region(d, pack, regions);
			no_region = true;
		}
	}
	pack->broken |= no_region;
}

/* ---- joining ---- */

static bool
is_empty(const struct node *map, struct slice key)
{
	const struct node *list = map == NULL ? NULL : node_find(map, key);

	return list != NULL && list->type == NODE_LIST && list->count == 0;
}

/* The file said less than the pack: that is allowed, and changes nothing. */
static void
warn_weaker(struct draft *d, const struct pack *pack, uint32_t at, struct label more)
{
	struct slice kind = d->kind[at];
	struct label said = d->kind_said[at];
	const struct node *table = field_at(&d->file, FILE_kinds);
	const struct node *map = table == NULL ? NULL : node_find(table, kind);
	const struct node *level = map == NULL ? NULL : node_find(map, S("level"));
	const struct node *regions = map == NULL ? NULL : node_find(map, S("regions"));

	if (level != NULL && said.level < more.level)
		report_warning(d->report, level, SAY(S("`"), kind, S("` is `"),
		    d->s->level[more.level], S("` at least by "), about[pack->id],
		    S(", which holds; the lower level here has no effect")));
	if (regions != NULL && (said.regions & ~more.regions) != 0)
		report_warning(d->report, regions, SAY(S("`"), kind, S("` is kept in fewer regions "
		    "by "), about[pack->id], S(", which holds; the others here have no effect")));
	if (is_empty(map, S("requires")) && more.requires != 0)
		report_warning(d->report, node_find(map, S("requires")), SAY(S("`"), kind,
		    S("` requires more by "), about[pack->id],
		    S(", which holds; an empty list here has no effect")));
}

/* The file's words come first; a basis that is there already is not said again. */
static void
join_basis(struct draft *d, uint32_t at, struct slice more)
{
	struct slice said = d->kind_basis[at];
	struct text t;
	char *room;

	if (said.len == 0) {
		d->kind_basis[at] = more;
		return;
	}
	if (more.len == 0 || slice_find(said, more) < said.len)
		return;
	room = arena_bytes(&d->scratch, said.len + more.len + 2);
	if (room == NULL)
		return;
	text_init(&t, room, said.len + more.len + 2);
	text_put(&t, said);
	text_put(&t, S("; "));
	text_put(&t, more);
	d->kind_basis[at] = text_slice(&t);
}

static void
join_kind(struct draft *d, const struct pack *pack, uint32_t at, const struct fields *f)
{
	struct label *label = &d->kind_label[at];
	bool had = (label->regions & ~REGION_CALLER) != 0;
	struct label more = LABEL_PUBLIC;

	more.level = draft_level(d, field_at(f, KIND_level));
	more.requires = draft_property_set(d, field_at(f, KIND_requires));
	if (field_at(f, KIND_regions) != NULL)
		more.regions = draft_region_set(d, field_at(f, KIND_regions)) | REGION_CALLER;
	d->kind_duties[at] |= draft_duties(d, field_at(f, KIND_duties));
	join_basis(d, at, field_text(f, KIND_basis, slice_of(NULL, 0)));
	pack_close(d);
	warn_weaker(d, pack, at, more);
	*label = label_join(*label, more);
	if (had && (label->regions & ~REGION_CALLER) == 0)
		report_error(d->report, pack->at, SAY(S("with "), about[pack->id], S(", content of "
		    "the kind `"), d->kind[at], S("` may go nowhere: the regions that `kinds` or "
		    "another pack allows are all outside of the pack's")));
}

static void
pack_join(struct draft *d, const struct pack *pack)
{
	const struct node *table = node_find(pack->root, S("kinds"));

	for (uint32_t i = 0; table != NULL && i < table->count; i++) {
		uint32_t at = draft_find(d->kind, d->s->kind_count, node_key(table, i)->text);
		struct fields f;

		pack_open(d, pack);
		if (at < d->s->kind_count &&
		    schema_read(node_value(table, i), ROW_KIND, d->report, &f))
			join_kind(d, pack, at, &f);
		pack_close(d);
	}
}

void
draft_pack_labels(struct draft *d)
{
	d->kind_said = draft_array(&d->scratch, KIND_MAX, sizeof *d->kind_said);
	if (d->kind_said == NULL)
		return;
	memcpy(d->kind_said, d->kind_label, d->s->kind_count * sizeof *d->kind_said);
	for (uint32_t p = 0; p < d->pack_count; p++) {
		pack_check(d, &d->pack[p]);
		if (!d->pack[p].broken)
			pack_join(d, &d->pack[p]);
	}
}

uint32_t
draft_pack_duties(struct draft *d)
{
	uint32_t set = 0;

	for (uint32_t p = 0; p < d->pack_count; p++) {
		pack_open(d, &d->pack[p]);
		set |= draft_duties(d, node_find(d->pack[p].root, S("duties")));
		pack_close(d);
	}
	return set;
}

const struct node *
draft_pack_never(struct draft *d, uint32_t *at, struct slice *name)
{
	pack_close(d);
	while (*at < d->pack_count) {
		const struct pack *pack = &d->pack[(*at)++];
		const struct node *list = node_find(pack->root, S("never"));

		if (pack->broken || list == NULL)
			continue;
		*name = pack_name[pack->id];
		pack_open(d, pack);
		return list;
	}
	return NULL;
}

/* ---- for people ---- */

static const char preamble[] =
"# Packs\n"
"\n"
"<!-- Written by `trivium check --print-packs` from src/conf/pack/; do not edit. -->\n"
"\n"
"A pack is what a law or a standard asks for, in the configuration's own language:\n"
"`packs: [hipaa, gdpr]` switches it on. It is joined with the file: a kind has the highest of\n"
"the levels, all requirements and duties, and only the regions that both allow. So the file\n"
"can make it stricter and never weaker; where it tries, `trivium check` warns. `never` of a\n"
"pack holds beside the file's own.\n"
"\n"
"Of a pack's `regions` and `outside` those names count that the file's `regions` has; one must\n"
"be there. Levels that a pack names must be in `levels`.\n"
"\n"
"A pack says what this gateway can see to. It is no legal advice, and switching it on makes\n"
"nobody compliant: who holds which agreement is what `holds` claims.\n";

void
conf_packs(struct text *t)
{
	text_put(t, slice_of(preamble, sizeof preamble - 1));
	for (enum pack_id id = 0; id < PACK_COUNT; id++) {
		text_put(t, S("\n## "));
		text_put(t, pack_name[id]);
		text_put(t, S("\n\n"));
		text_put(t, pack_what[id]);
		text_put(t, S("\n\n```yaml\n"));
		text_put(t, pack_yaml(id));
		text_put(t, S("```\n"));
	}
}
