/* SPDX-License-Identifier: Apache-2.0 */
#include "run/tls.h"

#include <errno.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>

#include "core/limit.h"
#include "run/address.h"
#include "run/fiber.h"
#include "run/job.h"
#include "run/loop.h"
#include "run/tls_context.h"

#include "check.h"
#include "tls_files.h"

#define HOST	"model.example"

/*
 * One loop, three fibers: a client and a server, and where bytes are to be
 * torn or spoilt, a middleman between them.  A scenario is two functions that
 * run when both handshakes are over, whatever became of them.
 */
struct side {
	struct sock		 sock;
	struct tls_context	*context;
	enum err		 shaken;	/* outcome of the handshake */
	enum err		 last;		/* of whatever the scenario did last */
	size_t			 bytes;		/* that the scenario read */
	unsigned		 reads;		/* in how many pieces */
	uint64_t		 hash;		/* of the bytes */
};

struct scene {
	struct loop	 loop;
	struct jobs	*jobs;
	int		 listener;
	struct address	 address;
	struct side	 client, server;
	const char	*host;
	unsigned	 running;
	nanos		 patience;
	void		 (*as_client)(struct fiber *, struct scene *);
	void		 (*as_server)(struct fiber *, struct scene *);

	bool		 middle;		/* there is a middleman */
	struct address	 middle_address;
	int		 middle_listener;
	struct sock	 near, far;		/* his connections */
	size_t		 piece;			/* he passes on so many bytes at once */
	size_t		 spoil_at;		/* and flips a bit of this byte; 0: none */
	unsigned	 pumps;

	/* What OpenSSL said when the client's handshake was over. */
	bool		 resumed;
	char		 protocol[16];
	char		 sni[64];
	int		 version;
};

static struct files files;

static nanos
soon(struct scene *s)
{
	return s->loop.now + s->patience;
}

static void
seen(const SSL *ssl, int where, int result)
{
	struct scene *s = SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), 1);
	const unsigned char *protocol;
	const char *sni = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
	unsigned bytes;

	(void)result;
	if ((where & SSL_CB_HANDSHAKE_DONE) == 0)
		return;
	SSL_get0_alpn_selected(ssl, &protocol, &bytes);
	must(bytes < sizeof s->protocol);
	memcpy(s->protocol, protocol, bytes);
	s->protocol[bytes] = '\0';
	snprintf(s->sni, sizeof s->sni, "%s", sni != NULL ? sni : "");
	s->resumed = SSL_session_reused(ssl);
	s->version = SSL_version(ssl);
}

static int
listen_somewhere(struct address *a)
{
	int fd;

	must(address_read(S("127.0.0.1"), 0, a));
	fd = kernel_listen(a, false);
	must(fd >= 0 && kernel_local_address(fd, a) == 0);
	return fd;
}

static struct tls_context *
context_of(const char *certificate, const char *ca, bool server, bool optional)
{
	char pem[FILES_PATH], key[FILES_PATH], why[300] = "";
	struct tls_files f = { .client_optional = optional };
	struct tls_context *context = NULL;

	if (certificate != NULL) {
		snprintf(pem, sizeof pem, "%s.pem", certificate);
		snprintf(key, sizeof key, "%s.key", certificate);
		f.certificate = files_path(&files, pem);
		f.key = files_path(&files, key);
	}
	if (ca != NULL)
		f.ca = files_path(&files, ca);
	if (tls_context_open(&f, server, &context, why, sizeof why) != ERR_OK) {
		printf("# %s\n", why);
		must(false);
	}
	return context;
}

static void
scene_open(struct scene *s, struct tls_context *server, struct tls_context *client)
{
	*s = (struct scene){ .host = HOST, .piece = 1, .patience = 5 * NANOS_PER_S };
	must(jobs_open(&s->jobs, 1) == ERR_OK && loop_open(&s->loop, s->jobs) == ERR_OK);
	s->listener = listen_somewhere(&s->address);
	s->server.context = server;
	s->client.context = client;
	s->server.sock.fd = s->client.sock.fd = s->near.fd = s->far.fd = -1;
	must(SSL_CTX_set_ex_data(tls_context_ssl(client), 1, s) == 1);
	SSL_CTX_set_info_callback(tls_context_ssl(client), seen);
}

