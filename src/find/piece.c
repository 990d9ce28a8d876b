/* SPDX-License-Identifier: Apache-2.0 */
#include "find/piece.h"

#include "core/limit.h"

/* Longer than anything that is found in one piece, with the words that speak for it. */
#define OVERLAP_BYTES	512

static bool
is_space(char c)
{
	return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

/* The last white space of a piece's end, or the piece's end. */
size_t
piece_end(struct slice text, size_t from)
{
	size_t end = from + SIGHT_SLICE_BYTES;

	if (end >= text.len)
		return text.len;
	for (size_t i = end; i > end - OVERLAP_BYTES; i--)
		if (is_space(text.ptr[i - 1]))
			return i;
	/* Not inside of a character. */
	while ((text.ptr[end] & 0xc0) == 0x80)
		end--;
	return end;
}

/*
 * Where the next piece begins: with something of the one before.  In a long run without white
 * space a multiple of four bytes behind its beginning, so that base64 is read as it is.
 */
size_t
piece_next(struct slice text, size_t from, size_t end)
{
	size_t at = end - OVERLAP_BYTES, run = end;

	if (end == text.len)
		return end;
	while (run > from && !is_space(text.ptr[run - 1]))
		run--;
	if (run <= at)
		at -= (at - run) % 4;
	while ((text.ptr[at] & 0xc0) == 0x80)
		at++;
	return at;
}
