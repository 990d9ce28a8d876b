/* SPDX-License-Identifier: Apache-2.0 */
#include "drive.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
	READ_BYTES = 256 * 1024,
	EVENTS_MAX = 256,
	REFUSED_MAX = 1000,
};

#define SECOND		1000000000ull
#define GRACE_NS	(10 * SECOND)	/* for answers that are under way when the time is over */

struct conn {
	int		fd;
	bool		busy;		/* a request is under way */
	bool		settled;	/* hold: it has had its answer */
	bool		begun;		/* the first event, or the first byte, has been seen */
	uint32_t	variant;
	uint64_t	intended;
	size_t		sent;
	struct answer	answer;
};

struct drive {
	const struct plan *plan;
	struct result	*result;
	struct conn	*conns;
	struct conn	**idle;
	unsigned	idles;
	unsigned	opened;
	unsigned	settled;
	unsigned	busy;
	bool		over;		/* no new request is to be sent */
	bool		stdin_ended;
	int		epfd;
	uint64_t	start;
	uint64_t	end;
	uint64_t	taken;
	char		*buffer;
};

uint64_t
clock_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * SECOND + (uint64_t)ts.tv_nsec;
}

static bool
conn_open(struct drive *d, struct conn *c)
{
	struct epoll_event ev = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET};
	int one = 1;

	c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (c->fd < 0) {
		perror("load: socket");
		exit(1);
	}
	/* Blocking: on loopback the handshake is done before connect() returns. */
	if (connect(c->fd, (const struct sockaddr *)&d->plan->to, sizeof(d->plan->to)) != 0) {
		close(c->fd);
		c->fd = -1;
		d->result->refused++;
		return false;
	}
	fcntl(c->fd, F_SETFL, O_NONBLOCK);
	setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	ev.data.ptr = c;
	if (epoll_ctl(d->epfd, EPOLL_CTL_ADD, c->fd, &ev) != 0) {
		perror("load: epoll_ctl");
		exit(1);
	}
	return true;
}

static void conn_lost(struct drive *, struct conn *);

static void
request_vary(const struct plan *p, uint32_t variant)
{
	char digits[12];
	unsigned i;

	snprintf(digits, sizeof(digits), "%04u", variant % 10000);
	for (i = 0; i < p->places; i++)
		memcpy(p->request + p->place[i], digits, 4);
}

static void
conn_send(struct drive *d, struct conn *c)
{
	const struct plan *p = d->plan;
	ssize_t n;

	if (p->places != 0)
		request_vary(p, c->variant);
	while (c->sent < p->request_bytes) {
		n = send(c->fd, p->request + c->sent, p->request_bytes - c->sent, MSG_NOSIGNAL);
		if (n < 0 && errno == EAGAIN)
			return;
		if (n < 0) {
			conn_lost(d, c);
			return;
		}
		c->sent += (size_t)n;
	}
}

static void
conn_ask(struct drive *d, struct conn *c, uint64_t intended)
{
	c->intended = intended;
	c->variant = d->plan->variants ? (uint32_t)(d->taken % d->plan->variants) : 0;
	c->busy = true;
	c->begun = false;
	c->sent = 0;
	d->taken++;
	d->busy++;
	d->result->sent++;
	conn_send(d, c);
}

/* The connection can ask again: at once in a closed loop, else when a request is due. */
static void
conn_free(struct drive *d, struct conn *c)
{
	const struct plan *p = d->plan;

	if (d->over || p->hold)
		return;
	if (p->requests_max != 0 && d->taken >= p->requests_max) {
		d->over = true;
		return;
	}
	if (p->rate != 0)
		d->idle[d->idles++] = c;
	else
		conn_ask(d, c, clock_ns());
}

static void
conn_settle(struct drive *d, struct conn *c)
{
	if (!c->settled) {
		c->settled = true;
		d->settled++;
		d->result->held++;
	}
}

