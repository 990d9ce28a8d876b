/* SPDX-License-Identifier: Apache-2.0 */
#include "run/kernel.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "run/address.h"

#include "check.h"

static struct address
address_of(const char *host)
{
	struct address a;

	must(address_read(slice_of(host, strlen(host)), 0, &a));
	return a;
}

/* Waits for an event about `data`; what it says, or 0. */
static unsigned
ready_of(int poll, const void *data, nanos wait)
{
	nanos end = kernel_now() + wait;
	struct kernel_event event[8];
	unsigned ready = 0;

	do {
		int n = kernel_poll_wait(poll, event, COUNT_OF(event), end - kernel_now());

		for (int i = 0; i < n; i++)
			ready |= event[i].data == data ? event[i].ready : 0;
	} while (ready == 0 && kernel_now() < end);
	return ready;
}

static int
option(int fd, int level, int what)
{
	int value = 0;
	socklen_t bytes = sizeof value;

	must(getsockopt(fd, level, what, &value, &bytes) == 0);
	return value;
}

struct pair {
	int		listener, client, server;
	struct address	address, peer;
};

static void
pair_open(struct pair *p, const char *host)
{
	p->address = address_of(host);
	p->listener = kernel_listen(&p->address, false);
	must(p->listener >= 0 && kernel_local_address(p->listener, &p->address) == 0);
	p->client = kernel_connect(&p->address);
	must(p->client >= 0);
	for (int i = 0; i < 100; i++) {
		struct kernel_event none;
		int poll = kernel_poll_open();

		p->server = kernel_accept(p->listener, &p->peer);
		if (p->server != -EAGAIN) {
			kernel_close(poll);
			break;
		}
		must(kernel_poll_wait(poll, &none, 1, NANOS_PER_MS) == 0);
		kernel_close(poll);
	}
	must(p->server >= 0);
}

static void
pair_close(struct pair *p)
{
	if (p->server >= 0)
		kernel_close(p->server);
	kernel_close(p->client);
	kernel_close(p->listener);
}

static const struct listen_case {
	const char	*listen, *connect;
	const char	*peer;		/* as the server sees the client */
	const char	*why;
} listens[] = {
	{ "127.0.0.1", "127.0.0.1", "127.0.0.1", "IPv4" },
	{ "::1", "::1", "::1", "IPv6" },
	{ "::", "::1", "::1", "all addresses, by IPv6" },
	{ "::", "127.0.0.1", "127.0.0.1", "all addresses, by IPv4" },
	{ "0.0.0.0", "127.0.0.1", "127.0.0.1", "all addresses of IPv4" },
};

static void
check_listen(void)
{
	for (size_t i = 0; i < COUNT_OF(listens); i++) {
		const struct listen_case *c = &listens[i];
		struct address to = address_of(c->connect), want = address_of(c->peer);
		struct address here = address_of(c->listen), peer;
		int listener = kernel_listen(&here, false), client, server = -1;

		if (listener == -EADDRNOTAVAIL || listener == -EAFNOSUPPORT) {
			check(true, "%s # SKIP this machine has no IPv6", c->why);
			continue;
		}
		must(listener >= 0 && kernel_local_address(listener, &here) == 0);
		to.port = here.port;
		client = kernel_connect(&to);
		must(client >= 0);
		for (int j = 0; j < 1000 && server < 0; j++) {
			server = kernel_accept(listener, &peer);
			if (server < 0)
				usleep(1000);
		}
		if (check(server >= 0, "%s: accepted", c->why)) {
			check(memcmp(peer.ip, want.ip, 16) == 0 && peer.port != 0,
			    "%s: who it is", c->why);
			check(option(server, IPPROTO_TCP, TCP_NODELAY) &&
			    option(client, IPPROTO_TCP, TCP_NODELAY),
			    "%s: nothing waits to be sent together", c->why);
			check((fcntl(server, F_GETFL) & O_NONBLOCK) != 0 &&
			    (fcntl(client, F_GETFL) & O_NONBLOCK) != 0 &&
			    (fcntl(server, F_GETFD) & FD_CLOEXEC) != 0 &&
			    (fcntl(client, F_GETFD) & FD_CLOEXEC) != 0,
			    "%s: sockets block nobody and are not inherited", c->why);
			kernel_close(server);
		}
		kernel_close(client);
		kernel_close(listener);
	}
}

