/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_JSON_H
#define CORE_JSON_H

/*
 * json - a document as a tape of offsets into its own bytes.
 *
 * json_parse() accepts RFC 8259: one value, UTF-8 without surrogates or overlong
 * forms, no duplicate keys where they are refused.  It refuses one thing that
 * the grammar allows: an escaped surrogate without its other half, for it means
 * no text that UTF-8 could hold, and readers disagree about it.  It copies and
 * converts nothing: a node says where its value stands, so that number
 * spellings, escapes, key order and unknown fields survive, and a change is a
 * splice of bytes (core/splice.h).  Node 0 is the document's value; a member is
 * its key's node and then its value's; `next` skips a value with all it holds.
 * The tape lives in the arena, the text where it was.  Costs one pass (and a
 * quick one over the UTF-8 where it is not ASCII), 16 bytes a node, and one word
 * of state for each of JSON_DEPTH_MAX levels.
 */

#include "core/arena.h"
#include "core/err.h"
#include "core/must.h"
#include "core/slice.h"
#include "core/text.h"

enum json_type {
	JSON_NULL,
	JSON_FALSE,
	JSON_TRUE,
	JSON_NUMBER,
	JSON_STRING,
	JSON_ARRAY,
	JSON_OBJECT,
};

struct json_node {
	uint32_t	start;		/* first byte; of a string, its opening quote */
	uint32_t	end;		/* past the last byte; of a string, its closing quote */
	uint32_t	next;		/* index of the node after this value and all in it */
	uint32_t	type    : 3;	/* enum json_type */
	uint32_t	escaped : 1;	/* a string that has a backslash */
	uint32_t	key     : 1;	/* a member's name */
	uint32_t	count   : 27;	/* elements of an array, members of an object */
};

struct json {
	struct slice			 text;
	const struct json_node		*node;
	uint32_t			 count;		/* nodes */
};

/* How to read, or-ed. */
enum json_rule {
	JSON_DUPLICATES_REFUSED = 0,	/* in every object, names compared after unescaping */
	JSON_DUPLICATES_KEPT = 1,
	JSON_WIDE = 2,			/* the machine has what core/wide.h needs */
};

/* Where parsing stopped, for an error that says where. */
struct json_fault {
	uint32_t	offset;
	const char	*why;		/* program text, never content */
};

/*
 * ERR_JSON_MALFORMED, _DUPLICATE_KEY, _TOO_DEEP or ERR_MEMORY, with *fault set.
 * Linear in the text, duplicate detection included, for hostile texts too.
 */
must_use enum err json_parse(struct arena *, struct slice text, unsigned rules, struct json *out,
    struct json_fault *fault);

/*
 * The same in steps, for whoever shares a processor with others: a step reads about so many
 * bytes, and is over sooner or later only by one token of white space or number, or by one
 * pass over the names of one object.  NULL without memory; true when there is nothing left
 * to do.
 */
struct json_reading;
struct json_reading *json_begin(struct arena *, struct slice text, unsigned rules);
must_use bool json_step(struct json_reading *, size_t bytes);

/* After the last step: as json_parse(). */
must_use enum err json_end(const struct json_reading *, struct json *out,
    struct json_fault *fault);

/*
 * The index of the value of member `name` of object node `object`, or 0 when
 * there is none or `object` is no object (0 is never a member).  With kept
 * duplicates the last one, as most readers take.
 */
uint32_t json_member(const struct json *, uint32_t object, struct slice name);

/* The bytes of a value as they stand, quotes included. */
struct slice json_raw(const struct json *, uint32_t node);

/* The inside of a string as it stands, escapes untouched. */
struct slice json_inside(const struct json *, uint32_t node);

/* The text that a string means: borrowed where nothing is escaped, else in the arena. */
struct slice json_string(struct arena *, const struct json *, uint32_t node);

/* True if node is a string that means exactly `text`; allocates nothing. */
bool json_is(const struct json *, uint32_t node, struct slice text);

/* The same of a member's name, where nearly always the length tells: two quotes more. */
static inline bool
json_is_name(const struct json *j, uint32_t key, struct slice name)
{
	const struct json_node *n = &j->node[key];

	return (n->escaped || n->end - n->start == name.len + 2) && json_is(j, key, name);
}

/*
 * Is a member's name, as it stands, plainly a name?  At most 15 letters, digits, _ - and dots, of
 * which five may be digits; or 32 small letters, _ and -.  Any other may be somebody's value.
 */
bool json_is_plain_name(struct slice name);

/*
 * Where a node is, from the document's value down, as the inside of a JSON string:
 * messages[0].content.  A name that may be a value is a `*`; a path that is
 * longer than JSON_PATH_BYTES ends with one.  Costs a walk over what stands before the node.
 */
#define JSON_PATH_BYTES	512
void json_put_path(struct text *, const struct json *, uint32_t node);

/* Reads a non-negative integer without fraction or exponent, up to 2^63 - 1. */
bool json_integer(const struct json *, uint32_t node, uint64_t *out);

static inline enum json_type
json_type(const struct json *j, uint32_t node)
{
	return (enum json_type)j->node[node].type;
}

/*
 * Walks the members of an object or the elements of an array:
 *   for (uint32_t i = node + 1; i < j->node[node].next; i = j->node[i].next)
 * Of an object, i is first a key (next: its value), so step twice a member.
 */

#endif