/* Gives up the socket; what the answer was counts already. */
static void
conn_reopen(struct drive *d, struct conn *c)
{
	close(c->fd);
	c->fd = -1;
	answer_reset(&c->answer);
	if (d->plan->hold && c->settled) {
		d->result->held--;
		return;
	}
	while (!d->over && d->result->refused < REFUSED_MAX) {
		if (conn_open(d, c)) {
			d->result->reconnects++;
			conn_free(d, c);
			return;
		}
	}
	d->over = true;
}

static void
conn_done(struct drive *d, struct conn *c, uint64_t now)
{
	struct result *r = d->result;
	struct answer *a = &c->answer;
	bool good = a->status == 200, again = !a->close;

	r->status[a->status < STATUS_MAX ? a->status : 0]++;
	if (good && a->stream && !a->ended) {
		r->torn++;
		good = false;
	}
	if (good && d->plan->events != 0 && a->events != d->plan->events) {
		r->miscounted++;
		good = false;
	}
	if (good) {
		r->ok++;
		hist_add(&r->latency, now - c->intended);
	}
	c->busy = false;
	d->busy--;
	answer_reset(a);
	if (d->plan->hold)
		conn_settle(d, c);
	if (again)
		conn_free(d, c);
	else
		conn_reopen(d, c);
}

static void
conn_lost(struct drive *d, struct conn *c)
{
	if (!c->busy) {		/* idle connections may be closed by the server */
		unsigned i;

		for (i = 0; i < d->idles; i++)
			if (d->idle[i] == c)
				d->idle[i--] = d->idle[--d->idles];
		conn_reopen(d, c);
		return;
	}
	if (answer_close(&c->answer)) {
		conn_done(d, c, clock_ns());
		return;
	}
	if (c->answer.part == ANSWER_MALFORMED)
		d->result->malformed++;
	else
		d->result->broken++;
	if (d->plan->hold && d->result->broken + d->result->malformed > REFUSED_MAX)
		d->over = true;
	c->busy = false;
	d->busy--;
	conn_reopen(d, c);
	/* A held connection that was lost before its answer asks again; the loss is counted. */
	if (d->plan->hold && !c->settled && c->fd >= 0)
		conn_ask(d, c, clock_ns());
}

static void
conn_take(struct drive *d, struct conn *c, size_t n)
{
	uint64_t now = clock_ns();
	struct answer *a = &c->answer;
	size_t used;

	if (!c->busy) {
		a->part = ANSWER_MALFORMED;	/* bytes that nobody asked for */
		d->result->malformed++;
		conn_reopen(d, c);
		return;
	}
	used = answer_feed(a, &d->result->tally, now, d->buffer, n);
	if (!c->begun && (a->events != 0 || (a->part != ANSWER_HEAD && !a->stream))) {
		c->begun = true;
		if (a->status == 200)
			hist_add(&d->result->first, now - c->intended);
		if (d->plan->hold && a->stream)
			conn_settle(d, c);
	}
	if (used < n)
		a->part = ANSWER_MALFORMED;
	if (a->part == ANSWER_MALFORMED)
		conn_lost(d, c);
	else if (a->part == ANSWER_WHOLE)
		conn_done(d, c, now);
}

static void
conn_read(struct drive *d, struct conn *c, bool to_end)
{
	int fd = c->fd;
	ssize_t n;

	/* A read that does not fill the buffer has emptied the socket: no probe for EAGAIN. */
	do {
		n = recv(fd, d->buffer, READ_BYTES, 0);
		if (n < 0 && errno == EAGAIN)
			return;
		if (n <= 0) {
			conn_lost(d, c);
			return;
		}
		conn_take(d, c, (size_t)n);
	} while (c->fd == fd && (to_end || n == READ_BYTES));
}

