/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fallback - aliases, and what stands in for a name when its own models fail.
 *
 * LiteLLM has fallbacks for three occasions and we have one list: a group's
 * models in their order.  What a list cannot say is told in notes.
 */
#include "core/limit.h"
#include "import/work.h"

/* More names than a request could ever come to. */
#define FALLBACKS_MAX	64

#define TEXT(literal)	{ literal, sizeof(literal) - 1 }

static const struct {
	struct slice	key, text;
} kinds[FALLBACK_KINDS] = {
	[FALLBACK_GENERAL] = { TEXT("fallbacks"), { NULL, 0 } },
	[FALLBACK_CONTEXT] = { TEXT("context_window_fallbacks"), TEXT("they follow in the group, "
	    "for every failure; a prompt that is too long is the caller's mistake (400) and is not "
	    "sent to another model") },
	[FALLBACK_POLICY] = { TEXT("content_policy_fallbacks"), TEXT("they follow in the group, "
	    "for every failure; a refusal for its content (400) is told to the caller and is not "
	    "sent to another model") },
};

/* The name that is meant, if a model of it was carried over; else a note at a place. */
static struct public *
find_target(struct work *w, const struct node *node, const struct node *at, struct slice path)
{
	struct import_note lost = { .fate = IMPORT_LOST };
	struct public *p;

	if (node->type != NODE_TEXT) {
		lost.text = S("a fallback with parameters of its own is not possible; write the "
		    "name of a model");
		note_add(w, at, path, &lost);
		return NULL;
	}
	p = name_find(w, node->text);
	if (p != NULL && w->public[p->alias_of].first != NULL)
		return p;
	lost.text = p == NULL ? S("there is no such name in model_list; add a model for it")
	    : S("no model of this name was carried over");
	note_add(w, at, path, &lost);
	return NULL;
}

static void
append(struct work *w, const struct fallback ***last, struct public *p)
{
	struct fallback *f = arena_alloc(w->arena, sizeof *f);

	if (f == NULL)
		return;
	*f = (struct fallback){ .name = (uint32_t)(p - w->public) };
	**last = f;
	*last = &f->next;
}

static bool
is_list(struct work *w, const struct node *value, struct slice what)
{
	if (value->type == NODE_LIST)
		return true;
	if (value->type != NODE_EMPTY)
		report_error(&w->in->report, value, SAY(S("`"), what, S("` must be a list")));
	return false;
}

/* The targets of one name, or of all that have none (owner is NULL). */
static void
read_targets(struct work *w, struct public *owner, const struct node *list, struct slice path)
{
	const struct fallback ***last = owner != NULL ? &owner->last : &w->general_last;

	for (uint32_t i = 0; i < list->count; i++) {
		struct slice here = note_element(w, path, i);
		struct public *p = i < FALLBACKS_MAX ? find_target(w, &list->child[i],
		    &list->child[i], here) : NULL;

		if (i == FALLBACKS_MAX)
			note_add(w, &list->child[i], here, &(struct import_note){
			    .fate = IMPORT_LOST, .text = S("this and what follows is more than any "
			    "request would come to") });
		if (p != NULL)
			append(w, last, p);
	}
}

static void
read_pair(struct work *w, const struct pair *pair, enum fallback_kind kind, struct slice path)
{
	struct import_note note = { .fate = IMPORT_CARRIED, .text = kinds[kind].text };
	bool all = slice_eq(pair->key->text, S("*"));
	struct public *p = all ? NULL : name_find(w, pair->key->text);

	if (pair->value->type == NODE_EMPTY) {
		note.fate = IMPORT_HARMLESS;
		note.text = S("no fallback is named");
		note_add(w, pair->key, path, &note);
		return;
	}
	if (!is_list(w, pair->value, pair->key->text))
		return;
	if (kinds[kind].text.len > 0)
		note.fate = IMPORT_CHANGED;
	if (!all && (p == NULL || w->public[p->alias_of].first == NULL)) {
		note.fate = IMPORT_LOST;
		note.text = p == NULL ? S("there is no such name in model_list")
		    : S("no model of this name was carried over");
	} else if (all && kind != FALLBACK_GENERAL) {
		note.fate = IMPORT_LOST;
		note.text = S("which models follow is said for each name");
	} else if (p != NULL && p->said[kind]) {
		note.fate = IMPORT_LOST;
		note.text = S("LiteLLM takes the first list for a name; so does this");
	}
	note_add(w, pair->key, path, &note);
	if (note.fate == IMPORT_LOST)
		return;
	if (p != NULL)
		p->said[kind] = true;
	read_targets(w, p, pair->value, path);
}

