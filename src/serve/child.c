/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/child.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "admin/admin.h"
#include "caller/keyring.h"
#include "serve/boot.h"
#include "serve/greet.h"
#include "serve/herald.h"
#include "serve/steward.h"
#include "serve/keeper.h"
#include "store/conversation_row.h"
#include "core/limit.h"
#include "fake/fake.h"
#include "gate/gate.h"
#include "ledger/book.h"
#include "ledger/ceiling.h"
#include "run/address.h"
#include "run/ask.h"
#include "run/fiber.h"
#include "run/file.h"
#include "run/host.h"
#include "run/job.h"
#include "run/signals.h"
#include "run/supervisor.h"
#include "run/worker.h"
#include "serve/alarm.h"
#include "serve/alert.h"

#define LOOK_EVERY	(10 * NANOS_PER_MS)
#define CANCEL_WAIT	(2 * NANOS_PER_S)

struct child {
	struct boot		*boot;
	struct workers		 workers;
	struct gate		*gate;		/* one for each worker */
	struct conversations	*conversations;
	struct admit		*admit;
	struct book		*book;		/* NULL: no data folder */
	struct trust		*trust;
	struct keeper		 keeper;
	struct ceilings		*ceilings;
	struct alarm		 alarm;
	struct herald		 herald;
	struct steward		 steward;
	struct keyring		*keyring;	/* the same */
	struct alert		 alert;
	struct admin_worker	*view;
	struct admin		 admin;
	struct fake		 fake;
	struct server		 fake_server;
	struct signals		 signals;
	bool			 stopping;
	bool			 reloading;
};

static void heard(struct signals *, enum signals_word);

static struct child *
child_of(struct worker *w)
{
	return (struct child *)((char *)w->all - offsetof(struct child, workers));
}

static enum err
open_fake(struct child *c, struct worker *w)
{
	enum err e;

	if (c->boot->simulator < 0)
		return ERR_OK;
	if ((e = fake_init(&c->fake, &w->memory, 1)) != ERR_OK)
		return e;
	c->fake_server = (struct server){
		.loop = &w->loop,
		.memory = &w->memory,
		.serve = fake_serve,
		.refuse = fake_refuse,
		.owner = &c->fake,
		.limits = {
			.header_wait = HEADER_WAIT_MS * NANOS_PER_MS,
			.idle_wait = CLIENT_IDLE_MS * NANOS_PER_MS,
			.body_bytes_max = REQUEST_BYTES_MAX,
			.connections_max = CLIENT_CONNECTIONS_MAX,
		},
	};
	return server_open(&c->fake_server, c->boot->simulator);
}

static enum err
start_book(struct child *c, struct worker *w)
{
	enum err e = book_start(c->book, &w->loop);

	c->alarm = (struct alarm){ .book = c->book, .log = &c->gate[0].log };
	c->herald = (struct herald){
		.book = c->book, .pool = &c->gate[0].pool, .log = &c->gate[0].log,
	};
	c->steward = (struct steward){ .book = c->book, .gate = &c->gate[0] };
	if (e == ERR_OK)
		e = alarm_start(&c->alarm, &w->loop);
	if (e == ERR_OK)
		e = steward_start(&c->steward, &w->loop);
	return e == ERR_OK ?
	    herald_start(&c->herald, snapshot_ref(c->boot->snapshot), &w->loop) : e;
}

/* What the first worker does beside serving. */
static enum err
open_first(struct child *c, struct worker *w)
{
	enum err e;

	c->admin.memory = &w->memory;
	c->admin.worker = c->view;
	c->admin.worker_count = c->workers.count;
	c->admin.keyring = c->keyring;
	c->admin.trust = c->trust;
	c->admin.ceilings = c->ceilings;
	c->admin.book = c->book;
	if (c->book != NULL && (e = start_book(c, w)) != ERR_OK)
		return e;
	c->alert = (struct alert){
		.ceilings = c->ceilings, .book = c->book, .gate = &c->gate[0],
	};
	if ((e = ceiling_start(c->ceilings, &w->loop)) != ERR_OK ||
	    (e = alert_start(&c->alert, &w->loop)) != ERR_OK)
		return e;
	e = admin_open(&c->admin, &w->loop, c->boot->snapshot->admin.tls, c->boot->admin);
	if (e != ERR_OK)
		return e;
	if ((e = open_fake(c, w)) != ERR_OK)
		return e;
	if ((e = signals_open(&c->signals, &w->loop, heard, c)) != ERR_OK)
		return e;
	return keeper_start(&c->keeper, c->trust, &c->gate[0]);
}

