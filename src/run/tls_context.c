/* SPDX-License-Identifier: Apache-2.0 */
#include "run/tls_context.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/limit.h"
#include "core/text.h"
#include "run/job.h"

struct remembered {
	SSL_SESSION	*session;
	uint64_t	 number;	/* larger is newer */
	char		 host[HOST_BYTES_MAX + 1];
};

struct tls_context {
	SSL_CTX			*ctx;
	BIO_METHOD		*bio;
	_Atomic(uint32_t)	 references;
	_Atomic(bool)		 loaded;	/* the CAs are there */
	pthread_mutex_t		 lock;		/* of loading, and of the sessions */
	uint64_t		 number;	/* of the newest session */
	struct remembered	*session;	/* client: TLS_SESSIONS_MAX of them */
};

/* ---- telling what is wrong ---- */

struct why {
	struct text	text;
	const char	*file;
};

/* "FILE: what is wrong"; always ERR_CONF. */
static enum err
complain(struct why *why, const char *what)
{
	if (why->file != NULL) {
		text_put(&why->text, slice_of(why->file, strlen(why->file)));
		text_put(&why->text, S(": "));
	}
	text_put(&why->text, slice_of(what, strlen(what)));
	ERR_clear_error();
	return ERR_CONF;
}

/* The same, with what OpenSSL says about it. */
static enum err
complain_openssl(struct why *why, const char *what)
{
	unsigned long error = ERR_peek_last_error();
	const char *reason = error != 0 ? ERR_reason_error_string(error) : NULL;
	enum err e = complain(why, what);

	if (reason != NULL) {
		text_put(&why->text, S(" ("));
		text_put(&why->text, slice_of(reason, strlen(reason)));
		text_put(&why->text, S(")"));
	}
	return e;
}

static enum err
look(struct why *why, const char *file)
{
	why->file = file;
	if (access(file, R_OK) == 0)
		return ERR_OK;
	return complain(why, errno == ENOENT ? "there is no such file"
	    : errno == EACCES ? "this user may not read the file" : "the file cannot be read");
}

/* ---- certificates and keys ---- */

/* A key with a password would ask the terminal, which a gateway must not. */
static int
no_password(char *out, int bytes, int writing, void *arg)
{
	(void)out;
	(void)bytes;
	(void)writing;
	(void)arg;
	return -1;
}

static enum err
use_certificate(SSL_CTX *ctx, const struct tls_files *files, struct why *why)
{
	X509 *x;
	enum err e;

	if ((e = look(why, files->certificate)) != ERR_OK)
		return e;
	if (SSL_CTX_use_certificate_chain_file(ctx, files->certificate) != 1)
		return complain_openssl(why, "this is not a certificate in PEM");
	x = SSL_CTX_get0_certificate(ctx);
	if (X509_cmp_current_time(X509_get0_notAfter(x)) <= 0)
		return complain(why, "the certificate has expired");
	if (X509_cmp_current_time(X509_get0_notBefore(x)) >= 0)
		return complain(why, "the certificate is not valid yet");
	if (files->key == NULL)
		return complain(why, "a certificate needs its key");
	if ((e = look(why, files->key)) != ERR_OK)
		return e;
	if (SSL_CTX_use_PrivateKey_file(ctx, files->key, SSL_FILETYPE_PEM) != 1) {
		unsigned long error = ERR_peek_last_error();

		if (ERR_GET_REASON(error) == X509_R_KEY_VALUES_MISMATCH ||
		    ERR_GET_REASON(error) == X509_R_KEY_TYPE_MISMATCH)
			return complain(why, "the key does not fit the certificate");
		return complain_openssl(why, "this is not a private key in PEM without a password");
	}
	if (SSL_CTX_check_private_key(ctx) != 1)
		return complain(why, "the key does not fit the certificate");
	return ERR_OK;
}

static enum err
use_ca(SSL_CTX *ctx, const struct tls_files *files, bool server, struct why *why)
{
	STACK_OF(X509_NAME) *names;
	enum err e;

	if ((e = look(why, files->ca)) != ERR_OK)
		return e;
	if (SSL_CTX_load_verify_file(ctx, files->ca) != 1)
		return complain_openssl(why, "these are not certificates of CAs in PEM");
	/* Who names a CA by hand may name one in the middle of a chain. */
	X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(ctx), X509_V_FLAG_PARTIAL_CHAIN);
	if (!server)
		return ERR_OK;
	names = SSL_load_client_CA_file(files->ca);
	if (names == NULL)
		return complain_openssl(why, "these are not certificates of CAs in PEM");
	SSL_CTX_set_client_CA_list(ctx, names);
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER |
	    (files->client_optional ? 0 : SSL_VERIFY_FAIL_IF_NO_PEER_CERT), NULL);
	return ERR_OK;
}

