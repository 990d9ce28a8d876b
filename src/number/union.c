/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Numbers of the European Union, and VAT numbers by the country in front.
 */
#include "number/checksum.h"
#include "number/country.h"
#include "number/judge.h"
#include "number/number.h"
#include "number/part.h"

/* The VAT number of a member state: the letters in front, the row, and whether they are its own. */
static const struct {
	char		prefix[3];
	uint16_t	number;
	bool		member;
} union_vat[] = {
	{ "AT", NUMBER_at_uid, true }, { "BE", NUMBER_be_vat, true },
	{ "BG", NUMBER_bg_vat, true }, { "CY", NUMBER_cy_vat, true },
	{ "CZ", NUMBER_cz_dic, true }, { "DE", NUMBER_de_vat, true },
	{ "DK", NUMBER_dk_cvr, true }, { "EE", NUMBER_ee_kmkr, true },
	{ "EL", NUMBER_gr_vat, true }, { "ES", NUMBER_es_nif, true },
	{ "FI", NUMBER_fi_alv, true }, { "FR", NUMBER_fr_tva, true },
	{ "HR", NUMBER_hr_oib, true }, { "HU", NUMBER_hu_anum, true },
	{ "IE", NUMBER_ie_vat, true }, { "IT", NUMBER_it_iva, true },
	{ "LT", NUMBER_lt_pvm, true }, { "LU", NUMBER_lu_tva, true },
	{ "LV", NUMBER_lv_pvn, true }, { "MT", NUMBER_mt_vat, true },
	{ "NL", NUMBER_nl_btw, true }, { "PL", NUMBER_pl_nip, true },
	{ "PT", NUMBER_pt_nif, true }, { "RO", NUMBER_ro_cf, true },
	{ "SE", NUMBER_se_vat, true }, { "SI", NUMBER_si_ddv, true },
	{ "SK", NUMBER_sk_dph, true }, { "XI", NUMBER_gb_vat, true },
	{ "GB", NUMBER_gb_vat, false }, { "NO", NUMBER_no_mva, false },
	{ "BR", NUMBER_br_cnpj, false }, { "MX", NUMBER_mx_rfc, false },
	{ "AR", NUMBER_ar_cuit, false }, { "AU", NUMBER_au_abn, false },
	{ "BY", NUMBER_by_unp, false }, { "CL", NUMBER_cl_rut, false },
	{ "IS", NUMBER_is_vsk, false }, { "IN", NUMBER_in_gstin, false },
	{ "MK", NUMBER_mk_edb, false }, { "NZ", NUMBER_nz_ird, false },
	{ "OM", NUMBER_om_vat, false }, { "RS", NUMBER_rs_pib, false },
	{ "RU", NUMBER_ru_inn, false }, { "TR", NUMBER_tr_vkn, false },
	{ "UA", NUMBER_ua_edrpou, false },
};

static bool
union_is_vat(struct slice n, bool members)
{
	char prefix[2];

	if (n.len < 4)
		return false;
	for (size_t i = 0; i < 2; i++) {
		prefix[i] = n.ptr[i];
		if (prefix[i] >= 'a' && prefix[i] <= 'z')
			prefix[i] = (char)(prefix[i] - 'a' + 'A');
	}
	for (size_t i = 0; i < sizeof union_vat / sizeof union_vat[0]; i++) {
		if (memcmp(prefix, union_vat[i].prefix, 2) != 0 ||
		    (members && !union_vat[i].member))
			continue;
		/* Some have these letters in their own prefix and drop them; none needs them. */
		return number_is_valid((enum number)union_vat[i].number, slice_cut(n, 2, n.len));
	}
	if (memcmp(prefix, "CH", 2) == 0)
		return !members && number_is_valid(NUMBER_ch_vat, n);
	return memcmp(prefix, "EU", 2) == 0 && number_is_valid(NUMBER_eu_oss, n);
}

bool
number_is_eu_vat(struct slice n)
{
	return union_is_vat(n, true);
}

bool
number_is_vatin(struct slice n)
{
	return union_is_vat(n, false);
}

/*
 * One stop shop: EU or IM, the member state by its number in ISO 3166-1, a serial and a check
 * digit that no regulation explains.
 */
bool
number_is_eu_oss(struct slice n)
{
	static const char states[] =
	    "040 056 100 191 196 203 208 233 246 250 276 300 348 372 380 428 440 442 470 528 616 "
	    "620 642 703 705 724 752 900";
	struct slice digits = slice_cut(n, 2, n.len);

	return ((n.len == 11 && part_listed(n, 0, 2, "EU")) ||
	    (n.len == 12 && part_listed(n, 0, 2, "IM"))) && part_digits(n, 2, n.len) &&
	    part_listed(digits, 0, 3, states);
}

/* SEED: a member state and eleven characters, where zeros in front may be left out. */
bool
number_is_eu_excise(struct slice n)
{
	static const char members[] =
	    "AT BE BG CY CZ DE DK EE EL ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK "
	    "XI";

	if (!part_listed(n, 0, 2, members))
		return false;
	if (n.ptr[0] == 'F' && n.ptr[1] == 'R')
		return n.len == 13 && number_is_fr_accise(n);
	return n.len == 13 || n.ptr[2] != '0';
}

/* NACE, revision 2: a section, or the division and what is below it. */
bool
number_is_eu_nace(struct slice n)
{
	static const char divisions[] =
	    "01 02 03 05 06 07 08 09 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 "
	    "30 31 32 33 35 36 37 38 39 41 42 43 45 46 47 49 50 51 52 53 55 56 58 59 60 61 62 63 "
	    "64 65 66 68 69 70 71 72 73 74 75 77 78 79 80 81 82 84 85 86 87 88 90 91 92 93 94 95 "
	    "96 97 98 99";

	if (n.len == 1)
		return n.ptr[0] >= 'A' && n.ptr[0] <= 'U';
	return part_digits(n, 0, n.len) && part_listed(n, 0, 2, divisions);
}
