/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DIALECT_OPENAI_TEXT_H
#define DIALECT_OPENAI_TEXT_H

/*
 * openai_text - every text of a request, wherever it stands.
 *
 * All strings of the document, in order: prompts, messages, tool definitions,
 * arguments and results, metadata, names, and member names that could hold
 * something.  Which fields a dialect has today does not matter, so a field that
 * it gets tomorrow is looked at too.  Left out are only words of the API itself
 * (role, type and so on, if they look like words) and the payloads of data
 * URLs, which nobody can read as text; whoever sends one made it opaque.
 *
 * A text may be `fixed`: it is looked at, but what stands in it cannot be
 * replaced without breaking the request (ids, names of functions, schemas,
 * URLs, member names).  Costs one pass over the tape; allocates nothing.
 */

#include "core/json.h"
#include "core/limit.h"

struct openai_text {
	uint32_t	node;		/* a string of the document */
	uint32_t	key;		/* the name above it; 0: none that says anything */
	bool		fixed;
};

struct openai_walk {
	const struct json *json;
	uint32_t	 at, key;
	uint32_t	 until;			/* the node before which it pauses */
	uint32_t	 depth;
	struct {
		uint32_t end, key;
		bool	 fixed;
	} level[JSON_DEPTH_MAX + 1];
};

/* From the document's first value on; only `depth` levels are ever read. */
void openai_walk_begin(struct openai_walk *, const struct json *);

/* The next text, or false at the end; also where it pauses. */
bool openai_walk_next(struct openai_walk *, struct openai_text *out);

/* Pauses so many nodes from here, for whoever shares a processor with others. */
void openai_walk_pause(struct openai_walk *, uint32_t nodes);
bool openai_walk_is_over(const struct openai_walk *);

#endif
