/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DIALECT_OPENAI_H
#define DIALECT_OPENAI_H

/*
 * openai - the API of OpenAI and of the many who speak it: chat completions,
 * completions, embeddings, models, errors (OpenAI API reference, "Create chat
 * completion" ff.).
 *
 * Reading looks only at the fields that the gateway acts on; everything else,
 * known or not, stays as the bytes it was.  Preparing an answer's or a
 * request's bytes is splicing.  Pure: bytes in, bytes out, no vendor known.
 */

#include "core/arena.h"
#include "core/err.h"
#include "core/json.h"
#include "core/must.h"
#include "core/price.h"
#include "core/splice.h"
#include "core/text.h"

enum operation {
	OPERATION_CHAT,			/* POST /v1/chat/completions */
	OPERATION_COMPLETION,		/* POST /v1/completions */
	OPERATION_EMBEDDING,		/* POST /v1/embeddings */
	OPERATION_MODELS,		/* GET /v1/models and /v1/models/{id} */
	OPERATION_ROUTE,		/* POST /v1/route: one of the first three, not sent */
	OPERATION_CLASSIFY,		/* POST /v1/classify: what is found in any document */
	OPERATION_MASK,			/* POST /v1/mask: the document without it */
};

/* No model is asked. */
static inline bool
openai_is_local(enum operation operation)
{
	return operation == OPERATION_MODELS || operation == OPERATION_CLASSIFY ||
	    operation == OPERATION_MASK;
}

/* What a request asks for, as far as the gateway must know. */
struct openai_ask {
	struct slice	model;		/* decoded */
	uint32_t	model_node;
	uint32_t	stream_options_node;	/* 0: not said */
	uint32_t	include_usage_node;	/* 0: not said */
	bool		stream;
	bool		include_usage;	/* the caller wants the usage chunk */
	/* Max_completion_tokens or max_tokens, times choices; 0: not said */
	uint64_t	output_max;
	uint64_t	choices;	/* n or best_of, of each prompt */
	enum price_service service;	/* that it asks for by name */
	bool		limited;	/* it says a limit of tokens */
	uint32_t	limit_node[2];	/* max_completion_tokens and max_tokens; 0: not said */
};

/* What is wrong with a request, for its error answer. */
struct openai_fault {
	struct slice	param;		/* the field */
	struct slice	text;		/* program text */
};

/* Reads a request's body.  ERR_FIELD_MISSING, ERR_FIELD_TYPE with *fault; ERR_MEMORY. */
must_use enum err openai_read(struct arena *, const struct json *, enum operation,
    struct openai_ask *out, struct openai_fault *fault);

/* What is changed in a request for a model; everything else keeps its bytes. */
struct openai_edit {
	struct slice	id_json;	/* its id: a JSON string, quotes included */
	bool		ask_usage;	/* of a stream that does not ask for it itself */
	struct slice	insert;		/* members, each with a comma behind; or empty */
	uint64_t	output_max;	/* a greater limit of tokens becomes this; 0: stays */
	struct slice	output_max_text;	/* the same in digits */
};

/* Edits a request.  False if the splice is full, which never happens to a fresh one. */
must_use bool openai_prepare(struct splice *, const struct json *, const struct openai_ask *,
    const struct openai_edit *);

/* The path of an operation behind a vendor's base URL: "/chat/completions" … */
struct slice openai_path(enum operation);

/* What a body is for, where its path does not say: by the field that cannot be missing. */
enum operation openai_operation_of(const struct json *);

/* The name of an operation, as records and OpenTelemetry (gen_ai.operation.name) have it. */
struct slice openai_operation(enum operation);

/*
 * The usage of an answer's or a chunk's JSON; known == false where there is none, or where it
 * says what cannot be: a count that is negative, a fraction or above USAGE_TOKENS_MAX
 * (refused == true then).
 */
void openai_usage(const struct json *, struct usage *out);

/* Bytes of all strings of an answer's choices, for one that does not say its usage. */
uint64_t openai_answer_bytes(const struct json *);

/* True for a chunk that carries only usage: an empty `choices`. */
bool openai_is_usage_chunk(const struct json *);

/* What a status of 400 or more means. */
enum err openai_diagnose(int status);

/* The `type` of an error with this status, as OpenAI's own answers say it. */
struct slice openai_error_type(int status);

/* An error answer's body.  Empty param or code become null. */
struct openai_error {
	int		status;
	struct slice	type;		/* empty: that of the status */
	struct slice	message, param, code;
};
void openai_put_error(struct text *, const struct openai_error *);

#endif
