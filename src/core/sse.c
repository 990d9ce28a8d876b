/* SPDX-License-Identifier: Apache-2.0 */
#include "core/sse.h"

#include "core/utf8.h"
#include "core/vec.h"
#include "core/wide.h"

#define BLOCK_BYTES	64		/* of a walk, looked at together */

/*
 * What the line at `at` that is only its end takes of s; 0 if it is not, or not yet sure.
 * Where lines end in CR, the next event would come before it is sure that no LF follows:
 * that one is taken for a line of its own, which says as little.
 */
static size_t
blank_line(struct slice s, size_t at)
{
	if (s.ptr[at] == '\n')
		return 1;
	if (s.ptr[at] != '\r')
		return 0;
	if (at > 0 && s.ptr[at - 1] == '\r')
		return 1;
	if (at + 1 == s.len)
		return 0;
	return s.ptr[at + 1] == '\n' ? 2 : 1;
}

/* Does the byte at `at` end a line, and is the byte after it of the next one? */
static bool
ends_line(struct slice s, size_t at)
{
	return s.ptr[at] == '\n' || (s.ptr[at] == '\r' && s.ptr[at + 1] != '\n');
}

/*
 * An event ends with a line end that another follows at once: LF and then LF
 * or CR, or CR and then CR.  CR and then LF is one line end.
 */
size_t
sse_end(struct slice s, size_t *scanned)
{
	size_t at = *scanned, blank;

	if (at == 0 && s.len > 0) {
		blank = blank_line(s, 0);
		if (blank > 0)
			return blank;
	}
	for (; at + VEC_BYTES + 1 <= s.len; at += VEC_BYTES) {
		struct vec here = vec_load(s.ptr + at), next = vec_load(s.ptr + at + 1);
		struct vec next_cr = vec_is(next, '\r');
		uint32_t hit = vec_mask(vec_or(vec_and(vec_is(here, '\r'), next_cr),
		    vec_and(vec_is(here, '\n'), vec_or(vec_is(next, '\n'), next_cr))));

		if (hit != 0) {
			at += vec_first(hit);
			break;
		}
	}
	for (; at + 1 < s.len; at++) {
		blank = ends_line(s, at) ? blank_line(s, at + 1) : 0;
		if (blank > 0) {
			*scanned = 0;
			return at + 1 + blank;
		}
		if (ends_line(s, at) && s.ptr[at + 1] == '\r')
			break;
	}
	*scanned = at;
	return 0;
}

/* Of sixteen bytes, as the highest bits of theirs: those above ASCII, and those that mark. */
static inline struct vec
marks(const char *p, struct vec v)
{
	return vec_or(v, vec_and(vec_is(v, 'g'), vec_is(vec_load(p + 2), '"')));
}

/* Sixteen bytes at p, and two behind them; as bits, what stops and what marks. */
struct sixteen {
	uint32_t	stops, marks;
};

static inline struct sixteen
look(const char *p)
{
	struct vec v = vec_load(p);

	return (struct sixteen){ vec_mask(vec_to(v, 0x1f)), vec_mask(marks(p, v)) };
}

/* A block of 64 bytes and two behind it: is there nothing in it that stops or marks? */
static inline bool
is_dull(const char *p)
{
	struct vec v[4] = { vec_load(p), vec_load(p + 16), vec_load(p + 32), vec_load(p + 48) };

	return vec_mask(vec_or(
	    vec_or(vec_or(marks(p, v[0]), vec_to(v[0], 0x1f)),
	    vec_or(marks(p + 16, v[1]), vec_to(v[1], 0x1f))),
	    vec_or(vec_or(marks(p + 32, v[2]), vec_to(v[2], 0x1f)),
	    vec_or(marks(p + 48, v[3]), vec_to(v[3], 0x1f))))) == 0;
}

/* The first control byte of some bytes of which none is looked at together with others. */
static const char *
stop_slowly(const char *p, const char *end, bool *marked)
{
	for (; p < end; p++) {
		if ((unsigned char)*p < 0x20)
			return p;
		*marked |= (unsigned char)*p >= 0x80 || (*p == 'g' && end - p > 2 && p[2] == '"');
	}
	return NULL;
}

static const char *
stop(const char *p, const char *end, bool *marked)
{
	while (end - p >= VEC_BYTES + 2) {
		struct sixteen bits;

		if (end - p >= BLOCK_BYTES + 2 && is_dull(p)) {
			p += BLOCK_BYTES;
			continue;
		}
		bits = look(p);
		*marked |= bits.marks != 0;
		if (bits.stops != 0)
			return p + vec_first(bits.stops);
		p += VEC_BYTES;
	}
	return stop_slowly(p, end, marked);
}

