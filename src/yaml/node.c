/* SPDX-License-Identifier: Apache-2.0 */
#include "yaml/node.h"

#include <yaml.h>

#include "yaml/report.h"
#include "core/limit.h"

/*
 * Events arrive in the order of the file.  Children of one list or map must lie
 * side by side in the end, so each open collection gathers them in a chain and
 * copies them to an array when it closes.
 */
struct link {
	struct node	 node;
	struct link	*next;
};

struct open {
	struct node	  node;
	struct link	 *first;
	struct link	**last;
	uint32_t	  children;
};

struct reader {
	yaml_parser_t		 yaml;
	struct slice		 bytes;
	struct arena		*arena;
	struct report	*report;
	const struct hash_key	*hash_key;
	struct open		 open[CONF_DEPTH_MAX + 1];	/* [0] holds the root */
	uint32_t		 depth;
	bool			 failed;
};

static void
reader_fail(struct reader *r, yaml_mark_t at, const struct slice *words, size_t count)
{
	report_at(r->report, (uint32_t)at.line + 1, (uint32_t)at.column + 1, words, count);
	r->failed = true;
}

/* The place of a byte, for errors that libyaml gives as an offset. */
static yaml_mark_t
mark_at(struct slice bytes, size_t offset)
{
	yaml_mark_t mark = { 0 };

	for (size_t i = 0; i < offset && i < bytes.len; i++) {
		mark.column++;
		if (bytes.ptr[i] != '\n')
			continue;
		mark.line++;
		mark.column = 0;
	}
	return mark;
}

static struct slice
c_text(const char *s)
{
	return s == NULL ? slice_of(NULL, 0) : slice_of(s, strlen(s));
}

/* True if the character at a mark is a tab: libyaml's words for it help nobody. */
static bool
is_tab(struct slice bytes, yaml_mark_t at)
{
	size_t line = 0, i = 0;

	while (i < bytes.len && line < at.line)
		line += bytes.ptr[i++] == '\n';
	return at.column < bytes.len - i && bytes.ptr[i + at.column] == '\t';
}

/* Turns libyaml's own error into a message. */
static void
reader_syntax(struct reader *r)
{
	yaml_parser_t *y = &r->yaml;
	char room[20];

	if (y->error == YAML_READER_ERROR) {
		reader_fail(r, mark_at(r->bytes, y->problem_offset), SAY(
		    S("this is not UTF-8 text: "), c_text(y->problem)));
		return;
	}
	if (y->error == YAML_MEMORY_ERROR) {
		reader_fail(r, y->mark, SAY(S("there is no memory to read this file")));
		return;
	}
	if (is_tab(r->bytes, y->problem_mark)) {
		reader_fail(r, y->problem_mark, SAY(
		    S("YAML allows no tab here; indent with spaces")));
		return;
	}
	if (y->context == NULL || y->context_mark.line == y->problem_mark.line) {
		reader_fail(r, y->problem_mark, SAY(
		    S("this is not YAML: "), c_text(y->problem)));
		return;
	}
	reader_fail(r, y->problem_mark, SAY(S("this is not YAML: "), c_text(y->problem), S(", "),
	    c_text(y->context), S(" that began in line "),
	    report_number(room, y->context_mark.line + 1)));
}

static struct node
node_at(enum node_type type, const yaml_event_t *event)
{
	return (struct node){
		.type = type,
		.line = (uint32_t)event->start_mark.line + 1,
		.column = (uint32_t)event->start_mark.column + 1,
		.end_line = (uint32_t)event->end_mark.line + 1,
	};
}

/* Puts a finished node into the innermost open collection. */
static void
reader_add(struct reader *r, const struct node *node)
{
	struct open *open = &r->open[r->depth];
	struct link *link = arena_alloc(r->arena, sizeof *link);

	if (link == NULL) {
		r->failed = true;
		return;
	}
	*link = (struct link){ .node = *node };
	*open->last = link;
	open->last = &link->next;
	open->children++;
}

static void
reader_open(struct reader *r, enum node_type type, const yaml_event_t *event)
{
	if (r->depth == CONF_DEPTH_MAX) {
		reader_fail(r, event->start_mark, SAY(S("this is nested too deeply")));
		return;
	}
	struct open *open = &r->open[++r->depth];

	*open = (struct open){ .node = node_at(type, event), .last = &open->first };
}

static bool
is_key_place(const struct reader *r)
{
	const struct open *open = &r->open[r->depth];

	return open->node.type == NODE_MAP && open->children % 2 == 0;
}

/*
 * Finds keys that stand twice in one map, in time linear in their number: the
 * table holds indexes of pairs, found by hash.
 */
static void
reader_check_keys(struct reader *r, const struct node *map)
{
	size_t size = 16;
	uint32_t *slot;
	char room[20];

	while (size < 2 * (size_t)map->count)
		size *= 2;
	slot = arena_zero(r->arena, size * sizeof *slot);
	for (uint32_t i = 0; slot != NULL && i < map->count; i++) {
		const struct node *key = node_key(map, i);
		size_t at = hash_64(r->hash_key, key->text) & (size - 1);

		while (slot[at] != 0 && !slice_eq(node_key(map, slot[at] - 1)->text, key->text))
			at = (at + 1) & (size - 1);
		if (slot[at] == 0) {
			slot[at] = i + 1;
			continue;
		}
		report_error(r->report, key, SAY(S("`"), key->text,
		    S("` stands twice in this map; the first is in line "),
		    report_number(room, node_key(map, slot[at] - 1)->line)));
	}
}

