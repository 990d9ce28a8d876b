/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sse - any bytes as a stream of events, in any pieces.
 *
 * The first byte says how long the pieces are.  Whatever they are, the events
 * must be those of the whole; each must read as a reader does that follows the
 * standard's own algorithm, line by line.
 */
#include "core/sse.h"

#include "core/utf8.h"
#include "fuzz.h"

#define EVENTS_MAX	512

/* The lengths of the events in s when it grows by `step` bytes at a time. */
static size_t
cut_events(struct slice s, size_t step, size_t *len, size_t *scanned_most)
{
	size_t from = 0, scanned = 0, count = 0, have = 0;

	for (;;) {
		have = have + step < s.len ? have + step : s.len;

		struct slice part = fuzz_exact(slice_cut(s, from, have));
		size_t at = 0, n;

		while (count < EVENTS_MAX &&
		    (n = sse_end(slice_cut(part, at, part.len), &scanned)) > 0) {
			FUZZ_CHECK(n <= part.len - at && scanned == 0);
			len[count++] = n;
			at += n;
		}
		FUZZ_CHECK(scanned <= part.len - at);
		*scanned_most = scanned;
		free((char *)part.ptr);
		from += at;
		if (have == s.len || count == EVENTS_MAX)
			return count;
	}
}

/* The standard's lines: up to CRLF, LF or CR. */
static struct slice
next_line(struct slice *rest)
{
	size_t len = 0, end;
	struct slice line;

	while (len < rest->len && rest->ptr[len] != '\n' && rest->ptr[len] != '\r')
		len++;
	end = len < rest->len ? len + 1 : len;
	if (len + 1 < rest->len && rest->ptr[len] == '\r' && rest->ptr[len + 1] == '\n')
		end++;
	line = slice_cut(*rest, 0, len);
	*rest = slice_cut(*rest, end, rest->len);
	return line;
}

struct plain {
	struct slice	type, id;
	char		*data;
	size_t		 len;
	unsigned	 count, fields;
};

static void
process_field(struct plain *e, struct slice name, struct slice value)
{
	e->fields++;
	if (slice_eq(name, S("event")))
		e->type = value;
	if (slice_eq(name, S("id")))
		e->id = value;
	if (!slice_eq(name, S("data")))
		return;
	memcpy(e->data + e->len, value.ptr, value.len);
	e->len += value.len;
	e->data[e->len++] = '\n';
	e->count++;
}

static struct plain
read_plain(struct slice event)
{
	struct plain e = { .data = malloc(event.len + 1) };

	if (slice_starts(event, S("\xef\xbb\xbf")))
		event = slice_cut(event, 3, event.len);
	while (event.len > 0) {
		struct slice line = next_line(&event), value = S("");
		size_t colon = slice_find(line, S(":"));

		if (line.len == 0 || colon == 0)
			continue;
		if (colon < line.len) {
			value = slice_cut(line, colon + 1, line.len);
			if (value.len > 0 && value.ptr[0] == ' ')
				value = slice_cut(value, 1, value.len);
		}
		process_field(&e, slice_cut(line, 0, colon), value);
	}
	return e;
}

static void
check_event(struct slice event)
{
	struct plain plain = read_plain(event);
	struct sse_event e;
	struct arena a;

	fuzz_arena(&a);
	if (utf8_valid(event) < event.len || memchr(event.ptr, 0, event.len) != NULL) {
		FUZZ_CHECK(sse_read(event, &e) == ERR_UPSTREAM_MALFORMED);
	} else {
		struct slice data;

		FUZZ_CHECK(sse_read(event, &e) == ERR_OK);
		FUZZ_CHECK(slice_eq(e.type, plain.type) && slice_eq(e.id, plain.id));
		FUZZ_CHECK(e.data_count == plain.count && e.comment_only == (plain.fields == 0));
		FUZZ_CHECK((e.data.ptr == NULL) == (plain.count == 0));
		data = sse_data(&a, event, &e);
		FUZZ_CHECK((data.ptr == NULL) == (plain.count == 0));
		FUZZ_CHECK(plain.count == 0 || slice_eq(data, slice_of(plain.data, plain.len - 1)));
		FUZZ_CHECK(fuzz_inside(e.data, event) && fuzz_inside(e.type, event));
	}
	arena_release(&a);
	free(plain.data);
}

/* An event ends with its first empty line, and has no other. */
static void
check_border(struct slice event)
{
	while (event.len > 0) {
		struct slice line = next_line(&event);

		FUZZ_CHECK((line.len == 0) == (event.len == 0));
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t whole[EVENTS_MAX], cut[EVENTS_MAX], at = 0, count, most, left;
	struct slice s;

	if (size < 1)
		return 0;
	s = slice_of((const char *)data + 1, size - 1);
	count = cut_events(s, s.len, whole, &left);
	FUZZ_CHECK(cut_events(s, (size_t)data[0] % 64 + 1, cut, &most) == count);
	FUZZ_CHECK(memcmp(whole, cut, count * sizeof *cut) == 0);
	for (size_t i = 0; i < count; i++) {
		struct slice event = fuzz_exact(slice_cut(s, at, at + whole[i]));

		check_border(event);
		check_event(event);
		free((char *)event.ptr);
		at += whole[i];
	}
	if (count == EVENTS_MAX)
		return 0;
	/* What is left has no empty line, but perhaps a CR at its end that may be one. */
	struct slice rest = slice_cut(s, at, s.len);

	while (rest.len > 0) {
		struct slice line = next_line(&rest);

		FUZZ_CHECK(line.len > 0 || (rest.len == 0 && line.ptr[0] == '\r'));
	}
	return 0;
}
