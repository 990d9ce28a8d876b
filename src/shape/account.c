/* SPDX-License-Identifier: Apache-2.0 */
#include "shape/account.h"

#include "number/checksum.h"
#include "number/country.h"
#include "number/judge.h"
#include "number/number.h"

/* ---- cards ---- */

#define CARD_DIGITS_MIN	12
#define CARD_DIGITS_MAX	19

struct card {
	char		digit[CARD_DIGITS_MAX];
	unsigned	count;
	unsigned	groups;
	uint32_t	end;
};

/* Digits with one kind of single separator; false if too few or too many. */
static bool
read_card(struct card *c, const struct eye *s, uint32_t start)
{
	char gap = 0;
	uint32_t i = start;

	*c = (struct card){ .groups = 1 };
	for (;; i++) {
		char b = (char)eye_at(s, i);

		if (eye_is_digit((unsigned char)b)) {
			if (c->count == CARD_DIGITS_MAX)
				return false;
			c->digit[c->count++] = b;
			c->end = i + 1;
		} else if ((b == ' ' || b == '-') && (gap == 0 || gap == b) &&
		    eye_digits(s, i + 1, 3) == 3 && i > start + 3) {
			gap = b;
			c->groups++;
		} else {
			break;
		}
	}
	return c->count >= CARD_DIGITS_MIN;
}

/* Networks: their first six digits, from and to, and how long their numbers are, a bit each. */
#define LENGTH(n)	(UINT32_C(1) << (n))

static const struct network {
	uint32_t	from, to, lengths;
} networks[] = {
	{ 400000, 499999, LENGTH(13) | LENGTH(16) | LENGTH(19) },	/* Visa */
	{ 510000, 559999, LENGTH(16) }, { 222100, 272099, LENGTH(16) },	/* Mastercard */
	{ 340000, 349999, LENGTH(15) }, { 370000, 379999, LENGTH(15) },	/* American Express */
	{ 352800, 358999, LENGTH(16) | LENGTH(19) },			/* JCB */
	{ 180000, 180099, LENGTH(15) }, { 213100, 213199, LENGTH(15) },
	{ 300000, 305999, LENGTH(14) | LENGTH(16) },			/* Diners Club */
	{ 360000, 369999, LENGTH(14) | LENGTH(16) }, { 380000, 399999, LENGTH(14) | LENGTH(16) },
	{ 500000, 509999, LENGTH(16) }, { 560000, 589999, LENGTH(16) },	/* Maestro, Dankort */
	{ 600000, 679999, LENGTH(16) | LENGTH(17) | LENGTH(18) | LENGTH(19) },	/* Discover, ... */
};

static bool
is_network(const struct card *c)
{
	uint32_t six = 0;

	for (unsigned i = 0; i < 6; i++)
		six = six * 10 + (uint32_t)(c->digit[i] - '0');
	for (unsigned i = 0; i < sizeof networks / sizeof networks[0]; i++)
		if (six >= networks[i].from && six <= networks[i].to)
			return (networks[i].lengths >> c->count & 1) != 0;
	return false;
}

/* Is it written as cards are: in one piece, or in groups of four, or four, six and the rest? */
static bool
is_grouped(const struct card *c, const struct eye *s, uint32_t start)
{
	uint32_t first = eye_digits(s, start, 20), second = eye_digits(s, start + first + 1, 20);

	return c->groups == 1 || (first == 4 && (second == 4 || second == 6) && c->groups >= 3);
}

static bool
all_same(const struct card *c)
{
	for (unsigned i = 1; i < c->count; i++)
		if (c->digit[i] != c->digit[0])
			return false;
	return true;
}

/* %B4111111111111111^NAME^2512..., or ;4111111111111111=2512...: the track around a number. */
static uint32_t
track_end(const struct eye *s, uint32_t start, uint32_t end)
{
	unsigned char before = eye_at(s, start - 1), behind = eye_at(s, end);
	bool one = (before | 0x20) == 'b' && eye_at(s, start - 2) == '%' && behind == '^';
	bool two = before == ';' && behind == '=' && eye_digits(s, end + 1, 4) == 4;
	uint32_t i = end;

	if (!one && !two)
		return 0;
	while (i - end < 96 && eye_at(s, i) >= ' ' && eye_at(s, i) < 0x7f && eye_at(s, i) != '?')
		i++;
	return eye_at(s, i) == '?' ? i + 1 : i;
}

static bool
stands_alone(const struct eye *s, uint32_t start, uint32_t end)
{
	unsigned char before = eye_at(s, start - 1), behind = eye_at(s, end);

	if (eye_is_word(before) || eye_is_word(behind) || before == '_' || behind == '_')
		return false;
	if ((before == '.' || before == '-' || before == '+') && eye_is_digit(eye_at(s, start - 2)))
		return false;
	return (behind != '.' && behind != '-') || !eye_is_digit(eye_at(s, end + 1));
}

/* Thirteen digits that begin with 1 are a time in milliseconds. */
static unsigned
score_card(const struct card *c, const struct eye *s, uint32_t start, const struct topic *topic)
{
	if (c->count == 13 && c->digit[0] == '1')
		return 0;
	if ((topic->what & CONCEPT_BIT(CARD)) != 0)
		return 95;
	if ((topic->what & CONCEPT_BIT(DEVICE)) != 0 || c->count == 13)
		return 0;
	return is_network(c) && is_grouped(c, s, start) ? 88 : 0;
}

