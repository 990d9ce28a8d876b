/* SPDX-License-Identifier: Apache-2.0 */
#include "name/atom.h"

#include "core/vec.h"

/* Blocks end with a line or a sentence when one ends within their last quarter. */
#define ATOMS_EARLY	(ATOMS_MAX / 4 * 3)

#define HASH_START	UINT64_C(0x165667b19e3779f9)
#define HASH_BYTES	8	/* of a folded word, that are hashed at once */

/* What a character is, and the one or two bytes that a hash sees of it. */
struct letter {
	unsigned	bytes;		/* of the character in the text */
	unsigned char	kind;		/* enum letter_kind */
	unsigned char	fold[2];	/* the second is 0 if there is one only, both for a mark */
};

enum letter_kind { LETTER_LOWER, LETTER_UPPER, LETTER_DIGIT, LETTER_SPACE, LETTER_MARK };

/* ---- characters ---- */

/* The Latin letters of U+00C0 to U+017F without their accents. */
static const char latin[] =
	"aaaaaaaceeeeiiiidnooooo*ouuuuyps" "aaaaaaaceeeeiiiidnooooo*ouuuuypy"
	"aaaaaaccccccccddddeeeeeeeeeegggg" "gggghhhhiiiiiiiiiiiijjkkkllllll"
	"llll" "nnnnnnnnnoooooooorrrrrrssssssss" "ttttttuuuuuuuuuuuuwwyyyzzzzzzs";

_Static_assert(sizeof latin == 0x180 - 0xc0 + 1, "a letter each");

static bool
is_upper_latin(unsigned c)
{
	if (c < 0x100)
		return c < 0xdf;
	if (c == 0x138 || c == 0x149 || c == 0x17f)
		return false;
	if (c == 0x178)
		return true;
	return (c < 0x138 || (c > 0x149 && c < 0x178)) ? c % 2 == 0 : c % 2 == 1;
}

/* Greek and Cyrillic have their capitals in two rows each; accents of Greek stay. */
static unsigned
lower_of(unsigned c)
{
	if ((c >= 0x391 && c <= 0x3a9) || (c >= 0x410 && c <= 0x42f))
		return c + 0x20;
	if (c >= 0x400 && c <= 0x40f)
		return c + 0x50;
	if (c >= 0x388 && c <= 0x38a)
		return c + 0x25;
	if (c == 0x386)
		return 0x3ac;
	return c;
}

static struct letter
two_bytes(unsigned c)
{
	struct letter l = { .bytes = 2, .kind = LETTER_LOWER };
	unsigned low = lower_of(c);

	if (c == 0xa0)
		l.kind = LETTER_SPACE;
	else if (c < 0xc0 || c == 0xd7 || c == 0xf7)
		l.kind = LETTER_MARK;
	else if (c < 0x180)
		l = (struct letter){ 2, is_upper_latin(c) ? LETTER_UPPER : LETTER_LOWER,
		    { (unsigned char)latin[c - 0xc0], 0 } };
	else if (c < 0x300 || c >= 0x370)
		l = (struct letter){ 2, low != c ? LETTER_UPPER : LETTER_LOWER,
		    { (unsigned char)(0xc0 | low >> 6), (unsigned char)(0x80 | (low & 0x3f)) } };
	return l;
}

/* General punctuation, symbols, CJK punctuation, emoji; all else of so many bytes is a letter. */
static bool
is_wide_mark(const unsigned char *p)
{
	return p[0] == 0xe2 || (p[0] == 0xe3 && p[1] == 0x80) || (p[0] == 0xf0 && p[1] == 0x9f) ||
	    p[0] == 0xee || p[0] == 0xef;
}

static struct letter
letter_at(struct slice text, uint32_t at)
{
	const unsigned char *p = (const unsigned char *)text.ptr + at;
	unsigned c = p[0], bytes = c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;

	if ((c | 0x20) - 'a' < 26)
		return (struct letter){ 1, c < 'a' ? LETTER_UPPER : LETTER_LOWER,
		    { (unsigned char)(c | 0x20), 0 } };
	if (c - '0' < 10)
		return (struct letter){ 1, LETTER_DIGIT, { (unsigned char)c, 0 } };
	if (c <= ' ')
		return (struct letter){ 1, LETTER_SPACE, { 0, 0 } };
	if (c < 0xc2 || text.len - at < bytes)
		return (struct letter){ 1, LETTER_MARK, { 0, 0 } };
	if (bytes == 2)
		return two_bytes((c & 0x1f) << 6 | (p[1] & 0x3f));
	if (is_wide_mark(p))
		return (struct letter){ bytes, LETTER_MARK, { 0, 0 } };
	return (struct letter){ bytes, LETTER_LOWER, { p[bytes - 2], p[bytes - 1] } };
}

