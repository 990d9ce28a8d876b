/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_SHA256_H
#define CORE_SHA256_H

/*
 * sha256 - the digest of FIPS 180-4, section 6.2.
 *
 * For check values that are defined by it (Base58Check of Bitcoin), not for
 * secrets: what is kept secret or signed goes by way of the library that the
 * program is linked with.  One call, of bytes that are all there.
 */

#include "core/slice.h"

#define SHA256_BYTES	32

void sha256(struct slice, uint8_t out[static SHA256_BYTES]);

#endif
