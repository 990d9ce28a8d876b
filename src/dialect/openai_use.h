/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DIALECT_OPENAI_USE_H
#define DIALECT_OPENAI_USE_H

/*
 * openai_use - what a request makes use of, as its policy must know.
 *
 * Features that a model must have, tools that a vendor hosts (data goes there),
 * and parts that nobody can read: images, audio, files, remote URLs, arrays of
 * tokens, parts of a type that is not known.  What is not known to be readable
 * is opaque.  Pure; borrows from the document; linear in its nodes.
 */

#include "core/json.h"
#include "dialect/openai.h"
#include "policy/policy.h"

#define OPENAI_USE_HOSTED_MAX	16

struct openai_use {
	uint64_t	features;	/* set of enum feature */
	bool		opaque;		/* a part that cannot be read */
	bool		stores;		/* `store: true`: the vendor keeps the content */
	/* Types of hosted tools; more than fit: overflow */
	struct slice	hosted[OPENAI_USE_HOSTED_MAX];
	uint32_t	hosted_count;
	bool		hosted_overflow;
	uint32_t	metadata_node;	/* 0: none */
	/* What the duty `deterministic` looks at; 0: not said */
	uint32_t	temperature_node, top_p_node, seed_node;
};

/*
 * Into *out, which is zero.  The document is an object, and openai_read() has
 * seen it.  Types of tools that are written with escapes are unescaped in the
 * arena, whose overflow tells of it.
 */
void openai_use_read(struct arena *, const struct json *, enum operation,
    struct openai_use *out);

#endif
