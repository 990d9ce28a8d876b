/* SPDX-License-Identifier: Apache-2.0 */
#include "name/role.h"

#include "name/gazetteer.h"
#include "name/tagger.h"

#define JOB_WORDS_MAX	7	/* Network and computer systems administrator */
#define NAME_WORDS_MAX	4

struct roles {
	struct founds	*founds;
	struct atoms	*words;
	bool		*patient;
	bool		 person;	/* the sentence has spoken of one, or of who writes */
};

static enum atom_role
role_of(const struct atom *w)
{
	return w->shape >= ATOM_LOWER && w->shape <= ATOM_MIXED ? gazetteer_role(w->is) : ROLE_NONE;
}

static void
take(const struct roles *r, uint32_t from, uint32_t to, enum found_what what, uint8_t score)
{
	founds_take(r->founds, r->words, from, to, (struct found){ .what = (uint8_t)what,
	    .score = score, .how = FOUND_BY_LIST | FOUND_BY_LABEL });
}

/* ---- Dr. Name ---- */

static bool
may_be_name(const struct atom *w)
{
	if (w->shape == ATOM_LOWER)
		return (w->is & (IS_FIRST | IS_LAST)) != 0 && (w->is & IS_COMMON) == 0;
	return atom_is_capital(w) && ((w->is & IS_COMMON) == 0 || (w->is & IS_LAST) != 0) &&
	    role_of(w) == ROLE_NONE;
}

/* Behind the name that begins at `from`, which the tagger may not know. */
static uint32_t
name_end(const struct atoms *ws, uint32_t from, bool small)
{
	uint32_t to = from;

	for (; to < ws->count && to < from + NAME_WORDS_MAX && ws->at[to].gap == GAP_SPACE; to++) {
		const struct atom *w = &ws->at[to];

		if (!(may_be_name(w) && (small || w->shape != ATOM_LOWER)) &&
		    !((w->is & IS_OF) != 0 && to > from))
			break;
	}
	while (to > from && (ws->at[to - 1].is & IS_OF) != 0)
		to--;
	return to;
}

/* Its title, and the person if the tagger did not find one; behind the name. */
static void
look_at_honorific(const struct roles *r, uint32_t i)
{
	const struct atoms *ws = r->words;
	bool small = !atom_is_capital(&ws->at[i]);
	bool dot = atom_is_mark(&ws->at[i + 1], '.') && ws->at[i + 1].gap == GAP_NONE;
	uint32_t from = i + 1 + dot, to = name_end(ws, from, small);
	const struct atom *name = &ws->at[from];

	if (from >= ws->count || (to == from && name->tag == TAG_NONE && !name->taken &&
	    role_of(name) != ROLE_HONORIFIC))
		return;
	if (small && !dot && name->tag == TAG_NONE)
		return;
	take(r, i, from, FOUND_TITLE, 70);
	if (!name->taken && (name->tag == TAG_NONE || TAG_CLASS(name->tag) != 0))
		take(r, from, to, FOUND_PERSON, 75);
}

/* ---- letters ---- */

/* Does the name in [from, to) say nothing yet, and could it be one? */
static bool
is_open_name(const struct atoms *ws, uint32_t from, uint32_t to)
{
	for (uint32_t k = from; k < to; k++)
		if (ws->at[k].taken || (ws->at[k].is & (IS_PROPER | IS_NATION)) != 0)
			return false;
	return to > from;
}

/* "Hallo Grit," and "said Grit": behind a word that speaks to somebody or of him. */
static void
look_at_greeting(const struct roles *r, uint32_t i)
{
	const struct atoms *ws = r->words;
	uint32_t from = i + 1, to = name_end(ws, from, false);
	bool begins = atom_begins_line(&ws->at[i]);

	if (!is_open_name(ws, from, to))
		return;
	if (role_of(&ws->at[i]) == ROLE_SAYING ? (ws->at[from].is & (IS_FIRST | IS_LAST)) != 0
	    : begins && (atom_ends_line(&ws->at[to - 1]) || ws->at[to].shape == ATOM_MARK))
		take(r, from, to, FOUND_PERSON, 65);
}

/* Below "Best regards,": a line of capitals and nothing else. */
static void
look_at_closing(const struct roles *r, uint32_t i)
{
	const struct atoms *ws = r->words;
	uint32_t from = i + 1 + atom_is_mark(&ws->at[i + 1], ','), to = from;

	if (from >= ws->count || ws->at[from].gap < GAP_LINE)
		return;
	while (to < ws->count && to < from + NAME_WORDS_MAX &&
	    (to == from || ws->at[to].gap < GAP_LINE) &&
	    may_be_name(&ws->at[to]) && atom_is_capital(&ws->at[to]))
		to++;
	if (is_open_name(ws, from, to) && atom_ends_line(&ws->at[to - 1]))
		take(r, from, to, FOUND_PERSON, 65);
}

/* ---- professions ---- */

