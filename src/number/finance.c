/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Numbers of accounts, banks, securities and companies that are the same in
 * every country.
 */
#include "number/checksum.h"
#include "number/country.h"
#include "number/judge.h"
#include "number/part.h"

/* Does the account number behind country and check digits have the structure of its country? */
static bool
finance_is_bban(struct slice n, const char *shape)
{
	size_t at = 4;

	if (*shape == '\0')
		return false;
	while (*shape != '\0') {
		size_t count = 0;

		for (; part_is_digit(*shape); shape++)
			count = count * 10 + (size_t)(*shape - '0');
		if (at + count > n.len)
			return false;
		if ((*shape == 'n' && !part_digits(n, at, at + count)) ||
		    (*shape == 'a' && !part_letters(n, at, at + count)))
			return false;
		at += count;
		shape++;
	}
	return at == n.len;
}

/* ISO 13616: country and check digits go to the end, and what that gives is 1 modulo 97. */
bool
number_is_iban(struct slice n)
{
	char turned[34];

	if (n.len > sizeof turned || !part_digits(n, 2, 4) ||
	    !finance_is_bban(n, country_iban(n.ptr)))
		return false;
	memcpy(turned, n.ptr + 4, n.len - 4);
	memcpy(turned + n.len - 4, n.ptr, 4);
	return checksum_mod_97(slice_of(turned, n.len)) == 1;
}

/* ISO 11649: the creditor reference, turned around as an IBAN is. */
bool
number_is_iso11649(struct slice n)
{
	char turned[25];

	if (n.ptr[0] != 'R' || n.ptr[1] != 'F' || !part_digits(n, 2, 4))
		return false;
	memcpy(turned, n.ptr + 4, n.len - 4);
	memcpy(turned + n.len - 4, n.ptr, 4);
	return checksum_mod_97(slice_of(turned, n.len)) == 1;
}

/* ISO 9362: institution, country, place, and a branch or none. */
bool
number_is_bic(struct slice n)
{
	return (n.len == 8 || n.len == 11) && part_letters(n, 0, 6) && country_is_known(n.ptr + 4);
}

/* ISO 6166.  Besides countries there are codes of those that are issued across them: XS, EU, QS. */
bool
number_is_isin(struct slice n)
{
	return part_letters(n, 0, 2) && part_is_digit(n.ptr[11]) &&
	    (country_is_known(n.ptr) || n.ptr[0] == 'X' || n.ptr[0] == 'Q' ||
	    part_listed(n, 0, 2, "EU AN ZZ")) && checksum_luhn_spread(n);
}

/* ISO 17442. */
bool
number_is_lei(struct slice n)
{
	return part_digits(n, 18, 20) && checksum_mod_97(n) == 1;
}

/* Of a value, doubled at every second place, the sum of its decimal digits. */
static unsigned
finance_spread(struct slice n, size_t len, size_t first_doubled)
{
	unsigned sum = 0;

	for (size_t i = 0; i < len; i++) {
		unsigned value = part_value(n.ptr[i]) << ((i & 1) == (first_doubled & 1));

		sum += value / 10 + value % 10;
	}
	return sum;
}

/* ANSI X9.6, as CUSIP Global Services describes the check digit. */
bool
number_is_cusip(struct slice n)
{
	return part_is_digit(n.ptr[8]) &&
	    (10 - finance_spread(n, 8, 1) % 10) % 10 == part_digit(n, 8);
}

static bool
finance_has_vowel(struct slice n)
{
	for (size_t i = 0; i < n.len; i++)
		if (part_in(n.ptr[i], "AEIOU"))
			return true;
	return false;
}

/* London Stock Exchange.  What begins with a digit is of the old kind, without letters. */
bool
number_is_gb_sedol(struct slice n)
{
	if (finance_has_vowel(n) || !part_is_digit(n.ptr[6]) ||
	    (part_is_digit(n.ptr[0]) && !part_digits(n, 0, 7)))
		return false;
	return (part_weigh(n, 0, "1317391")) % 10 == 0;
}

