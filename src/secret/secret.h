/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SECRET_SECRET_H
#define SECRET_SECRET_H

/*
 * secret - keys, tokens, passwords and whatever else opens a door.
 *
 * One pass over the text, sixty-four bytes at a time, sees four things and
 * nothing else: runs of sixteen characters and more that a token may have,
 * signs that give a name a value (= : >) or begin a hash ($), dashes that begin
 * something, and pairs of s or n, as in password.  Prose has few of these.  A
 * run is looked up by how it begins (secret/prefix.h) and, if it looks made by
 * chance, by the words before it; a sign by the name before it
 * (secret/assign.h); :// by whom it lets in (secret/login.h); five dashes by the
 * key that they announce (RFC 7468).  What is looked at around such a place is
 * bounded, so that the whole is linear.
 */

#include "find/look.h"

void secret_look(const struct look *);

#endif