static bool
is_word(const struct atoms *ws, const struct atom *w, struct slice word)
{
	char fold[ATOM_FOLD_BYTES];

	return w->shape <= ATOM_INITIAL && w->end - w->start == word.len &&
	    slice_eq(slice_of(fold, atoms_fold(ws, w, fold)), word);
}

/* as a …, is a …, the …, : where a profession may begin. */
static bool
begins_job(const struct atoms *ws, uint32_t i)
{
	static const struct slice before[] = {
		{ "as", 2 }, { "a", 1 }, { "an", 2 }, { "the", 3 }, { "als", 3 }, { "ein", 3 },
		{ "eine", 4 }, { "comme", 5 }, { "como", 4 }, { "es", 2 }, { "come", 4 },
		{ "un", 2 }, { "una", 3 }, { "our", 3 }, { "new", 3 }, { "is", 2 }, { "de", 2 },
	};

	if (i == 0 || atom_begins_line(&ws->at[i]) || atom_is_mark(&ws->at[i - 1], ','))
		return true;
	for (size_t k = 0; k < sizeof before / sizeof before[0]; k++)
		if (is_word(ws, &ws->at[i - 1], before[k]))
			return true;
	return false;
}

/* From the profession's last word at i back to its first. */
static uint32_t
job_start(const struct atoms *ws, uint32_t i)
{
	uint32_t from = i, good = i;

	for (; from > 0 && i - from < JOB_WORDS_MAX; from--) {
		const struct atom *w = &ws->at[from - 1];

		if (begins_job(ws, from))
			good = from;
		if (ws->at[from].gap >= GAP_LINE || begins_job(ws, from) || w->tag != TAG_NONE)
			break;
		if (w->shape != ATOM_LOWER && w->shape != ATOM_TITLE && !atom_is_mark(w, '-') &&
		    !atom_is_mark(w, '/') && !atom_is_mark(w, '&'))
			break;
	}
	return begins_job(ws, good) ? good : i;
}

/* Does it end as words for people do who do something: -er, -or, -ist, -ian? */
static bool
ends_as_job(const struct atoms *ws, const struct atom *w)
{
	static const struct slice ends[] = {
		{ "er", 2 }, { "or", 2 }, { "ist", 3 }, { "ian", 3 }, { "man", 3 }, { "ant", 3 },
		{ "in", 2 }, { "eur", 3 }, { "rice", 4 },
	};
	char fold[ATOM_FOLD_BYTES];
	unsigned len = atoms_fold(ws, w, fold);

	if (w->shape != ATOM_LOWER && w->shape != ATOM_TITLE)
		return false;
	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
		if (len > ends[i].len + 3 &&
		    memcmp(fold + len - ends[i].len, ends[i].ptr, ends[i].len) == 0)
			return (w->is & (IS_FIRST | IS_LAST | IS_PLACE)) == 0 ||
			    (w->is & IS_COMMON) != 0;
	return false;
}

/* The line that begins at i: behind its last word. */
static uint32_t
line_end(const struct atoms *ws, uint32_t i)
{
	uint32_t end = i + 1;

	while (end < ws->count && ws->at[end].gap < GAP_LINE && end < i + JOB_WORDS_MAX + 3)
		end++;
	return end;
}

/* A line that is nothing but a profession, under one that is nothing but a person. */
static void
look_at_job_line(const struct roles *r, uint32_t i)
{
	struct atoms *ws = r->words;
	uint32_t from = line_end(ws, i), to;

	for (uint32_t k = i; k < from; k++)
		if (ws->at[k].tag == TAG_NONE || TAG_CLASS(ws->at[k].tag) != 0)
			return;
	if (from >= ws->count || ws->at[from].gap < GAP_LINE || ws->at[from].taken)
		return;
	to = line_end(ws, from);
	if (!atom_ends_line(&ws->at[to - 1]) || (role_of(&ws->at[to - 1]) != ROLE_JOB &&
	    !ends_as_job(ws, &ws->at[to - 1])))
		return;
	for (uint32_t k = from; k < to; k++)
		if (ws->at[k].shape == ATOM_NUMBER || (ws->at[k].tag != TAG_NONE &&
		    TAG_CLASS(ws->at[k].tag) == 0))
			return;
	take(r, from, to, FOUND_TITLE, 60);
	for (uint32_t k = from; k < to; k++)
		ws->at[k].tag = TAG_NONE;
}

static void
look_at_job(const struct roles *r, uint32_t i)
{
	const struct atoms *ws = r->words;
	uint32_t from = job_start(ws, i);

	if (ws->at[i].tag != TAG_NONE && TAG_CLASS(ws->at[i].tag) == 2)
		return;
	if (from > 0 && !atom_begins_line(&ws->at[from]) && begins_job(ws, from) && r->person)
		take(r, from, i + 1, FOUND_TITLE, 55);
}

/* ---- patients ---- */

