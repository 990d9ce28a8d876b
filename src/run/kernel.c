/* SPDX-License-Identifier: Apache-2.0 */
#include "run/kernel.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <linux/sockios.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "core/wide.h"

/* More than this is cut to net.core.somaxconn by the kernel. */
#define BACKLOG	4096

static const uint8_t mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

union name {
	struct sockaddr		any;
	struct sockaddr_in	v4;
	struct sockaddr_in6	v6;
};

/* ---- time and randomness ---- */

static nanos
clock_of(clockid_t id)
{
	struct timespec t;

	must(clock_gettime(id, &t) == 0);
	return (nanos)t.tv_sec * NANOS_PER_S + t.tv_nsec;
}

nanos
kernel_now(void)
{
	return clock_of(CLOCK_MONOTONIC);
}

nanos
kernel_wall(void)
{
	return clock_of(CLOCK_REALTIME);
}

void
kernel_random(void *out, size_t bytes)
{
	char *at = out;

	while (bytes > 0) {
		ssize_t n = getrandom(at, bytes, 0);

		if (n < 0) {
			must(errno == EINTR);
			continue;
		}
		at += n;
		bytes -= (size_t)n;
	}
}

/* ---- the machine ---- */

bool
kernel_is_wide(void)
{
#if WIDE_IS_THERE
	return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi");
#else
	return false;
#endif
}

/* ---- poll sets and bells ---- */

