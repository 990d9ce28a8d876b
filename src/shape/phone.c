/* SPDX-License-Identifier: Apache-2.0 */
#include "shape/phone.h"

#define DIGITS_MIN	6
#define DIGITS_MAX	16
#define GROUPS_MAX	8

/* By calling code: how many digits may follow; none where nobody has it. */
static const struct {
	uint8_t	min, max;
} codes[1000] = {
#define PHONE(code, min, max)	[code] = { min, max },
#include "shape/phone.tbl"
#undef PHONE
};

/* A number as it is written. */
struct written {
	uint32_t	start, end;		/* with '+' or a parenthesis in front */
	char		digit[DIGITS_MAX + 2];
	unsigned	count;
	unsigned	group[GROUPS_MAX];	/* how many digits each has */
	unsigned	groups;
	bool		plus, paren;
	char		gap;			/* the first separator; ' ' if none */
	bool		dots, dashes, spaces, slash;
	bool		columns;		/* several spaces between two groups */
};

/* What may stand between two digits: up to three of these. */
static uint32_t
skip_gap(struct written *w, const struct eye *s, uint32_t at)
{
	uint32_t i = at;

	for (; i - at < 3; i++) {
		unsigned char c = eye_at(s, i);

		w->spaces |= c == ' ';
		w->columns |= c == ' ' && i > at && eye_at(s, i - 1) == ' ';
		w->dots |= c == '.';
		w->dashes |= c == '-';
		w->slash |= c == '/';
		w->paren |= c == '(';
		if (c != ' ' && c != '.' && c != '-' && c != '(' && c != ')' && c != '/')
			break;
	}
	return eye_is_digit(eye_at(s, i)) ? i : at;
}

/* False if there are too many digits or groups to be one. */
static bool
read_written(struct written *w, const struct eye *s, uint32_t start)
{
	uint32_t i = start, next;

	*w = (struct written){ .start = start };
	if (eye_at(s, start - 1) == '(') {
		w->start--;
		w->paren = true;
	}
	if (eye_at(s, w->start - 1) == '+') {
		w->start--;
		w->plus = true;
	}
	for (;;) {
		uint32_t digits = eye_digits(s, i, DIGITS_MAX + 1);

		if (w->count + digits > DIGITS_MAX || w->groups == GROUPS_MAX)
			break;
		memcpy(w->digit + w->count, s->p + i, digits);
		w->count += digits;
		w->group[w->groups++] = digits;
		w->end = i += digits;
		if (eye_is_word(eye_at(s, i)))
			return eye_at(s, i) == 'x' || eye_at(s, i) == 'X';
		next = skip_gap(w, s, i);
		if (next == i)
			break;
		i = next;
	}
	return w->count >= DIGITS_MIN && !eye_is_digit(eye_at(s, w->end));
}

/* "x0135", " ext. 12": the end with it. */
static uint32_t
extension_end(const struct eye *s, uint32_t end)
{
	uint32_t i = end;

	if (eye_at(s, i) == ' ')
		i++;
	if ((eye_at(s, i) | 0x20) == 'e' && (eye_at(s, i + 1) | 0x20) == 'x' &&
	    (eye_at(s, i + 2) | 0x20) == 't')
		i += eye_at(s, i + 3) == '.' ? 4 : 3;
	else if ((eye_at(s, i) | 0x20) == 'x')
		i++;
	else
		return end;
	if (eye_at(s, i) == ' ')
		i++;
	return eye_digits(s, i, 7) > 0 && eye_digits(s, i, 7) < 7 ? i + eye_digits(s, i, 6) : end;
}

/* The calling code in front of the digits from `from` on, and whether their count fits. */
static unsigned
calling_code(const struct written *w, unsigned from)
{
	unsigned code = 0;

	for (unsigned len = 1; len <= 3 && from + len < w->count; len++) {
		unsigned rest = w->count - from - len;
		bool zero = w->digit[from + len] == '0';

		code = code * 10 + (unsigned)(w->digit[from + len - 1] - '0');
		if (codes[code].max > 0 && rest >= codes[code].min &&
		    rest <= codes[code].max + (zero ? 1u : 0u))
			return code;
	}
	return 0;
}

