/* SPDX-License-Identifier: Apache-2.0 */
#include "name/street.h"

#include "name/gazetteer.h"

#define NAME_WORDS_MAX	5	/* of a street */
#define LINE_WORDS_MAX	7	/* of a line of an address */
#define REST_WORDS_MAX	14	/* flat, floor, stairs */

struct street {
	struct founds	*founds;
	struct atoms	*words;
};

/* ---- words ---- */

static enum atom_role
role_of(const struct atom *w)
{
	return gazetteer_role(w->is);
}

static bool
is_number(const struct atom *w)
{
	return w->shape == ATOM_NUMBER && w->end - w->start <= 9;
}

/* 1900 to 2099 may be a year. */
static bool
may_be_year(const struct atoms *ws, const struct atom *w)
{
	struct slice s = atoms_slice(ws, w);

	return s.len == 4 && (slice_starts(s, S("19")) || slice_starts(s, S("20")));
}

/* A word of a street's name: with a capital, or between the parts of one. */
static bool
is_of_name(const struct atom *w)
{
	return atom_is_capital(w) || (w->is & IS_OF) != 0 || atom_is_mark(w, '\'') ||
	    (w->shape == ATOM_MARK && w->hash > 0xff);
}

/* A word that ends as streets do: Hauptstraße, Kerkstraat, Koskikatu. */
static bool
ends_as_street(const struct atoms *ws, const struct atom *w)
{
	static const struct slice ends[] = {
		{ "strase", 6 }, { "strasse", 7 }, { "str", 3 }, { "weg", 3 }, { "gasse", 5 },
		{ "allee", 5 }, { "platz", 5 }, { "ufer", 4 }, { "damm", 4 }, { "steig", 5 },
		{ "straat", 6 }, { "laan", 4 }, { "plein", 5 }, { "gracht", 6 }, { "kade", 4 },
		{ "singel", 6 }, { "katu", 4 }, { "tie", 3 }, { "gatan", 5 }, { "vagen", 5 },
		{ "vej", 3 }, { "gade", 4 }, { "gata", 4 }, { "veien", 5 }, { "gaten", 5 },
		{ "utca", 4 }, { "dreef", 5 }, { "hof", 3 }, { "ring", 4 }, { "chaussee", 8 },
	};
	char fold[ATOM_FOLD_BYTES];
	unsigned len;

	if ((w->shape != ATOM_TITLE && w->shape != ATOM_UPPER) || (!is_number(w + 1) &&
	    !is_number(w - 1) && w[-1].shape != ATOM_MARK && !is_number(w + 2)))
		return false;
	len = atoms_fold(ws, w, fold);
	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
		if (len > ends[i].len + 2 &&
		    memcmp(fold + len - ends[i].len, ends[i].ptr, ends[i].len) == 0)
			return (w->is & IS_COMMON) == 0;
	return false;
}

/* Passes a comma, a full stop, a sign for number. */
static uint32_t
skip_marks(const struct atoms *ws, uint32_t i)
{
	while (i < ws->count && ws->at[i].shape == ATOM_MARK && ws->at[i].gap < GAP_LINE &&
	    (atom_is_mark(&ws->at[i], ',') || atom_is_mark(&ws->at[i], '.') ||
	    atom_is_mark(&ws->at[i], '-') || atom_is_mark(&ws->at[i], '#') ||
	    atom_is_mark(&ws->at[i], '/') || ws->at[i].hash > 0xff))
		i++;
	return i;
}

/* s/n: a house without a number. */
static bool
is_unnumbered(const struct atoms *ws, uint32_t i)
{
	const struct atom *w = &ws->at[i];

	return i + 2 < ws->count && w->end - w->start == 1 && w[2].end - w[2].start == 1 &&
	    (ws->text.ptr[w->start] | 0x20) == 's' && atom_is_mark(w + 1, '/') &&
	    (ws->text.ptr[w[2].start] | 0x20) == 'n';
}

/* ---- what hangs on an address ---- */

/* One part: a number or a letter, with or without its word. */
static bool
is_part(const struct atoms *ws, uint32_t i)
{
	const struct atom *w = &ws->at[i];

	if (w->shape == ATOM_NUMBER)
		return w->end - w->start <= 6;
	if (role_of(w) == ROLE_STREET_PART || role_of(w) == ROLE_FLAT || role_of(w) == ROLE_BOX)
		return true;
	return w->shape == ATOM_INITIAL || (w->shape == ATOM_CODE && w->end - w->start <= 4);
}

