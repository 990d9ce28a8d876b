/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ANSWER_STREAM_H
#define ANSWER_STREAM_H

/*
 * stream - the events of a streamed answer, as they come.
 *
 * Payload goes in as it arrives, whole events come out: borrowed from the
 * payload where no event began before it, else from a carry that exists only
 * while an event is incomplete.  Every event is looked at once: its form, the
 * terminal one, an error, the usage; and a usage chunk that the caller did not
 * ask for is cut out.  A whole valid event is forwarded byte for byte.
 */

#include "core/arena.h"
#include "core/err.h"
#include "core/must.h"
#include "core/price.h"
#include "core/slice.h"
#include "run/memory.h"

struct stream {
	struct memory_pool	*memory;
	char			*carry;		/* the beginning of an event; NULL: none */
	size_t			 carry_bytes, from, to;
	size_t			 scanned;
	bool			 done;		/* the terminal event was seen */
	/* A chunk with usage alone is ours, not the caller's */
	bool			 strip_usage;
	bool			 wide;		/* the machine has what core/wide.h needs */
	struct usage		 usage;
	uint64_t		 events;
	uint64_t		 text_bytes;	/* that they said (tariff/meter.h) */
	size_t			 text_at;	/* where in the last one; 0: nowhere yet */
};

void stream_init(struct stream *, struct memory_pool *, bool strip_usage, bool wide);
void stream_release(struct stream *);

#define STREAM_PIECES	8

/* What came of some payload; the slices are valid until the next stream_take(). */
struct stream_view {
	struct slice	chunks;			/* to forward first: see stream_pass() */
	struct slice	piece[STREAM_PIECES];	/* whole events to forward */
	int		count;
	uint64_t	events;			/* with data, in all of these */
	bool		is_error;		/* the vendor ended the stream with an error */
	struct slice	error;			/* its data */
};

static inline bool
stream_view_is_empty(const struct stream_view *v)
{
	return v->count == 0 && v->chunks.len == 0;
}

/*
 * Begins a view with what needs no change, not even of its framing: as many
 * whole chunks at the front of `raw`, which begins where a chunk does, as hold
 * nothing but whole events that go to the caller.  Returns how many bytes that
 * are; what follows, decoded, is for stream_take(), in the same view.  None if
 * an event has begun.
 */
size_t stream_pass(struct stream *, struct slice raw, struct stream_view *);

/*
 * Takes payload and adds the whole events that are there now.  What follows
 * the terminal event or an error is dropped.  ERR_UPSTREAM_MALFORMED for an
 * event that is none of this dialect, with the events before it in the view;
 * ERR_UPSTREAM_TOO_LARGE for an event above EVENT_BYTES_MAX; ERR_MEMORY.
 * The view is as stream_pass() left it, or zero.
 * `work` is used for a chunk with usage alone.
 */
must_use enum err stream_take(struct stream *, struct arena *work, struct slice payload,
    struct stream_view *);

#endif
