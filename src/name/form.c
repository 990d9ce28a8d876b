/* SPDX-License-Identifier: Apache-2.0 */
#include "name/form.h"

#include "name/street.h"

#define LABEL_BYTES_MAX	48
#define LABEL_WORDS_MAX	4
#define NAME_WORDS_MAX	7
#define LINE_WORDS_MAX	40

/* ---- labels ---- */

/* The hashes of a label's words: at capitals and marks, a new one begins. */
static unsigned
label_words(struct slice label, uint32_t *hash)
{
	struct atoms ws = { .text = label };
	unsigned count = 0;
	char fold[ATOM_FOLD_BYTES];

	for (size_t i = 0; i < label.len && count < LABEL_WORDS_MAX;) {
		struct atom w = { .start = (uint32_t)i };
		bool lower = false;
		unsigned len;

		for (; i < label.len; i++) {
			unsigned c = (unsigned char)label.ptr[i];
			bool upper = c - 'A' < 26;

			if ((c | 0x20) - 'a' >= 26 && c < 0x80 && c - '0' >= 10)
				break;
			if (upper && lower)
				break;
			lower = !upper;
		}
		w.end = (uint32_t)i;
		len = atoms_fold(&ws, &w, fold);
		if (len > 0)
			hash[count++] = atoms_hash(slice_of(fold, len));
		else
			i++;
	}
	return count;
}

static enum atom_role
label_of(enum atom_role role)
{
	switch (role) {
	case ROLE_JOB:
	case ROLE_HONORIFIC:
	case ROLE_KIN:
		return ROLE_LABEL_PERSON;
	case ROLE_FIRM_START:
		return ROLE_LABEL_FIRM;
	case ROLE_SEX:
		return ROLE_NONE;
	default:
		return role >= ROLE_LABEL_PERSON && role <= ROLE_LABEL_OTHER ? role : ROLE_NONE;
	}
}

/* The role of all of a label, or of its longest end that has one. */
static enum atom_role
role_of_label(struct slice label, bool whole)
{
	uint32_t hash[LABEL_WORDS_MAX];
	unsigned count;

	if (label.len > LABEL_BYTES_MAX)
		return ROLE_NONE;
	count = label_words(label, hash);
	for (unsigned from = 0; from < (whole && count > 0 ? 1 : count); from++) {
		uint32_t phrase = hash[from];
		enum atom_role role;

		for (unsigned i = from + 1; i < count; i++)
			phrase = atoms_hash_on(phrase, hash[i]);
		role = gazetteer_role(gazetteer_look(phrase));
		/* A doctor's label is "doctor", but user_agent is none of an agent. */
		if (from > 0 && (role == ROLE_JOB || role == ROLE_KIN))
			continue;
		if (label_of(role) != ROLE_NONE)
			return label_of(role);
	}
	return ROLE_NONE;
}

enum atom_role
form_role(struct slice label)
{
	return role_of_label(label, false);
}

/* ---- what stands behind them ---- */

struct form {
	struct founds	*founds;
	struct atoms	*words;
};

static void
take(const struct form *f, uint32_t from, uint32_t to, enum found_what what)
{
	founds_take(f->founds, f->words, from, to, (struct found){ .what = (uint8_t)what,
	    .score = 85, .how = FOUND_BY_LABEL });
}

/* A quote, or the end of the line, ends a value. */
static bool
is_end(const struct atoms *ws, uint32_t from, uint32_t i)
{
	const struct atom *w = &ws->at[i];

	return i >= ws->count || (i > from && w->gap >= GAP_LINE) || atom_is_mark(w, '"') ||
	    atom_is_mark(w, ';') || atom_is_mark(w, '|') || atom_is_mark(w, '<') ||
	    atom_is_mark(w, '}') || atom_is_mark(w, '{') || atom_is_mark(w, '(') ||
	    atom_is_mark(w, '[');
}

/* Is it a label itself?  Then the value ended before. */
static bool
is_label(const struct atoms *ws, uint32_t i)
{
	const struct atom *w = &ws->at[i];

	return atom_is_mark(w + 1, ':') ||
	    (w[1].shape == ATOM_MARK && w[1].hash > 0xff && w[1].gap == GAP_NONE);
}

