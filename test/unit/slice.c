/* SPDX-License-Identifier: Apache-2.0 */
#include "core/slice.h"

#include "check.h"
#include "random.h"

static struct slice
from(const char *s)
{
	return slice_of(s, strlen(s));
}

static const struct {
	const char	*a, *b;
	bool		 same_word, starts;	/* a starts with b */
} pairs[] = {
	{ "", "", true, true },
	{ "a", "", false, true },
	{ "", "a", false, false },
	{ "Host", "hOST", true, false },
	{ "host", "hosts", false, false },
	{ "hosts", "host", false, true },
	{ "content-length", "Content-Length", true, false },
	{ "content_length", "content-length", false, false },
	/* Bytes that differ by the bit that folds letters, but are none. */
	{ "@", "`", false, false },
	{ "[", "{", false, false },
	{ "^", "~", false, false },
	{ "\xc3\x84", "\xc3\xa4", false, false },
};

static const struct {
	const char	*text;
	bool		 ok;
	uint64_t	 n;
} numbers[] = {
	{ "0", true, 0 },
	{ "007", true, 7 },
	{ "9999999999999999999", true, UINT64_C(9999999999999999999) },
	{ "0000000000000000001", true, 1 },
	{ "10000000000000000000", false, 0 },
	{ "00000000000000000001", false, 0 },
	{ "", false, 0 },
	{ "-1", false, 0 },
	{ "+1", false, 0 },
	{ " 1", false, 0 },
	{ "1 ", false, 0 },
	{ "1a", false, 0 },
	{ "0x1", false, 0 },
	{ "/", false, 0 },
	{ ":", false, 0 },
	{ "\xd9\xa1", false, 0 },
};

static const struct {
	const char	*text, *want;
} trims[] = {
	{ "", "" }, { " ", "" }, { " \t \t", "" }, { "a", "a" }, { " a", "a" }, { "a\t", "a" },
	{ "\t a b \t", "a b" }, { "\na", "\na" }, { "a\r", "a\r" }, { "\v a", "\v a" },
};

static const struct {
	const char	*a, *b;
	unsigned	 want;
} distances[] = {
	{ "", "", 0 }, { "a", "", 1 }, { "", "abc", 3 }, { "model", "model", 0 },
	{ "model", "MODEL", 0 }, { "modle", "model", 1 }, { "MODLE", "model", 1 },
	{ "mdoel", "model", 1 }, { "modell", "model", 1 }, { "mode", "model", 1 },
	{ "nodel", "model", 1 }, { "zone", "model", 3 }, { "ca", "abc", 3 },
};

/* The first hit, by the definition. */
static size_t
find_plain(struct slice s, struct slice needle)
{
	for (size_t at = 0; at + needle.len <= s.len; at++)
		if (slice_eq(slice_cut(s, at, at + needle.len), needle))
			return at;
	return s.len;
}

/* Texts of two letters, so that nearly everything is nearly a hit. */
static void
test_find(void)
{
	struct random r = { 1 };
	unsigned wrong = 0, found = 0;

	for (unsigned i = 0; i < 200000; i++) {
		size_t len = random_below(&r, i % 2 == 0 ? 80 : 300), want;
		size_t needle_len = random_below(&r, 24);
		char *text = malloc(len > 0 ? len : 1), needle[24];
		struct slice s = slice_of(text, len), n = slice_of(needle, needle_len);

		for (size_t k = 0; k < len; k++)
			text[k] = random_below(&r, 8) == 0 ? 'b' : 'a';
		for (size_t k = 0; k < needle_len; k++)
			needle[k] = random_below(&r, 8) == 0 ? 'b' : 'a';
		want = find_plain(s, n);
		wrong += slice_find(s, n) != want;
		found += want < len;
		free(text);
	}
	check_int(wrong, 0, "the first hit is found, wherever it is");
	check(found > 50000 && found < 198000, "some texts have one, some none (%u)", found);
	check(slice_find(slice_of(NULL, 0), S("a")) == 0, "nothing is in nothing");
	check(slice_find(S("abc"), S("")) == 0, "an empty needle is at the beginning");
}

static void
test_distance(void)
{
	char longest[63], longer[64];

	for (size_t i = 0; i < COUNT_OF(distances); i++) {
		check_int(slice_distance(from(distances[i].a), from(distances[i].b)),
		    distances[i].want, "from '%s' to '%s'", distances[i].a, distances[i].b);
		check_int(slice_distance(from(distances[i].b), from(distances[i].a)),
		    distances[i].want, "  and back");
	}
	memset(longest, 'a', sizeof longest);
	memset(longer, 'a', sizeof longer);
	check_int(slice_distance(slice_of(longest, 63), S("")), 63, "63 bytes are compared");
	check_int(slice_distance(slice_of(longer, 64), slice_of(longer, 64)), 64,
	    "64 are far from everything");
}

int
main(void)
{
	for (size_t i = 0; i < COUNT_OF(pairs); i++) {
		struct slice a = from(pairs[i].a), b = from(pairs[i].b);

		check(slice_same_word(a, b) == pairs[i].same_word, "'%s' and '%s': same word",
		    pairs[i].a, pairs[i].b);
		check(slice_same_word(b, a) == pairs[i].same_word, "  and the other way");
		check(slice_starts(a, b) == pairs[i].starts, "  starts");
		check(slice_eq(a, b) == (strcmp(pairs[i].a, pairs[i].b) == 0), "  equal");
	}
	for (size_t i = 0; i < COUNT_OF(numbers); i++) {
		uint64_t n = 77, want = numbers[i].ok ? numbers[i].n : 77;

		check(slice_number(from(numbers[i].text), &n) == numbers[i].ok && n == want,
		    "'%s' as a number", numbers[i].text);
	}
	for (size_t i = 0; i < COUNT_OF(trims); i++)
		check_slice(slice_trim(from(trims[i].text)), from(trims[i].want), "trim %zu", i);
	check(slice_eq(slice_of(NULL, 0), S("")), "absent and empty are equal as bytes");
	check(slice_starts(S("a"), slice_of(NULL, 0)), "everything starts with nothing");
	test_find();
	test_distance();
	return check_done();
}
