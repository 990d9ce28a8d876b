/* SPDX-License-Identifier: Apache-2.0 */

/*
 * litellm - any bytes as a configuration of LiteLLM.
 *
 * Detached, so that no environment is asked.  What is made must load, with as
 * many models, groups and keys as is said, and twice the same; what is not made
 * must have a mistake.  Every key of an input that was taken has a note, or
 * stands in something that has one which speaks of all of it.  Notes and
 * messages are inside the file and are printable.
 */

#include "import/import.h"

#include <stdlib.h>

#include "run/heap.h"
#include "yaml/node.h"
#include "core/limit.h"
#include "core/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct hash_key hash_key = { { 1, 2 } };
static const struct import_options options = {
	.hash_key = &hash_key, .file = { "fuzz", 4 }, .detached = true,
};

static void
check_printable(struct slice s)
{
	must(utf8_valid(s) == s.len);
	for (size_t i = 0; i < s.len; i++)
		must((unsigned char)s.ptr[i] >= 0x20 && s.ptr[i] != 0x7f);
}

static void
check_notes(const struct import *in, struct slice yaml)
{
	uint32_t lines = 2, fates[IMPORT_FATES] = { 0 };

	for (size_t i = 0; i < yaml.len; i++)
		lines += yaml.ptr[i] == '\n' || yaml.ptr[i] == '\r' || (uint8_t)yaml.ptr[i] >= 0x80;
	for (uint32_t i = 0; i < in->note_count; i++) {
		const struct import_note *note = &in->note[i];

		must(note->line > 0 && note->line <= lines && note->column > 0);
		must(note->text.len > 0 || note->fate == IMPORT_CARRIED);
		check_printable(note->path);
		check_printable(note->text);
		fates[note->fate]++;
	}
	must(memcmp(fates, in->fates, sizeof fates) == 0);
	for (uint32_t i = 0; i < in->report.count; i++)
		check_printable(in->report.message[i].text);
}

static bool
has_note(const struct import *in, const struct node *node, bool *of_all)
{
	bool found = false;

	for (uint32_t i = 0; i < in->note_count; i++) {
		if (in->note[i].line != node->line || in->note[i].column != node->column)
			continue;
		found = true;
		*of_all |= in->note[i].fate != IMPORT_CARRIED;
	}
	return found;
}

static void
check_noted(const struct import *in, const struct node *node, bool covered)
{
	for (uint32_t i = 0; node->type == NODE_LIST && i < node->count; i++) {
		bool inside = covered;

		(void)has_note(in, &node->child[i], &inside);
		check_noted(in, &node->child[i], inside);
	}
	for (uint32_t i = 0; node->type == NODE_MAP && i < node->count; i++) {
		bool inside = covered;

		must(has_note(in, node_key(node, i), &inside) || covered);
		check_noted(in, node_value(node, i), inside);
	}
}

static void
check_silence(const struct import *in, struct slice yaml)
{
	const struct node *root;
	struct report report;
	struct arena arena;

	arena_init(&arena, heap_memory(), CONF_ARENA_MAX);
	report_init(&report, S("fuzz"));
	root = node_parse(&arena, yaml, &hash_key, &report);
	must(root != NULL);
	check_noted(in, root, false);
	report_release(&report);
	arena_release(&arena);
}

static void
check_result(const struct import *in)
{
	struct conf_options conf = { .hash_key = &hash_key, .workers = 1, .detached = true };
	struct snapshot *s = NULL;
	struct report report;

	report_init(&report, S("made"));
	must(conf_load(in->yaml, &conf, &report, &s) == ERR_OK);
	must(s->model_count == in->models && s->group_count == in->groups &&
	    s->key_count == in->keys);
	report_release(&report);
	snapshot_unref(s);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice yaml = slice_of((const char *)data, size);
	struct import in, again;
	enum err e = import_litellm(yaml, &options, &in);

	must(e == ERR_OK || e == ERR_CONF);
	must((e == ERR_OK) == (in.yaml.len > 0) && (e == ERR_CONF) == (in.report.errors > 0));
	check_notes(&in, yaml);
	must(import_json(&in, true).len > 0);
	if (e == ERR_OK) {
		check_result(&in);
		check_silence(&in, yaml);
		must(import_litellm(yaml, &options, &again) == ERR_OK);
		must(slice_eq(in.yaml, again.yaml) && in.note_count == again.note_count);
		import_release(&again);
	}
	import_release(&in);
	return 0;
}