uint32_t
street_rest(const struct atoms *ws, uint32_t at)
{
	uint32_t end = at, limit = at + REST_WORDS_MAX;

	if (is_unnumbered(ws, at))
		return at + 3;
	for (uint32_t i = at; i < ws->count && i < limit;) {
		uint32_t next = skip_marks(ws, i);
		const struct atom *w = &ws->at[next];

		if (next >= ws->count || !is_part(ws, next))
			break;
		/* On a line of its own only a flat with its number. */
		if (w->gap >= GAP_LINE && (w->gap == GAP_PARAGRAPH ||
		    w->shape == ATOM_NUMBER || w->shape == ATOM_INITIAL))
			break;
		i = end = next + 1;
		/* The mark of an ordinal: 1º, 2ª. */
		while (end < ws->count && ws->at[end].gap == GAP_NONE &&
		    ws->at[end].shape == ATOM_MARK && ws->at[end].hash > 0xff)
			i = ++end;
	}
	return end;
}

static void
take(const struct street *s, uint32_t from, uint32_t to, enum found_what what, uint8_t score)
{
	founds_take(s->founds, s->words, from, to, (struct found){ .what = (uint8_t)what,
	    .score = score, .how = FOUND_BY_SHAPE | FOUND_BY_LABEL });
}

/* ---- with a street's word ---- */

/* Behind the words of a street's name that begin at i: i if there is no capital. */
static uint32_t
name_end(const struct atoms *ws, uint32_t i)
{
	uint32_t from = i, end = i;

	for (; i < ws->count && i < from + NAME_WORDS_MAX + 2 &&
	    (i == from || ws->at[i].gap < GAP_LINE); i++) {
		const struct atom *w = &ws->at[i];

		if (atom_is_capital(w))
			end = i + 1;
		else if (atom_is_mark(w, '.') && end == i && i > from && w->gap == GAP_NONE &&
		    w[-1].end - w[-1].start <= 3 && !atom_ends_line(w))
			end = i + 1;
		else if (!is_of_name(w) || (w->shape == ATOM_MARK && w->gap != GAP_NONE))
			break;
	}
	return end;
}

/* The number, or two of them, before the name that begins at i: the first, or i. */
static uint32_t
number_before(const struct atoms *ws, uint32_t i)
{
	uint32_t at = i;

	if (at > 1 && atom_is_mark(&ws->at[at - 1], ',') && ws->at[at].gap < GAP_LINE)
		at--;
	if (at == 0 || ws->at[at].gap >= GAP_LINE || !is_number(&ws->at[at - 1]))
		return i;
	at--;
	if (at > 0 && ws->at[at].gap == GAP_SPACE && ws->at[at - 1].shape == ATOM_NUMBER &&
	    ws->at[at - 1].end - ws->at[at - 1].start >= 3)
		at--;
	return at;
}

/* The number behind a name that ends at `end`, perhaps with its word: nº 23; 0 if there is none. */
static uint32_t
number_behind(const struct atoms *ws, uint32_t end)
{
	uint32_t i = skip_marks(ws, end);

	while (i < ws->count && ws->at[i].gap < GAP_LINE &&
	    (role_of(&ws->at[i]) == ROLE_STREET_PART || role_of(&ws->at[i]) == ROLE_FLAT))
		i = skip_marks(ws, i + 1);
	return i < ws->count && ws->at[i].gap < GAP_LINE &&
	    (is_number(&ws->at[i]) || is_unnumbered(ws, i)) ? i : 0;
}

/* Avda. and C/ */
static bool
is_shortened(const struct atom *w)
{
	return w[1].gap == GAP_NONE && w->end - w->start <= 5 &&
	    (atom_is_mark(w + 1, '.') || atom_is_mark(w + 1, '/'));
}

