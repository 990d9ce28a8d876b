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
 * The score of a name is 50 where the tagger finds it as likely as not, and less
 * where it is rather none: it is tuned to miss little, and who wants fewer false
 * alarms asks for a higher score.  One pass, linear in the text; memory is the
 * arena's, some forty kilobytes and what is found.
 */

#include "name/found.h"

/* What is in a UTF-8 text that stands under a key or label, which may be empty. */
void names_find(struct founds *, struct slice text, struct slice key);

#endif