static void
check_ports(void)
{
	struct address a = address_of("127.0.0.1"), other = address_of("192.0.2.1");
	int first = kernel_listen(&a, false), second;

	must(first >= 0 && kernel_local_address(first, &a) == 0);
	check_int(kernel_listen(&a, false), -EADDRINUSE, "a port is taken once");
	check_int(kernel_listen(&a, true), -EADDRINUSE, "also by those who would share it");
	kernel_close(first);
	first = kernel_listen(&a, true);
	second = kernel_listen(&a, true);
	check(first >= 0 && second >= 0, "those who share it all may");
	check_int(kernel_listen(&a, false), -EADDRINUSE, "but who does not, may not");
	kernel_close(first);
	kernel_close(second);
	check_int(kernel_listen(&other, false), -EADDRNOTAVAIL, "an address that is not ours");
}

static void
check_events(void)
{
	char room[8] = "";
	struct pair p;
	struct iovec hello[] = { { "hel", 3 }, { "lo", 2 } };
	int poll = kernel_poll_open(), mark;
	unsigned ready;

	pair_open(&p, "127.0.0.1");
	must(poll >= 0 && kernel_poll_add(poll, p.server, &mark) == 0);
	ready = ready_of(poll, &mark, NANOS_PER_S);
	check(ready == READY_WRITE, "a new connection may be written to");
	check(ready_of(poll, &mark, 10 * NANOS_PER_MS) == 0, "and is not told of again");
	check_int(kernel_read(p.server, room, sizeof room), -EAGAIN, "there is nothing to read");
	check_int(kernel_write(p.client, hello, 2), 5, "pieces are written together");
	ready = ready_of(poll, &mark, NANOS_PER_S);
	check((ready & READY_READ) != 0 && (ready & READY_HANGUP) == 0, "bytes are an event");
	check(kernel_read(p.server, room, sizeof room) == 5 && memcmp(room, "hello", 5) == 0,
	    "and are there");
	kernel_shutdown(p.client);
	ready = ready_of(poll, &mark, NANOS_PER_S);
	check((ready & READY_HANGUP) != 0, "an end is a hang-up");
	check_int(kernel_read(p.server, room, sizeof room), 0, "and reads as nothing");
	kernel_close(p.server);
	p.server = -1;
	for (int i = 0; i < 100 && kernel_write(p.client, hello, 1) == 3; i++)
		usleep(1000);
	check_int(kernel_write(p.client, hello, 1), -EPIPE,
	    "writing to nobody is an error, no signal");
	pair_close(&p);
	kernel_close(poll);
}

static void
check_many_events(void)
{
	struct kernel_event event[64];
	int poll = kernel_poll_open(), bell[64], seen[64] = { 0 }, n;
	bool all = true;

	for (size_t i = 0; i < COUNT_OF(bell); i++) {
		bell[i] = kernel_bell_open();
		must(bell[i] >= 0 && kernel_poll_add(poll, bell[i], &bell[i]) == 0);
		kernel_bell_ring(bell[i]);
	}
	n = kernel_poll_wait(poll, event, COUNT_OF(event), NANOS_PER_S);
	for (int i = 0; i < n; i++) {
		size_t which = (size_t)((int *)event[i].data - bell);

		must(which < COUNT_OF(bell));
		seen[which] += (event[i].ready & READY_READ) != 0;
	}
	for (size_t i = 0; i < COUNT_OF(bell); i++)
		all = all && seen[i] == 1;
	check(n == COUNT_OF(bell) && all, "64 events at once are told of, each once, to its owner");
	for (size_t i = 0; i < COUNT_OF(bell); i++)
		kernel_close(bell[i]);
	kernel_close(poll);
}