/* ---- the system's CAs ---- */

/* Where distributions keep them; the first that there is. */
static bool
load_system(X509_STORE *store)
{
	static const char *const bundles[] = {
		"/etc/ssl/certs/ca-certificates.crt",
		"/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
		"/etc/pki/tls/certs/ca-bundle.crt",
		"/etc/ssl/ca-bundle.pem",
		"/etc/ssl/cert.pem",
	};
	const char *named = getenv("SSL_CERT_FILE");

	if (named != NULL)
		return X509_STORE_load_file(store, named) == 1;
	for (size_t i = 0; i < sizeof bundles / sizeof bundles[0]; i++)
		if (access(bundles[i], R_OK) == 0 && X509_STORE_load_file(store, bundles[i]) == 1)
			return true;
	return X509_STORE_set_default_paths(store) == 1;
}

static void
load(void *arg)
{
	struct tls_context *c = arg;

	must(pthread_mutex_lock(&c->lock) == 0);
	if (!atomic_load(&c->loaded))
		atomic_store(&c->loaded, load_system(SSL_CTX_get_cert_store(c->ctx)));
	ERR_clear_error();
	must(pthread_mutex_unlock(&c->lock) == 0);
}

enum err
tls_context_load(struct fiber *f, struct tls_context *c)
{
	enum err e;

	if (atomic_load_explicit(&c->loaded, memory_order_acquire))
		return ERR_OK;
	if ((e = job_run(f, load, c)) != ERR_OK)
		return e;
	return atomic_load(&c->loaded) ? ERR_OK : ERR_UPSTREAM_TLS;
}

/* ---- sessions ---- */

static bool
is_of(const struct remembered *r, struct slice host)
{
	return r->session != NULL && slice_eq(slice_of(r->host, strlen(r->host)), host);
}

/* Where one more goes: to its host's oldest if that has its share, else a free or the oldest. */
static struct remembered *
place_for(struct tls_context *c, struct slice host)
{
	struct remembered *oldest = &c->session[0], *own = NULL;
	unsigned count = 0;

	for (unsigned i = 0; i < TLS_SESSIONS_MAX; i++) {
		struct remembered *r = &c->session[i];

		if (oldest->session != NULL && (r->session == NULL || r->number < oldest->number))
			oldest = r;
		if (!is_of(r, host))
			continue;
		count++;
		if (own == NULL || r->number < own->number)
			own = r;
	}
	return count >= TLS_SESSIONS_HOST_MAX ? own : oldest;
}

/* Takes the session, if it is kept: OpenSSL's rule is that we say 1 then. */
static int
remember(SSL *ssl, SSL_SESSION *session)
{
	struct slice host = tls_host(SSL_get_app_data(ssl));
	struct tls_context *c = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
	SSL_SESSION *old;
	struct remembered *r;

	if (host.len == 0 || host.len > HOST_BYTES_MAX)
		return 0;
	must(pthread_mutex_lock(&c->lock) == 0);
	r = place_for(c, host);
	old = r->session;
	r->session = session;
	r->number = ++c->number;
	memcpy(r->host, host.ptr, host.len);
	r->host[host.len] = '\0';
	must(pthread_mutex_unlock(&c->lock) == 0);
	SSL_SESSION_free(old);
	return 1;
}

/* The newest of a host, with a reference for the caller; one of TLS 1.3 is good for one use. */
static SSL_SESSION *
recall(struct tls_context *c, struct slice host)
{
	struct remembered *newest = NULL;
	SSL_SESSION *session;

	for (unsigned i = 0; i < TLS_SESSIONS_MAX; i++)
		if (is_of(&c->session[i], host) &&
		    (newest == NULL || c->session[i].number > newest->number))
			newest = &c->session[i];
	if (newest == NULL)
		return NULL;
	session = newest->session;
	if (SSL_SESSION_get_protocol_version(session) == TLS1_3_VERSION)
		newest->session = NULL;
	else
		SSL_SESSION_up_ref(session);
	return session;
}

void
tls_context_resume(struct tls_context *c, SSL *ssl, struct slice host)
{
	SSL_SESSION *session;

	must(pthread_mutex_lock(&c->lock) == 0);
	session = recall(c, host);
	must(pthread_mutex_unlock(&c->lock) == 0);
	if (session == NULL)
		return;
	/* A refusal means a full handshake. */
	(void)SSL_set_session(ssl, session);
	SSL_SESSION_free(session);
}

/* ---- life ---- */

