/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CALLER_BIND_H
#define CALLER_BIND_H

/*
 * bind - a stored key under one configuration.
 *
 * A grant speaks in names; what they mean is looked up in the snapshot of the
 * request, each time, for a few hash look-ups are cheaper than a cache that has
 * to be right.  Nothing widens because a name is gone: a role, a level or a
 * kind that the configuration does not have any more makes the key useless until it
 * is changed, and a model, workload or zone that is gone allows nothing.
 */

#include "caller/grant.h"
#include "conf/snapshot.h"

/*
 * The key that a grant is in this snapshot, with a bound of its own in the arena.  ERR_KEY_STALE
 * with the name that is gone in *gone; ERR_MEMORY.
 */
must_use enum err bind_grant(const struct grant *, const struct snapshot *, struct arena *,
    struct key *, struct slice *gone);

/*
 * The first name that the snapshot does not have, as a configuration may lose it, and the grant's
 * row where it stands; false: it has them all.
 */
bool bind_unknown(const struct grant *, const struct snapshot *, struct slice *row,
    struct slice *name);

#endif