/* Calle NAME, 23; 12, rue NAME: the street's word comes first. */
static bool
word_first(const struct street *s, uint32_t at)
{
	const struct atoms *ws = s->words;
	const struct atom *w = &ws->at[at];
	enum atom_role role = role_of(w);
	uint32_t from = number_before(ws, at), i = at + 1, end, number;
	bool is_calle = role == ROLE_CALLE || role == ROLE_CALLE_MAYBE;
	bool is_short = is_shortened(w);

	i += is_short;
	end = name_end(ws, i);
	if (end == i || ws->at[i].gap >= GAP_LINE || (!is_calle && from == at))
		return false;
	number = is_calle ? number_behind(ws, end) : 0;
	/* "via" and "corso" are words of other languages; c/ is none. */
	if (number > 0 && w->shape == ATOM_LOWER && (w->is & IS_COMMON) != 0 && !is_short)
		return false;
	if (number > 0)
		take(s, from, street_rest(ws, number), FOUND_STREET, 80);
	else if (from < at && (role != ROLE_CALLE_MAYBE || is_short))
		take(s, from, street_rest(ws, end), FOUND_STREET, 80);
	else if (role == ROLE_CALLE && w->shape == ATOM_TITLE)
		take(s, at, end, FOUND_STREET, 55);
	return w->taken;
}

/* 12 NAME Street: where the name begins before the street's word at i. */
static uint32_t
name_start(const struct atoms *ws, uint32_t i)
{
	uint32_t from = i;

	while (from > 0 && i - from < NAME_WORDS_MAX && ws->at[from].gap < GAP_LINE) {
		const struct atom *w = &ws->at[from - 1];
		bool ordinal = w->shape == ATOM_NUMBER && w->end - w->start > 2 &&
		    ws->text.ptr[w->end - 1] >= 'a';

		if (atom_is_mark(w, '.') && (w->gap != GAP_NONE || w[-1].end - w[-1].start > 3 ||
		    !atom_is_capital(w - 1)))
			break;
		if (!atom_is_capital(w) && !atom_is_mark(w, '.') && !ordinal)
			break;
		from--;
	}
	return from;
}

/* In small letters a name is one word or two, and no word of the language. */
static uint32_t
small_start(const struct atoms *ws, uint32_t i)
{
	uint32_t from = i;

	while (from > 0 && i - from < 2 && ws->at[from].gap == GAP_SPACE &&
	    ws->at[from - 1].shape == ATOM_LOWER)
		from--;
	return number_before(ws, from) < from && from < i &&
	    (i - from == 1 || (ws->at[from].is & IS_COMMON) == 0) ? from : i;
}

/* Behind the direction and the full stop that follow a street's word. */
static uint32_t
word_end(const struct atoms *ws, uint32_t i)
{
	i++;
	if (atom_is_mark(&ws->at[i], '.') && ws->at[i].gap == GAP_NONE &&
	    !atom_ends_line(&ws->at[i]))
		i++;
	if (i < ws->count && ws->at[i].shape == ATOM_INITIAL && ws->at[i].gap == GAP_SPACE &&
	    atoms_slice(ws, &ws->at[i]).ptr[0] != 'I' && atoms_slice(ws, &ws->at[i]).ptr[0] != 'A')
		i++;
	return i;
}

/* The street's word at i is the last of its name. */
static bool
word_last(const struct street *s, uint32_t i)
{
	const struct atoms *ws = s->words;
	const struct atom *w = &ws->at[i];
	bool is_sure = role_of(w) == ROLE_STREET;
	uint32_t from = name_start(ws, i), end = word_end(ws, i), number;

	if (from == i && is_sure && w->shape == ATOM_LOWER && w->end - w->start > 2)
		from = small_start(ws, i);
	if (from == i)
		return false;
	number = number_before(ws, from);
	if (number < from &&
	    (is_sure || (atom_is_capital(w) && !may_be_year(ws, &ws->at[number])))) {
		take(s, number, street_rest(ws, end), FOUND_STREET, 85);
		return true;
	}
	if (end < ws->count && is_number(&ws->at[end]) && ws->at[end].gap < GAP_LINE &&
	    !may_be_year(ws, &ws->at[end]) && (is_sure || w->shape == ATOM_LOWER)) {
		take(s, from, street_rest(ws, end), FOUND_STREET, 75);
		return true;
	}
	if (!is_sure || w->shape != ATOM_TITLE || w->end - w->start <= 2)
		return false;
	take(s, from, street_rest(ws, end), FOUND_STREET, 55);
	return true;
}

