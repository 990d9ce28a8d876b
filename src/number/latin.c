/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Numbers of Mexico, of Central and of South America.
 */
#include "number/checksum.h"
#include "number/judge.h"
#include "number/part.h"

/* Brazil, persons: two check digits modulo 11, each over all before it. */
bool
number_is_br_cpf(struct slice n)
{
	unsigned first = part_weigh(n, 0, "A98765432") * 10 % 11 % 10;
	unsigned second = part_weigh(n, 0, "BA98765432") * 10 % 11 % 10;

	return first == part_digit(n, 9) && second == part_digit(n, 10) && !part_uniform(n);
}

/* Brazil, companies: letters since 2026, which count as their ASCII code less that of 0. */
static unsigned
latin_br_check(struct slice n, const char *weights)
{
	unsigned sum = 0;

	for (size_t i = 0; weights[i] != '\0'; i++)
		sum += (unsigned)(n.ptr[i] - '0') * part_value(weights[i]);
	return sum * 10 % 11 % 10;
}

bool
number_is_br_cnpj(struct slice n)
{
	return part_digits(n, 12, 14) && !part_uniform(n) &&
	    latin_br_check(n, "543298765432") == part_digit(n, 12) &&
	    latin_br_check(n, "6543298765432") == part_digit(n, 13);
}

/* Argentina, bank accounts: weights 7, 1, 3, 9 over the bank and over the account. */
bool
number_is_ar_cbu(struct slice n)
{
	return (10 - part_weigh(n, 0, "7139713") % 10) % 10 == part_digit(n, 7) &&
	    (10 - part_weigh(n, 8, "3971397139713") % 10) % 10 == part_digit(n, 21);
}

/* Argentina, taxpayers: the first two digits are the kind of person. */
bool
number_is_ar_cuit(struct slice n)
{
	unsigned rest = 11 - part_weigh(n, 0, "5432765432") % 11;

	return part_listed(n, 0, 2, "20 23 24 25 26 27 30 33 34 50 51 55") &&
	    rest != 10 && rest % 11 == part_digit(n, 10);
}

bool
number_is_ar_dni(struct slice n)
{
	return n.ptr[0] != '0';
}

/* Chile: modulo 11 with K for ten. */
bool
number_is_cl_rut(struct slice n)
{
	unsigned sum = 0, weight = 2;

	if (!part_digits(n, 0, n.len - 1))
		return false;
	for (size_t i = n.len - 1; i > 0; i--) {
		sum += part_digit(n, i - 1) * weight;
		weight = weight == 7 ? 2 : weight + 1;
	}
	return "0K987654321"[sum % 11] == n.ptr[n.len - 1];
}

/* Colombia: primes as weights. */
bool
number_is_co_nit(struct slice n)
{
	static const uint8_t primes[] = {
		3, 7, 13, 17, 19, 23, 29, 37, 41, 43, 47, 53, 59, 67, 71,
	};
	unsigned sum = 0;

	for (size_t i = 0; i + 1 < n.len; i++)
		sum += part_digit(n, n.len - 2 - i) * primes[i];
	sum %= 11;
	return (sum <= 1 ? sum : 11 - sum) == part_digit(n, n.len - 1);
}

/* Costa Rica, persons: the province of birth, and two groups whose zeros may be left out. */
bool
number_is_cr_cpf(struct slice n)
{
	size_t groups = 0, width = 0;

	if (part_digits(n, 0, n.len))
		return n.len == 10 ? n.ptr[0] == '0' : n.len == 9;
	for (size_t i = 0; i <= n.len; i++) {
		if (i < n.len && n.ptr[i] != '-') {
			width++;
			continue;
		}
		if (width == 0 || width > 4 || (groups == 0 && width != 1 &&
		    (width != 2 || n.ptr[0] != '0')))
			return false;
		groups++;
		width = 0;
	}
	return groups == 3;
}

/* Costa Rica: legal persons, their class and its type. */
bool
number_is_cr_cpj(struct slice n)
{
	uint64_t type = part_read(n, 1, 4);

	switch (n.ptr[0]) {
	case '2':
		return part_listed(n, 1, 3, "100 200 300 400");
	case '3':
		return (type >= 2 && type <= 14) || (type >= 101 && type <= 110) || type == 0;
	case '4':
		return type == 0;
	case '5':
		return type == 1;
	default:
		return false;
	}
}

