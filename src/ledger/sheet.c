/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/sheet.h"

#include "core/json.h"

static const struct slice columns[] = {
	S("time"), S("id"), S("entry"), S("tenant"), S("caller"), S("operation"),
	S("model_asked"), S("model"), S("zone"), S("label"), S("status"), S("err"),
	S("input_tokens"), S("output_tokens"), S("cost_usd"), S("duration_us"), S("client"),
};

#define COLUMNS	(sizeof columns / sizeof columns[0])

void
sheet_put_names(struct text *t)
{
	text_put(t, S("seq"));
	for (size_t i = 0; i < COLUMNS; i++) {
		text_put(t, S(","));
		text_put(t, slice_eq(columns[i], S("entry")) ? S("kind") : columns[i]);
	}
	text_put(t, S(",entry\n"));
}

static void
put_quoted(struct text *t, struct slice s)
{
	text_put(t, S("\""));
	if (s.len > 0 && memchr("=+-@\t\r", s.ptr[0], 6) != NULL)
		text_put(t, S("'"));
	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] == '"')
			text_put(t, S("\""));
		/* A row is one line. */
		text_put_char(t, s.ptr[i] == '\n' ? ' ' : s.ptr[i]);
	}
	text_put(t, S("\""));
}

static void
put_value(struct text *t, struct arena *a, const struct json *j, struct slice name)
{
	uint32_t node = json_member(j, 0, name);

	text_put(t, S(","));
	if (node == 0 || json_type(j, node) == JSON_NULL)
		return;
	if (json_type(j, node) == JSON_STRING)
		put_quoted(t, json_string(a, j, node));
	else
		put_quoted(t, json_raw(j, node));
}

enum err
sheet_put(struct text *t, struct arena *a, uint64_t seq, struct slice entry)
{
	struct json_fault fault = { 0 };
	struct json j;
	enum err e = json_parse(a, entry, JSON_DUPLICATES_KEPT, &j, &fault);

	if (e == ERR_MEMORY)
		return e;
	text_put_number(t, seq);
	for (size_t i = 0; i < COLUMNS; i++)
		if (e == ERR_OK && json_type(&j, 0) == JSON_OBJECT)
			put_value(t, a, &j, columns[i]);
		else
			text_put(t, S(","));
	text_put(t, S(","));
	put_quoted(t, entry);
	text_put(t, S("\n"));
	return arena_overflowed(a) ? ERR_MEMORY : ERR_OK;
}

/* Past the end of a field: behind its last byte. */
static size_t
field_end(struct slice s, size_t at)
{
	if (at >= s.len || s.ptr[at] != '"') {
		while (at < s.len && s.ptr[at] != ',')
			at++;
		return at;
	}
	for (at++; at < s.len; at++) {
		if (s.ptr[at] != '"')
			continue;
		if (at + 1 == s.len || s.ptr[at + 1] != '"')
			return at + 1;
		at++;
	}
	return at;
}

bool
sheet_entry(struct arena *a, struct slice row, struct slice *out)
{
	size_t begin = 0, end = field_end(row, 0);
	struct text t;
	char *room;

	for (size_t i = 0; i < COLUMNS + 1; i++) {
		if (end >= row.len || row.ptr[end] != ',')
			return false;
		begin = end + 1;
		end = field_end(row, begin);
	}
	if (end != row.len || end - begin < 2 || row.ptr[begin] != '"' || row.ptr[end - 1] != '"')
		return false;
	if ((room = arena_bytes(a, end - begin)) == NULL)
		return false;
	text_init(&t, room, end - begin);
	for (size_t i = begin + 1; i < end - 1; i++) {
		i += row.ptr[i] == '"';
		text_put_char(&t, row.ptr[i]);
	}
	*out = text_slice(&t);
	return true;
}
