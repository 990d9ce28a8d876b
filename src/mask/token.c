/* SPDX-License-Identifier: Apache-2.0 */
#include "mask/token.h"

#include "core/must.h"

#define PLACES	TOKEN_DIGITS

static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/* A digit's worth, and one more; 0 is no digit. */
static const signed char worth[128] = {
	['0'] = 1, ['1'] = 2, ['2'] = 3, ['3'] = 4, ['4'] = 5, ['5'] = 6, ['6'] = 7, ['7'] = 8,
	['8'] = 9, ['9'] = 10, ['A'] = 11, ['B'] = 12, ['C'] = 13, ['D'] = 14, ['E'] = 15,
	['F'] = 16, ['G'] = 17, ['H'] = 18, ['J'] = 19, ['K'] = 20, ['M'] = 21, ['N'] = 22,
	['P'] = 23, ['Q'] = 24, ['R'] = 25, ['S'] = 26, ['T'] = 27, ['V'] = 28, ['W'] = 29,
	['X'] = 30, ['Y'] = 31, ['Z'] = 32,
};

static bool
is_letter(char c)
{
	return (unsigned)((c | 0x20) - 'a') < 26;
}

bool
token_is_word(struct slice word)
{
	size_t i = 0;

	while (i < word.len && is_letter(word.ptr[i]))
		i++;
	return i == word.len && i >= 2 && i <= TOKEN_WORD_MAX;
}

int
token_digit(char c, bool loose)
{
	if ((unsigned char)c >= 128)
		return -1;
	if (loose && is_letter(c)) {
		c = (char)(c & ~0x20);
		if (c == 'O')
			return 0;
		if (c == 'I' || c == 'L')
			return 1;
	}
	return worth[(unsigned char)c] - 1;
}

/* ---- GF(32), by x^5 + x^2 + 1, of which x is a generator ---- */

static unsigned
times_x(unsigned v)
{
	v <<= 1;
	return v & 32 ? v ^ 0x25 : v;
}

static unsigned
by_x(unsigned v)
{
	return (v & 1 ? v ^ 0x25 : v) >> 1;
}

/* The sum of x^(PLACES - 1 - i) digit[i], which is 0 for a token. */
static unsigned
syndrome(const unsigned char *digit)
{
	unsigned sum = 0;

	for (unsigned i = 0; i < PLACES; i++)
		sum = times_x(sum) ^ digit[i];
	return sum;
}

static void
split(uint64_t id, unsigned char digit[static PLACES])
{
	for (unsigned i = 0; i < PLACES - 1; i++)
		digit[i] = id >> (TOKEN_ID_BITS - 5 * (i + 1)) & 31;
	digit[PLACES - 1] = 0;
	digit[PLACES - 1] = (unsigned char)syndrome(digit);
}

static uint64_t
join(const unsigned char *digit)
{
	uint64_t id = 0;

	for (unsigned i = 0; i < PLACES - 1; i++)
		id = id << 5 | digit[i];
	return id;
}

unsigned
token_check(uint64_t id)
{
	unsigned char digit[PLACES];

	split(id, digit);
	return digit[PLACES - 1];
}

bool
token_id(const unsigned char digit[static PLACES], uint64_t *id)
{
	if (syndrome(digit) != 0)
		return false;
	*id = join(digit);
	return true;
}

uint64_t
token_repair(const unsigned char digit[static PLACES], unsigned place)
{
	unsigned wrong = syndrome(digit);
	unsigned char right[PLACES];

	must(place < PLACES);
	memcpy(right, digit, PLACES);
	for (unsigned i = PLACES - 1; i > place; i--)
		wrong = by_x(wrong);
	right[place] ^= (unsigned char)wrong;
	return join(right);
}

size_t
token_spell(char *out, struct slice word, uint64_t id)
{
	unsigned char digit[PLACES];

	must(token_is_word(word) && id >> TOKEN_ID_BITS == 0);
	split(id, digit);
	memcpy(out, word.ptr, word.len);
	out[word.len] = '_';
	for (unsigned i = 0; i < PLACES; i++)
		out[word.len + 1 + i] = digits[digit[i]];
	return word.len + 1 + PLACES;
}