/* Each worker has a descriptor of its own, which appends; -1: no log, -2: it cannot be opened. */
static int
open_log(const struct snapshot *s)
{
	int fd;

	switch (s->log_target) {
	case LOG_FILE:
		if ((fd = kernel_file_append(s->log_file.ptr)) >= 0)
			return fd;
		fprintf(stderr, "trivium run: the log file %s cannot be opened for writing: %s\n",
		    s->log_file.ptr, strerror(-fd));
		return -2;
	case LOG_STDERR:
		return fileno(stderr);
	case LOG_NONE:
		break;
	}
	return -1;
}

/*
 * A request in flight has a descriptor for its client and another for its model, so
 * clients that only wait may have half of them all.
 */
static uint32_t
connections_max(const struct child *c)
{
	uint32_t half = host_descriptors() / 2 / c->workers.count;

	return half < CLIENT_CONNECTIONS_MAX ? half + 1 : CLIENT_CONNECTIONS_MAX;
}

/* Does a caller of this process need a key, as its gate sees it? */
static bool
asks(const struct child *c)
{
	if (!snapshot_is_open(c->boot->snapshot))
		return true;
	return c->keyring != NULL &&
	    (registry_count(keyring_registry(c->keyring), KEY_CALLER) > 0 ||
	    address_scope(&c->boot->address) != ADDRESS_LOOPBACK);
}

static enum err
begin(struct worker *w)
{
	struct child *c = child_of(w);
	struct gate_parts parts = {
		.loop = &w->loop,
		.memory = &w->memory,
		.dns = w->dns,
		.scratch = w->scratch,
		.snapshot = snapshot_ref(c->boot->snapshot),
		.listener = c->boot->listener[w->number],
		.log = open_log(c->boot->snapshot),
		.conversations = c->conversations,
		.admit = c->admit,
		.book = c->book,
		.trust = c->trust,
		.ceilings = c->ceilings,
		.tells_book = w->number == 0,
		.registry = c->keyring == NULL ? NULL : keyring_registry(c->keyring),
		.log_owned = c->boot->snapshot->log_target == LOG_FILE,
		.connections_max = connections_max(c),
	};
	enum err e;

	if (parts.log == -2)
		return ERR_CONF;
	e = gate_open(&c->gate[w->number], &parts);
	if (e != ERR_OK || w->number != 0)
		return e;
	if ((e = open_first(c, w)) == ERR_OK)
		greet_say(c->boot, asks(c));
	return e;
}

static void
end(struct worker *w)
{
	struct child *c = child_of(w);

	gate_close(&c->gate[w->number]);
	if (w->number > 0)
		return;
	signals_close(&c->signals);
	admin_close(&c->admin);
	if (c->boot->simulator >= 0) {
		server_close(&c->fake_server);
		fake_release(&c->fake);
	}
}

struct load {
	struct child	*child;
	struct snapshot	*snapshot;
};

static void
load_job(void *arg)
{
	struct load *load = arg;

	load->snapshot = boot_load(load->child->boot);
}

struct handover {
	struct gate	*gate;
	struct snapshot	*snapshot;
	enum err	 err;
};

static void
hand_over(void *arg)
{
	struct handover *h = arg;

	int log = open_log(h->snapshot);

	h->err = log == -2 ? ERR_CONF : gate_reload(h->gate, snapshot_ref(h->snapshot));
	if (h->err == ERR_OK)
		/* The file anew: a reload is also how a rotated log is let go of. */
		log_switch(&h->gate->log, log, h->snapshot->log_target == LOG_FILE);
	else if (log != -2)
		snapshot_unref(h->snapshot);
}

static void
reload_main(struct fiber *f, void *arg)
{
	struct child *c = arg;
	struct load load = { .child = c };
	struct log *log = &c->gate[0].log;
	enum err e = job_run(f, load_job, &load);

	/* Whoever stops the process waits for this fiber, and for no configuration. */
	if (c->stopping) {
		if (e == ERR_OK && load.snapshot != NULL)
			snapshot_unref(load.snapshot);
		c->reloading = false;
		return;
	}
	if (e != ERR_OK || load.snapshot == NULL) {
		log_event(log, S("error"), S("reload_refused"),
		    S("the running configuration stays"));
		c->reloading = false;
		return;
	}
	for (unsigned i = 0; i < c->workers.count; i++) {
		struct handover h = { &c->gate[i], load.snapshot, ERR_OK };

		ask_loop(f, &c->workers.worker[i].loop, hand_over, &h);
		if (h.err != ERR_OK)
			log_event(log, S("error"), S("reload_failed"), err_info(h.err)->text);
	}
	/* The references of the boot and of this fiber change places. */
	snapshot_unref(c->boot->snapshot);
	c->boot->snapshot = load.snapshot;
	log_event(log, S("info"), S("reloaded"),
	    slice_of(load.snapshot->hash, sizeof load.snapshot->hash - 1));
	c->reloading = false;
}

