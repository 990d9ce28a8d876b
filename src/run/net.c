/* SPDX-License-Identifier: Apache-2.0 */
#include "run/net.h"

#include <errno.h>

#include "run/fiber.h"
#include "run/net_event.h"
#include "run/tls.h"

/*
 * The hints: `ready` says what the next call may find.  Events set bits; a
 * call that finds nothing clears its bit, and so does a short read, because
 * the next byte will be an event of its own.  After a hang-up READY_READ is
 * never cleared: the end of the input has to be read, and no event will come.
 */

enum err
sock_adopt(struct sock *s, struct loop *loop, int fd)
{
	*s = (struct sock){ .fd = fd, .loop = loop, .ready = READY_WRITE };
	if (kernel_poll_add(loop->poll, fd, s) < 0) {
		kernel_close(fd);
		s->fd = -1;
		return ERR_IO;
	}
	return ERR_OK;
}

enum err
sock_connect(struct fiber *f, struct sock *s, const struct address *address, nanos deadline)
{
	int fd = kernel_connect(address);
	enum err e;

	*s = (struct sock){ .fd = -1 };
	if (fd < 0)
		return ERR_UPSTREAM_CONNECT;
	if ((e = sock_adopt(s, fiber_loop(f), fd)) != ERR_OK)
		return ERR_UPSTREAM_CONNECT;
	s->ready = 0;
	while ((s->ready & (READY_WRITE | READY_HANGUP)) == 0) {
		s->writer = f;
		e = fiber_park(f, deadline);
		s->writer = NULL;
		if (e != ERR_OK) {
			sock_close(s);
			return e;
		}
	}
	if (kernel_connect_result(fd) != 0) {
		sock_close(s);
		return ERR_UPSTREAM_CONNECT;
	}
	return ERR_OK;
}

void
sock_close(struct sock *s)
{
	must(s->reader == NULL && s->writer == NULL);
	if (s->tls != NULL) {
		tls_free(s->tls);
		s->tls = NULL;
	}
	if (s->fd >= 0)
		kernel_close(s->fd);
	s->fd = -1;
}

void
net_event(void *sock, unsigned ready)
{
	struct sock *s = sock;

	s->ready |= (uint8_t)ready;
	if ((ready & (READY_READ | READY_HANGUP)) != 0) {
		if (s->reader != NULL)
			fiber_wake(s->reader);
		else if (s->guard == NULL && s->stir != NULL)
			s->stir(s);
	}
	if ((ready & (READY_WRITE | READY_HANGUP)) != 0 && s->writer != NULL)
		fiber_wake(s->writer);
	/*
	 * Under TLS a read may wait for room: a key update answers while the send buffer is
	 * full.
	 */
	if ((ready & READY_WRITE) != 0 && s->tls != NULL && s->reader != NULL)
		fiber_wake(s->reader);
	if ((ready & READY_HANGUP) != 0 && s->guard != NULL)
		fiber_cancel(s->guard);
}

/* What a negative result of the kernel means; clears the hint where it was only too early. */
static enum err
say(struct sock *s, ssize_t result, unsigned hint)
{
	if (result == -EAGAIN) {
		s->ready &= (uint8_t)~hint;
		return ERR_OK;
	}
	s->broken = true;
	return result == -EPIPE || result == -ECONNRESET ? ERR_CLOSED : ERR_IO;
}

/*
 * A peer that sends as fast as it is read never makes its fiber wait, and a
 * deadline is only looked at in a wait.  So what is read is counted, a small
 * read as a page, for it costs as much.
 */
static void
count_read(struct sock *s, size_t got)
{
	uint32_t cost = got < 4096 ? 4096 : got < TURN_BYTES_MAX ? (uint32_t)got : TURN_BYTES_MAX;

	if (got > 0 && s->turn < TURN_BYTES_MAX)
		s->turn += cost;
}

enum err
sock_peek_read(struct sock *s, struct iovec room, size_t *got)
{
	ssize_t n;

	*got = 0;
	if (s->broken)
		return ERR_CLOSED;
	if (s->tls != NULL) {
		unsigned want = 0;
		enum err e = tls_read(s->tls, room, got, &want);

		count_read(s, *got);
		if (e == ERR_OK && *got == 0)
			s->ready &= (uint8_t)~want;
		return e;
	}
	if ((s->ready & (READY_READ | READY_HANGUP)) == 0)
		return ERR_OK;
	n = kernel_read(s->fd, room.iov_base, room.iov_len);
	if (n < 0)
		return say(s, n, READY_READ);
	if (n == 0)
		return ERR_CLOSED;
	if ((size_t)n < room.iov_len && (s->ready & READY_HANGUP) == 0)
		s->ready &= (uint8_t)~READY_READ;
	*got = (size_t)n;
	count_read(s, *got);
	return ERR_OK;
}