/* "Paciente varón", "Torres Plaza de la Encarnación": a name ends before what is none. */
static bool
ends_name(const struct atom *w)
{
	enum atom_role role = gazetteer_role(w->is);

	return role == ROLE_SEX || role == ROLE_CALLE || role == ROLE_FIRM_START ||
	    (role >= ROLE_LABEL_PERSON && role <= ROLE_LABEL_OTHER);
}

static bool
is_name_word(const struct atom *w)
{
	if (ends_name(w))
		return false;
	return atom_is_capital(w) || (w->is & IS_OF) != 0 || atom_is_mark(w, '\'') ||
	    (w->shape == ATOM_LOWER && (w->is & (IS_FIRST | IS_LAST)) != 0);
}

/* A name in capitals is one if a word of it is known as one, or none is a word of the language. */
static bool
is_name(const struct atoms *ws, uint32_t from, uint32_t to)
{
	uint32_t known = 0, common = 0, other = 0;

	for (uint32_t i = from; i < to; i++) {
		uint16_t is = ws->at[i].is;

		if ((is & IS_COMMON) != 0 && (is & (IS_FIRST | IS_LAST)) != IS_FIRST)
			common += (is & IS_OF) == 0;
		else if ((is & (IS_FIRST | IS_LAST)) != 0)
			known++;
		else
			other += atom_is_capital(&ws->at[i]) && ws->at[i].shape != ATOM_MIXED;
	}
	return known > 0 ? common <= known : common == 0 && other > 0 && other <= 4;
}

static void
read_person(const struct form *f, uint32_t i)
{
	const struct atoms *ws = f->words;
	uint32_t from, to;
	bool comma = false;

	while (gazetteer_role(ws->at[i].is) == ROLE_HONORIFIC || atom_is_mark(&ws->at[i], '.'))
		i++;
	for (from = to = i; i < from + NAME_WORDS_MAX && !is_end(ws, from, i); i++) {
		const struct atom *w = &ws->at[i];

		if (is_label(ws, i) && i > from)
			break;
		if (is_name_word(w))
			to = i + 1;
		else if (atom_is_mark(w, ',') && !comma && to == from + 1)
			comma = true;
		else
			break;
	}
	while (to > from && !atom_is_capital(&ws->at[to - 1]) && (ws->at[to - 1].is & IS_OF) != 0)
		to--;
	if (to > from && is_name(ws, from, to))
		take(f, from, to, FOUND_PERSON);
}

/* Places, with commas between them. */
static void
read_place(const struct form *f, uint32_t i)
{
	const struct atoms *ws = f->words;
	uint32_t from = i, begin = i, to = i;

	for (; i < from + NAME_WORDS_MAX && !is_end(ws, from, i); i++) {
		const struct atom *w = &ws->at[i];

		if (is_label(ws, i) && i > from)
			break;
		/* "state": "Running" */
		if ((w->is & (IS_COMMON | IS_PLACE)) == IS_COMMON && (w->is & IS_OF) == 0)
			break;
		if (atom_is_capital(w) || (w->is & IS_PLACE) != 0) {
			to = i + 1;
		} else if (atom_is_mark(w, ',') || atom_is_mark(w, '/') || atom_is_mark(w, '-')) {
			take(f, begin, to, FOUND_PLACE);
			begin = to = i + 1;
		} else if ((w->is & IS_OF) == 0) {
			break;
		}
	}
	take(f, begin, to, FOUND_PLACE);
}

/* All of the line, up to a full stop at its end. */
static uint32_t
line_end(const struct atoms *ws, uint32_t from)
{
	uint32_t to = from;

	while (to < from + LINE_WORDS_MAX && !is_end(ws, from, to))
		to++;
	while (to > from &&
	    (atom_is_mark(&ws->at[to - 1], '.') || atom_is_mark(&ws->at[to - 1], ',')))
		to--;
	return to;
}

static void
read_address(const struct form *f, uint32_t i)
{
	uint32_t to = line_end(f->words, i);
	bool number = false, capital = false;

	for (uint32_t k = i; k < to; k++) {
		number |= f->words->at[k].shape == ATOM_NUMBER;
		capital |= atom_is_capital(&f->words->at[k]);
		/* A sentence, or another label, is no address. */
		if (atom_is_mark(&f->words->at[k], ':') || f->words->at[k].shape == ATOM_CODE) {
			to = k > i ? k - 1 : k;
			break;
		}
	}
	if ((number && to - i > 1) || (capital && to - i <= NAME_WORDS_MAX))
		take(f, i, to, FOUND_STREET);
}

