/* SPDX-License-Identifier: Apache-2.0 */
#include "run/tls.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

#include "run/address.h"
#include "run/fiber.h"
#include "run/tls_context.h"

/*
 * One connection.  OpenSSL's side of it is a state machine that is stepped
 * until it wants input or room; the BIO answers from the sock's hints where it
 * can, so that wanting costs no system call.  A write that was begun must be
 * repeated with the same bytes: `pending` says how many it was about.
 */
struct tls {
	SSL			*ssl;
	struct sock		*sock;
	struct tls_context	*context;
	size_t			 pending;
	enum err		 failure;	/* every later step says it again */
	bool			 ended;		/* TCP's end was read */
	bool			 gone;		/* a write found nobody */
	size_t			 host_len;
	char			 host[];
};

/* As much as one record holds. */
#define RECORD_BYTES	16384

/* ---- the BIO ---- */

static int
again(BIO *bio, struct tls *t, unsigned hint, int flag)
{
	t->sock->ready &= (uint8_t)~hint;
	BIO_set_flags(bio, flag | BIO_FLAGS_SHOULD_RETRY);
	return -1;
}

static int
bio_read(BIO *bio, char *out, int bytes)
{
	struct tls *t = BIO_get_data(bio);
	struct sock *s = t->sock;
	ssize_t n;

	BIO_clear_retry_flags(bio);
	if (bytes <= 0 || t->ended || t->gone)
		return 0;
	if ((s->ready & (READY_READ | READY_HANGUP)) == 0)
		return again(bio, t, 0, BIO_FLAGS_READ);
	n = kernel_read(s->fd, out, (size_t)bytes);
	if (n == -EAGAIN)
		return again(bio, t, READY_READ, BIO_FLAGS_READ);
	if (n == 0)
		t->ended = true;
	if (n <= 0)
		return n < 0 ? -1 : 0;
	if (n < bytes && (s->ready & READY_HANGUP) == 0)
		s->ready &= (uint8_t)~READY_READ;
	return (int)n;
}

static int
bio_write(BIO *bio, const char *from, int bytes)
{
	struct tls *t = BIO_get_data(bio);
	struct sock *s = t->sock;
	struct iovec piece = { (void *)(uintptr_t)from, (size_t)bytes };
	ssize_t n;

	BIO_clear_retry_flags(bio);
	if (bytes <= 0)
		return 0;
	if ((s->ready & READY_WRITE) == 0)
		return again(bio, t, 0, BIO_FLAGS_WRITE);
	n = kernel_write(s->fd, &piece, 1);
	if (n == -EAGAIN)
		return again(bio, t, READY_WRITE, BIO_FLAGS_WRITE);
	if (n < 0) {
		t->gone = n == -EPIPE || n == -ECONNRESET;
		return -1;
	}
	if (n < bytes)
		s->ready &= (uint8_t)~READY_WRITE;
	return (int)n;
}

static long
bio_ctrl(BIO *bio, int what, long number, void *arg)
{
	struct tls *t = BIO_get_data(bio);

	(void)number;
	(void)arg;
	switch (what) {
	case BIO_CTRL_FLUSH:
		return 1;
	case BIO_CTRL_EOF:
		return t != NULL && t->ended;
	default:
		return 0;
	}
}

BIO_METHOD *
tls_bio_method(void)
{
	BIO_METHOD *method = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "sock");

	if (method == NULL || !BIO_meth_set_read(method, bio_read) ||
	    !BIO_meth_set_write(method, bio_write) || !BIO_meth_set_ctrl(method, bio_ctrl)) {
		BIO_meth_free(method);
		return NULL;
	}
	return method;
}

/* ---- life ---- */

static enum err
tls_new(struct sock *s, struct tls_context *context, struct slice host)
{
	struct tls *t = calloc(1, sizeof *t + host.len + 1);
	BIO *bio;

	must(s->tls == NULL);
	if (t == NULL)
		return ERR_MEMORY;
	t->ssl = SSL_new(tls_context_ssl(context));
	bio = BIO_new(tls_context_bio(context));
	if (t->ssl == NULL || bio == NULL) {
		SSL_free(t->ssl);
		BIO_free(bio);
		free(t);
		ERR_clear_error();
		return ERR_MEMORY;
	}
	t->sock = s;
	t->context = tls_context_ref(context);
	t->host_len = host.len;
	if (host.len > 0)
		memcpy(t->host, host.ptr, host.len);
	BIO_set_data(bio, t);
	BIO_set_init(bio, 1);
	SSL_set_bio(t->ssl, bio, bio);
	SSL_set_app_data(t->ssl, t);
	s->tls = t;
	return ERR_OK;
}

