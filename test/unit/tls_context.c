/* SPDX-License-Identifier: Apache-2.0 */
#include "run/tls_context.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>

#include "run/address.h"
#include "run/fiber.h"
#include "run/job.h"
#include "run/loop.h"

#include "check.h"
#include "tls_files.h"

#define HOST	"model.example"
#define THREADS	4
#define ROUNDS	25

/*
 * Workers share contexts: each thread here has a loop, on which a client and a
 * server of the same two contexts meet again and again.
 */
struct scene {
	struct loop		 loop;
	struct jobs		*jobs;
	struct tls_context	*server, *client;
	struct address		 address;
	int			 listener;
	unsigned		 running;
	unsigned		 met, resumed;
};

static _Atomic(unsigned) resumed;

static void
seen(const SSL *ssl, int where, int result)
{
	(void)result;
	if ((where & SSL_CB_HANDSHAKE_DONE) != 0 && SSL_session_reused(ssl))
		resumed++;
}

static void
serve(struct fiber *f, void *arg)
{
	struct scene *s = arg;
	struct iovec answer = { "answer", 6 };
	struct address peer;
	struct sock sock;
	char room[16];
	size_t got;
	int fd;

	for (int i = 0; i < ROUNDS; i++) {
		while ((fd = kernel_accept(s->listener, &peer)) == -EAGAIN)
			must(fiber_sleep(f, kernel_now() + NANOS_PER_MS / 4) == ERR_OK);
		must(sock_adopt(&sock, &s->loop, fd) == ERR_OK);
		answer = (struct iovec){ "answer", 6 };
		if (tls_accept(f, &sock, s->server, s->loop.now + 20 * NANOS_PER_S) == ERR_OK &&
		    sock_read(f, &sock, (struct iovec){ room, sizeof room },
		    s->loop.now + 20 * NANOS_PER_S, &got) == ERR_OK)
			(void)!sock_write(f, &sock, &answer, 1, NANOS_PER_S);
		sock_close(&sock);
	}
	s->running--;
}

static void
ask(struct fiber *f, void *arg)
{
	struct scene *s = arg;

	for (int i = 0; i < ROUNDS; i++) {
		nanos deadline = s->loop.now + 20 * NANOS_PER_S;
		struct iovec question = { "question", 8 };
		struct sock sock;
		char room[16];
		size_t got = 0;

		must(sock_connect(f, &sock, &s->address, deadline) == ERR_OK);
		if (tls_connect(f, &sock, s->client, S(HOST), deadline) == ERR_OK &&
		    sock_write(f, &sock, &question, 1, NANOS_PER_S) == ERR_OK &&
		    sock_read(f, &sock, (struct iovec){ room, sizeof room }, deadline,
		    &got) == ERR_OK)
			s->met += got == 6 && memcmp(room, "answer", 6) == 0;
		sock_close(&sock);
	}
	s->running--;
}

static void *
run(void *arg)
{
	struct scene *s = arg;
	nanos end = kernel_now() + 60 * NANOS_PER_S;

	must(address_read(S("127.0.0.1"), 0, &s->address));
	s->listener = kernel_listen(&s->address, false);
	must(s->listener >= 0 && kernel_local_address(s->listener, &s->address) == 0);
	must(loop_open(&s->loop, s->jobs) == ERR_OK);
	s->running = 2;
	must(fiber_start(&s->loop, "server", serve, s) == ERR_OK);
	must(fiber_start(&s->loop, "client", ask, s) == ERR_OK);
	while (s->running > 0 && kernel_now() < end)
		loop_turn(&s->loop, s->loop.now + 10 * NANOS_PER_MS);
	must(s->running == 0);
	loop_close(&s->loop);
	kernel_close(s->listener);
	return NULL;
}

int
main(void)
{
	static const struct wish leaf = { "good", "DNS:" HOST, -3600, 3600, "irrelevant" };
	static const struct wish root = { "ca", NULL, -3600, 3600, "Test CA" };
	struct tls_context *server = NULL, *client = NULL;
	struct scene scene[THREADS] = { 0 };
	pthread_t thread[THREADS];
	struct jobs *jobs = NULL;
	struct authority ca, good;
	struct files files;
	unsigned met = 0;
	char why[200];

	files_open(&files);
	ca = files_certificate(&files, &root, NULL);
	good = files_certificate(&files, &leaf, &ca);
	authority_free(&ca);
	authority_free(&good);
	must(tls_context_open(&(struct tls_files){ .certificate = files_path(&files, "good.pem"),
	    .key = files_path(&files, "good.key") }, true, &server, why, sizeof why) == ERR_OK);
	must(tls_context_open(&(struct tls_files){ 0 }, false, &client, why, sizeof why) == ERR_OK);
	SSL_CTX_clear_options(tls_context_ssl(server), SSL_OP_NO_TICKET);
	must(SSL_CTX_set_num_tickets(tls_context_ssl(server), 1) == 1);
	SSL_CTX_set_info_callback(tls_context_ssl(client), seen);
	/* All threads meet first at a context whose CAs are not loaded yet. */
	setenv("SSL_CERT_FILE", files_path(&files, "ca.pem"), 1);
	must(jobs_open(&jobs, 2) == ERR_OK);
	for (int i = 0; i < THREADS; i++) {
		scene[i] = (struct scene){ .jobs = jobs, .server = tls_context_ref(server),
			.client = tls_context_ref(client) };
		must(pthread_create(&thread[i], NULL, run, &scene[i]) == 0);
	}
	for (int i = 0; i < THREADS; i++) {
		must(pthread_join(thread[i], NULL) == 0);
		met += scene[i].met;
		tls_context_unref(scene[i].server);
		tls_context_unref(scene[i].client);
	}
	jobs_close(jobs);
	check_int(met, THREADS * ROUNDS, "threads that share contexts meet every time");
	check(resumed > THREADS * ROUNDS / 2,
	    "mostly by a session that some thread had before (%u)", resumed);
	tls_context_unref(server);
	tls_context_unref(client);
	files_remove(&files);
	return check_done();
}