static bool
is_groups(const struct written *w, unsigned from, unsigned a, unsigned b, unsigned c)
{
	return w->groups == from + 3 && w->group[from] == a && w->group[from + 1] == b &&
	    w->group[from + 2] == c;
}

/* 415-555-0132, (415) 555-0132, 1-800-555-0132: the North American plan. */
static bool
is_nanp(const struct written *w)
{
	unsigned from = w->count == 11 && w->digit[0] == '1' ? 1 : 0;

	if (w->count != 10 + from || w->digit[from] < '2' || w->digit[from + 3] < '2' ||
	    (w->dots && w->dashes))
		return false;
	return is_groups(w, from, 3, 3, 4) || (w->groups == 2 && w->paren && w->group[0] == 3);
}

/* 0487 98 11 92, 01.84.17.61.18: a zero in front, and groups. */
static unsigned
score_of_zero(const struct written *w)
{
	unsigned last = w->groups - 1;
	bool pairs = w->groups == 5 && w->count == 10;

	if (w->digit[0] != '0' || w->digit[1] == '0' || w->count < 9 || w->count > 12 ||
	    w->group[0] < 2)
		return 0;
	for (unsigned i = 0; i < w->groups; i++)
		pairs &= w->group[i] == 2;
	if (pairs)
		return 75;
	if (w->groups == 2)
		return w->group[1] >= 5 ? 50 : 0;
	return w->groups <= 5 && last > 0 && w->group[last] >= 2 ? 60 : 0;
}

/* 1999-2001. */
static bool
is_years(const struct written *w)
{
	bool first = w->digit[0] == '1' ? w->digit[1] == '9' : w->digit[0] == '2' &&
	    w->digit[1] == '0';

	return w->count == 8 && w->groups == 2 && w->group[0] == 4 && first &&
	    (w->digit[4] == '1' || w->digit[4] == '2');
}

static unsigned
two_digits(const struct written *w, unsigned at)
{
	return (unsigned)(w->digit[at] - '0') * 10 + (unsigned)(w->digit[at + 1] - '0');
}

/* 081109 203615: a day and a time, as logs begin with them. */
static bool
is_stamp(const struct written *w)
{
	if (w->groups != 2 || w->group[0] != 6 || w->group[1] != 6)
		return false;
	return two_digits(w, 2) - 1 < 12 && two_digits(w, 4) - 1 < 31 && two_digits(w, 6) < 24 &&
	    two_digits(w, 8) < 60 && two_digits(w, 10) < 60;
}

/* Columns of a table are two numbers, whatever stands above one of them. */
static bool
is_none(const struct written *w)
{
	return is_years(w) || is_stamp(w) || (w->columns && w->groups == 2);
}

/* How sure one is without a word: of some ways of writing more than of others. */
static unsigned
score_alone(const struct written *w)
{
	if (w->slash || is_none(w))
		return 0;
	if (is_nanp(w))
		return w->paren || w->dashes || w->dots ? 78 : 58;
	if (w->paren && w->group[0] >= 2 && w->group[0] <= 5 && w->count >= 8 && w->count <= 12 &&
	    w->groups <= 4)
		return 62;
	return score_of_zero(w);
}

/* Is it told to be one: could the digits be? */
static unsigned
score_told(const struct written *w, const struct topic *topic)
{
	bool ph = (topic->where & COUNTRY_BIT(PH)) != 0, tr = (topic->where & COUNTRY_BIT(TR)) != 0;
	unsigned zero = w->digit[0] == '0';

	if (is_none(w))
		return 0;
	if (ph)
		return w->count == 11 && zero && w->digit[1] == '9' ? 85 : 0;
	if (tr)
		return w->count == 10 + zero && w->digit[zero] >= '2' &&
		    w->digit[zero] <= '5' ? 85 : 0;
	if (w->count < 7 || w->count > 13)
		return w->count == 6 && w->groups > 1 ? 60 : 0;
	for (unsigned i = 1; i < w->count; i++)
		if (w->digit[i] != w->digit[0])
			return w->groups == 1 && w->count > 11 ? 60 : 82;
	return 0;
}

