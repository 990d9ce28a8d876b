/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CALLER_JWT_H
#define CALLER_JWT_H

/*
 * jwt - a signed JSON Web Token in compact form (RFC 7515, RFC 7519), as RFC 8725 says that
 * one should be read.
 *
 * jwt_read() takes it apart and refuses what no good token has; nothing of what it says may
 * be believed before jwt_verify(), except which issuer's keys to ask for.  The header names a
 * key (`kid`) and never brings one: `jwk`, `jku`, `x5u` and `x5c` are not looked at, so no key
 * and no destination comes from a token.  The algorithm must be one that the issuer's row
 * allows and that fits the key.  Every flaw has its name.  The slices borrow from the
 * token and the arena; whoever hears of a flaw asks the arena whether it overflowed.
 */

#include "caller/jwks.h"
#include "core/json.h"

struct jwt {
	struct slice		 text;		/* what is signed: header and claims as sent */
	struct slice		 signature;	/* decoded */
	enum verify_algorithm	 algorithm;
	struct slice		 kid;		/* absent: ptr is NULL */
	struct json		 claims;	/* an object */
	struct slice		 issuer;
};

/* What a token must say of its purpose and its time. */
struct jwt_terms {
	const struct slice	*audience;	/* one of which it must have */
	uint32_t		 audience_count;
	int64_t			 now;		/* seconds since 1970 */
	int64_t			 leeway;	/* of their clock or ours */
};

/* Takes a token apart: its size is asked first, and nothing of a larger one is decoded. */
enum flaw jwt_read(struct arena *, struct slice token, struct jwt *out);

/*
 * Was it signed by a key of the set, with an algorithm of `allowed` (set of enum
 * verify_algorithm)?  Costs one signature, and none where the reason is another.
 */
enum flaw jwt_verify(const struct jwt *, const struct jwks *, unsigned allowed);

/* Audience and times (RFC 7519, 4.1.3 to 4.1.6); *expires is `exp` with the leeway. */
enum flaw jwt_check(struct arena *, const struct jwt *, const struct jwt_terms *,
    int64_t *expires);

/*
 * The node of a claim, or 0: the member of that name, or where there is none and the name has
 * dots, the member of a member, and so on.
 */
uint32_t jwt_claim(const struct jwt *, struct slice path);

#endif
