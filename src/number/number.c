/* SPDX-License-Identifier: Apache-2.0 */
#include "number/number.h"

#include "core/must.h"
#include "number/judge.h"
#include "number/part.h"

/* What a character is; what a row keeps and what it drops are sets of these. */
enum {
	DIGIT = 1 << 0,
	UPPER = 1 << 1,
	LOWER = 1 << 2,
	SPACE = 1 << 3,
	DASH = 1 << 4,
	DOT = 1 << 5,
	SLASH = 1 << 6,
	COMMA = 1 << 7,
	COLON = 1 << 8,		/* : and _ */
	PLUS = 1 << 9,		/* + and * */
	ROUND = 1 << 10,	/* ( and ) */
	AND = 1 << 11,		/* & */
	TILDE = 1 << 12,	/* what the letter n with a tilde is made */
	ANGLE = 1 << 13,	/* < */
	CASED = 1 << 14,	/* of a row: small letters stay small */
	AS_WRITTEN = 1 << 15,	/* of a row: its function reads what was written */
};

#define LETTERS	(UPPER | LOWER)
#define ALNUM	(DIGIT | UPPER | LOWER)

static const uint16_t number_class[128] = {
	['0' ... '9'] = DIGIT, ['A' ... 'Z'] = UPPER, ['a' ... 'z'] = LOWER,
	[' '] = SPACE, ['\t'] = SPACE, ['\n'] = SPACE, ['\r'] = SPACE, ['-'] = DASH, ['.'] = DOT,
	['/'] = SLASH, [','] = COMMA,
	[':'] = COLON, ['_'] = COLON, ['+'] = PLUS, ['*'] = PLUS, ['('] = ROUND,
	[')'] = ROUND, ['&'] = AND, ['~'] = TILDE, ['<'] = ANGLE,
};

struct number_row {
	uint16_t	drop, keep;
	uint8_t		min, max, prefix_len, catches;
	char		prefix[4];
};

static const struct number_row number_rows[NUMBER_COUNT] = {
#define NUMBER(id, name, country, what, drop, keep, prefix, min, max, catches, example) \
	[NUMBER_##id] = { drop, keep, min, max, sizeof(prefix) - 1, NUMBER_CATCHES_##catches, \
	    prefix },
#include "number/number.tbl"
#undef NUMBER
};

#define NUMBER(id, name, country, what, drop, keep, prefix, min, max, catches, example) \
	_Static_assert((max) <= NUMBER_BYTES_MAX && (min) >= 1 && (min) <= (max), name); \
	_Static_assert(sizeof(prefix) <= 5, name);
#include "number/number.tbl"
#undef NUMBER

/*
 * What stands for an ASCII character in numbers that people copy: dashes, spaces and wide digits
 * of typographers, digits of Arabic and of Persian, N with a tilde, and Cyrillic capitals that
 * look like Latin ones (and the one that is missing for UNP, the tax number of Belarus).
 */
static const struct {
	uint16_t	first, last;
	char		is;		/* what `first` is */
	bool		counts;		/* the next one is the next character */
} number_folds[] = {
	{ 0x00a0, 0x00a0, ' ', false }, { 0x00d1, 0x00d1, '~', false },
	{ 0x00f1, 0x00f1, '~', false },
	{ 0x0410, 0x0410, 'A', false }, { 0x0412, 0x0412, 'B', false },
	{ 0x0415, 0x0415, 'E', false },
	{ 0x041a, 0x041a, 'K', false }, { 0x041c, 0x041c, 'M', false },
	{ 0x041d, 0x041d, 'H', false },
	{ 0x041e, 0x041e, 'O', false }, { 0x041f, 0x0420, 'P', false },
	{ 0x0421, 0x0421, 'C', false },
	{ 0x0422, 0x0422, 'T', false }, { 0x0423, 0x0423, 'Y', false },
	{ 0x0425, 0x0425, 'X', false },
	{ 0x0660, 0x0669, '0', true }, { 0x06f0, 0x06f9, '0', true },
	{ 0x2000, 0x200a, ' ', false },
	{ 0x2010, 0x2015, '-', false }, { 0x202f, 0x202f, ' ', false },
	{ 0x2212, 0x2212, '-', false },
	{ 0xff10, 0xff19, '0', true },
};