static void
scene_close(struct scene *s)
{
	SSL_CTX_set_info_callback(tls_context_ssl(s->client.context), NULL);
	loop_close(&s->loop);
	jobs_close(s->jobs);
	kernel_close(s->listener);
}

/* ---- the fibers ---- */

static int
accept_one(struct fiber *f, int listener)
{
	struct address peer;
	int fd;

	while ((fd = kernel_accept(listener, &peer)) == -EAGAIN)
		must(fiber_sleep(f, kernel_now() + NANOS_PER_MS) == ERR_OK);
	must(fd >= 0);
	return fd;
}

static void
server_main(struct fiber *f, void *arg)
{
	struct scene *s = arg;

	must(sock_adopt(&s->server.sock, &s->loop, accept_one(f, s->listener)) == ERR_OK);
	s->server.shaken = tls_accept(f, &s->server.sock, s->server.context, soon(s));
	if (s->server.shaken == ERR_OK && s->as_server != NULL)
		s->as_server(f, s);
	if (sock_is_open(&s->server.sock))
		sock_close(&s->server.sock);
	s->running--;
}

static void
client_main(struct fiber *f, void *arg)
{
	struct scene *s = arg;
	const struct address *to = s->middle ? &s->middle_address : &s->address;

	must(sock_connect(f, &s->client.sock, to, soon(s)) == ERR_OK);
	s->client.shaken = tls_connect(f, &s->client.sock, s->client.context,
	    slice_of(s->host, strlen(s->host)), soon(s));
	if (s->client.shaken == ERR_OK && s->as_client != NULL)
		s->as_client(f, s);
	if (sock_is_open(&s->client.sock))
		sock_close(&s->client.sock);
	s->running--;
}

struct pump {
	struct scene	*s;
	struct sock	*from, *to;
	char		 room[16384];
};

/* Passes bytes on, a few at a time, until one side is gone. */
static void
pump_main(struct fiber *f, void *arg)
{
	struct pump *p = arg;
	struct scene *s = p->s;
	char *room = p->room;
	size_t passed = 0, got;

	while (sock_read(f, p->from, (struct iovec){ room, s->piece }, soon(s), &got) == ERR_OK) {
		struct iovec out = { room, got };

		if (p->to == &s->far && s->spoil_at >= passed && s->spoil_at < passed + got &&
		    s->spoil_at > 0)
			room[s->spoil_at - passed] ^= 1;
		passed += got;
		if (sock_write(f, p->to, &out, 1, NANOS_PER_S) != ERR_OK)
			break;
	}
	kernel_shutdown(p->to->fd);
	s->pumps--;
	s->running--;
	free(p);
}

static void
middle_main(struct fiber *f, void *arg)
{
	struct scene *s = arg;
	struct sock *end[] = { &s->near, &s->far };

	must(sock_adopt(&s->near, &s->loop, accept_one(f, s->middle_listener)) == ERR_OK);
	must(sock_connect(f, &s->far, &s->address, soon(s)) == ERR_OK);
	for (int i = 0; i < 2; i++) {
		struct pump *p = malloc(sizeof *p);

		must(p != NULL);
		p->s = s;
		p->from = end[i];
		p->to = end[1 - i];
		s->pumps++;
		s->running++;
		must(fiber_start(&s->loop, "pump", pump_main, p) == ERR_OK);
	}
	while (s->pumps > 0)
		must(fiber_sleep(f, kernel_now() + NANOS_PER_MS) == ERR_OK);
	sock_close(&s->near);
	sock_close(&s->far);
	s->running--;
}

static void
scene_run(struct scene *s)
{
	nanos end = kernel_now() + 20 * NANOS_PER_S;

	s->running = 2;
	must(fiber_start(&s->loop, "server", server_main, s) == ERR_OK);
	must(fiber_start(&s->loop, "client", client_main, s) == ERR_OK);
	if (s->middle) {
		s->middle_listener = listen_somewhere(&s->middle_address);
		s->running++;
		must(fiber_start(&s->loop, "middle", middle_main, s) == ERR_OK);
	}
	while (s->running > 0 && kernel_now() < end)
		loop_turn(&s->loop, s->loop.now + 10 * NANOS_PER_MS);
	check_or_stop(s->running == 0, "the scenario comes to an end");
	if (s->middle)
		kernel_close(s->middle_listener);
}

