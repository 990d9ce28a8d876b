/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DESK_AUDIT_H
#define DESK_AUDIT_H

/*
 * audit - the verbs of `trivium ledger` that check and prove: verify, prove, head.
 */

#include "desk/ledger_call.h"
#include "crypt/sign.h"

/* The whole ledger, or one receipt where the call names it.  A status. */
int audit_verify(const struct ledger_call *);

/* A receipt for the entry of a request's id, or of a number. */
int audit_prove(const struct ledger_call *);

/* The newest head that is kept. */
int audit_head(const struct ledger_call *);

/*
 * The public key that the call names, or else the folder's own; *own says which.  A status, with
 * its complaint made; DESK_OK and false in *found: the folder has none.
 */
must_use int audit_key(const struct ledger_call *, uint8_t out[static SIGN_PUBLIC_BYTES],
    bool *found, bool *own);

#endif
