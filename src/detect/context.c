/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/context.h"

#define WORD_BYTES	8

#define C(name)		CONCEPT_BIT(name)
#define L(name)		COUNTRY_BIT(name)

/* Sorted by key, as bytes; test/unit/context.c sees to it. */
static const struct word {
	char		key[WORD_BYTES];
	struct topic	topic;
} words[] = {
#define WORD(key, what, where)	{ key, { what, where } },
#include "detect/context.tbl"
};

#define WORD_COUNT	(sizeof words / sizeof words[0])

/* The letters from U+00C0 to U+017F without what stands above and below them. */
static const char plain[] =
    "aaaaaaaceeeeiiiidnooooo*ouuuuytsaaaaaaaceeeeiiiidnooooo/ouuuuyty"
    "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiiiijjkkklllllll"
    "lllnnnnnnnnnoooooooorrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";

_Static_assert(sizeof plain - 1 == 192, "three times 64 letters");

static uint64_t
order_of(const char *key)
{
	uint64_t word;

	memcpy(&word, key, sizeof word);
	return __builtin_bswap64(word);
}

static struct topic
find(uint64_t order)
{
	size_t low = 0, high = WORD_COUNT;

	while (low < high) {
		size_t middle = (low + high) / 2;
		uint64_t here = order_of(words[middle].key);

		if (here == order)
			return words[middle].topic;
		if (here < order)
			low = middle + 1;
		else
			high = middle;
	}
	return (struct topic){ 0 };
}

/*
 * The next letter of a word, in lower case and plain: its bytes into out, at most 4.  How many
 * were read; 0 if that is no letter.
 */
static unsigned
fold(const unsigned char *p, size_t len, char *out, unsigned *made)
{
	unsigned char c = p[0], d = len > 1 ? p[1] : 0;

	*made = 1;
	out[0] = (char)(c | 0x20);
	if (c < 0x80)
		return (unsigned)((c | 0x20) - 'a') < 26;
	if (c >= 0xc3 && c <= 0xc5 && (d & 0xc0) == 0x80) {
		out[0] = plain[(unsigned)(c - 0xc3) * 64 + (d & 0x3f)];
		return 2;
	}
	out[0] = (char)c;
	if ((c == 0xd0 || c == 0xd1) && (d & 0xc0) == 0x80) {
		bool low = c == 0xd0 && d >= 0x90 && d < 0xa0, high = c == 0xd0 && d >= 0xa0 &&
		    d < 0xb0;

		out[0] = (char)(high ? 0xd1 : c);
		out[1] = (char)(low ? d + 0x20 : high ? d - 0x20 : d);
		*made = 2;
		return 2;
	}
	return 1;
}

/* Letters of one case behind another make a word: passportNo, TAXId. */
static bool
is_hump(unsigned char before, unsigned char c)
{
	return (unsigned)(before - 'a') < 26 && (unsigned)(c - 'A') < 26;
}

static struct topic
join(struct topic a, struct topic b)
{
	return (struct topic){ a.what | b.what, a.where | b.where };
}

/* Words of scripts that leave no space: each two characters of three bytes. */
static struct topic
find_inside(const char *p, size_t len)
{
	struct topic topic = { 0 };

	for (size_t i = 0; i + 6 <= len; i++) {
		char key[WORD_BYTES] = { 0 };

		if (((unsigned char)p[i] & 0xf0) != 0xe0)
			continue;
		memcpy(key, p + i, 6);
		topic = join(topic, find(order_of(key)));
	}
	return topic;
}

/* Reads the word at p; what it says into *topic.  How many bytes it has; 0: none is there. */
static size_t
read_word(const char *p, size_t len, struct topic *topic)
{
	char key[WORD_BYTES + 4] = { 0 };
	size_t at = 0, have = 0;
	bool strange = false;

	while (at < len) {
		unsigned made, n = fold((const unsigned char *)p + at, len - at,
		    key + (have < WORD_BYTES ? have : WORD_BYTES), &made);

		if (n == 0 || (at > 0 && is_hump((unsigned char)p[at - 1], (unsigned char)p[at])))
			break;
		strange |= (unsigned char)p[at] >= 0xe0;
		at += n;
		have += made;
	}
	if (have < WORD_BYTES)
		memset(key + have, 0, sizeof key - have);
	*topic = have >= 2 ? find(order_of(key)) : (struct topic){ 0 };
	if (strange)
		*topic = join(*topic, find_inside(p, at));
	return at;
}

