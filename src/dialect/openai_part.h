/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DIALECT_OPENAI_PART_H
#define DIALECT_OPENAI_PART_H

/*
 * openai_part - the texts of an answer, and to which of its parts each belongs.
 *
 * A whole answer has each part once; a stream has it in pieces, one a chunk, and
 * pieces of one part are told by their channel: choice, what, tool call.  Both
 * are walked by the same code, for a `delta` is shaped as a `message` is.  Borrows
 * from the document; allocates nothing; linear in the document.
 */

#include "core/json.h"

enum openai_what {
	OPENAI_CONTENT,
	OPENAI_REFUSAL,
	OPENAI_REASONING,		/* in `reasoning_content`, or in a content of parts */
	OPENAI_ARGUMENTS,		/* of a tool call: JSON, or a custom tool's text */
	OPENAI_TEXT,			/* of /v1/completions */
	OPENAI_THOUGHT,			/* in `reasoning`: some vendors say both, and the same */
};

struct openai_channel {
	uint32_t		choice, tool;
	enum openai_what	what;
};

struct openai_part {
	struct openai_channel	channel;
	uint32_t		node;		/* a string */
};

struct openai_choice {
	uint32_t	index;
	uint32_t	node;			/* the choice */
	uint32_t	message;		/* its `delta` or `message`; 0: none */
	uint32_t	finish;			/* finish_reason, if it is a string; or 0 */
	uint32_t	logprobs;		/* what else might have been said; 0: none */
};

/* The choice behind `after` (0: the first one); false if there is none. */
bool openai_choice_next(const struct json *, uint32_t after, struct openai_choice *out);

/* Where a walk over the parts of one choice is; zero at first. */
struct openai_part_walk {
	uint32_t	field;			/* a member's key of the message */
	uint32_t	call, calls;		/* a tool call; the array's end */
	uint32_t	index;			/* of that call, counted */
	uint32_t	piece, pieces;		/* of a content that is an array; its end */
	uint32_t	thinking;		/* the end of a part of it that is thought */
	bool		begun;
};

/* The next text of the choice; false at the end. */
bool openai_part_next(const struct json *, const struct openai_choice *,
    struct openai_part_walk *, struct openai_part *out);

#endif
