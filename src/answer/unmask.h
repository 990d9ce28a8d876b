/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ANSWER_UNMASK_H
#define ANSWER_UNMASK_H

/*
 * unmask - the values back into an answer, part by part, as it comes.
 *
 * Every text of an answer has a restore of its own (mask/restore.h): each
 * choice's content, refusal, reasoning and transcript, and the arguments of each
 * tool call, where a value is escaped for the JSON that it lands in.  Any other
 * string is one text (dialect/openai_part.h).  An event in which nothing was to
 * be restored keeps its bytes.  What is held back at a part's end comes in the
 * event that ends it, or in one of our own just before.  Memory is bounded by
 * the parts, not by the length of the answer.
 */

#include "core/json.h"
#include "dialect/openai_part.h"
#include "answer/outlet.h"
#include "answer/stream.h"

struct unmask_channel {
	struct openai_channel	 at;
	uint64_t		 id;		/* of its call, hashed; 0: not known */
	struct outlet		 outlet;
	bool			 ended;
};

struct unmask {
	struct arena		*arena;		/* the request's */
	struct arena		 out;		/* what came of one view; reset by the next */
	const struct vault	*vault;
	struct unmask_channel	**channel;
	uint32_t		 count, room;
	struct outlet		 alone;		/* of texts without a channel */
	uint64_t		 restored, unresolved;	/* in those */
	struct page		 page;		/* in `out` */
	struct outlet_rules	*rules;		/* NULL: the answer is not watched */
	struct slice		 head;		/* "id":…,"created":…, of the stream's events */
};

/* In the request's arena; NULL without memory.  The vault stays as it is from now on. */
struct unmask *unmask_new(struct arena *, struct memory *, const struct vault *,
    struct outlet_rules *);
void unmask_release(struct unmask *);

/*
 * The events of a view become what the caller sees, in one piece that is valid until the next
 * call.  ERR_UPSTREAM_MALFORMED for an event that is no JSON; ERR_OUTPUT_STOPPED, with what comes
 * before it in the view; ERR_MEMORY.
 */
must_use enum err unmask_view(struct unmask *, struct stream_view *);

/* The stream is cut off: what is held back, as an event, or nothing. */
must_use enum err unmask_cut(struct unmask *, struct stream_view *);

/* The whole answer; *text becomes what the caller sees.  ERR_OUTPUT_STOPPED, ERR_MEMORY. */
must_use enum err unmask_whole(struct unmask *, const struct json *, struct slice *text);

/* What must not come out and did, or was about to; *first is the name of one, or absent. */
uint64_t unmask_watched(const struct unmask *, struct slice *first);

/* Tokens that were restored, and words that looked like tokens and are none. */
void unmask_counts(const struct unmask *, uint64_t *restored, uint64_t *unresolved);

#endif