static void
drain_gate(void *arg)
{
	gate_drain(arg);
}

static void
cancel_gate(void *arg)
{
	gate_cancel(arg);
}

struct idle_question {
	struct gate	*gate;
	bool		 idle;
};

static void
ask_idle(void *arg)
{
	struct idle_question *q = arg;

	q->idle = gate_is_idle(q->gate);
}

static bool
all_idle(struct fiber *f, struct child *c)
{
	for (unsigned i = 0; i < c->workers.count; i++) {
		struct idle_question q = { &c->gate[i], false };

		ask_loop(f, &c->workers.worker[i].loop, ask_idle, &q);
		if (!q.idle)
			return false;
	}
	return true;
}

static void
ask_all(struct fiber *f, struct child *c, void (*work)(void *))
{
	for (unsigned i = 0; i < c->workers.count; i++)
		ask_loop(f, &c->workers.worker[i].loop, work, &c->gate[i]);
}

static bool
wait_idle(struct fiber *f, struct child *c, nanos wait)
{
	struct loop *loop = fiber_loop(f);
	nanos until = loop->now + wait;
	bool idle;

	while (!(idle = all_idle(f, c)) && loop->now < until)
		if (fiber_sleep(f, loop->now + LOOK_EVERY) != ERR_OK)
			break;
	return idle;
}

/* The admin port and the built-in providers serve until the gates are done. */
static void
close_rest(struct fiber *f, struct child *c)
{
	nanos until = fiber_loop(f)->now + CANCEL_WAIT;

	admin_drain(&c->admin);
	server_cancel(&c->admin.server);
	if (c->boot->simulator >= 0) {
		server_drain(&c->fake_server);
		server_cancel(&c->fake_server);
	}
	while ((!server_is_empty(&c->admin.server) ||
	    (c->boot->simulator >= 0 && !server_is_empty(&c->fake_server))) &&
	    fiber_loop(f)->now < until)
		if (fiber_sleep(f, fiber_loop(f)->now + LOOK_EVERY) != ERR_OK)
			break;
}

/* A reload reaches into gates and their logs: those must not be closed under it. */
static void
wait_reloaded(struct fiber *f, struct child *c)
{
	nanos until = fiber_loop(f)->now + CANCEL_WAIT;

	while (c->reloading) {
		/* All there is to keep is on the disk by now, and a job cannot be ended. */
		if (fiber_loop(f)->now >= until)
			_Exit(EXIT_SUCCESS);
		if (fiber_sleep(f, fiber_loop(f)->now + LOOK_EVERY) != ERR_OK)
			break;
	}
}

static void
stop_main(struct fiber *f, void *arg)
{
	struct child *c = arg;

	ask_all(f, c, drain_gate);
	if (!wait_idle(f, c, c->boot->snapshot->drain_wait)) {
		ask_all(f, c, cancel_gate);
		if (!wait_idle(f, c, CANCEL_WAIT))
			/* What cannot be ended is left to the operating system. */
			_Exit(EXIT_FAILURE);
	}
	close_rest(f, c);
	keeper_stop(&c->keeper, f);
	alarm_stop(&c->alarm, f);
	steward_stop(&c->steward, f);
	ceiling_stop(c->ceilings, f);
	alert_stop(&c->alert, f);
	if (c->book != NULL)
		book_stop(c->book, f);
	herald_stop(&c->herald, f);
	wait_reloaded(f, c);
	workers_stop(&c->workers);
}

static void
heard(struct signals *s, enum signals_word word)
{
	struct child *c = s->owner;
	struct loop *loop = &c->workers.worker[0].loop;
	bool *busy = word == SIGNALS_STOP ? &c->stopping : &c->reloading;

	if (*busy || c->stopping)
		return;
	*busy = fiber_start(loop, word == SIGNALS_STOP ? "stop" : "reload",
	    word == SIGNALS_STOP ? stop_main : reload_main, c) == ERR_OK;
}

/* DATA/admin.url, for commands of this machine that speak to the gateway. */
static enum err
say_where(const struct child *c, struct text *why)
{
	struct address address = c->boot->admin_address, any = { .port = 0 };
	char url[96];
	struct text t;

	if (memcmp(address.ip, any.ip, sizeof any.ip) == 0)
		must(address_read(S("127.0.0.1"), address.port, &address));
	text_init(&t, url, sizeof url);
	text_put(&t, c->boot->snapshot->admin.tls != NULL ? S("https://") : S("http://"));
	address_put(&t, &address);
	text_put_char(&t, '\n');
	return keyring_say_where(c->boot->snapshot->data.ptr, text_slice(&t), why);
}

