/* SPDX-License-Identifier: Apache-2.0 */
#include "shape/moment.h"

#include "core/slice.h"

#define C(name)	CONCEPT_BIT(name)

#define THREE(a, b, c)	((uint32_t)(a) | (uint32_t)(b) << 8 | (uint32_t)(c) << 16)

/* The first three letters of months, in lower case, in the languages that write them so. */
static bool
is_month(uint32_t three)
{
	switch (three) {
	case THREE('a', 'b', 'r'): case THREE('a', 'g', 'o'): case THREE('a', 'o', 0xc3):
	case THREE('a', 'p', 'r'): case THREE('a', 'r', 'a'): case THREE('a', 'u', 'g'):
	case THREE('a', 'v', 'r'): case THREE('b', 'r', 'e'): case THREE('c', 'z', 'e'):
	case THREE('d', 'e', 'c'): case THREE('d', 'e', 'z'): case THREE('d', 'i', 'c'):
	case THREE('d', 'u', 'b'): case THREE('d', 0xc3, 0xa9): case THREE('e', 'k', 'i'):
	case THREE('e', 'l', 'o'): case THREE('e', 'n', 'e'): case THREE('e', 'y', 'l'):
	case THREE('f', 'e', 'b'): case THREE('f', 'e', 'v'): case THREE('f', 0xc3, 0xa9):
	case THREE('g', 'e', 'n'): case THREE('g', 'i', 'u'): case THREE('g', 'r', 'u'):
	case THREE('h', 'a', 'z'): case THREE('h', 'e', 'i'): case THREE('h', 'e', 'l'):
	case THREE('j', 'a', 'n'): case THREE('j', 'o', 'u'): case THREE('j', 'u', 'i'):
	case THREE('j', 'u', 'l'): case THREE('j', 'u', 'n'): case THREE('k', 'a', 's'):
	case THREE('k', 'e', 's'): case THREE('k', 'v', 0xc4): case THREE('k', 'w', 'i'):
	case THREE('l', 'e', 'd'): case THREE('l', 'i', 'p'): case THREE('l', 'i', 's'):
	case THREE('l', 'o', 'k'): case THREE('l', 'u', 'g'): case THREE('l', 'u', 't'):
	case THREE('m', 'a', 'a'): case THREE('m', 'a', 'g'): case THREE('m', 'a', 'i'):
	case THREE('m', 'a', 'j'): case THREE('m', 'a', 'r'): case THREE('m', 'a', 'y'):
	case THREE('m', 'e', 'i'): case THREE('m', 'r', 't'): case THREE('m', 0xc3, 0xa4):
	case THREE('n', 'i', 's'): case THREE('n', 'o', 'v'): case THREE('o', 'c', 'a'):
	case THREE('o', 'c', 't'): case THREE('o', 'k', 't'): case THREE('o', 't', 't'):
	case THREE('o', 'u', 't'): case THREE('p', 'a', 'z'): case THREE('s', 'e', 'p'):
	case THREE('s', 'e', 't'): case THREE('s', 'i', 'e'): case THREE('s', 'i', 'j'):
	case THREE('s', 't', 'y'): case THREE('s', 'u', 'b'): case THREE('s', 'y', 'y'):
	case THREE('t', 'e', 'm'): case THREE('u', 'n', 'o'): case THREE('w', 'r', 'z'):
		return true;
	default:
		return false;
	}
}

static bool
is_word_or_high(unsigned char c)
{
	return eye_is_letter(c) || c >= 0x80;
}

/* Where the word ends that begins at `at` as a month does; 0 if it does not. */
static uint32_t
month_end(const struct eye *s, uint32_t at)
{
	uint32_t end = at + 3, three = 0;

	for (unsigned i = 0; i < 3; i++) {
		unsigned char c = eye_at(s, at + i);

		if (!is_word_or_high(c))
			return 0;
		three |= (uint32_t)(c < 0x80 ? c | 0x20 : c) << 8 * i;
	}
	if (!is_month(three))
		return 0;
	while (end - at < 12 && is_word_or_high(eye_at(s, end)))
		end++;
	return end - at < 12 ? end : 0;
}

