/* SPDX-License-Identifier: Apache-2.0 */
#include "mask/spelling.h"

#include "core/vec.h"

static bool
is_joint(char c)
{
	return c == '_' || c == '-' || c == ' ' || c == '\\' || c == '*' || c == '`';
}

/* Do the last two bytes before `at` end a word of the vault, or might they nearly? */
static inline bool
ends_word(const struct vault *v, struct slice text, size_t at, unsigned ways)
{
	if ((ways & SPELLING_NEAR) == SPELLING_NEAR && text.ptr[at] == '_')
		return true;
	return (v->pairs[text.ptr[at - 2] & 31] >> (text.ptr[at - 1] & 31) & 1) != 0;
}

static inline uint32_t
joints(const char *p, bool loose)
{
	struct vec v = vec_load(p), is = vec_is(v, '_');

	if (loose) {
		is = vec_or(is, vec_or(vec_is(v, '-'), vec_is(v, ' ')));
		is = vec_or(is, vec_or(vec_is(v, '\\'), vec_or(vec_is(v, '*'), vec_is(v, '`'))));
	}
	return vec_mask(is);
}

/* Passes over blocks of 64 bytes without an underscore. */
static size_t
skip_plain(struct slice text, size_t at)
{
	struct vec line = vec_all('_');

	for (; at + 4 * VEC_BYTES <= text.len; at += 4 * VEC_BYTES) {
		const char *p = text.ptr + at;

		if (vec_mask(vec_or(vec_or(vec_same(vec_load(p), line),
		    vec_same(vec_load(p + 16), line)), vec_or(vec_same(vec_load(p + 32), line),
		    vec_same(vec_load(p + 48), line)))) != 0)
			break;
	}
	return at;
}

/* The first joint behind a word's last letters, at `at`, which is 2 at least, or later. */
static size_t
next_joint(const struct vault *v, struct slice text, size_t at, unsigned ways)
{
	bool loose = (ways & SPELLING_LOOSE) != 0;

	while (at + VEC_BYTES <= text.len) {
		if (!loose)
			at = skip_plain(text, at);
		if (at + VEC_BYTES > text.len)
			break;
		for (uint32_t hits = joints(text.ptr + at, loose); hits != 0; hits &= hits - 1)
			if (ends_word(v, text, at + vec_first(hits), ways))
				return at + vec_first(hits);
		at += VEC_BYTES;
	}
	for (; at < text.len; at++)
		if ((loose ? is_joint(text.ptr[at]) : text.ptr[at] == '_') &&
		    ends_word(v, text, at, ways))
			return at;
	return text.len;
}

/* ---- behind the word ---- */

enum found { FOUND_NONE, FOUND_PART, FOUND_WHOLE };

/* Past what joins word and digits at `at`; false if that is too long or not there. */
static bool
skip_joint(struct slice text, size_t *at, unsigned ways)
{
	unsigned count = 0;

	if ((ways & SPELLING_LOOSE) == 0)
		return *at < text.len && text.ptr[(*at)++] == '_';
	for (; *at < text.len && is_joint(text.ptr[*at]); count++, (*at)++) {
		if (text.ptr[*at] != '\\' || (ways & SPELLING_JSON) == 0)
			continue;
		if (*at + 1 < text.len && text.ptr[*at + 1] != '\\')
			return false;
		*at += *at + 1 < text.len;
	}
	return count >= 1 && count <= SPELLING_JOINT_MAX;
}

/* Digits from `at` on, as many as there are and a token has. */
static unsigned
read_digits(struct slice text, size_t at, bool loose, unsigned char digit[static TOKEN_DIGITS])
{
	unsigned count = 0;

	for (int n; count < TOKEN_DIGITS && at + count < text.len; count++) {
		n = token_digit(text.ptr[at + count], loose);
		if (n < 0)
			break;
		digit[count] = (unsigned char)n;
	}
	return count;
}

/* Does any live token of this word go on with these digits, of which one at least is missing? */
static bool
may_go_on(const struct vault *v, const struct vault_word *w, const unsigned char *digit,
    unsigned count)
{
	unsigned left = TOKEN_ID_BITS - 5 * count;
	uint64_t low = 0;

	for (unsigned i = 0; i < count; i++)
		low = low << 5 | digit[i];
	low <<= left;
	return vault_has(v, w, low, low | ((UINT64_C(1) << left) - 1));
}

/*
 * Is there a live token of word w, whose joint begins at s->end?  Then s has its end and entry;
 * if there is only a joint, s has the joint's end.
 */
