/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/schema.h"

#include "core/limit.h"
#include "core/price.h"

#define TEXT(literal)	{ literal, sizeof(literal) - 1 }

const struct schema schema_row[SCHEMA_ROWS] = {
#define MAP(map, path, text)	{ .type = TAKES_MAP_ROW, .name = TEXT(path), .what = TEXT(text) },
#define KEY(map, key, kind, must_be, lowest, highest, words, else_, text)	\
	{ .type = TAKES_##kind, .need = must_be, .name = TEXT(#key), .low = lowest,	\
	  .high = highest, .of = TEXT(words), .usual = TEXT(else_), .what = TEXT(text) },
#define KEY_OF(map, whose, key, kind, must_be, lowest, highest, words, else_, text)	\
	{ .type = TAKES_##kind, .need = must_be, .name = TEXT(#whose "." #key), .low = lowest,	\
	  .high = highest, .of = TEXT(words), .usual = TEXT(else_), .what = TEXT(text) },
#include "conf/conf.tbl"
#undef MAP
#undef KEY
#undef KEY_OF
};

static struct slice
type_words(const struct node *node)
{
	switch (node->type) {
	case NODE_EMPTY:
		return S("nothing");
	case NODE_TEXT:
		return S("text");
	case NODE_LIST:
		return S("a list");
	default:
		return S("a map");
	}
}

bool
schema_name(struct slice s, const char **why)
{
	if (s.len == 0 || s.len > NAME_BYTES_MAX) {
		*why = s.len == 0 ? "is empty" : "is longer than 128 bytes";
		return false;
	}
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];
		bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		    (c >= '0' && c <= '9');

		if (plain || (i > 0 && memchr("._:/@+-", c, 7) != NULL))
			continue;
		*why = i == 0 ? "does not begin with a letter or a digit"
		    : "has a character that is not a letter, a digit or one of ._:/@+-";
		return false;
	}
	return true;
}

struct slice
schema_word(struct slice words, unsigned n)
{
	for (;; n--) {
		size_t end = slice_find(words, S(" "));

		if (n == 0)
			return words.len == 0 ? slice_of(NULL, 0) : slice_cut(words, 0, end);
		words = slice_cut(words, end + (end < words.len), words.len);
	}
}

/* The index of a word, or -1. */
static int
word_find(struct slice words, struct slice word)
{
	struct slice each;

	for (unsigned i = 0; (each = schema_word(words, i)).len > 0; i++)
		if (slice_eq(each, word))
			return (int)i;
	return -1;
}

static bool
check_word(const struct schema *row, const struct node *node, struct report *report)
{
	struct nearest nearest = { .word = node->text };
	struct slice each, near;
	struct text words;
	char room[128];

	if (word_find(row->of, node->text) >= 0)
		return true;
	text_init(&words, room, sizeof room);
	for (unsigned i = 0; (each = schema_word(row->of, i)).len > 0; i++) {
		nearest_try(&nearest, each);
		text_put(&words, i == 0 ? S("it takes ") : S(", "));
		text_put(&words, each);
	}
	near = nearest_word(&nearest);
	if (near.len > 0)
		report_error(report, node, SAY(S("`"), row->name, S("` cannot be `"), node->text,
		    S("`; did you mean `"), near, S("`? ("), text_slice(&words), S(")")));
	else
		report_error(report, node, SAY(S("`"), row->name, S("` cannot be `"), node->text,
		    S("`; "), text_slice(&words)));
	return false;
}

static bool
check_count(const struct schema *row, const struct node *node, struct report *report)
{
	char low[20], high[20];
	uint64_t n;

	if (!node->quoted && slice_number(node->text, &n) && n >= row->low && n <= row->high &&
	    (node->text.ptr[0] != '0' || node->text.len == 1))
		return true;
	report_error(report, node, SAY(S("`"), row->name, S("` must be a whole number from "),
	    report_number(low, row->low), S(" to "), report_number(high, row->high),
	    S(", not `"), node->text, node->quoted ? S("` in quotes") : S("`")));
	return false;
}

static bool
check_money(const struct schema *row, const struct node *node, struct report *report)
{
	pico_usd price;

	if (price_read(node->text, &price))
		return true;
	report_error(report, node, SAY(S("`"), row->name, S("` must be dollars per million tokens, "
	    "with at most six decimals (0.15), not `"), node->text, S("`")));
	return false;
}

static bool
check_usd(const struct schema *row, const struct node *node, struct report *report)
{
	nano_usd amount;

	if (price_read_usd(node->text, &amount))
		return true;
	report_error(report, node, SAY(S("`"), row->name, S("` must be dollars, with at most nine "
	    "decimals (0.005), not `"), node->text, S("`")));
	return false;
}