/* Only names that are long enough to be whole: "mar" is a month, "market" is not. */
static bool
is_month_word(const struct eye *s, uint32_t at, uint32_t end)
{
	static const char whole[][14] = {
		"january", "february", "march", "april", "may", "june", "july", "august",
		"september", "october", "november", "december", "sept", "enero", "febrero",
		"marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "setiembre",
		"octubre", "noviembre", "diciembre", "januar", "februar", "mai", "juni", "juli",
		"oktober", "dezember", "janvier", "mars", "avril", "juin", "juillet", "septembre",
		"octobre", "novembre", "gennaio", "febbraio", "aprile", "maggio", "giugno",
		"luglio", "settembre", "ottobre", "dicembre", "januari", "februari", "maart",
		"mei", "augustus", "janeiro", "fevereiro", "maio", "junho", "julho", "setembro",
		"outubro", "dezembro", "maj", "augusti", "desember", "février", "août",
		"décembre", "märz", "março", "stycznia", "lutego", "marca", "kwietnia", "maja",
		"czerwca", "lipca", "sierpnia", "września", "grudnia", "ocak", "mayıs", "haziran",
		"temmuz", "ağustos", "ekim", "kasım", "aralık",
	};
	struct slice word = slice_of(s->p + at, end - at);

	if (end - at == 3 || month_end(s, at) == 0)
		return end - at == 3 && month_end(s, at) == end;
	for (unsigned i = 0; i < sizeof whole / sizeof whole[0]; i++) {
		uint32_t n = 0;

		while (n < word.len && whole[i][n] != 0 && (whole[i][n] == word.ptr[n] ||
		    whole[i][n] == (word.ptr[n] | 0x20)))
			n++;
		if (n == word.len && n < 14 && whole[i][n] == 0)
			return true;
	}
	return false;
}

/* The month at `at`; its end, or 0. */
static uint32_t
month_at(const struct eye *s, uint32_t at)
{
	uint32_t end = month_end(s, at);

	return end != 0 && is_month_word(s, at, end) ? end : 0;
}

static bool
ends(const struct eye *s, uint32_t end)
{
	unsigned char c = eye_at(s, end);

	if ((c == '-' || c == '/') && eye_is_word(eye_at(s, end + 1)))
		return false;
	return !eye_is_word(c) && c != '_' && !(c == '.' && eye_is_digit(eye_at(s, end + 1)));
}

/* ---- times ---- */

/* The end of "Z", "+01:00", " pm" behind a time, or `at`. */
static uint32_t
zone_end(const struct eye *s, uint32_t at)
{
	uint32_t i = at + (eye_at(s, at) == ' ');
	unsigned char c = eye_at(s, i) | 0x20;

	if (eye_at(s, at) == 'Z')
		return at + 1;
	if ((c == 'a' || c == 'p') && (eye_at(s, i + 1) | 0x20) == 'm')
		return i + 2;
	if ((eye_at(s, at) != '+' && eye_at(s, at) != '-') || eye_digits(s, at + 1, 3) != 2)
		return at;
	return at + 3 + (eye_at(s, at + 3) == ':' && eye_digits(s, at + 4, 3) == 2 ? 3 : 0);
}

/* The end of "T09:15:30.500-07:00", " 07:00:28", or `at`. */
static uint32_t
time_end(const struct eye *s, uint32_t at)
{
	unsigned char c = eye_at(s, at);
	uint32_t i = at + (c == ',' && eye_at(s, at + 1) == ' ' ? 2 : 1), hours = eye_digits(s, i,
	    3);

	if (c != 'T' && c != 't' && c != ' ' && i == at + 1)
		return at;
	i += hours;
	if (hours == 0 || hours > 2 || eye_at(s, i) != ':' || eye_digits(s, i + 1, 3) != 2)
		return at;
	i += 3;
	if (eye_at(s, i) == ':' && eye_digits(s, i + 1, 3) == 2)
		i += 3;
	if ((eye_at(s, i) == '.' || eye_at(s, i) == ',') && eye_is_digit(eye_at(s, i + 1)))
		i += 1 + eye_digits(s, i + 1, 12);
	return zone_end(s, i);
}

/* ---- dates ---- */

/* What was read: its end, and how sure one may be. */
struct date {
	uint32_t	start, end;
	unsigned	score;
	bool		short_one;	/* 05/21: month and year of a card, or month and day */
	bool		year;		/* and nothing more */
};

static bool
is_gap(unsigned char c)
{
	return c == '/' || c == '-' || c == '.';
}

static bool
is_year(uint32_t year)
{
	return year >= 1850 && year < 2100;
}

/* Numbers of up to four digits with one separator between them. */
struct numbers {
	uint32_t	n[3], len[3], count;
	unsigned char	gap;
	uint32_t	end;
};

