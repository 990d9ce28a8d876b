/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DESK_AUDIT_H
#define DESK_AUDIT_H

/*
 * audit - the verb of `trivium ledger` that checks: verify.
 */

#include "desk/ledger_call.h"
#include "crypt/sign.h"

/* The whole ledger, or one receipt where the call names it.  A status. */
int audit_verify(const struct ledger_call *);

/*
 * The public key that the call names, or else the folder's own; *own says which.  A status, with
 * its complaint made; DESK_OK and false in *found: the folder has none.
 */
must_use int audit_key(const struct ledger_call *, uint8_t out[static SIGN_PUBLIC_BYTES],
    bool *found, bool *own);

#endif
