/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CALLER_PASSPORT_H
#define CALLER_PASSPORT_H

/*
 * passport - what a verified token says of its bearer, as names.
 *
 * The claims that an issuer's row asks for are read once, each against what the configuration
 * knows.  Names are kept as names, because a configuration may change under a request: bound to
 * a snapshot, a passport becomes a key like those of the file, whose bound is its role's; where
 * the token says more, a bound of its own that forbids all that the role's forbids.
 */

#include "caller/jwt.h"
#include "conf/snapshot.h"

struct passport {
	struct slice		 iss;
	struct slice		 id;		/* NAME#ID */
	struct slice		 tenant, team;	/* the team empty: none */
	struct slice		 role;		/* the claim's value; empty: it has none */
	struct slice		 level;		/* empty: no claim says one */
	const struct slice	*workload;
	uint32_t		 workload_count;	/* 0: no claim names any */
};

/* Reads the claims; names and list lie in the arena.  Whoever hears of a flaw asks the arena. */
enum flaw passport_read(struct arena *, const struct snapshot *, const struct issuer *,
    const struct jwt *, struct passport *out);

/* The bytes that passport_copy() takes; and the copy, with everything that it borrows. */
size_t passport_bytes(const struct passport *);
struct passport *passport_copy(const struct passport *, char *room);

/*
 * The key of its bearer under a snapshot, which may be a newer one than it was read under; what it
 * needs lies in the arena.
 */
enum flaw passport_bind(struct arena *, const struct snapshot *, const struct passport *,
    struct key *out);

#endif
