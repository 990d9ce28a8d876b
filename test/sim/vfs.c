/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/vfs.h"

#include <errno.h>
#include <sqlite3.h>
#include <string.h>

#include "core/must.h"

#define NAME		"simulated"
#define SECTOR_BYTES	4096		/* as SQLite's own says of all disks */
#define PATH_BYTES	512
#define JULIAN_1970_MS	(INT64_C(2440587) * 86400000 + 43200000)

/* What all that have a file open know of each other. */
struct vfs_node {
	int		 users;
	int		 shared;	/* with a shared lock */
	const void	*reserved, *exclusive;
	char		**region;	/* of shared memory */
	int		 regions, mappers;
	int		 readers[SQLITE_SHM_NLOCK];
	const void	*writer[SQLITE_SHM_NLOCK];
};

struct handle {
	sqlite3_file	 base;
	struct disk	*disk;
	struct disk_file *file;
	struct vfs_node	*node;
	int		 level;		/* SQLITE_LOCK_… */
	bool		 passing;	/* removed when it is closed */
	bool		 maps;
	unsigned	 reads;		/* locks of shared memory, as bits */
};

static struct handle *
handle_of(sqlite3_file *f)
{
	return (struct handle *)(void *)f;
}

static int
answer(int error, int code)
{
	return error == 0 ? SQLITE_OK : error == -ENOSPC ? SQLITE_FULL : code;
}

/* ---- bytes ---- */

