/* SPDX-License-Identifier: Apache-2.0 */
#include "find/normal.h"

#include "core/must.h"
#include "core/utf8.h"
#include "core/vec.h"
#include "core/wide.h"

#define CHANGES_FIRST	64

enum how { TYPED, ODD, TWIN };

struct fold {
	uint32_t	first : 24, how : 8;
	uint32_t	last : 24, len : 8;
	char		text[4];
};

static const struct fold folds[] = {
#define FOLD(first, last, text, how)	{ first, how, last, sizeof(text) - 1, text },
#include "find/fold.tbl"
#undef FOLD
};

struct compose {
	uint32_t	pair;		/* letter and mark */
	uint16_t	point;
};

#define PAIR(letter, mark)	((uint32_t)(letter) << 16 | (mark))

static const struct compose composed[] = {
#define COMPOSE(letter, mark, point)	{ PAIR(letter, mark), point },
#include "find/compose.tbl"
#undef COMPOSE
};

#define COUNT(array)	((uint32_t)(sizeof(array) / sizeof((array)[0])))

/* ---- where it may be that something folds ---- */

/*
 * Continuing bytes follow one that is looked at, and the letters behind 0xc3 to 0xc5 are those
 * of European languages, which stay.
 */
static bool
is_suspect(unsigned char c)
{
	return c == 0xc2 || c > 0xc5;
}

#if WIDE_IS_THERE
static WIDE size_t
wide_skip(struct slice s, size_t at)
{
	for (; at + WIDE_BYTES <= s.len; at += WIDE_BYTES) {
		struct wide v = wide_load(s.ptr + at);
		uint32_t hits = wide_mask(wide_or(wide_is(v, 0xc2), wide_from(v, 0xc6)));

		if (hits != 0)
			return at + (size_t)__builtin_ctz(hits);
	}
	return at;
}
#else
static size_t
wide_skip(struct slice s, size_t at)
{
	(void)s;
	return at;
}
#endif

/* The first suspect byte from `at` on, or s.len. */
static size_t
skip(struct slice s, size_t at, bool wide)
{
	if (at < s.len && is_suspect((unsigned char)s.ptr[at]))
		return at;
	if (wide)
		at = wide_skip(s, at);
	for (; at + VEC_BYTES <= s.len; at += VEC_BYTES) {
		struct vec v = vec_load(s.ptr + at);
		uint32_t hits = vec_mask(vec_or(vec_is(v, 0xc2), vec_from(v, 0xc6)));

		if (hits != 0)
			return at + vec_first(hits);
	}
	while (at < s.len && !is_suspect((unsigned char)s.ptr[at]))
		at++;
	return at;
}

/* ---- characters ---- */

/* The character at `at` and its bytes; one byte that is not UTF-8 is U+FFFD. */
static uint32_t
point_at(struct slice s, size_t at, uint32_t *bytes)
{
	const unsigned char *p = (const unsigned char *)s.ptr + at;
	uint32_t want = p[0] < 0x80 ? 1 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4, point;

	*bytes = 1;
	if (want == 1)
		return p[0];
	if (p[0] < 0xc2 || p[0] > 0xf4 || s.len - at < want)
		return 0xfffd;
	point = p[0] & (0x7fu >> want);
	for (uint32_t i = 1; i < want; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0xfffd;
		point = point << 6 | (p[i] & 0x3f);
	}
	*bytes = want;
	return point;
}

/* The row that folds the character, or NULL.  What there is most of is known without looking. */
static const struct fold *
fold_of(uint32_t point)
{
	uint32_t low = 0, high = COUNT(folds);

	if ((point >= 0x3041 && point < 0xa4d0 && point - 0x3130 > 0x2b0) ||
	    (point >= 0xac00 && point < 0xd7a4) || (point >= 0x1f200 && point < 0x1fbf0))
		return NULL;
	while (low < high) {
		uint32_t middle = (low + high) / 2;

		if (folds[middle].last < point)
			low = middle + 1;
		else
			high = middle;
	}
	return low < COUNT(folds) && folds[low].first <= point ? &folds[low] : NULL;
}

/* What the row makes of the character; at most four bytes into `room`. */
static struct slice
folded(const struct fold *f, uint32_t point, char *room)
{
	memcpy(room, f->text, sizeof f->text);
	if (f->len == 1)
		room[0] = (char)(room[0] + (char)(point - f->first));
	return slice_of(room, f->len);
}

static bool
is_mark(uint32_t point)
{
	return point >= 0x300 && point < 0x370;
}

static bool
is_letter(unsigned char c)
{
	return (unsigned)((c | 0x20) - 'a') < 26;
}

