/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DETECT_NAME_H
#define DETECT_NAME_H

/*
 * name - persons, places and organisations as findings.
 *
 * What src/name finds in the words of the text, with the type and the evidence
 * that each has here.
 */

#include "find/look.h"

void name_look(const struct look *);

#endif