/* ---- what the sides do ---- */

static uint64_t
hash(uint64_t h, const char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		h = (h ^ (unsigned char)bytes[i]) * 1099511628211;
	return h;
}

static void
read_all(struct fiber *f, struct scene *s, struct side *side, size_t room_bytes)
{
	static char room[100000];
	size_t got;

	must(room_bytes <= sizeof room);
	for (;;) {
		side->last = sock_read(f, &side->sock, (struct iovec){ room, room_bytes }, soon(s),
		    &got);
		if (side->last != ERR_OK)
			return;
		side->hash = hash(side->hash, room, got);
		side->bytes += got;
		side->reads++;
	}
}

static void
say_hello(struct fiber *f, struct scene *s)
{
	struct iovec piece[] = { { "hello", 5 } };

	s->client.last = sock_write(f, &s->client.sock, piece, 1, NANOS_PER_S);
	if (s->client.last == ERR_OK)
		read_all(f, s, &s->client, 1000);
}

static void
answer_hello(struct fiber *f, struct scene *s)
{
	struct iovec piece[] = { { "head ", 5 }, { "", 0 }, { "body", 4 } };
	char room[100];
	size_t got = 0;

	s->server.last = sock_read(f, &s->server.sock, (struct iovec){ room, sizeof room }, soon(s),
	    &got);
	if (s->server.last == ERR_OK)
		s->server.last = sock_write(f, &s->server.sock, piece, 3, NANOS_PER_S);
}

/* ---- who is believed ---- */

static const struct trust_case {
	const char	*certificate;	/* the server's */
	const char	*ca;		/* that the client trusts */
	const char	*host;		/* that it asks for */
	enum err	 want;
	const char	*why;
} trusts[] = {
	{ "good", "ca.pem", HOST, ERR_OK, "the right name of a known CA" },
	{ "good", "ca.pem", "MODEL.example", ERR_OK, "names have no case" },
	{ "good", "ca.pem", "other.example", ERR_UPSTREAM_TLS, "another name" },
	{ "good", "ca.pem", "example", ERR_UPSTREAM_TLS, "a shorter name" },
	{ "good", "ca.pem", "x." HOST, ERR_UPSTREAM_TLS, "a longer name" },
	{ "good", "ca.pem", "127.0.0.1", ERR_UPSTREAM_TLS, "an address that the certificate lacks" },
	{ "good", "ca.pem", "", ERR_UPSTREAM_TLS, "no name at all" },
	{ "address", "ca.pem", "127.0.0.1", ERR_OK, "an address that the certificate has" },
	{ "address", "ca.pem", "::1", ERR_OK, "an IPv6 address" },
	{ "address", "ca.pem", "127.0.0.2", ERR_UPSTREAM_TLS, "another address" },
	{ "address", "ca.pem", HOST, ERR_UPSTREAM_TLS, "a name, of a certificate for addresses" },
	{ "wild", "ca.pem", "a.corp.example", ERR_OK, "a wildcard for one label" },
	{ "wild", "ca.pem", "a.b.corp.example", ERR_UPSTREAM_TLS, "not for two" },
	{ "wild", "ca.pem", "corp.example", ERR_UPSTREAM_TLS, "nor for none" },
	{ "common", "ca.pem", HOST, ERR_UPSTREAM_TLS, "a name in the subject alone" },
	{ "good", "stranger.pem", HOST, ERR_UPSTREAM_TLS, "a CA that is not trusted" },
	{ "selfsigned", "ca.pem", HOST, ERR_UPSTREAM_TLS, "a certificate that signed itself" },
	{ "selfsigned", "selfsigned.pem", HOST, ERR_OK, "the same, named as its own CA" },
	{ "good", "good.pem", HOST, ERR_OK, "a certificate pinned without its CA" },
	{ "impostor", "ca.pem", HOST, ERR_UPSTREAM_TLS, "a certificate signed by another's leaf" },
};