static uint32_t
compose(unsigned char letter, uint32_t mark)
{
	uint32_t low = 0, high = COUNT(composed), pair = PAIR(letter, mark);

	while (low < high) {
		uint32_t middle = (low + high) / 2;

		if (composed[middle].pair < pair)
			low = middle + 1;
		else
			high = middle;
	}
	return low < COUNT(composed) && composed[low].pair == pair ? composed[low].point : 0;
}

/* ---- words that mix scripts ---- */

enum part { PART_NONE, PART_LATIN, PART_OTHER };

/* What a character is to a word: its end, a Latin letter, or something inside it. */
static enum part
part_of(uint32_t point)
{
	const struct fold *f;
	char room[4];

	if (point < 0x80)
		return is_letter((unsigned char)point) ? PART_LATIN
		    : point - '0' < 10 ? PART_OTHER : PART_NONE;
	if (point >= 0xc0 && point < 0x250 && point != 0xd7 && point != 0xf7)
		return PART_LATIN;
	if (is_mark(point) || (point >= 0x370 && point < 0x590))
		return PART_OTHER;
	if ((f = fold_of(point)) == NULL)
		return PART_NONE;
	return f->len == 0 ? PART_OTHER : part_of((unsigned char)folded(f, point, room).ptr[0]);
}

/* The character that ends before `at`, and where it begins. */
static uint32_t
point_before(struct slice s, size_t at, size_t *start)
{
	size_t back = at - 1;
	uint32_t bytes, point;

	while (back > 0 && at - back < 4 && ((unsigned char)s.ptr[back] & 0xc0) == 0x80)
		back--;
	point = point_at(s, back, &bytes);
	*start = back + bytes == at ? back : at - 1;
	return back + bytes == at ? point : 0xfffd;
}

/* Whether the word around `at`, which begins behind `floor`, holds a Latin letter; and its end. */
static bool
is_mixed(struct slice s, size_t at, size_t floor, size_t *end)
{
	enum part part = PART_OTHER;
	uint32_t bytes = 0;
	bool latin = false;

	for (size_t i = at; i > floor && part != PART_NONE;) {
		part = part_of(point_before(s, i, &i));
		latin |= part == PART_LATIN;
	}
	for (*end = at, part = PART_OTHER; *end < s.len && part != PART_NONE;) {
		part = part_of(point_at(s, *end, &bytes));
		latin |= part == PART_LATIN;
		if (part != PART_NONE)
			*end += bytes;
	}
	return latin;
}

/* ---- the copy ---- */

struct maker {
	struct arena	*arena;
	struct slice	 in;
	struct normal	*out;
	char		*ptr;		/* the copy; NULL as long as there is none */
	size_t		 len;
	size_t		 kept;		/* up to there, the input is in the copy */
	size_t		 marked;	/* the end of the last combining mark */
	size_t		 word_end;	/* of the last word that was looked at */
	bool		 word_mixes;
};

static bool
push(struct maker *m, size_t from, bool whole, bool odd)
{
	struct normal *n = m->out;

	if (n->count == n->room) {
		uint32_t room = n->room == 0 ? CHANGES_FIRST : 2 * n->room;
		struct normal_change *change = arena_alloc(m->arena, room * sizeof *change);

		if (change == NULL)
			return false;
		if (n->count > 0)
			memcpy(change, n->change, n->count * sizeof *change);
		n->change = change;
		n->room = room;
	}
	n->change[n->count++] = (struct normal_change){
		.to = (uint32_t)m->len, .from = (uint32_t)from & 0x3fffffff,
		.whole = whole, .odd = odd,
	};
	return true;
}

/* What of the input is not in the copy yet, up to `to`. */
static bool
keep(struct maker *m, size_t to)
{
	if (m->ptr == NULL && (m->ptr = arena_bytes(m->arena, m->in.len)) == NULL)
		return false;
	if (to == m->kept)
		return true;
	if (!push(m, m->kept, false, false))
		return false;
	memcpy(m->ptr + m->len, m->in.ptr + m->kept, to - m->kept);
	m->len += to - m->kept;
	m->kept = to;
	return true;
}

/* Bytes [from, to) of the input become `text`, which is no longer than they are. */
static bool
replace(struct maker *m, size_t from, size_t to, struct slice text, bool odd)
{
	struct normal *n = m->out;

	if (!keep(m, from))
		return false;
	m->kept = to;
	/* A run of what goes is one change. */
	if (text.len == 0 && n->count > 0 && n->change[n->count - 1].whole &&
	    n->change[n->count - 1].to == m->len) {
		n->change[n->count - 1].odd |= odd;
		return true;
	}
	if (!push(m, from, true, odd))
		return false;
	if (text.len > 0)
		memcpy(m->ptr + m->len, text.ptr, text.len);
	m->len += text.len;
	return true;
}