int
kernel_poll_open(void)
{
	int fd = epoll_create1(EPOLL_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

int
kernel_poll_add(int poll, int fd, void *data)
{
	struct epoll_event event = {
		.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
		.data.ptr = data,
	};

	return epoll_ctl(poll, EPOLL_CTL_ADD, fd, &event) < 0 ? -errno : 0;
}

/* Nanoseconds where the kernel can (5.11), else milliseconds, rounded up so as not to spin. */
static int
wait_for(int poll, struct epoll_event *event, int max, nanos timeout)
{
	struct timespec t;
	int n;

	if (timeout <= 0)
		return epoll_wait(poll, event, max, 0);
	if (timeout == NANOS_NEVER)
		return epoll_wait(poll, event, max, -1);
	t.tv_sec = timeout / NANOS_PER_S;
	t.tv_nsec = timeout % NANOS_PER_S;
	n = epoll_pwait2(poll, event, max, &t, NULL);
	if (n >= 0 || (errno != ENOSYS && errno != EPERM))
		return n;
	if (timeout > 60 * NANOS_PER_S)
		timeout = 60 * NANOS_PER_S;
	return epoll_wait(poll, event, max, (int)((timeout + NANOS_PER_MS - 1) / NANOS_PER_MS));
}

/*
 * The kernel's events are read into the caller's array and rewritten there
 * from the last to the first: one of ours is not smaller than one of theirs,
 * so that nothing is overwritten before it was read.
 */
int
kernel_poll_wait(int poll, struct kernel_event *out, int max, nanos timeout)
{
	struct epoll_event *event = (struct epoll_event *)(void *)out;
	int n = wait_for(poll, event, max, timeout);

	_Static_assert(sizeof *event <= sizeof *out, "see above");
	_Static_assert(_Alignof(struct epoll_event) <= _Alignof(struct kernel_event), "see above");
	if (n < 0)
		return errno == EINTR ? 0 : -errno;
	for (int i = n; i-- > 0;) {
		struct epoll_event e = event[i];

		out[i].data = e.data.ptr;
		out[i].ready = (e.events & EPOLLIN ? READY_READ : 0) |
		    (e.events & EPOLLOUT ? READY_WRITE : 0) |
		    (e.events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR) ? READY_HANGUP : 0);
	}
	return n;
}

int
kernel_bell_open(void)
{
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

	return fd < 0 ? -errno : fd;
}

void
kernel_bell_ring(int fd)
{
	/* The one failure, a counter that is full, leaves it rung. */
	(void)!eventfd_write(fd, 1);
}

void
kernel_bell_hush(int fd)
{
	eventfd_t count;

	(void)!eventfd_read(fd, &count);
}

/* ---- sockets ---- */

static bool
is_v4(const struct address *a)
{
	return memcmp(a->ip, mapped, sizeof mapped) == 0;
}

static socklen_t
name_of(const struct address *a, union name *name)
{
	memset(name, 0, sizeof *name);
	if (is_v4(a)) {
		name->v4.sin_family = AF_INET;
		name->v4.sin_port = htons(a->port);
		memcpy(&name->v4.sin_addr, a->ip + sizeof mapped, 4);
		return sizeof name->v4;
	}
	name->v6.sin6_family = AF_INET6;
	name->v6.sin6_port = htons(a->port);
	memcpy(&name->v6.sin6_addr, a->ip, 16);
	return sizeof name->v6;
}

static bool
address_of(const struct sockaddr *name, struct address *out)
{
	const union name *n = (const union name *)(const void *)name;

	if (name->sa_family == AF_INET) {
		memcpy(out->ip, mapped, sizeof mapped);
		memcpy(out->ip + sizeof mapped, &n->v4.sin_addr, 4);
		out->port = ntohs(n->v4.sin_port);
		return true;
	}
	if (name->sa_family == AF_INET6) {
		memcpy(out->ip, &n->v6.sin6_addr, 16);
		out->port = ntohs(n->v6.sin6_port);
		return true;
	}
	return false;
}

static int
set(int fd, int level, int option)
{
	int one = 1;

	return setsockopt(fd, level, option, &one, sizeof one);
}

static int
listen_on(const struct address *a, bool share_port)
{
	union name name;
	socklen_t bytes = name_of(a, &name);
	int fd = socket(name.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int zero = 0;

	if (fd < 0)
		return -errno;
	/* Accepted connections inherit TCP_NODELAY, which saves a call for each. */
	if (set(fd, SOL_SOCKET, SO_REUSEADDR) < 0 || set(fd, IPPROTO_TCP, TCP_NODELAY) < 0 ||
	    (share_port && set(fd, SOL_SOCKET, SO_REUSEPORT) < 0) ||
	    (name.any.sa_family == AF_INET6 &&
	    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &zero, sizeof zero) < 0) ||
	    bind(fd, &name.any, bytes) < 0 || listen(fd, BACKLOG) < 0) {
		int error = errno;

		close(fd);
		return -error;
	}
	return fd;
}

int
kernel_listen(const struct address *a, bool share_port)
{
	static const uint8_t any[16];
	int fd = listen_on(a, share_port);

	/* "All addresses" on a machine without IPv6 is all those of IPv4. */
	if ((fd == -EAFNOSUPPORT || fd == -EADDRNOTAVAIL) && memcmp(a->ip, any, 16) == 0) {
		struct address v4 = { .port = a->port };

		memcpy(v4.ip, mapped, sizeof mapped);
		fd = listen_on(&v4, share_port);
	}
	return fd;
}

void
kernel_unlisten(int fd)
{
	(void)shutdown(fd, SHUT_RD);
}

int
kernel_local_address(int fd, struct address *out)
{
	union name name;
	socklen_t bytes = sizeof name;

	if (getsockname(fd, &name.any, &bytes) < 0)
		return -errno;
	return address_of(&name.any, out) ? 0 : -EAFNOSUPPORT;
}

int
kernel_accept(int fd, struct address *peer)
{
	union name name;
	socklen_t bytes = sizeof name;
	int s;

	/* Connections that died in the queue are nobody's news. */
	do
		s = accept4(fd, &name.any, &bytes, SOCK_CLOEXEC | SOCK_NONBLOCK);
	while (s < 0 && (errno == EINTR || errno == ECONNABORTED || errno == EPROTO));
	if (s < 0)
		return -errno;
	must(address_of(&name.any, peer));
	return s;
}

int
kernel_connect(const struct address *a)
{
	union name name;
	socklen_t bytes = name_of(a, &name);
	int fd = socket(name.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -errno;
	if (set(fd, IPPROTO_TCP, TCP_NODELAY) < 0 ||
	    (connect(fd, &name.any, bytes) < 0 && errno != EINPROGRESS && errno != EINTR)) {
		int error = errno;

		close(fd);
		return -error;
	}
	return fd;
}

int
kernel_connect_result(int fd)
{
	int error = 0;
	socklen_t bytes = sizeof error;

	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &bytes) < 0)
		return -errno;
	return -error;
}

