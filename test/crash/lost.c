/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lost - a disk that keeps only what was synchronised.
 *
 * Loaded before the C library (LD_PRELOAD), it lets writes to files of the folder
 * $LOST_FROM go their way, remembers them, and repeats them on the same file
 * below $LOST_TO when the file is synchronised, and no sooner.  Whoever kills the
 * process finds there what a machine whose power failed at that moment would
 * have kept at least: all that was promised, and nothing else.  Making, removing
 * and renaming of files is repeated at once.  SQLite's shared memory is mapped
 * and never synchronised; it is made anew.
 *
 * With $LOST_REFUSE=N the N-th write, cut or synchronisation of such a file fails, as
 * on a full or broken disk; with N+ that one and all later ones do.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct change {
	struct change	*next;
	off_t		 at;
	ssize_t		 bytes;		/* -1: the file is cut to `at` */
	char		 data[];
};

struct twin {
	int		 fd;		/* of the file below $LOST_TO; 0: this is none of ours */
	bool		 appends;
	struct change	*first, **last;
};

#define FILES_MAX	4096

static struct twin twins[FILES_MAX];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

#define REAL(name)	((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static bool
is_ours(int fd)
{
	return fd > 0 && fd < FILES_MAX && twins[fd].fd != 0;
}

/* Is it the turn of this call to fail? */
static bool
refuses(int fd, int error)
{
	static _Atomic(long) calls;
	const char *which = getenv("LOST_REFUSE");
	char *end;
	long at, now;

	if (which == NULL || !is_ours(fd))
		return false;
	at = strtol(which, &end, 10);
	now = ++calls;
	if (now != at && (*end != '+' || now < at))
		return false;
	errno = error;
	return true;
}

static void
twin_of(int fd, const char *path, int flags)
{
	const char *from = getenv("LOST_FROM"), *to = getenv("LOST_TO");
	char other[4096];
	int twin;

	if (fd <= 0 || fd >= FILES_MAX || from == NULL || to == NULL ||
	    strncmp(path, from, strlen(from)) != 0 || strstr(path, "-shm") != NULL ||
	    strchr(path + strlen(from), '/') != NULL ||
	    (flags & O_ACCMODE) == O_RDONLY || (flags & O_DIRECTORY) != 0)
		return;
	(void)snprintf(other, sizeof other, "%s%s", to, path + strlen(from));
	twin = REAL(open)(other, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (twin < 0)
		abort();
	(void)pthread_mutex_lock(&lock);
	twins[fd] = (struct twin){ .fd = twin, .appends = (flags & O_APPEND) != 0 };
	twins[fd].last = &twins[fd].first;
	(void)pthread_mutex_unlock(&lock);
}

static void
remember(int fd, const void *data, ssize_t bytes, off_t at)
{
	struct change *c;

	if (!is_ours(fd))
		return;
	c = malloc(sizeof *c + (bytes > 0 ? (size_t)bytes : 0));
	if (c == NULL)
		abort();
	*c = (struct change){ .at = at, .bytes = bytes };
	if (bytes > 0)
		memcpy(c->data, data, (size_t)bytes);
	(void)pthread_mutex_lock(&lock);
	*twins[fd].last = c;
	twins[fd].last = &c->next;
	(void)pthread_mutex_unlock(&lock);
}

static void
repeat(int fd, bool keep)
{
	struct change *c, *next;

	if (!is_ours(fd))
		return;
	(void)pthread_mutex_lock(&lock);
	for (c = twins[fd].first; c != NULL; c = next) {
		next = c->next;
		if (keep && c->bytes < 0 && REAL(ftruncate)(twins[fd].fd, c->at) < 0)
			abort();
		if (keep && c->bytes > 0 &&
		    REAL(pwrite)(twins[fd].fd, c->data, (size_t)c->bytes, c->at) != c->bytes)
			abort();
		free(c);
	}
	twins[fd].first = NULL;
	twins[fd].last = &twins[fd].first;
	(void)pthread_mutex_unlock(&lock);
}

int
open(const char *path, int flags, ...)
{
	va_list args;
	mode_t mode;
	int fd;

	va_start(args, flags);
	mode = va_arg(args, mode_t);
	va_end(args);
	fd = REAL(open)(path, flags, mode);
	twin_of(fd, path, flags);
	return fd;
}

int
open64(const char *path, int flags, ...)
{
	va_list args;
	mode_t mode;

	va_start(args, flags);
	mode = va_arg(args, mode_t);
	va_end(args);
	return open(path, flags, mode);
}

int
close(int fd)
{
	if (is_ours(fd)) {
		repeat(fd, false);
		(void)REAL(close)(twins[fd].fd);
		twins[fd].fd = 0;
	}
	return REAL(close)(fd);
}

ssize_t
pwrite(int fd, const void *data, size_t bytes, off_t at)
{
	ssize_t n = refuses(fd, ENOSPC) ? -1 : REAL(pwrite)(fd, data, bytes, at);

	if (n > 0)
		remember(fd, data, n, at);
	return n;
}

ssize_t
pwrite64(int fd, const void *data, size_t bytes, off_t at)
{
	return pwrite(fd, data, bytes, at);
}

ssize_t
write(int fd, const void *data, size_t bytes)
{
	struct stat st = { 0 };
	off_t at = 0;
	ssize_t n;

	if (refuses(fd, ENOSPC))
		return -1;
	if (is_ours(fd)) {
		at = lseek(fd, 0, SEEK_CUR);
		if (twins[fd].appends && fstat(fd, &st) == 0)
			at = st.st_size;
	}
	n = REAL(write)(fd, data, bytes);
	if (n > 0)
		remember(fd, data, n, at);
	return n;
}

int
ftruncate(int fd, off_t bytes)
{
	int result = refuses(fd, EIO) ? -1 : REAL(ftruncate)(fd, bytes);

	if (result == 0)
		remember(fd, NULL, -1, bytes);
	return result;
}

int
ftruncate64(int fd, off_t bytes)
{
	return ftruncate(fd, bytes);
}

int
fsync(int fd)
{
	int result = refuses(fd, EIO) ? -1 : REAL(fsync)(fd);

	if (result == 0)
		repeat(fd, true);
	return result;
}

int
fdatasync(int fd)
{
	int result = refuses(fd, EIO) ? -1 : REAL(fdatasync)(fd);

	if (result == 0)
		repeat(fd, true);
	return result;
}

int
unlink(const char *path)
{
	const char *from = getenv("LOST_FROM"), *to = getenv("LOST_TO");
	char other[4096];

	if (from != NULL && to != NULL && strncmp(path, from, strlen(from)) == 0) {
		(void)snprintf(other, sizeof other, "%s%s", to, path + strlen(from));
		(void)REAL(unlink)(other);
	}
	return REAL(unlink)(path);
}
