/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SECRET_PREFIX_H
#define SECRET_PREFIX_H

/*
 * prefix - secrets that are known by how they begin.
 *
 * Issuers give their tokens a beginning of their own so that scanners find them:
 * ghp_, AKIA, sk_live_.  secret.tbl has these and the shape of what follows.  A
 * beginning is searched by halving, so that a word which is no secret costs nine
 * comparisons of eight bytes.  Web tokens (RFC 7519) are here too: they begin
 * with the base64url of {" and are known by what that holds.
 */

#include "find/finding.h"

struct prefix_match {
	size_t			bytes;		/* 0: nothing */
	enum detect_type	type;
	uint8_t			score, evidence;
};

/* What begins at the start of s; the longest where there are several. */
struct prefix_match prefix_match(struct slice s);

/* Are the rows in the order in which they are looked for? */
bool prefix_is_sorted(void);

#endif
