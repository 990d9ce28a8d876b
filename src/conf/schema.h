/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CONF_SCHEMA_H
#define CONF_SCHEMA_H

/*
 * schema - conf.tbl as rows, and reading a map by them.
 *
 * schema_read() checks one map of the file against one map of the table:
 * unknown keys, missing keys, values of the wrong type.  What it hands on is
 * right as far as the table can say, so the code behind it asks for values and
 * never for types; a value that was wrong was reported and is handed on as
 * absent.  A row's enum name is MAP_key: `field_at(&fields, MODEL_zone)`.
 */

#include "yaml/node.h"
#include "yaml/report.h"

enum schema_type {
	TAKES_MAP_ROW,			/* not a key: opens a map */
	TAKES_NAME,
	TAKES_TEXT,
	TAKES_WORD,
	TAKES_COUNT,
	TAKES_SWITCH,
	TAKES_MONEY,
	TAKES_USD,
	TAKES_SECRET,
	TAKES_FILE,
	TAKES_NAMES,
	TAKES_TEXTS,
	TAKES_MAP,
	TAKES_TABLE,
	TAKES_LIST,
	TAKES_ANY,
	TAKES_LATER,
};

enum schema_row {
#define MAP(map, path, what)						ROW_##map,
#define KEY(map, name, type, need, low, high, of, usual, what)	map##_##name,
#define KEY_OF(map, whose, name, type, need, low, high, of, usual, what)	\
	map##_##whose##_##name,
#include "conf/conf.tbl"
#undef MAP
#undef KEY
#undef KEY_OF
	SCHEMA_ROWS
};

struct schema {
	enum schema_type	type;
	bool			need;
	struct slice		name;		/* of a MAP row: its path */
	uint64_t		low, high;
	struct slice		of, usual, what;
};

extern const struct schema schema_row[SCHEMA_ROWS];

/* The most keys of one map. */
#define FIELDS_MAX	40

struct fields {
	const struct node	*map;
	enum schema_row		 row;		/* the map's */
	const struct node	*at[FIELDS_MAX];	/* by row behind the map's */
};

/* False when the node is no map; *out is then empty and usable all the same. */
bool schema_read(const struct node *, enum schema_row map, struct report *,
    struct fields *out);

/* True if s is a good name; *why says what is wrong. */
bool schema_name(struct slice s, const char **why);

/* A field's node; NULL: not there, or wrong. */
const struct node *field_at(const struct fields *, enum schema_row);

/* The values of fields that schema_read() let through; `usual` where absent. */
uint64_t field_count(const struct fields *, enum schema_row, uint64_t usual);
bool field_switch(const struct fields *, enum schema_row);
struct slice field_text(const struct fields *, enum schema_row, struct slice usual);

/* The index of a WORD field's word in its row, or `usual`. */
unsigned field_word(const struct fields *, enum schema_row, unsigned usual);

/* The n-th of words that are separated by spaces; absent past the last. */
struct slice schema_word(struct slice words, unsigned n);

#endif
