/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Numbers of Africa, of Oman, and of Australia and New Zealand.
 */
#include "number/checksum.h"
#include "number/judge.h"
#include "number/part.h"

/* Australian Business Register: 1 less of the first digit, modulo 89. */
bool
number_is_au_abn(struct slice n)
{
	static const uint8_t weights[] = { 10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19 };
	unsigned sum = 0;

	if (n.ptr[0] == '0')
		return false;
	for (size_t i = 0; i < 11; i++)
		sum += (part_digit(n, i) - (i == 0)) * weights[i];
	return sum % 89 == 0;
}

/* ASIC. */
bool
number_is_au_acn(struct slice n)
{
	return part_weigh(n, 0, "876543211") % 10 == 0;
}

/* Australian Taxation Office. */
bool
number_is_au_tfn(struct slice n)
{
	return part_weigh(n, 0, n.len == 8 ? "A7846351" : "14375869A") % 11 == 0 &&
	    !part_uniform(n);
}

/* Services Australia: the ninth digit is the check, the tenth which card it is. */
bool
number_is_au_medicare(struct slice n)
{
	return n.ptr[0] >= '2' && n.ptr[0] <= '6' &&
	    part_weigh(n, 0, "13791379") % 10 == part_digit(n, 8) && n.ptr[9] != '0';
}

/* Inland Revenue: modulo 11, with other weights where that is 10. */
bool
number_is_nz_ird(struct slice n)
{
	char padded[9] = "000000000";
	struct slice d = { padded, 9 };
	uint64_t value = part_read(n, 0, n.len);
	unsigned check;

	memcpy(padded + 9 - n.len, n.ptr, n.len);
	check = (11 - part_weigh(d, 0, "32765432") % 11) % 11;
	if (check == 10)
		check = (11 - part_weigh(d, 0, "74325276") % 11) % 11;
	return value > 10000000 && value < 150000000 && check == part_digit(d, 8);
}

/* South Africa: a date of birth, sex, citizenship, and Luhn. */
bool
number_is_za_idnr(struct slice n)
{
	return checksum_luhn(n) && n.ptr[10] <= '2' &&
	    part_is_short_date(part_two(n, 0), part_two(n, 2), part_two(n, 4));
}

/* South Africa, taxes. */
bool
number_is_za_tin(struct slice n)
{
	return part_in(n.ptr[0], "01239") && checksum_luhn(n);
}

/* Algeria: fifteen digits or twenty, no check. */
bool
number_is_dz_nif(struct slice n)
{
	return n.len == 15 || n.len == 20;
}

/* Egypt, taxes: no check that is published. */
bool
number_is_eg_tn(struct slice n)
{
	return !part_uniform(n);
}

/* Ghana: the kind of person, two zeros, serial, modulo 11 with X. */
bool
number_is_gh_tin(struct slice n)
{
	unsigned rest;

	if (!part_in(n.ptr[0], "PCGQV") || n.ptr[1] != '0' || n.ptr[2] != '0' ||
	    !part_digits(n, 3, 10))
		return false;
	rest = part_weigh(n, 1, "123456789") % 11;
	return "0123456789X"[rest] == n.ptr[10];
}

/* Guinea. */
bool
number_is_gn_nifp(struct slice n)
{
	return checksum_luhn(n);
}

/* Kenya: A for a person, P for others, and a letter that is not explained. */
bool
number_is_ke_pin(struct slice n)
{
	return part_like(n, "A999999999A") && part_in(n.ptr[0], "AP");
}

/* Morocco: all fifteen digits, modulo 97. */
bool
number_is_ma_ice(struct slice n)
{
	return part_read(n, 0, 15) % 97 == 0;
}

/* Mauritius: a letter, date of birth, serial, and a character modulo 17. */
bool
number_is_mu_nid(struct slice n)
{
	unsigned sum = 0;

	if (!part_is_upper(n.ptr[0]) || !part_digits(n, 1, 13) ||
	    !part_is_short_date(part_two(n, 5), part_two(n, 3), part_two(n, 1)))
		return false;
	for (unsigned i = 0; i < 13; i++)
		sum += part_value(n.ptr[i]) * (14 - i);
	return "0123456789ABCDEFG"[(17 - sum % 17) % 17] == n.ptr[13];
}

/* Mozambique. */
bool
number_is_mz_nuit(struct slice n)
{
	return "01234567891"[part_weigh(n, 0, "89456789") % 11] == n.ptr[8];
}

/* Nigeria: what others write of its check digit differs, and the NIMC says nothing of one. */
bool
number_is_ng_nin(struct slice n)
{
	return !part_uniform(n);
}

/* Senegal: seven digits or nine, the last a check, and a code of three for the tax. */
bool
number_is_sn_ninea(struct slice n)
{
	size_t digits = n.len;

	if (n.len > 9 || (n.len > 3 && part_is_upper(n.ptr[n.len - 2]))) {
		digits = n.len - 3;
		if (n.ptr[digits] > '2' || !part_is_digit(n.ptr[digits]) ||
		    !part_in(n.ptr[digits + 1], "ABCDEFGHJKLMNPQRSTUVWZ") ||
		    !part_is_digit(n.ptr[digits + 2]))
			return false;
	}
	return (digits == 7 || digits == 9) && part_digits(n, 0, digits) &&
	    (digits == 7 ? part_weigh(n, 0, "1212121") : part_weigh(n, 0, "121212121")) % 10 == 0;
}

/* Tunisia: seven digits, a control letter, and the codes of tax, kind and place. */
bool
number_is_tn_mf(struct slice n)
{
	static const char letters[] = "ABCDEFGHJKLMNPQRSTVWXYZ";
	size_t at = 0;

	while (at < n.len && part_is_digit(n.ptr[at]))
		at++;
	if (at == 0 || at > 7 || at == n.len || !part_in(n.ptr[at], letters))
		return false;
	at++;
	if (at == n.len)
		return true;
	if (n.len - at < 2 || !part_in(n.ptr[at], "ABDNP") || !part_in(n.ptr[at + 1], "MPCNE"))
		return false;
	at += 2;
	/* Only of an establishment is the last part not zero. */
	return n.len == at + 3 && part_digits(n, at, n.len) &&
	    (n.ptr[at - 1] == 'E' || part_read(n, at, n.len) == 0);
}

/* Oman, VAT: a series of two digits, and ISO 7064, MOD 11-2 over the rest. */
bool
number_is_om_vat(struct slice n)
{
	return n.ptr[0] == '1' && part_digits(n, 0, 9) &&
	    (part_is_digit(n.ptr[9]) || n.ptr[9] == 'X') && checksum_mod_11_2(slice_cut(n, 2, 10));
}
