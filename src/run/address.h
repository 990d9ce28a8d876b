/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUN_ADDRESS_H
#define RUN_ADDRESS_H

/*
 * address - IP addresses as text, and which of them a gateway may connect to.
 *
 * Every address that a name resolves to is vetted before it is connected to,
 * and the connection is made to the vetted one, so that a name cannot resolve
 * twice to two places.  Link-local and metadata addresses are never allowed;
 * loopback and private ones only where the configuration names them.
 */

#include "core/text.h"
#include "run/kernel.h"

enum address_scope {
	ADDRESS_PUBLIC,
	ADDRESS_PRIVATE,		/* RFC 1918, RFC 4193, RFC 6598 */
	ADDRESS_LOOPBACK,
	ADDRESS_FORBIDDEN,		/* link-local, metadata, multicast, unspecified, reserved */
};

enum address_scope address_scope(const struct address *);

/* Reads a numeric IPv4 or IPv6 address (no brackets); the port is set to `port`. */
must_use bool address_read(struct slice host, uint16_t port, struct address *out);

/*
 * True if an address is in a range like "10.0.0.0/8" or "fd00::/8" (RFC 4632; RFC 4291,
 * 2.3); what is no range, or names bits behind its length, has nothing in it.
 */
bool address_is_in(const struct address *, struct slice range);

/* Reads "HOST:PORT", "[V6]:PORT" or ":PORT" (all addresses) with a numeric host. */
must_use bool address_read_listen(struct slice text, struct address *out);

/* Writes "1.2.3.4:80" or "[::1]:80"; address_put_host leaves the port out. */
void address_put(struct text *, const struct address *);
void address_put_host(struct text *, const struct address *);

#endif
