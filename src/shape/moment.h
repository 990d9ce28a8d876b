/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHAPE_MOMENT_H
#define SHAPE_MOMENT_H

/*
 * moment - dates, times, and how old somebody is.
 *
 * A date is public until somebody says what it is the date of: where a word
 * speaks of birth it is a date of birth, where one speaks of a card its end.
 * Each function looks at the digits that begin at `start`; adds what they are,
 * returns its end; 0 if they are nothing of the kind.
 */

#include "shape/eye.h"

/* A date in digits or with a month's name, with a time behind it; or a year behind "in". */
uint32_t moment_date(struct eye *, uint32_t start);

/* An age: the number alone, so that what is left can be read. */
uint32_t moment_age(struct eye *, uint32_t start);

/* The day of the week that ends in these three letters; in English. */
uint32_t moment_weekday(struct eye *, uint32_t day);

#endif
