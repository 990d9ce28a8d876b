/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FAKE_SCRIPT_H
#define FAKE_SCRIPT_H

/*
 * script - how the simulated providers behave.
 *
 * A script is a JSON object: what is usual (`default`), and rules that say for
 * which requests something else happens.  doc/reference/fake-script.md tells
 * it from the writer's side.  A script is read whole, refused whole with a
 * reason if a word in it is unknown, and shared by reference: an answer keeps
 * the one with which it began.  Only the rules' counters ever change, which is
 * why a script belongs to one loop.
 */

#include "core/err.h"
#include "core/text.h"
#include "fake/pace.h"

/* What is wrong with an answer's bytes, beyond what a test can say in `raw`. */
enum malformed {
	MALFORMED_NOT,
#define MALFORMED(name, word, why)	MALFORMED_##name,
#include "fake/malformed.tbl"
#undef MALFORMED
};

enum fault_act {
	FAULT_NONE,
	FAULT_STALL,			/* silence, for so long or for ever */
	FAULT_RESET,			/* the connection ends with RST */
	FAULT_CLOSE,			/* the connection ends with FIN */
};

/* Where in an answer: before its head, after its head, after so many events. */
#define FAULT_BEFORE_HEAD	0
#define FAULT_AFTER_HEAD	1
#define FAULT_AFTER_EVENT(n)	(1 + (uint64_t)(n))

enum usage_say {
	USAGE_AS_ASKED,
	USAGE_ABSENT,
	USAGE_TWICE,			/* two usage chunks in a stream */
	USAGE_ALWAYS,			/* also in streams that did not ask */
};

struct behaviour {
	struct pace	 first;		/* before the first token */
	struct pace	 token;		/* before each other one */
	bool		 head_first;	/* a stream's head does not wait for its first token */
	uint64_t	 tokens;	/* of the answer; 0: as many as its text has */
	struct slice	 text;		/* the answer's text; absent: made from the request */
	struct slice	 finish;	/* absent: stop, length or tool_calls */
	enum usage_say	 usage_say;
	bool		 usage_given;
	uint64_t	 usage_input, usage_output, usage_cached;
	uint64_t	 status;	/* 200: an answer; else an error in the dialect's shape */
	struct slice	 fields;	/* header lines to add */
	struct slice	 body;		/* instead of the dialect's; absent: none */
	const struct slice *event;	/* a stream's bytes, one write each; NULL: the dialect's */
	uint32_t	 event_count;
	struct slice	 raw;		/* all bytes of the answer, head included; absent: none */
	enum fault_act	 fault;
	uint64_t	 fault_at;
	nanos		 fault_for;	/* of a stall */
	uint64_t	 error_at;	/* the n-th event is an error; 0: none */
	uint64_t	 comment_every;	/* a comment before every n-th event; 0: none */
	struct slice	 line;		/* what ends a line of a stream: LF, CRLF or CR */
	uint64_t	 cut_bytes;	/* the connection ends after so many bytes; 0: never */
	uint64_t	 piece_bytes;	/* bytes of one write; 0: as they come */
	bool		 piece_random;	/* …from 1 to piece_bytes */
	struct pace	 piece_wait;	/* between two pieces */
	enum malformed	 malformed;
	bool		 chunked;	/* a whole answer has no Content-Length */
	bool		 close;		/* Connection: close */
};

struct rule {
	struct slice	 model, path;	/* a name, or a prefix and `*`; absent: any */
	struct slice	 marker;	/* bytes of the body; absent: any */
	int		 stream;	/* -1: either */
	uint64_t	 from, to;	/* of the requests that fit otherwise, counted from 1 */
	uint64_t	 every;
	uint64_t	 seen;		/* requests that fitted otherwise */
	struct behaviour then;
};

struct script {
	uint32_t		 references;
	struct arena		 arena;
	struct behaviour	 usual;
	struct rule		*rule;
	uint32_t		 rule_count;
	const struct slice	*model;		/* that exist; others too unless strict */
	uint32_t		 model_count;
	bool			 strict;
	struct slice		 key;		/* that must be presented; absent: none */
};

/* What a rule looks at. */
struct script_question {
	struct slice	model, path, body;
	bool		stream;
};

/* A script with one reference; an empty text says nothing.  ERR_CONF, ERR_MEMORY. */
must_use enum err script_read(struct memory *, struct slice text, struct text *why,
    struct script **out);
struct script *script_ref(struct script *);
void script_unref(struct script *);

/* The behaviour for a request; counts it.  *rule is the rule's index from 1, 0 for none. */
const struct behaviour *script_find(struct script *, const struct script_question *,
    uint32_t *rule);

/* True when an answer can be given through the server's own framing. */
bool script_is_smooth(const struct behaviour *);

#endif