static enum found
read_rest(const struct vault *v, const struct vault_word *w, struct slice text, unsigned ways,
    struct spelling *s)
{
	unsigned char digit[TOKEN_DIGITS];
	size_t end = s->end;
	unsigned count;
	uint64_t id;

	if (!skip_joint(text, &end, ways))
		return FOUND_NONE;
	s->end = end;
	count = read_digits(text, s->end, (ways & SPELLING_LOOSE) != 0, digit);
	if (count < TOKEN_DIGITS)
		return s->end + count == text.len && may_go_on(v, w, digit, count) ?
		    FOUND_PART : FOUND_NONE;
	if (!token_id(digit, &id) || (s->entry = vault_find(v, w, id)) == NULL)
		return FOUND_NONE;
	s->end += TOKEN_DIGITS;
	return FOUND_WHOLE;
}

/* Do text and word begin with the same `len` bytes? */
static bool
begins_as(const char *text, struct slice word, size_t len, unsigned ways)
{
	struct slice a = slice_of(text, len), b = slice_cut(word, 0, len);

	return (ways & SPELLING_LOOSE) != 0 ? slice_same_word(a, b) : slice_eq(a, b);
}

/* ---- one wrong letter or digit ---- */

#define RUN_MAX		(TOKEN_DIGITS + 1)
#define NO_DIGIT	255

static bool
is_alnum(char c)
{
	return (unsigned)(c - '0') < 10 || (unsigned)((c | 0x20) - 'a') < 26;
}

/* What is meant, as long as it is one. */
struct meant {
	const struct vault		*vault;
	const struct vault_word		*word;
	const struct vault_entry	*entry;
	bool				 several;
};

static void
mean(struct meant *m, uint64_t id)
{
	const struct vault_entry *e = vault_find(m->vault, m->word, id);

	if (e == NULL || e == m->entry)
		return;
	m->several = m->entry != NULL;
	m->entry = e;
}

/* Ten of the digits: without that at `left_out`, if there are eleven. */
static void
take_ten(const unsigned char *run, unsigned left_out, unsigned char ten[static TOKEN_DIGITS])
{
	for (unsigned i = 0; i < TOKEN_DIGITS; i++)
		ten[i] = run[i + (i >= left_out)];
}

/* One is wrong, or two neighbours are swapped. */
static void
mean_changed(struct meant *m, const unsigned char *run, unsigned bad)
{
	unsigned char ten[TOKEN_DIGITS];
	uint64_t id;

	memcpy(ten, run, TOKEN_DIGITS);
	for (unsigned i = 0; i < TOKEN_DIGITS; i++) {
		if (bad != NO_DIGIT && bad != i)
			continue;
		ten[i] = bad == i ? 0 : ten[i];
		mean(m, token_repair(ten, i));
	}
	for (unsigned i = 0; bad == NO_DIGIT && i + 1 < TOKEN_DIGITS; i++) {
		memcpy(ten, run, TOKEN_DIGITS);
		ten[i] = run[i + 1];
		ten[i + 1] = run[i];
		if (token_id(ten, &id))
			mean(m, id);
	}
}

/* One is missing: anywhere, and the check character says which. */
static void
mean_longer(struct meant *m, const unsigned char *run)
{
	unsigned char ten[TOKEN_DIGITS];

	for (unsigned place = 0; place < TOKEN_DIGITS; place++) {
		for (unsigned i = 0; i < TOKEN_DIGITS; i++)
			ten[i] = i == place ? 0 : run[i - (i > place)];
		mean(m, token_repair(ten, place));
	}
}

static void
mean_shorter(struct meant *m, const unsigned char *run, unsigned bad)
{
	unsigned char ten[TOKEN_DIGITS];
	uint64_t id;

	for (unsigned i = 0; i < RUN_MAX; i++) {
		if (bad != NO_DIGIT && bad != i)
			continue;
		take_ten(run, i, ten);
		if (token_id(ten, &id))
			mean(m, id);
	}
}

/* The live token of this word that the digits at s->end nearly are, if it is just one. */
static bool
read_near(const struct vault *v, const struct vault_word *w, struct slice text,
    struct spelling *s)
{
	struct meant m = { .vault = v, .word = w };
	unsigned char run[RUN_MAX];
	unsigned count = 0, bad = NO_DIGIT, wrong = 0;
	size_t at = s->end;
	uint64_t id;