static inline bool
is_letter(struct letter l)
{
	return l.kind <= LETTER_UPPER;
}

static inline bool
is_letter_at(struct slice text, uint32_t at)
{
	return at < text.len && is_letter(letter_at(text, at));
}

/* ---- hashes ---- */

/* Eight bytes more; the last ones have zeros behind them. */
static inline uint64_t
mix(uint64_t h, uint64_t eight)
{
	h = (h ^ eight) * UINT64_C(0xff51afd7ed558ccd);
	return h ^ h >> 32;
}

/* Of letters of ASCII; whole eights of them can be read. */
static inline uint32_t
hash_ascii(const char *p, size_t len)
{
	uint64_t h = HASH_START, eight;

	for (;; len -= HASH_BYTES, p += HASH_BYTES) {
		memcpy(&eight, p, sizeof eight);
		eight |= UINT64_C(0x2020202020202020);
		if (len <= HASH_BYTES)
			return (uint32_t)mix(h, eight & UINT64_MAX >> 8 * (HASH_BYTES - len));
		h = mix(h, eight);
	}
}

/* Of a word; the marks in it do not count. */
static uint32_t
hash_word(struct slice word)
{
	uint64_t h = HASH_START, eight = 0;
	unsigned bytes = 0;

	for (uint32_t at = 0; at < word.len;) {
		struct letter l = letter_at(word, at);

		at += l.bytes;
		for (unsigned i = 0; i < sizeof l.fold && l.fold[i] != 0; i++) {
			eight |= (uint64_t)l.fold[i] << 8 * bytes++;
			if (bytes < HASH_BYTES)
				continue;
			h = mix(h, eight);
			eight = bytes = 0;
		}
	}
	return (uint32_t)(bytes > 0 ? mix(h, eight) : h);
}

static inline uint32_t
hash_end(uint32_t h)
{
	h ^= h >> 15;
	h *= UINT32_C(0x2c1b3c6d);
	return h ^ h >> 13;
}

uint32_t
atoms_hash(struct slice folded)
{
	uint64_t h = HASH_START;

	for (size_t at = 0; at < folded.len; at += HASH_BYTES) {
		size_t left = folded.len - at;
		uint64_t eight = 0;

		memcpy(&eight, folded.ptr + at, left < HASH_BYTES ? left : HASH_BYTES);
		h = mix(h, eight);
	}
	return (uint32_t)h;
}

uint32_t
atoms_hash_on(uint32_t phrase, uint32_t word)
{
	return hash_end(phrase * UINT32_C(0x9e3779b1) + word);
}

unsigned
atoms_fold(const struct atoms *ws, const struct atom *w, char *to)
{
	unsigned len = 0;

	for (uint32_t at = w->start; at < w->end && len + 2 <= ATOM_FOLD_BYTES;) {
		struct letter l = letter_at(ws->text, at);

		at += l.bytes;
		if (l.fold[0] != 0)
			to[len++] = (char)l.fold[0];
		if (l.fold[1] != 0)
			to[len++] = (char)l.fold[1];
	}
	return len;
}

/* ---- one word ---- */

/* What a run of letters is made of. */
struct run {
	uint32_t	at;		/* behind it */
	unsigned	letters, uppers, digits;
	bool		first_upper, joined;
};

/* Of ASCII, which most letters are; 0 for what is neither letter nor digit. */
#define TWO(c)		[c] = c, [c + 1] = c + 1
#define SMALL(c)	[c] = c, [c - 0x20] = c, [c + 1] = c + 1, [c + 1 - 0x20] = c + 1
static const unsigned char ascii_fold[256] = {
	TWO('0'), TWO('2'), TWO('4'), TWO('6'), TWO('8'), SMALL('a'), SMALL('c'), SMALL('e'),
	SMALL('g'), SMALL('i'), SMALL('k'),
	SMALL('m'), SMALL('o'), SMALL('q'), SMALL('s'), SMALL('u'), SMALL('w'), SMALL('y'),
};

