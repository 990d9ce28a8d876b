/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NUMBER_COUNTRY_H
#define NUMBER_COUNTRY_H

/*
 * country - two letters that are a country's.
 *
 * The codes of ISO 3166-1 alpha-2 and XK, and the structure of the account
 * number behind each (country.tbl).  A look-up is one load from a table with a
 * place for every pair of letters.  A sub-state such as a province is looked up
 * by the function of the number that has one.
 */

#include "core/slice.h"

/* Are the two characters at p, upper case, the code of a country? */
bool country_is_known(const char *p);

/* The structure of its IBAN behind the check digits, "8n12c"; empty where it has none. */
const char *country_iban(const char *p);

#endif