/*
 * Reads and writes are asked of the system by number: in a process with threads,
 * libc's wrappers are places where a thread may be cancelled, and announce that
 * before and after each call.  Nothing here cancels threads.
 */
ssize_t
kernel_read(int fd, void *out, size_t bytes)
{
	ssize_t n;

	do
		n = syscall(SYS_recvfrom, fd, out, bytes, 0, NULL, NULL);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

ssize_t
kernel_write(int fd, const struct iovec *piece, int count)
{
	/* sendmsg() does not change the pieces, whatever its type says. */
	struct msghdr message = {
		.msg_iov = (struct iovec *)(uintptr_t)piece,
		.msg_iovlen = (size_t)count,
	};
	ssize_t n;

	do
		n = count == 1
		    ? syscall(SYS_sendto, fd, piece->iov_base, piece->iov_len,
		    MSG_NOSIGNAL, NULL, 0)
		    : syscall(SYS_sendmsg, fd, &message, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

ssize_t
kernel_unacked(int fd)
{
	int bytes;

	return ioctl(fd, SIOCOUTQ, &bytes) < 0 ? -errno : bytes;
}

void
kernel_shutdown(int fd)
{
	(void)!shutdown(fd, SHUT_WR);
}

void
kernel_close(int fd)
{
	must(close(fd) == 0 || errno != EBADF);
}

void
kernel_reset_on_close(int fd)
{
	struct linger none = { .l_onoff = 1, .l_linger = 0 };

	(void)!setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
}

/* ---- names ---- */

int
kernel_resolve(const char *host, uint16_t port, struct address *out, int max)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG };
	struct addrinfo *list = NULL;
	int n = 0;

	switch (getaddrinfo(host, NULL, &hints, &list)) {
	case 0:
		break;
	case EAI_AGAIN:
		return -EAGAIN;
	case EAI_MEMORY:
		return -ENOMEM;
	case EAI_SYSTEM:
		return errno > 0 ? -errno : -EIO;
	default:
		return -ENOENT;
	}
	for (struct addrinfo *a = list; a != NULL && n < max; a = a->ai_next)
		if (address_of(a->ai_addr, &out[n]))
			out[n++].port = port;
	freeaddrinfo(list);
	return n > 0 ? n : -ENOENT;
}

/* ---- files ---- */

int
kernel_file_append(const char *path)
{
	int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);

	return fd < 0 ? -errno : fd;
}

ssize_t
kernel_file_write(int fd, struct slice bytes)
{
	ssize_t n;

	do
		n = write(fd, bytes.ptr, bytes.len);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

int
kernel_file_sync(int fd)
{
	return fdatasync(fd) < 0 ? -errno : 0;
}

static ssize_t
read_whole(int fd, char *out, size_t bytes)
{
	size_t have = 0;
	char more;

	for (;;) {
		ssize_t n = have < bytes ? read(fd, out + have, bytes - have) : read(fd, &more, 1);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			return (ssize_t)have;
		if (have == bytes)
			return -EFBIG;
		have += (size_t)n;
	}
}

ssize_t
kernel_file_read(const char *path, char *out, size_t bytes)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = read_whole(fd, out, bytes);
	close(fd);
	return n;
}

int
kernel_file_reserve(int fd, size_t bytes)
{
	return fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, (off_t)bytes) < 0 ? -errno : 0;
}

int
kernel_file_cut(int fd, size_t bytes)
{
	return ftruncate(fd, (off_t)bytes) < 0 ? -errno : 0;
}

int
kernel_folder_make(const char *path)
{
	return mkdir(path, 0700) < 0 && errno != EEXIST ? -errno : 0;
}

int
kernel_file_lock(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	int error;

	if (fd < 0)
		return -errno;
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return fd;
	error = errno;
	close(fd);
	return -error;
}

const char *
kernel_vfs(void)
{
	return NULL;
}
