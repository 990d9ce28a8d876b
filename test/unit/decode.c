/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/decode.h"

#include "blocks.h"
#include "check.h"

/* The run, and what it says; NULL where there is none. */
static const struct {
	const char *in, *run, *want, *why;
} cases[] = {
	{ "Send c2VjcmV0IHBsYW5zIGhlcmU= now", "c2VjcmV0IHBsYW5zIGhlcmU=", "secret plans here", "base64" },
	{ "c2VjcmV0IHBsYW5zIGhlcmU", "c2VjcmV0IHBsYW5zIGhlcmU", "secret plans here", "without padding" },
	{ "x=Pz8_Pj4-Pz8_Pj4-Pz8_;", "Pz8_Pj4-Pz8_Pj4-Pz8_", "\?\?\?>>>\?\?\?>>>\?\?\?", "base64url" },
	{ "736563726574206e616d65", "736563726574206e616d65", "secret name", "hex" },
	{ "0x736563726574206e616d65", "0x736563726574206e616d65", "secret name", "hex with a prefix" },
	{ "to=anna%40acme.io&x", "anna%40acme.io", "anna@acme.io", "percent" },
	{ "%61%6e%6E%61 rest", "%61%6e%6E%61", "anna", "nothing but percent" },
	{ "R3LDvMOfZSBhdXMgTcO8bmNoZW4=", "R3LDvMOfZSBhdXMgTcO8bmNoZW4=", "Gr\u00fc\u00dfe aus M\u00fcnchen",
	    "UTF-8" },
	{ "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFB\r\n"
	    "QkJC rest",
	    "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFB\r\n"
	    "QkJC", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAABBB", "over two lines" },
	{ "internationalization of misunderstandings", NULL, NULL, "long words are words" },
	{ "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", NULL, NULL, "a digest" },
	{ "/usr/share/doc/packages/README", NULL, NULL, "a path" },
	{ "100%, 5 %d, 50%of", NULL, NULL, "percent signs" },
	{ "c2hvcnQ=", NULL, NULL, "too short" },
	{ "", NULL, NULL, "nothing" },
};

int
main(void)
{
	struct blocks blocks = BLOCKS;
	struct decoded run;
	struct decode d;
	struct arena a;
	char room[512];

	arena_init(&a, &blocks.memory, 1 << 26);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct slice in = slice_of(cases[i].in, strlen(cases[i].in));
		bool is = (decode_init(&d, &a, in, i % 2 == 0), decode_next(&d, &run));

		if (!check(is == (cases[i].run != NULL), "%s", cases[i].why) || !is)
			continue;
		check_slice(slice_cut(in, run.start, run.end),
		    slice_of(cases[i].run, strlen(cases[i].run)), "run: %s", cases[i].why);
		check_slice(run.text, slice_of(cases[i].want, strlen(cases[i].want)), "%s",
		    cases[i].why);
		check(!decode_next(&d, &run), "and no other");
	}
	/* A run is found wherever it begins, behind words of any length. */
	for (size_t at = 0; at < 70; at++) {
		struct slice word = S("c2VjcmV0IHBsYW5z");

		memset(room, ' ', sizeof room);
		for (size_t i = 0; i + 1 < at; i += 1 + i % 14)
			room[i + 1] = 'x';
		room[at] = ' ';
		memcpy(room + at + 1, word.ptr, word.len);
		decode_init(&d, &a, slice_of(room, at + 60), at % 2 == 0);
		if (!decode_next(&d, &run) || run.start != at + 1 || run.end != at + 17)
			check(false, "found at %zu", at);
	}
	check(true, "found wherever it begins");
	decode_init(&d, &a, S("YWFhYWFhYWFhYWFhYWFh b%62%62%62 Y2NjY2NjY2NjY2NjY2Nj"), true);
	check(decode_next(&d, &run) && slice_eq(run.text, S("aaaaaaaaaaaaaaa")), "one");
	check(decode_next(&d, &run) && slice_eq(run.text, S("bbbb")), "two");
	check(decode_next(&d, &run) && slice_eq(run.text, S("ccccccccccccccc")), "three");
	check(!decode_next(&d, &run) && !d.cut, "all");
	arena_release(&a);
	return check_done();
}
