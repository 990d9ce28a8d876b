/* SPDX-License-Identifier: Apache-2.0 */
#include "core/utf8.h"

#include <stdlib.h>

#include "check.h"

static const struct {
	const char	*why;
	struct slice	 text;
	size_t		 want;
} cases[] = {
	{ "nothing", { "", 0 }, 0 },
	{ "ASCII with NUL", { "a\0b", 3 }, 3 },
	{ "two, three and four bytes", { "\xc3\xa9\xe4\xb8\xad\xf0\x9f\x98\x80", 9 }, 9 },
	{ "the borders of each length", { "\xc2\x80\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf\xf0\x90\x80\x80"
	    "\xf4\x8f\xbf\xbf", 18 }, 18 },
	{ "around the surrogates", { "\xed\x9f\xbf\xee\x80\x80", 6 }, 6 },
	{ "a surrogate", { "a\xed\xa0\x80", 4 }, 1 },
	{ "a surrogate pair (CESU-8)", { "\xed\xa0\xbd\xed\xb8\x80", 6 }, 0 },
	{ "an overlong NUL", { "\xc0\x80", 2 }, 0 },
	{ "an overlong slash", { "ab\xc1\xaf", 4 }, 2 },
	{ "overlong in three", { "\xe0\x9f\xbf", 3 }, 0 },
	{ "overlong in four", { "\xf0\x8f\xbf\xbf", 4 }, 0 },
	{ "above U+10FFFF", { "\xf4\x90\x80\x80", 4 }, 0 },
	{ "0xf5", { "\xf5\x80\x80\x80", 4 }, 0 },
	{ "0xff", { "a\xff", 2 }, 1 },
	{ "a continuation alone", { "a\x80", 2 }, 1 },
	{ "one continuation too many", { "\xc3\xa9\xa9", 3 }, 2 },
	{ "a lead at the end", { "a\xe4\xb8", 3 }, 1 },
	{ "a lead before ASCII", { "\xe4\xb8" "a", 3 }, 0 },
	{ "a lead before a lead", { "\xe4\xc3\xa9", 3 }, 0 },
};

/* The four bytes as one character by arithmetic: its length, or 0. */
static size_t
plain(const unsigned char *p, size_t len)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t want = p[0] < 0x80 ? 1 : p[0] < 0xc0 ? 0 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	uint32_t point = p[0] & (0x7fu >> (want > 1 ? want : 0));

	if (want == 0 || want > len || p[0] > 0xf7)
		return 0;
	for (size_t i = 1; i < want; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		point = point << 6 | (p[i] & 0x3f);
	}
	if (point < least[want] || point > 0x10ffff || (point >= 0xd800 && point < 0xe000))
		return 0;
	return want;
}

static size_t
plain_valid(struct slice s)
{
	size_t at = 0, one;

	while (at < s.len) {
		one = plain((const unsigned char *)s.ptr + at, s.len - at);
		if (one == 0)
			break;
		at += one;
	}
	return at;
}

/*
 * Every pair of bytes, with every kind of byte behind it, at places of a longer
 * text that is ASCII or is not, so that it stands across the blocks' borders.
 */
static void
test_all_pairs(void)
{
	static const char around[][49] = {
		"................................................",
		"\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xe4\xb8\xad\xe4\xb8\xad\xe4\xb8\xad.."
		"\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xe4\xb8\xad"
		"\xc3\xa9.......",
	};
	static const unsigned char third[] = { 0x61, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf };
	unsigned wrong = 0;

	for (unsigned pair = 0; pair < 0x10000; pair++) {
		char text[48];
		struct slice s = slice_of(text, sizeof text);
		size_t at = pair * 7 % 44;
		unsigned char c = third[pair / 44 % sizeof third], d = third[pair % sizeof third];

		memcpy(text, around[pair % 2], sizeof text);
		memcpy(text + at, (char[]){ (char)(pair >> 8), (char)pair, (char)c, (char)d }, 4);
		wrong += utf8_valid(s) != plain_valid(s);
	}
	check_int(wrong, 0, "every pair of bytes, somewhere in a longer text");
}

/* Every three bytes that begin above ASCII. */
static void
test_all_short(void)
{
	unsigned wrong = 0;

	for (unsigned n = 0x800000; n < 0x1000000; n++) {
		unsigned char bytes[3] = { (unsigned char)(n >> 16), (unsigned char)(n >> 8),
			(unsigned char)n };
		struct slice s = slice_of((char *)bytes, 3);

		wrong += utf8_valid(s) != plain_valid(s);
	}
	check_int(wrong, 0, "every three bytes that begin above ASCII");
}

static void
test_all_points(void)
{
	unsigned wrong = 0;

	for (uint32_t point = 0; point < 0x120000; point++) {
		bool ok = point <= 0x10ffff && (point < 0xd800 || point > 0xdfff);
		char bytes[4];
		size_t len = utf8_encode(point, bytes);

		wrong += (len > 0) != ok;
		wrong += ok && utf8_valid(slice_of(bytes, len)) != len;
		wrong += ok && plain((unsigned char *)bytes, len) != len;
		wrong += ok && len > 1 && utf8_valid(slice_of(bytes, len - 1)) != 0;
	}
	check_int(wrong, 0, "every code point is written as what is read, and no surrogate");
	check(utf8_encode(UINT32_MAX, (char[4]){ 0 }) == 0, "nor what is far above");
}

/* A long text is valid up to its first mistake, wherever that is. */
static void
test_first_mistake(void)
{
	unsigned wrong = 0;
	char text[200];

	for (size_t i = 0; i < 198; i += 3)
		memcpy(text + i, "\xe4\xb8\xad", 3);
	for (size_t len = 0; len <= 198; len++)
		wrong += utf8_valid(slice_of(text, len)) != len / 3 * 3;
	for (size_t at = 0; at < 198; at++) {
		char kept = text[at];

		text[at] = 'x';
		wrong += utf8_valid(slice_of(text, 198)) !=
		    (at % 3 == 0 ? at + 1 : at / 3 * 3);
		text[at] = kept;
	}
	check_int(wrong, 0, "valid up to the first mistake");
	wrong = 0;
	memset(text, 'a', sizeof text);
	memcpy(text + 150, "\xf0\x9f\x98\x80", 4);
	for (size_t len = 0; len <= sizeof text; len++)
		wrong += utf8_valid(slice_of(text, len)) !=
		    (len > 150 && len < 154 ? 150 : len);
	for (size_t at = 0; at < 150; at++) {
		text[at] = '\xff';
		wrong += utf8_valid(slice_of(text, sizeof text)) != at;
		text[at] = 'a';
	}
	check_int(wrong, 0, "so is a text that is mostly ASCII");
}

int
main(void)
{
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		size_t len = cases[i].text.len;
		char *copy = malloc(len > 0 ? len : 1), padded[64];

		memcpy(copy, cases[i].text.ptr, len);
		check(utf8_valid(slice_of(copy, len)) == cases[i].want, "%s", cases[i].why);
		free(copy);
		memset(padded, '.', sizeof padded);
		memcpy(padded + 30, cases[i].text.ptr, len);
		check(utf8_valid(slice_of(padded, 30 + len)) == 30 + cases[i].want,
		    "  behind 30 bytes");
	}
	test_all_pairs();
	test_all_short();
	test_all_points();
	test_first_mistake();
	return check_done();
}