static bool
read_numbers(const struct eye *s, uint32_t start, struct numbers *r)
{
	uint32_t i = start;

	*r = (struct numbers){ 0 };
	for (;;) {
		uint32_t len = eye_digits(s, i, 5);

		if (len == 0 || len > 4 || len == 3)
			return false;
		r->len[r->count] = len;
		r->n[r->count++] = eye_number(s, &i, 4);
		r->end = i;
		if (r->count == 3 || !is_gap(eye_at(s, i)) || (r->gap != 0 &&
		    eye_at(s, i) != r->gap) ||
		    !eye_is_digit(eye_at(s, i + 1)))
			return true;
		r->gap = eye_at(s, i++);
	}
}

static unsigned
score_of_three(const struct numbers *r)
{
	bool days = r->n[0] - 1 < 31 && r->n[1] - 1 < 31 && (r->n[0] <= 12 || r->n[1] <= 12);

	if (r->len[0] == 4)
		return r->len[1] <= 2 && r->len[2] <= 2 && is_year(r->n[0]) && r->n[1] - 1 < 12 &&
		    r->n[2] - 1 < 31 ? 90 : 0;
	if (r->len[1] > 2 || !days)
		return 0;
	if (r->len[2] == 4)
		return is_year(r->n[2]) ? 88 : 0;
	if (r->len[2] != 2)
		return 0;
	/* 3.11.95 may be a version. */
	return r->gap == '/' ? 70 : r->gap == '.' && (r->len[0] < 2 || r->len[1] < 2) ? 30 : 60;
}

/* 05/2021 and 5/21: the first is a month and a year, the second anything. */
static unsigned
score_of_two(const struct numbers *r)
{
	if (r->len[0] > 2 || r->gap == '.')
		return 0;
	if (r->len[1] == 4)
		return is_year(r->n[1]) && r->n[0] - 1 < 12 ? 70 : 0;
	return r->gap == '/' && r->n[0] - 1 < 31 && r->n[1] - 1 < 99 ? 30 : 0;
}

/* 2024-03-15, 15.03.2024, 3/15/24, 05/2021, 5/21. */
static struct date
read_digits(const struct eye *s, uint32_t start)
{
	struct date d = { .start = start };
	struct numbers r;

	if (!read_numbers(s, start, &r))
		return d;
	d.end = r.end;
	d.score = r.count == 3 ? score_of_three(&r) : r.count == 2 ? score_of_two(&r) : 0;
	d.short_one = r.count == 2;
	return d;
}

/* Spaces, a comma, "de", "of", "-" between the parts of a date in words. */
static uint32_t
skip_between(const struct eye *s, uint32_t at)
{
	uint32_t i = at;

	while (i - at < 6) {
		unsigned char c = eye_at(s, i), d = (unsigned char)(eye_at(s, i) | 0x20);

		if (c == ' ' || c == '-' || c == ',' || c == '.' || c == '/')
			i++;
		else if (d == 'd' && (eye_at(s, i + 1) | 0x20) == 'e' && eye_at(s, i + 2) == ' ')
			i += 3;
		else if (d == 'o' && (eye_at(s, i + 1) | 0x20) == 'f' && eye_at(s, i + 2) == ' ')
			i += 3;
		else
			break;
	}
	return i;
}

/* The end of "st", "th" behind a day, or `at`. */
static uint32_t
ordinal_end(const struct eye *s, uint32_t at)
{
	return eye_is_letter(eye_at(s, at)) && eye_is_letter(eye_at(s, at + 1)) &&
	    !eye_is_letter(eye_at(s, at + 2)) ? at + 2 : at;
}

/* 5 May 2021, 20-abril-2004, 21st of May, 5. Mai 2021. */
static struct date
read_day_month(const struct eye *s, uint32_t start)
{
	struct date d = { .start = start };
	uint32_t i = start, day = eye_number(s, &i, 2), month, year, digits;

	if (i - start > 2 || day - 1 >= 31 || eye_is_digit(eye_at(s, i)))
		return d;
	i = ordinal_end(s, i);
	month = skip_between(s, i);
	if (month == i || (i = month_at(s, month)) == 0)
		return d;
	d.end = i;
	d.score = 75;
	year = skip_between(s, i);
	digits = eye_digits(s, year, 5);
	if (year > i && (digits == 4 || (digits == 2 && eye_at(s, i) == '-'))) {
		uint32_t at = year, value = eye_number(s, &at, 4);

		if (digits == 2 || is_year(value)) {
			d.end = at;
			d.score = 90;
		}
	}
	return d;
}

