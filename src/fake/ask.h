/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FAKE_ASK_H
#define FAKE_ASK_H

/*
 * ask - a request to a simulated provider, understood.
 *
 * ask_read() parses the body and takes from it what changes an answer's form:
 * stream, usage, n, limits, tools, the response format, and the words that the
 * answer plays back.  Everything else is accepted and ignored, as real
 * providers do.  All slices borrow from the body or lie in the arena.
 */

#include "core/err.h"
#include "core/json.h"

enum ask_kind {
	ASK_CHAT,
	ASK_COMPLETION,
	ASK_EMBEDDING,
};

#define ASK_CHOICES_MAX	16

struct ask {
	enum ask_kind	kind;
	struct json	json;
	struct slice	model;
	struct slice	said;		/* the last words of the user; the prompt */
	bool		answers_tool;	/* `said` came from a tool */
	bool		stream;
	bool		include_usage;
	bool		json_mode;	/* the answer must be JSON */
	uint64_t	choices;
	uint64_t	max_tokens;
	uint32_t	schema;		/* node of the answer's or the tool's schema; 0: none */
	uint32_t	tool;		/* node of the name of the tool to call; 0: none */
	uint32_t	input;		/* node of what is to be embedded */
	uint64_t	dimensions;
	bool		base64;
	uint64_t	input_tokens;
};

/* What is wrong with a request, in the words of the dialect. */
struct ask_fault {
	struct slice	message, param, code;
};

/* False with *fault when a provider would answer 400.  Linear in the body. */
must_use bool ask_read(struct arena *, enum ask_kind, struct slice body, struct ask *,
    struct ask_fault *);

#endif
