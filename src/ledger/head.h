/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LEDGER_HEAD_H
#define LEDGER_HEAD_H

/*
 * head - the whole ledger at one moment, signed.
 *
 * The text is a checkpoint of C2SP tlog-checkpoint in a signed-note: the ledger's
 * name (its origin), the number of entries, the root in base64, and when it was
 * signed; then an empty line and a signature with the first four bytes of
 * SHA-256(name || 0x0a || 0x01 || key), so that any witness of transparency
 * logs can read it.  Whoever keeps a head can tell later whether the ledger still
 * begins with what it was then.  Unless it is told otherwise a ledger is named for its key.
 */

#include "core/unit.h"
#include "crypt/sign.h"
#include "ledger/tree.h"

#define HEAD_BYTES_MAX		2048
#define HEAD_ORIGIN_BYTES_MAX	256

/* A note, taken apart; its parts borrow from it. */
struct head {
	struct slice		origin;
	struct tree_state	state;
	struct slice		time;	/* RFC 3339; empty: the note tells none */
	struct slice		text;	/* what is signed */
	struct slice		signatures;	/* lines */
};

/* "trivium/" and 16 letters of hexadecimal that no other key has. */
#define HEAD_NAME_BYTES	24
void head_name(struct digester *, const uint8_t key[static SIGN_PUBLIC_BYTES],
    char out[static HEAD_NAME_BYTES]);

/* Is that the name of a ledger: not empty or too long, no space, control character or plus? */
bool head_is_name(struct slice);

/* Writes a note.  False if the library refuses. */
must_use bool head_put(struct text *, struct digester *, const struct signer *,
    struct slice origin, const struct head *);

/* The note that `notes` begins with, *rest being what is behind it.  False for anything else. */
must_use bool head_read(struct slice notes, struct head *out, struct slice *rest);

/* Has this key signed it? */
must_use bool head_check(const struct head *, struct digester *,
    const uint8_t key[static SIGN_PUBLIC_BYTES]);

#endif