/* ERR_OK where no data folder is asked for. */
static enum err
open_book(struct child *c)
{
	const struct snapshot *s = c->boot->snapshot;
	struct book_plan plan = { s->data.ptr, s->ledger_origin, s->head_every };
	char room[1024], words[512];
	struct text why, news;
	enum err e;

	if (s->data.len == 0)
		return ERR_OK;
	text_init(&why, room, sizeof room);
	text_init(&news, words, sizeof words);
	if ((e = book_open(&c->book, &plan, &why)) == ERR_OK)
		e = keyring_open(&c->keyring, s->data.ptr, c->book, &news, &why);
	if (news.len > 0)
		fprintf(stderr, "trivium run: %.*s\n", (int)news.len, news.ptr);
	/* Commands can be told by hand where it is. */
	if (e == ERR_OK && say_where(c, &why) != ERR_OK)
		fprintf(stderr, "trivium run: warning: %.*s\n", (int)why.len, why.ptr);
	if (e == ERR_OK)
		return ERR_OK;
	if (why.len == 0)
		text_put(&why, err_info(e)->text);
	fprintf(stderr, "trivium run: %.*s\n", (int)why.len, why.ptr);
	/* Nothing of it would be better for the next child. */
	return e == ERR_MEMORY ? e : ERR_CONF;
}

/* Of its own in each process where nothing is kept; else the folder's, with what was kept. */
static enum err
open_conversations(struct child *c)
{
	struct slice folder = c->boot->snapshot->data;
	char master[32], room[1024], *path;
	enum err e = ERR_OK;
	struct text why;

	kernel_random(master, sizeof master);
	text_init(&why, room, sizeof room);
	if (c->book != NULL) {
		path = file_path(folder.ptr, S("vault.key"));
		e = path == NULL ? ERR_MEMORY :
		    file_keep_secret(path, master, sizeof master, &why);
		free(path);
	}
	if (e == ERR_OK && (c->conversations = conversations_new(master)) == NULL)
		e = ERR_MEMORY;
	explicit_bzero(master, sizeof master);
	if (e == ERR_OK && c->book != NULL)
		e = conversation_row_load(book_store(c->book), c->conversations, kernel_wall());
	if (e != ERR_OK && e != ERR_MEMORY) {
		text_put(&why, S(" (conversations of the data folder)"));
		fprintf(stderr, "trivium run: %.*s\n", (int)why.len, why.ptr);
		return ERR_CONF;
	}
	return e;
}

int
child_run(struct boot *boot)
{
	struct child *c = calloc(1, sizeof *c);
	const struct snapshot *snapshot = boot->snapshot;
	enum err e = ERR_MEMORY;

	if (c == NULL)
		return EXIT_FAILURE;
	host_widen();
	c->boot = boot;
	c->gate = calloc(snapshot->workers, sizeof *c->gate);
	c->view = calloc(snapshot->workers, sizeof *c->view);
	c->admit = admit_new(kernel_now());
	c->trust = trust_new();
	if (c->gate != NULL && c->view != NULL && c->admit != NULL && c->trust != NULL)
		e = open_book(c);
	if (e == ERR_OK)
		e = open_conversations(c);
	if (e == ERR_OK)
		e = ceiling_open(&c->ceilings, c->book, kernel_wall());
	if (e == ERR_OK)
		e = workers_open(&c->workers, snapshot->workers);
	if (e == ERR_OK) {
		for (unsigned i = 0; i < snapshot->workers; i++)
			c->view[i] = (struct admin_worker){
				.loop = &c->workers.worker[i].loop,
				.gate = &c->gate[i],
			};
		c->workers.begin = begin;
		c->workers.end = end;
		c->workers.pulse = boot->pulse;
		e = workers_run(&c->workers);
		workers_close(&c->workers);
	}
	if (e != ERR_OK && e != ERR_CONF)
		fprintf(stderr, "trivium run: the workers could not start: %.*s\n",
		    (int)err_info(e)->text.len, err_info(e)->text.ptr);
	conversations_free(c->conversations);
	admit_free(c->admit);
	keyring_close(c->keyring);
	ceiling_close(c->ceilings);
	book_close(c->book);
	trust_free(c->trust);
	free(c->gate);
	free(c->view);
	free(c);
	return e == ERR_OK ? SUPERVISOR_DONE : e == ERR_CONF ? SUPERVISOR_CONF : EXIT_FAILURE;
}
