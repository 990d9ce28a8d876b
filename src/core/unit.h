/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_UNIT_H
#define CORE_UNIT_H

/*
 * unit - scalars that carry their unit in their name.
 *
 * Time is signed nanoseconds: of the monotonic clock for deadlines and
 * durations, since 1970 (UTC) where a name ends in _wall.  Money is integer:
 * a price is picodollars per token, because some prices are fractions of a
 * nanodollar; an amount is nanodollars, because 64 bits hold nine billion
 * dollars of them.  Nothing here is ever a floating point number.
 */

#include <stdint.h>

typedef int64_t	nanos;
typedef int64_t	nano_usd;
typedef int64_t	pico_usd;

#define NANOS_PER_US	INT64_C(1000)
#define NANOS_PER_MS	INT64_C(1000000)
#define NANOS_PER_S	INT64_C(1000000000)
#define NANOS_NEVER	INT64_MAX

#endif