struct topic
context_word(struct slice word)
{
	struct topic all = { 0 }, one;

	for (size_t i = 0, n; i < word.len; i += n > 0 ? n : 1) {
		n = read_word(word.ptr + i, word.len - i, &one);
		all = join(all, one);
	}
	return all;
}

static bool
is_common(const char *two)
{
	static const char common[][2] = { "in", "it", "no", "is", "at", "be" };

	for (unsigned i = 0; i < sizeof common / sizeof common[0]; i++)
		if ((two[0] | 0x20) == common[i][0] && (two[1] | 0x20) == common[i][1])
			return true;
	return false;
}

/*
 * Two letters in a key are a country: us_ssn, tax_id_de.  In a sentence they are any word; so
 * are some in a key, but in front: in_pan, it_passport, and "id" is nowhere Indonesia.
 */
static struct topic
country_word(struct slice key)
{
	static const char names[][3] = {
#define COUNTRY(name)	#name,
#include "detect/context.tbl"
	};
	struct topic topic = { 0 };

	for (size_t i = 0; i + 2 <= key.len; i++) {
		bool alone = (i == 0 || key.ptr[i - 1] == '_' || key.ptr[i - 1] == '-') &&
		    (i + 2 == key.len || key.ptr[i + 2] == '_' || key.ptr[i + 2] == '-');

		alone &= i == 0 || !is_common(key.ptr + i);
		for (unsigned c = 0; alone && c < COUNTRY_COUNT; c++)
			if (c != COUNTRY_AT_ID && (key.ptr[i] & 0x5f) == names[c][0] &&
			    (key.ptr[i + 1] & 0x5f) == names[c][1])
				topic.where |= UINT64_C(1) << c;
	}
	return topic;
}

void
context_init(struct context *c, struct slice text, struct slice key)
{
	c->text = text;
	c->key = join(context_word(key), country_word(key));
	c->read = c->floor = 0;
	c->last = (struct topic){ 0 };
	c->count = 0;
}

/* Reads the words up to `end`. */
static void
read_to(struct context *c, uint32_t start, uint32_t end)
{
	uint32_t from = start > CONTEXT_BEFORE ? start - CONTEXT_BEFORE : 0;

	if (c->read < from) {
		for (c->read = from; c->read < start; c->read++)
			if ((unsigned)((c->text.ptr[c->read - 1] | 0x20) - 'a') >= 26 &&
			    (c->text.ptr[c->read] & 0xc0) != 0x80)
				break;
	}
	while (c->read < end) {
		struct topic topic;
		uint32_t n = (uint32_t)read_word(c->text.ptr + c->read,
		    (c->text.len - c->read < 64 ? c->text.len - c->read : 64), &topic);

		if ((topic.what | topic.where) != 0) {
			unsigned at = c->count++ & (CONTEXT_HITS - 1);

			c->hit[at].start = c->read;
			c->hit[at].end = c->read + n;
			c->hit[at].topic = topic;
		}
		c->read += n > 0 ? n : 1;
	}
}

/* What was said in [from, to), which ends at the candidate or begins there. */
static struct topic
said(const struct context *c, uint32_t from, uint32_t to)
{
	struct topic topic = { 0 };

	for (unsigned i = 0; i < CONTEXT_HITS && i < c->count; i++) {
		unsigned at = (c->count - 1 - i) & (CONTEXT_HITS - 1);

		if (c->hit[at].start >= from && c->hit[at].end <= to)
			topic = join(topic, c->hit[at].topic);
	}
	return topic;
}