static void
run_ascii(struct slice text, struct run *r)
{
	uint32_t at = r->at, start = at;
	unsigned uppers = 0, digits = 0, fold;

	for (; at < text.len && (fold = ascii_fold[(unsigned char)text.ptr[at]]) != 0; at++) {
		unsigned c = (unsigned char)text.ptr[at];

		uppers += fold != c;
		digits += fold <= '9';
	}
	if (at == start)
		return;
	r->first_upper |= r->letters + r->digits == 0 &&
	    (unsigned)(unsigned char)text.ptr[start] - 'A' < 26;
	r->letters += at - start - digits;
	r->uppers += uppers;
	r->digits += digits;
	r->at = at;
}

/* Letters and digits from r->at. */
static void
run_letters(struct slice text, struct run *r)
{
	for (;;) {
		struct letter l;

		run_ascii(text, r);
		if (r->at >= text.len || (unsigned char)text.ptr[r->at] < 0x80)
			return;
		l = letter_at(text, r->at);
		if (l.kind > LETTER_DIGIT)
			return;
		r->first_upper |= r->letters + r->digits == 0 && l.kind == LETTER_UPPER;
		r->letters += is_letter(l);
		r->uppers += l.kind == LETTER_UPPER;
		r->digits += l.kind == LETTER_DIGIT;
		r->at += l.bytes;
	}
}

/* An apostrophe, straight or typographic: its bytes, else 0. */
static unsigned
apostrophe_at(struct slice text, uint32_t at)
{
	if (at < text.len && text.ptr[at] == '\'')
		return 1;
	return at < text.len && text.ptr[at] == '\xe2' &&
	    slice_starts(slice_cut(text, at, text.len), S("\xe2\x80\x99")) ? 3 : 0;
}

/*
 * How many bytes at the end of a run join it with the next: the hyphen of Ana-Maria, the apostrophe
 * of O'Brien and of don't; not those of Ana's, of l'ami and of d'Ana, which are words apart.
 */
static unsigned
joint(struct slice text, const struct run *r)
{
	unsigned bytes = apostrophe_at(text, r->at);
	uint32_t next = r->at + bytes;
	struct letter l;

	if (r->at < text.len && text.ptr[r->at] == '-' && r->letters > 0)
		return is_letter_at(text, r->at + 1);
	if (bytes == 0 || !is_letter_at(text, next) || r->digits > 0)
		return 0;
	l = letter_at(text, next);
	if (l.kind == LETTER_UPPER)
		return r->first_upper ? bytes : 0;
	if (r->letters == 1)
		return 0;
	return l.fold[0] == 's' && !is_letter_at(text, next + l.bytes) ? 0 : bytes;
}

/* The end of what stands without a space from `at` on, without the punctuation at its end. */
static uint32_t
unspaced(struct slice text, uint32_t at)
{
	uint32_t end = at;

	for (; at < text.len && (unsigned char)text.ptr[at] > ' ' && text.ptr[at] != '<' &&
	    text.ptr[at] != '>' && text.ptr[at] != '"'; at++)
		if (memchr(".,;:!?)]}'", text.ptr[at], 10) == NULL)
			end = at + 1;
	return end;
}

/* Does an address of the net or a name of a program go on here? */
static bool
goes_on(struct slice text, uint32_t at)
{
	struct slice rest = slice_cut(text, at, text.len);

	if (rest.len < 2 || rest.ptr[0] == ' ')
		return false;
	if (rest.ptr[0] == '_')
		return letter_at(text, at + 1).kind <= LETTER_DIGIT;
	if (rest.ptr[0] == '@' || rest.ptr[0] == '.' || rest.ptr[0] == '\\')
		return letter_at(text, at + 1).kind == LETTER_LOWER;
	return slice_starts(rest, S("://")) || slice_starts(rest, S("::")) ||
	    slice_starts(rest, S("->"));
}

static enum atom_shape
shape_of(const struct run *r)
{
	if (r->digits > 0)
		return ATOM_CODE;
	if (r->uppers == 0)
		return ATOM_LOWER;
	if (r->letters == 1)
		return ATOM_INITIAL;
	if (r->uppers == r->letters)
		return ATOM_UPPER;
	return r->first_upper && (r->uppers == 1 || (r->joined && r->uppers == 2)) ? ATOM_TITLE
	    : ATOM_MIXED;
}

