/* SPDX-License-Identifier: Apache-2.0 */
#include "guess/value.h"

#include "guess/entropy.h"
#include "guess/hint.h"

/* Sixteenths of a bit (entropy_bits). */
#define EVEN_BITS	40
#define RANDOM_BITS	48

/* A value without spaces; of more bytes than this only the first are looked at. */
#define SEEN_BYTES	96

struct made {
	unsigned	small, big, digits, others;	/* bytes of each sort */
	unsigned	kinds;				/* how many different bytes */
	unsigned	row;				/* the longest row of the same */
	bool		plain;				/* nothing that a key of an API has not */
};

static bool
is_plain(char c)
{
	return c == '_' || c == '-' || c == '.' || c == '+' || c == '/' || c == '=' || c == '~' ||
	    c == ':' || c == '%';
}

static struct made
made_of(struct slice s)
{
	struct made m = { .plain = true };
	uint64_t seen[4] = { 0 };
	unsigned row = 0;

	for (size_t i = 0; i < s.len && i < SEEN_BYTES; i++) {
		unsigned char c = (unsigned char)s.ptr[i];
		bool small = (unsigned)(c - 'a') < 26, big = (unsigned)(c - 'A') < 26;
		bool digit = (unsigned)(c - '0') < 10;

		m.small += small;
		m.big += big;
		m.digits += digit;
		m.others += !small && !big && !digit;
		m.plain &= small || big || digit || is_plain(s.ptr[i]);
		m.kinds += (seen[c >> 6] >> (c & 63) & 1) == 0;
		seen[c >> 6] |= UINT64_C(1) << (c & 63);
		row = i > 0 && s.ptr[i - 1] == s.ptr[i] ? row + 1 : 1;
		m.row = row > m.row ? row : m.row;
	}
	return m;
}

/* ---- stand-ins ---- */

static const struct slice stand_in[] = {
#define STAND_IN(words)	{ words, sizeof(words) - 1 },
#include "guess/stand_in.tbl"
#undef STAND_IN
};

/* A set of the first bytes of these, each byte without its highest two bits. */
static const uint64_t stand_in_begins = 0
#define STAND_IN(words)	| UINT64_C(1) << ((words)[0] & 63)
#include "guess/stand_in.tbl"
#undef STAND_IN
    ;

static char
small(char c)
{
	return (unsigned)(c - 'A') < 26 ? (char)(c | 0x20) : c;
}

static bool
begins(struct slice s, size_t at, struct slice words)
{
	size_t i = 0;

	if (words.len > s.len - at || small(s.ptr[at]) != words.ptr[0])
		return false;
	while (i < words.len && small(s.ptr[at + i]) == words.ptr[i])
		i++;
	return i == words.len;
}

/* The bytes of the first stand-in that is in s; 0: there is none. */
static size_t
stand_in_bytes(struct slice s)
{
	for (size_t at = 0; at < s.len && at < SEEN_BYTES; at++) {
		if ((stand_in_begins >> (small(s.ptr[at]) & 63) & 1) == 0)
			continue;
		for (size_t i = 0; i < sizeof stand_in / sizeof stand_in[0]; i++) {
			if (begins(s, at, stand_in[i]))
				return stand_in[i].len;
		}
	}
	return 0;
}

/* A variable, a template, something in brackets. */
static bool
is_reference(struct slice s)
{
	char first = s.ptr[0], last = s.ptr[s.len - 1];

	switch (first) {
	case '<': return last == '>';
	case '[': return last == ']';
	case '{': return last == '}';
	case '(': return last == ')';
	case '%': case '_': case '-': return last == first;
	case '$': return s.len > 1 && ((unsigned)(small(s.ptr[1]) - 'a') < 26 || s.ptr[1] == '_');
	default: return first == '&';
	}
}

/* A path of files, or of names of a program. */
static bool
is_path(struct slice s)
{
	size_t slashes = 0;

	for (size_t i = 0; i < s.len && i < SEEN_BYTES; i++)
		slashes += s.ptr[i] == '/' || s.ptr[i] == '\\';
	if (slashes == 0)
		return false;
	return s.ptr[0] == '/' || s.ptr[0] == '.' || s.ptr[0] == '~' || entropy_wordy(s) ||
	    slice_find(s, S("://")) < s.len;
}

/* Each byte is the one after, or the one before, its neighbour: 12345678, fedcba. */
static bool
is_row(struct slice s)
{
	size_t up = 0;

	for (size_t i = 1; i < s.len && i < SEEN_BYTES; i++) {
		int step = s.ptr[i] - s.ptr[i - 1];

		up += step == 1 || step == -1 || step == 0;
	}
	return up * 4 >= (s.len - 1) * 3;
}

/* Six of one character are no accident, unless there is much else. */
static bool
is_long_row(struct slice s, unsigned row)
{
	return row > 5 && 4 * row > s.len;
}

bool
value_is_stand_in(struct slice s)
{
	struct made m = made_of(s);
	size_t bytes;

	if (s.len == 0 || is_reference(s) || m.kinds < 4 || is_long_row(s, m.row) || is_row(s))
		return true;
	if ((bytes = stand_in_bytes(s)) == 0)
		return false;
	if (bytes == 6 && s.len >= 24 && slice_find(s, S("abcdef")) < s.len)
		return false;
	/* A long random one may hold such a word by chance; Passw0rd!23 is a bad one, but real. */
	if (bytes <= 4 && s.len >= 24 && !entropy_wordy(s))
		return false;
	return !(m.digits >= 2 && m.others >= 1 && !m.plain && s.len >= 8);
}

