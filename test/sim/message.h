/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIM_MESSAGE_H
#define SIM_MESSAGE_H

/*
 * message - one HTTP/1.1 message as a test reads it, byte by byte.
 *
 * Written without the program's own parsers, so that both cannot be wrong in
 * the same way.  It accepts what a good sender sends and calls everything else
 * bad.  The payload is kept with the place in the raw bytes where each part of
 * it stood, so that an event can be traced to the call that carried it.
 */

#include "core/slice.h"

enum message_state {
	MESSAGE_HEAD,
	MESSAGE_COUNTED,
	MESSAGE_CHUNK_SIZE,
	MESSAGE_CHUNK_DATA,
	MESSAGE_CHUNK_END,
	MESSAGE_CHUNK_LAST,
	MESSAGE_UNTIL_CLOSE,
	MESSAGE_WHOLE,
	MESSAGE_BAD,
};

#define MESSAGE_HEAD_MAX	8192

struct message_part {
	size_t	payload, raw;		/* offsets where a part begins */
};

struct message {
	bool			 is_request;
	bool			 to_head;	/* answers a HEAD: no body */
	enum message_state	 state;
	char			*head;
	size_t			 head_len, head_room;
	size_t			 raw;		/* bytes of the message so far */
	size_t			 head_raw;	/* of these, up to the end of the head */
	int			 status;
	int			 continues;	/* 100 Continue before it */
	bool			 chunked, closes;
	uint64_t		 left;
	unsigned		 ends;		/* bytes of an end seen */
	char			*payload;
	size_t			 payload_len, payload_room;
	struct message_part	*part;
	size_t			 part_count, part_room;
};

void message_init(struct message *, bool is_request, bool to_head);
void message_free(struct message *);

/* Takes bytes; says how many belong to this message. */
size_t message_feed(struct message *, struct slice);

/* The connection ended; true if that is this message's end. */
bool message_end(struct message *);

static inline bool
message_is_whole(const struct message *m)
{
	return m->state == MESSAGE_WHOLE;
}

static inline bool
message_has_head(const struct message *m)
{
	return m->state != MESSAGE_HEAD && m->state != MESSAGE_BAD;
}

/* A field's value, or the empty slice with a NULL pointer. */
struct slice message_field(const struct message *, const char *name);

/* Where in the raw bytes a byte of the payload stands. */
size_t message_raw(const struct message *, size_t payload);

static inline struct slice
message_payload(const struct message *m)
{
	return slice_of(m->payload, m->payload_len);
}

/* The length of the first server-sent event in s with its blank line, or 0; *data is its data. */
size_t message_event(struct slice s, struct slice *data);

#endif