/* "X." and "U.S.": capitals with a full stop each. */
static void
read_initials(struct slice text, struct atom *w)
{
	while (w->end + 1 < text.len && text.ptr[w->end] == '.') {
		struct letter l = letter_at(text, w->end + 1);

		if (l.kind != LETTER_UPPER || w->end + 1 + l.bytes >= text.len ||
		    text.ptr[w->end + 1 + l.bytes] != '.')
			break;
		w->end += 1 + l.bytes;
	}
	if (w->end < text.len && text.ptr[w->end] == '.')
		w->end++;
}

/*
 * A word of up to fifteen letters of ASCII that a space ends, as most are: all of it is known with
 * one look.  False for any other.
 */
static inline bool
read_plain(struct slice text, struct atom *w)
{
	const char *p = text.ptr + w->start;
	uint32_t uppers, all;
	struct vec v;
	unsigned len;

	if (text.len - w->start < VEC_BYTES + HASH_BYTES)
		return false;
	v = vec_load(p);
	len = vec_first(~vec_mask(vec_within(vec_or(v, vec_all(0x20)), 'a', 'z')));
	all = (UINT32_C(1) << len) - 1;
	uppers = vec_mask(vec_within(v, 'A', 'Z')) & all;
	if (p[len] != ' ' || len < 2 || len == VEC_BYTES)
		return false;
	w->end = w->start + len;
	w->hash = hash_ascii(p, len);
	w->shape = uppers == 0 ? ATOM_LOWER : uppers == 1 ? ATOM_TITLE
	    : uppers == all ? ATOM_UPPER : ATOM_MIXED;
	return true;
}

static void
read_letters(struct slice text, struct atom *w)
{
	struct run r = { .at = w->start };
	unsigned bytes;

	if (read_plain(text, w))
		return;
	run_letters(text, &r);
	while ((bytes = joint(text, &r)) > 0) {
		r.at += bytes;
		r.joined = true;
		run_letters(text, &r);
	}
	w->end = r.at;
	w->hash = hash_word(atoms_slice(&(struct atoms){ .text = text }, w));
	w->shape = (uint8_t)shape_of(&r);
	if (w->shape == ATOM_INITIAL)
		read_initials(text, w);
	else if (goes_on(text, w->end) && (text.ptr[w->end] != '.' || w->shape == ATOM_LOWER)) {
		w->end = unspaced(text, w->end + 1);
		w->shape = ATOM_CODE;
	}
}

/* Digits with single marks between them, and letters that hang on. */
static void
read_number(struct slice text, struct atom *w)
{
	struct run r = { .at = w->start };

	run_letters(text, &r);
	while (r.letters == 0 && r.at + 1 < text.len &&
	    memchr(".,:/-", text.ptr[r.at], 5) != NULL &&
	    letter_at(text, r.at + 1).kind == LETTER_DIGIT) {
		r.at++;
		run_letters(text, &r);
	}
	w->end = r.at;
	w->hash = hash_word(atoms_slice(&(struct atoms){ .text = text }, w));
	w->shape = r.letters <= 2 ? ATOM_NUMBER : ATOM_CODE;
	if (r.at < text.len && text.ptr[r.at] == '@' && is_letter_at(text, r.at + 1))
		w->end = unspaced(text, r.at);
}

static void
read_mark(struct slice text, struct atom *w, unsigned bytes)
{
	char c = text.ptr[w->start];

	w->end = w->start + bytes;
	w->shape = ATOM_MARK;
	w->hash = bytes == 1 ? (unsigned char)c : atoms_hash(atoms_slice(
	    &(struct atoms){ .text = text }, w));
	if ((c == '@' || c == '#' || c == '$' || c == '_' || c == '\\') &&
	    is_letter_at(text, w->end)) {
		w->end = unspaced(text, w->end);
		w->shape = ATOM_CODE;
	}
}

static void
read_word(struct slice text, struct atom *w)
{
	struct letter l;

	if (ascii_fold[(unsigned char)text.ptr[w->start]] > '9') {
		read_letters(text, w);
		return;
	}
	l = letter_at(text, w->start);
	if (is_letter(l))
		read_letters(text, w);
	else if (l.kind == LETTER_DIGIT)
		read_number(text, w);
	else
		read_mark(text, w, l.bytes);
}

/* ---- blocks ---- */

