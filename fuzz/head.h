/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FUZZ_HEAD_H
#define FUZZ_HEAD_H

/*
 * head - what holds for every head that http1 accepts, request or response.
 *
 * Written against the bytes, line by line, so that it shares nothing with the
 * reader: lines end in CRLF and only there, each has a name and a colon, and
 * the framing is what the lines say.
 */

#include "core/limit.h"
#include "fuzz.h"
#include "wire/http1.h"

/* The value of the nth field of this name, trimmed; absent if there are fewer. */
static struct slice
head_field(struct slice head, struct slice name, unsigned nth)
{
	size_t at = slice_find(head, S("\r\n")) + 2;

	while (at < head.len) {
		struct slice rest = slice_cut(head, at, head.len);
		struct slice line = slice_cut(rest, 0, slice_find(rest, S("\r\n")));
		size_t colon = slice_find(line, S(":"));

		if (line.len > 0 && slice_same_word(slice_cut(line, 0, colon), name) && nth-- == 0)
			return slice_trim(slice_cut(line, colon + 1, line.len));
		at += line.len + 2;
	}
	return slice_of(NULL, 0);
}

static void
head_check_lines(struct slice head)
{
	for (size_t i = 0; i < head.len; i++) {
		unsigned char c = (unsigned char)head.ptr[i];

		if (c == '\r')
			FUZZ_CHECK(i + 1 < head.len && head.ptr[i + 1] == '\n');
		else if (c == '\n')
			FUZZ_CHECK(i > 0 && head.ptr[i - 1] == '\r');
		else
			FUZZ_CHECK((c >= 0x20 && c != 0x7f) || c == '\t');
	}
	FUZZ_CHECK(slice_find(head, S("\r\n\r\n")) == head.len - 4);
}

static void
head_check_fields(struct slice head, const struct http1_head *h)
{
	static const struct {
		struct slice	name;
		bool		list;
	} known[] = {
#define one	false
#define list	true
#define HEADER(name, field, times)	{ { field, sizeof(field) - 1 }, times },
#include "wire/header.tbl"
#undef HEADER
#undef list
#undef one
	};
	size_t at = slice_find(head, S("\r\n")) + 2;
	uint32_t count = 0;

	for (; at < head.len - 2; count++) {
		struct slice rest = slice_cut(head, at, head.len);
		struct slice line = slice_cut(rest, 0, slice_find(rest, S("\r\n")));

		FUZZ_CHECK(http1_is_token(slice_cut(line, 0, slice_find(line, S(":")))));
		at += line.len + 2;
	}
	FUZZ_CHECK(count == h->field_count && count <= HEADER_COUNT_MAX);
	for (unsigned i = 0; i < HEADER_COUNT; i++) {
		struct slice value = head_field(head, known[i].name, 0);

		FUZZ_CHECK((value.ptr == NULL) == (h->field[i].ptr == NULL));
		FUZZ_CHECK(slice_eq(value, h->field[i]) && fuzz_inside(h->field[i], head));
		FUZZ_CHECK(known[i].list || head_field(head, known[i].name, 1).ptr == NULL);
	}
}

/* The framing that the fields ask for, before the status has its say. */
static enum framing
head_framing(struct slice head, uint64_t *length)
{
	struct slice coding = head_field(head, S("transfer-encoding"), 0);
	struct slice says = head_field(head, S("content-length"), 0);

	*length = 0;
	FUZZ_CHECK(coding.ptr == NULL || says.ptr == NULL);
	FUZZ_CHECK(coding.ptr == NULL || slice_same_word(coding, S("chunked")));
	if (coding.ptr != NULL)
		return FRAMING_CHUNKED;
	if (says.ptr == NULL)
		return FRAMING_CLOSE;
	FUZZ_CHECK(slice_number(says, length));
	return *length > 0 ? FRAMING_LENGTH : FRAMING_NONE;
}

/* http1_end() finds the same end whatever the pieces. */
static size_t
head_end(struct slice s)
{
	size_t whole = 0, step = 0, found = 0, len = http1_end(s, &whole);

	for (size_t have = 0; have <= s.len && found == 0; have++) {
		struct slice part = fuzz_exact(slice_cut(s, 0, have));

		found = http1_end(part, &step);
		free((char *)part.ptr);
		if (s.len > 512)
			have += 37;
	}
	if (found == 0)
		found = http1_end(s, &step);
	FUZZ_CHECK(found == len && len <= s.len);
	return len;
}

#endif