static void
check_trust(void)
{
	for (size_t i = 0; i < COUNT_OF(trusts); i++) {
		const struct trust_case *c = &trusts[i];
		struct tls_context *server = context_of(c->certificate, NULL, true, false);
		struct tls_context *client = context_of(NULL, c->ca, false, false);
		struct scene s;

		scene_open(&s, server, client);
		s.host = c->host;
		s.as_client = say_hello;
		s.as_server = answer_hello;
		scene_run(&s);
		check_int(s.client.shaken, c->want, "%s: %s",
		    c->want == ERR_OK ? "believed" : "refused", c->why);
		check(c->want != ERR_OK || s.client.bytes == 9,
		    "and talked to, or not: %s", c->why);
		scene_close(&s);
		tls_context_unref(server);
		tls_context_unref(client);
	}
}

/* ---- certificates of clients ---- */

static const struct mutual_case {
	const char	*certificate;	/* the client's */
	bool		 optional;
	bool		 want;
	const char	*why;
} mutuals[] = {
	{ "client", false, true, "a client with a certificate where one is required" },
	{ NULL, false, false, "a client without one where one is required" },
	{ "stranger_client", false, false, "a client with one of another CA" },
	{ "client", true, true, "a client with a certificate where one may be" },
	{ NULL, true, true, "a client without one where one may be" },
	{ "stranger_client", true, false, "a client with one of another CA where one may be" },
};

static void
check_mutual(void)
{
	for (size_t i = 0; i < COUNT_OF(mutuals); i++) {
		const struct mutual_case *c = &mutuals[i];
		struct tls_context *server = context_of("good", "ca.pem", true, c->optional);
		struct tls_context *client = context_of(c->certificate, "ca.pem", false, false);
		struct scene s;

		scene_open(&s, server, client);
		s.as_client = say_hello;
		s.as_server = answer_hello;
		scene_run(&s);
		check_int(s.server.shaken, c->want ? ERR_OK : ERR_IO, "%s: %s",
		    c->want ? "served" : "refused", c->why);
		check(c->want ? s.client.bytes == 9 : s.client.bytes == 0,
		    "and answered, or not: %s", c->why);
		scene_close(&s);
		tls_context_unref(server);
		tls_context_unref(client);
	}
}

/* ---- bytes ---- */

#define MANY	(3 * 1024 * 1024 + 17)

static char *
many_bytes(void)
{
	char *bytes = malloc(MANY);
	uint64_t x = 1;

	must(bytes != NULL);
	for (size_t i = 0; i < MANY; i++) {
		x = x * 6364136223846793005 + 1442695040888963407;
		bytes[i] = (char)(x >> 56);
	}
	return bytes;
}

static void
read_slowly(struct fiber *f, struct scene *s)
{
	must(fiber_sleep(f, kernel_now() + 50 * NANOS_PER_MS) == ERR_OK);
	read_all(f, s, &s->server, 70001);
}

static void
read_by_sevens(struct fiber *f, struct scene *s)
{
	read_all(f, s, &s->server, 7);
}

/* Many bytes in pieces of all sizes: small ones are gathered, large ones are not. */
static void
write_many(struct fiber *f, struct scene *s)
{
	static const size_t size[] = { 1, 0, 3, 100, 16384, 1, 16383, 2, 16385, 50000, 5, 300000 };
	char *bytes = many_bytes();
	struct iovec piece[8];
	size_t at = 0;

	s->client.hash = hash(0, bytes, MANY);
	for (size_t n = 0; at < MANY;) {
		int count = 0;

		for (; count < 8 && at < MANY; count++, n++) {
			size_t len = size[n % COUNT_OF(size)];

			if (len > MANY - at)
				len = MANY - at;
			piece[count] = (struct iovec){ bytes + at, len };
			at += len;
		}
		s->client.last = sock_write(f, &s->client.sock, piece, count, 5 * NANOS_PER_S);
		must(s->client.last == ERR_OK);
	}
	free(bytes);
}

static void
write_some(struct fiber *f, struct scene *s)
{
	char bytes[5000];
	struct iovec piece[] = { { bytes, 100 }, { bytes + 100, 4900 } };

	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (char)(i * 7);
	s->client.hash = hash(0, bytes, sizeof bytes);
	s->client.last = sock_write(f, &s->client.sock, piece, 2, NANOS_PER_S);
}

/* The same, and stays: closing with unread bytes would reset what is still under way. */
static void
write_some_and_stay(struct fiber *f, struct scene *s)
{
	char room[100];
	size_t got;

	write_some(f, s);
	(void)!sock_read(f, &s->client.sock, (struct iovec){ room, sizeof room },
	    s->loop.now + 200 * NANOS_PER_MS, &got);
}