static bool
is_joint(unsigned char c)
{
	return c == '-' || c == '.' || c == '/' || c == ',' || c == ':';
}

/* Pairs that go on are a list of small numbers. */
static bool
is_in_list(const struct eye *s, const struct written *w)
{
	if (w->groups < 4 || w->group[1] > 2 || w->plus)
		return false;
	return (eye_at(s, w->end) == ' ' && eye_is_digit(eye_at(s, w->end + 1))) ||
	    (eye_at(s, w->start - 1) == ' ' && eye_is_digit(eye_at(s, w->start - 2)));
}

/* A number in a table stands between commas, and other numbers behind them. */
static bool
is_joint_here(const struct eye *s, unsigned char c)
{
	return is_joint(c) && (c != ',' || s->context.columns == 0);
}

static bool
stands_alone(const struct eye *s, const struct written *w)
{
	unsigned char before = eye_at(s, w->start - 1), behind = eye_at(s, w->end);

	if (eye_is_word(before) || before == '_' || before == '$' || before == '#' ||
	    behind == '_' ||
	    behind == '%')
		return false;
	if (is_joint_here(s, behind) && eye_is_digit(eye_at(s, w->end + 1)))
		return false;
	if (is_in_list(s, w))
		return false;
	if (w->plus || !is_joint_here(s, before) || !eye_is_word(eye_at(s, w->start - 2)))
		return true;
	return before == ':' && !eye_is_digit(eye_at(s, w->start - 2));
}

static enum detect_type
type_of_code(unsigned code, const struct topic *topic)
{
	if (code == 63 || (code == 0 && (topic->where & COUNTRY_BIT(PH)) != 0))
		return TYPE_ph_mobile_number;
	if (code == 90 || (code == 0 && (topic->where & COUNTRY_BIT(TR)) != 0))
		return TYPE_tr_phone_number;
	return TYPE_phone_number;
}

/* Part of the digits may be a number where all are not: the number ends with a group of them. */
static bool
shorten(struct written *w, const struct eye *s)
{
	if (w->groups < 2)
		return false;
	w->count -= w->group[--w->groups];
	while (!eye_is_digit(eye_at(s, w->end - 1)))
		w->end--;
	w->end -= w->group[w->groups];
	while (!eye_is_digit(eye_at(s, w->end - 1)))
		w->end--;
	return w->count >= DIGITS_MIN;
}

static unsigned
judge(const struct written *w, struct topic *topic, unsigned *code, unsigned *evidence)
{
	bool told = (topic->what & CONCEPT_BIT(PHONE)) != 0;
	unsigned score = 0, zeros = w->count > 10 && w->digit[0] == '0' &&
	    w->digit[1] == '0' ? 2 : 0;

	*code = w->plus || zeros > 0 ? calling_code(w, zeros) : 0;
	*evidence = EVIDENCE_SHAPE;
	if (*code != 0 && (w->plus || w->groups > 1 || told)) {
		*evidence |= w->plus ? EVIDENCE_PREFIX : 0u;
		return told ? 95 : 88;
	}
	score = w->plus ? 0 : score_alone(w);
	if (score < 70 && (topic->what & CONCEPT_BIT(OTHER)) != 0)
		score = 0;
	if (told && score_told(w, topic) > score)
		score = score_told(w, topic);
	if (told)
		*evidence |= EVIDENCE_CONTEXT;
	return score;
}

uint32_t
phone_look(struct eye *s, uint32_t start)
{
	struct written w;
	struct topic topic;
	unsigned score, code, evidence;
	uint32_t end;

	if (!read_written(&w, s, start))
		return 0;
	topic = context_of(&s->context, w.start, w.end);
	for (score = 0; score == 0;) {
		score = stands_alone(s, &w) ? judge(&w, &topic, &code, &evidence) : 0;
		if (score == 0 && !shorten(&w, s))
			return 0;
	}
	end = extension_end(s, w.end);
	eye_add(s, w.start, end, type_of_code(code, &topic), eye_score(score, evidence));
	topic.what |= CONCEPT_BIT(PHONE);
	context_used(&s->context, end, topic);
	return end;
}
