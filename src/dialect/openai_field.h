/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DIALECT_OPENAI_FIELD_H
#define DIALECT_OPENAI_FIELD_H

/*
 * openai_field - which top-level field of a request a name means.
 *
 * A name is found by one byte made of its length and its ends, which is compared
 * with those of all fields at once; what is left of them, hardly ever more than
 * one, is compared byte by byte.  Names with escapes are read as what they mean.
 */

#include "core/json.h"

enum openai_field {
#define FIELD(name)	FIELD_##name,
#include "dialect/openai_field.tbl"
#undef FIELD
	FIELD_COUNT,		/* none of them */
};

extern const struct slice openai_field_name[FIELD_COUNT];

/* The field that a member's name means, or FIELD_COUNT. */
enum openai_field openai_field_of(const struct json *, uint32_t key);

#endif
