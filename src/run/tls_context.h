/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUN_TLS_CONTEXT_H
#define RUN_TLS_CONTEXT_H

/*
 * tls_context - what the connections of one TLS identity share, seen by tls.c.
 *
 * Files are read once, when a context is made; only the system's CA bundle
 * waits for the first handshake that needs it, in a job.  A client's context
 * keeps some sessions, each for the very host that was verified when it was
 * made, so that the next handshake to it is shorter.  Contexts are used by all
 * workers at once: what changes in one is behind its lock.
 */

#include <openssl/ssl.h>

#include "run/tls.h"

/* The BIO of tls.c, whose data is a struct tls; NULL without memory. */
BIO_METHOD *tls_bio_method(void);

/* Whom the connection was made to; valid as long as it is. */
struct slice tls_host(const struct tls *);

SSL_CTX *tls_context_ssl(const struct tls_context *);
BIO_METHOD *tls_context_bio(const struct tls_context *);

/* Loads what was left for the first handshake.  ERR_UPSTREAM_TLS, ERR_OVERLOADED.  May suspend. */
must_use enum err tls_context_load(struct fiber *, struct tls_context *);

/* Offers the newest session that was made with this host, if there is one. */
void tls_context_resume(struct tls_context *, SSL *, struct slice host);

#endif
