/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/boot.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "serve/show.h"
#include "core/limit.h"
#include "run/address.h"
#include "run/file.h"
#include "run/host.h"
#include "run/supervisor.h"

/* The bytes of the configuration; false with a word on stderr. */
static bool
read_file(const struct boot *b, struct slice *yaml)
{
	char room[512];
	struct text why;

	text_init(&why, room, sizeof room - 1);
	if (file_read(b->path, CONF_BYTES_MAX, yaml, &why) == ERR_OK)
		return true;
	room[why.len] = '\0';
	fprintf(stderr, "trivium run: %s\n", room);
	return false;
}

/* May a running gateway take this one? */
static bool
fits(const struct snapshot *old, const struct snapshot *new)
{
	if (new->simulates && !old->simulates) {
		fputs("trivium run: simulated models cannot be added by a reload; "
		    "the running configuration stays until a restart\n", stderr);
		return false;
	}
	if (slice_eq(old->data, new->data) &&
	    memcmp(&old->listen.address, &new->listen.address, sizeof old->listen.address) == 0 &&
	    memcmp(&old->admin.address, &new->admin.address, sizeof old->admin.address) == 0 &&
	    old->workers == new->workers)
		return true;
	fputs("trivium run: listen, admin, workers and data cannot be changed by a reload; "
	    "the running configuration stays until a restart\n", stderr);
	return false;
}

/* Past decisions can be explained without it, with more trouble: a gateway serves all the same. */
static void
keep(const struct snapshot *s)
{
	char room[512], name[SNAPSHOT_HASH_BYTES + 8];
	struct text why, t;
	enum err e;

	if (s->archive.len == 0)
		return;
	text_init(&why, room, sizeof room);
	text_init(&t, name, sizeof name);
	text_put(&t, slice_of(s->hash, SNAPSHOT_HASH_BYTES));
	text_put(&t, S(".yaml"));
	if (s->data.len > 0 && kernel_folder_make(s->data.ptr) < 0)
		/* The archive will say so, and the ledger why. */
		text_put(&why, S("no data folder; "));
	e = file_archive(s->archive.ptr, text_slice(&t), s->effective, &why);
	if (e == ERR_MEMORY)
		text_put(&why, S("there is not enough memory"));
	if (e != ERR_OK)
		fprintf(stderr, "trivium run: warning: the configuration is not archived: %.*s\n",
		    (int)why.len, why.ptr);
}

struct snapshot *
boot_load(const struct boot *b)
{
	const char *name = b->path != NULL ? b->path : "(found on this machine)";
	struct conf_options options = {
		.hash_key = &b->hash_key,
		.simulated_url = slice_of(b->simulated_url, strlen(b->simulated_url)),
	};
	struct slice yaml = b->found;
	struct snapshot *snapshot = NULL;
	struct report report;
	enum err e;

	if (b->path != NULL && !read_file(b, &yaml))
		return NULL;
	report_init(&report, slice_of(name, strlen(name)));
	e = conf_load(yaml, &options, &report, &snapshot);
	show_report(&report, yaml);
	if (e != ERR_OK && report.errors == 0)
		fputs("trivium run: not enough memory for this configuration\n", stderr);
	report_release(&report);
	if (b->path != NULL)
		file_free(yaml);
	if (e == ERR_OK && b->snapshot != NULL && !fits(b->snapshot, snapshot)) {
		snapshot_unref(snapshot);
		return NULL;
	}
	if (e == ERR_OK)
		keep(snapshot);
	return e == ERR_OK ? snapshot : NULL;
}

static int
say_listen(const struct address *address, int problem)
{
	char room[80];
	struct text t;

	text_init(&t, room, sizeof room - 1);
	address_put(&t, address);
	room[t.len] = '\0';
	fprintf(stderr, "trivium run: cannot listen on %s: %s%s\n", room, strerror(-problem),
	    problem == -EADDRINUSE ? "; another program has it, or another trivium" : "");
	return 1;
}

/*
 * A listener for each worker on one port.  Sockets that share a port would let
 * a second gateway in beside the first, so the port is first tried alone.
 */
static int
listen_shared(struct boot *b)
{
	struct address *address = &b->snapshot->listen.address;
	uint32_t count = b->snapshot->workers;
	int problem = host_port_is_free(address);

	b->address = *address;
	if (problem < 0)
		return say_listen(address, problem);
	b->listener = calloc(count, sizeof *b->listener);
	if (b->listener == NULL)
		return say_listen(address, -ENOMEM);
	for (uint32_t i = 0; i < count; i++) {
		b->listener[i] = kernel_listen(&b->address, count > 1);
		if (b->listener[i] < 0)
			return say_listen(&b->address, b->listener[i]);
		/* Port 0 is any port: the first finds one, and the others share it. */
		if (kernel_local_address(b->listener[i], &b->address) < 0)
			return say_listen(address, -EIO);
	}
	return 0;
}

/* Where the built-in providers will be, known before the configuration names them. */
static int
listen_simulated(struct boot *b)
{
	struct address address;
	struct text t;

	must(address_read(S("127.0.0.1"), 0, &address));
	b->simulator = kernel_listen(&address, false);
	if (b->simulator < 0 || kernel_local_address(b->simulator, &address) < 0)
		return say_listen(&address, b->simulator < 0 ? b->simulator : -EIO);
	text_init(&t, b->simulated_url, sizeof b->simulated_url - 1);
	text_put(&t, S("http://127.0.0.1:"));
	text_put_number(&t, address.port);
	text_put(&t, S("/v1"));
	b->simulated_url[t.len] = '\0';
	return 0;
}

static void
drop_simulated(struct boot *b)
{
	if (b->snapshot->simulates)
		return;
	kernel_close(b->simulator);
	b->simulator = -1;
}

int
boot_open(struct boot *b)
{
	int status;

	kernel_random(&b->hash_key, sizeof b->hash_key);
	if ((status = listen_simulated(b)) != 0)
		return status;
	b->snapshot = boot_load(b);
	if (b->snapshot == NULL)
		return SUPERVISOR_CONF;
	drop_simulated(b);
	if ((status = listen_shared(b)) != 0)
		return status;
	b->admin = kernel_listen(&b->snapshot->admin.address, false);
	if (b->admin < 0 || kernel_local_address(b->admin, &b->admin_address) < 0)
		return say_listen(&b->snapshot->admin.address, b->admin < 0 ? b->admin : -EIO);
	return 0;
}

void
boot_close(struct boot *b)
{
	if (b->snapshot != NULL)
		snapshot_unref(b->snapshot);
	free(b->listener);
	free((void *)(uintptr_t)b->found.ptr);
}
