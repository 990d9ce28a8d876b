/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The bare algorithms as numbers of their own, for whoever knows nothing of a
 * number but how it ends.
 */
#include "number/checksum.h"
#include "number/judge.h"
#include "number/part.h"

bool
number_is_luhn(struct slice n)
{
	return checksum_luhn(n);
}

bool
number_is_verhoeff(struct slice n)
{
	return checksum_verhoeff(n);
}

bool
number_is_damm(struct slice n)
{
	return checksum_damm(n);
}

bool
number_is_iso7064_mod_97_10(struct slice n)
{
	return checksum_mod_97(n) == 1;
}

bool
number_is_iso7064_mod_11_10(struct slice n)
{
	return checksum_mod_11_10(n);
}

bool
number_is_iso7064_mod_37_36(struct slice n)
{
	return checksum_mod_37_36(n);
}

/* X is ten, and only the last character may be it. */
bool
number_is_iso7064_mod_11_2(struct slice n)
{
	return part_digits(n, 0, n.len - 1) &&
	    (part_is_digit(n.ptr[n.len - 1]) || n.ptr[n.len - 1] == 'X') && checksum_mod_11_2(n);
}

/* As above, the star is 36. */
bool
number_is_iso7064_mod_37_2(struct slice n)
{
	return memchr(n.ptr, '*', n.len - 1) == NULL && n.ptr[n.len - 1] != '+' &&
	    memchr(n.ptr, '+', n.len - 1) == NULL && checksum_mod_37_2(n);
}

/* Of digits, any of the two systems that ISO 7064 has for one check character. */
bool
number_is_iso7064(struct slice n)
{
	return number_is_iso7064_mod_11_2(n) || (part_digits(n, 0, n.len) && checksum_mod_11_10(n));
}
