/* SPDX-License-Identifier: Apache-2.0 */
#include "guess/hint.h"

#define WORD_BYTES	16

enum { PASSWORD = 1, SECRET, KEY, BEFORE, ACCESS, SESSION, PLAIN, OTHER };

/* Zeros behind the word, so that two numbers compare as the words do. */
struct word {
	char	text[WORD_BYTES];
	uint8_t	says;
};

static const struct word hints[] = {
#define HINT(word, says)	{ word, says },
#include "guess/hint.tbl"
#undef HINT
};

static const struct word vendors[] = {
#define VENDOR(word)	{ word, 1 },
#include "guess/vendor.tbl"
#undef VENDOR
};

#define COUNT(table)	(sizeof(table) / sizeof((table)[0]))

struct packed {
	uint64_t	first, second;
};

static struct packed
pack(const char text[WORD_BYTES])
{
	struct packed p;

	memcpy(&p.first, text, 8);
	memcpy(&p.second, text + 8, 8);
	p.first = __builtin_bswap64(p.first);
	p.second = __builtin_bswap64(p.second);
	return p;
}

static bool
is_less(struct packed a, struct packed b)
{
	return a.first != b.first ? a.first < b.first : a.second < b.second;
}

/* What the table says of the word; 0: nothing. */
static unsigned
find(const struct word *table, size_t count, const char text[WORD_BYTES])
{
	struct packed want = pack(text);
	size_t low = 0;

	while (count > 1) {
		size_t half = count / 2;

		low += is_less(want, pack(table[low + half].text)) ? 0 : half;
		count -= half;
	}
	return memcmp(table[low].text, text, WORD_BYTES) == 0 ? table[low].says : 0;
}

static bool
is_table_sorted(const struct word *table, size_t count)
{
	size_t i = 1;

	while (i < count && is_less(pack(table[i - 1].text), pack(table[i].text)))
		i++;
	return i == count;
}

bool
hint_is_sorted(void)
{
	return is_table_sorted(hints, COUNT(hints)) && is_table_sorted(vendors, COUNT(vendors));
}

/* ---- the words of a name ---- */

enum sort { GAP, SMALL, BIG, NUMBER, FAR };

static enum sort
sort_of(char c)
{
	unsigned char byte = (unsigned char)c;

	if ((unsigned)(byte - 'a') < 26)
		return SMALL;
	if ((unsigned)(byte - 'A') < 26)
		return BIG;
	if ((unsigned)(byte - '0') < 10)
		return NUMBER;
	return byte >= 0x80 ? FAR : GAP;
}

static char
small(char c)
{
	return (unsigned)(c - 'A') < 26 ? (char)(c | 0x20) : c;
}

/* Where the word that begins at `at` ends: at a gap, at a capital behind a small letter, or at
 * the last capital before a small one (APIKey). */
static size_t
word_end(struct slice s, size_t at)
{
	enum sort last = sort_of(s.ptr[at]), now;
	size_t end = at + 1;

	for (; end < s.len && (now = sort_of(s.ptr[end])) != GAP; end++) {
		if (now == BIG && last != BIG && last != FAR)
			break;
		if (now == SMALL && last == BIG && end > at + 1)
			return end - 1;
		last = now;
	}
	return end;
}

/* Endings that say the same, whatever stands before them: mysqlpassword, mytoken. */
static unsigned
find_ending(const char text[WORD_BYTES], size_t len)
{
	static const struct { char text[12]; uint8_t len, says; } ending[] = {
		{ "password", 8, PASSWORD }, { "passwd", 6, PASSWORD }, { "passphrase", 10,
		    PASSWORD },
		{ "passwort", 8, PASSWORD }, { "secret", 6, SECRET }, { "token", 5, SECRET },
		{ "apikey", 6, SECRET }, { "secretkey", 9, SECRET }, { "accesskey", 9, SECRET },
		{ "authkey", 7, SECRET }, { "pwd", 3, PASSWORD },
	};

	if (len < 4 || (text[len - 1] != 'd' && text[len - 1] != 'e' && text[len - 1] != 't' &&
	    text[len - 1] != 'n' && text[len - 1] != 'y'))
		return 0;
	for (size_t i = 0; i < COUNT(ending); i++) {
		if (len > ending[i].len &&
		    memcmp(text + len - ending[i].len, ending[i].text, ending[i].len) == 0)
			return ending[i].says;
	}
	return 0;
}

struct reading {
	unsigned	set;
	unsigned	last;		/* what the last word said */
	bool		vendor;		/* are vendors asked for? */
};

/* What the tables say of a word in small letters, behind the one before it. */
static unsigned
says_of(unsigned last, struct slice word, const char text[WORD_BYTES], size_t len)
{
	unsigned says = word.len <= WORD_BYTES ? find(hints, COUNT(hints), text) : 0;

	if (says == 0)
		says = find_ending(text, len);
	if (last == SESSION && says == OTHER && len == 2)
		return KEY;
	if (last == PLAIN && (says == KEY || says == SECRET))
		return OTHER;
	return says == KEY && (last == BEFORE || last == ACCESS) ? SECRET : says;
}