/* Costa Rica: residents, eleven or twelve digits that begin with 1. */
bool
number_is_cr_cr(struct slice n)
{
	return n.ptr[0] == '1';
}

/* Cuba: a date of birth, the century, serial. */
bool
number_is_cu_ni(struct slice n)
{
	unsigned seventh = part_digit(n, 6);
	unsigned century = seventh == 9 ? 1800 : seventh <= 5 ? 1900 : 2000;

	return part_is_date(century + part_two(n, 0), part_two(n, 2), part_two(n, 4));
}

/* Dominican Republic, persons; many that were given out are wrong. */
bool
number_is_do_cedula(struct slice n)
{
	return checksum_luhn(n);
}

/* Dominican Republic, companies. */
bool
number_is_do_rnc(struct slice n)
{
	return (10 - part_weigh(n, 0, "79865432") % 11) % 9 + 1 == part_digit(n, 8);
}

/* Dominican Republic, receipts: of the old kind, of the new, and the electronic ones. */
bool
number_is_do_ncf(struct slice n)
{
	if (!part_digits(n, 1, n.len))
		return false;
	if (n.len == 13)
		return n.ptr[0] == 'E' && part_listed(n, 1, 2, "31 32 33 34 41 43 44 45 46 47");
	if (n.len == 11)
		return n.ptr[0] == 'B' && part_listed(n, 1, 2, "01 02 03 04 11 12 13 14 15 16 17");
	return n.len == 19 && part_in(n.ptr[0], "AP") &&
	    part_listed(n, 9, 2, "01 02 03 04 11 12 13 14 15 16 17");
}

/* Ecuador, persons: the province, and Luhn. */
static bool
latin_is_ec_province(struct slice n)
{
	unsigned province = part_two(n, 0);

	return (province >= 1 && province <= 24) || province == 30 || province == 50;
}

bool
number_is_ec_ci(struct slice n)
{
	return latin_is_ec_province(n) && n.ptr[2] <= '6' && checksum_luhn(n);
}

/* Ecuador, taxpayers: persons, public bodies, companies, by the third digit. */
bool
number_is_ec_ruc(struct slice n)
{
	if (!latin_is_ec_province(n))
		return false;
	switch (n.ptr[2]) {
	case '6':
		if (part_weigh(n, 0, "327654321") % 11 == 0 && part_read(n, 9, 13) != 0)
			return true;
		return checksum_luhn(slice_cut(n, 0, 10)) && part_read(n, 10, 13) != 0;
	case '9':
		return part_weigh(n, 0, "4327654321") % 11 == 0 && part_read(n, 10, 13) != 0;
	default:
		return n.ptr[2] < '6' && checksum_luhn(slice_cut(n, 0, 10)) &&
		    part_read(n, 10, 13) != 0;
	}
}

/* Guatemala: modulo 11 with K for ten. */
bool
number_is_gt_nit(struct slice n)
{
	unsigned sum = 0;

	if (!part_digits(n, 0, n.len - 1))
		return false;
	for (size_t i = 0; i + 1 < n.len; i++)
		sum += part_digit(n, n.len - 2 - i) * (unsigned)(i + 2);
	return "0123456789K"[(11 - sum % 11) % 11] == n.ptr[n.len - 1];
}

/* Mexico, persons: letters of the name, date, sex, state, consonants, century and a check digit. */
bool
number_is_mx_curp(struct slice n)
{
	static const char alphabet[] = "0123456789ABCDEFGHIJKLMN~OPQRSTUVWXYZ";
	static const char states[] =
	    "AS BC BS CC CH CL CM CS DF DG GR GT HG JC MC MN MS NE NL NT OC PL QR QT SL SP SR TC "
	    "TL TS VZ YN ZS";
	unsigned sum = 0;

	if (!part_letters(n, 0, 4) || !part_digits(n, 4, 10) || !part_in(n.ptr[10], "HMX") ||
	    !part_listed(n, 11, 2, states) || !part_is_digit(n.ptr[17]) ||
	    !part_is_date((part_is_digit(n.ptr[16]) ? 1900 : 2000) + part_two(n, 4), part_two(n, 6),
	    part_two(n, 8)))
		return false;
	for (size_t i = 0; i < 17; i++) {
		const char *at = memchr(alphabet, n.ptr[i], 37);

		if (at == NULL)
			return false;
		sum += (unsigned)(at - alphabet) * (unsigned)(18 - i);
	}
	return (10 - sum % 10) % 10 == part_digit(n, 17);
}

