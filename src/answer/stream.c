/* SPDX-License-Identifier: Apache-2.0 */
#include "answer/stream.h"

#include "core/json.h"
#include "core/limit.h"
#include "core/sse.h"
#include "core/utf8.h"
#include "dialect/openai.h"
#include "tariff/meter.h"
#include "wire/chunk.h"

/*
 *   payload      [ event ][ event ][ event ][ beginning of one ]
 *                 └────── forwarded ───────┘  └── copied to the carry
 *
 *   next payload is put behind it:
 *   carry        [ beginning │ rest ][ event ][ beginning … ]
 *                  from                                    to
 */

void
stream_init(struct stream *s, struct memory_pool *memory, bool strip_usage, bool wide)
{
	*s = (struct stream){ .memory = memory, .strip_usage = strip_usage, .wide = wide };
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

struct looking {
	struct stream		*stream;
	struct arena		*work;
	struct stream_view	*view;
};

/* An event, and what is known of it before it is looked at. */
struct event {
	struct slice	bytes;			/* empty: it is not whole */
	struct slice	data;			/* of a plain one, else absent */
	bool		marked;			/* perhaps it has usage, or is no ASCII */
};

#define LINE	S("data:")

/*
 * Where the line ends that is all of the event at the front of `in`, or NULL.
 * Nearly all events are one line of data that ends in LF LF and has no other
 * control byte; those take one look.
 */
static inline const char *
plain_end(const struct stream *s, struct slice in, bool *marked)
{
	const char *end, *past = in.ptr + in.len;

	if (s->scanned != 0 || !slice_starts(in, LINE))
		return NULL;
	end = sse_stop(in.ptr + LINE.len, past, s->wide, marked);
	return end != NULL && past - end > 1 && memcmp(end, "\n\n", 2) == 0 ? end : NULL;
}

/* The data of such a line. */
static inline struct slice
plain_data(const char *line, const char *end)
{
	const char *from = line + LINE.len;

	from += *from == ' ';
	return slice_of(from, (size_t)(end - from));
}

/* Is this data of an event of the dialect: an object, or the terminal word? */
static inline bool
is_object(struct slice data)
{
	return data.len >= 2 && data.ptr[0] == '{' && data.ptr[data.len - 1] == '}';
}

static inline bool
is_error(struct slice data)
{
	/* Of other events hardly any is compared with the words. */
	return data.len > 2 && (data.ptr[2] == 'e' || data.ptr[1] == ' ') &&
	    (slice_starts(data, S("{\"error\"")) || slice_starts(data, S("{ \"error\"")));
}

/* What an event with usage has in it; without its first quote, which every JSON is full of. */
#define USAGE	S("usage\"")

/* Is there a member of that name, with an object? */
static bool
has_usage(struct slice data)
{
	size_t at;

	while ((at = slice_find(data, USAGE)) < data.len) {
		data = slice_cut(data, at + USAGE.len, data.len);
		while (data.len > 0 && (data.ptr[0] == ' ' || data.ptr[0] == ':'))
			data = slice_cut(data, 1, data.len);
		if (data.len > 0 && data.ptr[0] == '{')
			return true;
	}
	return false;
}

/* Reads the usage of a chunk that has one; true if the chunk is to be cut out. */
static bool
read_usage(struct stream *s, struct arena *work, struct slice data)
{
	struct json_fault fault;
	struct usage usage;
	struct json json;
	bool alone = false;

	if (!has_usage(data))
		return false;
	if (json_parse(work, data, JSON_DUPLICATES_KEPT, &json, &fault) == ERR_OK) {
		openai_usage(&json, &usage);
		if (usage.known || (usage.refused && !s->usage.known))
			s->usage = usage;
		alone = openai_is_usage_chunk(&json);
	}
	arena_reset(work);
	return alone && s->strip_usage;
}

/* Adds an event to what is forwarded that does not stand behind the last one. */
static void
forward_apart(struct stream_view *v, struct slice event)
{
	struct slice *last;

	if (v->count < STREAM_PIECES) {
		v->piece[v->count++] = event;
		return;
	}
	/* So many were cut out between: the bytes are ours, this one moves up. */
	last = &v->piece[v->count - 1];
	memmove((char *)(uintptr_t)(last->ptr + last->len), event.ptr, event.len);
	last->len += event.len;
}

/* Adds an event to what is forwarded. */
static inline void
forward(struct stream_view *v, struct slice event)
{
	struct slice *last = v->count > 0 ? &v->piece[v->count - 1] : NULL;

	if (last != NULL && last->ptr + last->len == event.ptr)
		last->len += event.len;
	else
		forward_apart(v, event);
}

/* What only a look at its fields can tell of an event. */
static enum err
look_inside(struct looking *at, struct event *event)
{
	struct sse_event fields;

	if (sse_read(event->bytes, &fields) != ERR_OK || fields.data_count > 1)
		return ERR_UPSTREAM_MALFORMED;
	if (fields.data_count == 0)
		forward(at->view, event->bytes);
	else
		event->data = fields.data;
	return ERR_OK;
}

/* The word that ends a stream, an error, or nothing that the dialect has. */
static enum err
look_at_rare(struct looking *at, const struct event *event)
{
	if (slice_eq(event->data, S("[DONE]"))) {
		at->stream->done = true;
		forward(at->view, event->bytes);
		return ERR_OK;
	}
	if (!is_object(event->data))
		return ERR_UPSTREAM_MALFORMED;
	at->view->is_error = true;
	at->view->error = event->data;
	at->stream->done = true;
	return ERR_OK;
}

/* Counts an event with data, and adds it to what is forwarded. */
static inline void
pass(struct stream *s, struct stream_view *v, struct slice event, struct slice data)
{
	s->events++;
	s->text_bytes += meter_piece(data, &s->text_at);
	v->events++;
	forward(v, event);
}

/* One whole event. */
static enum err
look(struct looking *at, struct event *event)
{
	enum err e;

	if (event->data.ptr == NULL) {
		e = look_inside(at, event);
		if (e != ERR_OK || event->data.ptr == NULL)
			return e;
	} else if (event->marked && utf8_valid(event->data) < event->data.len) {
		return ERR_UPSTREAM_MALFORMED;
	}
	if (!is_object(event->data) || is_error(event->data))
		return look_at_rare(at, event);
	if (event->marked && read_usage(at->stream, at->work, event->data))
		return ERR_OK;
	pass(at->stream, at->view, event->bytes, event->data);
	return ERR_OK;
}

/* The event at the front of `in`, which ends, if it is a plain one, behind the line's end. */
static enum err
take_event(struct looking *at, struct slice in, const char *end, bool marked, size_t *length)
{
	struct event event = { .marked = true };

	if (end != NULL) {
		event.bytes = slice_of(in.ptr, (size_t)(end + 2 - in.ptr));
		event.data = plain_data(in.ptr, end);
		event.marked = marked;
	} else {
		event.bytes = slice_of(in.ptr, sse_end(in, &at->stream->scanned));
	}
	*length = event.bytes.len;
	if (event.bytes.len == 0)
		return ERR_OK;
	at->stream->scanned = 0;
	return look(at, &event);
}

/* The events of `in`; *left is what follows them. */
static enum err
take_events(struct looking *at, struct slice in, struct slice *left)
{
	struct stream *s = at->stream;
	enum err e = ERR_OK;

	while (in.len > 0 && !s->done && e == ERR_OK) {
		bool marked = false;
		const char *end = plain_end(s, in, &marked);
		size_t length;

		if (end != NULL && !marked && is_object(plain_data(in.ptr, end)) &&
		    !is_error(plain_data(in.ptr, end))) {
			length = (size_t)(end + 2 - in.ptr);
			pass(s, at->view, slice_of(in.ptr, length), plain_data(in.ptr, end));
		} else {
			e = take_event(at, in, end, marked, &length);
			if (length == 0)
				break;
		}
		in = slice_cut(in, length, in.len);
	}
	*left = in;
	return e;
}

/* What some events have in them. */
struct said {
	uint64_t	events, text_bytes;
	size_t		text_at;
};

/*
 * Is it whole events, each one line of data, and all of them for the caller?  The bytes up
 * to `past` are there too, so that all of its own are looked at many at once.
 */
static bool
are_plain(const struct stream *s, struct slice in, const char *past, struct said *said)
{
	while (in.len > 0) {
		bool marked = false;
		const char *end = plain_end(s, slice_of(in.ptr, (size_t)(past - in.ptr)), &marked);
		struct slice data;

		if (end == NULL || end + 2 > in.ptr + in.len)
			return false;
		data = plain_data(in.ptr, end);
		if (!is_object(data) || is_error(data) ||
		    (marked && (has_usage(data) || utf8_valid(data) < data.len)))
			return false;
		said->events++;
		said->text_bytes += meter_piece(data, &said->text_at);
		in = slice_cut(in, (size_t)(end + 2 - in.ptr), in.len);
	}
	return true;
}

size_t
stream_pass(struct stream *s, struct slice raw, struct stream_view *v)
{
	size_t used = 0, length;
	struct slice data;

	*v = (struct stream_view){ 0 };
	if (s->done || s->to > s->from)
		return 0;
	drop_carry(s);
	while ((length = chunk_whole(slice_cut(raw, used, raw.len), &data)) > 0) {
		struct said said = { .text_at = s->text_at };

		if (!are_plain(s, data, raw.ptr + raw.len, &said))
			break;
		used += length;
		v->events += said.events;
		s->text_bytes += said.text_bytes;
		s->text_at = said.text_at;
	}
	s->events += v->events;
	v->chunks = slice_cut(raw, 0, used);
	return used;
}

enum err
stream_take(struct stream *s, struct arena *work, struct slice payload, struct stream_view *v)
{
	bool carried = s->to > s->from;
	struct looking at = { .stream = s, .work = work, .view = v };
	struct slice in = payload;
	enum err e = ERR_OK;

	if (!carried)
		drop_carry(s);
	if (s->done)
		return ERR_OK;
	if (carried) {
		if ((e = carry_more(s, payload)) != ERR_OK)
			return e;
		in = slice_of(s->carry + s->from, s->to - s->from);
	}
	if ((e = take_events(&at, in, &in)) != ERR_OK)
		return e;
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
