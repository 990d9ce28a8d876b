/* SPDX-License-Identifier: Apache-2.0 */
/* trivium fake: simulated providers on a port of their own. */
#include "cli/cmd_fake.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/limit.h"
#include "fake/fake.h"
#include "http/server.h"
#include "run/address.h"
#include "run/fiber.h"
#include "run/loop.h"
#include "run/memory.h"
#include "run/signals.h"
#include "run/tls.h"

#define USAGE									\
	"usage: trivium fake [--listen ADDR:PORT] [--script FILE] [--seed N]\n"	\
	"                    [--tls-certificate FILE --tls-key FILE [--tls-ca FILE]]\n"	\
	"\n"									\
	"Serves simulated providers in the OpenAI dialect: chat, completions,\n"	\
	"embeddings, models.  Without a script they answer at once and well.\n"	\
	"\n"									\
	"  --listen ADDR:PORT  where; 127.0.0.1:0 (a free port) unless said\n"	\
	"  --script FILE       how they behave, as JSON (doc/reference/fake-script.md)\n"	\
	"  --seed N            what random choices follow from; 1 unless said\n"	\
	"  --tls-certificate FILE, --tls-key FILE\n"				\
	"                      serve HTTPS with this PEM chain and key\n"	\
	"  --tls-ca FILE       and ask clients for a certificate of this authority\n"	\
	"\n"									\
	"What they received is shown at GET /fake/requests, POST /fake/script\n"	\
	"replaces the script, POST /fake/reset forgets both; on loopback only.\n"

/* How long answers may go on after SIGTERM. */
#define STOP_WAIT	(2 * NANOS_PER_S)

struct wish {
	struct address		 listen;
	const char		*script;
	uint64_t		 seed;
	struct tls_files	 tls;
};

struct stage {
	struct loop		 loop;
	struct memory_pool	 memory;
	struct fake		 fake;
	struct server		 server;
	struct signals		 signals;
	bool			 stop;
};

static int
complain(const char *what, const char *which)
{
	fprintf(stderr, "trivium fake: %s%s%s\n", what, which[0] != '\0' ? ": " : "", which);
	return 1;
}

static struct slice
slice_of_string(const char *s)
{
	return slice_of(s, strlen(s));
}

/* False with a complaint if `option` is none, or has no good value. */
static bool
read_option(struct wish *w, const char *option, const char *value)
{
	if (value == NULL)
		complain("this option needs a value", option);
	else if (strcmp(option, "--listen") == 0 &&
	    !address_read_listen(slice_of_string(value), &w->listen))
		complain("--listen takes ADDR:PORT with a numeric address, not", value);
	else if (strcmp(option, "--seed") == 0 && !slice_number(slice_of_string(value), &w->seed))
		complain("--seed takes a number, not", value);
	else
		return true;
	return false;
}

static bool
read_wish(int argc, char **argv, struct wish *w)
{
	for (int i = 1; i < argc; i += 2) {
		const char *value = i + 1 < argc ? argv[i + 1] : NULL;

		if (strcmp(argv[i], "--script") == 0) {
			w->script = value;
		} else if (strcmp(argv[i], "--tls-certificate") == 0) {
			w->tls.certificate = value;
		} else if (strcmp(argv[i], "--tls-key") == 0) {
			w->tls.key = value;
		} else if (strcmp(argv[i], "--tls-ca") == 0) {
			w->tls.ca = value;
		} else if (strcmp(argv[i], "--listen") != 0 && strcmp(argv[i], "--seed") != 0) {
			complain("unknown option, see --help", argv[i]);
			return false;
		}
		if (!read_option(w, argv[i], value))
			return false;
	}
	return true;
}

static bool
load_script(struct fake *f, const char *path)
{
	char why[256];
	char *room = malloc(FAKE_SCRIPT_BYTES_MAX);
	ssize_t n = room == NULL ? -1 : kernel_file_read(path, room, FAKE_SCRIPT_BYTES_MAX);
	bool good = false;

	if (n < 0)
		complain("this script cannot be read", path);
	else if (fake_script(f, slice_of(room, (size_t)n), why, sizeof why) != ERR_OK)
		complain(path, why);
	else
		good = true;
	free(room);
	return good;
}

