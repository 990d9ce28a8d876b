/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIM_WISH_H
#define SIM_WISH_H

/*
 * wish - one request that a simulated client wants to make, and its bytes.
 *
 * Its marker stands in what it asks, in whichever part and spelling, and,
 * through the provider's echo, in what it is answered; no two wishes have the
 * same.
 */

#include "core/err.h"
#include "sim/scene.h"

#define MARKER_BYTES	10		/* "Q" and nine digits */

enum shape {
#define SHAPE(name, weight, err, goes_on, what)	SHAPE_##name,
#include "sim/shape.tbl"
#undef SHAPE
	SHAPE_COUNT,
};

struct shape_info {
	const char	*what;
	unsigned	 weight;
	enum err	 err;
	bool		 any;
	bool		 goes_on;
};

/* What its `model` names. */
enum asked {
	ASKED_NOTHING,			/* that is there */
	ASKED_MODEL,
	ASKED_GROUP,
	ASKED_AUTO,
	ASKED_WORKLOAD,			/* workload/NAME */
};

#define WISH_TALKS	3
#define WISH_NO_WORKLOAD	9	/* a name that no workload has */

struct wish {
	char		 marker[MARKER_BYTES + 1];
	enum shape	 shape;
	bool		 stream, include_usage, chunked, expects, to_head;
	unsigned	 level;		/* of its label, as its header says */
	bool		 kind[LAW_KINDS];
	bool		 opaque;	/* has a part that nobody can read */
	/* The values in its texts, and those where nothing can be replaced */
	bool		 value[LAW_VALUES], fixed[LAW_VALUES];
	char		 email[32];	/* that no other has, or no other conversation */
	bool		 crowd;		/* has more addresses than can be hidden */
	int		 talk;		/* its conversation; -1: none */
	bool		 uses[LAW_FEATURES];
	bool		 tool[LAW_TOOLS], tool_unknown;
	enum asked	 asked;
	int		 asked_index;
	int		 named;		/* the workload of its header; -1: none */
	int		 team;		/* that its header names, and its metadata; -1: none */
	int		 metadata_team;
	bool		 explain, stores;
	/* Temperature 0.7, or 0; top_p and seed are said */
	bool		 warm, cold, top_p, seeded;
	int		 caller;	/* whose key it shows; -1: none */
	uint64_t	 deadline_ms;	/* that it says; 0: none */
	struct slice	 body;		/* before it was cut into chunks */
	size_t		 model_from, model_to;	/* of the body: the model, with its quotes */
	int		 options;	/* which spelling of stream_options; -1: no stream */
	struct slice	 bytes;		/* whole */
	size_t		 head_bytes;
	size_t		 send_bytes;	/* of these, so many are sent */
	size_t		 from;		/* in what its connection sends */
};

const struct shape_info *shape_info(enum shape);

/* How a value is spelt in it. */
struct slice wish_value(const struct wish *, enum law_value);

/* Nothing is wrong with it: it may say all that a policy looks at. */
bool wish_is_free(const struct wish *);

/*
 * What a provider must be sent for it, with this model id: the body with the
 * id, what its duties insert, and, in a stream, the question for usage spliced in.
 */
struct slice wish_expected(const struct wish *, struct world *, const char *id,
    const char *insert);

/* Throws a wish; `number` makes its marker. */
void wish_make(struct wish *, struct scene *, struct dice *, uint64_t number);

#endif
