/* SPDX-License-Identifier: Apache-2.0 */
#include "run/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "run/kernel.h"

static enum err
complain(struct text *why, const char *path, const char *what)
{
	text_put(why, slice_of(path, strlen(path)));
	text_put(why, S(": "));
	text_put(why, slice_of(what, strlen(what)));
	return ERR_IO;
}

static enum err
complain_errno(struct text *why, const char *path, int error)
{
	switch (error) {
	case ENOENT:
		return complain(why, path, "there is no such file");
	case EACCES:
	case EPERM:
		return complain(why, path, "this user may not do that with the file");
	case EISDIR:
		return complain(why, path, "this is a directory");
	case EEXIST:
		return complain(why, path, "the file is already there");
	default:
		return complain(why, path, strerrordesc_np(error));
	}
}

/* Fills *room, which has one byte more than wanted, so that a file that is too long shows. */
static ssize_t
fill(int fd, char *room, size_t bytes)
{
	size_t have = 0;

	while (have < bytes) {
		ssize_t n = read(fd, room + have, bytes - have);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0)
			break;
		have += (size_t)n;
	}
	return (ssize_t)have;
}

/* How much room a file needs; one whose size is not known, as of a pipe or in /proc, gets all. */
static size_t
room_for(int fd, size_t bytes_max)
{
	struct stat st;

	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0 &&
	    (size_t)st.st_size < bytes_max)
		return (size_t)st.st_size + 1;
	return bytes_max + 1;
}

static enum err
read_open(int fd, const char *path, size_t bytes_max, struct slice *out, struct text *why)
{
	size_t bytes = room_for(fd, bytes_max);
	char *room = malloc(bytes + 1);
	ssize_t n;

	if (room == NULL)
		return ERR_MEMORY;
	n = fill(fd, room, bytes);
	if (n >= 0 && (size_t)n < bytes) {
		room[n] = '\0';
		*out = slice_of(room, (size_t)n);
		return ERR_OK;
	}
	explicit_bzero(room, bytes);
	free(room);
	if (n < 0)
		return complain_errno(why, path, errno);
	if (bytes <= bytes_max)
		return complain(why, path, "the file grew while it was read");
	complain(why, path, "the file is larger than ");
	text_put_number(why, bytes_max);
	text_put(why, S(" bytes"));
	return ERR_IO;
}

enum err
file_read(const char *path, size_t bytes_max, struct slice *out, struct text *why)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	enum err e;

	if (fd < 0)
		return complain_errno(why, path, errno);
	e = read_open(fd, path, bytes_max, out, why);
	close(fd);
	return e;
}

void
file_free(struct slice s)
{
	char *room = (char *)(uintptr_t)s.ptr;

	if (room == NULL)
		return;
	explicit_bzero(room, s.len);
	free(room);
}

static bool
write_all(int fd, struct slice s)
{
	while (s.len > 0) {
		ssize_t n = write(fd, s.ptr, s.len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		s = slice_cut(s, (size_t)n, s.len);
	}
	return fsync(fd) == 0;
}

/* Makes a file that was not there. */
static enum err
write_new(const char *path, mode_t mode, struct slice bytes, struct text *why)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
	int error;

	if (fd < 0)
		return complain_errno(why, path, errno);
	if (write_all(fd, bytes)) {
		close(fd);
		return ERR_OK;
	}
	error = errno;
	close(fd);
	/* Half a file is worse than none. */
	(void)!unlink(path);
	return complain_errno(why, path, error);
}

enum err
file_write_secret(const char *path, struct slice bytes, struct text *why)
{
	return write_new(path, 0600, bytes, why);
}

/* Beside the old one first, because a disk may be full. */
static enum err
write_over(const char *path, mode_t mode, struct slice bytes, struct text *why)
{
	char room[1024];
	struct text name;
	enum err e;

	text_init(&name, room, sizeof room);
	text_put(&name, slice_of(path, strlen(path)));
	text_put(&name, S(".new\0"));
	if (text_overflowed(&name))
		return complain(why, path, "the name is too long");
	/* Left behind by a process that did not live to rename it. */
	(void)!unlink(room);
	e = write_new(room, mode, bytes, why);
	if (e != ERR_OK || rename(room, path) == 0)
		return e;
	complain_errno(why, path, errno);
	(void)!unlink(room);
	return ERR_IO;
}

