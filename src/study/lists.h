/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STUDY_LISTS_H
#define STUDY_LISTS_H

/*
 * lists - lists of words become the gazetteer's file.
 *
 * A list has one word or phrase a line, up to a tab or a comma; what its words
 * are is the list's class.  A lexicon has lines of a role, a colon and words with
 * commas between them; # begins a comment.  A word that stands in several lists
 * is all of those; it has one role, its last.
 */

#include "core/err.h"
#include "core/must.h"
#include "core/text.h"
#include "name/gazetteer.h"

struct lists {
	struct arena	*arena;
	struct lists_word {
		uint32_t	hash;
		uint16_t	is;
	} *at;			/* an open hash table; is 0 where nothing is */
	uint32_t	 count, room;
	uint32_t	 line;		/* that was read last */
};

/* ERR_MEMORY. */
must_use enum err lists_init(struct lists *, struct arena *);

/* A set of enum gazetteer_is for the name of a class; 0 for an unknown one. */
unsigned lists_class(struct slice name);

/* Takes the words of another gazetteer over, with these bits of what they are. */
must_use enum err lists_keep(struct lists *, struct slice file, unsigned is);

/* ERR_MEMORY. */
must_use enum err lists_read(struct lists *, struct slice list, unsigned is);

/* ERR_MEMORY; ERR_CONF if l->line has no role that is known. */
must_use enum err lists_read_lexicon(struct lists *, struct slice lexicon);

/* The gazetteer's file. */
must_use enum err lists_put(const struct lists *, struct text *out);

#endif