/* OMG FIGI 1.0: prefixes that could be taken for the country of an ISIN are not given out. */
bool
number_is_figi(struct slice n)
{
	if (!part_letters(n, 0, 2) || n.ptr[2] != 'G' || finance_has_vowel(n) ||
	    !part_is_digit(n.ptr[11]) || part_listed(n, 0, 2, "BS BM GG GB GH KY VG"))
		return false;
	return (10 - finance_spread(n, 11, 1) % 10) % 10 == part_digit(n, 11);
}

/* Wertpapierkennnummer: letters without I and O, no check digit. */
bool
number_is_de_wkn(struct slice n)
{
	for (size_t i = 0; i < n.len; i++)
		if (part_in(n.ptr[i], "IO"))
			return false;
	return true;
}

/* ISO 4914, a product of derivatives: MOD 31,30 of ISO 7064 over digits and consonants but Y. */
bool
number_is_upi(struct slice n)
{
	static const char alphabet[] = "0123456789BCDFGHJKLMNPQRSTVWXZ";
	unsigned check = 30, value = 0;

	if (n.ptr[0] != 'Q' || n.ptr[1] != 'Z')
		return false;
	for (size_t i = 0; i < n.len; i++) {
		const char *at = memchr(alphabet, n.ptr[i], 30);

		if (at == NULL)
			return false;
		value = (unsigned)(at - alphabet);
		if (i + 1 < n.len) {
			check = (check + value) % 30;
			check = (check == 0 ? 30 : check) * 2 % 31;
		}
	}
	return (check + value) % 30 == 1;
}

/* ABA routing number: weights 3, 7, 1, and the first two digits are of a Federal Reserve bank. */
bool
number_is_us_rtn(struct slice n)
{
	unsigned bank = part_two(n, 0);

	return (bank <= 12 || (bank >= 21 && bank <= 32) || (bank >= 61 && bank <= 72) ||
	    bank == 80) && part_weigh(n, 0, "371371371") % 10 == 0 && !part_uniform(n);
}

/*
 * Euro banknotes: what is left modulo 9 of letters and digits is 0.  Of the
 * first series, one letter of the central bank; of the second, of the printer.
 */
bool
number_is_eu_banknote(struct slice n)
{
	size_t letters = part_is_upper(n.ptr[1]) ? 2 : 1;
	unsigned sum = 0;

	if (!part_is_upper(n.ptr[0]) || !part_digits(n, letters, n.len) ||
	    !part_in(n.ptr[0], letters == 1 ? "DEFGHLMNPSTUVXYZ" : "DEFHJLMNPRSTUVWXYZ"))
		return false;
	for (size_t i = 0; i < n.len; i++)
		sum += part_is_digit(n.ptr[i]) ? part_digit(n, i) : (unsigned char)n.ptr[i];
	return sum % 9 == 0;
}

/* SEPA creditor identifier: its business code, characters 5 to 7, is not in the check. */
bool
number_is_eu_at_02(struct slice n)
{
	char turned[35];
	size_t rest = n.len - 7;

	if (!country_is_known(n.ptr) || !part_digits(n, 2, 4))
		return false;
	memcpy(turned, n.ptr + 7, rest);
	memcpy(turned + rest, n.ptr, 4);
	return checksum_mod_97(slice_of(turned, rest + 4)) == 1;
}

