/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NUMBER_JUDGE_H
#define NUMBER_JUDGE_H

/*
 * judge - one function for each row of number.tbl.
 *
 * A function is given the number compact (number/part.h), of a length and an
 * alphabet that its row allows, and says whether the rest is right: check
 * digits, dates, places.  Rows that are AS_WRITTEN are given what was written,
 * without spaces around it and with any bytes in it.  The functions stand in
 * the files of their region or trade, and are named for the row.
 */

#include "core/slice.h"

#define NUMBER(id, ...)	bool number_is_##id(struct slice n);
#include "number/number.tbl"
#undef NUMBER

#endif
