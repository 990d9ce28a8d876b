/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/detect.h"

#include "core/text.h"

#include "blocks.h"
#include "check.h"

/* ---- the lists are in the table ---- */

enum how { ANYWHERE, UPPER, SLASHED, STANDS, KEY, CODE, VALUE, AGE, AGED };

static const struct {
	unsigned type;
	enum how how;
	const char *phrases;
} rows[] = {
#define TERM(type, how, phrases)	{ TYPE_##type, how, phrases },
#include "term/marking.tbl"
#include "term/health.tbl"
#include "term/special.tbl"
#include "term/business.tbl"
#include "term/injection_phrase.tbl"
#undef TERM
};

static void
look(struct arena *a, struct slice text, struct slice key, struct findings *out)
{
	findings_init(out, a);
	detect_look(&(struct look){ .text = text, .key = key, .arena = a, .findings = out,
	    .wide = true }, DETECT_TERMS);
}

static bool
has(const struct findings *f, unsigned type, size_t start, size_t end)
{
	for (uint32_t i = 0; i < f->count; i++)
		if (f->at[i].type == type && f->at[i].start == start && f->at[i].end == end)
			return true;
	return false;
}

/* Puts the phrase as its row wants it written. */
static void
put_phrase(struct text *t, enum how how, struct slice phrase)
{
	bool slashed = how != SLASHED;

	for (size_t i = 0; i < phrase.len; i++) {
		char c = phrase.ptr[i];

		if (!slashed && c == ' ') {
			text_put(t, S("//"));
			slashed = true;
			continue;
		}
		if ((how == UPPER || how == SLASHED) && c >= 'a' && c <= 'z')
			c &= ~0x20;
		text_put_char(t, c);
	}
}

/* Is one phrase found in a text that is made for its row? */
static bool
is_found(struct arena *a, size_t row, struct slice phrase)
{
	enum how how = rows[row].how;
	struct findings f;
	struct text t;
	char room[512];
	size_t end;

	text_init(&t, room, sizeof room);
	text_put(&t, how == AGE ? S("9 ") : how == STANDS ? S("Classification: ") : S(""));
	put_phrase(&t, how, phrase);
	text_put(&t, how == KEY ? S(": internal") : how == CODE ? S(" E11.9")
	    : how == VALUE ? S(" 6.5 mmol/l") : how == AGED ? S(": 9") : S(""));
	end = t.len;
	text_put(&t, S("\n"));
	look(a, text_slice(&t), S(""), &f);
	switch (how) {
	case KEY:
		return has(&f, TYPE_marking_internal, end - 8, end);
	case CODE:
		return has(&f, TYPE_icd10_code, end - 5, end);
	case STANDS:
		return has(&f, rows[row].type, 16, end);
	default:
		return has(&f, rows[row].type, 0, end);
	}
}

/* All spellings of a phrase: "word(e,en)" is word, worde, worden. */
static bool
are_found(struct arena *a, size_t row, struct slice phrase)
{
	size_t open = slice_find(phrase, S("(")), close = slice_find(phrase, S(")"));
	char room[256];
	bool found = true;

	if (open == phrase.len)
		return is_found(a, row, phrase);
	for (size_t from = open; from <= close;) {
		size_t to = from + (from > open), len = open;

		memcpy(room, phrase.ptr, open);
		while (from > open && to < close && phrase.ptr[to] != ',')
			to++;
		if (from > open) {
			memcpy(room + len, phrase.ptr + from, to - from);
			len += to - from;
		}
		memcpy(room + len, phrase.ptr + close + 1, phrase.len - close - 1);
		len += phrase.len - close - 1;
		found &= is_found(a, row, slice_of(room, len));
		from = from == open ? open + 1 : to + 1;
	}
	return found;
}

static void
check_lists(struct arena *a)
{
	unsigned missing = 0, count = 0;

	for (size_t row = 0; row < COUNT_OF(rows); row++) {
		const char *p = rows[row].phrases, *end = p + strlen(p);

		for (; p < end; count++) {
			const char *bar = memchr(p, '|', (size_t)(end - p));
			struct slice phrase = slice_of(p, (size_t)((bar == NULL ? end : bar) - p));

			if (!are_found(a, row, phrase)) {
				printf("#   %s: %.*s\n", type_info(rows[row].type)->name.ptr,
				    (int)phrase.len, phrase.ptr);
				missing++;
			}
			p += phrase.len + 1;
			arena_reset(a);
		}
	}
	check(count > 2000, "there are %u phrases", count);
	check_int(missing, 0, "each is found (if not: tool/terms)");
}

