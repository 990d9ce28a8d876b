/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_DATE_H
#define CORE_DATE_H

/*
 * date - a moment as people write it: RFC 3339 without fractions, in UTC.
 */

#include "core/slice.h"

/*
 * Reads YYYY-MM-DD, YYYY-MM-DDTHH:MMZ or YYYY-MM-DDTHH:MM:SSZ into seconds
 * since 1970; a day alone is its first second.  False if it is not a moment of
 * the years 1970 to 9999.
 */
bool date_read(struct slice, int64_t *seconds);

#endif