static void
break_off(struct fiber *f, struct scene *s)
{
	write_some(f, s);
	/* TCP ends, TLS does not. */
	s->client.sock.broken = true;
}

static void
check_bytes(void)
{
	struct tls_context *server = context_of("good", NULL, true, false);
	struct tls_context *client = context_of(NULL, "ca.pem", false, false);
	struct scene s;

	scene_open(&s, server, client);
	s.as_client = write_many;
	s.as_server = read_slowly;
	scene_run(&s);
	check_int((int64_t)s.server.bytes, MANY,
	    "three megabytes against a slow reader all arrive");
	check(s.server.hash == s.client.hash, "and are the same");
	check_int(s.server.last, ERR_CLOSED, "and their end is an orderly one");
	check(s.server.reads < 200, "records that came together are read together (%u reads)",
	    s.server.reads);
	scene_close(&s);

	scene_open(&s, server, client);
	s.as_client = say_hello;
	s.as_server = answer_hello;
	scene_run(&s);
	check(s.client.bytes == 9 && s.client.reads == 1, "head and body leave as one record");
	check(strcmp(s.protocol, "http/1.1") == 0, "both agree on http/1.1");
	check(strcmp(s.sni, HOST) == 0, "the server is told whom it is asked for");
	check_int(s.version, TLS1_3_VERSION, "TLS 1.3 where both can");
	scene_close(&s);

	scene_open(&s, server, client);
	s.as_client = write_some;
	s.as_server = read_by_sevens;
	scene_run(&s);
	check(s.server.bytes == 5000 && s.server.hash == s.client.hash && s.server.reads == 715,
	    "a record may be read in small pieces");
	check_int(s.server.last, ERR_CLOSED, "its end is an orderly one");
	scene_close(&s);

	scene_open(&s, server, client);
	s.as_client = break_off;
	s.as_server = read_by_sevens;
	scene_run(&s);
	check_int((int64_t)s.server.bytes, 5000, "before an end without goodbye all bytes arrive");
	check_int(s.server.last, ERR_IO, "but the end is not an orderly one");
	scene_close(&s);
	tls_context_unref(server);
	tls_context_unref(client);
}

static void
check_torn(void)
{
	static const size_t piece[] = { 1, 2, 3, 5, 13, 100, 1460, 16384 };
	struct tls_context *server = context_of("good", NULL, true, false);
	struct tls_context *client = context_of(NULL, "ca.pem", false, false);
	struct scene s;

	for (size_t i = 0; i < COUNT_OF(piece); i++) {
		scene_open(&s, server, client);
		s.middle = true;
		s.piece = piece[i];
		s.as_client = write_some_and_stay;
		s.as_server = read_slowly;
		scene_run(&s);
		check(s.client.shaken == ERR_OK && s.server.bytes == 5000 &&
		    s.server.hash == s.client.hash, "TCP in pieces of %zu bytes", piece[i]);
		scene_close(&s);
	}
	scene_open(&s, server, client);
	s.middle = true;
	s.piece = 1000;
	/* Behind the hello, inside what is encrypted. */
	s.spoil_at = 3000;
	s.as_client = write_some;
	s.as_server = read_slowly;
	scene_run(&s);
	check(s.server.bytes == 0 && (s.server.shaken == ERR_IO || s.server.last == ERR_IO),
	    "a bit that was flipped on the way is noticed, and nothing of the record is given out");
	scene_close(&s);
	tls_context_unref(server);
	tls_context_unref(client);
}

/* ---- sessions ---- */

static bool
is_resumed(struct tls_context *server, struct tls_context *client, const char *host)
{
	struct scene s;
	bool resumed;

	scene_open(&s, server, client);
	s.host = host;
	s.as_client = say_hello;
	s.as_server = answer_hello;
	scene_run(&s);
	resumed = s.client.shaken == ERR_OK && s.client.bytes == 9 && s.resumed;
	scene_close(&s);
	return resumed;
}

