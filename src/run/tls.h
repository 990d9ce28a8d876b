/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUN_TLS_H
#define RUN_TLS_H

/*
 * tls - TLS 1.2 and 1.3 over a sock, both ways, by OpenSSL.
 *
 * A context holds what connections share: a server's certificate and key, or
 * the CAs and client certificate with which upstreams are met.  Contexts are
 * reference-counted and shared by all workers.  OpenSSL reads and writes
 * through a BIO over kernel_read() and kernel_write(), without sockets of its
 * own; it never sees a fiber.  Host names are always verified, and SNI is
 * always sent unless the host is an address.  The system's CA bundle takes
 * 18 ms to load, so it is loaded on first use, by a job.
 */

#include "core/err.h"
#include "core/must.h"
#include "core/slice.h"
#include "run/net.h"

struct tls;
struct tls_context;

/* What to make a context from; paths are NUL-terminated or NULL. */
struct tls_files {
	const char	*certificate;	/* PEM chain; server: required; client: for mutual TLS */
	const char	*key;		/* PEM */
	const char	*ca;		/* PEM bundle; client: NULL means the system's;
					   server: clients must show a certificate of these */
	bool		 client_optional;	/* ... or none at all */
};

/*
 * Makes a context with one reference.  ERR_CONF with *why (in `room`) naming
 * the file and what is wrong with it: missing, unreadable, not PEM, key does
 * not fit the certificate, expired.
 */
must_use enum err tls_context_open(const struct tls_files *, bool server, struct tls_context **,
    char *room, size_t room_bytes);
struct tls_context *tls_context_ref(struct tls_context *);
void tls_context_unref(struct tls_context *);

/*
 * Handshakes; afterwards the sock reads and writes through TLS until it is
 * closed.  tls_connect verifies `host`.  ERR_UPSTREAM_TLS (client side),
 * ERR_IO (server side), ERR_DEADLINE, ERR_CANCELLED.  May suspend.
 */
must_use enum err tls_accept(struct fiber *, struct sock *, struct tls_context *, nanos deadline);
must_use enum err tls_connect(struct fiber *, struct sock *, struct tls_context *,
    struct slice host, nanos deadline);

/* Used by net alone: one step, no suspension; *want says what to wait for (enum ready). */
must_use enum err tls_read(struct tls *, struct iovec room, size_t *got, unsigned *want);
must_use enum err tls_write(struct tls *, const struct iovec *, int count, size_t *put,
    unsigned *want);

/* True if decrypted bytes wait inside. */
bool tls_has_input(const struct tls *);

/* Says goodbye if it can do so at once, and frees. */
void tls_free(struct tls *);

#endif