static bool
check_switch(const struct schema *row, const struct node *node, struct report *report)
{
	if (!node->quoted && (slice_eq(node->text, S("true")) || slice_eq(node->text, S("false"))))
		return true;
	report_error(report, node, SAY(S("`"), row->name, S("` must be true or false, not `"),
	    node->text, node->quoted ? S("` in quotes") : S("`")));
	return false;
}

static bool
check_name(struct slice what, const struct node *node, struct report *report)
{
	const char *why;

	if (schema_name(node->text, &why))
		return true;
	report_error(report, node, SAY(S("the name `"), node->text, S("` of `"), what, S("` "),
	    slice_of(why, strlen(why))));
	return false;
}

static bool
check_names(const struct schema *row, const struct node *node, struct report *report)
{
	bool good = true;

	for (uint32_t i = 0; i < node->count; i++) {
		const struct node *each = &node->child[i];

		if (each->type == NODE_TEXT) {
			good &= check_name(row->name, each, report);
			continue;
		}
		report_error(report, each, SAY(S("`"), row->name,
		    S("` is a list of names; this is "), type_words(each)));
		good = false;
	}
	return good;
}

/* A secret that was written out is on its line for good: nobody shows that line. */
static bool
check_secret(const struct schema *row, const struct node *node, struct report *report)
{
	if (slice_starts(node->text, S("env:")) && node->text.len > 4)
		return true;
	if (slice_starts(node->text, S("file:")) && node->text.len > 5)
		return true;
	report_hide(report, node->line, node->end_line);
	report_error(report, node, SAY(S("`"), row->name, S("` must not stand in this file; write "
	    "env:NAME to take it from the environment, or file:PATH from a file")));
	return false;
}

static bool
is_shape(enum schema_type type, const struct node *node)
{
	switch (type) {
	case TAKES_MAP:
	case TAKES_TABLE:
		return node->type == NODE_MAP;
	case TAKES_LIST:
	case TAKES_NAMES:
	case TAKES_TEXTS:
		return node->type == NODE_LIST;
	case TAKES_ANY:
		return node->type != NODE_EMPTY;
	default:
		return node->type == NODE_TEXT;
	}
}

static struct slice
shape_words(enum schema_type type)
{
	switch (type) {
	case TAKES_MAP:
		return S("a map (`key: value` lines)");
	case TAKES_TABLE:
		return S("a map of names, each with a map");
	case TAKES_LIST:
		return S("a list of maps");
	case TAKES_NAMES:
		return S("a list of names ([a, b])");
	case TAKES_TEXTS:
		return S("a list of texts");
	case TAKES_NAME:
		return S("a name");
	case TAKES_COUNT:
		return S("a whole number");
	case TAKES_SWITCH:
		return S("true or false");
	case TAKES_MONEY:
		return S("dollars per million tokens");
	case TAKES_USD:
		return S("dollars");
	case TAKES_SECRET:
		return S("env:NAME or file:PATH");
	case TAKES_FILE:
		return S("a path");
	case TAKES_WORD:
		return S("one word");
	default:
		return S("text");
	}
}

static bool
check_value(const struct schema *row, const struct node *node, struct report *report)
{
	if (!is_shape(row->type, node)) {
		if (row->type == TAKES_SECRET)
			report_hide(report, node->line, node->end_line);
		if (node->type == NODE_EMPTY)
			report_error(report, node, SAY(S("`"), row->name,
			    S("` has no value; it takes "), shape_words(row->type)));
		else
			report_error(report, node, SAY(S("`"), row->name, S("` must be "),
			    shape_words(row->type), S(", and this is "), type_words(node)));
		return false;
	}
	switch (row->type) {
	case TAKES_NAME:
		return check_name(row->name, node, report);
	case TAKES_NAMES:
		return check_names(row, node, report);
	case TAKES_WORD:
		return check_word(row, node, report);
	case TAKES_COUNT:
		return check_count(row, node, report);
	case TAKES_SWITCH:
		return check_switch(row, node, report);
	case TAKES_MONEY:
		return check_money(row, node, report);
	case TAKES_USD:
		return check_usd(row, node, report);
	case TAKES_SECRET:
		return check_secret(row, node, report);
	default:
		return true;
	}
}

static enum schema_row
map_end(enum schema_row map)
{
	enum schema_row row = map + 1;

	while (row < SCHEMA_ROWS && schema_row[row].type != TAKES_MAP_ROW)
		row++;
	return row;
}

static struct slice
map_words(enum schema_row map)
{
	return map == ROW_FILE ? S("the configuration") : schema_row[map].name;
}

/* What the same thing is called elsewhere, where no spelling leads to our word. */
static const struct {
	enum schema_row	row;
	struct slice	other;
} other_names[] = {
	{ MODEL_vendor, { "provider", 8 } },
	{ MODEL_vendor, { "type", 4 } },
	{ MODEL_id, { "model", 5 } },
	{ MODEL_id, { "model_name", 10 } },
	{ MODEL_url, { "api_base", 8 } },
	{ MODEL_url, { "base_url", 8 } },
	{ MODEL_url, { "endpoint", 8 } },
	{ MODEL_key, { "api_key", 7 } },
	{ MODEL_key, { "token", 5 } },
	{ CALLER_secret, { "key", 3 } },
	{ CALLER_secret, { "api_key", 7 } },
	{ CALLER_id, { "name", 4 } },
	{ FILE_listen, { "port", 4 } },
	{ FILE_listen, { "bind", 4 } },
	{ FILE_models, { "model_list", 10 } },
};

