/* SPDX-License-Identifier: Apache-2.0 */
#include "probe.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

#define START_NS_MAX	10000000000ull

enum { POLL_US = 100 };

/* One request over a connection of its own: true if it was answered with status 200. */
static bool
probe_once(const struct plan *p)
{
	struct timeval wait = {.tv_sec = 2};
	struct tally tally = {0};
	struct answer a = {0};
	char buffer[16384];
	bool good = false;
	ssize_t n;
	int fd;

	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return false;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	if (connect(fd, (const struct sockaddr *)&p->to, sizeof(p->to)) == 0 &&
	    send(fd, p->request, p->request_bytes, MSG_NOSIGNAL) == (ssize_t)p->request_bytes) {
		while (a.part != ANSWER_WHOLE && a.part != ANSWER_MALFORMED &&
		    (n = recv(fd, buffer, sizeof(buffer), 0)) > 0)
			answer_feed(&a, &tally, 0, buffer, (size_t)n);
		good = a.part == ANSWER_WHOLE && a.status == 200;
	}
	answer_reset(&a);
	close(fd);
	return good;
}

/* Asks the program to end; after three seconds its whole group is made to. */
static void
program_end(pid_t pid)
{
	int i;

	kill(pid, SIGTERM);
	for (i = 0; i < 300; i++) {
		if (waitpid(pid, NULL, WNOHANG) == pid) {
			kill(-pid, SIGKILL);
			return;
		}
		usleep(10000);
	}
	kill(-pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

uint64_t
probe_start(const struct plan *p, char *const argv[])
{
	posix_spawnattr_t attr;
	uint64_t begin, took = 0;
	pid_t pid;
	int err;

	if (probe_once(p)) {
		fprintf(stderr, "load: something answers on that port already\n");
		return 0;
	}
	posix_spawnattr_init(&attr);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP);
	begin = clock_ns();
	err = posix_spawn(&pid, argv[0], NULL, &attr, argv, environ);
	posix_spawnattr_destroy(&attr);
	if (err != 0) {
		fprintf(stderr, "load: %s: %s\n", argv[0], strerror(err));
		return 0;
	}
	while (clock_ns() - begin < START_NS_MAX && waitpid(pid, NULL, WNOHANG) == 0) {
		if (probe_once(p)) {
			took = clock_ns() - begin;
			break;
		}
		usleep(POLL_US);
	}
	program_end(pid);
	return took;
}

struct calibration
probe_calibrate(void)
{
	enum { ROUNDS = 7, CALLS = 100000, ECHOES = 20000, BYTES = 1500 };
	struct calibration c = {1e9, 1e9};
	char buffer[BYTES] = {0};
	int i, round, fd[2];
	uint64_t begin;
	double each;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fd) != 0)
		return c;
	for (round = 0; round < ROUNDS; round++) {
		begin = clock_ns();
		for (i = 0; i < CALLS; i++)
			(void)getppid();
		each = (double)(clock_ns() - begin) / CALLS;
		c.getppid_ns = each < c.getppid_ns ? each : c.getppid_ns;
		begin = clock_ns();
		for (i = 0; i < ECHOES; i++)
			if (write(fd[0], buffer, BYTES) != BYTES ||
			    read(fd[1], buffer, BYTES) != BYTES ||
			    write(fd[1], buffer, BYTES) != BYTES ||
			    read(fd[0], buffer, BYTES) != BYTES)
				break;
		each = (double)(clock_ns() - begin) / ECHOES;
		c.echo_ns = each < c.echo_ns ? each : c.echo_ns;
	}
	close(fd[0]);
	close(fd[1]);
	return c;
}