/* New Zealand: which of the algorithms of Inland Revenue a bank and its branches have. */
static const struct {
	uint16_t	bank, first, last;
	char		algorithm;
} finance_nz_banks[] = {
	{ 1, 1, 999, 'A' }, { 1, 1100, 1199, 'A' }, { 1, 1800, 1899, 'A' }, { 2, 1, 999, 'A' },
	{ 2, 1200, 1299, 'A' }, { 3, 1, 999, 'A' }, { 3, 1300, 1399, 'A' },
	{ 3, 1500, 1599, 'A' }, { 3, 1700, 1799, 'A' }, { 3, 1900, 1999, 'A' },
	{ 3, 7350, 7399, 'A' }, { 4, 2020, 2024, 'A' }, { 6, 1, 999, 'A' },
	{ 6, 1400, 1499, 'A' }, { 8, 6500, 6599, 'D' }, { 9, 0, 0, 'E' },
	{ 11, 5000, 6499, 'A' }, { 11, 6600, 8999, 'A' }, { 12, 3000, 3299, 'A' },
	{ 12, 3400, 3499, 'A' }, { 12, 3600, 3699, 'A' }, { 13, 4900, 4999, 'A' },
	{ 14, 4700, 4799, 'A' }, { 15, 3900, 3999, 'A' }, { 16, 4400, 4499, 'A' },
	{ 17, 3300, 3399, 'A' }, { 18, 3500, 3599, 'A' }, { 19, 4600, 4649, 'A' },
	{ 20, 4100, 4199, 'A' }, { 21, 4800, 4899, 'A' }, { 22, 4000, 4049, 'A' },
	{ 23, 3700, 3799, 'A' }, { 24, 4300, 4349, 'A' }, { 25, 2500, 2599, 'F' },
	{ 26, 2600, 2699, 'G' }, { 27, 3800, 3849, 'A' }, { 28, 2100, 2149, 'G' },
	{ 29, 2150, 2299, 'G' }, { 30, 2900, 2949, 'A' }, { 31, 2800, 2849, 'X' },
	{ 33, 6700, 6799, 'F' }, { 35, 2400, 2499, 'A' }, { 38, 9000, 9499, 'A' },
};

/* Sixteen digits: bank, branch, account and suffix. */
static bool
finance_is_nz(struct slice d, char algorithm)
{
	unsigned sum = 0;

	switch (algorithm) {
	case 'A':
		/* From 990000 on the branch does not count. */
		return part_weigh(d, 0, part_read(d, 6, 13) >= 990000 ? "0000000A584210" :
		    "0063790A584210") % 11 == 0;
	case 'D':
		return part_weigh(d, 0, "0000007654321") % 11 == 0;
	case 'E':
		for (size_t i = 0; i < 16; i++) {
			unsigned value = part_digit(d, i) * part_value("0000000005432001"[i]);

			sum += value / 10 + value % 10;
		}
		return sum % 11 == 0;
	case 'F':
		return part_weigh(d, 0, "0000001731731") % 10 == 0;
	case 'G':
		for (size_t i = 0; i < 16; i++) {
			unsigned value = part_digit(d, i) * part_value("0000001371371371"[i]);

			sum += value / 10 + value % 10;
		}
		return sum % 10 == 0;
	default:
		return true;
	}
}

/* A branch of three digits has a 0 left out, and a suffix of one or two has zeros left out. */
bool
number_is_nz_bankaccount(struct slice n)
{
	char bare[16] = { 0 };
	struct slice d = { bare, 16 };
	size_t used = 0, suffix;
	uint64_t branch;

	for (size_t i = 0; i < n.len; i++) {
		if (part_is_digit(n.ptr[i])) {
			if (used == sizeof bare)
				return false;
			bare[used++] = n.ptr[i];
		} else if (i == 2 && n.len > 6 && part_digits(n, 3, 6) &&
		    !part_is_digit(n.ptr[6])) {
			bare[used++] = '0';
		}
	}
	if (used < 14)
		return false;
	suffix = used - 13;
	memmove(bare + 16 - suffix, bare + 13, suffix);
	memset(bare + 13, '0', 3 - suffix);
	branch = part_read(d, 2, 6);
	for (size_t i = 0; i < sizeof finance_nz_banks / sizeof finance_nz_banks[0]; i++)
		if (finance_nz_banks[i].bank == part_two(d, 0) &&
		    branch >= finance_nz_banks[i].first &&
		    branch <= finance_nz_banks[i].last)
			return finance_is_nz(d, finance_nz_banks[i].algorithm);
	return false;
}

/*
 * ISO 10962: category, group, and for equities, funds, debt, rights, options and
 * futures the letters that each of the four attributes may have; X is always "none".
 */