/* Hauptstraße 5, 5 Hauptstraße. */
static bool
word_glued(const struct street *s, uint32_t i)
{
	const struct atoms *ws = s->words;
	uint32_t from = i, behind = i + 1, number;

	while (from > 0 && i - from < 3 && atom_is_capital(&ws->at[from - 1]) &&
	    ws->at[from].gap < GAP_LINE && (ws->at[from - 1].is & (IS_FIRST | IS_LAST)) != 0)
		from--;
	if (atom_is_mark(&ws->at[behind], '.') && ws->at[behind].gap == GAP_NONE)
		behind++;
	number = number_before(ws, from);
	if (behind < ws->count && is_number(&ws->at[behind]) && ws->at[behind].gap < GAP_LINE &&
	    !may_be_year(ws, &ws->at[behind])) {
		take(s, number, street_rest(ws, behind), FOUND_STREET, 85);
		return true;
	}
	if (number == from || may_be_year(ws, &ws->at[number]))
		return false;
	take(s, number, street_rest(ws, i + 1), FOUND_STREET, 75);
	return true;
}

static bool
look_at_word(const struct street *s, uint32_t i)
{
	const struct atom *w = &s->words->at[i];
	enum atom_role role = role_of(w);
	bool follows = w->gap < GAP_LINE && atom_is_capital(w - 1);

	switch (role) {
	case ROLE_CALLE:
	case ROLE_CALLE_MAYBE:
		return word_first(s, i);
	case ROLE_STREET:
	case ROLE_STREET_MAYBE:
		return (!follows && word_first(s, i)) || word_last(s, i);
	default:
		return ends_as_street(s->words, w) && word_glued(s, i);
	}
}

/* ---- boxes, flats ---- */

/* The line before "FPO AA 68422" begins with a ship's US and its name. */
static uint32_t
ship_before(const struct atoms *ws, uint32_t i)
{
	for (uint32_t n = 2; n <= 4 && n <= i; n++)
		if (ws->at[i - n].shape == ATOM_UPPER &&
		    slice_starts(atoms_slice(ws, &ws->at[i - n]), S("US")))
			return i - n;
	return i;
}

/* P.O. Box 123; Postfach 12 34; PSC 0413, Box 8144; FPO AA 68422. */
static bool
look_at_box(const struct street *s, uint32_t i)
{
	const struct atoms *ws = s->words;
	uint32_t from = i, end = i + 1;

	if (end < ws->count && ws->at[end].shape == ATOM_UPPER &&
	    ws->at[end].end - ws->at[end].start == 2)
		end++;
	if (end >= ws->count || !is_number(&ws->at[end]) || ws->at[end].gap >= GAP_LINE)
		return false;
	if (from > 0 && ws->at[from - 1].shape == ATOM_INITIAL && ws->at[from].gap < GAP_LINE)
		from--;
	if (from > 1 && is_number(&ws->at[from - 1]) && ws->at[from].gap == GAP_SPACE &&
	    role_of(&ws->at[from - 2]) == ROLE_STREET_PART)
		from -= 2;
	else if (ws->at[i].shape == ATOM_UPPER && ws->at[i].gap == GAP_LINE)
		from = ship_before(ws, i);
	if (from == i && ws->at[i].shape == ATOM_LOWER && (ws->at[i].is & IS_COMMON) != 0)
		return false;
	take(s, number_before(ws, from), street_rest(ws, end), FOUND_STREET, 80);
	return true;
}

/* A flat with its number, on its own line or behind a comma, where a street stands near. */
static bool
look_at_flat(const struct street *s, uint32_t i)
{
	const struct atoms *ws = s->words;
	const struct atom *w = &ws->at[i];
	uint32_t number = i + 1;

	if (!atom_is_capital(w) || w->shape == ATOM_INITIAL)
		return false;
	if (atom_is_mark(&ws->at[number], '.'))
		number++;
	if (number >= ws->count || !is_number(&ws->at[number]) || ws->at[number].gap >= GAP_LINE ||
	    !(atom_begins_line(w) || atom_is_mark(w - 1, ',') || atom_is_mark(w - 1, '>')))
		return false;
	take(s, i, number + 1, FOUND_STREET, 60);
	return true;
}

/* ---- without a street's word ---- */