static void
read_kind(struct work *w, const struct node *value, enum fallback_kind kind, struct slice path)
{
	if (!is_list(w, value, kinds[kind].key))
		return;
	for (uint32_t i = 0; i < value->count; i++) {
		const struct node *each = &value->child[i];
		struct slice here = note_element(w, path, i);

		if (each->type != NODE_MAP) {
			report_error(&w->in->report, each, SAY(S("an element of `"),
			    kinds[kind].key, S("` is a map: `NAME: [NAME, NAME]`")));
			continue;
		}
		for (uint32_t j = 0; j < each->count; j++) {
			struct pair pair = { node_key(each, j), node_value(each, j) };

			read_pair(w, &pair, kind, note_path(w, here, pair.key->text));
		}
	}
}

/* Of a key in both maps LiteLLM takes the router's. */
static void
read_key(struct work *w, struct slice key, enum fallback_kind kind, bool usual)
{
	static const struct slice maps[] = { TEXT("router_settings"), TEXT("litellm_settings") };
	bool found = false;

	for (size_t i = 0; i < 2; i++) {
		struct pair p = note_find(note_find(w->root, maps[i]).value, key);
		struct slice path;

		if (p.key == NULL || p.value->type == NODE_EMPTY)
			continue;
		if (found) {
			note_text(w, p.key, IMPORT_HARMLESS, SAY(S("the list in router_settings "
			    "counts, in LiteLLM too")));
			continue;
		}
		found = true;
		path = note_path(w, maps[i], key);
		if (!usual)
			read_kind(w, p.value, kind, path);
		else if (is_list(w, p.value, key))
			read_targets(w, NULL, p.value, path);
	}
}

/* ---- aliases ---- */

static void
read_alias(struct work *w, const struct pair *p, struct slice path)
{
	struct pair model = note_find(p->value, S("model"));
	struct pair hidden = note_find(p->value, S("hidden"));
	const struct node *target = p->value->type == NODE_MAP ? model.value : p->value;
	struct import_note note = { .fate = IMPORT_CARRIED };
	struct public *to, *alias;

	if (target == NULL || target->type != NODE_TEXT) {
		report_error(&w->in->report, p->value, SAY(S("an alias stands for the name of a "
		    "model")));
		return;
	}
	if (name_find(w, p->key->text) != NULL) {
		note.fate = IMPORT_LOST;
		note.text = S("a model or another alias has this name; in LiteLLM the alias would "
		    "hide it, so name one of them otherwise");
		note_add(w, p->key, path, &note);
		return;
	}
	to = find_target(w, target, p->key, path);
	if (to == NULL)
		return;
	note_add(w, p->key, path, &note);
	setting_walk(w, p->value, ALIAS, path);
	if (value_is_true(hidden.value))
		note_text(w, hidden.key, IMPORT_CHANGED, SAY(S("it is listed in /v1/models too")));
	alias = name_add(w, p->key->text);
	if (alias == NULL)
		return;
	alias->node = p->key;
	alias->path = path;
	alias->alias_of = to->alias_of;
}

static void
read_aliases(struct work *w, struct slice map, struct slice key)
{
	struct pair p = note_find(note_find(w->root, map).value, key);
	struct slice path = note_path(w, map, key);

	if (p.value == NULL || p.value->type == NODE_EMPTY)
		return;
	if (p.value->type != NODE_MAP) {
		report_error(&w->in->report, p.value, SAY(S("`"), key, S("` must be a map of "
		    "aliases, each with the name that it stands for")));
		return;
	}
	for (uint32_t i = 0; i < p.value->count; i++) {
		struct pair each = { node_key(p.value, i), node_value(p.value, i) };

		read_alias(w, &each, note_path(w, path, each.key->text));
	}
}

void
fallback_read_all(struct work *w)
{
	w->general_last = &w->general;
	read_aliases(w, S("router_settings"), S("model_group_alias"));
	read_aliases(w, S("litellm_settings"), S("model_alias_map"));
	for (enum fallback_kind kind = 0; kind < FALLBACK_KINDS; kind++)
		read_key(w, kinds[kind].key, kind, false);
	read_key(w, S("default_fallbacks"), FALLBACK_GENERAL, true);
}