/* Mexico, taxpayers: letters, a date, and three more of which the last is a check modulo 11. */
bool
number_is_mx_rfc(struct slice n)
{
	size_t letters = n.len == 12 ? 3 : 4;

	if (n.len == 9 || n.len == 11 || n.len > 13 || !part_digits(n, letters, letters + 6))
		return false;
	for (size_t i = 0; i < letters; i++)
		if (part_is_digit(n.ptr[i]))
			return false;
	for (size_t i = letters + 6; i < n.len; i++)
		if (!part_is_digit(n.ptr[i]) && !part_is_upper(n.ptr[i]))
			return false;
	return part_is_short_date(part_two(n, letters), part_two(n, letters + 2),
	    part_two(n, letters + 4)) &&
	    (n.len == letters + 6 || part_is_digit(n.ptr[n.len - 1]) || n.ptr[n.len - 1] == 'A');
}

/* Peru, persons: the check character may be a digit or a letter. */
bool
number_is_pe_cui(struct slice n)
{
	unsigned rest;

	if (!part_digits(n, 0, 8))
		return false;
	if (n.len == 8)
		return true;
	rest = part_weigh(n, 0, "32765432") % 11;
	return "65432110987"[rest] == n.ptr[8] || "KJIHGFEDCBA"[rest] == n.ptr[8];
}

/* Peru, taxpayers. */
bool
number_is_pe_ruc(struct slice n)
{
	return part_listed(n, 0, 2, "10 15 16 17 20") &&
	    (11 - part_weigh(n, 0, "5432765432") % 11) % 10 == part_digit(n, 10);
}

/* Paraguay: weights from 2 on, modulo 11. */
bool
number_is_py_ruc(struct slice n)
{
	unsigned sum = 0;

	for (size_t i = 0; i + 1 < n.len; i++)
		sum += part_digit(n, n.len - 2 - i) * (unsigned)(i + 2);
	return (11 - sum % 11) % 11 % 10 == part_digit(n, n.len - 1);
}

/* El Salvador: the old kind and, from serial 100 on, the new. */
bool
number_is_sv_nit(struct slice n)
{
	unsigned sum = 0;

	if (!part_in(n.ptr[0], "019"))
		return false;
	if (part_read(n, 10, 13) <= 100) {
		for (unsigned i = 0; i < 13; i++)
			sum += part_digit(n, i) * (14 - i);
		return sum % 11 % 10 == part_digit(n, 13);
	}
	sum = part_weigh(n, 0, "2765432765432") % 11;
	return (sum <= 1 ? 0 : 11 - sum) == part_digit(n, 13);
}

/* Uruguay: the office, a serial, 001, and a check modulo 11. */
bool
number_is_uy_rut(struct slice n)
{
	unsigned office = part_two(n, 0);

	return office >= 1 && office <= 22 && part_read(n, 2, 8) != 0 &&
	    part_read(n, 8, 11) == 1 &&
	    (11 - part_weigh(n, 0, "43298765432") % 11) % 11 == part_digit(n, 11);
}

/* Venezuela: the kind of person has a value of its own. */
bool
number_is_ve_rif(struct slice n)
{
	unsigned sum;
	const char *kind = memchr("VEJPG", n.ptr[0], 5);

	if (kind == NULL || !part_digits(n, 1, 10))
		return false;
	switch (n.ptr[0]) {
	case 'V':
		sum = 4;
		break;
	case 'E':
		sum = 8;
		break;
	case 'J':
		sum = 12;
		break;
	case 'P':
		sum = 16;
		break;
	default:
		sum = 20;
		break;
	}
	sum += part_weigh(n, 1, "32765432");
	return "00987654321"[sum % 11] == n.ptr[9];
}
