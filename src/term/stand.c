/* SPDX-License-Identifier: Apache-2.0 */
#include "term/stand.h"

/* A text so short, below a key that announces one, is a marking. */
#define VALUE_BYTES_MAX	48

/* A marking marks something: bytes of the text besides its line. */
#define REST_BYTES_MIN	8

/* A single word that is so long means nothing else. */
#define LONG_BYTES_MIN	10

/* Between a key and its value: a colon, a quote, a space. */
#define KEY_GAP_MAX	5

static bool
is_upper(unsigned char c)
{
	return (unsigned)(c - 'A') < 26;
}

static bool
is_lower(unsigned char c)
{
	return (unsigned)(c - 'a') < 26;
}

/* Bytes of words, those of other scripts included. */
static bool
is_word(unsigned char c)
{
	return is_upper(c) || is_lower(c) || (unsigned)(c - '0') < 10 || c >= 0x80;
}

/* Letters of ASCII, all of them capitals. */
static bool
is_capitals(struct slice s)
{
	bool any = false;

	for (size_t i = 0; i < s.len; i++) {
		if (is_lower((unsigned char)s.ptr[i]))
			return false;
		any |= is_upper((unsigned char)s.ptr[i]);
	}
	return any;
}

/* Scripts without capitals count as if they had one. */
static bool
is_titled(struct slice phrase)
{
	return is_upper((unsigned char)phrase.ptr[0]) || (unsigned char)phrase.ptr[0] >= 0x80;
}

static bool
has_word(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (is_word((unsigned char)s.ptr[i]))
			return true;
	return false;
}

/* Is it one of these characters? */
static bool
is_of(char c, struct slice set)
{
	return memchr(set.ptr, c, set.len) != NULL;
}

static struct slice
line_before(struct slice text, uint32_t at)
{
	uint32_t from = at;

	while (from > 0 && at - from < STAND_BYTES && text.ptr[from - 1] != '\n')
		from--;
	return slice_cut(text, from, at);
}

static struct slice
line_behind(struct slice text, uint32_t at)
{
	uint32_t to = at;

	while (to < text.len && to - at < STAND_BYTES && text.ptr[to] != '\n')
		to++;
	return slice_cut(text, at, to);
}

static struct slice
trim(struct slice s)
{
	while (s.len > 0 && is_of(s.ptr[0], S(" \t\r")))
		s = slice_cut(s, 1, s.len);
	while (s.len > 0 && is_of(s.ptr[s.len - 1], S(" \t\r")))
		s.len--;
	return s;
}

/* "Page 3 of 7", "© 2024", "v1.2": no more words than that, and a number among them. */
static bool
is_page(struct slice s)
{
	unsigned words = 0;
	bool number = false;

	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.ptr[i];

		if (is_of(s.ptr[i], S("=\"'`(){}[]<>;\\")))
			return false;
		number |= (unsigned)(c - '0') < 10;
		words += is_word(c) && (i == 0 || !is_word((unsigned char)s.ptr[i - 1]));
	}
	return number && words <= 4;
}

/* Is it part of an identifier, a path, a tag, a string or a call? */
static bool
is_code(struct slice before, struct slice behind)
{
	char last = before.len > 0 ? before.ptr[before.len - 1] : ' ';
	char next = behind.len > 0 ? behind.ptr[0] : ' ';

	if (last == '(' && before.len > 1 && is_word((unsigned char)before.ptr[before.len - 2]))
		return true;
	return is_of(last, S("_.='\"`$@#%&/\\{}-+")) || is_of(next, S("_='\"`$@#%&/\\{}+(")) ||
	    (next == '.' && behind.len > 1 && is_word((unsigned char)behind.ptr[1])) ||
	    (next == '[' && behind.len > 1);
}

static bool
ends(struct slice s, struct slice end)
{
	return s.len >= end.len && slice_eq(slice_cut(s, s.len - end.len, s.len), end);
}

/*
 * Separators that set a marking off.  A colon before it makes it the value of something, a bar
 * on both sides a cell of a table, a dash alone before it an item of a list.
 */