static void
heard(struct signals *s, enum signals_word word)
{
	struct stage *stage = s->owner;

	if (word == SIGNALS_STOP)
		stage->stop = true;
}

static bool
open_stage(struct stage *s, const struct wish *w, int fd)
{
	char why[256];

	s->server = (struct server){
		.loop = &s->loop,
		.memory = &s->memory,
		.serve = fake_serve,
		.refuse = fake_refuse,
		.owner = &s->fake,
		.limits = {
			.header_wait = HEADER_WAIT_MS * NANOS_PER_MS,
			.idle_wait = CLIENT_IDLE_MS * NANOS_PER_MS,
			.body_bytes_max = REQUEST_BYTES_MAX,
			.connections_max = CLIENT_CONNECTIONS_MAX,
		},
	};
	if (w->tls.certificate != NULL &&
	    tls_context_open(&w->tls, true, &s->server.tls, why, sizeof why) != ERR_OK)
		return complain(why, "") == 0;
	if (signals_open(&s->signals, &s->loop, heard, s) != ERR_OK ||
	    server_open(&s->server, fd) != ERR_OK)
		return complain("the operating system has no room for another server", "") == 0;
	return true;
}

static void
serve(struct stage *s)
{
	nanos until;

	while (!s->stop)
		loop_turn(&s->loop, NANOS_NEVER);
	server_drain(&s->server);
	until = s->loop.now + STOP_WAIT;
	while (!server_is_empty(&s->server) && s->loop.now < until)
		loop_turn(&s->loop, until);
	server_cancel(&s->server);
	until = s->loop.now + STOP_WAIT;
	while (!server_is_empty(&s->server) && s->loop.now < until)
		loop_turn(&s->loop, until);
}

static int
listen_and_serve(struct stage *s, const struct wish *w)
{
	struct address bound;
	struct text t;
	char room[64];
	int fd;

	text_init(&t, room, sizeof room - 1);
	fd = kernel_listen(&w->listen, false);
	if (fd < 0 || kernel_local_address(fd, &bound) < 0) {
		address_put(&t, &w->listen);
		room[t.len] = '\0';
		return complain("cannot listen there; is something else using the port?", room);
	}
	if (!open_stage(s, w, fd))
		return 1;
	address_put(&t, &bound);
	room[t.len] = '\0';
	printf("listening on %s\n", room);
	fflush(stdout);
	serve(s);
	if (!server_is_empty(&s->server))
		/* What cannot be ended is left to the operating system. */
		_Exit(EXIT_FAILURE);
	server_close(&s->server);
	signals_close(&s->signals);
	return 0;
}

static int
run(struct stage *s, const struct wish *w)
{
	int status = 1;

	memory_init(&s->memory);
	if (loop_open(&s->loop, NULL) != ERR_OK ||
	    fake_init(&s->fake, &s->memory, w->seed) != ERR_OK)
		return complain("no memory", "");
	s->fake.control = true;
	if (w->script == NULL || load_script(&s->fake, w->script))
		status = listen_and_serve(s, w);
	if (s->server.tls != NULL)
		tls_context_unref(s->server.tls);
	fake_release(&s->fake);
	loop_close(&s->loop);
	memory_release(&s->memory);
	return status;
}

int
cmd_fake(int argc, char **argv)
{
	struct wish wish = { .seed = 1 };
	struct stage *stage;
	int status;

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
			fputs(USAGE, stdout);
			return 0;
		}
	}
	must(address_read_listen(S("127.0.0.1:0"), &wish.listen));
	if (!read_wish(argc, argv, &wish))
		return 2;
	stage = calloc(1, sizeof *stage);
	if (stage == NULL)
		return complain("no memory", "");
	status = run(stage, &wish);
	free(stage);
	return status;
}
