/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STUDY_SAMPLE_H
#define STUDY_SAMPLE_H

/*
 * sample - a request that nobody sent: of a file, or of a command's options.
 *
 * A sketch is what was said of it, all of it optional; a sample is the sketch as
 * a head and a body, which are read by the same code as those of a client.  As
 * JSON it is one object:
 *
 *   {"method": "POST", "path": "/v1/chat/completions", "headers": {…}, "key": ID, "body": {…},
 *    "workload": …, "label": …, "model": …, "features": […], "tools": […], "tokens": N,
 *    "down": [MODEL…], "full": [MODEL…], "at": "2026-11-20T00:00Z"}
 *
 * where `workload` and `label` are short for their headers and `model` for a body
 * with nothing else in it.  As text it is a request line, fields, an empty line
 * and the body.  Nothing here looks at a secret: a key is told by its id.
 */

#include "study/ruling.h"

/* What was said; absent where it was not.  Lists have commas between their names. */
struct sketch {
	struct slice	name, why;
	struct slice	method, path, key, body;
	struct slice	fields;			/* lines, each with its CRLF */
	struct slice	workload, label, model;
	struct slice	features, tools, down, full;
	struct slice	tokens;			/* digits */
	struct slice	at;			/* a moment, as date_read() takes it */
};

struct sample {
	struct sketch		sketch;
	struct http1_head	head;
	struct slice		body;
	uint64_t		tokens;
	int64_t			now;
};

/* Where and why something cannot be used. */
struct sample_fault {
	uint32_t	offset;		/* in the text that was read */
	struct text	*why;
};

/*
 * Reads a sketch out of an object of a document; `expect` is left to others.
 * ERR_CONF with the fault set; ERR_MEMORY.
 */
must_use enum err sample_sketch(struct sketch *, struct arena *, const struct json *, uint32_t node,
    struct sample_fault *);

/* The same of a request as text.  ERR_CONF, ERR_MEMORY. */
must_use enum err sample_sketch_http(struct sketch *, struct arena *, struct slice text,
    struct sample_fault *);

/* The sketch as a request; `now` where it says no moment.  ERR_CONF, ERR_MEMORY. */
must_use enum err sample_make(struct sample *, struct arena *, const struct sketch *, int64_t now,
    struct sample_fault *);

/*
 * What a policy decides about it.  ERR_CONF for names that the configuration does not have,
 * ERR_MEMORY; a request that is refused is ERR_OK, and the ruling says so.
 */
must_use enum err sample_rule(const struct sample *, const struct roster *, struct arena *,
    struct ruling *out, struct sample_fault *);

#endif
