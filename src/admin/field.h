/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ADMIN_FIELD_H
#define ADMIN_FIELD_H

/*
 * field - fields of a body that become what is said of a key.
 *
 * Each is checked before anything is changed, and a name that the configuration
 * does not have is a mistake now, though it may lose it later.  A field
 * that is null is taken away.
 */

#include "admin/call.h"

/* Fills the grant from the body; false: the call is refused already. */
must_use bool field_read_grant(struct call *, struct grant *);

/* A name of 1 to 128 bytes without control characters, or refused. */
must_use bool field_name(struct call *, struct slice param, uint32_t node, struct slice *out);

/* A JSON object of texts, written anew on one line; or refused. */
must_use bool field_metadata(struct call *, uint32_t node, struct slice *out);

/* Seconds, at most `most`; `usual` where it is not said; or refused. */
must_use bool field_seconds(struct call *, struct slice name, uint64_t usual, uint64_t most,
    uint64_t *out);

/* Refuses with 400. */
bool field_refuse(struct call *, struct slice code, struct slice param, struct slice message);

#endif
