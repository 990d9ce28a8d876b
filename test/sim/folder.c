/* SPDX-License-Identifier: Apache-2.0 */
#include "run/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/world.h"

/*
 * folder - whole small files, on the simulated disk instead of the machine's.
 *
 * What the program under test asks of run/file.h, and no more.
 */

static enum err
complain(struct text *why, const char *path, struct slice what)
{
	text_put(why, slice_of(path, strlen(path)));
	text_put(why, S(": "));
	text_put(why, what);
	return ERR_IO;
}

enum err
file_read(const char *path, size_t bytes_max, struct slice *out, struct text *why)
{
	struct disk *d = &world_here()->disk;
	struct disk_file *f = disk_find(d, path);
	char *room;
	ssize_t n;

	if (f == NULL || f->len > bytes_max)
		return complain(why, path, S("there is no such file, or a larger one"));
	if ((room = malloc(f->len + 1)) == NULL)
		return ERR_MEMORY;
	if ((n = disk_read(d, f, 0, room, f->len)) < 0) {
		free(room);
		return complain(why, path, S("it cannot be read"));
	}
	room[n] = '\0';
	*out = slice_of(room, (size_t)n);
	return ERR_OK;
}

void
file_free(struct slice s)
{
	free((void *)(uintptr_t)s.ptr);
}

bool
file_is_there(const char *path)
{
	return disk_find(&world_here()->disk, path) != NULL;
}

char *
file_path(const char *folder, struct slice name)
{
	size_t bytes = strlen(folder) + name.len + 2;
	char *room = malloc(bytes);

	if (room != NULL)
		(void)snprintf(room, bytes, "%s/%.*s", folder, (int)name.len, name.ptr);
	return room;
}

/* Half a file is worse than none. */
static enum err
write_new(const char *path, struct slice bytes, struct text *why)
{
	struct disk *d = &world_here()->disk;
	struct disk_file *f = disk_make(d, path);

	if (disk_write(d, f, 0, bytes.ptr, bytes.len) == 0 && disk_sync(d, f) == 0)
		return ERR_OK;
	(void)disk_remove(d, f);
	return complain(why, path, S("it cannot be written"));
}

enum err
file_write_secret(const char *path, struct slice bytes, struct text *why)
{
	if (file_is_there(path))
		return complain(why, path, S("the file is already there"));
	return write_new(path, bytes, why);
}

enum err
file_replace_secret(const char *path, struct slice bytes, struct text *why)
{
	struct disk *d = &world_here()->disk;
	struct disk_file *f = disk_find(d, path);

	if (f != NULL && disk_remove(d, f) < 0)
		return complain(why, path, S("it cannot be replaced"));
	return write_new(path, bytes, why);
}

enum err
file_archive(const char *folder, struct slice name, struct slice bytes, struct text *why)
{
	char *path = file_path(folder, name);
	enum err e = ERR_MEMORY;

	if (path != NULL)
		e = file_is_there(path) ? ERR_OK : write_new(path, bytes, why);
	free(path);
	return e;
}
