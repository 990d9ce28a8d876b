/* SPDX-License-Identifier: Apache-2.0 */
#include "name/names.h"

#include "name/form.h"
#include "name/role.h"
#include "name/street.h"
#include "name/tagger.h"

#define IN_FAVOUR	120	/* of a name, where the tagger says it is none */
#define EVEN		40	/* so much of it where the score is 50 */
#define SCORE_STEP	4	/* of the tagger's margin, for one of the score */
#define KNOWN		512	/* words of persons that are remembered */
#define NAME_BYTES_MIN	4	/* of a word that is remembered */
#define SMALL		2048	/* words in small letters that are */
#define TELLING		32	/* words of a block that tell its language */
#define SURE		160	/* a margin with which the tagger needs no list */

struct names {
	struct founds		*founds;
	struct slice		 key;
	struct atoms		 words;
	struct tagger		*tagger;
	uint32_t		*known;		/* words of persons; a table of hashes */
	uint32_t		*small;		/* words seen in small letters; the same */
	bool			 patient;
	bool			 german;	/* nouns of the block have capitals */
};

/* One name of the tagger's. */
struct span {
	uint32_t	from, to;
	unsigned	class;
	int		margin;
	uint16_t	any, all;	/* of what its words are */
	bool		is_upper, in_code;
};

static struct span
read_span(const struct atoms *ws, uint32_t i)
{
	struct span s = { .from = i, .class = TAG_CLASS(ws->at[i].tag), .all = 0xffff,
		.is_upper = true, .in_code = ws->at[i].code };
	int sum = 0;

	for (s.to = i; s.to < ws->count;) {
		const struct atom *w = &ws->at[s.to++];

		sum += w->margin;
		if (w->shape != ATOM_MARK && (w->is & IS_OF) == 0) {
			s.any |= w->is;
			s.all &= w->is;
			s.is_upper &= w->shape == ATOM_UPPER || w->shape == ATOM_INITIAL;
		}
		if (TAG_PART(w->tag) == PART_WHOLE || TAG_PART(w->tag) == PART_LAST)
			break;
	}
	s.margin = sum / (int)(s.to - s.from);
	/* "Hallo Grit": where a line begins, a greeting is no first name. */
	s.from += s.to - s.from > 1 && atom_begins_line(&ws->at[i]) &&
	    gazetteer_role(ws->at[i].is) == ROLE_GREETING;
	while (s.to - s.from > 1 && ws->at[s.to - 1].shape == ATOM_MARK &&
	    !(atom_is_mark(&ws->at[s.to - 1], '.') && (ws->at[s.to - 2].is & IS_COMMON) == 0 &&
	    ws->at[s.to - 2].end - ws->at[s.to - 2].start <= 4))
		s.to--;
	return s;
}

/* ---- is there evidence enough? ---- */

static bool
is_listed(const struct span *s)
{
	static const uint16_t lists[] = { IS_FIRST | IS_LAST, IS_PLACE, IS_FIRM };

	return (s->any & lists[s->class]) != 0;
}

/* Is the whole line capitalised, as headings are? */
static bool
is_heading(const struct atoms *ws, uint32_t from, uint32_t to)
{
	uint32_t lower = 0, capital = 0;

	while (from > 0 && !atom_begins_line(&ws->at[from]) && capital < 12)
		capital += atom_is_capital(&ws->at[--from]);
	for (; from < to || (from < ws->count && !atom_begins_line(&ws->at[from])); from++) {
		lower += ws->at[from].shape == ATOM_LOWER && (ws->at[from].is & IS_OF) == 0;
		capital += atom_is_capital(&ws->at[from]);
		if (lower > 0 || capital > 12)
			return false;
	}
	return capital > 1;
}

/* McDonald and LeBlanc, not camelCase. */
static bool
is_mixed_name(const struct atoms *ws, const struct atom *w)
{
	static const struct slice begins[] = {
		{ "Mc", 2 }, { "Mac", 3 }, { "De", 2 }, { "Di", 2 }, { "Du", 2 }, { "La", 2 },
		{ "Le", 2 }, { "Van", 3 }, { "Von", 3 }, { "O", 1 }, { "D", 1 }, { "Fitz", 4 },
	};

	for (size_t i = 0; i < sizeof begins / sizeof begins[0]; i++)
		if (slice_starts(atoms_slice(ws, w), begins[i]))
			return true;
	return false;
}