#if WIDE_IS_THERE

WIDE_INLINE struct wide
wide_marks(const char *p, struct wide v)
{
	return wide_or(v, wide_and(wide_is(v, 'g'), wide_is(wide_load(p + 2), '"')));
}

static WIDE const char *
wide_stop(const char *p, const char *end, bool *marked)
{
	for (; end - p >= BLOCK_BYTES + 2; p += BLOCK_BYTES) {
		struct wide v = wide_load(p), w = wide_load(p + WIDE_BYTES);
		struct wide mark = wide_or(wide_marks(p, v), wide_marks(p + WIDE_BYTES, w));
		struct wide here = wide_to(v, 0x1f), there = wide_to(w, 0x1f);
		uint64_t stops;

		if (wide_mask(wide_or(mark, wide_or(here, there))) == 0)
			continue;
		*marked |= wide_mask(mark) != 0;
		stops = wide_mask(here) | (uint64_t)wide_mask(there) << WIDE_BYTES;
		if (stops != 0)
			return p + __builtin_ctzll(stops);
	}
	return stop(p, end, marked);
}

#else

static const char *
wide_stop(const char *p, const char *end, bool *marked)
{
	return stop(p, end, marked);
}

#endif

const char *
sse_stop(const char *p, const char *end, bool wide, bool *marked)
{
	return wide ? wide_stop(p, end, marked) : stop(p, end, marked);
}

/* Cuts the first line off *rest; the last one may lack its end. */
static struct slice
cut_line(struct slice *rest)
{
	struct slice line = *rest;
	size_t len = 0, end;

	while (len + VEC_BYTES <= line.len) {
		struct vec v = vec_load(line.ptr + len);
		uint32_t hit = vec_mask(vec_or(vec_is(v, '\n'), vec_is(v, '\r')));

		len += hit == 0 ? VEC_BYTES : vec_first(hit);
		if (hit != 0)
			break;
	}
	while (len < line.len && line.ptr[len] != '\n' && line.ptr[len] != '\r')
		len++;
	end = len;
	if (end < line.len && line.ptr[end] == '\r')
		end++;
	if (end < line.len && line.ptr[end] == '\n')
		end++;
	*rest = slice_cut(line, end, line.len);
	line.len = len;
	return line;
}

/* A line's field name; *value is what follows the colon and one space. */
static struct slice
cut_name(struct slice line, struct slice *value)
{
	size_t colon = 0;

	while (colon < line.len && line.ptr[colon] != ':')
		colon++;
	*value = slice_cut(line, colon < line.len ? colon + 1 : colon, line.len);
	if (value->len > 0 && value->ptr[0] == ' ')
		*value = slice_cut(*value, 1, value->len);
	line.len = colon;
	return line;
}

static struct slice
without_mark(struct slice event)
{
	return slice_starts(event, S("\xef\xbb\xbf")) ? slice_cut(event, 3, event.len) : event;
}

enum err
sse_read(struct slice event, struct sse_event *out)
{
	struct slice rest = without_mark(event);
	struct sse_event e = { .comment_only = true };

	if (event.len > 0 && memchr(event.ptr, '\0', event.len) != NULL)
		return ERR_UPSTREAM_MALFORMED;
	if (utf8_valid(event) < event.len)
		return ERR_UPSTREAM_MALFORMED;
	while (rest.len > 0) {
		struct slice value, name, line = cut_line(&rest);

		if (line.len == 0 || line.ptr[0] == ':')
			continue;
		e.comment_only = false;
		name = cut_name(line, &value);
		if (slice_eq(name, S("data"))) {
			if (e.data_count++ == 0)
				e.data = value;
		} else if (slice_eq(name, S("event"))) {
			e.type = value;
		} else if (slice_eq(name, S("id"))) {
			e.id = value;
		}
	}
	*out = e;
	return ERR_OK;
}

struct slice
sse_data(struct arena *arena, struct slice event, const struct sse_event *e)
{
	struct slice rest = without_mark(event);
	char *out, *to;

	if (e->data_count <= 1)
		return e->data;
	out = to = arena_bytes(arena, event.len);
	if (out == NULL)
		return slice_of(NULL, 0);
	while (rest.len > 0) {
		struct slice value, name = cut_name(cut_line(&rest), &value);

		if (!slice_eq(name, S("data")))
			continue;
		memcpy(to, value.ptr, value.len);
		to += value.len;
		*to++ = '\n';
	}
	return slice_of(out, (size_t)(to - out) - 1);
}
