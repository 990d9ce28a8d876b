/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DESK_SAFE_H
#define DESK_SAFE_H

/*
 * safe - a vault in a file, for `trivium mask` and `trivium restore`.
 *
 * The file is sealed (mask/vault.h) under a key of 32 bytes in hexadecimal, which
 * comes from env:NAME or file:PATH and never from the command line itself.
 */

#include "desk/desk.h"
#include "mask/vault.h"
#include "crypt/aead.h"

struct safe {
	const char	*path;		/* NULL: nothing is kept */
	struct aead	 aead;
	bool		 open;
	struct vault	 vault;		/* in the desk's arena */
};

/* A key of env:NAME or file:PATH.  A status, with its complaint made. */
must_use int safe_key(struct desk *, const char *from, char key[static AEAD_KEY_BYTES]);

/*
 * Opens the vault of a file; of one that is not there, an empty one, unless it must be.
 * A status, with its complaint made.
 */
must_use int safe_open(struct safe *, struct desk *, const char *path, const char *key,
    bool must_be);

/* Keeps the vault, whole or not at all, for its owner alone. */
must_use int safe_keep(struct safe *, struct desk *);

void safe_close(struct safe *);

#endif