/* Gesellschaft, Freiheit, Zeitung: what ends so is a noun of German, and hardly a name. */
static bool
ends_as_noun(const struct atoms *ws, const struct atom *w)
{
	static const struct slice ends[] = {
		{ "ung", 3 }, { "ungen", 5 }, { "heit", 4 }, { "keit", 4 }, { "keiten", 6 },
		{ "schaft", 6 }, { "schaften", 8 }, { "tion", 4 }, { "tionen", 6 }, { "ismus", 5 },
		{ "tat", 3 }, { "nis", 3 }, { "nisse", 5 }, { "tum", 3 },
	};
	char fold[ATOM_FOLD_BYTES];
	unsigned len = atoms_fold(ws, w, fold);

	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
		if (len > ends[i].len + 2 && len >= 7 &&
		    memcmp(fold + len - ends[i].len, ends[i].ptr, ends[i].len) == 0)
			return true;
	return false;
}

/* Words with capitals, none of which says what it is; `von` joins nouns as well as names. */
static bool
is_plain_name(const struct names *n, const struct span *s)
{
	bool listed = is_listed(s);

	for (uint32_t i = s->from; i < s->to; i++) {
		const struct atom *w = &n->words.at[i];

		if (w->shape == ATOM_MARK || ((w->is & IS_OF) != 0 && listed))
			continue;
		if (w->shape == ATOM_LOWER || w->shape == ATOM_CODE || ends_as_noun(&n->words, w) ||
		    gazetteer_role(w->is) == ROLE_ARTICLE || gazetteer_role(w->is) == ROLE_GERMAN)
			return false;
	}
	return true;
}

/* Among nouns with capitals a person is who a list knows, and is no word besides. */
static bool
is_german_name(const struct names *n, const struct span *s)
{
	bool several = s->to - s->from > 1;

	if ((s->any & IS_COMMON) != 0 || !is_plain_name(n, s))
		return false;
	if (!is_listed(s))
		return several && s->margin >= SURE;
	return several || (s->any & IS_FIRST) != 0 || s->margin >= SURE;
}

/* One word that no list knows: a noun of German, one that the text has small too, camelCase. */
static bool
is_odd(const struct names *n, const struct span *s)
{
	const struct atom *w = &n->words.at[s->from];

	if (n->german && s->class == 0 ? !is_german_name(n, s)
	    : n->german && s->margin < SURE && (!is_listed(s) || (s->any & IS_COMMON) != 0))
		return true;
	if (s->to - s->from == 1 && !is_listed(s) && s->margin < SURE &&
	    ((gazetteer_role(w[-1].is) == ROLE_ARTICLE && w->gap == GAP_SPACE) ||
	    ends_as_noun(&n->words, w)))
		return true;
	if (s->to - s->from > 1 || (is_listed(s) && (s->any & IS_COMMON) == 0))
		return false;
	return n->small[w->hash % SMALL] == w->hash ||
	    (w->shape == ATOM_MIXED && !is_mixed_name(&n->words, w));
}

/* In capitals: a name that a list knows, an organisation beyond doubt, or a whole line. */
static bool
may_be_shouted(const struct span *s, bool whole_line)
{
	if ((s->any & IS_COMMON) != 0 && (s->any & IS_PHRASE) == 0)
		return false;
	return is_listed(s) || (s->class == 2 && s->margin >= SURE) || whole_line;
}

static bool
is_evident(const struct names *n, const struct span *s)
{
	const struct atoms *ws = &n->words;
	bool whole_line = atom_begins_line(&ws->at[s->from]) && atom_ends_line(&ws->at[s->to - 1]);

	if (s->in_code && (!is_listed(s) || (s->any & IS_COMMON) != 0 || s->to - s->from < 2))
		return false;
	if (s->is_upper && !may_be_shouted(s, whole_line))
		return false;
	if (s->all == 0xffff)
		return false;	/* nothing but marks */
	if ((s->all & IS_PROPER) != 0 && (s->margin < SURE || s->class != 2))
		return false;
	if (s->to - s->from == 1 && (s->any & (IS_COMMON | IS_FIRST)) == IS_COMMON && s->margin < 0)
		return false;
	if ((s->all & IS_COMMON) != 0 && s->margin < SURE && !whole_line &&
	    is_heading(ws, s->from, s->to))
		return false;
	return !is_odd(n, s);
}

/* ---- a name once found is found again ---- */

static void
remember(const struct names *n, const struct atom *w)
{
	if (w->shape != ATOM_TITLE || w->end - w->start < NAME_BYTES_MIN ||
	    (w->is & (IS_COMMON | IS_OF)) != 0)
		return;
	n->known[w->hash % KNOWN] = w->hash;
}

static bool
is_remembered(const struct names *n, const struct atom *w)
{
	return w->shape == ATOM_TITLE && n->known[w->hash % KNOWN] == w->hash;
}

static void
take(struct names *n, uint32_t from, uint32_t to, enum found_what what, int score)
{
	founds_take(n->founds, &n->words, from, to, (struct found){ .what = (uint8_t)what,
	    .score = (uint8_t)(score > 99 ? 99 : score < 1 ? 1 : score), .how = FOUND_BY_TAGGER });
}

