/* SPDX-License-Identifier: Apache-2.0 */
#include "number/checksum.h"

#include "number/part.h"

/* Every second digit counts twice, and 10 to 18 count as their two digits. */
static const uint8_t luhn_twice[10] = { 0, 2, 4, 6, 8, 1, 3, 5, 7, 9 };

bool
checksum_luhn(struct slice digits)
{
	unsigned sum = 0;

	for (size_t i = digits.len; i > 0; i--) {
		unsigned d = part_digit(digits, i - 1);

		sum += (digits.len - i) & 1 ? luhn_twice[d] : d;
	}
	return sum % 10 == 0;
}

unsigned
checksum_luhn_digit(struct slice digits)
{
	unsigned sum = 0;

	for (size_t i = digits.len; i > 0; i--) {
		unsigned d = part_digit(digits, i - 1);

		sum += (digits.len - i) & 1 ? d : luhn_twice[d];
	}
	return (10 - sum % 10) % 10;
}

bool
checksum_luhn_spread(struct slice alnum)
{
	unsigned sum = 0, place = 0;

	for (size_t i = alnum.len; i > 0; i--) {
		unsigned value = part_value(alnum.ptr[i - 1]);

		sum += place++ & 1 ? luhn_twice[value % 10] : value % 10;
		if (value >= 10)
			sum += place++ & 1 ? luhn_twice[value / 10] : value / 10;
	}
	return sum % 10 == 0;
}

bool
checksum_luhn_36(struct slice alnum)
{
	unsigned sum = 0;

	for (size_t i = alnum.len; i > 0; i--) {
		unsigned value = part_value(alnum.ptr[i - 1]) << ((alnum.len - i) & 1);

		sum += value / 36 + value % 36;
	}
	return sum % 36 == 0;
}

/* The dihedral group of order ten, and a permutation that is applied once more a place. */
static const uint8_t verhoeff_times[10][10] = {
	{ 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 }, { 1, 2, 3, 4, 0, 6, 7, 8, 9, 5 },
	{ 2, 3, 4, 0, 1, 7, 8, 9, 5, 6 }, { 3, 4, 0, 1, 2, 8, 9, 5, 6, 7 },
	{ 4, 0, 1, 2, 3, 9, 5, 6, 7, 8 }, { 5, 9, 8, 7, 6, 0, 4, 3, 2, 1 },
	{ 6, 5, 9, 8, 7, 1, 0, 4, 3, 2 }, { 7, 6, 5, 9, 8, 2, 1, 0, 4, 3 },
	{ 8, 7, 6, 5, 9, 3, 2, 1, 0, 4 }, { 9, 8, 7, 6, 5, 4, 3, 2, 1, 0 },
};

static const uint8_t verhoeff_permuted[8][10] = {
	{ 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 }, { 1, 5, 7, 6, 2, 8, 3, 0, 9, 4 },
	{ 5, 8, 0, 3, 7, 9, 6, 1, 4, 2 }, { 8, 9, 1, 6, 0, 4, 3, 5, 2, 7 },
	{ 9, 4, 5, 3, 1, 2, 6, 8, 7, 0 }, { 4, 2, 8, 6, 5, 7, 3, 9, 0, 1 },
	{ 2, 7, 9, 3, 8, 0, 6, 4, 1, 5 }, { 7, 0, 4, 6, 9, 1, 3, 2, 5, 8 },
};

bool
checksum_verhoeff(struct slice digits)
{
	unsigned check = 0;

	for (size_t i = digits.len; i > 0; i--)
		check = verhoeff_times[check]
		    [verhoeff_permuted[(digits.len - i) & 7][part_digit(digits, i - 1)]];
	return check == 0;
}

/* Damm's own quasigroup of order ten; its diagonal is zero. */
static const uint8_t damm_times[10][10] = {
	{ 0, 3, 1, 7, 5, 9, 8, 6, 4, 2 }, { 7, 0, 9, 2, 1, 5, 4, 8, 6, 3 },
	{ 4, 2, 0, 6, 8, 7, 1, 3, 5, 9 }, { 1, 7, 5, 0, 9, 8, 3, 4, 2, 6 },
	{ 6, 1, 2, 3, 0, 4, 5, 9, 7, 8 }, { 3, 6, 7, 4, 2, 0, 9, 5, 8, 1 },
	{ 5, 8, 6, 9, 7, 2, 0, 1, 3, 4 }, { 8, 9, 4, 5, 3, 6, 2, 0, 1, 7 },
	{ 9, 4, 3, 8, 6, 1, 7, 2, 0, 5 }, { 2, 5, 8, 1, 4, 3, 6, 7, 9, 0 },
};

bool
checksum_damm(struct slice digits)
{
	unsigned check = 0;

	for (size_t i = 0; i < digits.len; i++)
		check = damm_times[check][part_digit(digits, i)];
	return check == 0;
}

unsigned
checksum_mod_97(struct slice alnum)
{
	uint64_t rest = 0;

	/* A character is two digits at most, so that seven of them cannot overflow. */
	for (size_t i = 0; i < alnum.len; i++) {
		unsigned value = part_value(alnum.ptr[i]);

		rest = rest * (value < 10 ? 10 : 100) + value;
		if (rest >= UINT64_C(100000000000000000))
			rest %= 97;
	}
	return (unsigned)(rest % 97);
}

static bool
checksum_hybrid(struct slice n, unsigned modulus)
{
	unsigned check = modulus;

	for (size_t i = 0; i + 1 < n.len; i++) {
		check = (check + part_value(n.ptr[i])) % modulus;
		check = (check == 0 ? modulus : check) * 2 % (modulus + 1);
	}
	return (check + part_value(n.ptr[n.len - 1])) % modulus == 1;
}

bool
checksum_mod_11_10(struct slice digits)
{
	return checksum_hybrid(digits, 10);
}

bool
checksum_mod_37_36(struct slice alnum)
{
	return checksum_hybrid(alnum, 36);
}

/* `last` is the character whose value is one less than the modulus. */
static bool
checksum_pure(struct slice n, unsigned modulus, char last)
{
	unsigned check = 0;

	for (size_t i = 0; i + 1 < n.len; i++)
		check = (check + part_value(n.ptr[i])) * 2 % modulus;
	if (n.ptr[n.len - 1] == last)
		check += modulus - 1;
	else
		check += part_value(n.ptr[n.len - 1]);
	return check % modulus == 1;
}

bool
checksum_mod_11_2(struct slice digits)
{
	return checksum_pure(digits, 11, 'X');
}

bool
checksum_mod_37_2(struct slice alnum)
{
	return checksum_pure(alnum, 37, '*');
}

bool
checksum_gs1(struct slice digits)
{
	unsigned sum = 0;

	for (size_t i = digits.len; i > 0; i--)
		sum += part_digit(digits, i - 1) * ((digits.len - i) & 1 ? 3 : 1);
	return sum % 10 == 0;
}

unsigned
checksum_icao(struct slice field)
{
	static const uint8_t weights[3] = { 7, 3, 1 };
	unsigned sum = 0;

	for (size_t i = 0; i < field.len; i++)
		sum += field.ptr[i] == '<' ? 0 : part_value(field.ptr[i]) * weights[i % 3];
	return sum % 10;
}
