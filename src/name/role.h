/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NAME_ROLE_H
#define NAME_ROLE_H

/*
 * role - words that say what somebody is: Dr., nurse, Norwegian, varón, madre.
 *
 * The words are roles of lexicon.txt.  Most of them say nothing of anybody in
 * particular, and are found only beside what does: an honorific before a name, a
 * profession of one who is named or speaks of himself, a sex beside an age, and a
 * relative in a text that has such a patient.  Words that are found are marked
 * as taken; a name behind an honorific or before "said" is a person.
 */

#include "name/found.h"

/* After the tagger: nationalities and lines of professions, which it often takes for names. */
void role_look_before(struct founds *, struct atoms *);

/* After what the tagger found was taken; *patient is true once a patient was met, and stays. */
void role_look(struct founds *, struct atoms *, bool *patient);

#endif