static int
read_at(sqlite3_file *f, void *out, int bytes, sqlite3_int64 at)
{
	struct handle *h = handle_of(f);
	ssize_t n = disk_read(h->disk, h->file, (size_t)at, out, (size_t)bytes);

	if (n < 0)
		return SQLITE_IOERR_READ;
	memset((char *)out + n, 0, (size_t)(bytes - n));
	return n == bytes ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

static int
write_at(sqlite3_file *f, const void *ptr, int bytes, sqlite3_int64 at)
{
	struct handle *h = handle_of(f);

	return answer(disk_write(h->disk, h->file, (size_t)at, ptr, (size_t)bytes),
	    SQLITE_IOERR_WRITE);
}

static int
cut(sqlite3_file *f, sqlite3_int64 bytes)
{
	struct handle *h = handle_of(f);

	return answer(disk_cut(h->disk, h->file, (size_t)bytes), SQLITE_IOERR_TRUNCATE);
}

static int
synchronise(sqlite3_file *f, int flags)
{
	struct handle *h = handle_of(f);

	(void)flags;
	return answer(disk_sync(h->disk, h->file), SQLITE_IOERR_FSYNC);
}

static int
size(sqlite3_file *f, sqlite3_int64 *out)
{
	*out = (sqlite3_int64)handle_of(f)->file->len;
	return SQLITE_OK;
}

/* ---- locks ---- */

static int
lock(sqlite3_file *f, int level)
{
	struct handle *h = handle_of(f);
	struct vfs_node *n = h->node;

	if (level <= h->level)
		return SQLITE_OK;
	if (n->exclusive != NULL && n->exclusive != h)
		return SQLITE_BUSY;
	if (level >= SQLITE_LOCK_RESERVED && n->reserved != NULL && n->reserved != h)
		return SQLITE_BUSY;
	if (level == SQLITE_LOCK_EXCLUSIVE && n->shared > (h->level >= SQLITE_LOCK_SHARED))
		return SQLITE_BUSY;
	n->shared += h->level < SQLITE_LOCK_SHARED;
	if (level >= SQLITE_LOCK_RESERVED)
		n->reserved = h;
	if (level == SQLITE_LOCK_EXCLUSIVE)
		n->exclusive = h;
	h->level = level;
	return SQLITE_OK;
}

static int
unlock(sqlite3_file *f, int level)
{
	struct handle *h = handle_of(f);
	struct vfs_node *n = h->node;

	if (level >= h->level)
		return SQLITE_OK;
	if (n->exclusive == h)
		n->exclusive = NULL;
	if (n->reserved == h)
		n->reserved = NULL;
	n->shared -= level == SQLITE_LOCK_NONE;
	h->level = level;
	return SQLITE_OK;
}

static int
is_reserved(sqlite3_file *f, int *out)
{
	*out = handle_of(f)->node->reserved != NULL;
	return SQLITE_OK;
}

/* ---- shared memory, which no crash leaves ---- */

static int
map(sqlite3_file *f, int region, int bytes, int extend, void volatile **out)
{
	struct handle *h = handle_of(f);
	struct vfs_node *n = h->node;

	n->mappers += !h->maps;
	h->maps = true;
	*out = NULL;
	if (region >= n->regions && !extend)
		return SQLITE_OK;
	while (n->regions <= region) {
		n->region = sqlite3_realloc64(n->region,
		    (sqlite3_uint64)(n->regions + 1) * sizeof *n->region);
		must(n->region != NULL);
		n->region[n->regions] = sqlite3_malloc64((sqlite3_uint64)bytes);
		must(n->region[n->regions] != NULL);
		memset(n->region[n->regions++], 0, (size_t)bytes);
	}
	*out = n->region[region];
	return SQLITE_OK;
}

static bool
may_lock(const struct handle *h, int i, bool alone)
{
	const struct vfs_node *n = h->node;
	int others = n->readers[i] - (int)(h->reads >> i & 1);

	return (n->writer[i] == NULL || n->writer[i] == h) && (!alone || others == 0);
}

static void
take(struct handle *h, int i, bool alone)
{
	struct vfs_node *n = h->node;

	if (alone) {
		n->writer[i] = h;
		return;
	}
	n->readers[i] += (h->reads >> i & 1) == 0;
	h->reads |= 1u << i;
}

static void
give(struct handle *h, int i, bool alone)
{
	struct vfs_node *n = h->node;

	if (alone) {
		if (n->writer[i] == h)
			n->writer[i] = NULL;
		return;
	}
	n->readers[i] -= (int)(h->reads >> i & 1);
	h->reads &= ~(1u << i);
}

static int
lock_map(sqlite3_file *f, int from, int count, int flags)
{
	struct handle *h = handle_of(f);
	bool alone = (flags & SQLITE_SHM_EXCLUSIVE) != 0;

	for (int i = from; i < from + count && (flags & SQLITE_SHM_LOCK) != 0; i++)
		if (!may_lock(h, i, alone))
			return SQLITE_BUSY;
	for (int i = from; i < from + count; i++)
		if ((flags & SQLITE_SHM_LOCK) != 0)
			take(h, i, alone);
		else
			give(h, i, alone);
	return SQLITE_OK;
}

static void
barrier(sqlite3_file *f)
{
	(void)f;
}

static int
unmap(sqlite3_file *f, int forget)
{
	struct handle *h = handle_of(f);
	struct vfs_node *n = h->node;

	(void)forget;
	if (!h->maps)
		return SQLITE_OK;
	h->maps = false;
	if (--n->mappers > 0)
		return SQLITE_OK;
	while (n->regions > 0)
		sqlite3_free(n->region[--n->regions]);
	sqlite3_free(n->region);
	n->region = NULL;
	return SQLITE_OK;
}

/* ---- a file ---- */

static int
close_file(sqlite3_file *f)
{
	struct handle *h = handle_of(f);

	(void)unmap(f, 0);
	(void)unlock(f, SQLITE_LOCK_NONE);
	if (--h->node->users == 0) {
		sqlite3_free(h->node);
		h->file->node = NULL;
	}
	if (h->passing)
		(void)disk_remove(h->disk, h->file);
	return SQLITE_OK;
}

static int
control(sqlite3_file *f, int what, void *arg)
{
	(void)f;
	(void)what;
	(void)arg;
	return SQLITE_NOTFOUND;
}

static int
sector(sqlite3_file *f)
{
	(void)f;
	return SECTOR_BYTES;
}

/* As SQLite's own: a write that is torn leaves what is beside it. */
static int
traits(sqlite3_file *f)
{
	(void)f;
	return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

static const sqlite3_io_methods methods = {
	.iVersion = 2,
	.xClose = close_file,
	.xRead = read_at,
	.xWrite = write_at,
	.xTruncate = cut,
	.xSync = synchronise,
	.xFileSize = size,
	.xLock = lock,
	.xUnlock = unlock,
	.xCheckReservedLock = is_reserved,
	.xFileControl = control,
	.xSectorSize = sector,
	.xDeviceCharacteristics = traits,
	.xShmMap = map,
	.xShmLock = lock_map,
	.xShmBarrier = barrier,
	.xShmUnmap = unmap,
};

/* ---- files ---- */

static int
open_file(sqlite3_vfs *v, const char *name, sqlite3_file *f, int flags, int *out)
{
	struct handle *h = handle_of(f);
	struct disk *d = v->pAppData;
	struct disk_file *file = name == NULL ? NULL : disk_find(d, name);
	char passing[32];

	*h = (struct handle){ .disk = d, .passing = (flags & SQLITE_OPEN_DELETEONCLOSE) != 0 };
	if (name == NULL) {
		sqlite3_snprintf(sizeof passing, passing, "passing/%llu", d->calls);
		name = passing;
	}
	if (file == NULL && (flags & SQLITE_OPEN_CREATE) == 0)
		return SQLITE_CANTOPEN;
	h->file = file != NULL ? file : disk_make(d, name);
	if (h->file->node == NULL) {
		h->file->node = sqlite3_malloc64(sizeof *h->node);
		must(h->file->node != NULL);
		*h->file->node = (struct vfs_node){ 0 };
	}
	h->node = h->file->node;
	h->node->users++;
	h->base.pMethods = &methods;
	if (out != NULL)
		*out = flags;
	return SQLITE_OK;
}

static int
remove_file(sqlite3_vfs *v, const char *name, int last)
{
	struct disk_file *f = disk_find(v->pAppData, name);

	(void)last;
	if (f == NULL)
		return SQLITE_IOERR_DELETE_NOENT;
	return answer(disk_remove(v->pAppData, f), SQLITE_IOERR_DELETE);
}

static int
is_there(sqlite3_vfs *v, const char *name, int flags, int *out)
{
	const struct disk_file *f = disk_find(v->pAppData, name);

	*out = f != NULL && (flags != SQLITE_ACCESS_EXISTS || f->len > 0);
	return SQLITE_OK;
}

static int
full_path(sqlite3_vfs *v, const char *name, int bytes, char *out)
{
	(void)v;
	sqlite3_snprintf(bytes, out, "%s", name);
	return SQLITE_OK;
}

static int
randomness(sqlite3_vfs *v, int bytes, char *out)
{
	struct disk *d = v->pAppData;

	for (int i = 0; i < bytes; i++)
		out[i] = (char)dice_word(&d->dice);
	return bytes;
}

static int
slumber(sqlite3_vfs *v, int microseconds)
{
	(void)v;
	return microseconds;
}

/* The store asks SQLite for no time; whatever asks is answered the same. */
static int
now(sqlite3_vfs *v, sqlite3_int64 *out)
{
	(void)v;
	*out = JULIAN_1970_MS;
	return SQLITE_OK;
}

static int
last_error(sqlite3_vfs *v, int bytes, char *out)
{
	(void)v;
	(void)bytes;
	(void)out;
	return 0;
}

static sqlite3_vfs simulated = {
	.iVersion = 2,
	.szOsFile = sizeof(struct handle),
	.mxPathname = PATH_BYTES,
	.zName = NAME,
	.xOpen = open_file,
	.xDelete = remove_file,
	.xAccess = is_there,
	.xFullPathname = full_path,
	.xRandomness = randomness,
	.xSleep = slumber,
	.xGetLastError = last_error,
	.xCurrentTimeInt64 = now,
};

/* SQLite draws from its VFS once and then goes on by itself; each disk begins anew. */
const char *
vfs_install(struct disk *d)
{
	simulated.pAppData = d;
	must(sqlite3_vfs_register(&simulated, 1) == SQLITE_OK);
	sqlite3_randomness(0, NULL);
	return NAME;
}

void
vfs_remove(void)
{
	must(sqlite3_vfs_unregister(&simulated) == SQLITE_OK);
	sqlite3_randomness(0, NULL);
}