static void
read_code(const struct form *f, uint32_t i)
{
	const struct atoms *ws = f->words;
	uint32_t to = i;

	while (to < i + 3 && !is_end(ws, i, to) && (ws->at[to].shape == ATOM_NUMBER ||
	    ws->at[to].shape == ATOM_CODE || (ws->at[to].shape == ATOM_UPPER &&
	    ws->at[to].end - ws->at[to].start <= 4)))
		to++;
	if (to > i && (ws->at[i].shape == ATOM_NUMBER || ws->at[i + 1].shape == ATOM_NUMBER))
		take(f, i, to, FOUND_CODE);
}

static void
read_firm(const struct form *f, uint32_t i)
{
	const struct atoms *ws = f->words;
	uint32_t to = line_end(ws, i);
	bool capital = false;

	for (uint32_t k = i; k < to; k++)
		capital |= atom_is_capital(&ws->at[k]);
	if (capital && to - i <= NAME_WORDS_MAX + 2)
		take(f, i, to, FOUND_FIRM);
}

static void
read_value(const struct form *f, enum atom_role role, uint32_t i)
{
	const struct atoms *ws = f->words;
	uint32_t end;

	if (i >= ws->count)
		return;
	switch (role) {
	case ROLE_LABEL_PERSON:
		read_person(f, i);
		break;
	case ROLE_LABEL_PLACE:
		read_place(f, i);
		break;
	case ROLE_LABEL_CODE:
		read_code(f, i);
		break;
	case ROLE_LABEL_STREET:
		read_address(f, i);
		break;
	case ROLE_LABEL_FIRM:
		read_firm(f, i);
		break;
	case ROLE_LABEL_SEX:
		if (ws->at[i].shape >= ATOM_LOWER && ws->at[i].shape <= ATOM_INITIAL)
			take(f, i, i + 1, FOUND_SEX);
		break;
	case ROLE_LABEL_JOB:
		end = line_end(ws, i);
		take(f, i, end <= i + NAME_WORDS_MAX ? end : i, FOUND_TITLE);
		break;
	default:
		break;
	}
}

/* ---- where labels are ---- */

/* The role of the label before the colon at i; its words are no names. */
static enum atom_role
label_before(struct atoms *ws, uint32_t i)
{
	uint32_t to = i, from;
	enum atom_role role;

	if (to > 0 && atom_is_mark(&ws->at[to - 1], '"'))
		to--;
	for (from = to; from > 0 && to - from < LABEL_WORDS_MAX; from--) {
		const struct atom *w = &ws->at[from - 1];

		if ((w->shape == ATOM_MARK && !atom_is_mark(w, '/')) || w->shape == ATOM_NUMBER ||
		    (from < to && ws->at[from].gap >= GAP_LINE))
			break;
	}
	if (from == to)
		return ROLE_NONE;
	for (role = ROLE_NONE; role == ROLE_NONE && from < to; from++)
		role = role_of_label(slice_cut(ws->text, ws->at[from].start, ws->at[to - 1].end),
		    from + 1 < to);
	for (from--; role != ROLE_NONE && from < to; from++)
		ws->at[from].taken = true;
	return role;
}

void
form_look(struct founds *founds, struct atoms *ws)
{
	struct form f = { founds, ws };

	for (uint32_t i = 1; i < ws->count; i++) {
		enum atom_role role;
		uint32_t at = i + 1;

		if (!atom_is_mark(&ws->at[i], ':') && !atom_is_mark(&ws->at[i], '='))
			continue;
		role = label_before(ws, i);
		if (role == ROLE_NONE || role == ROLE_LABEL_OTHER)
			continue;
		while (at < ws->count && (atom_is_mark(&ws->at[at], '"') ||
		    atom_is_mark(&ws->at[at], '\'')))
			at++;
		if (ws->at[at].gap < GAP_PARAGRAPH)
			read_value(&f, role, at);
	}
}

void
form_look_at_key(struct founds *founds, struct atoms *ws, struct slice key)
{
	enum atom_role role = form_role(key);

	if (ws->next >= ws->text.len && ws->count > 0 && ws->count <= LINE_WORDS_MAX)
		read_value(&(struct form){ founds, ws }, role, 0);
}
