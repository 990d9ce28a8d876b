/* SPDX-License-Identifier: Apache-2.0 */
/*
 * That a commit's pages are written at once, and that whoever reads beside it finds
 * them; what is left of them by failures and crashes is the law of test/law/disk.c.
 */
#include "store/gather.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "check.h"
#include "core/limit.h"
#include "sim/vfs.h"
#include "store/entry.h"

#define ENTRIES	200
#define BYTES	1000

struct world {
	struct disk	 disk;
	unsigned	 writes, large;
};

static void
watch(struct disk *d, enum disk_call call, const struct disk_file *file, size_t at, size_t bytes)
{
	struct world *w = d->owner;

	(void)file;
	(void)at;
	w->writes += call == DISK_WRITE;
	w->large += call == DISK_WRITE && bytes > STORE_GATHER_BYTES;
}

static struct store *
open_store(const char *folder, enum store_mode mode)
{
	struct store *s = NULL;
	char room[512];
	struct text why;

	text_init(&why, room, sizeof room);
	check_or_stop(store_open(&s, folder, mode, &why) == ERR_OK, "a store opens");
	return s;
}

static enum err
commit(struct store *s, uint64_t from)
{
	char line[BYTES];
	enum err e = store_begin(s);

	memset(line, 'x', sizeof line);
	for (uint64_t i = from; i < from + ENTRIES && e == ERR_OK; i++)
		e = entry_put(s, &(struct entry_row){ i, S("leaf"), { line, sizeof line } });
	if (e == ERR_OK)
		e = store_commit(s);
	if (e != ERR_OK)
		store_rollback(s);
	return e;
}

static uint64_t
count(struct store *s)
{
	struct entry_row row;
	bool found = true;
	uint64_t n = 0;

	must(entry_seek(s, 0, UINT64_MAX) == ERR_OK);
	while (entry_next(s, &row, &found) == ERR_OK && found)
		n += row.line.len == BYTES;
	return n;
}

static void
test_simulated(void)
{
	static struct world w;
	struct store *s, *reader;
	struct gather none = { .under = NULL };

	disk_init(&w.disk, 1);
	(void)vfs_install(&w.disk);
	check(!gather_init(&none, "there is no such way"), "over nothing there is nothing");
	s = open_store("/sim", STORE_WRITE);
	w.disk.watch = watch;
	w.disk.owner = &w;
	check(commit(s, 0) == ERR_OK, "two hundred entries are committed");
	check(w.writes > 0 && w.writes <= 8, "in a few writes (%u), not one for each page",
	    w.writes);
	check_int(w.large, 0, "none of them larger than what is gathered");
	reader = open_store("/sim", STORE_READ);
	check_int((int64_t)count(reader), ENTRIES, "whoever reads finds them");
	w.disk.span_from = w.disk.calls;
	w.disk.span_to = UINT64_MAX;
	w.disk.span_error = -ENOSPC;
	check_int(commit(s, ENTRIES), ERR_IO, "a full disk is told by the commit");
	w.disk.span_to = 0;
	check_int((int64_t)count(reader), ENTRIES, "nothing of that is read");
	check_int((int64_t)count(s), ENTRIES, "nor by who wrote");
	check(commit(s, ENTRIES) == ERR_OK, "the next one is well");
	check_int((int64_t)count(reader), 2 * ENTRIES, "and read");
	store_close(reader);
	store_close(s);
	vfs_remove();
	disk_release(&w.disk);
}

/*
 * A reader that is slow keeps a checkpoint from being whole: what was written into the file is
 * then read there by others, though nobody synchronises it.
 */
static void
test_beside_a_slow_reader(void)
{
	static struct world w;
	struct store *s, *slow, *reader;
	uint64_t all = 0, logged = 0;
	struct entry_row row;
	bool found = false;

	disk_init(&w.disk, 1);
	(void)vfs_install(&w.disk);
	s = open_store("/sim", STORE_WRITE);
	for (; all < 4 * ENTRIES; all += ENTRIES)
		must(commit(s, all) == ERR_OK);
	slow = open_store("/sim", STORE_READ);
	must(entry_seek(slow, 0, UINT64_MAX) == ERR_OK);
	must(entry_next(slow, &row, &found) == ERR_OK && found);
	/* Until what lies in the log is more than it may be, and is put into the file. */
	for (; logged < 40000000; logged += ENTRIES * BYTES, all += ENTRIES)
		must(commit(s, all) == ERR_OK);
	reader = open_store("/sim", STORE_READ);
	check_int((int64_t)count(reader), (int64_t)all, "beside a slow reader a new one finds all");
	entry_end(slow);
	check_int((int64_t)count(slow), (int64_t)all, "and the slow one, when it looks again");
	store_close(slow);
	store_close(reader);
	store_close(s);
	vfs_remove();
	disk_release(&w.disk);
}

/* SQLite's own way to files has bounds that a simulated one has not. */
static void
test_real(void)
{
	static char folder[] = "/tmp/trivium-gather-XXXXXX";
	char path[128];
	struct stat st = { .st_size = 0 };
	struct store *s;

	check_or_stop(mkdtemp(folder) != NULL, "a folder");
	s = open_store(folder, STORE_WRITE);
	check(commit(s, 0) == ERR_OK && commit(s, ENTRIES) == ERR_OK, "entries are committed");
	store_close(s);
	(void)snprintf(path, sizeof path, "%s/" STORE_FILE, folder);
	check(stat(path, &st) == 0 && st.st_size > 2 * ENTRIES * BYTES,
	    "and with the close all of them are in the file");
	(void)snprintf(path, sizeof path, "%s/" STORE_FILE "-wal", folder);
	check(stat(path, &st) != 0, "for which there is no log any more");
	s = open_store(folder, STORE_WRITE);
	check_int((int64_t)count(s), 2 * ENTRIES, "where they are found");
	store_close(s);
}

int
main(void)
{
	test_simulated();
	test_beside_a_slow_reader();
	test_real();
	return check_done();
}