static void
reader_close(struct reader *r, const yaml_event_t *event)
{
	struct open *open = &r->open[r->depth];
	struct node *child = arena_alloc(r->arena, (open->children + 1) * sizeof *child);
	uint32_t n = 0;

	if (child == NULL) {
		r->failed = true;
		return;
	}
	for (struct link *link = open->first; link != NULL; link = link->next)
		child[n++] = link->node;
	open->node.child = child;
	open->node.count = open->node.type == NODE_MAP ? n / 2 : n;
	open->node.end_line = (uint32_t)event->end_mark.line + 1;
	if (open->node.type == NODE_MAP)
		reader_check_keys(r, &open->node);
	r->depth--;
	reader_add(r, &open->node);
}

static bool
is_nothing(struct slice s)
{
	return s.len == 0 || slice_eq(s, S("~")) || slice_eq(s, S("null")) ||
	    slice_eq(s, S("Null")) || slice_eq(s, S("NULL"));
}

static void
reader_scalar(struct reader *r, const yaml_event_t *event)
{
	struct slice text = slice_of((const char *)event->data.scalar.value,
	    event->data.scalar.length);
	struct node node = node_at(NODE_TEXT, event);

	for (size_t i = 0; i < text.len; i++) {
		if ((unsigned char)text.ptr[i] >= 0x20 && text.ptr[i] != 0x7f)
			continue;
		reader_fail(r, event->start_mark, SAY(
		    S("this text has a line break or a control character")));
		report_hide(r->report, node.line, node.end_line);
		return;
	}
	node.quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
	if (!node.quoted && is_nothing(text))
		node.type = NODE_EMPTY;
	if (is_key_place(r) && !node.quoted && slice_eq(text, S("<<"))) {
		reader_fail(r, event->start_mark, SAY(
		    S("merge keys are not read here; write the values out")));
		return;
	}
	node.text = arena_copy(r->arena, text);
	reader_add(r, &node);
}

static bool
has_anchor_or_tag(const yaml_event_t *event)
{
	switch (event->type) {
	case YAML_SCALAR_EVENT:
		return event->data.scalar.anchor != NULL || event->data.scalar.tag != NULL;
	case YAML_SEQUENCE_START_EVENT:
		return event->data.sequence_start.anchor != NULL ||
		    event->data.sequence_start.tag != NULL;
	case YAML_MAPPING_START_EVENT:
		return event->data.mapping_start.anchor != NULL ||
		    event->data.mapping_start.tag != NULL;
	default:
		return false;
	}
}

static void
reader_collection(struct reader *r, enum node_type type, const yaml_event_t *event)
{
	if (is_key_place(r))
		reader_fail(r, event->start_mark, SAY(
		    S("a key must be a word, not a list or a map")));
	else
		reader_open(r, type, event);
}

/* Takes one event in; false at the end of the stream. */
static bool
reader_event(struct reader *r, const yaml_event_t *event)
{
	if (has_anchor_or_tag(event)) {
		reader_fail(r, event->start_mark, SAY(S("anchors (&) and tags (!) are not read "
		    "here; write plain values, or quote them")));
		return true;
	}
	switch (event->type) {
	case YAML_STREAM_END_EVENT:
		return false;
	case YAML_DOCUMENT_START_EVENT:
		if (r->open[0].children > 0)
			reader_fail(r, event->start_mark, SAY(
			    S("a second document begins here; a configuration is one document")));
		break;
	case YAML_ALIAS_EVENT:
		reader_fail(r, event->start_mark, SAY(
		    S("aliases (*) are not read here; write the value out, or quote it")));
		break;
	case YAML_SCALAR_EVENT:
		reader_scalar(r, event);
		break;
	case YAML_SEQUENCE_START_EVENT:
		reader_collection(r, NODE_LIST, event);
		break;
	case YAML_MAPPING_START_EVENT:
		reader_collection(r, NODE_MAP, event);
		break;
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		reader_close(r, event);
		break;
	default:
		break;
	}
	return true;
}

static void
reader_run(struct reader *r)
{
	bool more = true;

	while (more && !r->failed) {
		yaml_event_t event;

		if (yaml_parser_parse(&r->yaml, &event) == 0) {
			reader_syntax(r);
			return;
		}
		more = reader_event(r, &event);
		yaml_event_delete(&event);
	}
}

const struct node *
node_parse(struct arena *arena, struct slice yaml, const struct hash_key *hash_key,
    struct report *report)
{
	struct reader *r = arena_zero(arena, sizeof *r);
	struct node *root = arena_zero(arena, sizeof *root);

	if (r == NULL || root == NULL || yaml_parser_initialize(&r->yaml) == 0)
		return NULL;
	if (slice_starts(yaml, S("\xef\xbb\xbf")))
		yaml = slice_cut(yaml, 3, yaml.len);	/* a byte order mark */
	r->bytes = yaml;
	r->arena = arena;
	r->report = report;
	r->hash_key = hash_key;
	r->open[0].last = &r->open[0].first;
	yaml_parser_set_encoding(&r->yaml, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&r->yaml, (const unsigned char *)yaml.ptr, yaml.len);
	reader_run(r);
	yaml_parser_delete(&r->yaml);
	if (r->failed || arena_overflowed(arena))
		return NULL;
	if (r->open[0].first != NULL)
		*root = r->open[0].first->node;
	return root;
}

const struct node *
node_find(const struct node *map, struct slice key)
{
	for (uint32_t i = 0; map->type == NODE_MAP && i < map->count; i++)
		if (slice_eq(node_key(map, i)->text, key))
			return node_value(map, i);
	return NULL;
}
