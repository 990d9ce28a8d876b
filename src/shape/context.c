/* SPDX-License-Identifier: Apache-2.0 */
#include "shape/context.h"

#include "core/vec.h"

#define WORD_BYTES	8

/* A number of whatever, and a card: together they are of a person. */
#define ID_CARD		(CONCEPT_BIT(ANY) | CONCEPT_BIT(CARD))

/* Not said by a word: a line ends here. */
#define LINE		(UINT64_C(1) << 63)

#define C(name)		CONCEPT_BIT(name)
#define L(name)		COUNTRY_BIT(name)

/* A key as a number, so that numbers are in the order of words. */
#define BYTE(s, i)	(sizeof(s) > (i) ? \
	(uint64_t)(unsigned char)(s)[sizeof(s) > (i) ? (i) : 0] : 0)
#define KEY(s)		(BYTE(s, 0) << 56 | BYTE(s, 1) << 48 | BYTE(s, 2) << 40 | \
	BYTE(s, 3) << 32 | BYTE(s, 4) << 24 | BYTE(s, 5) << 16 | BYTE(s, 6) << 8 | BYTE(s, 7))

/* Sorted; test/unit/structure.c sees to it. */
static const uint64_t keys[] = {
#define WORD(key, what, where)	KEY(key),
#include "shape/context.tbl"
};

static const struct topic topics[] = {
#define WORD(key, what, where)	{ what, where },
#include "shape/context.tbl"
};

/* Where the words begin that begin with a letter; behind z all others. */
#define PASTE_(a, b)	a##b
#define PASTE(a, b)	PASTE_(a, b)

enum {
#define LETTER(first)	AT_##first, BACK_##first = AT_##first - 1,
#define WORD(...)	PASTE(AT_WORD_, __LINE__),
#include "shape/context.tbl"
	WORD_COUNT
};

static const uint16_t firsts[] = {
#define LETTER(first)	AT_##first,
#include "shape/context.tbl"
	WORD_COUNT
};

_Static_assert(sizeof firsts / sizeof firsts[0] == 28, "26 letters, the others, and the end");

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