	for (; at + count < text.len && is_alnum(text.ptr[at + count]); count++) {
		int n = token_digit(text.ptr[at + count], true);

		if (count == RUN_MAX)
			return false;
		run[count] = (unsigned char)(n < 0 ? 0 : n);
		bad = n < 0 ? count : bad;
		wrong += n < 0;
	}
	if (wrong > 1 || (count == TOKEN_DIGITS && wrong == 0 && token_id(run, &id)))
		return false;
	if (count == TOKEN_DIGITS)
		mean_changed(&m, run, bad);
	else if (count == TOKEN_DIGITS - 1 && wrong == 0)
		mean_longer(&m, run);
	else if (count == RUN_MAX)
		mean_shorter(&m, run, bad);
	if (m.entry == NULL || m.several)
		return false;
	s->end = at + count;
	s->entry = m.entry;
	return true;
}

/* A live token's digits at `at` whose word, before it, has one wrong letter. */
static bool
read_word_near(const struct vault *v, struct slice text, size_t from, size_t at,
    struct spelling *s)
{
	size_t start = at;

	while (start > from && at - start <= TOKEN_WORD_MAX &&
	    (unsigned)((text.ptr[start - 1] | 0x20) - 'a') < 26)
		start--;
	for (uint32_t i = 0; i < v->word_count; i++) {
		const struct vault_word *w = &v->word[i];
		struct spelling one = { .start = start, .end = at };

		if (at - start > w->word.len + 1 || at - start + 1 < w->word.len ||
		    read_rest(v, w, text, SPELLING_EXACT, &one) != FOUND_WHOLE ||
		    slice_distance(slice_cut(text, start, at), w->word) > 1)
			continue;
		*s = one;
		return true;
	}
	return false;
}

/* ---- in a text ---- */

/*
 * What stands around the joint at s->end, from s->start on: of words that fit, the longest one
 * with a live token.
 */
static enum found
read_around(const struct vault *v, struct slice text, unsigned ways, struct spelling *s)
{
	bool near = (ways & SPELLING_NEAR) == SPELLING_NEAR;
	size_t from = s->start, at = s->end;
	enum found found = FOUND_NONE;

	s->start = at;
	for (uint32_t i = 0; i < v->word_count; i++) {
		const struct vault_word *w = &v->word[i];
		struct spelling one = { .start = at - w->word.len, .end = at };
		enum found is;

		if (at < w->word.len || one.start < from ||
		    !begins_as(text.ptr + one.start, w->word, w->word.len, ways))
			continue;
		is = read_rest(v, w, text, ways, &one);
		if (is == FOUND_NONE && near && one.end > at && read_near(v, w, text, &one))
			is = FOUND_WHOLE;
		if (is > found || (is == found && one.start < s->start)) {
			found = is;
			*s = one;
		}
	}
	if (found == FOUND_NONE && near && text.ptr[at] == '_' &&
	    read_word_near(v, text, from, at, s))
		return FOUND_WHOLE;
	return found;
}

bool
spelling_next(const struct vault *v, struct slice text, size_t from, unsigned ways,
    struct spelling *s)
{
	if (v->count == 0)
		return false;
	for (size_t at = next_joint(v, text, from + 2, ways); at < text.len;
	    at = next_joint(v, text, at + 1, ways)) {
		enum found found;

		*s = (struct spelling){ .start = from, .end = at };
		found = read_around(v, text, ways, s);
		if (found == FOUND_WHOLE)
			return true;
		if (found == FOUND_NONE && s->end > at)
			return true;
	}
	return false;
}

/* Is all of text from `at` on a proper beginning of a live token of this word? */
static bool
is_beginning(const struct vault *v, const struct vault_word *w, struct slice text, size_t at,
    unsigned ways)
{
	size_t left = text.len - at, len = left < w->word.len ? left : w->word.len;
	struct spelling s = { .start = at, .end = at + len };

	if (w->count == 0 || ((w->word.ptr[0] ^ text.ptr[at]) & 31) != 0 ||
	    !begins_as(text.ptr + at, w->word, len, ways))
		return false;
	return left <= w->word.len || read_rest(v, w, text, ways, &s) == FOUND_PART;
}

size_t
spelling_tail(const struct vault *v, struct slice text, size_t from, unsigned ways)
{
	size_t at = text.len > SPELLING_BYTES_MAX ? text.len - SPELLING_BYTES_MAX : 0;

	for (at = at < from ? from : at; at < text.len; at++) {
		if ((v->firsts >> (text.ptr[at] & 31) & 1) == 0)
			continue;
		for (uint32_t i = 0; i < v->word_count; i++)
			if (is_beginning(v, &v->word[i], text, at, ways))
				return at;
	}
	return text.len;
}