/* ---- where a marking stands ---- */

#define NONE	TYPE_COUNT

static const struct {
	const char *text, *key;
	unsigned type;
	const char *why;
} cases[] = {
	{ "CONFIDENTIAL\n\nThe plan is this.", "", TYPE_marking_confidential, "a line of its own" },
	{ "a\n*** Confidential ***\nb and some more text, long enough for a document", "",
	    TYPE_marking_confidential, "between stars" },
	{ "Acme Corp - Confidential\nThe plan", "", TYPE_marking_confidential, "behind a dash" },
	{ "Vertraulich - nur f\u00fcr den Vorstand", "", TYPE_marking_confidential, "before a dash" },
	{ "Classification: internal", "", TYPE_marking_internal, "behind a key" },
	{ "{\"sensitivity\": \"Restricted\"}", "", TYPE_marking_secret, "behind a key in JSON" },
	{ "Restricted", "data_classification", TYPE_marking_secret, "below a key" },
	{ "Strictly confidential | Page 3 of 7\nText", "", TYPE_marking_secret, "before a page" },
	{ "This mail is CONFIDENTIAL, so be careful.", "", TYPE_marking_confidential, "in capitals" },
	{ "\u3010\u793e\u5916\u79d8\u3011\u4f1a\u8b70\u306e\u8b70\u4e8b\u9332", "", TYPE_marking_confidential,
	    "in brackets of Japanese" },
	{ "CONF\u0130DENT\u0130AL \u00c7OK G\u0130ZL\u0130\nx", "", NONE,
	    "not in a line with other words" },
	{ "\u00c7OK G\u0130ZL\u0130\nBu belge", "", TYPE_classified, "Turkish capitals" },
	{ "\u015aCI\u015aLE POUFNE\ndokument zarz\u0105du", "", TYPE_marking_secret, "Polish capitals" },
	{ "\u0421\u0415\u041a\u0420\u0415\u0422\u041d\u041e\n\u043f\u043b\u0430\u043d and more", "", TYPE_classified,
	    "Cyrillic capitals" },
	{ "CON\u200bFIDENTIAL\nsome more text follows here, and more", "",
	    TYPE_marking_confidential, "with a hole" },
	{ "Q09ORklERU5USUFMCgpUaGUgcGxhbiBpcyB0aGlzLg==", "", TYPE_marking_confidential,
	    "in base64" },
	{ "He said that it was confidential.", "", NONE, "in prose" },
	{ "Please keep this confidential, will you?", "", NONE, "as a request" },
	{ "The confidential - and secret - talks went on.", "", NONE, "between dashes of prose" },
	{ "Set CLIENT_SECRET and SECRET=x in the INTERNAL config", "", NONE, "as names of code" },
	{ "SECRET = \"tv-0123\"\nassert f(SECRET)", "", NONE, "as a variable" },
	{ "private static final String SECRET = \"x\";", "", NONE, "as a constant" },
	{ "| name | Private | yes |\n| b | Secret | no |", "", NONE, "as a cell" },
	{ "visibility: Private\nother: things of this file", "", NONE, "as a value of something else" },
	{ "Confidential", "", NONE, "as all there is" },
	{ "THE SECRET OF MY SUCCESS IS CONFIDENTIAL AND HARD WORK", "", NONE, "in shouting" },
	{ "secret//noforn", "", NONE, "a banner in small letters" },
	{ "(S//NF) The convoy", "", TYPE_classified, "a portion mark" },
	{ "tlp red tape", "", NONE, "no capitals" },
	{ "do not\n\ndistribute", "", NONE, "two paragraphs" },
	{ "do-not_distribute", "", TYPE_no_distribution, "other separators" },
};

