/* SPDX-License-Identifier: Apache-2.0 */
#include "number/country.h"

#include "number/part.h"

#define COUNTRY_PLACE(a, b)	(((a) - 'A') * 26 + ((b) - 'A'))

/* What stands in front tells a country without an IBAN from no country at all. */
static const char country_rows[26 * 26][10] = {
#define COUNTRY(a, b, iban)	[COUNTRY_PLACE(a, b)] = "=" iban,
#include "number/country.tbl"
#undef COUNTRY
};

static const char *
country_row(const char *p)
{
	if (!part_is_upper(p[0]) || !part_is_upper(p[1]))
		return "";
	return country_rows[COUNTRY_PLACE(p[0], p[1])];
}

bool
country_is_known(const char *p)
{
	return country_row(p)[0] != '\0';
}

const char *
country_iban(const char *p)
{
	const char *row = country_row(p);

	return row[0] == '\0' ? row : row + 1;
}
