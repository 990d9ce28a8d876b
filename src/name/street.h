/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NAME_STREET_H
#define NAME_STREET_H

/*
 * street - addresses of houses, as a grammar and not as a guess.
 *
 * A street's word with a name and a number, in the orders of the languages of
 * lexicon.txt: 12 Maple Street; 12, rue de la Paix; Calle Carmen Romero, 23, 1D;
 * Hauptstraße 5.  Then what hangs on it: flat, floor, box.  Without a street's
 * word a name and a number are an address where the words before say so ("lives
 * at"), or the lines around: an address of several lines has short lines of
 * capitals and numbers.  A postal code is one beside a place, a street or its
 * label.  Words that are found are marked as taken.
 */

#include "name/found.h"

void street_look(struct founds *, struct atoms *);

/* The first word behind an address that goes on at `at`: its flat, floor, number. */
uint32_t street_rest(const struct atoms *, uint32_t at);

#endif
