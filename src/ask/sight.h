/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ASK_SIGHT_H
#define ASK_SIGHT_H

/*
 * sight - every text of a request under the eyes of detection.
 *
 * Looks at the texts of a document one after another, long ones in slices with
 * a piece in common, so that whoever shares a processor can have a turn between
 * two steps.  What was found stays with its text, for masks and explanations;
 * what it means is in the census.  Lives in an arena, borrows from the document;
 * the scratch is given back with every slice.
 */

#include "conf/snapshot.h"
#include "detect/detect.h"
#include "dialect/openai_text.h"

/* A text in which something was found. */
struct sighting {
	struct openai_text	 at;
	struct slice		 text;		/* decoded; offsets are bytes of it */
	struct findings		 found;		/* settled; those that count */
};

struct sight {
	struct arena		*arena, *scratch;
	const struct json	*json;
	const struct snapshot	*snapshot;
	bool			 wide;
	unsigned		 parts;		/* enum detect_parts */
	struct openai_walk	 walk;
	struct sighting		 now;		/* the text that is looked at */
	size_t			 from;		/* its first byte that was not */
	struct sighting		*at;
	uint32_t		 count, room;
	struct census		 census;
	struct label		 said;		/* by the request, before anything was found */
	bool			 cut;		/* there may be more than was found */
};

/* A sight in the arena, whose `parts` and `wide` are the caller's to set; NULL without memory. */
struct sight *sight_begin(struct arena *, struct arena *scratch, const struct json *,
    const struct snapshot *);

/* Looks at about so many bytes more; true when there is nothing left. */
bool sight_step(struct sight *, size_t bytes);

/* What was found, as a label, but for the types that the workload allows. */
struct label sight_label(const struct sight *, const struct handling *);

/* Is there a finding that the workload refuses? */
bool sight_is_refused(const struct sight *, const struct handling *);

/* "this work takes no credentials: …": which types, in words, as far as there is room. */
void sight_put_refused(struct text *, const struct sight *, const struct handling *);

/* {"type":count,…} of all that was found. */
void sight_put_counts(struct text *, const struct sight *);
size_t sight_counts_bytes(const struct sight *);

/*
 * The evidence, as a JSON array: of each finding its path, type, kind and place; no more than
 * EVIDENCE_MAX of them, then `true` for the rest.  At most sight_evidence_bytes().
 */
void sight_put_evidence(struct text *, const struct sight *);
size_t sight_evidence_bytes(const struct sight *);

#endif