/* ---- what ways of writing have in common ---- */

/* A character of two bytes in lower case; those that are not known stay as they are. */
static unsigned
lower_two(unsigned point)
{
	if ((point >= 0xc0 && point <= 0xde && point != 0xd7) ||
	    (point >= 0x391 && point <= 0x3a9) || (point >= 0x410 && point <= 0x42f))
		return point + 0x20;
	if (point >= 0x400 && point <= 0x40f)
		return point + 0x50;
	/* Latin Extended-A has pairs; which of a pair is the capital changes twice. */
	if ((point >= 0x100 && point <= 0x137 && point != 0x130) ||
	    (point >= 0x14a && point <= 0x177))
		return point | 1;
	if ((point >= 0x139 && point <= 0x148) || (point >= 0x179 && point <= 0x17e))
		return (point & 1) != 0 ? point + 1 : point;
	return point;
}

/* The bytes of white space at p: ASCII's, the no-break spaces and those of U+2000 to U+200A. */
static size_t
space_bytes(const char *p, size_t left)
{
	const unsigned char *u = (const unsigned char *)p;

	if (*u == ' ' || (*u >= '\t' && *u <= '\r'))
		return 1;
	if (left >= 2 && u[0] == 0xc2 && u[1] == 0xa0)
		return 2;
	if (left >= 3 && u[0] == 0xe2 && u[1] == 0x80 && (u[2] <= 0x8a || u[2] == 0xaf))
		return 3;
	return 0;
}

static bool
has_digit(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned)(s.ptr[i] - '0') < 10)
			return true;
	return false;
}

/* Puts the character at p in lower case, and says its bytes; others are copied byte by byte. */
static size_t
put_lower(char *to, const char *p, size_t left)
{
	unsigned char c = (unsigned char)*p;

	*to = *p;
	if (c < 0x80) {
		*to = (char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
	} else if (left >= 2 && c >= 0xc2 && c <= 0xdf) {
		unsigned point = lower_two((c & 31u) << 6 | ((unsigned char)p[1] & 63u));

		to[0] = (char)(0xc0 | point >> 6);
		to[1] = (char)(0x80 | (point & 63));
		return 2;
	}
	return 1;
}

struct slice
token_canonical(struct arena *a, struct slice value)
{
	char *out = arena_bytes(a, value.len);
	bool number = has_digit(value), gap = false;
	size_t len = 0;

	if (out == NULL)
		return slice_of(NULL, 0);
	for (size_t i = 0, n; i < value.len; i += n) {
		n = space_bytes(value.ptr + i, value.len - i);
		if (n > 0 || (number && value.ptr[i] == '-')) {
			n = n > 0 ? n : 1;
			gap = !number && len > 0;
			continue;
		}
		if (gap)
			out[len++] = ' ';
		gap = false;
		n = put_lower(out + len, value.ptr + i, value.len - i);
		len += n;
	}
	return slice_of(out, len);
}

/* ---- under the key ---- */

uint64_t
token_code(struct arena *a, const struct hash_key *key, struct slice word,
    struct slice canonical, unsigned attempt)
{
	/* Neither word nor attempt has a byte 0: no two of these triples are one text. */
	size_t len = word.len + 2 + canonical.len;
	char *text = arena_bytes(a, len);

	must(attempt < 255);
	if (text == NULL)
		return 0;
	memcpy(text, word.ptr, word.len);
	text[word.len] = 0;
	text[word.len + 1] = (char)attempt;
	if (canonical.len > 0)
		memcpy(text + word.len + 2, canonical.ptr, canonical.len);
	return hash_128(key, slice_of(text, len)).word[0] >> (64 - TOKEN_ID_BITS + TOKEN_FORM_BITS);
}

unsigned
token_form(const struct hash_key *key, struct slice value)
{
	return (unsigned)(hash_128(key, value).word[1] >> (64 - TOKEN_FORM_BITS));
}
