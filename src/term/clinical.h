/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TERM_CLINICAL_H
#define TERM_CLINICAL_H

/*
 * clinical - what only counts behind or before a word that announces it.
 *
 * "E11.9" is a part number unless somebody speaks of a diagnosis, "6.1" is a
 * number unless HbA1c stands before it and a unit behind it, and 9 is an age if
 * "years old" follows.  term.h finds those words; these functions look at the
 * few bytes around them and add what they find.
 */

#include "find/look.h"

/*
 * Codes of ICD-10 (WHO: a letter, two digits, and up to four characters behind a point, as its
 * national modifications have) shortly behind `at`, several of them in a row.
 */
void clinical_code(const struct look *, uint32_t at);

/* A number with a unit shortly behind what is measured, [start, end): a finding of all that. */
void clinical_value(const struct look *, uint32_t start, uint32_t end);

/* A number below 18 right before the words [start, end), or behind: a finding of all that. */
void clinical_age(const struct look *, uint32_t start, uint32_t end);
void clinical_aged(const struct look *, uint32_t start, uint32_t end);

#endif
