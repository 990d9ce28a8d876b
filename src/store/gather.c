/* SPDX-License-Identifier: Apache-2.0 */
#include "store/gather.h"

#include <stdlib.h>

#include "core/limit.h"
#include "core/text.h"

/* Behind the other's file in the same piece of memory; SQLite finds it by its methods. */
struct gathered {
	sqlite3_io_methods	 methods;	/* the other's, but for those below */
	const sqlite3_io_methods *under;
	char			*bytes;		/* of malloc(), with the first write */
	int			 len;
	sqlite3_int64		 at;		/* of the first of them in the file */
};

static struct gathered *
of_file(const sqlite3_file *f)
{
	return (struct gathered *)(uintptr_t)f->pMethods;
}

/* SQLite's own way to files writes nothing of more (seekAndWriteFd() of its os_unix.c). */
_Static_assert(STORE_GATHER_BYTES <= 0x1ffff, "it can be written at once");

/* What cannot be written is gone, as it is when a single write fails. */
static int
give(sqlite3_file *f)
{
	struct gathered *g = of_file(f);
	int len = g->len;

	g->len = 0;
	return len == 0 ? SQLITE_OK : g->under->xWrite(f, g->bytes, len, g->at);
}

static int
write_bytes(sqlite3_file *f, const void *bytes, int len, sqlite3_int64 at)
{
	struct gathered *g = of_file(f);
	int code = SQLITE_OK;

	if (g->len > 0 && (at != g->at + g->len || len > STORE_GATHER_BYTES - g->len))
		code = give(f);
	if (code != SQLITE_OK)
		return code;
	if (g->bytes == NULL)
		g->bytes = malloc(STORE_GATHER_BYTES);
	if (g->bytes == NULL || len > STORE_GATHER_BYTES)
		return g->under->xWrite(f, bytes, len, at);
	if (g->len == 0)
		g->at = at;
	memcpy(g->bytes + g->len, bytes, (size_t)len);
	g->len += len;
	return SQLITE_OK;
}

static int
read_bytes(sqlite3_file *f, void *bytes, int len, sqlite3_int64 at)
{
	int code = give(f);

	return code == SQLITE_OK ? of_file(f)->under->xRead(f, bytes, len, at) : code;
}

static int
cut(sqlite3_file *f, sqlite3_int64 bytes)
{
	int code = give(f);

	return code == SQLITE_OK ? of_file(f)->under->xTruncate(f, bytes) : code;
}

static int
synchronise(sqlite3_file *f, int flags)
{
	int code = give(f);

	return code == SQLITE_OK ? of_file(f)->under->xSync(f, flags) : code;
}

static int
measure(sqlite3_file *f, sqlite3_int64 *bytes)
{
	int code = give(f);

	return code == SQLITE_OK ? of_file(f)->under->xFileSize(f, bytes) : code;
}

static int
close_file(sqlite3_file *f)
{
	struct gathered *g = of_file(f);
	int code = give(f), other = g->under->xClose(f);

	free(g->bytes);
	return code == SQLITE_OK ? other : code;
}

/*
 * The log alone.  Pages of the database itself are written by checkpoints, and one that a slow
 * reader keeps from being whole tells readers to look there without synchronising it or asking
 * anything after the last page (walCheckpoint() of SQLite's wal.c): nothing may be kept back.
 */
static int
open_file(sqlite3_vfs *v, const char *name, sqlite3_file *f, int flags, int *out)
{
	struct gather *own = (struct gather *)v;
	struct gathered *g = (struct gathered *)(void *)((char *)f + v->szOsFile - sizeof *g);
	int code = own->under->xOpen(own->under, name, f, flags, out);

	if (code != SQLITE_OK || (flags & SQLITE_OPEN_WAL) == 0)
		return code;
	*g = (struct gathered){ .methods = *f->pMethods, .under = f->pMethods };
	/* Not to be mapped: what is read in memory would be what was given on alone. */
	if (g->methods.iVersion > 2)
		g->methods.iVersion = 2;
	g->methods.xClose = close_file;
	g->methods.xRead = read_bytes;
	g->methods.xWrite = write_bytes;
	g->methods.xTruncate = cut;
	g->methods.xSync = synchronise;
	g->methods.xFileSize = measure;
	f->pMethods = &g->methods;
	return SQLITE_OK;
}

bool
gather_init(struct gather *g, const char *under)
{
	struct text name;

	if ((g->under = sqlite3_vfs_find(under)) == NULL)
		return false;
	/* Its place in memory is a name that no other has meanwhile. */
	text_init(&name, g->name, sizeof g->name - 1);
	text_put(&name, S("trivium-"));
	text_put_number(&name, (uintptr_t)g);
	g->name[name.len] = '\0';
	g->vfs = *g->under;
	g->vfs.pNext = NULL;
	g->vfs.zName = g->name;
	g->vfs.xOpen = open_file;
	/* The other's, up to where one of these can begin. */
	g->vfs.szOsFile = (g->under->szOsFile + 7) / 8 * 8 + (int)sizeof(struct gathered);
	return sqlite3_vfs_register(&g->vfs, 0) == SQLITE_OK;
}

void
gather_release(struct gather *g)
{
	if (g->under != NULL)
		(void)sqlite3_vfs_unregister(&g->vfs);
	g->under = NULL;
}