static void
check_bell(void)
{
	int poll = kernel_poll_open(), bell = kernel_bell_open();

	must(poll >= 0 && bell >= 0 && kernel_poll_add(poll, bell, &bell) == 0);
	(void)ready_of(poll, &bell, NANOS_PER_MS);
	check((ready_of(poll, &bell, 5 * NANOS_PER_MS) & READY_READ) == 0, "a bell is silent");
	kernel_bell_ring(bell);
	kernel_bell_ring(bell);
	check((ready_of(poll, &bell, NANOS_PER_S) & READY_READ) != 0, "until it is rung");
	kernel_bell_hush(bell);
	check((ready_of(poll, &bell, 5 * NANOS_PER_MS) & READY_READ) == 0,
	    "hushed, it is silent again");
	kernel_bell_ring(bell);
	check((ready_of(poll, &bell, NANOS_PER_S) & READY_READ) != 0, "and may be rung again");
	kernel_close(bell);
	kernel_close(poll);
}

static void
check_connect(void)
{
	struct address a = address_of("127.0.0.1");
	int poll = kernel_poll_open(), listener = kernel_listen(&a, false), fd, mark;

	must(listener >= 0 && kernel_local_address(listener, &a) == 0);
	fd = kernel_connect(&a);
	must(fd >= 0 && kernel_poll_add(poll, fd, &mark) == 0);
	check((ready_of(poll, &mark, NANOS_PER_S) & READY_WRITE) != 0 &&
	    kernel_connect_result(fd) == 0,
	    "a connection is complete when it may be written to");
	kernel_close(fd);
	kernel_close(listener);
	fd = kernel_connect(&a);
	if (fd >= 0) {
		must(kernel_poll_add(poll, fd, &mark) == 0);
		(void)ready_of(poll, &mark, NANOS_PER_S);
		check_int(kernel_connect_result(fd), -ECONNREFUSED, "a refused one says so");
		kernel_close(fd);
	} else {
		check_int(fd, -ECONNREFUSED, "a refused one says so");
	}
	kernel_close(poll);
}

static void
check_time(void)
{
	int poll = kernel_poll_open();
	struct kernel_event event;
	nanos before = kernel_now(), took;

	check_int(kernel_poll_wait(poll, &event, 1, 2500 * NANOS_PER_US), 0, "nothing happens");
	took = kernel_now() - before;
	check(took >= 2500 * NANOS_PER_US && took < 500 * NANOS_PER_MS, "for 2.5 ms, not less");
	before = kernel_now();
	check(kernel_poll_wait(poll, &event, 1, 0) == 0 &&
	    kernel_now() - before < 100 * NANOS_PER_MS,
	    "not to wait is possible");
	check(kernel_wall() > INT64_C(1700000000) * NANOS_PER_S, "the wall clock counts from 1970");
	kernel_close(poll);
}

static void
check_files(void)
{
	char path[] = "/tmp/trivium-kernel-XXXXXX", room[8];
	int fd = mkstemp(path);

	must(fd >= 0);
	close(fd);
	fd = kernel_file_append(path);
	check(fd >= 0 && kernel_file_write(fd, S("one ")) == 4 && kernel_file_sync(fd) == 0,
	    "a file is written to");
	kernel_close(fd);
	fd = kernel_file_append(path);
	check_int(kernel_file_write(fd, S("two")), 3, "and later at its end");
	kernel_close(fd);
	check_int(kernel_file_read(path, room, sizeof room), 7, "a file is read whole");
	check(memcmp(room, "one two", 7) == 0, "as it was written");
	check_int(kernel_file_read(path, room, 7), 7, "also into just enough room");
	check_int(kernel_file_read(path, room, 6), -EFBIG, "but not in part");
	unlink(path);
	check_int(kernel_file_read(path, room, sizeof room), -ENOENT, "a file that is not there");
	check_int(kernel_file_append("/nowhere/at/all"), -ENOENT, "a folder that is not there");
}

static void
check_random(void)
{
	unsigned char a[64] = { 0 }, b[64] = { 0 };

	kernel_random(a, sizeof a);
	kernel_random(b, sizeof b);
	check(memcmp(a, b, sizeof a) != 0, "randomness does not repeat itself");
	kernel_random(a, 0);
	check(true, "none may be asked for");
}

int
main(void)
{
	check_listen();
	check_ports();
	check_events();
	check_many_events();
	check_bell();
	check_connect();
	check_time();
	check_files();
	check_random();
	return check_done();
}
