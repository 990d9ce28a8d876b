/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YAML_REPORT_H
#define YAML_REPORT_H

/*
 * report - how mistakes are put into words.
 *
 * A message is a few slices, one after the other: the program's words and, in
 * backquotes, the file's.  The latter are escaped and cut to a line's worth, so
 * a message is always one line of printable text.  Nobody passes a secret.
 */

#include "core/arena.h"
#include "core/text.h"

struct node;

struct report_message {
	bool		warning;	/* the configuration can be used all the same */
	bool		hide;		/* its line may hold a secret: do not show the line */
	uint32_t	line, column;	/* from 1; 0: about the whole file */
	struct slice	text;		/* what is wrong and what to do: one printable line */
};

struct report {
	struct arena		 arena;		/* holds the messages */
	struct slice		 file;		/* its name, for messages */
	struct report_message	*message;	/* in the order of the file */
	uint32_t		 count;
	uint32_t		 errors;	/* messages that are not warnings */
	uint64_t		*hidden;	/* lines that may hold secrets: from << 32 | to */
	uint32_t		 hidden_count;
	const struct node	*about_at;	/* where messages stand, while not NULL */
	struct slice		 about;		/* and how they begin */
};

void report_init(struct report *, struct slice file);
void report_release(struct report *);

/* Writes "FILE:LINE:COLUMN: error: TEXT" and a line feed. */
void report_put(const struct report *, uint32_t index, struct text *out);

#define SAY(...)								\
	(const struct slice[]){ __VA_ARGS__ },					\
	    sizeof((const struct slice[]){ __VA_ARGS__ }) / sizeof(struct slice)

/* report_error(r, node, SAY(S("unknown zone `"), name, S("`"))); a NULL node is the whole file. */
void report_error(struct report *, const struct node *, const struct slice *, size_t);
void report_warning(struct report *, const struct node *, const struct slice *, size_t);

/* For places that are no node. */
void report_at(struct report *, uint32_t line, uint32_t column, const struct slice *, size_t);

/*
 * From here on messages stand at a node of the file and begin with `what` and a
 * colon, for text that the file names and does not hold; NULL: no longer so.
 */
void report_about(struct report *, const struct node *, struct slice what);

/* Lines on which a secret was written out: nobody may show them. */
void report_hide(struct report *, uint32_t from_line, uint32_t to_line);

/* True when so much is wrong that there is no use in going on. */
bool report_is_full(const struct report *);

/* Puts the messages in the order of the file, and decides which of its lines may be shown. */
void report_sort(struct report *, struct slice yaml);

/* The nearest of several words, for "did you mean": absent when none is near. */
struct nearest {
	struct slice	word;		/* what was written */
	struct slice	best;
	unsigned	distance;
};

void nearest_try(struct nearest *, struct slice candidate);
struct slice nearest_word(const struct nearest *);

/* A number as text, in `room`. */
struct slice report_number(char room[static 20], uint64_t);

#endif
