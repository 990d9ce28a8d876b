/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DETECT_DETECT_H
#define DETECT_DETECT_H

/*
 * detect - what is in a text.
 *
 * All detectors of this folder, one after the other, and what is left when
 * overlaps are settled.  Pure: the same text and rules give the same findings,
 * for ever.  Memory is the arena's; time is linear in the text.
 */

#include "find/look.h"

/* Which detectors look; or-ed. */
enum detect_parts {
	DETECT_STRUCTURE = 1,	/* identifiers with a shape: numbers, addresses */
	DETECT_SECRETS = 2,	/* secrets and infrastructure */
	DETECT_TERMS = 4,	/* words: markings, health, special categories, injection */
	DETECT_NAMES = 8,	/* persons, places, organisations */
	DETECT_ALL = 15,
};

/* Findings of look->text into look->findings, settled, in its own offsets. */
void detect_look(const struct look *, unsigned parts);

#endif
