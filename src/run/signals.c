/* SPDX-License-Identifier: Apache-2.0 */
#include "run/signals.h"

#include <errno.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

static void
stir(struct sock *sock)
{
	struct signals *s = (struct signals *)sock;
	struct signalfd_siginfo info;
	ssize_t n;

	for (;;) {
		n = read(sock->fd, &info, sizeof info);
		if (n < 0 && errno == EINTR)
			continue;
		if (n != (ssize_t)sizeof info)
			return;
		s->heard(s, info.ssi_signo == SIGHUP ? SIGNALS_RELOAD : SIGNALS_STOP);
	}
}

enum err
signals_open(struct signals *s, struct loop *loop,
    void (*heard)(struct signals *, enum signals_word), void *owner)
{
	sigset_t set;
	enum err e;
	int fd;

	must(sigemptyset(&set) == 0 && sigaddset(&set, SIGTERM) == 0 &&
	    sigaddset(&set, SIGINT) == 0 && sigaddset(&set, SIGHUP) == 0);
	if (sigprocmask(SIG_BLOCK, &set, NULL) != 0)
		return ERR_IO;
	fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	if (fd < 0)
		return ERR_IO;
	e = sock_adopt(&s->sock, loop, fd);
	if (e != ERR_OK)
		return e;
	s->sock.stir = stir;
	s->heard = heard;
	s->owner = owner;
	return ERR_OK;
}

void
signals_close(struct signals *s)
{
	sock_close(&s->sock);
}
