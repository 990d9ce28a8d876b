/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FIND_FINDING_H
#define FIND_FINDING_H

/*
 * finding - a span of a text, and what it is taken for.
 *
 * Detectors add findings in any order, overlapping as they like;
 * findings_settle() leaves the best of those that overlap.  Offsets are bytes
 * of the text that the detector was given.  A list lives in its arena and grows
 * there; when that is full, or there are more than FINDINGS_MAX, the list is
 * `cut`: whoever reads it must then take the text for the worst it could hold.
 * Findings never hold a value, only where it stands.
 */

#include "core/arena.h"
#include "core/text.h"
#include "find/type.h"

/* What speaks for a finding; a set of these is its evidence. */
enum finding_evidence {
	EVIDENCE_SHAPE = 1,	/* it looks like one */
	EVIDENCE_VALID = 2,	/* its check digits are right, or its structure is rare enough */
	EVIDENCE_CONTEXT = 4,	/* a word nearby, a key, a label or a column says so */
	EVIDENCE_NAME = 8,	/* the tagger of names says so */
	EVIDENCE_LIST = 16,	/* it stands in a list: of words, names, or the operator's */
	EVIDENCE_PREFIX = 32,	/* it begins as its issuer's do */
	EVIDENCE_ENTROPY = 64,	/* it is as random as a secret */
	EVIDENCE_DECODED = 128,	/* it was hidden: in base64, hex or percent, or by odd characters */
};

struct finding {
	uint32_t	start, end;	/* [start, end) */
	uint16_t	type;		/* enum detect_type */
	uint8_t		score;		/* confidence, 1 to 100 */
	uint8_t		evidence;	/* set of enum finding_evidence */
};

struct findings {
	struct arena	*arena;
	struct finding	*at;
	uint32_t	 count, room;
	bool		 cut;		/* there may be more than these */
};

void findings_init(struct findings *, struct arena *);

/* Adds one; an empty span is no finding. */
void findings_add(struct findings *, struct finding);

/*
 * Sorts by place and leaves nothing that overlaps.  Of two that do, the better one keeps its
 * span: a secret before anything else, then what is valid before what is not, what only the
 * tagger of names says after all others, then the longer one, then the better score.  The
 * other one is cut to what sticks out, so that no byte which was found is lost, unless that is
 * hardly anything.  n log n.
 */
void findings_settle(struct findings *, struct slice text);

/*
 * As the inside of a JSON object: "type":…,"kind":…,"level":…,"start":…,"end":…,"score":…,
 * "evidence":[…]; at most FINDING_JSON_BYTES.  What its type is called comes from the caller,
 * who knows the operator's own.
 */
#define FINDING_JSON_BYTES	512
void finding_put(struct text *, const struct finding *, const struct type_info *);

/* "shape, valid, context". */
void finding_put_evidence(struct text *, const struct finding *);

#endif