/* A vendor's server gives tickets; ours does not. */
static void
check_no_tickets(void)
{
	static const int versions[] = { TLS1_3_VERSION, TLS1_2_VERSION };

	for (size_t i = 0; i < COUNT_OF(versions); i++) {
		struct tls_context *server = context_of("wild", NULL, true, false);
		struct tls_context *client = context_of(NULL, "ca.pem", false, false);

		must(SSL_CTX_set_max_proto_version(tls_context_ssl(client), versions[i]) == 1);
		for (int round = 0; round < 3; round++)
			check(!is_resumed(server, client, "a.corp.example"),
			    "TLS 1.%d: handshake %d with our server is a full one",
			    versions[i] - TLS1_2_VERSION + 2, round);
		tls_context_unref(client);
		tls_context_unref(server);
	}
}

static void
check_sessions(void)
{
	struct tls_context *server = context_of("wild", NULL, true, false);
	struct tls_context *client = context_of(NULL, "ca.pem", false, false);

	SSL_CTX_clear_options(tls_context_ssl(server), SSL_OP_NO_TICKET);
	must(SSL_CTX_set_num_tickets(tls_context_ssl(server), 1) == 1);
	check(!is_resumed(server, client, "a.corp.example"), "the first handshake is a full one");
	check(is_resumed(server, client, "a.corp.example"), "the second resumes it");
	check(is_resumed(server, client, "a.corp.example"), "and the third");
	check(!is_resumed(server, client, "b.corp.example"),
	    "another name does not resume the first's");
	tls_context_unref(client);

	client = context_of(NULL, "ca.pem", false, false);
	must(SSL_CTX_set_max_proto_version(tls_context_ssl(client), TLS1_2_VERSION) == 1);
	check(!is_resumed(server, client, "a.corp.example"), "TLS 1.2: the first is a full one");
	check(is_resumed(server, client, "a.corp.example"), "TLS 1.2: the second resumes it");
	check(is_resumed(server, client, "a.corp.example"), "TLS 1.2: and the third");
	tls_context_unref(client);
	tls_context_unref(server);
}

/* ---- what goes wrong ---- */

static void
check_old(void)
{
	struct tls_context *server = context_of("good", NULL, true, false);
	struct tls_context *client = context_of(NULL, "ca.pem", false, false);
	struct scene s;

	SSL_CTX_set_security_level(tls_context_ssl(client), 0);
	must(SSL_CTX_set_min_proto_version(tls_context_ssl(client), TLS1_VERSION) == 1);
	must(SSL_CTX_set_max_proto_version(tls_context_ssl(client), TLS1_1_VERSION) == 1);
	scene_open(&s, server, client);
	scene_run(&s);
	check_int(s.server.shaken, ERR_IO, "a client of TLS 1.1 is not served");
	scene_close(&s);
	tls_context_unref(server);
	tls_context_unref(client);

	server = context_of("good", NULL, true, false);
	client = context_of(NULL, "ca.pem", false, false);
	SSL_CTX_set_security_level(tls_context_ssl(server), 0);
	must(SSL_CTX_set_min_proto_version(tls_context_ssl(server), TLS1_VERSION) == 1);
	must(SSL_CTX_set_max_proto_version(tls_context_ssl(server), TLS1_1_VERSION) == 1);
	scene_open(&s, server, client);
	scene_run(&s);
	check_int(s.client.shaken, ERR_UPSTREAM_TLS, "a server of TLS 1.1 is not talked to");
	scene_close(&s);
	tls_context_unref(server);
	tls_context_unref(client);
}

struct rude {
	struct scene	*s;
	struct slice	 says;
	struct fiber	*victim;
};

static void
rude_server(struct fiber *f, void *arg)
{
	struct rude *r = arg;
	struct sock sock;
	char room[1000];
	size_t got;
	struct iovec out = { (void *)(uintptr_t)r->says.ptr, r->says.len };

	must(sock_adopt(&sock, &r->s->loop, accept_one(f, r->s->listener)) == ERR_OK);
	(void)!sock_read(f, &sock, (struct iovec){ room, sizeof room }, soon(r->s), &got);
	if (r->says.len > 0)
		(void)!sock_write(f, &sock, &out, 1, NANOS_PER_S);
	if (r->victim != NULL)
		fiber_cancel(r->victim);
	/* Until the client has gone. */
	while (sock_read(f, &sock, (struct iovec){ room, sizeof room }, soon(r->s), &got) == ERR_OK)
		;
	sock_close(&sock);
	r->s->running--;
}