static void
read_word(struct reading *r, struct slice word)
{
	static const uint8_t hint[] = {
		[PASSWORD] = HINT_PASSWORD, [SECRET] = HINT_SECRET, [KEY] = HINT_KEY,
		[SESSION] = HINT_KEY, [ACCESS] = HINT_ACCESS, [OTHER] = 0,
	};
	char text[WORD_BYTES] = { 0 };
	size_t len = word.len < WORD_BYTES ? word.len : WORD_BYTES;

	/* Of a long word the end is what counts. */
	for (size_t i = 0; i < len; i++)
		text[i] = small(word.ptr[word.len - len + i]);
	while (len > 1 && sort_of(text[len - 1]) == NUMBER)
		text[--len] = 0;
	r->last = says_of(r->last, word, text, len);
	r->set |= hint[r->last];
	if (r->vendor && find(vendors, COUNT(vendors), text) != 0)
		r->set |= HINT_VENDOR;
}

static unsigned
read_name(struct slice name, bool vendor)
{
	struct reading r = { .vendor = vendor };
	unsigned words = 0;

	for (size_t at = 0; at < name.len && words < HINT_WORDS_MAX;) {
		size_t end;

		if (sort_of(name.ptr[at]) == GAP) {
			at++;
			continue;
		}
		end = word_end(name, at);
		read_word(&r, slice_cut(name, at, end));
		at = end;
		words++;
	}
	return r.last == OTHER ? r.set | HINT_OTHER : r.set;
}

/* ---- most names have not the letters for any of these words ---- */

#define HAS(c)	(1U << ((c) - 'a'))

/*
 * A few letters that each word which says something has; test/unit/secret.c looks at all of
 * them.  It spares most names the search.
 */
static const uint32_t needs[] = {
	HAS('k') | HAS('e'), HAS('p') | HAS('s') | HAS('w'), HAS('p') | HAS('a') | HAS('s'),
	HAS('p') | HAS('w'), HAS('s') | HAS('e') | HAS('c') | HAS('r'),
	HAS('a') | HAS('u') | HAS('t') | HAS('h'), HAS('c') | HAS('r') | HAS('e') | HAS('d'),
	HAS('s') | HAS('i') | HAS('d'), HAS('s') | HAS('i') | HAS('g'),
	HAS('s') | HAS('i') | HAS('f'), HAS('s') | HAS('i') | HAS('o') | HAS('n'),
	HAS('s') | HAS('a') | HAS('l'), HAS('o') | HAS('t') | HAS('p'),
	HAS('n') | HAS('o') | HAS('c') | HAS('e'), HAS('m') | HAS('a') | HAS('c') | HAS('h'),
	HAS('c') | HAS('l') | HAS('a') | HAS('v'), HAS('m') | HAS('d') | HAS('p'),
	HAS('m') | HAS('o') | HAS('d') | HAS('p'), HAS('p') | HAS('a') | HAS('t'),
	HAS('p') | HAS('a') | HAS('r') | HAS('o'), HAS('s') | HAS('e') | HAS('d'),
	HAS('s') | HAS('n') | HAS('h'), HAS('c') | HAS('n') | HAS('t') | HAS('r') | HAS('s'),
	HAS('w') | HAS('c') | HAS('h'), HAS('h') | HAS('l') | HAS('s') | HAS('o'),
	HAS('j') | HAS('w') | HAS('t'), HAS('j') | HAS('e') | HAS('l'), HAS('l') | HAS('o') |
	    HAS('z'),
	HAS('m') | HAS('n') | HAS('e') | HAS('i'), HAS('g') | HAS('e') | HAS('s') | HAS('l'),
	HAS('g') | HAS('e') | HAS('h') | HAS('i') | HAS('m'), HAS('b') | HAS('e') | HAS('a') |
	    HAS('r'),
	HAS('a') | HAS('d') | HAS('g') | HAS('s'), HAS('s') | HAS('c') | HAS('h') | HAS('l'),
	    HAS('l') | HAS('s') | HAS('n') | HAS('r'),
};

static bool
is_needed(uint32_t have)
{
	size_t i = 0;

	while (i < COUNT(needs) && (have & needs[i]) != needs[i])
		i++;
	return i < COUNT(needs);
}

/* Has any word of the name, up to a gap, such letters? */
static bool
may_say(struct slice name)
{
	uint32_t have = 0;

	for (size_t i = 0; i < name.len; i++) {
		unsigned char byte = (unsigned char)name.ptr[i];
		unsigned c = (byte | 0x20U) - 'a';

		/* Other scripts; accents on Latin letters are passed over. */
		if (byte >= 0xc4)
			return true;
		if (c < 26) {
			have |= 1U << c;
		} else if (have != 0 && byte < 0x80) {
			if (is_needed(have))
				return true;
			have = 0;
		}
	}
	return is_needed(have);
}

unsigned
hint_of(struct slice name)
{
	return may_say(name) ? read_name(name, false) : 0;
}

unsigned
hint_of_vendor(struct slice name)
{
	return read_name(name, true);
}