static const char *const finance_cfi[][5] = {
	{ "ES", "VNRE", "TU", "OFP", "BRNM" }, { "EP", "VNRE", "RETGACN", "FCPQANU", "BRNM" },
	{ "EC", "VNRE", "TU", "OFP", "BRNM" }, { "EF", "VNRE", "RETGACN", "FCPQANU", "BRNM" },
	{ "EL", "VNRE", "TU", "OFP", "BRNM" }, { "ED", "SPCFLM", "RNBD", "FCPQANUD", "BRNM" },
	{ "EY", "ABCDEM", "DYM", "FVEM", "BSDGTCINM" }, { "EM", "", "", "", "BRNM" },
	{ "CI", "COM", "IGJ", "RBEVLCDFKM", "SQUY" }, { "CH", "DRSENALM", "", "", "" },
	{ "CB", "COM", "IGJ", "", "SQUY" }, { "CE", "COM", "IGJ", "RBEVLCDFKM", "SU" },
	{ "CS", "COM", "BGLM", "RBM", "SU" }, { "CF", "COM", "IGJ", "IHBEPM", "SQUY" },
	{ "CP", "COM", "IGJ", "RBEVLCDFKM", "SQUY" }, { "CM", "", "", "", "SQUY" },
	{ "DB", "FZVCK", "TGSUPNOQJC", "FGCDABTLPQRE", "BRNM" },
	{ "DC", "FZVK", "TGSUPNOQJC", "FGCDABTLPQRE", "BRNM" },
	{ "DW", "FZVK", "TGSUPNOQJC", "FGCDABTLPQRE", "BRNM" },
	{ "DT", "FZVK", "TGSUPNOQJC", "FGCDABTLPQRE", "BRNM" },
	{ "DY", "FZVK", "TGSUPNOQJC", "", "BRNM" }, { "DS", "ABCDM", "FDVYM", "FVM", "BSDTCIM" },
	{ "DE", "ABCDEM", "FDVYM", "RSCTM", "BSDTCIM" },
	{ "DG", "FZV", "TGSUPNOQJC", "FGCDABTLPQRE", "BRNM" },
	{ "DA", "FZV", "TGSUPNOQJC", "FGCDABTLPQRE", "BRNM" },
	{ "DN", "FZV", "TGSUPNOQJC", "FGCDABTLPQRE", "BRNM" },
	{ "DD", "BCWTYGQNM", "FZVC", "FGCDABTLPQRE", "BRNM" }, { "DM", "BPM", "", "", "BRNM" },
	{ "RA", "", "", "", "BRNM" }, { "RS", "SPCFBIM", "", "", "BRNM" },
	{ "RP", "SPCFBIM", "", "", "BRNM" }, { "RW", "BSDTCIM", "TNC", "CPB", "AEBM" },
	{ "RF", "BSDTCIM", "TNM", "CPM", "AEBM" }, { "RD", "ASPWM", "", "", "BRNM" },
	{ "RM", "", "", "", "" }, { "OC", "AEB", "BSDTCIOFWNM", "PCNE", "SN" },
	{ "OP", "AEB", "BSDTCIOFWNM", "PCNE", "SN" }, { "OM", "", "", "", "" },
	{ "FF", "BSDCIOFWNVM", "PCN", "SN", "" }, { "FC", "EASNPHM", "PCN", "SN", "" },
	{ "IF", "", "", "", "P" },
};

bool
number_is_cfi(struct slice n)
{
	static const char others[] =
	    "SR ST SE SC SF SM HR HT HE HC HF HM IT JE JF JC JR JT KR KT KE KC KF KY KM LL LR LS "
	    "TC TT TR TI TB TD TM MC MM";

	if (!part_letters(n, 0, 6))
		return false;
	for (size_t i = 0; i < sizeof finance_cfi / sizeof finance_cfi[0]; i++) {
		if (memcmp(n.ptr, finance_cfi[i][0], 2) != 0)
			continue;
		for (size_t j = 1; j < 5; j++)
			if (n.ptr[1 + j] != 'X' && !part_in(n.ptr[1 + j], finance_cfi[i][j]))
				return false;
		return true;
	}
	return part_listed(n, 0, 2, others);
}