uint32_t
account_card(struct eye *s, uint32_t start)
{
	struct card c;
	struct topic topic;
	unsigned score, evidence = EVIDENCE_SHAPE | EVIDENCE_VALID;
	uint32_t track;

	if (!read_card(&c, s, start) || all_same(&c) || !checksum_luhn(slice_of(c.digit, c.count)))
		return 0;
	if ((track = track_end(s, start, c.end)) != 0) {
		uint32_t from = start - (eye_at(s, start - 1) == ';' ? 1 : 2);

		eye_add(s, from, track, TYPE_card_track, eye_score(99, evidence));
		return track;
	}
	if (!stands_alone(s, start, c.end))
		return 0;
	topic = context_of(&s->context, start, c.end);
	if ((score = score_card(&c, s, start, &topic)) == 0)
		return 0;
	evidence |= score == 95 ? (unsigned)EVIDENCE_CONTEXT : 0;
	eye_add(s, start, c.end, TYPE_credit_card, eye_score(score, evidence));
	context_used(&s->context, c.end, topic);
	return c.end;
}

/* ---- bank accounts ---- */

#define IBAN_BYTES_MAX	34

/* How long the IBAN of a country is: its structure is "8n12c", behind four letters and digits. */
static unsigned
iban_length(const char *country)
{
	const char *p = country_iban(country);
	unsigned length = 4, part = 0;

	if (*p == 0)
		return 0;
	for (; *p != 0; p++) {
		if (eye_is_digit((unsigned char)*p)) {
			part = part * 10 + (unsigned)(*p - '0');
		} else {
			length += part;
			part = 0;
		}
	}
	return length <= IBAN_BYTES_MAX ? length : 0;
}

uint32_t
account_iban(struct eye *s, uint32_t start)
{
	char b[IBAN_BYTES_MAX], country[2];
	unsigned have = 0, want;
	uint32_t i = start;
	char gap = 0;

	if (eye_digits(s, start + 2, 2) != 2 || eye_is_word(eye_at(s, start - 1)))
		return 0;
	country[0] = (char)(eye_at(s, start) & 0x5f);
	country[1] = (char)(eye_at(s, start + 1) & 0x5f);
	if (!eye_is_letter((unsigned char)country[0]) || !eye_is_letter((unsigned char)country[1]))
		return 0;
	if ((want = iban_length(country)) == 0)
		return 0;
	for (; have < want; i++) {
		unsigned char c = eye_at(s, i);

		if (eye_is_word(c))
			b[have++] = (char)(c >= 'a' ? c - 0x20 : c);
		else if ((c == ' ' || c == '-') && (gap == 0 || gap == (char)c) && have >= 4)
			gap = (char)c;
		else
			return 0;
	}
	if (eye_is_word(eye_at(s, i)) || !number_is_iban(slice_of(b, want)))
		return 0;
	/* In lower case it may be anything in hexadecimal. */
	if (eye_at(s, start) >= 'a' && (context_of(&s->context, start, i).what &
	    (CONCEPT_BIT(IBAN) | CONCEPT_BIT(BANK))) == 0)
		return 0;
	eye_add(s, start, i, TYPE_iban_code, eye_score(97, EVIDENCE_SHAPE | EVIDENCE_VALID));
	context_used(&s->context, i, (struct topic){ CONCEPT_BIT(BANK) | CONCEPT_BIT(IBAN), 0 });
	return i;
}

uint32_t
account_bic(struct eye *s, uint32_t start)
{
	uint32_t i = start;
	struct topic topic;

	while (i - start < 12 && ((unsigned)(eye_at(s, i) - 'A') < 26 ||
	    (i - start > 5 && eye_is_digit(eye_at(s, i)))))
		i++;
	if ((i - start != 8 && i - start != 11) || eye_is_word(eye_at(s, i)) ||
	    eye_is_word(eye_at(s, start - 1)))
		return 0;
	if (!country_is_known(s->p + start + 4))
		return 0;
	topic = context_of(&s->context, start, i);
	if ((topic.what & CONCEPT_BIT(BIC)) == 0)
		return 0;
	eye_add(s, start, i, TYPE_bic, eye_score(88, EVIDENCE_SHAPE | EVIDENCE_CONTEXT));
	return i;
}

/* ---- wallets ---- */

static bool
is_hex(const struct eye *s, uint32_t start, uint32_t end)
{
	for (uint32_t i = start; i < end; i++)
		if (!eye_is_digit((unsigned char)s->p[i]) &&
		    (unsigned)((s->p[i] | 0x20) - 'a') >= 6)
			return false;
	return true;
}

uint32_t
account_wallet(struct eye *s, uint32_t start, uint32_t end)
{
	struct slice token = slice_of(s->p + start, end - start);
	unsigned evidence = EVIDENCE_SHAPE;

	if (token.len == 42 && token.ptr[0] == '0' && token.ptr[1] == 'x' &&
	    is_hex(s, start + 2, end))
		evidence |= EVIDENCE_PREFIX;
	else if (token.len <= 90 && number_is_valid(NUMBER_bitcoin, token))
		evidence |= EVIDENCE_VALID;
	else
		return 0;
	eye_add(s, start, end, TYPE_crypto, eye_score(94, evidence));
	return end;
}
