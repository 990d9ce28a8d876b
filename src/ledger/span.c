/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/span.h"

#define ID_TIME_LETTERS	10	/* of a ULID: milliseconds since 1970, in base 32 */
#define CLOCK_SLACK	(60 * NANOS_PER_S)

static enum err
head_of(struct store *s, uint64_t size, struct entry_head *out, bool *found)
{
	enum err e = entry_head_seek(s, size);

	if (e == ERR_OK)
		e = entry_head_next(s, out, found);
	/* The note is gone with this; size and time are not. */
	entry_head_end(s);
	return e;
}

enum err
span_at(struct store *s, nanos wall, uint64_t *seq)
{
	struct entry_head head = { 0 };
	bool found = false;
	uint64_t low = 0, high;
	enum err e = entry_head_last(s, &head, &found);

	high = found ? head.size : 0;
	/* A head of `low` entries is before that time, one of more than `high` is not. */
	while (e == ERR_OK && low < high) {
		uint64_t middle = low + (high - low + 1) / 2;

		e = head_of(s, middle, &head, &found);
		if (found && head.wall < wall)
			low = head.size;
		else
			high = middle - 1;
	}
	if (e == ERR_OK)
		*seq = low;
	return e;
}

/* Crockford's base 32. */
static int
value_of(char c)
{
	static const char letters[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
	const char *at = c == '\0' ? NULL : strchr(letters, c);

	return at == NULL ? -1 : (int)(at - letters);
}

/* When the request began, as its id says; 0 for what is none. */
static nanos
began(struct slice id)
{
	nanos ms = 0;

	for (size_t i = 0; i < ID_TIME_LETTERS; i++) {
		int v = i < id.len ? value_of(id.ptr[i]) : -1;

		if (v < 0 || ms > INT64_MAX / NANOS_PER_MS / 64)
			return 0;
		ms = ms << 5 | v;
	}
	return ms * NANOS_PER_MS;
}

/* `"id":"ID"` in a line, of which the id may be any text. */
static bool
names(struct slice line, struct slice id)
{
	struct slice key = S("\"id\":\"");
	size_t at = slice_find(line, key) + key.len;

	return at + id.len < line.len && slice_starts(slice_cut(line, at, line.len), id) &&
	    line.ptr[at + id.len] == '"';
}

static enum err
scan(struct store *s, uint64_t from, struct slice id, uint64_t *seq, bool *found)
{
	struct entry_row row = { 0 };
	bool more = true, closed = false;
	enum err e = entry_seek(s, from, INT64_MAX);

	*found = false;
	while (e == ERR_OK && !closed && (e = entry_next(s, &row, &more)) == ERR_OK && more) {
		if (!names(row.line, id))
			continue;
		*seq = row.seq;
		*found = true;
		closed = slice_find(row.line, S("\"opened\":true")) == row.line.len;
	}
	entry_end(s);
	return e;
}

enum err
span_find(struct store *s, struct slice id, uint64_t *seq, bool *found)
{
	nanos wall = began(id);
	uint64_t from = 0, last = 0;
	enum err e;

	if (slice_number(id, seq)) {
		e = entry_last(s, &last, found);
		*found = e == ERR_OK && *found && *seq <= last;
		return e;
	}
	/* The entry came after its request began, unless a clock was set back. */
	e = wall > CLOCK_SLACK ? span_at(s, wall - CLOCK_SLACK, &from) : ERR_OK;
	if (e == ERR_OK)
		e = scan(s, from, id, seq, found);
	return e == ERR_OK && !*found && from > 0 ? scan(s, 0, id, seq, found) : e;
}
