/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DIALECT_OPENAI_PART_H
#define DIALECT_OPENAI_PART_H

/*
 * openai_part - the texts of an answer, and to which of its parts each belongs.
 *
 * All strings of the document, in order, whatever they are called, so that a field that
 * the dialect gets tomorrow is seen too.  What a stream says in pieces has a channel:
 * choice, what, number of the tool call; pieces of one channel are one text.  Any other
 * string (the address of a citation, the name of a tool) is a text in itself.  A `delta`
 * is shaped as a `message` is, so whole answers and chunks are walked by the same code.
 *
 * Left out are handles of the API (ids, types, signatures, encoded data) as long as they
 * look like one, the payloads of data URLs, names of members, and logprobs, which say an
 * answer once more in pieces.  Borrows from the document; allocates nothing; linear in it.
 */

#include "core/json.h"

enum openai_what {
	OPENAI_CONTENT,			/* also of a content of parts */
	OPENAI_REFUSAL,
	OPENAI_REASONING,		/* in `reasoning_content` */
	OPENAI_THOUGHT,			/* in `reasoning`: some vendors say both, and the same */
	OPENAI_THINKING,		/* in a content of parts */
	OPENAI_DETAIL,			/* text of `reasoning_details`, which are numbered */
	OPENAI_SUMMARY,			/* of them */
	OPENAI_ARGUMENTS,		/* of a tool call: JSON */
	OPENAI_INPUT,			/* of a call of a custom tool: its text */
	OPENAI_CALL,			/* the only function call of older models: JSON */
	OPENAI_TRANSCRIPT,		/* of audio */
	OPENAI_TEXT,			/* of /v1/completions */
	OPENAI_OTHER,			/* a text in itself; what its channel says means nothing */
	OPENAI_WHATS
};

struct openai_channel {
	uint32_t		choice, number;	/* of what is numbered, else 0 */
	enum openai_what	what;
};

static inline bool
openai_part_is_json(enum openai_what what)
{
	return what == OPENAI_ARGUMENTS || what == OPENAI_CALL;
}

struct openai_part {
	struct openai_channel	channel;
	uint32_t		node;		/* a string */
	uint32_t		id;		/* of the tool call or so, a string; 0: none */
};

struct openai_choice {
	uint32_t	index;
	uint32_t	node, end;		/* the choice; the end of all of them */
	uint32_t	message;		/* its `delta` or `message`; 0: none */
	uint32_t	finish;			/* finish_reason, if it is a string; or 0 */
	uint32_t	logprobs;		/* what else might have been said; 0: none */
	uint32_t	voice;			/* audio, encoded; 0: none */
};

/* The choice behind `after`, which *out is (0: the first one); false if there is none. */
bool openai_choice_next(const struct json *, uint32_t after, struct openai_choice *out);

/* Choice, message, content, a part of it, thinking, a part of that. */
#define OPENAI_PART_LEVELS	6

struct openai_part_walk {
	const struct json *json;
	uint32_t	choice, message;
	bool		beside;			/* of the choices: there are no channels */
	uint32_t	at, key, depth;
	uint32_t	deep;			/* the end of what lies deeper than any channel */
	struct {
		uint32_t end, key;
		uint32_t count;			/* elements so far */
		uint32_t id, number;		/* of the innermost element around */
	} level[OPENAI_PART_LEVELS];
};

/* Over the texts of a choice, or over those that stand in none. */
void openai_part_begin(struct openai_part_walk *, const struct json *,
    const struct openai_choice *);
void openai_part_beside(struct openai_part_walk *, const struct json *);

/* The next text; false at the end. */
bool openai_part_next(struct openai_part_walk *, struct openai_part *out);

/* What stands around a text in a choice of a chunk; `behind` is empty where nothing is numbered. */
struct openai_frame {
	struct slice	before;			/* then the number */
	struct slice	behind;			/* then the text */
	struct slice	after;
};
extern const struct openai_frame openai_frame[OPENAI_OTHER];

#endif
