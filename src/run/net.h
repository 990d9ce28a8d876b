/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUN_NET_H
#define RUN_NET_H

/*
 * net - sockets for fibers.
 *
 * A sock is one end of a TCP connection, or a listener, on one loop; under TLS
 * (run/tls.h) reads and writes go through it and nobody above notices.  A
 * fiber reads and writes as if calls blocked; the loop keeps hints of what the
 * operating system would do, so that no call is made to learn nothing.  At
 * most one fiber reads and one writes at a time.
 *
 * While nobody waits on a sock, an edge calls its `stir` function, which marks
 * and starts fibers but frees nothing.  A sock whose `guard` is a fiber cancels
 * it when the peer hangs up: that is how a client that goes away ends its
 * request.  sock_close() may be called at any time outside of `stir`.
 */

#include "core/err.h"
#include "core/limit.h"
#include "core/must.h"
#include "run/kernel.h"
#include "run/loop.h"

struct tls;
struct tls_context;

struct sock {
	int		 fd;		/* -1: closed */
	uint8_t		 ready;		/* enum ready: what the next call may find */
	bool		 broken;	/* an operation failed; only close is left */
	uint32_t	 turn;		/* bytes read since its fiber last let others run */
	struct loop	*loop;
	struct fiber	*reader;	/* parked for input */
	struct fiber	*writer;	/* parked for room */
	struct fiber	*guard;		/* cancelled on hang-up; may be NULL */
	void		(*stir)(struct sock *);
	struct tls	*tls;		/* NULL: plain */
};

/* Takes a descriptor of kernel_accept() or kernel_listen() into the loop; closes it on error. */
must_use enum err sock_adopt(struct sock *, struct loop *, int fd);

/*
 * Connects to a vetted address.  ERR_UPSTREAM_CONNECT, ERR_DEADLINE, ERR_CANCELLED.  May
 * suspend.
 */
must_use enum err sock_connect(struct fiber *, struct sock *, const struct address *,
    nanos deadline);

void sock_close(struct sock *);

static inline bool
sock_is_open(const struct sock *s)
{
	return s->fd >= 0;
}

/* True when the peer hung up or sent something although nothing was asked: not to be reused. */
static inline bool
sock_is_stirred(const struct sock *s)
{
	return s->broken || (s->ready & (READY_READ | READY_HANGUP)) != 0;
}

/*
 * Reads what is there, at least one byte.  ERR_CLOSED at the orderly end,
 * ERR_IO when the connection broke, ERR_DEADLINE, ERR_CANCELLED.  May suspend.
 */
must_use enum err sock_read(struct fiber *, struct sock *, struct iovec room, nanos deadline,
    size_t *got);

/* As sock_read, but never suspends: *got == 0 with ERR_OK means nothing is there now. */
must_use enum err sock_peek_read(struct sock *, struct iovec room, size_t *got);

/*
 * True when its fiber has read so much without a wait that the others have a right to
 * theirs: then sock_wait_readable() is due before the next read.
 */
static inline bool
sock_is_greedy(const struct sock *s)
{
	return s->turn >= TURN_BYTES_MAX;
}

/*
 * Waits until a read may find something; of a greedy sock, until the others have run.
 * Suspends.
 */
must_use enum err sock_wait_readable(struct fiber *, struct sock *, nanos deadline);

/*
 * Writes all pieces; the array is used up.  The bytes must stay where they are
 * until it returns: it may suspend, `stall` nanoseconds at most without any
 * progress.  ERR_CLOSED or ERR_IO when the peer is gone, ERR_DEADLINE.
 */
must_use enum err sock_write(struct fiber *, struct sock *, struct iovec *, int count, nanos stall);

/*
 * Writes what fits without suspending and says how much; the rest is the
 * caller's to keep.  ERR_OK with *put less than the whole: no room now.
 */
must_use enum err sock_try_write(struct sock *, struct iovec *, int count, size_t *put);

/* Waits until a write may find room.  May suspend. */
must_use enum err sock_wait_writable(struct fiber *, struct sock *, nanos deadline);

/* Bytes of a set of pieces, and dropping bytes from its front. */
size_t iovec_bytes(const struct iovec *, int count);
int iovec_advance(struct iovec *, int count, size_t bytes);

#endif
