/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Numbers of France, Monaco, Spain, Andorra, Portugal, Italy, San Marino,
 * Malta, Greece and Cyprus.
 */
#include "number/checksum.h"
#include "number/judge.h"
#include "number/part.h"

/*
 * Numero d'inscription au repertoire (INSEE): 97 less what the thirteen are
 * modulo 97; the departments of Corsica are 2A and 2B and count as 19 and 18.
 */
bool
number_is_fr_nir(struct slice n)
{
	char digits[13];
	unsigned month;

	if (!part_in(n.ptr[0], "123478"))
		return false;
	memcpy(digits, n.ptr, 13);
	if (n.ptr[5] == '2' && (n.ptr[6] == 'A' || n.ptr[6] == 'B')) {
		digits[5] = '1';
		digits[6] = n.ptr[6] == 'A' ? '9' : '8';
	}
	if (!part_digits(slice_of(digits, 13), 0, 13) || !part_digits(n, 13, 15))
		return false;
	month = part_two(n, 3);
	if (month == 0 || (month > 12 && month < 20) || (month > 42 && month < 50))
		return false;
	return 97 - part_read(slice_of(digits, 13), 0, 13) % 97 == part_two(n, 13);
}

/* Numero fiscal: ten digits modulo 511. */
bool
number_is_fr_nif(struct slice n)
{
	return n.ptr[0] <= '3' && part_read(n, 0, 10) % 511 == part_read(n, 10, 13);
}

bool
number_is_fr_siren(struct slice n)
{
	return checksum_luhn(n);
}

/* Luhn; La Poste ran out, and those of its places but the head are a sum modulo 5. */
bool
number_is_fr_siret(struct slice n)
{
	unsigned sum = 0;

	if (!checksum_luhn(slice_cut(n, 0, 9)))
		return false;
	if (part_read(n, 0, 9) != 356000000 || part_read(n, 9, 14) == 48)
		return checksum_luhn(n);
	for (size_t i = 0; i < 14; i++)
		sum += part_digit(n, i);
	return sum % 5 == 0;
}

/* Of the two characters in front, of the new kind with a letter, in base 34 without I and O. */
static unsigned
roman_base_34(char c)
{
	return part_value(c) - (c > 'I') - (c > 'O');
}

/* The key in front is 12 and three times the SIREN, modulo 97; or of the new kind modulo 11. */
static bool
roman_is_fr_key(struct slice n)
{
	uint64_t siren = part_read(n, 2, 11);
	unsigned key;

	if (part_digits(n, 0, 2))
		return (siren * 100 + 12) % 97 == part_two(n, 0);
	if (part_in(n.ptr[0], "IO") || part_in(n.ptr[1], "IO"))
		return false;
	if (part_is_digit(n.ptr[0]))
		key = part_digit(n, 0) * 24 + roman_base_34(n.ptr[1]) - 10;
	else
		key = roman_base_34(n.ptr[0]) * 34 + roman_base_34(n.ptr[1]) - 100;
	return (siren + 1 + key / 11) % 11 == key % 11;
}

bool
number_is_fr_tva(struct slice n)
{
	/* Of Monaco, whose are 000 in front, there is no SIREN. */
	return part_digits(n, 2, 11) && roman_is_fr_key(n) &&
	    (part_read(n, 2, 5) == 0 || checksum_luhn(slice_cut(n, 2, 11)));
}

bool
number_is_mc_tva(struct slice n)
{
	return part_digits(n, 2, 11) && part_read(n, 2, 5) == 0 && roman_is_fr_key(n);
}

/* Registre du commerce: RCS, the town, A or B, and a SIREN. */
bool
number_is_fr_rcs(struct slice n)
{
	char digits[9];
	size_t used = 0, end = n.len;

	if (n.len < 16 || memcmp(n.ptr, "RCS ", 4) != 0)
		return false;
	while (end > 0 && used < 9 && (part_is_digit(n.ptr[end - 1]) || n.ptr[end - 1] == ' ')) {
		if (n.ptr[--end] != ' ')
			digits[8 - used++] = n.ptr[end];
	}
	while (end > 0 && n.ptr[end - 1] == ' ')
		end--;
	return used == 9 && end > 6 && part_in(n.ptr[end - 1], "AB") && n.ptr[end - 2] == ' ' &&
	    checksum_luhn(slice_of(digits, 9));
}

/* Excise: FR0 and a year, the office, the kind of trader, and a serial. */
bool
number_is_fr_accise(struct slice n)
{
	return part_listed(n, 0, 3, "FR0") && part_digits(n, 3, 8) && part_in(n.ptr[8], "ENCB") &&
	    part_digits(n, 9, 13);
}