/* Where the month ends that stands in front of digits, behind which only " de " may be. */
static uint32_t
month_before(const struct eye *s, uint32_t start)
{
	uint32_t at = start;
	unsigned char c = eye_at(s, at - 1);

	while (start - at < 5 && (c == ' ' || c == '-' || c == '.' || c == ',')) {
		at--;
		c = eye_at(s, at - 1);
	}
	if (at < start && at > 2 && (s->p[at - 1] | 0x20) == 'e' && (s->p[at - 2] | 0x20) == 'd' &&
	    s->p[at - 3] == ' ')
		at -= 3;
	return at < start ? at : 0;
}

/* May 5, 2021; May-21; enero de 2006: the month stands in front of the digits. */
static struct date
read_month_first(const struct eye *s, uint32_t start)
{
	struct date d = { .start = start };
	uint32_t at = month_before(s, start), month = at, i = start, year;
	uint32_t digits = eye_digits(s, start, 5), value = eye_number(s, &i, 4);

	while (at - month < 12 && is_word_or_high(eye_at(s, month - 1)))
		month--;
	if (at == 0 || month == at || eye_is_word(eye_at(s, month - 1)) || month_at(s, month) != at)
		return d;
	if (digits == 4 ? !is_year(value) : digits > 2 || value - 1 >= 31)
		return d;
	d.start = month;
	d.end = i;
	d.score = digits == 4 ? 85 : 75;
	if (digits == 4)
		return d;
	d.end = ordinal_end(s, i);
	year = skip_between(s, d.end);
	if (year > d.end && eye_digits(s, year, 5) == 4 && is_year(eye_number(s, &year, 4))) {
		d.end = year;
		d.score = 90;
	}
	return d;
}

/* A 2017 Polish film, the 1996 Act: a year between an article and a capital. */
static bool
is_year_of(const struct eye *s, struct slice article, uint32_t end)
{
	return (slice_same_word(article, S("a")) || slice_same_word(article, S("the"))) &&
	    eye_at(s, end) == ' ' && (unsigned)(eye_at(s, end + 1) - 'A') < 26;
}

/* A year behind a word that stands before years: in 2014, desde 1998. */
static struct date
read_year(const struct eye *s, uint32_t start)
{
	static const char words[][10] = {
		"in", "since", "during", "of", "until", "from", "by", "year", "en", "desde",
		"seit", "im", "jahr", "anno", "del", "de", "ano", "a\xc3\xb1o", "dal", "nel", "em",
		    "depuis",
	};
	struct date d = { .start = start };
	uint32_t i = start, word;

	if (eye_digits(s, start, 5) != 4 || !is_year(eye_number(s, &i, 4)) || start < 3 ||
	    s->p[start - 1] != ' ')
		return d;
	for (word = start - 1; start - word < 10 && is_word_or_high(eye_at(s, word - 1)); word--)
		;
	for (unsigned w = 0; w < sizeof words / sizeof words[0]; w++) {
		uint32_t n = 0;

		while (n < start - 1 - word && (words[w][n] == s->p[word + n] ||
		    words[w][n] == (s->p[word + n] | 0x20)))
			n++;
		if (n == start - 1 - word && words[w][n] == 0 && n > 0) {
			d.end = i;
			d.score = 60;
			d.year = true;
		}
	}
	if (d.end == 0 && is_year_of(s, slice_of(s->p + word, start - 1 - word), i)) {
		d.end = i;
		d.score = 55;
		d.year = true;
	}
	return d;
}

/* The text is this date: then even a short one is one. */
static bool
is_lone(const struct eye *s, const struct date *d)
{
	return d->start <= 1 && s->len - d->end <= 1;
}

static uint32_t
add_date(struct eye *s, struct date *d)
{
	struct topic topic = { 0 };
	enum detect_type type = TYPE_date_time;
	unsigned evidence = EVIDENCE_SHAPE;

	/* Years are too many to ask what each is about. */
	if (!d->year)
		topic = context_of(&s->context, d->start, d->end);
	if ((topic.what & C(EXPIRY)) != 0 && d->short_one) {
		type = TYPE_card_expiry;
		d->score = 90;
	} else if ((topic.what & C(BIRTH)) != 0) {
		type = TYPE_date_of_birth;
		d->score = d->score < 60 ? 70 : 92;
	} else if (d->score < 45 && ((topic.what & C(DATE)) != 0 || is_lone(s, d))) {
		d->score = 60;
	}
	if (d->score < 45)
		return 0;
	evidence |= topic.what & (C(EXPIRY) | C(BIRTH) | C(DATE)) ? (unsigned)EVIDENCE_CONTEXT : 0;
	eye_add(s, d->start, d->end, type, eye_score(d->score, evidence));
	context_used(&s->context, d->end, topic);
	return d->end;
}

