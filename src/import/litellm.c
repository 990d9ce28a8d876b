/* SPDX-License-Identifier: Apache-2.0 */
/* litellm - the config.yaml of a LiteLLM proxy, from its bytes to the result. */
#include "run/heap.h"
#include "core/limit.h"
#include "import/work.h"

static const struct {
	struct slice	name, prefer, text;
} strategies[] = {
#define STRATEGY(name, prefer, text)						\
	{ { name, sizeof(name) - 1 }, { prefer, sizeof(prefer) - 1 }, { text, sizeof(text) - 1 } },
#include "import/strategy.tbl"
#undef STRATEGY
};

/* ---- the maps of settings ---- */

static void
read_strategy(struct work *w, const struct node *router)
{
	struct pair p = note_find(router, S("routing_strategy"));

	if (!value_is_text(w, &p))
		return;
	for (size_t i = 0; i < sizeof strategies / sizeof strategies[0]; i++) {
		if (!slice_eq(strategies[i].name, p.value->text))
			continue;
		w->prefer = strategies[i].prefer;
		if (strategies[i].text.len > 0)
			note_text(w, p.key, IMPORT_CHANGED, SAY(strategies[i].text));
		return;
	}
	note_text(w, p.key, IMPORT_LOST, SAY(S("this strategy is not known here; groups keep their "
	    "order")));
}

static void
read_timeout(struct work *w, const struct node *map, struct slice key)
{
	struct pair p = note_find(map, key);
	bool rounded;
	uint64_t ms;

	if (p.key == NULL || !value_scaled(w, &p, 3, &ms, &rounded))
		return;
	w->first_byte_ms = ms > 0 && ms < FIRST_BYTE_WAIT_MS ? ms : 0;
	if (ms == 0 || ms > FIRST_BYTE_WAIT_MS)
		note_text(w, p.key, IMPORT_CHANGED, SAY(S("the first byte of an answer is waited "
		    "for five minutes at most")));
}

static void
read_master(struct work *w, const struct node *general)
{
	struct pair p = note_find(general, S("master_key"));

	if (value_is_text(w, &p) && p.value->text.len > 0)
		w->master = name_variable(w, &p, S("LITELLM_MASTER"));
}

/* The map of a key of the file, or NULL; anything else is a mistake. */
static const struct node *
find_map(struct work *w, struct slice key)
{
	struct pair p = note_find(w->root, key);

	if (p.value == NULL || p.value->type == NODE_EMPTY)
		return NULL;
	if (p.value->type == NODE_MAP)
		return p.value;
	report_error(&w->in->report, p.value, SAY(S("`"), key, S("` must be a map")));
	return NULL;
}

static void
read_settings(struct work *w)
{
	const struct node *litellm = find_map(w, S("litellm_settings"));
	const struct node *router = find_map(w, S("router_settings"));
	const struct node *general = find_map(w, S("general_settings"));

	if (litellm != NULL) {
		setting_walk(w, litellm, LITELLM, S("litellm_settings"));
		read_timeout(w, litellm, S("request_timeout"));
	}
	if (router != NULL) {
		setting_walk(w, router, ROUTER, S("router_settings"));
		read_strategy(w, router);
		read_timeout(w, router, S("timeout"));
	}
	if (general != NULL) {
		setting_walk(w, general, GENERAL, S("general_settings"));
		read_master(w, general);
	}
}

static void
read_credentials(struct work *w)
{
	struct pair list = note_find(w->root, S("credential_list"));

	if (list.value == NULL || list.value->type == NODE_EMPTY)
		return;
	if (list.value->type != NODE_LIST) {
		report_error(&w->in->report, list.value, SAY(S("`credential_list` must be a "
		    "list")));
		return;
	}
	for (uint32_t i = 0; i < list.value->count; i++) {
		struct slice path = note_element(w, S("credential_list"), i);
		struct pair values = note_find(&list.value->child[i], S("credential_values"));

		setting_walk(w, &list.value->child[i], CREDENTIAL, path);
		if (values.value != NULL)
			setting_walk(w, values.value, VALUES,
			    note_path(w, path, S("credential_values")));
	}
}

static void
read_variables(struct work *w)
{
	w->variables = find_map(w, S("environment_variables"));
	w->variable_used = arena_zero(w->arena, w->variables == NULL ? 1 : w->variables->count + 1);
}