/* Does the sentence speak of a place of living, or of meeting, just before i? */
static bool
is_cued(const struct atoms *ws, uint32_t i)
{
	static const struct slice cues[] = {
		{ "live", 4 }, { "lives", 5 }, { "lived", 5 }, { "living", 6 }, { "located", 7 },
		{ "address", 7 }, { "addresses", 9 }, { "reside", 6 }, { "resides", 7 },
		{ "meet", 4 }, { "sent", 4 }, { "arrived", 7 }, { "taxi", 4 }, { "corner", 6 },
		{ "deliver", 7 }, { "delivered", 9 }, { "ship", 4 }, { "shipped", 7 }, { "off", 3 },
		{ "wohne", 5 }, { "wohnt", 5 }, { "wohnhaft", 8 }, { "habite", 6 }, { "vivo", 4 },
		{ "vive", 4 }, { "abito", 5 }, { "abita", 5 }, { "woon", 4 }, { "woont", 5 },
		{ "mieszkam", 8 }, { "mieszka", 7 },
	};
	char fold[ATOM_FOLD_BYTES];

	for (uint32_t n = 1; n <= 4 && n <= i; n++) {
		const struct atom *w = &ws->at[i - n];
		struct slice s = slice_of(fold, atoms_fold(ws, w, fold));

		if (atom_is_mark(w, '.') || w->gap == GAP_PARAGRAPH)
			return false;
		for (size_t k = 0; k < sizeof cues / sizeof cues[0] && w->shape == ATOM_LOWER; k++)
			if (slice_eq(s, cues[k]))
				return true;
	}
	return false;
}

/* Behind the name of a street that no word tells: capitals, or one word between two numbers. */
static uint32_t
bare_name_end(const struct atoms *ws, uint32_t at, bool begins)
{
	uint32_t end = name_end(ws, at);

	if (end == at && begins && ws->at[at].shape == ATOM_LOWER && is_number(&ws->at[at + 1]))
		end = at + 1;
	return (ws->at[at].is & (IS_COMMON | IS_PROPER)) != 0 ? at : end;
}

/* 28245 Allika 46 stands for itself; 28245 Allika or Allika 46 behind words that say so. */
static void
look_at_bare(const struct street *s, uint32_t i)
{
	const struct atoms *ws = s->words;
	bool begins = is_number(&ws->at[i]), numbered;
	uint32_t at = i + begins, end;

	if (at >= ws->count || ws->at[at].taken || (!begins && ws->at[i].shape != ATOM_TITLE) ||
	    (begins && (ws->at[at].gap >= GAP_LINE || may_be_year(ws, &ws->at[i]))))
		return;
	end = bare_name_end(ws, at, begins);
	numbered = end < ws->count && is_number(&ws->at[end]) && ws->at[end].gap < GAP_LINE &&
	    !may_be_year(ws, &ws->at[end]);
	if (end == at || (!begins && !numbered))
		return;
	if ((begins && numbered && ws->at[i].end - ws->at[i].start >= 3) || is_cued(ws, i))
		take(s, i, numbered ? street_rest(ws, end) : end, FOUND_STREET, 65);
}

/* A line of capitals and numbers, with commas at most, and no more than a few. */
struct line {
	uint32_t	from, to;
	uint32_t	numbers, capitals;
	bool		fits, taken;
};

static struct line
read_line(const struct atoms *ws, uint32_t i)
{
	struct line l = { .fits = true };

	while (i < ws->count && (atom_is_mark(&ws->at[i], '>') || atom_is_mark(&ws->at[i], '?')))
		i++;
	l.from = l.to = i;
	for (; l.to < ws->count && (l.to == i || ws->at[l.to].gap < GAP_LINE); l.to++) {
		const struct atom *w = &ws->at[l.to];

		l.numbers += w->shape == ATOM_NUMBER;
		l.capitals += atom_is_capital(w);
		l.taken |= w->taken;
		l.fits &= w->shape == ATOM_NUMBER || is_of_name(w) || atom_is_mark(w, ',') ||
		    atom_is_mark(w, '.') || atom_is_mark(w, '-');
	}
	l.fits &= l.to - l.from <= LINE_WORDS_MAX && l.to > l.from;
	l.to += l.to == l.from;
	return l;
}

static bool
is_address_line(const struct atoms *ws, const struct line *l)
{
	return l->fits && !l->taken && l->capitals > 0 && l->numbers > 0 && l->numbers <= 2 &&
	    !may_be_year(ws, &ws->at[l->to - 1]) && !ws->at[l->from].code;
}

/* Lines of an address: one with a name and a number, and the next short too. */
static void
look_at_lines(const struct street *s)
{
	const struct atoms *ws = s->words;
	struct line before = { 0 }, now = read_line(ws, 0), next;

	for (; now.from < ws->count; now = next) {
		next = read_line(ws, now.to);
		if (is_address_line(ws, &now) && (next.fits || next.taken) &&
		    (before.fits || before.taken || now.numbers == 2)) {
			take(s, now.from, now.to, FOUND_STREET, 55);
			now.taken = true;
		}
		before = now;
	}
}