/* Spain: the letter of a DNI is its place in this alphabet, modulo 23. */
static bool
roman_is_es_letter(uint64_t value, char letter)
{
	return "TRWAGMYFPDXBNJZSQVHLCKE"[value % 23] == letter;
}

bool
number_is_es_dni(struct slice n)
{
	return part_digits(n, 0, 8) && roman_is_es_letter(part_read(n, 0, 8), n.ptr[8]);
}

/* Foreigners: X, Y, Z are 0, 1, 2 in front. */
bool
number_is_es_nie(struct slice n)
{
	return part_in(n.ptr[0], "XYZ") && part_digits(n, 1, 8) &&
	    roman_is_es_letter((uint64_t)(n.ptr[0] - 'X') * 10000000 + part_read(n, 1, 8),
	    n.ptr[8]);
}

/* Companies: Luhn, as a digit or as the letter at its place, and some have only one of these. */
bool
number_is_es_cif(struct slice n)
{
	unsigned check;

	if (!part_in(n.ptr[0], "ABCDEFGHJNPQRSUVW") || !part_digits(n, 1, 8))
		return false;
	check = checksum_luhn_digit(slice_cut(n, 1, 8));
	if (part_is_digit(n.ptr[8]))
		return !part_in(n.ptr[0], "NPQRSW") && check == part_digit(n, 8);
	return !part_in(n.ptr[0], "ABEH") && "JABCDEFGHI"[check] == n.ptr[8];
}

/* Any of the three; K, L, M are persons without a DNI. */
bool
number_is_es_nif(struct slice n)
{
	if (part_is_digit(n.ptr[0]))
		return number_is_es_dni(n);
	if (part_in(n.ptr[0], "KLM"))
		return part_digits(n, 1, 8) && roman_is_es_letter(part_read(n, 1, 8), n.ptr[8]);
	return number_is_es_nie(n) || number_is_es_cif(n);
}

/* Account: two check digits modulo 11, of bank and branch and of the account; 10 is written 1. */
bool
number_is_es_ccc(struct slice n)
{
	unsigned bank = part_weigh(n, 0, "485A9736") % 11;
	unsigned account = part_weigh(n, 10, "12485A9736") % 11;

	bank = bank <= 1 ? bank : 11 - bank;
	account = account <= 1 ? account : 11 - account;
	return bank == part_digit(n, 8) && account == part_digit(n, 9);
}

bool
number_is_es_iban(struct slice n)
{
	return n.ptr[0] == 'E' && n.ptr[1] == 'S' && number_is_iban(n) &&
	    number_is_es_ccc(slice_cut(n, 4, 24));
}

/* Social security: the province, a serial, and all of them modulo 97. */
bool
number_is_es_nss(struct slice n)
{
	uint64_t serial = part_read(n, 2, 10), whole;

	whole = serial < 10000000 ? part_two(n, 0) * UINT64_C(10000000) + serial :
	    part_read(n, 0, 10);
	return part_two(n, 0) >= 1 && part_two(n, 0) <= 66 && whole % 97 == part_two(n, 10);
}

/* Passport: two or three letters and six digits, no check. */
bool
number_is_es_passport(struct slice n)
{
	return n.len == 8 ? part_like(n, "AA999999") : part_like(n, "AAA999999");
}

bool
number_is_es_postal_code(struct slice n)
{
	return part_two(n, 0) >= 1 && part_two(n, 0) <= 52;
}

/* Supply points: ES, sixteen digits, two letters modulo 529, and maybe which measuring point. */
bool
number_is_es_cups(struct slice n)
{
	static const char alphabet[] = "TRWAGMYFPDXBNJZSQVHLCKE";
	uint64_t rest;

	if (n.ptr[0] != 'E' || n.ptr[1] != 'S' || !part_digits(n, 2, 18))
		return false;
	if (n.len != 20 && (n.len != 22 || !part_is_digit(n.ptr[20]) ||
	    !part_in(n.ptr[21], "FPRCXYZ")))
		return false;
	rest = part_read(n, 2, 18) % 529;
	return alphabet[rest / 23] == n.ptr[18] && alphabet[rest % 23] == n.ptr[19];
}

