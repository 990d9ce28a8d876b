/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CONF_ORIGIN_H
#define CONF_ORIGIN_H

/*
 * origin - a server that the configuration names, and how it is reached.
 *
 * Models are behind one, and so are the keys of issuers.  The URL says which addresses its host
 * may resolve to, so that a name cannot lead inside; nothing else ever names a destination.
 */

#include "conf/secret.h"
#include "core/slice.h"
#include "core/unit.h"
#include "wire/url.h"

struct tls_context;

/* Files of one TLS identity; absent where not said. */
struct tls_source {
	struct slice		 certificate, key, ca;
};

struct endpoint {
	struct url		 url;		/* of a model: its base, version path included */
	struct slice		 proxy;		/* "host:port" for CONNECT, or absent */
	struct url		 proxy_url;
	struct tls_context	*tls;		/* of https; never NULL then */
	uint64_t		 pool_id;	/* equal where connections may be shared */
	unsigned		 address_allow;	/* enum dns_allow */
};

/* Where heads of the ledger go. */
struct publish {
	struct slice		 file;		/* as log_file; empty: none */
	struct slice		 url;		/* as it was written; empty: none */
	struct endpoint		 at;		/* of the url */
	bool			 syslog;
	nanos			 every;
};

/* Where alerts of budgets go. */
struct alerting {
	struct slice		 url;		/* as it was written; empty: to the log alone */
	struct endpoint		 at;
	struct secret		 key;		/* that signs them; at most 64 bytes */
};

#endif