/* ---- postal codes ---- */

/* The digits of a number with one hyphen at most, as 10 * before + after; 0 for another form. */
static unsigned
code_form(struct slice s)
{
	unsigned digits[2] = { 0, 0 }, part = 0;

	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] == '-' && part == 0)
			part = 1;
		else if ((unsigned char)(s.ptr[i] - '0') < 10 && digits[part] < 9)
			digits[part]++;
		else
			return 0;
	}
	return 10 * digits[0] + digits[1];
}

/* SW1A and 1AA, K1A and 0B1: a letter first, and a digit first. */
static bool
is_lettered(const struct atoms *ws, const struct atom *w)
{
	struct slice a = atoms_slice(ws, w), b = atoms_slice(ws, w + 1);

	if (w->shape != ATOM_CODE || a.len < 2 || a.len > 4 || b.len != 3 || w[1].gap != GAP_SPACE)
		return false;
	for (size_t i = 0; i < a.len; i++)
		if ((unsigned char)(a.ptr[i] - 'A') >= 26 && (unsigned char)(a.ptr[i] - '0') >= 10)
			return false;
	return (unsigned char)(a.ptr[0] - 'A') < 26 && (unsigned char)(b.ptr[0] - '0') < 10 &&
	    (unsigned char)(b.ptr[1] - 'A') < 26;
}

/* 12345 and 12345-6789, 12-345, 1234-567, 1234 AB, SW1A 1AA: how many words, or 0. */
static uint32_t
code_words(const struct atoms *ws, uint32_t i)
{
	const struct atom *w = &ws->at[i];

	if (is_lettered(ws, w))
		return 2;
	switch (w->shape == ATOM_NUMBER ? code_form(atoms_slice(ws, w)) : 0) {
	case 40:
		return w[1].shape == ATOM_UPPER && w[1].end - w[1].start == 2 &&
		    w[1].gap == GAP_SPACE ? 2 : 0;
	case 50:
	case 54:
	case 23:
	case 43:
	case 34:
		return 1;
	default:
		return 0;
	}
}

/* Is a place, a street or a state beside? */
static bool
is_beside_place(const struct atoms *ws, uint32_t i, uint32_t n)
{
	const struct atom *a = &ws->at[i] - 1, *b = &ws->at[i + n];

	if (atom_is_mark(a, ',') || atom_is_mark(a, '('))
		a--;
	if (atom_is_mark(b, ','))
		b++;
	return (a->taken && a->gap < GAP_PARAGRAPH) || (b->is & IS_PLACE && atom_is_capital(b)) ||
	    ((a->is & IS_PLACE) != 0 && atom_is_capital(a)) ||
	    (a->shape == ATOM_UPPER && a->end - a->start == 2 && ws->at[i].gap == GAP_SPACE);
}

static bool
look_at_code(const struct street *s, uint32_t i)
{
	uint32_t n = code_words(s->words, i);

	if (n == 0 || s->words->at[i].taken || !is_beside_place(s->words, i, n))
		return false;
	take(s, i, i + n, FOUND_CODE, 70);
	return true;
}

void
street_look(struct founds *f, struct atoms *ws)
{
	struct street s = { f, ws };

	for (uint32_t i = 0; i < ws->count; i++) {
		const struct atom *w = &ws->at[i];
		enum atom_role role = role_of(w);

		/* Most words are small and have no role; neither do they say anything. */
		if (w->taken || w->shape < ATOM_LOWER || w->shape > ATOM_MIXED ||
		    (w->shape == ATOM_LOWER && role == ROLE_NONE))
			continue;
		if (role == ROLE_BOX)
			look_at_box(&s, i);
		else if (!look_at_word(&s, i) && role == ROLE_FLAT)
			look_at_flat(&s, i);
	}
	for (uint32_t i = 0; i < ws->count; i++) {
		const struct atom *w = &ws->at[i];

		if ((w->shape == ATOM_NUMBER || w->shape == ATOM_TITLE) && !w->taken && !w->code)
			look_at_bare(&s, i);
	}
	look_at_lines(&s);
	for (uint32_t i = 0; i < ws->count; i++) {
		const struct atom *w = &ws->at[i];

		if (w->shape == ATOM_NUMBER || w->shape == ATOM_CODE)
			look_at_code(&s, i);
	}
}