/* ---- what the tagger says ---- */

/* A line in capitals below an address, or above a country, is a town whatever it sounds like. */
static bool
is_town_line(const struct atoms *ws, const struct span *s)
{
	const struct atom *w = &ws->at[s->from], *behind = &ws->at[s->to];

	return s->is_upper && !is_listed(s) && atom_begins_line(w) && atom_ends_line(behind - 1) &&
	    (w[-1].taken || (behind->is & IS_PLACE) != 0);
}

/* An organisation of the lists, written with capitals, by all of its words. */
static void
take_firm(struct names *n, uint32_t i)
{
	struct atoms *ws = &n->words;
	const uint16_t both = IS_FIRM | IS_PHRASE;
	uint32_t to = i;

	while (to < ws->count && (ws->at[to].is & both) == both && !ws->at[to].taken &&
	    (to == i || ws->at[to].gap < GAP_LINE) && !ws->at[to].code)
		to++;
	if (to - i < 2 || !atom_is_capital(&ws->at[i]) || !atom_is_capital(&ws->at[to - 1]))
		return;
	founds_take(n->founds, ws, i, to, (struct found){ .what = FOUND_FIRM, .score = 70,
	    .how = FOUND_BY_LIST });
}

/* "Owens, Duran and Oneal" on a line of its own: partners. */
static void
take_partners(struct names *n, uint32_t i)
{
	struct atoms *ws = &n->words;
	uint32_t to = i, names = 0;

	for (; to < ws->count && to < i + 10 && (to == i || ws->at[to].gap < GAP_LINE); to++) {
		const struct atom *w = &ws->at[to];
		bool is_name = (w->is & IS_LAST) != 0 || w->shape == ATOM_TITLE;

		if ((to - i) % 2 == 0 ? !is_name || w->shape == ATOM_MARK || w->taken
		    : !atom_is_mark(w, ',') && !atom_is_mark(w, '&') && (w->is & IS_OF) == 0)
			return;
		names += (to - i) % 2 == 0;
	}
	if (names < 3 || !atom_ends_line(&ws->at[to - 1]) || atom_is_mark(&ws->at[to - 2], ','))
		return;
	founds_take(n->founds, ws, i, to, (struct found){ .what = FOUND_FIRM, .score = 60,
	    .how = FOUND_BY_SHAPE });
}

/* The next name that the tagger found from i on; what it is not sure of has to be evident. */
static uint32_t
take_span(struct names *n, uint32_t i)
{
	static const enum found_what what[] = { FOUND_PERSON, FOUND_PLACE, FOUND_FIRM };
	struct atoms *ws = &n->words;
	struct span s = read_span(ws, i);

	if (!is_evident(n, &s)) {
		for (uint32_t k = s.from; k < s.to; k++)
			ws->at[k].tag = TAG_NONE;
		return s.to;
	}
	take(n, s.from, s.to, is_town_line(ws, &s) ? FOUND_PLACE : what[s.class],
	    50 + (s.margin + EVEN) / SCORE_STEP);
	for (uint32_t k = s.from; k < s.to && s.class == 0; k++)
		remember(n, &ws->at[k]);
	return s.to;
}

/* Does a sentence in small letters begin with it?  Then its capital says nothing. */
static bool
begins_small(const struct atom *w)
{
	return w[1].shape == ATOM_LOWER && (atom_begins_line(w) || atom_is_mark(w - 1, '.') ||
	    atom_is_mark(w - 1, ':'));
}

/* A place of the lists that is nothing else, all of its words; i if there is none. */
static uint32_t
listed_place(const struct atoms *ws, uint32_t i)
{
	const struct atom *w = &ws->at[i];
	uint32_t to = i + 1;

	if ((w->is & IS_PLACE) == 0 || w->code ||
	    (w->shape != ATOM_TITLE && w->shape != ATOM_UPPER))
		return i;
	if ((w->is & IS_PHRASE) == 0)
		return (w->is & (IS_FIRST | IS_LAST | IS_COMMON | IS_NATION)) == 0 &&
		    !begins_small(w) ? to : i;
	while (to < ws->count && ws->at[to].gap < GAP_PARAGRAPH && !ws->at[to].taken &&
	    (ws->at[to].is & (IS_PHRASE | IS_PLACE)) == (IS_PHRASE | IS_PLACE))
		to++;
	return to;
}

/* A first name that is nothing else. */
static bool
is_listed_first(const struct atom *w)
{
	return w->shape == ATOM_TITLE && !w->code && w->end - w->start > 3 && !begins_small(w) &&
	    (w->is & (IS_FIRST | IS_COMMON | IS_PLACE | IS_NATION | IS_PROPER)) == IS_FIRST;
}

