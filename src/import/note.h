/* SPDX-License-Identifier: Apache-2.0 */
#ifndef IMPORT_NOTE_H
#define IMPORT_NOTE_H

/*
 * note - what became of each key of the input.
 *
 * Reading a map makes a note for each key (setting_walk()); the code that looks
 * at a key then changes its note, which is found by its node.  Paths and texts
 * are copied to the import's arena; words of the input in them are cut.
 */

#include "yaml/node.h"
#include "yaml/report.h"
#include "import/import.h"

struct work;

/* A key with its value; both NULL when it is not there. */
struct pair {
	const struct node	*key, *value;
};

struct pair note_find(const struct node *map, struct slice key);

/* A note about a place, with the fate and the text of the last argument. */
void note_add(struct work *, const struct node *, struct slice path, const struct import_note *);

/* Changes the newest note about a node, or adds one if that has its say; SAY(...) at the end. */
void note_text(struct work *, const struct node *, enum import_fate, const struct slice *, size_t);

/* In the order of the input, and counted. */
void note_sort(struct import *);

/* PATH.key and PATH[i]. */
struct slice note_path(struct work *, struct slice path, struct slice key);
struct slice note_element(struct work *, struct slice path, uint32_t index);

#endif