static const struct {
	const char *text, *found;
	unsigned type;
} clinical[] = {
	{ "Diagnoses: E11.9, I10 and F32.1 since", "E11.9", TYPE_icd10_code },
	{ "Diagnoses: E11.9, I10 and F32.1 since", "F32.1", TYPE_icd10_code },
	{ "ICD-10-CM S52.521A", "S52.521A", TYPE_icd10_code },
	{ "creatinine was 1.4 mg/dL", "creatinine was 1.4 mg/dL", TYPE_lab_value },
	{ "BP: blood pressure 140/90 mmHg", "blood pressure 140/90 mmHg", TYPE_lab_value },
	{ "a 12-year-old boy", "12-year-old", TYPE_minor },
	{ "Edad: 9 a\u00f1os", "Edad: 9", TYPE_minor },
	{ "ist 7 Jahre alt", "7 Jahre alt", TYPE_minor },
	{ "Diagnose einer Infektion mit Parvovirus B19", NULL, TYPE_icd10_code },
	{ "the part E11.9", NULL, TYPE_icd10_code },
	{ "a diagnosis of 100 parts M6x20", NULL, TYPE_icd10_code },
	{ "got 20 % more", NULL, TYPE_lab_value },
	{ "he is 42 years old", NULL, TYPE_minor },
	{ "a girl of 42", NULL, TYPE_minor },
	{ "in 2.5 years old wine", NULL, TYPE_minor },
};

static void
check_cases(struct arena *a)
{
	struct findings f;

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		bool seen = cases[i].type == NONE;

		look(a, slice_of(cases[i].text, strlen(cases[i].text)),
		    slice_of(cases[i].key, strlen(cases[i].key)), &f);
		for (uint32_t k = 0; k < f.count; k++)
			seen = cases[i].type != NONE &&
			    (seen || f.at[k].type == cases[i].type);
		if (!check(seen, "%s", cases[i].why) && f.count > 0)
			printf("#   %s\n", type_info(f.at[0].type)->name.ptr);
		arena_reset(a);
	}
	for (size_t i = 0; i < COUNT_OF(clinical); i++) {
		struct slice text = slice_of(clinical[i].text, strlen(clinical[i].text));
		size_t start = 0, len = 0;

		look(a, text, S(""), &f);
		if (clinical[i].found != NULL) {
			len = strlen(clinical[i].found);
			start = slice_find(text, slice_of(clinical[i].found, len));
			check(has(&f, clinical[i].type, start, start + len), "%s",
			    clinical[i].found);
			continue;
		}
		for (uint32_t k = 0; k < f.count; k++)
			len += f.at[k].type == clinical[i].type;
		check_int((int64_t)len, 0, "nothing in: %s", clinical[i].text);
	}
}

/* ---- the pipeline ---- */

static void
check_pipeline(struct arena *a)
{
	/* base64 of base64 of "TLP:RED, do not distribute" */
	struct slice twice = S("see VkV4UU9sSkZSQ3dnWkc4Z2JtOTBJR1JwYzNSeWFXSjFkR1U9 there");
	struct slice hidden = S("x TLP\xe2\x80\x8b:RED y");
	struct findings f;

	look(a, twice, S(""), &f);
	check_int(f.count, 2, "what a run hides twice is found, and several things share it");
	check(f.count == 2 && f.at[0].start == 4 && f.at[1].end == twice.len - 6 &&
	    f.at[0].end == f.at[1].start, "the findings cover all of the run");
	check(f.count == 2 && f.at[0].evidence & f.at[1].evidence & EVIDENCE_DECODED, "and say so");
	look(a, hidden, S(""), &f);
	check(f.count == 1 && has(&f, TYPE_tlp_red, 2, 12), "the span is that of the text as is");
	check(f.count == 1 && f.at[0].evidence & EVIDENCE_DECODED, "and says that it was hidden");
}

/* Words at every place around the blocks. */
static void
check_places(struct arena *a)
{
	char room[256];
	bool good = true;

	for (size_t at = 0; at < 140; at++) {
		struct findings f;

		memset(room, 'x', at);
		for (size_t i = 0; i < at; i += 3)
			room[i] = ' ';
		if (at > 0)
			room[at - 1] = ' ';
		memcpy(room + at, "D\u00c9PRESSION", 11);
		for (size_t more = 0; more < 2; more++) {
			memset(room + at + 11, ' ', more);
			look(a, slice_of(room, at + 11 + more), S(""), &f);
			good &= f.count == 1 && has(&f, TYPE_health_term, at, at + 11);
		}
		memcpy(room + at, "Depression", 10);
		look(a, slice_of(room, at + 10), S(""), &f);
		good &= f.count == 1 && has(&f, TYPE_health_term, at, at + 10);
		arena_reset(a);
	}
	check(good, "a word is found wherever it stands");
}

int
main(void)
{
	struct blocks blocks = BLOCKS;
	struct arena a;

	arena_init(&a, &blocks.memory, 1 << 26);
	check_lists(&a);
	check_cases(&a);
	check_pipeline(&a);
	check_places(&a);
	arena_release(&a);
	return check_done();
}