static void
rude_client(struct fiber *f, void *arg)
{
	struct rude *r = arg;
	struct scene *s = r->s;
	bool cancel = r->says.len == 1;

	if (cancel)
		r->victim = f;
	must(sock_connect(f, &s->client.sock, &s->address, soon(s)) == ERR_OK);
	s->client.shaken = tls_connect(f, &s->client.sock, s->client.context, S(HOST),
	    r->says.len == 0 ? kernel_now() + 50 * NANOS_PER_MS : soon(s));
	s->client.last = sock_is_open(&s->client.sock) ? ERR_OK : ERR_CLOSED;
	sock_close(&s->client.sock);
	s->running--;
}

static enum err
rudely(struct slice says)
{
	struct tls_context *client = context_of(NULL, "ca.pem", false, false);
	struct rude r = { .says = says };
	struct scene s;

	scene_open(&s, NULL, client);
	r.s = &s;
	s.running = 2;
	must(fiber_start(&s.loop, "rude", rude_server, &r) == ERR_OK);
	must(fiber_start(&s.loop, "victim", rude_client, &r) == ERR_OK);
	for (int i = 0; i < 1000 && s.running > 0; i++)
		loop_turn(&s.loop, s.loop.now + 10 * NANOS_PER_MS);
	check_or_stop(s.running == 0, "a rude server does not hold anybody");
	scene_close(&s);
	tls_context_unref(client);
	return s.client.shaken;
}

static void
check_rude(void)
{
	check_int(rudely(S("HTTP/1.1 400 Bad Request\r\n\r\n")), ERR_UPSTREAM_TLS,
	    "a server that does not speak TLS");
	check_int(rudely(S("")), ERR_DEADLINE, "a server that says nothing");
	check_int(rudely(S("\x16")), ERR_CANCELLED, "a handshake that is cancelled");
}

/* ---- the system's CAs ---- */

static void
check_system(void)
{
	struct tls_context *server = context_of("good", NULL, true, false);
	struct tls_context *client = context_of(NULL, NULL, false, false);
	struct scene s;

	setenv("SSL_CERT_FILE", files_path(&files, "nothing.pem"), 1);
	scene_open(&s, server, client);
	s.patience = NANOS_PER_S;
	scene_run(&s);
	check_int(s.client.shaken, ERR_UPSTREAM_TLS, "without any CAs nobody is believed");
	scene_close(&s);

	setenv("SSL_CERT_FILE", files_path(&files, "ca.pem"), 1);
	scene_open(&s, server, client);
	s.as_client = say_hello;
	s.as_server = answer_hello;
	scene_run(&s);
	check(s.client.shaken == ERR_OK && s.client.bytes == 9,
	    "the system's bundle is read at the first handshake that finds it");
	scene_close(&s);
	tls_context_unref(client);

	unsetenv("SSL_CERT_FILE");
	client = context_of(NULL, NULL, false, false);
	scene_open(&s, server, client);
	scene_run(&s);
	check_int(s.client.shaken, ERR_UPSTREAM_TLS, "the real bundle does not know our CA");
	scene_close(&s);
	tls_context_unref(client);
	tls_context_unref(server);
}

/* ---- contexts that cannot be made ---- */

static const struct file_case {
	bool		 server;
	const char	*certificate, *key, *ca;
	const char	*want;		/* part of the message */
	const char	*why;
} bad_files[] = {
	{ true, NULL, NULL, NULL, "a server needs a certificate", "no certificate" },
	{ true, "good.pem", NULL, NULL, "good.pem: a certificate needs its key", "no key" },
	{ true, "none.pem", "good.key", NULL, "none.pem: there is no such file", "a file that is not there" },
	{ true, "good.pem", "none.key", NULL, "none.key: there is no such file", "a key that is not there" },
	{ true, "text", "good.key", NULL, "text: this is not a certificate in PEM", "text for a certificate" },
	{ true, "good.pem", "text", NULL, "text: this is not a private key in PEM", "text for a key" },
	{ true, "good.pem", "good.pem", NULL, "good.pem: this is not a private key", "a certificate for a key" },
	{ true, "good.pem", "wild.key", NULL, "wild.key: the key does not fit", "another's key" },
	{ true, "good.pem", "locked.key", NULL, "without a password", "a key with a password" },
	{ true, "expired.pem", "expired.key", NULL, "expired.pem: the certificate has expired", "an old one" },
	{ true, "early.pem", "early.key", NULL, "early.pem: the certificate is not valid yet", "a future one" },
	{ true, "good.pem", "good.key", "text", "text: these are not certificates of CAs", "text for CAs" },
	{ false, NULL, NULL, "none.pem", "none.pem: there is no such file", "CAs that are not there" },
	{ false, NULL, NULL, "text", "text: these are not certificates of CAs", "text for CAs, client" },
	{ false, NULL, "good.key", NULL, "a key needs its certificate", "a key alone" },
	{ false, "expired.pem", "expired.key", NULL, "has expired", "an old one of a client" },
};

