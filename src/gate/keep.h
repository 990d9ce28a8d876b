/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATE_KEEP_H
#define GATE_KEEP_H

/*
 * keep - content for the store of payloads, of workloads that ask for it.
 *
 * Kept is what was sent, masked where it is masked, and what the model answered,
 * before values are put back: nobody who reads it later sees more than the model
 * did.  The store is a place like any other: what it is not cleared for does not
 * reach it, nor what the duty no_content_log forbids; the record says which.
 * Copies are of PAYLOAD_BYTES_MAX at most, and live as long as the request.
 */

#include "core/err.h"
#include "core/must.h"
#include "core/slice.h"

struct request;
struct stream_view;

struct keep {
	struct slice	request;	/* JSON */
	struct slice	answer;		/* JSON of a whole answer; events of a stream */
	size_t		room_bytes;	/* of a stream's answer */
	bool		request_cut, answer_cut;
};

/* Before anything is sent: decides whether it is kept, and copies the request; ERR_MEMORY. */
must_use enum err keep_open(struct request *);

/* A whole answer, or events of one, as they came from the model.  Without memory it is cut. */
void keep_answer(struct request *, struct slice);
void keep_view(struct request *, const struct stream_view *);

/*
 * Puts it into the store, sealed, and waits until it is on disk.  What cannot be written is told
 * in the record.  May suspend.
 */
void keep_close(struct request *);

#endif