enum err
file_write(const char *path, struct slice bytes, bool replace, struct text *why)
{
	return replace ? write_over(path, 0644, bytes, why) : write_new(path, 0644, bytes, why);
}

enum err
file_replace_secret(const char *path, struct slice bytes, struct text *why)
{
	return write_over(path, 0600, bytes, why);
}

enum err
file_keep_secret(const char *path, char *out, size_t bytes, struct text *why)
{
	struct slice kept;
	enum err e;

	if (access(path, F_OK) < 0 && errno == ENOENT) {
		kernel_random(out, bytes);
		return file_write_secret(path, slice_of(out, bytes), why);
	}
	if ((e = file_read(path, bytes, &kept, why)) != ERR_OK)
		return e;
	if (kept.len == bytes)
		memcpy(out, kept.ptr, bytes);
	else
		e = complain(why, path, "this secret is shorter than the one that was made");
	file_free(kept);
	return e;
}

/* "FOLDER/NAME" and what more there is, with a NUL behind it. */
static char *
path_of(const char *folder, struct slice name, struct slice more)
{
	size_t bytes = strlen(folder) + name.len + more.len + 32;
	char *room = malloc(bytes);
	struct text t;

	if (room == NULL)
		return NULL;
	text_init(&t, room, bytes - 1);
	text_put(&t, slice_of(folder, strlen(folder)));
	text_put_char(&t, '/');
	text_put(&t, name);
	text_put(&t, more);
	if (more.len > 0)
		text_put_number(&t, (uint64_t)getpid());
	room[t.len] = '\0';
	return room;
}

/* Written beside its name and then given it, so that nobody reads a part of it. */
static enum err
archive(const char *path, const char *draft, struct slice bytes, struct text *why)
{
	enum err e;

	if (access(path, F_OK) == 0)
		return ERR_OK;
	/* Left behind by a process of this number that did not live to name it. */
	(void)!unlink(draft);
	if ((e = file_write_secret(draft, bytes, why)) != ERR_OK)
		return e;
	if (rename(draft, path) == 0)
		return ERR_OK;
	(void)complain_errno(why, path, errno);
	(void)!unlink(draft);
	return ERR_IO;
}

enum err
file_archive(const char *folder, struct slice name, struct slice bytes, struct text *why)
{
	char *path = path_of(folder, name, S("")), *draft = path_of(folder, name, S(".new."));
	enum err e = ERR_MEMORY;

	if (path != NULL && draft != NULL) {
		if (mkdir(folder, 0700) < 0 && errno != EEXIST)
			e = complain_errno(why, folder, errno);
		else
			e = archive(path, draft, bytes, why);
	}
	free(path);
	free(draft);
	return e;
}

/* ---- folders ---- */

char *
file_path(const char *folder, struct slice name)
{
	return path_of(folder, name, S(""));
}

bool
file_is_there(const char *path)
{
	return access(path, F_OK) == 0;
}

bool
file_is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static bool
ends_like(const char *name, struct slice suffix)
{
	size_t len = strlen(name);

	return name[0] != '.' && len > suffix.len &&
	    memcmp(name + len - suffix.len, suffix.ptr, suffix.len) == 0;
}

enum err
file_list(const char *folder, struct slice suffix, struct slice *out, struct text *why)
{
	struct dirent **entry;
	int count = scandir(folder, &entry, NULL, alphasort);
	size_t bytes = 1;
	struct text t;
	char *room;

	if (count < 0)
		return complain_errno(why, folder, errno);
	for (int i = 0; i < count; i++)
		bytes += strlen(folder) + strlen(entry[i]->d_name) + 2;
	room = malloc(bytes);
	text_init(&t, room, room == NULL ? 0 : bytes);
	for (int i = 0; i < count; i++) {
		if (ends_like(entry[i]->d_name, suffix)) {
			text_put(&t, slice_of(folder, strlen(folder)));
			text_put_char(&t, '/');
			text_put(&t, slice_of(entry[i]->d_name, strlen(entry[i]->d_name) + 1));
		}
		free(entry[i]);
	}
	free(entry);
	if (room == NULL)
		return ERR_MEMORY;
	*out = text_slice(&t);
	return ERR_OK;
}