static void
check_files(void)
{
	struct tls_context *context = NULL;
	char why[300];

	for (size_t i = 0; i < COUNT_OF(bad_files); i++) {
		const struct file_case *c = &bad_files[i];
		struct tls_files f = {
			.certificate = c->certificate ? files_path(&files, c->certificate) : NULL,
			.key = c->key ? files_path(&files, c->key) : NULL,
			.ca = c->ca ? files_path(&files, c->ca) : NULL,
		};

		memset(why, 'x', sizeof why);
		check_int(tls_context_open(&f, c->server, &context, why, sizeof why), ERR_CONF,
		    "refused: %s", c->why);
		if (!check(memchr(why, '\0', sizeof why) != NULL && strstr(why, c->want) != NULL,
		    "and told why: %s", c->why))
			printf("#   got %.*s\n", (int)sizeof why, why);
	}
	check(context == NULL, "no context came of it");
	memset(why, 'x', sizeof why);
	check(tls_context_open(&(struct tls_files){ 0 }, true, &context, why, 8) == ERR_CONF &&
	    memchr(why, '\0', 8) != NULL, "a message never leaves its room");
}

/* ---- */

static void
make_files(void)
{
	static const long day = 86400;
	struct authority ca, stranger, a;
	static const struct wish leaf[] = {
		{ "good", "DNS:" HOST, -86400, 86400, "irrelevant" },
		{ "address", "IP:127.0.0.1,IP:::1", -86400, 86400, "irrelevant" },
		{ "wild", "DNS:*.corp.example", -86400, 86400, "irrelevant" },
		{ "common", NULL, -86400, 86400, HOST },
		{ "expired", "DNS:" HOST, -86400, -3600, "irrelevant" },
		{ "early", "DNS:" HOST, 3600, 86400, "irrelevant" },
		{ "client", NULL, -86400, 86400, "a client" },
	};
	FILE *out;

	files_open(&files);
	ca = files_certificate(&files, &(struct wish){ "ca", NULL, -day, day, "Test CA" }, NULL);
	stranger = files_certificate(&files,
	    &(struct wish){ "stranger", NULL, -day, day, "Test CA" }, NULL);
	for (size_t i = 0; i < COUNT_OF(leaf); i++) {
		a = files_certificate(&files, &leaf[i], &ca);
		if (i == 0) {
			struct authority b = files_certificate(&files,
			    &(struct wish){ "impostor", "DNS:" HOST, -day, day, "x" }, &a);

			out = fopen(files_path(&files, "locked.key"), "w");
			must(out != NULL && PEM_write_PrivateKey(out, a.key, EVP_aes_128_cbc(),
			    (const unsigned char *)"secret", 6, NULL, NULL) == 1);
			must(fclose(out) == 0);
			authority_free(&b);
		}
		authority_free(&a);
	}
	a = files_certificate(&files,
	    &(struct wish){ "stranger_client", NULL, -day, day, "a client" }, &stranger);
	authority_free(&a);
	a = files_certificate(&files,
	    &(struct wish){ "selfsigned", "DNS:" HOST, -day, day, HOST }, NULL);
	authority_free(&a);
	authority_free(&ca);
	authority_free(&stranger);
	files_text(&files, "text", "this is text\n");
}

int
main(void)
{
	make_files();
	check_files();
	check_trust();
	check_mutual();
	check_bytes();
	check_torn();
	check_no_tickets();
	check_sessions();
	check_old();
	check_rude();
	check_system();
	files_remove(&files);
	return check_done();
}
