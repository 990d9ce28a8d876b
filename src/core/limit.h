/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_LIMIT_H
#define CORE_LIMIT_H

/*
 * limit - every ceiling as a constant.  limit.tbl has the units and reasons.
 */

#include <stdint.h>

#define LIMIT(name, value, unit, why)	name = value,
enum limit {
#include "core/limit.tbl"
};
#undef LIMIT

_Static_assert(CLIENT_BUFFER_BYTES >= HEAD_BYTES_MAX, "a head fits the first buffer");
_Static_assert(READ_BYTES >= HEAD_BYTES_MAX, "a response head fits one read");
_Static_assert(KIND_MAX <= 64 && REGION_MAX <= 64, "sets are one word");
_Static_assert(REQUEST_BYTES_MAX < UINT32_MAX && ANSWER_BYTES_MAX < UINT32_MAX,
    "the tape's offsets are 32 bits");

#endif