/* A character of two or three bytes as the one that is meant, or 0.  Moves *at behind it. */
static char
number_fold(struct slice s, size_t *at)
{
	const unsigned char *p = (const unsigned char *)s.ptr + *at;
	size_t bytes = p[0] >= 0xe0 ? 3 : 2;
	unsigned code;

	if (s.len - *at < bytes || p[0] < 0xc2 || p[0] >= 0xf0 || (p[1] & 0xc0) != 0x80 ||
	    (p[bytes - 1] & 0xc0) != 0x80)
		return 0;
	*at += bytes;
	if (bytes == 2)
		code = (p[0] & 0x1fu) << 6 | (p[1] & 0x3fu);
	else
		code = (p[0] & 0x0fu) << 12 | (p[1] & 0x3fu) << 6 | (p[2] & 0x3fu);
	/* What three bytes say and two could is no UTF-8. */
	if (bytes == 3 && code < 0x800)
		return 0;
	for (size_t i = 0; i < sizeof number_folds / sizeof number_folds[0]; i++) {
		unsigned first = number_folds[i].first;
		unsigned beyond = number_folds[i].counts ? code - first : 0;

		if (code >= first && code <= number_folds[i].last)
			return (char)(number_folds[i].is + (char)beyond);
	}
	return 0;
}

/* The compact number in `into`; false where something stands in it that does not belong there. */
static bool
number_compact(const struct number_row *row, struct slice written, char *into, size_t *len)
{
	unsigned keep = row->keep | (row->prefix_len > 0 ? ALNUM : 0);
	size_t at = 0, used = 0;

	while (at < written.len) {
		char c = written.ptr[at];
		unsigned class;

		if ((unsigned char)c >= 128)
			c = number_fold(written, &at);
		else
			at++;
		class = number_class[(unsigned char)c];
		if (class & row->drop)
			continue;
		if (!(class & keep) || used == NUMBER_BYTES_MAX)
			return false;
		if (class == LOWER && !(row->keep & CASED))
			c = (char)(c - 'a' + 'A');
		into[used++] = c;
	}
	*len = used;
	return true;
}

static bool
number_judge(enum number number, struct slice n)
{
	switch (number) {
#define NUMBER(id, ...)	case NUMBER_##id: return number_is_##id(n);
#include "number/number.tbl"
#undef NUMBER
	case NUMBER_COUNT:
		break;
	}
	return false;
}

bool
number_is_valid(enum number number, struct slice written)
{
	char into[NUMBER_BYTES_MAX];
	const struct number_row *row;
	struct slice n = { into, 0 };

	must(number < NUMBER_COUNT);
	row = &number_rows[number];
	if (written.len < row->min || written.len > 2 * NUMBER_BYTES_MAX)
		return false;
	if (row->keep & AS_WRITTEN)
		return number_judge(number, slice_trim(written));
	if (!number_compact(row, written, into, &n.len))
		return false;
	if (row->prefix_len > 0) {
		if (slice_starts(n, slice_of(row->prefix, row->prefix_len)))
			n = slice_cut(n, row->prefix_len, n.len);
		/* Letters were let in for the sake of the prefix. */
		if (!(row->keep & LETTERS) && !part_digits(n, 0, n.len))
			return false;
	}
	return n.len >= row->min && n.len <= row->max && number_judge(number, n);
}

/* Are they the same but for underscores, which Python has behind what is a word of its own? */
static bool
number_is_named(struct slice name, struct slice row)
{
	size_t at = 0;

	for (size_t i = 0; i < name.len; i++) {
		if (at < row.len && name.ptr[i] == row.ptr[at])
			at++;
		else if (name.ptr[i] != '_' || (i + 1 < name.len && name.ptr[i + 1] != '.'))
			return false;
	}
	return at == row.len;
}

enum number
number_of(struct slice name)
{
	for (unsigned i = 0; i < NUMBER_COUNT; i++)
		if (number_is_named(name, number_info((enum number)i).name))
			return (enum number)i;
	return NUMBER_COUNT;
}

struct number_info
number_info(enum number number)
{
	static const struct slice words[NUMBER_COUNT][4] = {
#define NUMBER(id, name, country, what, drop, keep, prefix, min, max, catches, example) \
	[NUMBER_##id] = { { name, sizeof(name) - 1 }, { country, sizeof(country) - 1 }, \
	    { what, sizeof(what) - 1 }, { example, sizeof(example) - 1 } },
#include "number/number.tbl"
#undef NUMBER
	};
	const struct number_row *row;

	must(number < NUMBER_COUNT);
	row = &number_rows[number];
	return (struct number_info){
		.name = words[number][0], .country = words[number][1], .what = words[number][2],
		.example = words[number][3], .prefix = { row->prefix, row->prefix_len },
		.min = row->min, .max = row->max, .catches = row->catches,
		.digits = !(row->keep & (LETTERS | AS_WRITTEN)),
	};
}