static bool
is_set_off(struct slice before, struct slice behind, bool is_long)
{
	bool left, right, cell;

	before = trim(before);
	behind = trim(behind);
	cell = ends(before, S("|")) && slice_starts(behind, S("|"));
	left = before.len > 0 && (is_of(before.ptr[before.len - 1], S("-|*[(/<>~")) ||
	    ends(before, S("\u3010")));
	right = behind.len > 0 && (is_of(behind.ptr[0], S("-|*])/<>~")) ||
	    (is_long && behind.ptr[0] == ':') || slice_starts(behind, S("\u3011")));
	return !cell && ((left && right) || (left && behind.len == 0 && has_word(before)) ||
	    (right && before.len == 0 && has_word(behind)));
}

/* Nothing else stands on its line; it is no item of a list, no heading, and not all there is. */
static bool
is_alone(size_t rest, struct slice before, struct slice behind, bool capitals)
{
	if (has_word(before) || has_word(behind) || rest < REST_BYTES_MIN)
		return false;
	before = trim(before);
	behind = trim(behind);
	return capitals || (before.len == 0 && behind.len == 0) ||
	    (before.len > 0 && behind.len > 0 && !is_of(before.ptr[0], S("#'\"`")));
}

static bool
is_key(struct slice text, uint32_t key_end, uint32_t start)
{
	struct slice gap;

	if (key_end == 0 || start - key_end > KEY_GAP_MAX)
		return false;
	gap = slice_cut(text, key_end, start);
	for (size_t i = 0; i < gap.len; i++)
		if (is_of(gap.ptr[i], S(":=|-")))
			return true;
	return false;
}

/* Does the name of the field announce a marking? */
static bool
is_field(struct slice key)
{
	static const struct slice names[] = {
		{ "classif", 7 }, { "sensitiv", 8 }, { "confidential", 12 }, { "marking", 7 },
		{ "klassifi", 8 }, { "vertraulich", 11 }, { "tlp", 3 }, { "label", 5 },
	};
	char small[64];

	if (key.len == 0 || key.len > sizeof small)
		return false;
	for (size_t i = 0; i < key.len; i++)
		small[i] = (char)(key.ptr[i] | (is_upper((unsigned char)key.ptr[i]) ? 0x20 : 0));
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (slice_find(slice_of(small, key.len), names[i]) < key.len)
			return true;
	return false;
}

static unsigned
score_marking(const struct look *l, uint32_t start, uint32_t end)
{
	struct slice before = line_before(l->text, start), behind = line_behind(l->text, end);
	struct slice phrase = slice_cut(l->text, start, end);
	size_t rest = l->text.len - phrase.len - before.len - behind.len;
	bool capitals = is_capitals(phrase), is_long = phrase.len >= LONG_BYTES_MIN;

	if (l->text.len <= VALUE_BYTES_MAX && is_field(l->key))
		return 95;
	if (!is_titled(phrase))
		return 0;
	if (is_alone(rest, before, behind, capitals))
		return 90;
	if (is_code(before, behind))
		return 0;
	if (is_set_off(before, behind, is_long))
		return capitals ? 85 : 75;
	if (capitals && is_long && !is_capitals(before) && !is_capitals(behind))
		return 75;
	if ((!has_word(before) && is_page(behind)) || (!has_word(behind) && is_page(before)))
		return 70;
	return 0;
}

unsigned
stand_score(const struct look *l, uint32_t start, uint32_t end, enum stand how, uint32_t key_end)
{
	struct slice phrase = slice_cut(l->text, start, end);
	size_t slashes;

	switch (how) {
	case STAND_ANYWHERE:
		return 60;
	case STAND_UPPER:
		return is_capitals(phrase) ? 85 : 0;
	case STAND_SLASHED:
		slashes = slice_find(phrase, S("//"));
		return is_capitals(phrase) && slashes < phrase.len ? 90 : 0;
	case STAND_STANDS:
		return is_key(l->text, key_end, start) ? 95 : score_marking(l, start, end);
	}
	return 0;
}
