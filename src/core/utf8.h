/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_UTF8_H
#define CORE_UTF8_H

/*
 * utf8 - strict UTF-8 (RFC 3629): no surrogates, no overlong forms, nothing
 * above U+10FFFF.
 */

#include "core/slice.h"

/* The length of the longest valid prefix; s.len when all of it is valid. */
size_t utf8_valid(struct slice s);

/* Writes a code point's 1 to 4 bytes and says how many; 0 for a surrogate or above U+10FFFF. */
size_t utf8_encode(uint32_t point, char out[static 4]);

#endif