void
tls_free(struct tls *t)
{
	if (t == NULL)
		return;
	ERR_clear_error();
	if (t->failure == ERR_OK && t->pending == 0 && !t->sock->broken && !t->ended && !t->gone &&
	    SSL_is_init_finished(t->ssl))
		(void)SSL_shutdown(t->ssl);
	SSL_free(t->ssl);
	ERR_clear_error();
	tls_context_unref(t->context);
	free(t);
}

struct slice
tls_host(const struct tls *t)
{
	return slice_of(t->host, t->host_len);
}

/* ---- steps ---- */

/*
 * What a step that returned `result` means: ERR_OK and *want where it is only
 * too early, else how the connection ended.
 */
static enum err
say(struct tls *t, int result, unsigned *want)
{
	switch (SSL_get_error(t->ssl, result)) {
	case SSL_ERROR_WANT_READ:
		*want = READY_READ;
		return ERR_OK;
	case SSL_ERROR_WANT_WRITE:
		*want = READY_WRITE;
		return ERR_OK;
	case SSL_ERROR_ZERO_RETURN:
		return ERR_CLOSED;
	default:
		/* An end of TCP without a goodbye may be an attack: for a reader it is no end. */
		t->failure = t->gone ? ERR_CLOSED : ERR_IO;
		return t->failure;
	}
}

enum err
tls_read(struct tls *t, struct iovec room, size_t *got, unsigned *want)
{
	char *out = room.iov_base;
	size_t have = 0;
	enum err e = t->failure;

	*got = 0;
	*want = 0;
	/* Records are read until the room is full: those that came together leave together. */
	while (e == ERR_OK && *want == 0 && have < room.iov_len) {
		size_t n = 0;
		int result;

		ERR_clear_error();
		result = SSL_read_ex(t->ssl, out + have, room.iov_len - have, &n);
		if (result > 0)
			have += n;
		else
			e = say(t, result, want);
	}
	/*
	 * A ticket that comes behind the request makes OpenSSL set up a buffer to
	 * write with, which nobody would miss for as long as the answer streams.
	 */
	if (*want == READY_READ)
		(void)SSL_free_buffers(t->ssl);
	if (have == 0)
		return e;
	*got = have;
	return ERR_OK;
}

/* What is left to write of somebody's pieces. */
struct rest {
	const struct iovec	*piece;
	size_t			 skip;	/* of the first piece */
	size_t			 bytes;
};

static void
rest_skip(struct rest *rest, size_t bytes)
{
	rest->bytes -= bytes;
	rest->skip += bytes;
	while (rest->bytes > 0 && rest->skip >= rest->piece->iov_len)
		rest->skip -= rest->piece++->iov_len;
}

/* The next `bytes` bytes as one: where they lie, or gathered in *copy, which is to be freed. */
static const char *
rest_gather(const struct rest *rest, size_t bytes, char **copy)
{
	const struct iovec *piece = rest->piece;
	size_t skip = rest->skip;
	char *at;

	*copy = NULL;
	if (piece->iov_len - skip >= bytes)
		return (const char *)piece->iov_base + skip;
	at = *copy = malloc(bytes);
	if (at == NULL)
		return NULL;
	for (;; piece++, skip = 0) {
		size_t n = piece->iov_len - skip < bytes ? piece->iov_len - skip : bytes;

		if (n > 0)
			memcpy(at, (const char *)piece->iov_base + skip, n);
		at += n;
		bytes -= n;
		if (bytes == 0)
			return *copy;
	}
}

