/* SPDX-License-Identifier: Apache-2.0 */
#include "run/host.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <netinet/in.h>
#include <sched.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "core/limit.h"
#include "run/kernel.h"

/* Whoever starts us may have closed 0 to 2; then a socket would get what is written to them. */
static void
fill_standard(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd > STDERR_FILENO)
		close(fd);
}

/* The usual soft limit of 1,024 descriptors is for programs that select(); ours does not. */
static void
raise_descriptors(void)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r) == 0 && r.rlim_cur < r.rlim_max) {
		r.rlim_cur = r.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &r);
	}
}

/*
 * Left to itself, the C library keeps up to 64 MiB of what large requests gave
 * back, for ever.  With these, a large block is always the system's own.
 */
static void
give_memory_back(void)
{
	(void)mallopt(M_MMAP_THRESHOLD, 1 << 20);
	(void)mallopt(M_TRIM_THRESHOLD, 1 << 20);
}

void
host_settle(void)
{
	fill_standard();
	raise_descriptors();
	give_memory_back();
}

uint32_t
host_descriptors(void)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r) != 0 || r.rlim_cur > INT32_MAX)
		return INT32_MAX;
	return (uint32_t)r.rlim_cur;
}

void
host_widen(void)
{
	uint32_t most = host_descriptors();
	int fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC,
	    (most < DESCRIPTORS_READY ? (int)most : DESCRIPTORS_READY) - 1);

	if (fd >= 0)
		close(fd);
}

int
host_port_is_free(const struct address *a)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons(a->port) };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons(a->port) };
	bool is_v4 = memcmp(a->ip, mapped, sizeof mapped) == 0;
	int on = 1, fd, n;

	memcpy(&v4.sin_addr, a->ip + 12, 4);
	memcpy(&v6.sin6_addr, a->ip, 16);
	fd = socket(is_v4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	/* Connections of an earlier process that linger are nobody who listens. */
	n = setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (n == 0)
		n = is_v4 ? bind(fd, (struct sockaddr *)&v4, sizeof v4)
		    : bind(fd, (struct sockaddr *)&v6, sizeof v6);
	n = n < 0 ? -errno : 0;
	close(fd);
	return n;
}

uint32_t
host_processors(void)
{
	cpu_set_t set;
	int n = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;

	return n < 1 ? 1 : (uint32_t)n;
}

int
host_file_is_shared(const char *path)
{
	struct stat st;
	mode_t others = 077;

	if (stat(path, &st) != 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	if (st.st_uid == 0 && geteuid() != 0)
		others = 027;
	return (st.st_mode & others) != 0;
}

uint64_t
host_file_stamp(const char *path)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return 0;
	return (uint64_t)st.st_mtim.tv_sec * 1000000007 + (uint64_t)st.st_mtim.tv_nsec * 31 +
	    (uint64_t)st.st_ino * 7919 + (uint64_t)st.st_size;
}

bool
host_is_terminal(int fd)
{
	return isatty(fd) == 1;
}

void
host_sleep(nanos time)
{
	struct timespec t = { time / NANOS_PER_S, time % NANOS_PER_S };

	/* A signal ends it early, which is as good. */
	(void)nanosleep(&t, NULL);
}

int
host_syslog(struct slice line)
{
	const struct sockaddr_un place = { AF_UNIX, "/dev/log" };
	const char *begin = "<37>trivium: ";
	struct iovec piece[] = {
		{ (char *)(uintptr_t)begin, strlen(begin) },
		{ (char *)(uintptr_t)line.ptr, line.len },
	};
	struct msghdr message = {
		.msg_name = (void *)(uintptr_t)&place, .msg_namelen = sizeof place,
		.msg_iov = piece, .msg_iovlen = 2,
	};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int error = fd < 0 || sendmsg(fd, &message, MSG_NOSIGNAL) < 0 ? -errno : 0;

	if (fd >= 0)
		close(fd);
	return error;
}
