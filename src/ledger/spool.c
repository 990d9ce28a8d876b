/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/spool.h"

#include <errno.h>
#include <stdlib.h>

#include "core/limit.h"
#include "run/file.h"
#include "run/kernel.h"
#include "store/entry.h"

#define NAME_BYTES	16
#define VALUE_NAME	S("spool")

/* Before the items of each batch. */
struct mark {
	uint64_t	bytes;
	uint64_t	seq;			/* that the first of them would have had */
	char		digest[DIGEST_BYTES];	/* of the items */
};

static enum err
complain(const struct spool *s, struct text *why, int error)
{
	text_put(why, S("the spool "));
	text_put(why, slice_of(s->path, strlen(s->path)));
	text_put(why, S(" cannot be used: "));
	text_put(why, slice_of(strerror(error), strlen(strerror(error))));
	return error == ENOMEM ? ERR_MEMORY : ERR_IO;
}

struct spooled {
	struct slice	items;
	uint64_t	seq;
};

/* The batch at *at, and moves behind it; false where no whole one is. */
static bool
next_batch(struct slice file, size_t *at, struct digester *d, struct spooled *out)
{
	uint8_t digest[DIGEST_BYTES];
	struct mark mark;

	if (file.len - *at < sizeof mark)
		return false;
	memcpy(&mark, file.ptr + *at, sizeof mark);
	if (mark.bytes > file.len - *at - sizeof mark)
		return false;
	*out = (struct spooled){ slice_of(file.ptr + *at + sizeof mark, mark.bytes), mark.seq };
	digest_bytes(d, out->items, digest);
	if (memcmp(digest, mark.digest, DIGEST_BYTES) != 0)
		return false;
	*at += sizeof mark + mark.bytes;
	return true;
}

/* The whole file, of malloc(); *len is a negative errno if it cannot be read. */
static char *
read_all(const struct spool *s, ssize_t *len)
{
	char *room = malloc(SPOOL_BYTES_MAX + 1);

	*len = room == NULL ? -ENOMEM : kernel_file_read(s->path, room, SPOOL_BYTES_MAX);
	if (*len >= 0)
		return room;
	free(room);
	return NULL;
}

/* Empty, under a name of its own. */
static int
begin_anew(struct spool *s)
{
	char name[NAME_BYTES];
	int error;

	kernel_random(name, sizeof name);
	if ((error = kernel_file_cut(s->fd, 0)) < 0)
		return error;
	s->bytes = 0;
	s->waits = s->torn = false;
	if (kernel_file_write(s->fd, slice_of(name, sizeof name)) != NAME_BYTES)
		return -EIO;
	s->bytes = NAME_BYTES;
	/* A disk that promises no room makes the spool worse, not useless. */
	(void)!kernel_file_reserve(s->fd, SPOOL_RESERVED_BYTES);
	return kernel_file_sync(s->fd);
}

static int
look(struct spool *s, struct digester *d)
{
	struct spooled batch;
	size_t at = NAME_BYTES;
	ssize_t len;
	char *file = read_all(s, &len);

	if (file == NULL)
		return (int)len;
	while (len >= NAME_BYTES && next_batch(slice_of(file, (size_t)len), &at, d, &batch))
		continue;
	free(file);
	if (len < NAME_BYTES || at == NAME_BYTES)
		return begin_anew(s);
	s->bytes = at;
	s->waits = true;
	return at < (size_t)len ? kernel_file_cut(s->fd, at) : 0;
}

enum err
spool_open(struct spool *s, struct digester *d, const char *folder, struct text *why)
{
	int error;

	*s = (struct spool){ .fd = -1, .path = file_path(folder, S("spool")) };
	if (s->path == NULL)
		return ERR_MEMORY;
	s->fd = kernel_file_append(s->path);
	error = s->fd < 0 ? s->fd : look(s, d);
	return error < 0 ? complain(s, why, -error) : ERR_OK;
}

void
spool_close(struct spool *s)
{
	if (s->fd >= 0)
		kernel_close(s->fd);
	free((char *)s->path);
	*s = (struct spool){ .fd = -1 };
}

static int
write_all(struct spool *s, struct slice bytes)
{
	while (bytes.len > 0) {
		ssize_t n = kernel_file_write(s->fd, bytes);

		if (n <= 0)
			return n < 0 ? (int)n : -EIO;
		bytes = slice_cut(bytes, (size_t)n, bytes.len);
	}
	return 0;
}

