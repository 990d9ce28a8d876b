/* SPDX-License-Identifier: Apache-2.0 */
/*
 * value - what scalars mean: texts that stand in the environment, decimal
 * numbers with and without an exponent.
 *
 * Numbers are read digit by digit, because a price may not pass through
 * floating point: 1.5e-07 is exactly fifteen hundredths of a microdollar.
 */
#include <stdlib.h>

#include "core/limit.h"
#include "core/price.h"
#include "import/work.h"

#define ENVIRONMENT	"os.environ/"

bool
value_is_true(const struct node *value)
{
	return value != NULL && value->type == NODE_TEXT &&
	    (slice_same_word(value->text, S("true")) || slice_same_word(value->text, S("yes")) ||
	    slice_same_word(value->text, S("on")));
}

/* Absent and empty are fine; a list or a map is not.  The value itself is never told. */
bool
value_is_text(struct work *w, const struct pair *p)
{
	if (p->value == NULL || p->value->type == NODE_EMPTY)
		return false;
	if (p->value->type == NODE_TEXT)
		return true;
	report_error(&w->in->report, p->value, SAY(S("`"), p->key->text,
	    S("` must be text, not a list or a map")));
	return false;
}

bool
value_variable(struct work *w, struct slice name, struct slice *out)
{
	char room[NAME_BYTES_MAX + 1];
	const char *value;

	for (uint32_t i = 0; w->variables != NULL && i < w->variables->count; i++) {
		const struct node *each = node_value(w->variables, i);

		if (!slice_eq(node_key(w->variables, i)->text, name) || each->type != NODE_TEXT ||
		    slice_starts(each->text, S(ENVIRONMENT)))
			continue;
		w->variable_used[i] = true;
		*out = each->text;
		return true;
	}
	if (w->options->detached || name.len == 0 || name.len > NAME_BYTES_MAX)
		return false;
	memcpy(room, name.ptr, name.len);
	room[name.len] = '\0';
	value = getenv(room);
	if (value == NULL || value[0] == '\0')
		return false;
	*out = arena_copy(w->arena, slice_of(value, strlen(value)));
	return true;
}

bool
value_text(struct work *w, const struct node *value, struct slice *out)
{
	struct slice prefix = S(ENVIRONMENT);

	if (value->type != NODE_TEXT)
		return false;
	if (slice_starts(value->text, prefix))
		return value_variable(w, slice_cut(value->text, prefix.len, value->text.len), out);
	*out = value->text;
	return true;
}

/* ---- decimal numbers ---- */

struct decimal {
	uint64_t	digits;		/* at most 18 of them */
	int64_t		exponent;
	bool		more;		/* digits behind those, not all zero */
};

static bool
is_digit(struct slice s, size_t at)
{
	return at < s.len && s.ptr[at] >= '0' && s.ptr[at] <= '9';
}

static void
take_digit(struct decimal *d, char c, bool fraction)
{
	if (d->digits > UINT64_C(99999999999999999)) {
		d->more |= c != '0';
		d->exponent += !fraction;
		return;
	}
	d->digits = 10 * d->digits + (uint64_t)(c - '0');
	d->exponent -= fraction;
}

/* The exponent's digits; the rest of the text must be these. */
static bool
take_exponent(struct decimal *d, struct slice s)
{
	bool minus = s.len > 0 && s.ptr[0] == '-';
	uint64_t n;

	if (minus || (s.len > 0 && s.ptr[0] == '+'))
		s = slice_cut(s, 1, s.len);
	if (!slice_number(s, &n) || n > 1000000)
		return false;
	d->exponent += minus ? -(int64_t)n : (int64_t)n;
	return true;
}

/* [+]digits[.digits][e[+-]digits], as YAML, JSON and Python write what is not negative. */
static bool
decimal_read(struct slice s, struct decimal *d)
{
	size_t at = s.len > 0 && s.ptr[0] == '+', from = at, digits;

	*d = (struct decimal){ 0 };
	for (; is_digit(s, at); at++)
		take_digit(d, s.ptr[at], false);
	digits = at - from;
	if (at < s.len && s.ptr[at] == '.') {
		for (at++; is_digit(s, at); at++, digits++)
			take_digit(d, s.ptr[at], true);
	}
	if (digits == 0)
		return false;
	if (at < s.len && (s.ptr[at] | 0x20) == 'e')
		return take_exponent(d, slice_cut(s, at + 1, s.len));
	return at == s.len;
}

/* digits times 10^(exponent + shift), rounded up; false if it needs more than 63 bits. */
static bool
decimal_scale(const struct decimal *d, int shift, uint64_t *out, bool *rounded)
{
	int64_t power = d->exponent + shift;
	uint64_t n = d->digits;

	*rounded = d->more;
	if (n == 0) {
		*out = 0;
		return true;
	}
	for (; power > 0; power--)
		if (__builtin_mul_overflow(n, UINT64_C(10), &n))
			return false;
	for (; power < 0 && n > 0; power++) {
		*rounded |= n % 10 != 0;
		n /= 10;
	}
	*out = n + *rounded;
	return *out <= INT64_MAX;
}

bool
value_scaled(struct work *w, const struct pair *p, int shift, uint64_t *out, bool *rounded)
{
	struct decimal d;
	struct slice text;

	if (!value_is_text(w, p))
		return false;
	if (!value_text(w, p->value, &text)) {
		note_text(w, p->key, IMPORT_LOST, SAY(S("it is in an environment variable that is "
		    "not set here; write the number")));
		return false;
	}
	if (!decimal_read(text, &d)) {
		report_error(&w->in->report, p->value, SAY(S("`"), p->key->text,
		    S("` must be a number that is not negative")));
		return false;
	}
	if (decimal_scale(&d, shift, out, rounded))
		return true;
	note_text(w, p->key, IMPORT_LOST, SAY(S("the number is too large")));
	return false;
}

/* Dollars per token, times a million, in microdollars: the same digits as picodollars per token. */
struct slice
value_price(struct work *w, const struct pair *p)
{
	char room[48];
	struct text t;
	uint64_t n, part;
	pico_usd check;
	bool rounded;

	if (!value_scaled(w, p, 12, &n, &rounded))
		return slice_of(NULL, 0);
	text_init(&t, room, sizeof room);
	text_put_number(&t, n / 1000000);
	part = n % 1000000;
	if (part > 0)
		text_put_char(&t, '.');
	for (uint64_t unit = 100000; part > 0; part %= unit, unit /= 10)
		text_put_char(&t, (char)('0' + part / unit));
	if (!price_read(text_slice(&t), &check)) {
		note_text(w, p->key, IMPORT_LOST, SAY(S("the price is too large")));
		return slice_of(NULL, 0);
	}
	if (rounded)
		note_text(w, p->key, IMPORT_CHANGED, SAY(S("a price has six decimals of a dollar "
		    "per million tokens; it was rounded up to "), text_slice(&t)));
	return arena_copy(w->arena, text_slice(&t));
}
