/* SPDX-License-Identifier: Apache-2.0 */
/* setting - setting.tbl as rows, and a note for each key by them. */
#include "import/work.h"

static const struct setting {
	enum setting_map	map;
	struct slice		name;
	enum import_fate	fate;
	struct slice		text;
} rows[] = {
#define SETTING(map, name, fate, text)						\
	{ map, { name, sizeof(name) - 1 }, IMPORT_##fate, { text, sizeof(text) - 1 } },
#include "import/setting.tbl"
#undef SETTING
};

static bool
fits(struct slice name, struct slice key)
{
	if (name.len > 0 && name.ptr[name.len - 1] == '*')
		return slice_starts(key, slice_cut(name, 0, name.len - 1));
	return slice_eq(name, key);
}

/* Nothing is lost with what was off. */
static bool
is_off(const struct node *value)
{
	if (value->type == NODE_TEXT)
		return slice_same_word(value->text, S("false")) || value->text.len == 0;
	return value->type == NODE_EMPTY || value->count == 0;
}

void
setting_walk(struct work *w, const struct node *map, enum setting_map which, struct slice path)
{
	for (uint32_t i = 0; map->type == NODE_MAP && i < map->count; i++) {
		const struct node *key = node_key(map, i);
		struct import_note note = { .fate = IMPORT_LOST, .text = S("this is not known "
		    "here; look up what it does") };
		size_t at = 0;

		while (at < sizeof rows / sizeof rows[0] &&
		    (rows[at].map != which || !fits(rows[at].name, key->text)))
			at++;
		if (at < sizeof rows / sizeof rows[0]) {
			note.fate = rows[at].fate;
			note.text = rows[at].text;
		}
		if (note.fate == IMPORT_LOST && is_off(node_value(map, i))) {
			note.fate = IMPORT_HARMLESS;
			note.text = S("it is off");
		}
		note_add(w, key, note_path(w, path, key->text), &note);
	}
}