/* Is what stands in front of the digits no part of them? */
static bool
begins(const struct eye *s, uint32_t start)
{
	unsigned char before = eye_at(s, start - 1), further = eye_at(s, start - 2);

	if (eye_is_word(before) || before == '_' || before == '#' || before == '$')
		return false;
	if (before == '/' || before == '.')
		return !eye_is_word(further);
	if (before == '-')
		return is_word_or_high(further);
	return before != ':' || !eye_is_digit(further);
}

uint32_t
moment_date(struct eye *s, uint32_t start)
{
	bool dash = eye_at(s, start - 1) == '-';
	struct date d = { 0 };

	if (!begins(s, start))
		return 0;
	if (!dash)
		d = read_digits(s, start);
	if (d.score == 0 && !dash)
		d = read_day_month(s, start);
	if (d.score == 0)
		d = read_month_first(s, start);
	if (d.score == 0 && eye_at(s, start - 1) == ' ')
		d = read_year(s, start);
	if (d.score == 0 || eye_at(s, d.end) == '%')
		return 0;
	d.end = time_end(s, d.end);
	return ends(s, d.end) ? add_date(s, &d) : 0;
}

uint32_t
moment_weekday(struct eye *s, uint32_t day)
{
	static const struct slice names[] = {
		{ "mon", 3 }, { "tues", 4 }, { "wednes", 6 }, { "thurs", 5 }, { "fri", 3 },
		{ "satur", 5 }, { "sun", 3 },
	};
	uint32_t end = day + 3;

	if (eye_is_word(eye_at(s, end)))
		return 0;
	for (unsigned i = 0; i < 7; i++) {
		uint32_t n = (uint32_t)names[i].len;

		if (day < n || eye_is_word(eye_at(s, day - n - 1)))
			continue;
		if (!slice_same_word(names[i], slice_of(s->p + day - n, n)))
			continue;
		eye_add(s, day - n, end, TYPE_date_time, eye_score(50, EVIDENCE_SHAPE));
		return end;
	}
	return 0;
}

/* ---- ages ---- */

/* Does one of the words, each of which ends with '|', stand at `at`? */
static uint32_t
has_one(const struct eye *s, uint32_t at, const char *words)
{
	while (*words != 0) {
		uint32_t i = 0;

		while (words[i] != '|' && (eye_at(s, at + i) == (unsigned char)words[i] ||
		    (eye_at(s, at + i) | 0x20) == (unsigned char)words[i]))
			i++;
		if (words[i] == '|')
			return i;
		while (*words++ != '|')
			;
	}
	return 0;
}

/* Does one of the words stand in front of `end`? */
static bool
behind_one(const struct eye *s, uint32_t end, const char *words)
{
	unsigned char last = eye_at(s, end - 1), further = eye_at(s, end - 2);

	/* Each ends with a space or a colon behind a word. */
	if ((last != ' ' && last != ':') || (!is_word_or_high(further) && further != ':'))
		return false;
	for (; *words != 0; words++) {
		uint32_t n = 0;

		while (words[n] != '|')
			n++;
		/* The last but one tells most of them apart. */
		if (end >= n && n > 1 && (s->p[end - 2] | 0x20) == (words[n - 2] | 0x20) &&
		    !eye_is_letter(eye_at(s, end - n - 1))) {
			uint32_t i = 0;

			while (i < n && (s->p[end - n + i] == words[i] ||
			    (s->p[end - n + i] | 0x20) == words[i]))
				i++;
			if (i == n)
				return true;
		}
		words += n;
	}
	return false;
}

/* How far "years old" and the like are what they seem, where an age was read up to `i`. */
static unsigned
score_of_english(const struct eye *s, uint32_t i)
{
	while (eye_at(s, i) == ' ' || eye_at(s, i) == '-')
		i++;
	return has_one(s, i, "old|of age|") ? 92 : 0;
}