/* Starts what is due; returns how long nothing else will be, in ns. */
static uint64_t
drive_start(struct drive *d, uint64_t now)
{
	const struct plan *p = d->plan;
	uint64_t due;
	struct conn *c;

	while (d->opened < p->connections && !d->over) {
		if (p->hold && d->opened - d->settled >= p->ramp)
			return SECOND / 10;
		due = d->start + p->spread_ns * d->opened / p->connections;
		if (due > now)
			return due - now;
		c = &d->conns[d->opened];
		if (!conn_open(d, c)) {
			if (d->result->refused >= REFUSED_MAX || d->opened == 0)
				d->over = true;
			return SECOND / 1000;
		}
		d->opened++;
		if (p->hold)
			conn_ask(d, c, now);
		else
			conn_free(d, c);
	}
	if (p->rate == 0)
		return SECOND / 10;
	while (!d->over) {
		due = d->start + d->taken * SECOND / p->rate;
		if (due >= d->end)
			break;
		if (due > now)
			return due - now;
		if (d->idles == 0)
			break;
		conn_ask(d, d->idle[--d->idles], due);
		if (p->requests_max != 0 && d->taken >= p->requests_max)
			d->over = true;
	}
	return SECOND / 10;
}

static void
drive_wait(struct drive *d, uint64_t wait_ns)
{
	struct timespec ts = {(time_t)(wait_ns / SECOND), (long)(wait_ns % SECOND)};
	struct epoll_event ev[EVENTS_MAX];
	struct conn *c;
	char byte;
	int i, n;

	n = epoll_pwait2(d->epfd, ev, EVENTS_MAX, &ts, NULL);
	for (i = 0; i < n; i++) {
		c = ev[i].data.ptr;
		if (c == NULL) {
			if (read(0, &byte, 1) <= 0) {
				d->stdin_ended = true;
				epoll_ctl(d->epfd, EPOLL_CTL_DEL, 0, NULL);
			}
			continue;
		}
		if (c->fd >= 0 && (ev[i].events & EPOLLOUT) && c->busy &&
		    c->sent < d->plan->request_bytes)
			conn_send(d, c);
		if (c->fd >= 0 && (ev[i].events & ~(unsigned)EPOLLOUT))
			conn_read(d, c, (ev[i].events & ~(unsigned)(EPOLLIN | EPOLLOUT)) != 0);
	}
}

static void
drive_loop(struct drive *d)
{
	bool told = false;
	uint64_t now, wait_ns;

	for (;;) {
		now = clock_ns();
		if (now >= d->end || d->stdin_ended)
			d->over = true;
		wait_ns = drive_start(d, now);
		if (d->over && (d->plan->hold || d->busy == 0 || now >= d->end + GRACE_NS))
			break;
		if (!d->over && wait_ns > d->end - now)
			wait_ns = d->end - now;
		drive_wait(d, wait_ns);
		if (d->plan->hold && !told && d->settled == d->plan->connections) {
			told = true;
			printf("READY %u\n", d->result->held);
			fflush(stdout);
		}
	}
	d->result->wall_ns = (now < d->end ? now : d->end) - d->start;
	d->result->unanswered = d->plan->hold ? 0 : d->busy;
	if (d->plan->rate != 0 && d->plan->requests_max == 0)
		d->result->unanswered += d->plan->duration_ns * d->plan->rate / SECOND > d->taken ?
		    d->plan->duration_ns * d->plan->rate / SECOND - d->taken : 0;
}

bool
drive_run(const struct plan *p, struct result *r)
{
	struct drive d = {.plan = p, .result = r};
	struct epoll_event ev = {.events = EPOLLIN};
	unsigned i;

	d.epfd = epoll_create1(EPOLL_CLOEXEC);
	d.conns = calloc(p->connections, sizeof(*d.conns));
	d.idle = calloc(p->connections, sizeof(struct conn *));
	d.buffer = malloc(READ_BYTES);
	if (d.epfd < 0 || d.conns == NULL || d.idle == NULL || d.buffer == NULL)
		abort();
	for (i = 0; i < p->connections; i++)
		d.conns[i].fd = -1;
	if (p->hold)
		epoll_ctl(d.epfd, EPOLL_CTL_ADD, 0, &ev);
	d.start = clock_ns();
	d.end = d.start + p->duration_ns;
	drive_loop(&d);
	for (i = 0; i < d.opened; i++) {
		answer_reset(&d.conns[i].answer);
		if (d.conns[i].fd >= 0)
			close(d.conns[i].fd);
	}
	free(d.conns);
	free(d.idle);
	free(d.buffer);
	close(d.epfd);
	return r->sent != 0;
}