static struct slice
known_word(enum schema_row map, struct slice word)
{
	struct nearest nearest = { .word = word };
	enum schema_row end = map_end(map);

	for (size_t i = 0; i < sizeof other_names / sizeof other_names[0]; i++)
		if (other_names[i].row > map && other_names[i].row < end &&
		    slice_eq(other_names[i].other, word))
			return schema_row[other_names[i].row].name;
	for (enum schema_row row = map + 1; row < end; row++)
		if (schema_row[row].type != TAKES_LATER)
			nearest_try(&nearest, schema_row[row].name);
	return nearest_word(&nearest);
}

/* What stands under a key that nobody knows may be anything; a long text may be a secret. */
static bool
may_be_secret(const struct node *node)
{
	uint32_t children = node->type == NODE_MAP ? 2 * node->count : node->count;

	if (node->type == NODE_TEXT)
		return node->text.len >= 12 && !slice_starts(node->text, S("env:")) &&
		    !slice_starts(node->text, S("file:"));
	for (uint32_t i = 0; i < children; i++)
		if (may_be_secret(&node->child[i]))
			return true;
	return false;
}

static void
report_unknown(enum schema_row map, const struct node *key, const struct node *value,
    struct report *report)
{
	struct slice near = known_word(map, key->text);

	if (may_be_secret(value))
		report_hide(report, value->line, value->end_line);
	if (near.len > 0)
		report_error(report, key, SAY(S("there is no key `"), key->text, S("` in "),
		    map_words(map), S("; did you mean `"), near, S("`?")));
	else
		report_error(report, key, SAY(S("there is no key `"), key->text, S("` in "),
		    map_words(map)));
}

static void
read_pair(const struct node *key, const struct node *value, enum schema_row map,
    struct report *report, struct fields *out)
{
	enum schema_row end = map_end(map);

	for (enum schema_row row = map + 1; row < end; row++) {
		if (!slice_eq(schema_row[row].name, key->text))
			continue;
		if (schema_row[row].type == TAKES_LATER)
			report_error(report, key, SAY(S("`"), key->text,
			    S("` is not built yet; take it out")));
		else if (check_value(&schema_row[row], value, report))
			out->at[row - map - 1] = value;
		return;
	}
	report_unknown(map, key, value, report);
}

/* Missing keys are told at the map, unless the key was there with a wrong value. */
static void
report_missing(enum schema_row map, struct report *report, const struct fields *fields)
{
	for (enum schema_row row = map + 1; row < map_end(map); row++) {
		if (!schema_row[row].need || node_find(fields->map, schema_row[row].name) != NULL)
			continue;
		report_error(report, fields->map, SAY(S("`"), schema_row[row].name,
		    S("` is missing in "), map_words(map)));
	}
}

bool
schema_read(const struct node *node, enum schema_row map, struct report *report,
    struct fields *out)
{
	must(map_end(map) - map - 1 <= FIELDS_MAX);
	*out = (struct fields){ .map = node, .row = map };
	if (node->type != NODE_MAP) {
		report_hide(report, node->line, node->end_line);
		report_error(report, node, SAY(map_words(map), S(" must be a map (`key: value` "
		    "lines), and this is "), type_words(node)));
		return false;
	}
	for (uint32_t i = 0; i < node->count; i++)
		read_pair(node_key(node, i), node_value(node, i), map, report, out);
	report_missing(map, report, out);
	return true;
}

const struct node *
field_at(const struct fields *fields, enum schema_row row)
{
	return fields->map == NULL ? NULL : fields->at[row - fields->row - 1];
}

uint64_t
field_count(const struct fields *fields, enum schema_row row, uint64_t usual)
{
	uint64_t n = usual;

	if (field_at(fields, row) != NULL)
		must(slice_number(field_at(fields, row)->text, &n));
	return n;
}

bool
field_switch(const struct fields *fields, enum schema_row row)
{
	return field_at(fields, row) != NULL && slice_eq(field_at(fields, row)->text, S("true"));
}

struct slice
field_text(const struct fields *fields, enum schema_row row, struct slice usual)
{
	return field_at(fields, row) != NULL ? field_at(fields, row)->text : usual;
}

unsigned
field_word(const struct fields *fields, enum schema_row row, unsigned usual)
{
	if (field_at(fields, row) == NULL)
		return usual;
	int n = word_find(schema_row[row].of, field_at(fields, row)->text);

	must(n >= 0);
	return (unsigned)n;
}
