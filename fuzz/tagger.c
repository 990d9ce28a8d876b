/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tagger - any bytes as a text with names.
 *
 * The first byte says how much of the rest is the key above it.  Whatever they are: what
 * is found lies in the text, is not empty and has a score; a second look finds the same; the
 * words that were read are in order, whole characters where the text is UTF-8, and cover it
 * but for its spaces.
 */
#include "name/names.h"

#include "core/utf8.h"
#include "fuzz.h"

static bool
is_continuation(struct slice s, uint32_t at)
{
	return at < s.len && ((unsigned char)s.ptr[at] & 0xc0) == 0x80;
}

static void
check_words(struct slice text)
{
	bool good = utf8_valid(text) == text.len;
	uint32_t end = 0;
	struct atoms ws;
	struct arena a;

	fuzz_arena(&a);
	FUZZ_CHECK(atoms_init(&ws, &a, text));
	while (atoms_read(&ws)) {
		FUZZ_CHECK(ws.count > 0 && ws.count <= ATOMS_MAX);
		for (uint32_t i = 0; i < ws.count; i++) {
			const struct atom *w = &ws.at[i];

			FUZZ_CHECK(w->start >= end && w->end > w->start && w->end <= text.len);
			FUZZ_CHECK(w->shape != ATOM_NONE);
			FUZZ_CHECK(!good || (!is_continuation(text, w->start) &&
			    !is_continuation(text, w->end)));
			for (; end < w->start; end++)
				FUZZ_CHECK(!good || (unsigned char)text.ptr[end] <= ' ' ||
				    (unsigned char)text.ptr[end] >= 0x80);
			end = w->end;
		}
	}
	FUZZ_CHECK(ws.next == text.len);
	arena_release(&a);
}

static void
check_found(const struct founds *f, struct slice text)
{
	bool good = utf8_valid(text) == text.len;

	FUZZ_CHECK(!f->cut);
	for (uint32_t i = 0; i < f->count; i++) {
		const struct found *one = &f->at[i];

		FUZZ_CHECK(one->start < one->end && one->end <= text.len);
		FUZZ_CHECK(one->what < FOUND_COUNT && one->how != 0);
		FUZZ_CHECK(one->score >= 1 && one->score <= 100);
		FUZZ_CHECK(!good || (!is_continuation(text, one->start) &&
		    !is_continuation(text, one->end)));
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct founds once, twice;
	struct slice text, key;
	size_t cut;
	struct arena a;

	if (size < 1 || size > 65536)
		return 0;
	cut = 1 + (size_t)data[0] % 24;
	cut = cut < size ? cut : size;
	key = fuzz_exact(slice_of((const char *)data + 1, cut - 1));
	text = fuzz_exact(slice_of((const char *)data + cut, size - cut));
	check_words(text);
	fuzz_arena(&a);
	founds_init(&once, &a);
	names_find(&once, text, key);
	check_found(&once, text);
	founds_init(&twice, &a);
	names_find(&twice, text, key);
	FUZZ_CHECK(once.count == twice.count);
	for (uint32_t i = 0; i < once.count; i++)
		FUZZ_CHECK(once.at[i].start == twice.at[i].start &&
		    once.at[i].end == twice.at[i].end &&
		    once.at[i].what == twice.at[i].what && once.at[i].score == twice.at[i].score);
	arena_release(&a);
	free((char *)text.ptr);
	free((char *)key.ptr);
	return 0;
}
