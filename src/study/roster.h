/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STUDY_ROSTER_H
#define STUDY_ROSTER_H

/*
 * roster - the keys of a configuration by their ids.
 *
 * Records and test cases name a key by its id, never by its secret.  Built once
 * for a snapshot, in an arena; two words for each key.
 */

#include "conf/snapshot.h"
#include "core/arena.h"
#include "core/err.h"
#include "core/must.h"

struct roster {
	const struct snapshot	*snapshot;
	struct name_table	 table;
};

/* ERR_MEMORY. */
must_use enum err roster_build(struct roster *, struct arena *, const struct snapshot *);

/* NULL when there is none. */
const struct key *roster_key(const struct roster *, struct slice id);

/*
 * Whose request it is: a key's id, or `anonymous` where the configuration has no keys (*out is NULL
 * then).  ERR_KEY_MISSING where nothing is said, ERR_KEY_UNKNOWN.
 */
must_use enum err roster_caller(const struct roster *, struct slice id, const struct key **out);

#endif