/* ---- what it is ---- */

bool
value_is_uuid(struct slice s)
{
	if (s.len != 36)
		return false;
	for (size_t i = 0; i < 36; i++) {
		unsigned c = small(s.ptr[i]) & 0xffU;
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash ? c != '-' : c - '0' >= 10 && c - 'a' >= 6)
			return false;
	}
	return true;
}

/*
 * A name of several words that a program has for something: PKCS12_add_key_ex.  A word is of
 * letters, with the number of a version behind them, if any.
 */
static bool
is_identifier(struct slice s)
{
	size_t parts = 1, letters = 0, digits = 0;

	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];

		if (c == '_') {
			if (letters == 0 || digits > 4)
				return false;
			parts++;
			letters = digits = 0;
		} else if ((unsigned)(small(c) - 'a') < 26 && digits == 0) {
			letters++;
		} else if ((unsigned)(c - '0') < 10 && letters > 0) {
			digits++;
		} else {
			return false;
		}
	}
	return parts >= 3 && letters > 0 && digits <= 4;
}

bool
value_is_random(struct slice s)
{
	struct made m = made_of(s);
	unsigned bytes = m.small + m.big + m.digits + m.others;

	if (s.len < 16 || m.digits < 2 || m.small + m.big < 2 || m.kinds < 8 || is_long_row(s,
	    m.row))
		return false;
	if (entropy_bits(s) < RANDOM_BITS || is_identifier(s))
		return false;
	/* Words with a number behind them have few digits. */
	return !entropy_wordy(s) || 6 * m.digits >= bytes;
}

/* A password that people make up, or one that a program made for them. */
static unsigned
weigh_password(struct slice s, const struct made *m, bool quoted)
{
	unsigned letters = m->small + m->big;

	if (s.len < 4 || s.len > 128)
		return 0;
	if (letters == 0)
		return m->digits >= 6 || (m->digits > 3 && m->others > 0 && !m->plain) ? 60 : 0;
	if (m->digits == 0 && (m->plain || !quoted))
		return entropy_wordy(s) ? 0 : s.len >= 8 ? 70 : 55;
	if (entropy_wordy(s) && m->digits <= 2 && m->plain && m->others > 0)
		return 0;
	return s.len >= 8 ? 85 : 65;
}

/* A constant, as programs write them: UINT64_MAX. */
static bool
is_constant(struct slice s)
{
	size_t i = 0, digits = 0;

	for (; i < s.len && ((unsigned)(s.ptr[i] - 'A') < 26 || (unsigned)(s.ptr[i] - '0') < 10 ||
	    s.ptr[i] == '_'); i++)
		digits += (unsigned)(s.ptr[i] - '0') < 10;
	return i == s.len && memchr(s.ptr, '_', s.len) != NULL && 3 * digits < s.len;
}

/* Members of something, as programs write them: config.password, self.x. */
static bool
is_member(struct slice s)
{
	bool dot = false;

	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];

		dot |= c == '.' && i > 0 && i + 1 < s.len &&
		    (unsigned)(small(s.ptr[i + 1]) - 'a') < 26;
		if ((unsigned)(small(c) - 'a') >= 26 && (unsigned)(c - '0') >= 10 && c != '_' &&
		    c != '.')
			return false;
	}
	return dot && s.len < 40;
}

static bool
is_program_name(struct slice s)
{
	return is_member(s) || is_constant(s) || is_identifier(s);
}

static unsigned
weigh_secret(struct slice s, const struct made *m, bool quoted)
{
	unsigned bits;

	if (s.len < 8 || m->small + m->big == 0 || (!m->plain && !quoted))
		return 0;
	bits = entropy_bits(s);
	if (bits < EVEN_BITS)
		return 0;
	if (m->digits == 0)
		return entropy_wordy(s) || s.len < 12 ? 0 : 60;
	if (entropy_wordy(s) && 5 * m->digits < s.len)
		return 0;
	return bits >= RANDOM_BITS && s.len >= 16 ? 85 : 65;
}

unsigned
value_weigh(struct slice s, unsigned hints, bool quoted)
{
	struct made m;

	if (s.len == 0 || s.len > VALUE_BYTES_MAX || (hints & HINT_OTHER) != 0)
		return 0;
	/* Of a name that only may be one, nearly all values are none. */
	if ((hints & (HINT_PASSWORD | HINT_SECRET)) == 0 && !value_is_random(s))
		return 0;
	m = made_of(s);
	if (memchr(s.ptr, ' ', s.len) != NULL || is_path(s) ||
	    (!quoted && is_program_name(s)))
		return 0;
	/* Who names the issuer means a key of theirs, however it was made up. */
	if (value_is_stand_in(s) && ((hints & HINT_VENDOR) == 0 || !value_is_random(s)))
		return 0;
	if ((hints & HINT_PASSWORD) != 0)
		return weigh_password(s, &m, quoted);
	if ((hints & HINT_SECRET) != 0)
		return weigh_secret(s, &m, quoted);
	if ((hints & HINT_KEY) != 0 && m.plain && ((hints & HINT_VENDOR) != 0 || !value_is_uuid(s)))
		return 60;
	return 0;
}
