/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YAML_NODE_H
#define YAML_NODE_H

/*
 * node - a YAML file as a tree that remembers where everything stood.
 *
 * node_parse() takes the part of YAML 1.1 in which a file means one thing:
 * scalars, lists and maps, one document; no anchors, aliases, tags, merge keys,
 * repeated keys, or keys that are not scalars; UTF-8 without control
 * characters.  What a scalar means (a number, a name, a price) is decided by
 * whoever asks for it, so `no` is a region where a region is wanted.  Nodes and
 * texts live in the arena.
 */

#include "core/arena.h"
#include "core/hash.h"
#include "yaml/report.h"

enum node_type {
	NODE_EMPTY,			/* nothing, ~ or null */
	NODE_TEXT,
	NODE_LIST,
	NODE_MAP,
};

struct node {
	enum node_type	 type;
	bool		 quoted;	/* a text that was not plain */
	uint32_t	 line, column;	/* of its first character, from 1 */
	uint32_t	 end_line;
	uint32_t	 count;		/* elements, or pairs */
	struct slice	 text;
	const struct node *child;	/* elements; or keys and values by turns */
};

static inline const struct node *
node_key(const struct node *map, uint32_t i)
{
	return &map->child[2 * (size_t)i];
}

static inline const struct node *
node_value(const struct node *map, uint32_t i)
{
	return &map->child[2 * (size_t)i + 1];
}

/* The root, or NULL with at least one error in the report. */
const struct node *node_parse(struct arena *, struct slice yaml, const struct hash_key *,
    struct report *);

/* The value of a key, or NULL. */
const struct node *node_find(const struct node *map, struct slice key);

#endif