/* "a los 52 años", "mujer de 52 años", but not "hace 5 años" and "5 años de evolución". */
static unsigned
score_of_spanish(const struct eye *s, uint32_t start, uint32_t unit, uint32_t end)
{
	static const char spans[] = "hace |hace unos |durante |tras |cada |últimos |primeros |"
	    "siguientes |unos |después de |en |hacía |lleva |más |otros |trascurrido |";
	static const char of_things[] = " de evol| de segui| de durac| de antig| despu| antes|"
	    " de tratam| desde| de histo| más tarde| de supervi| de post| previo| posterior|"
	    " tras|";
	static const char of_somebody[] = "edad: |edad:|varón de |mujer de |niño de |niña de |"
	    "paciente de |lactante de |paciente varón de |hombre de |";

	if (has_one(s, end, " de edad|") != 0)
		return 95;
	if (behind_one(s, start, spans) || has_one(s, end, of_things) != 0)
		return 0;
	return has_one(s, unit, "años|anos|") != 0 || behind_one(s, start, of_somebody) ? 75 : 0;
}

/* With which the words begin that follow. */
static bool
is_unit_letter(unsigned char c)
{
	static const char first[] = "yjadwmsl-";

	for (unsigned i = 0; i < sizeof first - 1; i++)
		if ((c | 0x20) == (unsigned char)first[i])
			return true;
	return false;
}

/* "52 years old", "52-year-old", "52 y/o", "52 años" of somebody and not of a thing. */
static unsigned
score_of_unit(const struct eye *s, uint32_t start, uint32_t end)
{
	uint32_t i = end + (eye_at(s, end) == ' ' || eye_at(s, end) == '-'), unit;

	if (!is_unit_letter(eye_at(s, i)))
		return 0;
	if ((unit = has_one(s, i, "years|year|yrs|yr|months|month|weeks|week|")) != 0)
		return score_of_english(s, i + unit);
	if (has_one(s, i, "y/o|yo |y.o.|yo,|jahre alt|jaar oud|jährig|jaehrig|yaşında|") != 0)
		return 90;
	if (has_one(s, i, "ans |anni |lat |") != 0)
		return behind_one(s, start, "de |di |ma |wiek |") ? 60 : 0;
	if ((unit = has_one(s, i, "años|anos|meses|mes|días|dias|semanas|")) != 0)
		return score_of_spanish(s, start, i, i + unit);
	return 0;
}

/* Does a sentence go on behind an age that stands without a unit: "when he was 65."? */
static bool
ends_alone(const struct eye *s, uint32_t end)
{
	static const char ends[] = ".,;\n\"?!";
	unsigned char c = eye_at(s, end);

	for (unsigned i = 0; i < sizeof ends; i++)
		if (c == (unsigned char)ends[i])
			return true;
	return c == ' ' && (eye_at(s, end + 1) < 'A' || has_one(s, end + 1, "years|and|sex|when|"));
}

static unsigned
score_of_age(struct eye *s, uint32_t start, uint32_t end)
{
	static const char before[] = "turned |turn |turning |aged |age |age of |age: |age:|edad: |"
	    "edad:|edad |edad de |alter: |alter:|im alter von |âge : |he was |she was |i was |"
	    "i am |i'm |he is |she is |who is |";
	unsigned score = score_of_unit(s, start, end);

	if (start > 1 && s->p[start - 1] == ' ' && s->p[start - 2] == ' ')
		start--;
	if (score == 0 && !eye_is_digit(eye_at(s, start - 2)) && ends_alone(s, end) &&
	    behind_one(s, start, before))
		return 80;
	if (score == 0 && s->look->key.len > 0 && start <= 1 && s->len - end <= 1)
		return (context_of(&s->context, start, end).what & C(AGE)) != 0 ? 85 : 0;
	return score;
}

uint32_t
moment_age(struct eye *s, uint32_t start)
{
	uint32_t end = start, digits = eye_digits(s, start, 4), value = eye_number(s, &end, 3);
	unsigned char c = eye_at(s, end);
	unsigned score;

	if (digits > 3 || value > 120 || eye_is_word(eye_at(s, start - 1)) || c == '%')
		return 0;
	if ((c == '.' || c == ',') && eye_is_digit(eye_at(s, end + 1)))
		return 0;
	if ((score = score_of_age(s, start, end)) == 0)
		return 0;
	eye_add(s, start, end, TYPE_age, eye_score(score, EVIDENCE_SHAPE | EVIDENCE_CONTEXT));
	return end;
}
