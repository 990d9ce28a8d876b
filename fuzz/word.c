/* SPDX-License-Identifier: Apache-2.0 */
/*
 * word - the words of any bytes, and the runs that decode to text.
 *
 * Words are those of a reader that goes byte by byte, with the hashes that each
 * has by itself; wide and narrow code agree, whatever room they have.  Runs
 * come by place, lie apart and inside, and say no more than they are long.
 */
#include "detect/decode.h"
#include "find/word.h"

#include "fuzz.h"

static bool
is_word(unsigned char c)
{
	return c >= 0x80 || (unsigned)((c | 0x20) - 'a') < 26 || (unsigned)(c - '0') < 10;
}

/* Words of ASCII, one after the other; *at moves behind the word. */
static bool
next_plain(struct slice s, size_t *at, struct slice *word, bool *ascii)
{
	size_t start;

	while (*at < s.len && !is_word((unsigned char)s.ptr[*at]))
		++*at;
	start = *at;
	for (*ascii = true; *at < s.len && is_word((unsigned char)s.ptr[*at]); ++*at)
		*ascii &= (unsigned char)s.ptr[*at] < 0x80;
	*word = slice_cut(s, start, *at);
	return word->len > 0;
}

/* The words that lie in [start, end) of the text: of ASCII one, of others pieces of it. */
static void
check_piece(struct slice s, struct slice want, bool ascii, struct word **at, struct word *last)
{
	size_t start = (size_t)(want.ptr - s.ptr), end = start + want.len, to = start;

	while (*at < last && (*at)->start < end) {
		struct slice one = slice_cut(s, (*at)->start, (*at)->end);

		FUZZ_CHECK((*at)->start == to && one.len > 0);
		FUZZ_CHECK(!ascii || (one.len == want.len &&
		    (*at)->hash == (one.len > WORD_BYTES_MAX ? 0 : word_hash(one))));
		FUZZ_CHECK(ascii || (*at)->hash == word_hash(one));
		to = (*at)->end;
		++*at;
	}
	FUZZ_CHECK(to == end);
}

static uint32_t
read_all(struct slice s, bool wide, unsigned room, struct word *out)
{
	struct words words;
	uint32_t count = 0;

	words_init(&words, s, wide);
	for (unsigned got; (got = words_read(&words, out + count, room)) > 0; count += got)
		FUZZ_CHECK(got <= room);
	FUZZ_CHECK(words_read(&words, out + count, room) == 0);
	return count;
}

static void
check_words(struct slice s)
{
	struct word *wide = malloc((s.len + 256) * sizeof *wide);
	struct word *narrow = malloc((s.len + 256) * sizeof *narrow), *now = narrow;
	uint32_t count = read_all(s, false, WORDS_ROOM_MIN, narrow);
	struct slice word;
	size_t at = 0;
	bool ascii;

	FUZZ_CHECK(count == read_all(s, true, 150, wide));
	FUZZ_CHECK(memcmp(wide, narrow, count * sizeof *wide) == 0);
	while (next_plain(s, &at, &word, &ascii))
		check_piece(s, word, ascii, &now, narrow + count);
	FUZZ_CHECK(now == narrow + count);
	free(wide);
	free(narrow);
}

static void
check_runs(struct arena *a, struct slice s)
{
	struct decode wide, narrow;
	struct decoded one, other;
	uint32_t end = 0;

	decode_init(&wide, a, s, true);
	decode_init(&narrow, a, s, false);
	while (decode_next(&wide, &one)) {
		FUZZ_CHECK(decode_next(&narrow, &other));
		FUZZ_CHECK(one.start == other.start && one.end == other.end);
		FUZZ_CHECK(slice_eq(one.text, other.text));
		FUZZ_CHECK(one.start >= end && one.end <= s.len);
		FUZZ_CHECK(one.end - one.start >= DECODE_PERCENT_MIN);
		FUZZ_CHECK(one.text.len > 0 && one.text.len <= one.end - one.start);
		end = one.end;
	}
	FUZZ_CHECK(!decode_next(&narrow, &other));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice s = fuzz_exact(slice_of((const char *)data, size));
	struct arena a;

	fuzz_arena(&a);
	check_words(s);
	check_runs(&a, s);
	arena_release(&a);
	free((char *)s.ptr);
	return 0;
}
