/* SPDX-License-Identifier: Apache-2.0 */
#include "core/price.h"

#define DECIMALS	6		/* of dollars per million tokens: a picodollar per token */

/*
 * A sum of products of 64 bits needs 128.  It is kept in 32-bit digits, lowest
 * first, because dividing the compiler's 128-bit numbers is a call to its
 * library, and core calls nothing.
 */
struct sum {
	uint32_t	digit[5];
};

static void
sum_add(struct sum *s, uint64_t a, uint64_t b)
{
	uint64_t part[4] = {
		(a & UINT32_MAX) * (b & UINT32_MAX), (a & UINT32_MAX) * (b >> 32),
		(a >> 32) * (b & UINT32_MAX), (a >> 32) * (b >> 32),
	};
	uint64_t column[5] = {
		part[0] & UINT32_MAX,
		(part[0] >> 32) + (part[1] & UINT32_MAX) + (part[2] & UINT32_MAX),
		(part[1] >> 32) + (part[2] >> 32) + (part[3] & UINT32_MAX),
		part[3] >> 32,
		0,
	};
	uint64_t carry = 0;

	for (unsigned i = 0; i < 5; i++) {
		carry += column[i] + s->digit[i];
		s->digit[i] = (uint32_t)carry;
		carry >>= 32;
	}
}

/* A thousandth of the sum, rounded up; false if it needs more than 63 bits. */
static bool
sum_thousandth(struct sum s, int64_t *out)
{
	uint64_t rest = 0, n;

	for (unsigned i = 5; i-- > 0;) {
		rest = rest << 32 | s.digit[i];
		s.digit[i] = (uint32_t)(rest / 1000);
		rest %= 1000;
	}
	n = (uint64_t)s.digit[1] << 32 | s.digit[0];
	if (s.digit[4] != 0 || s.digit[3] != 0 || s.digit[2] != 0 || n > INT64_MAX)
		return false;
	n += rest > 0;
	if (n > INT64_MAX)
		return false;
	*out = (int64_t)n;
	return true;
}

/* The usual case: everything fits 63 bits on the way. */
static bool
small_cost(const struct price *price, const struct usage *usage, uint64_t fresh, nano_usd *out)
{
	int64_t a, b, c;

	if (__builtin_mul_overflow(fresh, price->input, &a) ||
	    __builtin_mul_overflow(usage->cached, price->cached, &b) ||
	    __builtin_mul_overflow(usage->output, price->output, &c) ||
	    __builtin_add_overflow(a, b, &a) || __builtin_add_overflow(a, c, &a) ||
	    __builtin_add_overflow(a, 999, &a))
		return false;
	*out = a / 1000;
	return true;
}

bool
price_cost(const struct price *price, const struct usage *usage, nano_usd *out)
{
	struct sum sum = { { 0 } };
	uint64_t fresh;

	if (!price->known || !usage->known)
		return false;
	must(price->input >= 0 && price->output >= 0 && price->cached >= 0);
	/* A vendor that says more cached tokens than there were is billed for what it says. */
	fresh = usage->input > usage->cached ? usage->input - usage->cached : 0;
	if (small_cost(price, usage, fresh, out))
		return true;
	sum_add(&sum, fresh, (uint64_t)price->input);
	sum_add(&sum, usage->cached, (uint64_t)price->cached);
	sum_add(&sum, usage->output, (uint64_t)price->output);
	return sum_thousandth(sum, out);
}

bool
price_read(struct slice decimal, pico_usd *out)
{
	uint64_t whole, part = 0, scale = 1, all;
	size_t point = slice_find(decimal, S("."));
	struct slice after = slice_of(NULL, 0);

	if (point < decimal.len) {
		after = slice_cut(decimal, point + 1, decimal.len);
		if (after.len > DECIMALS || !slice_number(after, &part))
			return false;
	}
	if (!slice_number(slice_cut(decimal, 0, point), &whole))
		return false;
	for (size_t i = after.len; i < DECIMALS; i++)
		scale *= 10;
	if (__builtin_mul_overflow(whole, UINT64_C(1000000), &all) ||
	    __builtin_add_overflow(all, part * scale, &all) || all > INT64_MAX)
		return false;
	*out = (pico_usd)all;
	return true;
}
