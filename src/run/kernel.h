/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUN_KERNEL_H
#define RUN_KERNEL_H

/*
 * kernel - the only door to the operating system while requests are served.
 *
 * Everything above it (loop, fibers, TLS, the gateway) is the same code in the
 * program and in the tests; this interface is linked in one of two forms:
 * run/kernel.c asks Linux, test/sim/kernel.c plays Linux from a seed.  Calls
 * return 0 or more, or a negative errno; none of them blocks, except
 * kernel_poll_wait() and kernel_resolve().  File descriptors are small
 * integers in both.  A poll set is edge-triggered: an event says that
 * something changed since the last call that found nothing to do.
 */

#include <sys/types.h>
#include <sys/uio.h>

#include "core/must.h"
#include "core/slice.h"
#include "core/unit.h"

/* An IP address and port.  An IPv4 address is held in its mapped form (RFC 4291, 2.5.5.2). */
struct address {
	uint8_t		ip[16];
	uint16_t	port;
};

enum ready {
	READY_READ   = 1,
	READY_WRITE  = 2,
	/* The peer will send nothing more, or the connection broke */
	READY_HANGUP = 4,
};

struct kernel_event {
	void		*data;
	unsigned	 ready;		/* enum ready, or-ed */
};

nanos kernel_now(void);			/* monotonic */
nanos kernel_wall(void);		/* since 1970, UTC */
void kernel_random(void *out, size_t bytes);

/* Does the machine have what core/wide.h needs? */
bool kernel_is_wide(void);

/* A poll set; poll_add watches fd for everything until it is closed. */
must_use int kernel_poll_open(void);
must_use int kernel_poll_add(int poll, int fd, void *data);
must_use int kernel_poll_wait(int poll, struct kernel_event *out, int max, nanos timeout);

/* A descriptor that becomes readable in its poll set when another thread rings it. */
must_use int kernel_bell_open(void);
void kernel_bell_ring(int fd);
void kernel_bell_hush(int fd);

/* Listening and connecting; sockets are non-blocking, close-on-exec, TCP_NODELAY. */
must_use int kernel_listen(const struct address *, bool share_port);
/* Refuses from now on, in every process that has the socket */
void kernel_unlisten(int fd);
must_use int kernel_local_address(int fd, struct address *out);
must_use int kernel_accept(int fd, struct address *peer);
must_use int kernel_connect(const struct address *);	/* complete when READY_WRITE comes */
must_use int kernel_connect_result(int fd);
must_use ssize_t kernel_read(int fd, void *out, size_t bytes);
must_use ssize_t kernel_write(int fd, const struct iovec *, int count);
/* Bytes written that the peer's system has not acknowledged; negative where that cannot be told. */
must_use ssize_t kernel_unacked(int fd);
void kernel_shutdown(int fd);		/* no more writes from here */
void kernel_close(int fd);
/* The close that follows is a reset; only fakes are so rude */
void kernel_reset_on_close(int fd);

/* The addresses of a host name, at most max; blocks: for jobs only. */
must_use int kernel_resolve(const char *host, uint16_t port, struct address *out, int max);

/* Files: append-only logs and whole small files; they may block: for jobs and start-up only. */
must_use int kernel_file_append(const char *path);
must_use ssize_t kernel_file_write(int fd, struct slice bytes);
must_use int kernel_file_sync(int fd);
must_use ssize_t kernel_file_read(const char *path, char *out, size_t bytes);
/* Room on the disk behind the end of a file, so that appending that much does not find it full */
must_use int kernel_file_reserve(int fd, size_t bytes);
/* Cuts what is behind */
must_use int kernel_file_cut(int fd, size_t bytes);
/* A folder for its owner alone; one that is there stays as it is */
must_use int kernel_folder_make(const char *path);
/* A file that this process alone has until it is closed; -EWOULDBLOCK: another has it */
must_use int kernel_file_lock(const char *path);

/* The name of SQLite's way to files; NULL: its own. */
const char *kernel_vfs(void);

#endif
