/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/file.h"

#include <errno.h>

struct file *
file_of(struct world *w, const char *path)
{
	struct file *f = w->files;
	char *own;

	while (f != NULL && strcmp(f->path, path) != 0)
		f = f->next;
	if (f != NULL)
		return f;
	f = world_alloc(w, sizeof *f);
	own = world_alloc(w, strlen(path) + 1);
	memcpy(own, path, strlen(path));
	f->path = own;
	f->next = w->files;
	w->files = f;
	return f;
}

ssize_t
file_append(struct world *w, struct file *f, struct slice bytes)
{
	size_t len = bytes.len;

	if (w->fail_file_at > 0 && --w->fail_file_at == 0) {
		f->failed++;
		return -ENOSPC;
	}
	if (dice_permille(&w->dice, w->weather.file_fails)) {
		f->failed++;
		return -ENOSPC;
	}
	if (len > 1 && dice_permille(&w->dice, w->weather.file_short)) {
		f->shortened++;
		len = (size_t)dice_between(&w->dice, 1, len - 1);
	}
	f->bytes = world_grow(f->bytes, &f->room, f->len + len + 1, 1);
	memcpy(f->bytes + f->len, bytes.ptr, len);
	f->len += len;
	return (ssize_t)len;
}

bool
file_sync(struct world *w, struct file *f)
{
	if (dice_permille(&w->dice, w->weather.sync_fails)) {
		f->unsynced++;
		return false;
	}
	f->synced = world_grow(f->synced, &f->synced_room, f->syncs + 1, sizeof *f->synced);
	f->synced[f->syncs++] = (struct synced){ f->len, w->calls };
	return true;
}

uint64_t
file_durable(const struct file *f, size_t offset)
{
	for (size_t i = 0; i < f->syncs; i++)
		if (f->synced[i].upto > offset)
			return f->synced[i].call;
	return UINT64_MAX;
}

void
file_free_all(struct world *w)
{
	for (struct file *f = w->files; f != NULL; f = f->next) {
		world_free(f->bytes);
		world_free(f->synced);
	}
}

struct name *
name_new(struct world *w, const char *host)
{
	struct name *n = world_alloc(w, sizeof *n);

	n->host = host;
	n->next = w->names;
	w->names = n;
	return n;
}

int
name_resolve(struct world *w, const char *host, uint16_t port, struct address *out, int max)
{
	struct name *n = w->names;
	int row, count;

	while (n != NULL && strcmp(n->host, host) != 0)
		n = n->next;
	if (n == NULL || n->rows == 0)
		return -ENOENT;
	row = (int)(n->asked++ % (uint64_t)n->rows);
	if (n->row[row].error != 0)
		return n->row[row].error;
	count = n->row[row].count < max ? n->row[row].count : max;
	for (int i = 0; i < count; i++) {
		out[i] = n->row[row].address[i];
		out[i].port = port;
	}
	return count > 0 ? count : -ENOENT;
}
