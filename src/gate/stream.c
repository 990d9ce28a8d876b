/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/stream.h"

#include "core/json.h"
#include "core/limit.h"
#include "core/sse.h"
#include "dialect/openai.h"

/*
 *   payload      [ event ][ event ][ event ][ beginning of one ]
 *                 └────── forwarded ───────┘  └── copied to the carry
 *
 *   next payload is put behind it:
 *   carry        [ beginning │ rest ][ event ][ beginning … ]
 *                  from                                    to
 */

void
stream_init(struct stream *s, struct memory_pool *memory, bool strip_usage)
{
	*s = (struct stream){ .memory = memory, .strip_usage = strip_usage };
}

static void
drop_carry(struct stream *s)
{
	if (s->carry != NULL)
		memory_give(s->memory, s->carry, s->carry_bytes);
	s->carry = NULL;
	s->from = s->to = 0;
}

void
stream_release(struct stream *s)
{
	drop_carry(s);
}

/* Puts bytes behind what is carried. */
static enum err
carry_more(struct stream *s, struct slice bytes)
{
	size_t have = s->to - s->from, got;

	if (s->carry == NULL || s->carry_bytes - s->to < bytes.len) {
		char *grown = memory_take(s->memory, (have + bytes.len) * 2, &got);

		if (grown == NULL)
			return ERR_MEMORY;
		if (s->carry != NULL)
			memcpy(grown, s->carry + s->from, have);
		drop_carry(s);
		s->carry = grown;
		s->carry_bytes = got;
		s->to = have;
	}
	memcpy(s->carry + s->to, bytes.ptr, bytes.len);
	s->to += bytes.len;
	return ERR_OK;
}

/*
 * The event at the front of `in`, or nothing when it is not whole.  Nearly all
 * events are one line of data that ends in LF LF; those take two searches for
 * one byte and no other look.
 */
static struct slice
next_event(struct stream *s, struct slice in, struct slice *data)
{
	struct slice line = S("data:");
	const char *end;

	if (s->scanned == 0 && slice_starts(in, line) &&
	    (end = memchr(in.ptr, '\n', in.len)) != NULL &&
	    (size_t)(end - in.ptr) + 1 < in.len && end[1] == '\n' && end[-1] != '\r') {
		size_t length = (size_t)(end - in.ptr);
		size_t from = line.len + (in.ptr[line.len] == ' ');

		*data = slice_cut(in, from < length ? from : length, length);
		return slice_of(in.ptr, length + 2);
	}
	*data = slice_of(NULL, 0);
	return slice_of(in.ptr, sse_end(in, &s->scanned));
}

/* Is this data of an event of the dialect: an object, or the terminal word? */
static bool
is_object(struct slice data)
{
	return data.len >= 2 && data.ptr[0] == '{' && data.ptr[data.len - 1] == '}';
}

static bool
is_error(struct slice data)
{
	return slice_starts(data, S("{\"error\"")) || slice_starts(data, S("{ \"error\""));
}

/* What an event with usage has in it; without its first quote, which every JSON is full of. */
#define USAGE	S("usage\"")

/* Reads the usage of a chunk that has one; true if the chunk is to be cut out. */
static bool
read_usage(struct stream *s, struct arena *work, struct slice data)
{
	size_t at = slice_find(data, USAGE);
	struct json_fault fault;
	struct usage usage;
	struct json json;
	bool alone = false;

	if (at == data.len)
		return false;
	for (at += USAGE.len; at < data.len && (data.ptr[at] == ' ' || data.ptr[at] == ':'); at++)
		;
	if (at < data.len && data.ptr[at] != '{')
		return false;
	if (json_parse(work, data, JSON_DUPLICATES_KEPT, &json, &fault) == ERR_OK) {
		openai_usage(&json, &usage);
		if (usage.known)
			s->usage = usage;
		alone = openai_is_usage_chunk(&json);
	}
	arena_reset(work);
	return alone && s->strip_usage;
}

/* Adds an event to what is forwarded. */
static void
forward(struct stream_view *v, struct slice event)
{
	struct slice *last = v->count > 0 ? &v->piece[v->count - 1] : NULL;

	if (last != NULL && last->ptr + last->len == event.ptr) {
		last->len += event.len;
	} else if (v->count < STREAM_PIECES) {
		v->piece[v->count++] = event;
	} else {
		/* So many were cut out between: the bytes are ours, this one moves up. */
		memmove((char *)(uintptr_t)(last->ptr + last->len), event.ptr, event.len);
		last->len += event.len;
	}
}

struct looking {
	struct stream		*stream;
	struct arena		*work;
	struct stream_view	*view;
};

/* One whole event.  `data` is of a plain one, else absent. */
static enum err
look(struct looking *at, struct slice event, struct slice data, bool has_usage)
{
	struct sse_event fields = { .data = data, .data_count = 1 };
	struct stream *s = at->stream;
	struct stream_view *v = at->view;

	if (data.ptr == NULL) {
		if (sse_read(event, &fields) != ERR_OK || fields.data_count > 1)
			return ERR_UPSTREAM_MALFORMED;
		if (fields.data_count == 0) {
			forward(v, event);
			return ERR_OK;
		}
	}
	if (slice_eq(fields.data, S("[DONE]"))) {
		s->done = true;
		forward(v, event);
		return ERR_OK;
	}
	if (!is_object(fields.data))
		return ERR_UPSTREAM_MALFORMED;
	if (is_error(fields.data)) {
		v->is_error = true;
		v->error = fields.data;
		s->done = true;
		return ERR_OK;
	}
	if (has_usage && read_usage(s, at->work, fields.data))
		return ERR_OK;
	s->events++;
	v->events++;
	forward(v, event);
	return ERR_OK;
}

enum err
stream_take(struct stream *s, struct arena *work, struct slice payload, struct stream_view *v)
{
	bool carried = s->to > s->from;
	const char *usage = NULL;
	struct looking at = { s, work, v };
	struct slice in = payload;
	enum err e = ERR_OK;

	*v = (struct stream_view){ 0 };
	if (!carried)
		drop_carry(s);
	if (s->done)
		return ERR_OK;
	if (carried) {
		if ((e = carry_more(s, payload)) != ERR_OK)
			return e;
		in = slice_of(s->carry + s->from, s->to - s->from);
	}
	while (in.len > 0 && !s->done) {
		struct slice data, event = next_event(s, in, &data);

		if (event.len == 0)
			break;
		s->scanned = 0;
		/*
		 * One search for all of them, which goes on behind the event that it found; none
		 * while the first is not whole, or each byte of it would search all of it.
		 */
		if (usage == NULL)
			usage = in.ptr + slice_find(in, USAGE);
		e = look(&at, event, data, usage < event.ptr + event.len);
		if (e != ERR_OK)
			return e;
		in = slice_cut(in, event.len, in.len);
		if (usage < in.ptr)
			usage = in.ptr + slice_find(in, USAGE);
	}
	if (s->done)
		in.len = 0;
	if (in.len > EVENT_BYTES_MAX)
		return ERR_UPSTREAM_TOO_LARGE;
	if (carried)
		s->from = s->to - in.len;
	else if (in.len > 0)
		return carry_more(s, in);
	return ERR_OK;
}