bool
atoms_init(struct atoms *ws, struct arena *a, struct slice text)
{
	size_t room = (text.len < ATOMS_MAX ? text.len : ATOMS_MAX) + 2 * ATOMS_AROUND;
	struct atom *at = arena_alloc(a, room * sizeof *at);

	*ws = (struct atoms){ .text = text, .at = at == NULL ? NULL : at + ATOMS_AROUND };
	if (at != NULL)
		memset(at, 0, ATOMS_AROUND * sizeof *at);
	return at != NULL;
}

static enum atom_gap
skip_space(struct slice text, uint32_t *at)
{
	uint32_t start = *at;
	unsigned lines = 0;

	if (start + 1 < text.len && text.ptr[start] == ' ' &&
	    ascii_fold[(unsigned char)text.ptr[start + 1]] != 0) {
		(*at)++;
		return GAP_SPACE;
	}
	while (*at < text.len) {
		struct letter l = letter_at(text, *at);

		if (l.kind != LETTER_SPACE)
			break;
		lines += text.ptr[*at] == '\n';
		*at += l.bytes;
	}
	return lines > 1 ? GAP_PARAGRAPH : lines == 1 ? GAP_LINE
	    : *at > start ? GAP_SPACE : GAP_NONE;
}

static const bool code_marks[128] = {
	['{'] = true, ['}'] = true, ['['] = true, [']'] = true, ['='] = true, [';'] = true,
	['<'] = true, ['>'] = true, ['|'] = true, ['\\'] = true, ['`'] = true, ['$'] = true,
	['*'] = true,
};

/* Quotes count where code has them, beside a bracket, a colon or an equals sign. */
static bool
is_code_mark(const struct atom *w, bool is_last)
{
	if (w->shape == ATOM_CODE)
		return true;
	if (w->shape != ATOM_MARK || w->hash >= 0x80)
		return false;
	if (w->hash != '"')
		return code_marks[w->hash];
	return (w[-1].shape == ATOM_MARK && w[-1].hash < 0x80 && w->gap == GAP_NONE &&
	    memchr("{[:=(", (int)w[-1].hash, 5) != NULL) ||
	    (!is_last && w[1].shape == ATOM_MARK && w[1].hash < 0x80 && w[1].gap == GAP_NONE &&
	    memchr(":]}", (int)w[1].hash, 3) != NULL);
}

/* A line that ends as code does, or of which a quarter are marks that prose hardly has. */
static void
judge_line(struct atoms *ws, uint32_t from, uint32_t to)
{
	uint32_t marks = 0;
	bool ends = to > from && (atom_is_mark(&ws->at[to - 1], ';') ||
	    atom_is_mark(&ws->at[to - 1], '{') || atom_is_mark(&ws->at[to - 1], '}'));

	for (uint32_t i = from; i < to; i++)
		marks += is_code_mark(&ws->at[i], i + 1 == to);
	for (uint32_t i = from; i < to && (ends || (marks >= 3 && 4 * marks >= to - from)); i++)
		ws->at[i].code = true;
}

/* Between lines of code what stands is mostly code. */
static void
judge_block(struct atoms *ws, uint32_t count)
{
	uint32_t code = 0;

	for (uint32_t i = 0; i < count; i++)
		code += ws->at[i].code;
	for (uint32_t i = 0; i < count && 3 * code >= count; i++)
		ws->at[i].code = true;
}

bool
atoms_read(struct atoms *ws)
{
	uint32_t at = ws->next, line = 0, cut = 0, count = 0;
	enum atom_gap gap = ws->next == 0 ? GAP_PARAGRAPH : GAP_NONE, before;

	while (count < ATOMS_MAX) {
		struct atom *w = &ws->at[count];

		before = skip_space(ws->text, &at);
		if (at >= ws->text.len)
			break;
		if (before >= GAP_LINE) {
			judge_line(ws, line, count);
			line = count;
		}
		*w = (struct atom){ .start = at, .gap = (uint8_t)(before > gap ? before : gap) };
		gap = GAP_NONE;
		if (count >= ATOMS_EARLY && (w->gap >= GAP_LINE ||
		    (w->gap == GAP_SPACE && atom_is_mark(w - 1, '.'))))
			cut = count;
		read_word(ws->text, w);
		at = w->end;
		count++;
	}
	judge_line(ws, line, count);
	judge_block(ws, count);
	ws->count = at >= ws->text.len || cut == 0 ? count : cut;
	ws->next = ws->count < count ? ws->at[ws->count].start : at;
	memset(ws->at + ws->count, 0, ATOMS_AROUND * sizeof *ws->at);
	return count > 0;
}
