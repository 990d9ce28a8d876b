/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FAKE_SCHEMA_H
#define FAKE_SCHEMA_H

/*
 * schema - the simplest value that fits a JSON schema.
 *
 * For structured output and for the arguments of tool calls.  Objects get
 * their required properties (all of them where nothing is required), arrays
 * their least number of elements, but one at least; enum, const, default,
 * anyOf, oneOf, allOf with one member, and $ref into the same schema are
 * followed to a fixed depth.  Patterns are not.  A string whose format is "said" is what
 * the user said, so that arguments can be seen to carry it.  Pure; writes into the
 * caller's text.
 */

#include "core/json.h"
#include "core/text.h"

/* Writes a value for the schema at node; what is no schema gives an empty object. */
void schema_put(struct text *, const struct json *, uint32_t node, struct slice said);

#endif