/* Excise: ES000, office, activity, serial, check letter that nobody publishes. */
bool
number_is_es_cae(struct slice n)
{
	static const char offices[] =
	    "01 02 03 04 05 06 07 08 09 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 "
	    "29 30 31 32 33 34 35 36 37 38 39 40 41 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56";
	static const char activities[] =
	    "A1 A7 A9 A0 B1 B7 B9 B0 BA C1 C7 C9 C0 DA DB DM EC F1 F7 F9 F0 H1 H7 H9 H0 HA HB HC "
	    "HD HE HF HH HI HJ HK HL HM HN HP HT HU HV HX HZ OA OB OE OH OR OV OT OW AC AF AH AM "
	    "AP AT AV AW AX AZ BB BC BF BH BI BJ BN BP BT BV BX BZ CA CC CF CP CX CZ DC DF DP "
	    "LA LF LM LP LT LV LW LX LZ M7 MA MF MM PF RA RC V1 V7 V9 V0 VA VD VF VM VP VR VV XA "
	    "XF A2 A6 B6 E7 H2 H6 H8 HQ HR HS L0 L2 L3 L7 RF TT";

	return part_listed(n, 0, 5, "ES000") && part_listed(n, 5, 2, offices) &&
	    part_listed(n, 7, 2, activities) && part_digits(n, 9, 12) && part_is_upper(n.ptr[12]);
}

/* Catastro: two halves of seven, each with the four characters behind, give a letter each. */
bool
number_is_es_referenciacatastral(struct slice n)
{
	static const char alphabet[] = "ABCDEFGHIJKLMN~OPQRSTUVWXYZ";
	static const uint8_t weights[] = { 13, 15, 12, 5, 4, 17, 9, 21, 3, 7, 1 };

	if (n.len == 14)
		return true;
	if (n.len != 20)
		return false;
	for (size_t half = 0; half < 2; half++) {
		unsigned sum = 0;

		for (size_t i = 0; i < 11; i++) {
			char c = n.ptr[i < 7 ? half * 7 + i : 7 + i];
			const char *at = memchr(alphabet, c, 27);
			unsigned value = at == NULL ? part_value(c) : (unsigned)(at - alphabet) + 1;

			sum += value * weights[i];
		}
		if ("MQWERTYUIOPASDFGHJKLBZX"[sum % 23] != n.ptr[18 + half])
			return false;
	}
	return true;
}

/* Andorra: a letter, six digits and a letter; some letters have their numbers. */
bool
number_is_ad_nrt(struct slice n)
{
	uint64_t value;

	if (!part_like(n, "A999999A") || !part_in(n.ptr[0], "ACDEFGLOPU"))
		return false;
	value = part_read(n, 1, 7);
	return (n.ptr[0] != 'F' || value < 700000) &&
	    (!part_in(n.ptr[0], "AL") || (value >= 700000 && value < 800000));
}

/* Portugal, taxes. */
bool
number_is_pt_nif(struct slice n)
{
	unsigned rest = part_weigh(n, 0, "98765432") % 11;

	return n.ptr[0] != '0' && (rest <= 1 ? 0 : 11 - rest) == part_digit(n, 8);
}

/* Portugal, citizen's card: Luhn in which letters are their value. */
bool
number_is_pt_cc(struct slice n)
{
	unsigned sum = 0;

	if (!part_digits(n, 0, 9) || !part_is_digit(n.ptr[11]))
		return false;
	for (size_t i = 0; i < 12; i++) {
		unsigned value = part_value(n.ptr[i]) << ((i & 1) == 0);

		sum += value > 9 && (i & 1) == 0 ? value - 9 : value;
	}
	return sum % 10 == 0;
}

/* Malta: modulo 37. */
bool
number_is_mt_vat(struct slice n)
{
	return n.ptr[0] != '0' && (part_weigh(n, 0, "346789") + part_two(n, 6)) % 37 == 0;
}

/* Greece, taxes: powers of two, modulo 11, modulo 10. */
bool
number_is_gr_vat(struct slice n)
{
	unsigned sum = 0;

	if (n.len != 9 && n.len != 8)
		return false;
	for (size_t i = 0; i + 1 < n.len; i++)
		sum = sum * 2 + part_digit(n, i);
	return sum * 2 % 11 % 10 == part_digit(n, n.len - 1) && sum != 0;
}

/* Greece, social insurance: a date of birth, and Luhn. */
bool
number_is_gr_amka(struct slice n)
{
	return checksum_luhn(n) &&
	    part_is_short_date(part_two(n, 4), part_two(n, 2), part_two(n, 0));
}

/* Cyprus: digits at even places count by a table, the sum modulo 26 is a letter. */
bool
number_is_cy_vat(struct slice n)
{
	static const uint8_t table[] = { 1, 0, 5, 7, 9, 13, 15, 17, 19, 21 };
	unsigned sum = 0;

	if (!part_digits(n, 0, 8) || (n.ptr[0] == '1' && n.ptr[1] == '2'))
		return false;
	for (size_t i = 0; i < 8; i++)
		sum += i & 1 ? part_digit(n, i) : table[part_digit(n, i)];
	return (char)('A' + sum % 26) == n.ptr[8];
}