/* Without a branch that nobody can foretell: words of a text are no sorted list. */
static struct topic
find(uint64_t order)
{
	unsigned letter = (unsigned)(order >> 56) - 'a';
	unsigned bucket = letter < 26 ? letter : 26;
	const uint64_t *base = &keys[firsts[bucket]];
	unsigned count = (unsigned)firsts[bucket + 1] - firsts[bucket];

	while (count > 1) {
		unsigned half = count / 2;

		base = base[half] <= order ? base + half : base;
		count -= half;
	}
	return *base == order ? topics[base - keys] : (struct topic){ 0 };
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

/* The word at p, letter by letter: in any script, with humps, at the end of the text. */
static size_t
read_slowly(const char *p, size_t len, struct topic *topic)
{
	char key[WORD_BYTES + 4] = { 0 };
	size_t at = 0, have = 0;
	bool strange = false;

	while (at < len) {
		unsigned made, n = fold((const unsigned char *)p + at, len - at,
		    key + (have < WORD_BYTES ? have : WORD_BYTES), &made);

		if (n == 0 || (at > 0 && is_hump((unsigned char)p[at - 1], (unsigned char)p[at])))
			break;
		/* Behind a script without spaces a letter begins something else. */
		if (strange && (unsigned char)p[at] < 0x80)
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

/*
 * Reads the word at p; what it says into *topic.  How many bytes it has; 0: none is there.
 * Plain words of ASCII, which is nearly all, are read sixteen bytes at once.
 */
static size_t
read_word(const char *p, size_t len, struct topic *topic)
{
	uint32_t letters, upper, strange;
	unsigned n;
	struct vec v;
	uint64_t key;

	if (len < VEC_BYTES)
		return read_slowly(p, len, topic);
	v = vec_load(p);
	letters = vec_mask(vec_within(vec_or(v, vec_all(0x20)), 'a', 'z'));
	upper = vec_mask(vec_within(v, 'A', 'Z'));
	strange = vec_mask(v);
	n = vec_first(~letters);
	if (n == VEC_BYTES || (strange >> n & 1) != 0 ||
	    (upper & (letters & ~upper) << 1 & ((UINT32_C(1) << n) - 1)) != 0)
		return read_slowly(p, len, topic);
	*topic = (struct topic){ 0 };
	if (n < 2)
		return n;
	memcpy(&key, p, sizeof key);
	key = __builtin_bswap64(key | UINT64_C(0x2020202020202020));
	*topic = find(n < WORD_BYTES ? key >> 8 * (WORD_BYTES - n) << 8 * (WORD_BYTES - n) : key);
	return n;
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
#include "shape/context.tbl"
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

/* ---- tables ---- */

#define HEAD_BYTES_MAX	1024

/* How often each may be: all but this one are taken for words. */
static char
separator_of(struct slice line)
{
	static const char separators[] = ",;\t|";

	for (unsigned i = 0; i < sizeof separators - 1; i++) {
		unsigned count = 0;

		for (size_t k = 0; k < line.len; k++)
			count += line.ptr[k] == separators[i];
		if (count >= 1 && count < CONTEXT_COLUMNS)
			return separators[i];
	}
	return 0;
}

/* Names of columns: short words, none of them a sentence, and no digits. */
static bool
is_head(struct slice line, char separator)
{
	size_t bytes = 0;

	for (size_t i = 0; i < line.len; i++) {
		char b = line.ptr[i];

		bytes = b == separator ? 0 : bytes + 1;
		if (bytes > 40 || (unsigned)(b - '0') < 10 || b == '.' || b == '{' || b == '(' ||
		    b == ':' || b == '?')
			return false;
	}
	return true;
}

/* Reads the first line, if it names columns and the next line has as many; once, for who asks. */
static void
read_head(struct context *c)
{
	size_t max = c->text.len < HEAD_BYTES_MAX ? c->text.len : HEAD_BYTES_MAX;
	const char *end = max > 0 ? memchr(c->text.ptr, '\n', max) : NULL;
	struct slice line;
	unsigned here = 0, below = 0;
	size_t from = 0;

	c->has_head = true;
	if (end == NULL)
		return;
	line = slice_of(c->text.ptr, (size_t)(end - c->text.ptr));
	c->separator = separator_of(line);
	if (c->separator == 0 || !is_head(line, c->separator))
		return;
	for (size_t i = 0; i < line.len; i++)
		here += line.ptr[i] == c->separator;
	for (size_t i = line.len + 1; i < c->text.len && i - line.len < HEAD_BYTES_MAX &&
	    c->text.ptr[i] != '\n'; i++)
		below += c->text.ptr[i] == c->separator;
	if (below < here)
		return;
	for (size_t i = 0; i <= line.len; i++) {
		if (i < line.len && line.ptr[i] != c->separator)
			continue;
		c->column[c->columns++] = context_word(slice_cut(line, from, i));
		from = i + 1;
	}
	c->at = (uint32_t)line.len;
	c->at_column = 0;
}

/* Texts in which nothing is found, which is most of them, are not read for it. */
static bool
has_columns(struct context *c)
{
	if (!c->has_head)
		read_head(c);
	return c->columns > 0;
}

/* What the name of the column says in which `start` is. */
static struct topic
column_of(struct context *c, uint32_t start)
{
	for (; c->at < start; c->at++) {
		if (c->text.ptr[c->at] == '\n')
			c->at_column = 0;
		else if (c->text.ptr[c->at] == c->separator)
			c->at_column++;
	}
	return c->at_column < c->columns ? c->column[c->at_column] : (struct topic){ 0 };
}

void
context_init(struct context *c, struct slice text, struct slice key)
{
	c->text = text;
	c->key = join(context_word(key), country_word(key));
	c->read = c->floor = 0;
	c->last = c->now = (struct topic){ 0 };
	c->count = c->columns = 0;
	c->has_head = false;
}

static void
put_hit(struct context *c, uint32_t start, uint32_t end, struct topic topic)
{
	unsigned at = c->count++ & (CONTEXT_HITS - 1);

	c->hit[at].start = start;
	c->hit[at].end = end;
	c->hit[at].topic = topic;
}

/* Part of a token, "6acc4a", or the end of a file's name, "wrap.zip", is no word. */
static bool
is_glued(const struct context *c, uint32_t start, uint32_t end)
{
	const char *p = c->text.ptr;

	/* Scripts without spaces put a number right behind its word. */
	if ((unsigned char)p[end - 1] >= 0xe0 || ((unsigned char)p[end - 1] & 0xc0) == 0x80)
		return false;
	if (start > 0 && (unsigned)(p[start - 1] - '0') < 10)
		return true;
	if (end < c->text.len && (unsigned)(p[end] - '0') < 10)
		return true;
	return start > 1 && p[start - 1] == '.' && (unsigned)((p[start - 2] | 0x20) - 'a') < 26 &&
	    end < c->text.len && p[end] != '.' && p[end] != ':';
}

/* Reads the words up to `end`; those that begin before it. */
static void
read_to(struct context *c, uint32_t start, uint32_t end)
{
	uint32_t from = start > CONTEXT_BEFORE ? start - CONTEXT_BEFORE : 0;
	const char *p = c->text.ptr;

	if (c->read < from) {
		for (c->read = from; c->read < start; c->read++)
			if ((unsigned)((p[c->read - 1] | 0x20) - 'a') >= 26 &&
			    (p[c->read] & 0xc0) != 0x80)
				break;
	}
	while (c->read < end) {
		size_t left = c->text.len - c->read;
		unsigned char b = (unsigned char)p[c->read];
		struct topic topic;
		uint32_t n;

		if (b < 'A') {
			if (b == '\n')
				put_hit(c, c->read, c->read + 1, (struct topic){ LINE, 0 });
			c->read++;
			continue;
		}
		n = (uint32_t)read_word(p + c->read, left < 64 ? left : 64, &topic);
		if ((topic.what | topic.where) != 0 && !is_glued(c, c->read, c->read + n))
			put_hit(c, c->read, c->read + n, topic);
		c->read += n > 0 ? n : 1;
	}
}

/* What was said around a candidate, by where: behind it, in front of it, in the lines above. */
struct said {
	struct topic	behind, before, above;
};

/* "72 Main St Tel. 415...": what the word speaks of comes behind it. */
static bool
is_of_next(const struct context *c, uint32_t end)
{
	const char *p = c->text.ptr;
	uint32_t i = end;

	while (i < c->text.len && i - end < 4 && (p[i] == '.' || p[i] == ':' || p[i] == ' ' ||
	    p[i] == '=' || p[i] == '#'))
		i++;
	if (i == end || i == c->text.len)
		return false;
	return p[end] == ':' || p[end] == '=' || p[i] == '+' || p[i] == '(' ||
	    (unsigned)(p[i] - '0') < 10;
}

static struct said
gather(const struct context *c, uint32_t start, uint32_t end, uint32_t from)
{
	struct said said = { 0 };
	bool above = false;

	for (unsigned i = 0; i < CONTEXT_HITS && i < c->count; i++) {
		unsigned at = (c->count - 1 - i) & (CONTEXT_HITS - 1);
		struct topic topic = c->hit[at].topic;

		if (c->hit[at].start >= end + CONTEXT_BEHIND)
			continue;
		if (c->hit[at].start >= end)
			said.behind = topic.what == LINE || is_of_next(c, c->hit[at].end)
			    ? (struct topic){ 0 } : join(said.behind, topic);
		else if (c->hit[at].start < from)
			break;
		else if (c->hit[at].end > start)
			continue;
		else if (topic.what == LINE)
			above = true;
		else if (above)
			said.above = join(said.above, topic);
		else
			said.before = join(said.before, topic);
	}
	return said;
}

struct topic
context_of(struct context *c, uint32_t start, uint32_t end)
{
	uint32_t from = start > CONTEXT_BEFORE ? start - CONTEXT_BEFORE : 0;
	uint32_t to = c->text.len - end > CONTEXT_BEHIND ? end + CONTEXT_BEHIND
	    : (uint32_t)c->text.len;
	struct topic topic;
	struct said said;

	read_to(c, start, to);
	said = gather(c, start, end, from > c->floor ? from : c->floor);
	if (has_columns(c)) {
		c->now = column_of(c, start);
		if (c->now.what != 0)
			return join(c->now, c->key);
	}
	topic = said.before;
	if (topic.what == 0)
		topic = join(topic, said.above);
	topic.where |= said.behind.where;
	if (topic.what == 0)
		topic.what = said.behind.what;
	if (topic.what == 0 && c->floor > 0 && start - c->floor < 24)
		topic = join(topic, c->last);
	topic = join(topic, c->key);
	if ((topic.what & ID_CARD) == ID_CARD)
		topic.what |= CONCEPT_BIT(ID);
	return topic;
}

/* Words that stand between a label and its value without saying anything. */
static bool
is_filler(const char *p, size_t len)
{
	static const uint64_t fillers[] = {
		KEY("no"), KEY("nr"), KEY("num"), KEY("number"), KEY("numero"), KEY("nummer"),
		KEY("is"), KEY("es"), KEY("ist"), KEY("id"), KEY("code"), KEY("was"), KEY("the"),
		KEY("of"), KEY("de"), KEY("del"), KEY("este"), KEY("son"), KEY("value"), KEY("ref"),
		KEY("en"), KEY("la"), KEY("license"), KEY("licence"), KEY("card"),
	};
	uint64_t word = 0;

	if (len > WORD_BYTES)
		return false;
	for (size_t i = 0; i < len; i++)
		word |= (uint64_t)(unsigned char)(p[i] | 0x20) << 8 * (7 - i);
	for (unsigned i = 0; i < sizeof fillers / sizeof fillers[0]; i++)
		if (fillers[i] == word)
			return true;
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

/* Most numbers have no label: what stands in front of them has neither a sign nor a filler. */
bool
context_may_label(struct context *c, uint32_t start)
{
	uint32_t end = start, word;
	const char *p = c->text.ptr;

	if (c->key.what != 0 || has_columns(c))
		return true;
	while (start - end < 3 && end > 0 && (p[end - 1] == ' ' || p[end - 1] == '"'))
		end--;
	if (end == 0)
		return false;
	if ((unsigned)((p[end - 1] | 0x20) - 'a') >= 26)
		return p[end - 1] == ':' || p[end - 1] == '=' || p[end - 1] == '#' ||
		    p[end - 1] == '(' || p[end - 1] == '/' || p[end - 1] == '-' ||
		    p[end - 1] == '.' || (unsigned char)p[end - 1] >= 0x80;
	for (word = end - 1; end - word < 8 && word > 0 &&
	    (unsigned)((p[word - 1] | 0x20) - 'a') < 26; word--)
		;
	return is_acronym(c, word, end) || is_filler(p + word, end - word);
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
		if (c->hit[at].topic.what == LINE)
			break;
		if (front - c->hit[at].end > 24 || c->hit[at].end < c->floor ||
		    !is_between(c, c->hit[at].end, front, &sign))
			break;
		sign |= front == start && is_acronym(c, c->hit[at].start, c->hit[at].end);
		topic = join(topic, c->hit[at].topic);
		front = c->hit[at].start;
	}
	if (c->columns > 0 && c->now.what != 0)
		return c->now;
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