/* The beginning of the line in which `at` is, but not before `from`. */
static uint32_t
line_start(const struct context *c, uint32_t at, uint32_t from)
{
	while (at > from && c->text.ptr[at - 1] != '\n')
		at--;
	return at;
}

static uint32_t
line_end(const struct context *c, uint32_t from, uint32_t to)
{
	while (from < to && c->text.ptr[from] != '\n')
		from++;
	return from;
}

struct topic
context_of(struct context *c, uint32_t start, uint32_t end)
{
	uint32_t from = start > CONTEXT_BEFORE ? start - CONTEXT_BEFORE : 0;
	uint32_t to = c->text.len - end > CONTEXT_BEHIND ? end + CONTEXT_BEHIND
	    : (uint32_t)c->text.len;
	uint32_t line;
	struct topic topic, behind;

	read_to(c, start, to);
	if (from < c->floor)
		from = c->floor;
	line = line_start(c, start, from);
	topic = said(c, line, start);
	if (topic.what == 0 && line > from)
		topic = join(topic, said(c, from, line));
	behind = said(c, end, line_end(c, end, to));
	topic.where |= behind.where;
	if (topic.what == 0)
		topic.what = behind.what;
	if (topic.what == 0 && c->floor > 0 && start - c->floor < 24)
		topic = join(topic, c->last);
	return join(topic, c->key);
}

/* Words that stand between a label and its value without saying anything. */
static bool
is_filler(const char *p, size_t len)
{
	static const char fillers[][7] = {
		"no", "nr", "num", "number", "numero", "nummer", "is", "es", "ist", "id", "code",
		"was", "the", "of", "de", "del", "este", "son", "value", "ref", "en", "la",
	};

	for (unsigned i = 0; i < sizeof fillers / sizeof fillers[0]; i++) {
		size_t n = 0;

		while (n < len && n < 7 && fillers[i][n] != 0 && fillers[i][n] == (p[n] | 0x20))
			n++;
		if (n == len && (n == 7 || fillers[i][n] == 0))
			return true;
	}
	return false;
}

/* Is there nothing in [from, to) but fillers and signs?  *sign: something that says "here". */
static bool
is_between(const struct context *c, uint32_t from, uint32_t to, bool *sign)
{
	const char *p = c->text.ptr;

	for (uint32_t i = from; i < to;) {
		uint32_t word = i;

		while (i < to && (unsigned)((p[i] | 0x20) - 'a') < 26)
			i++;
		if (i > word) {
			if (!is_filler(p + word, i - word))
				return false;
			*sign = true;
			continue;
		}
		*sign |= p[i] == ':' || p[i] == '#' || p[i] == '=' || p[i] == '"';
		if ((unsigned)(p[i] - '0') < 10 || p[i] == ';' || p[i] == ',' || p[i] == '\n')
			return false;
		i++;
	}
	return true;
}

static bool
is_acronym(const struct context *c, uint32_t from, uint32_t to)
{
	for (uint32_t i = from; i < to; i++)
		if ((unsigned)(c->text.ptr[i] - 'A') >= 26)
			return false;
	return true;
}

struct topic
context_label(const struct context *c, uint32_t start)
{
	struct topic topic = { 0 };
	uint32_t front = start;
	bool sign = false;

	for (unsigned i = 0; i < CONTEXT_HITS && i < c->count; i++) {
		unsigned at = (c->count - 1 - i) & (CONTEXT_HITS - 1);

		if (c->hit[at].end > front)
			continue;
		if (front - c->hit[at].end > 24 || c->hit[at].end < c->floor ||
		    !is_between(c, c->hit[at].end, front, &sign))
			break;
		sign |= front == start && is_acronym(c, c->hit[at].start, c->hit[at].end);
		topic = join(topic, c->hit[at].topic);
		front = c->hit[at].start;
	}
	if (c->text.len <= 48)
		topic = join(topic, c->key);
	return sign || c->key.what != 0 ? topic : (struct topic){ 0 };
}

void
context_used(struct context *c, uint32_t end, struct topic topic)
{
	c->floor = end;
	c->last = topic;
}
