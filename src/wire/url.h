/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WIRE_URL_H
#define WIRE_URL_H

/*
 * url - an absolute http(s) URL of the configuration, and a request target.
 *
 * Only what a gateway needs (RFC 3986): no user information, no fragment, and
 * a path that means what it looks like.
 */

#include "core/must.h"
#include "core/slice.h"

struct url {
	bool		tls;		/* https */
	struct slice	host;		/* name, or address; IPv6 without its brackets */
	uint16_t	port;		/* 80 or 443 when not said */
	struct slice	authority;	/* host[:port] as written, for the Host field */
	struct slice	path;		/* without a slash at its end; may be empty */
};

/* Reads a URL; on failure *why says what is wrong (program text). */
must_use bool url_read(struct slice s, struct url *out, const char **why);

/*
 * Splits an origin-form target at '?'.  False if the path has a dot segment, an
 * empty segment (a slash at its end makes one; "/" alone does not), a backslash,
 * an escaped slash, backslash or control byte, or a broken escape: such a path
 * could mean one thing to a rule and another to a router.
 */
must_use bool url_target(struct slice target, struct slice *path, struct slice *query);

/*
 * Undoes percent-encoding into `out` (room for s.len); the length, or SIZE_MAX
 * for a broken escape or a control character.
 */
size_t url_decode(struct slice s, char *out);

/* The value of parameter `name` in a query, not unescaped; absent: ptr is NULL. */
struct slice url_parameter(struct slice query, struct slice name);

#endif