/* LiteLLM sets them for itself; here they come from outside, if anything asks for them. */
static void
tell_variables(struct work *w)
{
	for (uint32_t i = 0; w->variables != NULL && i < w->variables->count; i++) {
		const struct node *key = node_key(w->variables, i);
		struct import_note note = { .fate = IMPORT_HARMLESS,
		    .text = S("nothing that was carried over asks for it") };

		if (w->variable_used[i])
			note = (struct import_note){ .fate = IMPORT_CARRIED };
		for (uint32_t j = 0; j < w->in->variable_count; j++)
			if (slice_eq(w->in->variable[j], key->text))
				note = (struct import_note){ .fate = IMPORT_TODO, .text = S("a "
				    "configuration sets no variables; set it in the environment of "
				    "the gateway") };
		note_add(w, key, note_path(w, S("environment_variables"), key->text), &note);
	}
}

/* ---- the whole ---- */

static bool
work_init(struct work *w, const struct node *list)
{
	w->deployment = arena_zero(w->arena, (MODEL_MAX + 1) * sizeof *w->deployment);
	w->public = arena_zero(w->arena, GROUP_MAX * sizeof *w->public);
	w->literal = arena_zero(w->arena, (MODEL_MAX + 2) * sizeof *w->literal);
	w->in->variable = arena_zero(w->arena, (MODEL_MAX + 2) * sizeof *w->in->variable);
	if (list->count > MODEL_MAX)
		report_error(&w->in->report, list, SAY(S("there are more than 1024 models")));
	return w->deployment != NULL && w->public != NULL && w->literal != NULL &&
	    w->in->variable != NULL && list->count <= MODEL_MAX;
}

static const struct node *
find_list(struct work *w)
{
	struct pair p = note_find(w->root, S("model_list"));

	if (w->root->type != NODE_MAP)
		report_error(&w->in->report, w->root, SAY(S("this is no configuration of a LiteLLM "
		    "proxy: it must be a map with a `model_list`")));
	else if (p.value == NULL)
		report_error(&w->in->report, w->root, SAY(S("there is no `model_list`; models that "
		    "are kept in a database cannot be read")));
	else if (p.value->type != NODE_LIST || p.value->count == 0)
		report_error(&w->in->report, p.value, SAY(S("`model_list` must be a list of "
		    "models, with at least one")));
	else
		return p.value;
	return NULL;
}

static void
run(struct work *w)
{
	const struct node *list = find_list(w);

	if (list == NULL || !work_init(w, list))
		return;
	setting_walk(w, w->root, TOP, S(""));
	read_variables(w);
	if (!name_mention_all(w))
		return;
	read_credentials(w);
	read_settings(w);
	deployment_read_all(w, list);
	fallback_read_all(w);
	tell_variables(w);
	if (w->in->report.errors > 0)
		return;
	if (w->deployment_count == 0)
		report_error(&w->in->report, list, SAY(S("none of these models can be carried "
		    "over")));
	else
		write_all(w);
}

/* No line of such a file is ever shown: keys stand in it as they are. */
enum err
import_litellm(struct slice yaml, const struct import_options *options, struct import *in)
{
	struct work *w;

	*in = (struct import){ .models = 0 };
	arena_init(&in->arena, heap_memory(), CONF_ARENA_MAX);
	report_init(&in->report, options->file);
	w = arena_zero(&in->arena, sizeof *w);
	if (w == NULL || in->report.message == NULL)
		return ERR_MEMORY;
	report_hide(&in->report, 0, UINT32_MAX);
	w->in = in;
	w->arena = &in->arena;
	w->options = options;
	if (yaml.len > CONF_BYTES_MAX)
		report_error(&in->report, NULL, SAY(S("the file is larger than 8388608 bytes")));
	else
		w->root = node_parse(w->arena, yaml, options->hash_key, &in->report);
	if (w->root != NULL && in->report.errors == 0)
		run(w);
	if (arena_overflowed(&in->arena))
		return ERR_MEMORY;
	report_sort(&in->report, yaml);
	note_sort(in);
	if (in->report.errors > 0)
		in->yaml = slice_of(NULL, 0);
	must(in->report.errors > 0 || in->yaml.len > 0);
	return in->report.errors > 0 ? ERR_CONF : ERR_OK;
}

void
import_release(struct import *in)
{
	report_release(&in->report);
	arena_release(&in->arena);
}