/*
 * A combining mark joins the letter before it.  Where that is no letter of ASCII, one mark may
 * stay; those that are stacked on it go.
 */
static bool
take_mark(struct maker *m, size_t at, uint32_t mark)
{
	unsigned char before = at > m->kept ? (unsigned char)m->in.ptr[at - 1] : 'a';
	bool stacked = m->marked == at && at > 0;
	char room[4];
	uint32_t point;

	m->marked = at + 2;
	if (!stacked && before >= 0x80)
		return true;
	if (!stacked && at > m->kept && (point = compose(before, mark)) != 0)
		return replace(m, at - 1, at + 2, slice_of(room, utf8_encode(point, room)), false);
	return replace(m, at, at + 2, S(""), stacked);
}

/* Does the word around `at` mix scripts?  Asked once of each. */
static bool
is_in_mixed(struct maker *m, size_t at)
{
	if (at >= m->word_end)
		m->word_mixes = is_mixed(m->in, at, m->word_end, &m->word_end);
	return m->word_mixes;
}

/* Greek, Cyrillic and Armenian letters stay, but for twins in words that mix scripts. */
static bool
is_letter_elsewhere(uint32_t point)
{
	return point >= 0x386 && point <= 0x586;
}

/* A tag character or a variation selector that stands for a byte: four bytes long. */
static bool
is_smuggled(uint32_t point)
{
	return point >= 0xe0020 && point <= 0xe01ef;
}

/* From `at` on, the end of what is_letter_elsewhere() in a word that does not mix scripts. */
static size_t
skip_letters(const struct maker *m, size_t at)
{
	while (at + 1 < m->word_end && (unsigned char)m->in.ptr[at] >= 0xce &&
	    (unsigned char)m->in.ptr[at] <= 0xd5)
		at += 2;
	return at;
}

/* The character at `at`, of *bytes; *bytes becomes what need not be looked at. */
static bool
take_point(struct maker *m, size_t at, uint32_t point, uint32_t *bytes)
{
	const struct fold *f;
	char room[4];

	if (is_letter_elsewhere(point) && !is_in_mixed(m, at)) {
		*bytes = (uint32_t)(skip_letters(m, at + *bytes) - at);
		return true;
	}
	if (is_mark(point))
		return take_mark(m, at, point);
	if ((f = fold_of(point)) == NULL || (f->how == TWIN && !is_in_mixed(m, at)))
		return true;
	if (is_smuggled(point) && m->kept != at) {
		/* What is hidden behind a word is a word of its own. */
		char spaced[2] = { ' ', folded(f, point, room).ptr[0] };

		return replace(m, at, at + *bytes, slice_of(spaced, f->len == 0 ? 0 : 2), true);
	}
	return replace(m, at, at + *bytes, folded(f, point, room), f->how != TYPED);
}

void
normal_make(struct arena *a, struct slice text, bool wide, struct normal *out)
{
	struct maker m = { .arena = a, .in = text, .out = out };
	bool ok = true;

	must(text.len < 1 << 30);
	*out = (struct normal){ .text = text, .from = text };
	for (size_t at = skip(text, 0, wide); ok && at < text.len; at = skip(text, at, wide)) {
		uint32_t bytes = 1, point = point_at(text, at, &bytes);

		ok = take_point(&m, at, point, &bytes);
		at += bytes;
	}
	if (ok && out->count > 0)
		ok = keep(&m, text.len);
	if (!ok)
		*out = (struct normal){ .text = text, .from = text, .cut = true };
	else if (out->count > 0)
		out->text = slice_of(m.ptr, m.len);
}

/* ---- the way back ---- */

/* The last change at or before `to`. */
static uint32_t
change_at(const struct normal *n, uint32_t to)
{
	uint32_t low = 0, high = n->count;

	while (high - low > 1) {
		uint32_t middle = (low + high) / 2;

		if (n->change[middle].to <= to)
			low = middle;
		else
			high = middle;
	}
	return low;
}

bool
normal_span(const struct normal *n, uint32_t *start, uint32_t *end)
{
	uint32_t first, last;
	bool odd = false;

	must(*start < *end && *end <= n->text.len);
	if (n->count == 0)
		return false;
	first = change_at(n, *start);
	last = change_at(n, *end - 1);
	for (uint32_t i = first; i <= last && !odd; i++)
		odd = n->change[i].odd;
	*start = n->change[first].from + (n->change[first].whole ? 0
	    : *start - n->change[first].to);
	if (!n->change[last].whole)
		*end = n->change[last].from + (*end - n->change[last].to);
	else
		*end = last + 1 < n->count ? n->change[last + 1].from : (uint32_t)n->from.len;
	return odd;
}
