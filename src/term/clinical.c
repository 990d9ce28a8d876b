/* SPDX-License-Identifier: Apache-2.0 */
#include "term/clinical.h"

/* How far behind its word a code or a value begins. */
#define CODE_BYTES_MAX	64
#define VALUE_BYTES_MAX	24

/* Between two codes of a list: ", and ". */
#define LIST_BYTES_MAX	6

static bool
is_digit(char c)
{
	return (unsigned)(c - '0') < 10;
}

static bool
is_letter(char c)
{
	return (unsigned)((c | 0x20) - 'a') < 26;
}

static bool
is_word(struct slice s, uint32_t at)
{
	return at < s.len && (is_digit(s.ptr[at]) || is_letter(s.ptr[at]) ||
	    (unsigned char)s.ptr[at] >= 0x80);
}

static char
at(struct slice s, uint32_t i)
{
	return i < s.len ? s.ptr[i] : ' ';
}

/* ---- codes of diagnoses ---- */

/* The end of a code at `i`, or 0: a capital other than U's reserved ones, two digits, a rest. */
static uint32_t
code_end(struct slice s, uint32_t i)
{
	uint32_t end = i + 3, rest;

	if ((unsigned)(at(s, i) - 'A') >= 26 || (i > 0 && is_word(s, i - 1)) ||
	    !is_digit(at(s, i + 1)) || !(is_digit(at(s, i + 2)) || at(s, i + 2) == 'A'))
		return 0;
	rest = end + (at(s, end) == '.');
	while (rest < s.len && rest - end < 5 && is_digit(s.ptr[rest]))
		rest++;
	/* The seventh character of ICD-10-CM; the signs and sides of ICD-10-GM. */
	if (rest > end + 1 && (unsigned)(at(s, rest) - 'A') < 26)
		rest++;
	if (rest == end + 1 && at(s, end) == '.')
		rest = end;
	return is_word(s, rest) ? 0 : rest;
}

void
clinical_code(const struct look *l, uint32_t from)
{
	uint32_t last = from + CODE_BYTES_MAX;

	for (uint32_t i = from; i < l->text.len && i < last && l->text.ptr[i] != '\n'; i++) {
		uint32_t end = code_end(l->text, i);

		/* Three characters are a code only where one is sure to stand. */
		if (end == 0 || (end - i == 3 && i - from > LIST_BYTES_MAX))
			continue;
		findings_add(l->findings, (struct finding){ i, end, TYPE_icd10_code, 85,
		    EVIDENCE_SHAPE | EVIDENCE_CONTEXT });
		last = end + CODE_BYTES_MAX / 4;
		from = end;
		i = end - 1;
	}
}

/* ---- measured values ---- */

static const struct slice units[] = {
	{ "mg/dl", 5 }, { "mmol/l", 6 }, { "mmol/mol", 8 }, { "umol/l", 6 },
	{ "\xce\xbcmol/l", 7 },
	{ "g/dl", 4 }, { "g/l", 3 }, { "u/l", 3 }, { "iu/l", 4 }, { "ui/l", 4 }, { "ie/l", 4 },
	{ "miu/l", 5 }, { "mu/l", 4 }, { "miu/ml", 6 }, { "ng/ml", 5 }, { "ng/l", 4 },
	{ "ng/dl", 5 },
	{ "pg/ml", 5 }, { "pmol/l", 6 }, { "nmol/l", 6 }, { "mg/l", 4 }, { "meq/l", 5 },
	{ "mmhg", 4 }, { "mm hg", 5 }, { "ml/min", 6 }, { "/ul", 3 }, { "/\xce\xbcl", 4 },
	{ "cells/mm3", 9 }, { "copies/ml", 9 }, { "x10", 3 }, { "kg/m2", 5 },
	{ "g%", 2 }, { "%", 1 },
};

static bool
has_digit(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (is_digit(s.ptr[i]))
			return true;
	return false;
}

/* The end of a unit at `i`, or 0. */
static uint32_t
unit_end(struct slice s, uint32_t i)
{
	for (size_t u = 0; u < sizeof units / sizeof units[0]; u++) {
		struct slice here;

		if (s.len - i < units[u].len)
			continue;
		here = slice_cut(s, i, i + units[u].len);
		if (slice_same_word(here, units[u]) && !is_word(s, i + (uint32_t)here.len))
			return i + (uint32_t)here.len;
	}
	return 0;
}

void
clinical_value(const struct look *l, uint32_t start, uint32_t end)
{
	struct slice s = l->text;
	uint32_t i = end, unit;

	while (i < s.len && i - end < VALUE_BYTES_MAX && !is_digit(s.ptr[i]) && s.ptr[i] != '\n' &&
	    s.ptr[i] != '.')
		i++;
	if (i == s.len || !is_digit(s.ptr[i]))
		return;
	/* 6.1, 6,1, 120/80 */
	for (uint32_t from = i; i < s.len && i - from < 12; i++)
		if (!is_digit(s.ptr[i]) &&
		    (memchr(".,/", s.ptr[i], 3) == NULL || !is_digit(at(s, i + 1))))
			break;
	i += at(s, i) == ' ';
	if (i >= s.len || (unit = unit_end(s, i)) == 0)
		return;
	/* What is measured in percent has a digit in its name: HbA1c, SpO2, FEV1. */
	if (s.ptr[unit - 1] == '%' && !has_digit(slice_cut(s, start, end)))
		return;
	findings_add(l->findings, (struct finding){ start, unit, TYPE_lab_value, 85,
	    EVIDENCE_SHAPE | EVIDENCE_CONTEXT });
}

/* ---- ages ---- */

#define ADULT	18

static void
add_age(const struct look *l, uint32_t start, uint32_t end)
{
	findings_add(l->findings, (struct finding){ start, end, TYPE_minor, 70,
	    EVIDENCE_SHAPE | EVIDENCE_CONTEXT });
}

void
clinical_age(const struct look *l, uint32_t start, uint32_t end)
{
	struct slice s = l->text;
	uint32_t i = start, age = 0, ten = 1;

	if (i > 0 && (s.ptr[i - 1] == ' ' || s.ptr[i - 1] == '-'))
		i--;
	for (; i > 0 && is_digit(s.ptr[i - 1]) && ten <= 100; i--, ten *= 10)
		age += (uint32_t)(s.ptr[i - 1] - '0') * ten;
	if (ten > 1 && ten <= 100 && age < ADULT && (i == 0 || (!is_word(s, i - 1) &&
	    memchr(".,-/", s.ptr[i - 1], 4) == NULL)))
		add_age(l, i, end);
}

void
clinical_aged(const struct look *l, uint32_t start, uint32_t end)
{
	struct slice s = l->text;
	uint32_t i = end, from, age = 0;

	while (at(s, i) == ' ' || at(s, i) == ':')
		if (++i >= s.len || i - end > 3)
			return;
	for (from = i; i < s.len && i - from < 3 && is_digit(s.ptr[i]); i++)
		age = 10 * age + (uint32_t)(s.ptr[i] - '0');
	if (i > from && age < ADULT && !is_word(s, i) && !(memchr(".,-/", at(s, i), 4) != NULL &&
	    is_digit(at(s, i + 1))))
		add_age(l, start, i);
}