/*
 * Waits for a hint.  A hang-up counts as readable for a plain sock; under TLS
 * the wait may be for room to write, in the middle of a key update.
 */
enum err
sock_wait_readable(struct fiber *f, struct sock *s, nanos deadline)
{
	bool greedy = sock_is_greedy(s);
	enum err e;

	must(s->reader == NULL);
	s->turn = 0;
	if (greedy) {
		e = fiber_yield(f);
		return e == ERR_OK && fiber_loop(f)->now >= deadline ? ERR_DEADLINE : e;
	}
	s->reader = f;
	e = fiber_park(f, deadline);
	s->reader = NULL;
	return e;
}

enum err
sock_read(struct fiber *f, struct sock *s, struct iovec room, nanos deadline, size_t *got)
{
	for (;;) {
		enum err e = ERR_OK;

		*got = 0;
		if (!sock_is_greedy(s))
			e = sock_peek_read(s, room, got);
		if (e != ERR_OK || *got > 0)
			return e;
		if ((e = sock_wait_readable(f, s, deadline)) != ERR_OK)
			return e;
	}
}

/*
 * Small pieces are put together first: for the system, one buffer is cheaper
 * than a list of four by more than the copy costs.
 */
static ssize_t
write_pieces(struct sock *s, const struct iovec *piece, int count, size_t bytes)
{
	struct iovec whole = { s->loop->gather, 0 };

	if (count == 1 || bytes > sizeof s->loop->gather)
		return kernel_write(s->fd, piece, count);
	for (int i = 0; i < count; i++) {
		/* An empty piece may be nowhere. */
		if (piece[i].iov_len > 0)
			memcpy(
			    s->loop->gather + whole.iov_len, piece[i].iov_base, piece[i].iov_len);
		whole.iov_len += piece[i].iov_len;
	}
	return kernel_write(s->fd, &whole, 1);
}

enum err
sock_try_write(struct sock *s, struct iovec *piece, int count, size_t *put)
{
	size_t bytes;
	ssize_t n;

	*put = 0;
	if (s->broken)
		return ERR_CLOSED;
	if (s->tls != NULL) {
		unsigned want = 0;
		enum err e = tls_write(s->tls, piece, count, put, &want);

		if (e == ERR_OK && *put == 0)
			s->ready &= (uint8_t)~want;
		return e;
	}
	if ((s->ready & READY_WRITE) == 0)
		return ERR_OK;
	bytes = iovec_bytes(piece, count);
	n = write_pieces(s, piece, count, bytes);
	if (n < 0)
		return say(s, n, READY_WRITE);
	if ((size_t)n < bytes)
		s->ready &= (uint8_t)~READY_WRITE;
	*put = (size_t)n;
	return ERR_OK;
}

enum err
sock_wait_writable(struct fiber *f, struct sock *s, nanos deadline)
{
	enum err e;

	must(s->writer == NULL);
	s->writer = f;
	e = fiber_park(f, deadline);
	s->writer = NULL;
	return e;
}

enum err
sock_write(struct fiber *f, struct sock *s, struct iovec *piece, int count, nanos stall)
{
	size_t left = iovec_bytes(piece, count);
	nanos deadline = f != NULL ? fiber_loop(f)->now + stall : 0;

	while (left > 0) {
		size_t put;
		enum err e = sock_try_write(s, piece, count, &put);

		if (e != ERR_OK)
			return e;
		if (put > 0) {
			int used = iovec_advance(piece, count, put);

			piece += used;
			count -= used;
			left -= put;
			deadline = fiber_loop(f)->now + stall;
			continue;
		}
		if ((e = sock_wait_writable(f, s, deadline)) != ERR_OK)
			return e;
	}
	return ERR_OK;
}

size_t
iovec_bytes(const struct iovec *piece, int count)
{
	size_t bytes = 0;

	for (int i = 0; i < count; i++)
		bytes += piece[i].iov_len;
	return bytes;
}

/* Drops bytes from the front; says how many pieces are used up whole. */
int
iovec_advance(struct iovec *piece, int count, size_t bytes)
{
	int used = 0;

	while (used < count && bytes >= piece[used].iov_len)
		bytes -= piece[used++].iov_len;
	if (bytes > 0) {
		must(used < count);
		piece[used].iov_base = (char *)piece[used].iov_base + bytes;
		piece[used].iov_len -= bytes;
	}
	return used;
}
