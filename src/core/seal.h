/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_SEAL_H
#define CORE_SEAL_H

/*
 * seal - bytes that only who has the key can read, or make.
 *
 * What the pure folders know of an AEAD (RFC 5116) with 12 bytes of nonce and 16
 * of tag: two functions, which crypt/aead.h has.  Whoever owns a seal has the key
 * behind it.  A nonce is never the same twice under one key.
 */

#include "core/slice.h"

#define SEAL_NONCE_BYTES	12
#define SEAL_TAG_BYTES		16

struct seal {
	/*
	 * Text into `made`, which has room for it and a tag, bound to `with`.  False: it could
	 * not be done.
	 */
	bool	(*close)(const struct seal *, const char *nonce, struct slice with,
		    struct slice text, char *made);
	/*
	 * Sealed bytes, tag included, into `made`, which has room for as many.  False: key,
	 * nonce, `with` and these bytes do not belong together; then `made` has nothing of use.
	 */
	bool	(*open)(const struct seal *, const char *nonce, struct slice with,
		    struct slice sealed, char *made);
};

#endif
