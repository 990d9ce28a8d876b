/* SPDX-License-Identifier: Apache-2.0 */
#include "find/normal.h"

#include "blocks.h"
#include "check.h"

static const struct {
	const char *in, *want, *why;
} cases[] = {
	{ "plain", "plain", "ASCII stays" },
	{ "Gr\u00fc\u00dfe \u015acis\u0142e", "Gr\u00fc\u00dfe \u015acis\u0142e",
	    "letters of European languages stay" },
	{ "\uff14\uff11\uff11\uff11", "4111", "digits of full width" },
	{ "\uff4a\uff4f\uff20\uff41.\uff49\uff4f", "jo@a.io", "an address of full width" },
	{ "41\u200b11\u200d22\ufeff33", "41112233", "what has no width goes" },
	{ "se\u00adcret \u202egnp\u202c", "secret gnp", "soft hyphens and directions go" },
	{ "hi\U000e0069\U000e0067\U000e006e\U000e006f\U000e0072\U000e0065", "hi ignore",
	    "tag characters become what they say" },
	{ "x\U000e0152\U000e0155\ufe0f", "x be", "so do smuggled variation selectors" },
	{ "\U0001d5a8\U0001d5c0\U0001d5c7\u2460 \u2474 \u216b \ufb01\u2122 m\u00b2",
	    "Ign1 (1) XII fiTM m2", "mathematical letters, circled digits, numerals, ligatures" },
	{ "\u0661\u0662\u0663 \u0967\u0968 \u06f4", "123 12 4", "digits of other scripts" },
	{ "a\u00a0b\u2003c\u3000d\u2013e\u2014f\u2019s \u201cg\u201d\u2026", "a b c d-e-f's \"g\"...",
	    "spaces, dashes and quotes" },
	{ "p\u0430ssw\u043erd \u0421ARD", "password CARD", "Cyrillic letters in Latin words" },
	{ "D\u0395\u0391", "DEA", "Greek ones" },
	{ "\u043c\u043e\u0441\u043a\u0432\u0430 \u03b1\u03bd\u03c1", "\u043c\u043e\u0441\u043a\u0432\u0430 \u03b1\u03bd\u03c1",
	    "words of their own script stay" },
	{ "\u0441\u043b\u043e\u0432\u043e\u2014word", "\u0441\u043b\u043e\u0432\u043e-word",
	    "a dash is the end of a word" },
	{ "\u0430\u200ba", "aa", "what is not seen is not" },
	{ "e\u0301te\u0301 n\u0303 \u00e9\u0301", "\u00e9t\u00e9 \u00f1 \u00e9\u0301",
	    "a mark joins its letter" },
	{ "z\u0351\u0324\u0353a\u0300\u0301\u0302l", "z\u00e0l", "stacked marks go" },
	{ "\u0438\u0306", "\u0438\u0306", "one mark on another script's letter stays" },
	{ "\U0001d7d7\U0001d7d8", "90", "mathematical digits" },
	{ "\u793e\u5916\u79d8\u3002", "\u793e\u5916\u79d8.", "ideographs stay" },
	{ "\xff\xc2 \xe2\x80", "\xff\xc2 \xe2\x80", "what is not UTF-8 passes" },
};

static const struct {
	const char *in, *what, *want;
	bool odd;
	const char *why;
} spans[] = {
	{ "card 41\u200b11!", "4111", "41\u200b11", true, "around what went" },
	{ "\u200b41\u200b 7", "41", "41", false, "not what stands beside" },
	{ "a \uff14\uff11 b", "41", "\uff14\uff11", true, "around what is full width" },
	{ "a \u2014 b-c", "b-c", "b-c", false, "behind what is shorter now" },
	{ "a\u2013b", "a-b", "a\u2013b", false, "a dash hides nothing" },
	{ "x \u216b y", "I", "\u216b", true, "half of what was replaced is all of it" },
	{ "x cafe\u0301", "\u00e9", "e\u0301", false, "a letter and its mark" },
	{ "x\u216b", "XII", "\u216b", true, "up to the end" },
};

static void
check_span(struct arena *a, size_t i)
{
	struct slice in = slice_of(spans[i].in, strlen(spans[i].in));
	struct slice what = slice_of(spans[i].what, strlen(spans[i].what));
	struct slice want = slice_of(spans[i].want, strlen(spans[i].want));
	struct normal n;
	uint32_t start, end;
	bool odd;

	normal_make(a, in, true, &n);
	start = (uint32_t)slice_find(n.text, what);
	end = start + (uint32_t)what.len;
	odd = normal_span(&n, &start, &end);
	check_slice(slice_cut(in, start, end), want, "span: %s", spans[i].why);
	check(odd == spans[i].odd, "odd or not: %s", spans[i].why);
}

/* Around every place of the blocks that are looked at together. */
static void
check_places(struct arena *a)
{
	char room[200], want[200];
	bool good = true;

	for (size_t at = 0; at + 3 <= 100; at++) {
		struct normal n;

		memset(room, 'a', sizeof room);
		memcpy(room + at, "\uff41", 3);
		memset(want, 'a', sizeof want);
		for (int wide = 0; wide < 2; wide++) {
			normal_make(a, slice_of(room, 100), wide, &n);
			good &= slice_eq(n.text, slice_of(want, 98));
		}
		arena_reset(a);
	}
	check(good, "wherever it stands");
}

int
main(void)
{
	struct blocks blocks = BLOCKS;
	struct normal n;
	struct slice in;
	struct arena a;

	arena_init(&a, &blocks.memory, 1 << 26);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct slice want = slice_of(cases[i].want, strlen(cases[i].want));

		in = slice_of(cases[i].in, strlen(cases[i].in));
		normal_make(&a, in, i % 2 == 0, &n);
		check_slice(n.text, want, "%s", cases[i].why);
		check(slice_eq(in, want) == (n.text.ptr == in.ptr), "copied only where it must be");
	}
	for (size_t i = 0; i < COUNT_OF(spans); i++)
		check_span(&a, i);
	check_places(&a);
	blocks.left = 0;
	arena_release(&a);
	arena_init(&a, &blocks.memory, 1 << 26);
	in = S("a\u200bb");
	normal_make(&a, in, true, &n);
	check(n.cut && n.text.ptr == in.ptr, "without memory the text stays, and says so");
	arena_release(&a);
	return check_done();
}
