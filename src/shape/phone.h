/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHAPE_PHONE_H
#define SHAPE_PHONE_H

/*
 * phone - telephone numbers, as people and machines write them.
 *
 * Behind a '+' the calling code says how many digits there may be (phone.tbl).
 * Without one, some ways of writing speak for themselves: (415) 555-0132,
 * 01.84.17.61.18; the others need a word that speaks of telephones.  What is
 * an identifier to somebody else has been taken before this is asked.
 */

#include "shape/eye.h"

/* The number whose digits begin at `start`; its end, extension included; 0 if there is none. */
uint32_t phone_look(struct eye *, uint32_t start);

#endif