/* What is behind a half would never be read. */
static bool
mend(struct spool *s)
{
	s->torn = s->torn && kernel_file_cut(s->fd, s->bytes) < 0;
	return !s->torn;
}

enum err
spool_put(struct spool *s, struct batch *b, struct slice items)
{
	struct mark mark = { .bytes = items.len, .seq = b->before.size };
	int error;

	if (s->bytes < NAME_BYTES || items.len > SPOOL_BYTES_MAX - sizeof mark ||
	    s->bytes > SPOOL_BYTES_MAX - sizeof mark - items.len || !mend(s))
		return ERR_IO;
	digest_bytes(&b->digester, items, (uint8_t *)mark.digest);
	error = write_all(s, slice_of((const char *)&mark, sizeof mark));
	if (error == 0)
		error = write_all(s, items);
	if (error == 0)
		error = kernel_file_sync(s->fd);
	if (error < 0) {
		/* If even that fails, the checksum ends the file here, until it is cut. */
		s->torn = true;
		(void)mend(s);
		return ERR_IO;
	}
	s->bytes += sizeof mark + items.len;
	s->waits = true;
	return ERR_OK;
}

/* How much of this file the ledger has already. */
static enum err
find_drained(struct batch *b, struct slice file, size_t *out)
{
	struct slice value = { 0 };
	uint64_t had;
	enum err e = store_value_get(b->store, VALUE_NAME, &value);

	*out = NAME_BYTES;
	if (e != ERR_OK || value.len != NAME_BYTES + sizeof had ||
	    !slice_eq(slice_cut(value, 0, NAME_BYTES), slice_cut(file, 0, NAME_BYTES)))
		return e;
	memcpy(&had, value.ptr + NAME_BYTES, sizeof had);
	if (had >= NAME_BYTES && had <= file.len)
		*out = had;
	return ERR_OK;
}

/*
 * A transaction whose synchronisation failed is whole in SQLite's log for whoever reads that
 * after a crash.  Where the first entry stands all of its batch does.
 */
static enum err
find_written(struct batch *b, const struct spooled *batch, bool *written)
{
	struct entry_row row = { 0 };
	struct entry first = { 0 };
	bool found = false;
	size_t at = 0;
	enum err e;

	*written = false;
	if (!items_next(batch->items, &at, &first) || batch->seq >= b->tree.size)
		return ERR_OK;
	e = entry_seek(b->store, batch->seq, batch->seq + 1);
	if (e == ERR_OK)
		e = entry_next(b->store, &row, &found);
	*written = e == ERR_OK && found && slice_eq(row.line, first.line);
	entry_end(b->store);
	return e;
}

static enum err
put_file(struct batch *b, struct slice file, size_t at)
{
	char value[NAME_BYTES + sizeof(uint64_t)];
	uint64_t end = file.len;
	struct spooled batch;
	bool written;
	enum err e = ERR_OK;

	while (e == ERR_OK && next_batch(file, &at, &b->digester, &batch)) {
		e = find_written(b, &batch, &written);
		if (e == ERR_OK && !written)
			e = batch_put_all(b, batch.items);
	}
	memcpy(value, file.ptr, NAME_BYTES);
	memcpy(value + NAME_BYTES, &end, sizeof end);
	return e != ERR_OK ? e :
	    store_value_put(b->store, VALUE_NAME, slice_of(value, sizeof value));
}

static enum err
drain(struct batch *b, struct slice file)
{
	size_t at;
	enum err e = find_drained(b, file, &at);

	if (e != ERR_OK || at == file.len)
		return e;
	if ((e = batch_begin(b)) != ERR_OK)
		return e;
	e = put_file(b, file, at);
	if (e == ERR_OK)
		e = batch_commit(b);
	if (e != ERR_OK)
		batch_rollback(b);
	return e;
}

enum err
spool_drain(struct spool *s, struct batch *b)
{
	ssize_t len;
	char *file;
	enum err e;

	if (!s->waits)
		return ERR_OK;
	if ((file = read_all(s, &len)) == NULL)
		return len == -ENOMEM ? ERR_MEMORY : ERR_IO;
	e = (size_t)len < s->bytes ? ERR_IO : drain(b, slice_of(file, s->bytes));
	free(file);
	if (e == ERR_OK && begin_anew(s) < 0)
		return ERR_IO;
	return e;
}