/* HTTP/1.1 is what we speak; a client that offers only others is served all the same. */
static int
choose_protocol(SSL *ssl, const unsigned char **out, unsigned char *out_bytes,
    const unsigned char *offered, unsigned bytes, void *arg)
{
	(void)ssl;
	(void)arg;
	for (unsigned i = 0; i + 1 < bytes; i += 1u + offered[i])
		if (offered[i] == 8 && i + 9 <= bytes &&
		    memcmp(offered + i + 1, "http/1.1", 8) == 0) {
			*out = offered + i + 1;
			*out_bytes = 8;
			return SSL_TLSEXT_ERR_OK;
		}
	return SSL_TLSEXT_ERR_NOACK;
}

static bool
set_up_server(SSL_CTX *ctx)
{
	SSL_CTX_set_alpn_select_cb(ctx, choose_protocol, NULL);
	/* Nothing is resumed: no sessions, and no tickets, whose keys would live for months. */
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET);
	return SSL_CTX_set_num_tickets(ctx, 0) == 1 &&
	    SSL_CTX_set_cipher_list(ctx, "ECDHE+AESGCM:ECDHE+CHACHA20") == 1;
}

static bool
set_up_client(SSL_CTX *ctx)
{
	static const unsigned char offer[] = "\x08http/1.1";

	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_session_cache_mode(ctx,
	    SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
	SSL_CTX_sess_set_new_cb(ctx, remember);
	/* Zero is success here, and nowhere else. */
	return SSL_CTX_set_alpn_protos(ctx, offer, sizeof offer - 1) == 0;
}

static bool
set_up(struct tls_context *c, bool server)
{
	c->bio = tls_bio_method();
	c->ctx = SSL_CTX_new(server ? TLS_server_method() : TLS_client_method());
	if (c->bio == NULL || c->ctx == NULL)
		return false;
	SSL_CTX_set_app_data(c->ctx, c);
	SSL_CTX_set_default_passwd_cb(c->ctx, no_password);
	SSL_CTX_set_options(c->ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
	SSL_CTX_set_mode(c->ctx, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
	    SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	/* One read for a record instead of two: its head does not come alone. */
	SSL_CTX_set_read_ahead(c->ctx, 1);
	if (SSL_CTX_set_min_proto_version(c->ctx, TLS1_2_VERSION) != 1)
		return false;
	if (server)
		return set_up_server(c->ctx);
	c->session = calloc(TLS_SESSIONS_MAX, sizeof c->session[0]);
	return c->session != NULL && set_up_client(c->ctx);
}

enum err
tls_context_open(const struct tls_files *files, bool server, struct tls_context **out,
    char *room, size_t room_bytes)
{
	struct tls_context *c = calloc(1, sizeof *c);
	struct why why;
	enum err e = ERR_OK;

	must(room_bytes > 0);
	text_init(&why.text, room, room_bytes - 1);
	why.file = NULL;
	if (c == NULL)
		return ERR_MEMORY;
	must(pthread_mutex_init(&c->lock, NULL) == 0);
	atomic_init(&c->references, 1);
	atomic_init(&c->loaded, server || files->ca != NULL);
	if (!set_up(c, server))
		e = complain_openssl(&why, "TLS cannot be set up");
	else if (server && files->certificate == NULL)
		e = complain(&why, "a server needs a certificate");
	else if (files->certificate == NULL && files->key != NULL)
		e = complain(&why, "a key needs its certificate");
	if (e == ERR_OK && files->certificate != NULL)
		e = use_certificate(c->ctx, files, &why);
	if (e == ERR_OK && files->ca != NULL)
		e = use_ca(c->ctx, files, server, &why);
	room[why.text.len] = '\0';
	if (e != ERR_OK) {
		tls_context_unref(c);
		return e;
	}
	*out = c;
	return ERR_OK;
}

struct tls_context *
tls_context_ref(struct tls_context *c)
{
	atomic_fetch_add_explicit(&c->references, 1, memory_order_relaxed);
	return c;
}

void
tls_context_unref(struct tls_context *c)
{
	if (c == NULL || atomic_fetch_sub_explicit(&c->references, 1, memory_order_acq_rel) > 1)
		return;
	for (unsigned i = 0; c->session != NULL && i < TLS_SESSIONS_MAX; i++)
		SSL_SESSION_free(c->session[i].session);
	free(c->session);
	SSL_CTX_free(c->ctx);
	BIO_meth_free(c->bio);
	must(pthread_mutex_destroy(&c->lock) == 0);
	free(c);
}

SSL_CTX *
tls_context_ssl(const struct tls_context *c)
{
	return c->ctx;
}

BIO_METHOD *
tls_context_bio(const struct tls_context *c)
{
	return c->bio;
}
