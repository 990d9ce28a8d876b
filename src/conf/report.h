/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CONF_REPORT_H
#define CONF_REPORT_H

/*
 * report - how mistakes are put into words.
 *
 * A message is a few slices, one after the other: the program's words and, in
 * backquotes, the file's.  The latter are escaped and cut to a line's worth, so
 * a message is always one line of printable text.  Nobody passes a secret.
 */

#include "conf/load.h"
#include "conf/node.h"

#define SAY(...)								\
	(const struct slice[]){ __VA_ARGS__ },					\
	    sizeof((const struct slice[]){ __VA_ARGS__ }) / sizeof(struct slice)

/* report_error(r, node, SAY(S("unknown zone `"), name, S("`"))); a NULL node is the whole file. */
void report_error(struct conf_report *, const struct node *, const struct slice *, size_t);
void report_warning(struct conf_report *, const struct node *, const struct slice *, size_t);

/* For places that are no node. */
void report_at(struct conf_report *, uint32_t line, uint32_t column, const struct slice *, size_t);

/* Lines on which a secret was written out: nobody may show them. */
void report_hide(struct conf_report *, uint32_t from_line, uint32_t to_line);

/* True when so much is wrong that there is no use in going on. */
bool report_is_full(const struct conf_report *);

/* Puts the messages in the order of the file, and decides which of its lines may be shown. */
void report_sort(struct conf_report *, struct slice yaml);

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
