/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GUESS_VALUE_H
#define GUESS_VALUE_H

/*
 * value - could this be a secret?
 *
 * What stands behind `password =` is a password, or it is what people write in
 * its place: a variable, a call, a word of an example, a row of stars.  Nobody
 * can tell for certain, so this weighs: how it is made (letters, digits, other
 * signs), whether its letters are those of words (guess/entropy.h), and whether
 * it has the words that stand-ins have (stand_in.tbl).  What is written between
 * quotes is more likely to be meant literally than what is not.
 */

#include "core/slice.h"

/* More of a value than this is not a value but a text. */
#define VALUE_BYTES_MAX	1024

/*
 * How sure it is, 1 to 100, that this is a secret, where its name has said what `hints` (set of
 * enum hint) is; 0: it is none.
 */
unsigned value_weigh(struct slice value, unsigned hints, bool quoted);

/* Is it made by chance, as keys are: long, mixed, without words? */
bool value_is_random(struct slice value);

/* Is it what people write in place of a secret? */
bool value_is_stand_in(struct slice value);

/* Eight, four, four, four and twelve hexadecimal digits. */
bool value_is_uuid(struct slice value);

#endif
