/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NAME_NAMES_H
#define NAME_NAMES_H

/*
 * names - persons, places and organisations in a text, and where they live.
 *
 * Four that look at each block of words, the surest first: labels (form.h),
 * addresses (street.h), the tagger (tagger.h) with the lists (gazetteer.h), and
 * words that say what somebody is (role.h).  What the tagger says is asked for
 * evidence where names are rare: in code, in logs, in headings, in capitals.  A
 * name that was found is found again when a part of it stands alone: once
 * "Reggie Blinker" is a person, so is "Blinker".
 *
 * The score of a name grows with what speaks for it, from 30 on; the configuration
 * counts 50 and more, unless it is told to miss less or to ring less.  One pass,
 * linear in the text; memory is the arena's, some forty kilobytes and what is found.
 */

#include "name/found.h"

/* What is in a UTF-8 text that stands under a key or label, which may be empty. */
void names_find(struct founds *, struct slice text, struct slice key);

#endif
