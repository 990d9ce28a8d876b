/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SECRET_CODE_H
#define SECRET_CODE_H

/*
 * code - parts of programs.
 *
 * A line of a program has what prose has not: brackets, semicolons and signs of
 * equality, an indented beginning with a word of the language, an end that is
 * no full stop.  Each line gets a few points; where three lines and more that
 * have enough of them stand together, or where a fence says that code begins, the
 * lot is one finding.  Data (JSON, CSV, logs), lists and formulas in prose are
 * no programs.  A line without any of the signs costs nothing but the search
 * for its end.
 */

#include "find/look.h"

void code_look(const struct look *);

#endif