/*
 * What the tagger does not know, of a word with a capital: what was found before, first names and
 * places of the lists.
 */
static void
take_listed(struct names *n, uint32_t i)
{
	const struct atom *w = &n->words.at[i];
	struct found one = { .what = FOUND_PERSON, .score = 60, .how = FOUND_BY_LIST };
	uint32_t to = i + 1;

	if (!is_remembered(n, w)) {
		one.score = 40;
		if (w->shape == ATOM_TITLE && !w->code && (w->is & (IS_FIRM | IS_FIRST | IS_LAST |
		    IS_COMMON | IS_PLACE | IS_PROPER)) == IS_FIRM) {
			one.what = FOUND_FIRM;
		} else if (!is_listed_first(w)) {
			to = listed_place(&n->words, i);
			one.what = FOUND_PLACE;
			one.score = 50;
		}
	}
	founds_take(n->founds, &n->words, i, to, one);
}

/* The words in small letters, and whether they are those of German. */
static void
read_small(struct names *n)
{
	const struct atoms *ws = &n->words;
	uint32_t german = 0;

	for (uint32_t i = 0; i < ws->count; i++) {
		const struct atom *w = &ws->at[i];

		if (w->shape != ATOM_LOWER)
			continue;
		n->small[w->hash % SMALL] = w->hash;
		german += gazetteer_role(w->is) == ROLE_ARTICLE ||
		    gazetteer_role(w->is) == ROLE_GERMAN;
	}
	/* What is too short to tell is taken for what stood before. */
	if (ws->count >= TELLING || 10 * german >= ws->count)
		n->german = german > 1 && 10 * german >= ws->count;
}

/* anna.kowalska@example.org: the words before the @ are a person's, where they are no others. */
static void
read_mail(struct names *n, const struct atom *w)
{
	const struct atoms *ws = &n->words;
	struct atom part = { .start = w->start };
	const char *at = memchr(ws->text.ptr + w->start, '@', w->end - w->start);
	char fold[ATOM_FOLD_BYTES];

	if (at == NULL)
		return;
	for (; part.start < w->end; part.start = part.end + 1) {
		uint32_t hash;

		part.end = part.start;
		while (ws->text.ptr + part.end < at &&
		    memchr("._-+", ws->text.ptr[part.end], 4) == NULL)
			part.end++;
		hash = atoms_hash(slice_of(fold, atoms_fold(ws, &part, fold)));
		if (part.end - part.start >= NAME_BYTES_MIN &&
		    (gazetteer_look(hash) & (IS_COMMON | IS_OF)) == 0)
			n->known[hash % KNOWN] = hash;
		if (ws->text.ptr + part.end >= at)
			return;
	}
}

static void
look_at_block(struct names *n)
{
	struct atoms *ws = &n->words;

	gazetteer_mark(ws);
	read_small(n);
	form_look_at_key(n->founds, ws, n->key);
	form_look(n->founds, ws);
	street_look(n->founds, ws);
	tagger_decide(n->tagger, ws, IN_FAVOUR);
	role_look_before(n->founds, ws);
	for (uint32_t i = 0; i < ws->count; i++) {
		const struct atom *w = &ws->at[i];

		if (w->shape == ATOM_CODE)
			read_mail(n, w);
		if ((w->is & IS_FIRM) != 0 && !w->taken)
			take_firm(n, i);
		if (atom_begins_line(w) && atom_is_mark(w + 1, ','))
			take_partners(n, i);
	}
	for (uint32_t i = 0; i < ws->count;) {
		const struct atom *w = &ws->at[i];

		if (w->tag == TAG_NONE || w->taken)
			i++;
		else
			i = take_span(n, i);
	}
	role_look(n->founds, ws, &n->patient);
	for (uint32_t i = 0; i < ws->count; i++) {
		const struct atom *w = &ws->at[i];

		if ((w->shape == ATOM_TITLE || w->shape == ATOM_UPPER) && !w->taken)
			take_listed(n, i);
	}
}

void
names_find(struct founds *f, struct slice text, struct slice key)
{
	struct arena *a = f->arena;
	struct names n = { .founds = f, .key = key };

	n.tagger = arena_alloc(a, sizeof *n.tagger);
	n.known = arena_zero(a, KNOWN * sizeof *n.known);
	n.small = arena_zero(a, SMALL * sizeof *n.small);
	if (!atoms_init(&n.words, a, text) || arena_overflowed(a)) {
		f->cut = true;
		return;
	}
	tagger_init(n.tagger, &n.words);
	while (atoms_read(&n.words))
		look_at_block(&n);
}
