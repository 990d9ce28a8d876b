/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TERM_TERM_H
#define TERM_TERM_H

/*
 * term - what words say: markings, health, special categories, business.
 *
 * One pass over the words of a text looks each up in a bitmap of the words with
 * which a phrase of the lists begins (marking.tbl, health.tbl, special.tbl,
 * business.tbl, injection_phrase.tbl), and follows phrases in a table that
 * tool/terms makes of them; the same words are weighed as orders (injection.h).
 * Phrases forget case and accents; between their words stand up to four bytes
 * of white space and punctuation.  The longest phrase counts.  A marking counts
 * only where it stands as one (stand.h); other terms mean little alone, and
 * weigh.h puts them together.  Behind a word that announces them, codes of
 * diagnoses and measured values are looked for, and before others an age.
 */

#include "find/look.h"

void term_look(const struct look *);

#endif
