/* SPDX-License-Identifier: Apache-2.0 */
#ifndef IMPORT_IMPORT_H
#define IMPORT_IMPORT_H

/*
 * import - somebody else's configuration becomes one of ours.
 *
 * import_litellm() reads the config.yaml of a LiteLLM proxy and writes a
 * configuration that loads without errors, and a note for every key of the
 * input: carried over, changed on the way, something to do, lost, or harmless
 * to lose.  Nothing is dropped without a note; a note about a list or a map is
 * about all that stands in it, unless that has notes of its own.  A key or a
 * password that stands in the input is in no output and in no message: it
 * becomes env:NAME and a note.  All results live in the import's arena.  Reads
 * no file; the environment is asked for addresses unless it is detached.
 */

#include "conf/load.h"

enum import_fate {
	IMPORT_CARRIED,
	IMPORT_CHANGED,			/* carried over, but it means something else now */
	IMPORT_TODO,			/* carried over, and somebody must do something */
	IMPORT_LOST,
	IMPORT_HARMLESS,		/* not carried over, and nobody will miss it */
	IMPORT_FATES,
};

struct import_note {
	enum import_fate	 fate;
	uint32_t		 line, column;	/* from 1 */
	struct slice		 path;		/* model_list[0].litellm_params.rpm */
	struct slice		 text;		/* why, or what to do; empty: nothing to say */
	const void		*at;		/* what it is about, while importing */
};

struct import_options {
	const struct hash_key	*hash_key;
	struct slice		 file;		/* its name, for messages */
	bool			 detached;	/* no environment */
};

struct import {
	struct arena		 arena;
	struct report	 report;	/* what is wrong with the input */
	struct import_note	*note;		/* in the order of the input */
	uint32_t		 note_count, note_room;
	uint32_t		 fates[IMPORT_FATES];
	uint32_t		 models, groups, keys;
	struct slice		*variable;	/* names that the result wants in the environment */
	uint32_t		 variable_count;
	struct slice		 yaml;		/* the result */
};

/*
 * ERR_CONF with errors in the report, and perhaps notes that say why; ERR_MEMORY.
 * Release it in every case.
 */
must_use enum err import_litellm(struct slice yaml, const struct import_options *,
    struct import *out);
void import_release(struct import *);

/* "FILE:LINE:COLUMN: FATE: PATH: TEXT" and a line feed. */
void import_put_note(const struct import *, uint32_t index, struct text *);

/*
 * All of it as one JSON object and a line feed, in the arena: with the result
 * in it if `whole`.  Empty when memory ran out.
 */
struct slice import_json(struct import *, bool whole);

struct slice import_fate_word(enum import_fate);

#endif