/* One record, or what was begun of one. */
static enum err
write_record(struct tls *t, struct rest *rest, unsigned *want)
{
	size_t bytes = t->pending > 0 ? t->pending : rest->bytes < RECORD_BYTES ? rest->bytes
	    : RECORD_BYTES;
	size_t put = 0;
	enum err e = ERR_OK;
	const char *from;
	char *copy;
	int result;

	/* Who began to write something may not go on with less. */
	must(bytes <= rest->bytes);
	from = rest_gather(rest, bytes, &copy);
	if (from == NULL)
		return ERR_MEMORY;
	ERR_clear_error();
	result = SSL_write_ex(t->ssl, from, bytes, &put);
	if (result <= 0)
		e = say(t, result, want);
	free(copy);
	t->pending = result <= 0 && e == ERR_OK ? bytes : 0;
	if (result > 0)
		rest_skip(rest, put);
	return e;
}

enum err
tls_write(struct tls *t, const struct iovec *piece, int count, size_t *put, unsigned *want)
{
	size_t all = iovec_bytes(piece, count);
	struct rest rest = { .piece = piece, .bytes = all };
	enum err e = t->failure;

	*want = 0;
	rest_skip(&rest, 0);
	while (e == ERR_OK && *want == 0 && rest.bytes > 0)
		e = write_record(t, &rest, want);
	*put = all - rest.bytes;
	return *put > 0 ? ERR_OK : e;
}

bool
tls_has_input(const struct tls *t)
{
	return t->failure == ERR_OK && SSL_has_pending(t->ssl) != 0;
}

/* ---- handshakes ---- */

static enum err
wait_for(struct fiber *f, struct sock *s, unsigned want, nanos deadline)
{
	enum err e;

	if (want == READY_READ)
		return sock_wait_readable(f, s, deadline);
	must(s->writer == NULL);
	s->writer = f;
	e = fiber_park(f, deadline);
	s->writer = NULL;
	return e;
}

/* Steps until it is done; on failure the sock is plain again and good for nothing but closing. */
static enum err
shake(struct fiber *f, struct sock *s, nanos deadline, enum err refused)
{
	enum err e = ERR_OK;

	while (e == ERR_OK) {
		unsigned want = 0;
		int result;

		ERR_clear_error();
		result = SSL_do_handshake(s->tls->ssl);
		if (result > 0)
			return ERR_OK;
		e = say(s->tls, result, &want) == ERR_OK ? wait_for(f, s, want, deadline) : refused;
	}
	s->broken = true;
	tls_free(s->tls);
	s->tls = NULL;
	return e;
}

enum err
tls_accept(struct fiber *f, struct sock *s, struct tls_context *context, nanos deadline)
{
	enum err e = tls_new(s, context, slice_of(NULL, 0));

	if (e != ERR_OK)
		return e;
	SSL_set_accept_state(s->tls->ssl);
	return shake(f, s, deadline, ERR_IO);
}

/* Whom the other side must prove to be, and its name in the clear for those that serve many. */
static bool
expect(struct tls *t)
{
	struct address address;
	X509_VERIFY_PARAM *param = SSL_get0_param(t->ssl);

	if (address_read(slice_of(t->host, t->host_len), 0, &address))
		return X509_VERIFY_PARAM_set1_ip_asc(param, t->host) == 1;
	SSL_set_hostflags(t->ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS |
	    X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
	return SSL_set1_host(t->ssl, t->host) == 1 &&
	    SSL_set_tlsext_host_name(t->ssl, t->host) == 1;
}

enum err
tls_connect(struct fiber *f, struct sock *s, struct tls_context *context, struct slice host,
    nanos deadline)
{
	enum err e;

	/* Without a name there is nothing to verify, and an unverified peer is nobody. */
	if (host.len == 0 || memchr(host.ptr, '\0', host.len) != NULL)
		return ERR_UPSTREAM_TLS;
	if ((e = tls_context_load(f, context)) != ERR_OK ||
	    (e = tls_new(s, context, host)) != ERR_OK)
		return e;
	SSL_set_connect_state(s->tls->ssl);
	if (!expect(s->tls)) {
		tls_free(s->tls);
		s->tls = NULL;
		return ERR_UPSTREAM_TLS;
	}
	tls_context_resume(context, s->tls->ssl, host);
	return shake(f, s, deadline, ERR_UPSTREAM_TLS);
}