/* Is an age near: a number, and a word of years? */
static bool
has_age(const struct atoms *ws, uint32_t i)
{
	uint32_t from = i > 6 ? i - 6 : 0;

	for (uint32_t k = from; k < i + 7 && k + 1 < ws->count; k++)
		if (ws->at[k].shape == ATOM_NUMBER && ws->at[k].end - ws->at[k].start <= 3 &&
		    (role_of(&ws->at[k + 1]) == ROLE_AGE || (atom_is_mark(&ws->at[k + 1], '-') &&
		    role_of(&ws->at[k + 2]) == ROLE_AGE)))
			return true;
	return false;
}

static bool
is_patient_word(const struct atoms *ws, const struct atom *w)
{
	return is_word(ws, w, S("paciente")) || is_word(ws, w, S("patient")) ||
	    is_word(ws, w, S("patientin")) || is_word(ws, w, S("patiente")) ||
	    is_word(ws, w, S("paziente")) || is_word(ws, w, S("pacjent")) ||
	    is_word(ws, w, S("pacientes"));
}

static void
look_at_sex(const struct roles *r, uint32_t i)
{
	const struct atoms *ws = r->words;

	if (!has_age(ws, i) && !is_patient_word(ws, &ws->at[i] - 1) &&
	    !is_patient_word(ws, &ws->at[i + 1]))
		return;
	*r->patient = true;
	take(r, i, i + 1, FOUND_SEX, 60);
}

/* ---- nationalities ---- */

/* A language is no nationality: in English, speaks French. */
static bool
is_language(const struct atoms *ws, uint32_t i)
{
	static const struct slice before[] = {
		{ "in", 2 }, { "into", 4 }, { "speak", 5 }, { "speaks", 6 }, { "learn", 5 },
		{ "studying", 8 }, { "study", 5 }, { "to", 2 }, { "written", 7 }, { "and", 3 },
	};

	if (is_word(ws, &ws->at[i + 1], S("language")))
		return true;
	for (size_t k = 0; k < sizeof before / sizeof before[0] && i > 0; k++)
		if (is_word(ws, &ws->at[i - 1], before[k]))
			return ws->at[i + 1].shape != ATOM_LOWER;
	return false;
}

static void
look_at_nation(const struct roles *r, uint32_t i)
{
	const struct atoms *ws = r->words;
	const struct atom *w = &ws->at[i];

	if ((w->shape == ATOM_LOWER && (w->is & IS_COMMON) != 0) ||
	    (w->shape != ATOM_LOWER && w->shape != ATOM_TITLE))
		return;
	if (is_language(ws, i)) {
		r->words->at[i].taken = true;
		return;
	}
	if (w->tag != TAG_NONE && TAG_PART(w->tag) != PART_WHOLE &&
	    (TAG_CLASS(w->tag) != 2 || TAG_PART(w->tag) != PART_BEGIN || (w->is & IS_PHRASE) != 0))
		return;
	founds_take(r->founds, r->words, i, i + 1, (struct found){ .what = FOUND_NATION,
	    .score = 60, .how = FOUND_BY_LIST });
	r->words->at[i].tag = TAG_NONE;
}

/* Without an accent. */
static bool
is_plain(const struct atoms *ws, const struct atom *w)
{
	char fold[ATOM_FOLD_BYTES];

	return atoms_fold(ws, w, fold) == w->end - w->start;
}

void
role_look_before(struct founds *f, struct atoms *ws)
{
	struct roles r = { f, ws, NULL, false };

	for (uint32_t i = 0; i < ws->count; i++) {
		const struct atom *w = &ws->at[i];

		/* Germán is a name, German is none. */
		if ((w->is & IS_NATION) != 0 && !w->taken && is_plain(ws, w))
			look_at_nation(&r, i);
		if (atom_begins_line(w) && w->tag != TAG_NONE && TAG_CLASS(w->tag) == 0)
			look_at_job_line(&r, i);
	}
}

void
role_look(struct founds *f, struct atoms *ws, bool *patient)
{
	struct roles r = { f, ws, patient, false };

	for (uint32_t i = 0; i < ws->count; i++) {
		const struct atom *w = &ws->at[i];
		enum atom_role role = role_of(w);

		if (w->gap == GAP_PARAGRAPH || (w->gap > GAP_NONE && atom_is_mark(w - 1, '.')))
			r.person = false;
		r.person |= role == ROLE_I || (w->tag != TAG_NONE && TAG_CLASS(w->tag) == 0);
		if (role == ROLE_NONE || w->taken || w->code)
			continue;
		switch (role) {
		case ROLE_HONORIFIC:
			look_at_honorific(&r, i);
			break;
		case ROLE_GREETING:
		case ROLE_SAYING:
			look_at_greeting(&r, i);
			break;
		case ROLE_CLOSING:
			look_at_closing(&r, i);
			break;
		case ROLE_JOB:
			look_at_job(&r, i);
			break;
		case ROLE_SEX:
			look_at_sex(&r, i);
			break;
		case ROLE_KIN:
			if (*patient && w->shape <= ATOM_TITLE)
				take(&r, i, i + 1, FOUND_KIN, 50);
			break;
		default:
			break;
		}
	}
}
