/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/spool.h"

#include <fcntl.h>
#include <string.h>

#include "check.h"
#include "run/kernel.h"
#include "store/entry.h"

static char folder[] = "/tmp/trivium-spool-XXXXXX";
static char room[512];

static struct slice
numbered(unsigned n)
{
	static char line[32];

	return slice_of(line, (size_t)snprintf(line, sizeof line, "{\"n\":%u}", n));
}

/* Items from n on. */
static struct items
some(unsigned from, unsigned count)
{
	struct items items = { 0 };

	for (unsigned i = 0; i < count; i++)
		must(items_add(&items, &(struct entry){ .line = numbered(from + i) }) == ERR_OK);
	return items;
}

static void
put(struct spool *s, struct batch *b, unsigned from, unsigned count, const char *why)
{
	struct items items = some(from, count);

	check(spool_put(s, b, slice_of(items.ptr, items.len)) == ERR_OK, "%s", why);
	items_release(&items);
}

static void
open_all(struct spool *s, struct batch *b, struct store **store)
{
	struct text why;

	text_init(&why, room, sizeof room);
	must(store_open(store, folder, STORE_WRITE, &why) == ERR_OK);
	must(batch_open(b, *store, &why) == ERR_OK);
	must(spool_open(s, &b->digester, folder, &why) == ERR_OK);
}

static void
close_all(struct spool *s, struct batch *b, struct store *store)
{
	spool_close(s);
	batch_close(b);
	store_close(store);
}

/* Is the ledger n entries numbered from 0? */
static bool
holds(struct store *s, unsigned n)
{
	struct entry_row row;
	bool found = true, right = true;
	unsigned i = 0;

	must(entry_seek(s, 0, UINT64_MAX) == ERR_OK);
	while (entry_next(s, &row, &found) == ERR_OK && found)
		right = right && slice_eq(row.line, numbered(i)) && row.seq == i, i++;
	return right && i == n;
}

static int
spool_file(int flags)
{
	char path[128];

	(void)snprintf(path, sizeof path, "%s/spool", folder);
	return open(path, flags);
}

static void
test_once(void)
{
	struct store *store;
	struct batch b;
	struct spool s;

	open_all(&s, &b, &store);
	check(!s.waits, "a new spool is empty");
	put(&s, &b, 0, 3, "three entries wait");
	put(&s, &b, 3, 2, "and two more");
	close_all(&s, &b, store);
	open_all(&s, &b, &store);
	check(s.waits, "the next process finds them");
	check(spool_drain(&s, &b) == ERR_OK && holds(store, 5), "and enters them in order");
	check(!s.waits && spool_drain(&s, &b) == ERR_OK && holds(store, 5), "once");
	close_all(&s, &b, store);
}

/* A process that dies between the commit and the emptying leaves the file as it was. */
static void
test_died_between(void)
{
	struct store *store;
	struct batch b;
	struct spool s;
	char before[4096];
	ssize_t len;
	int fd;

	open_all(&s, &b, &store);
	put(&s, &b, 5, 2, "two wait");
	fd = spool_file(O_RDONLY);
	len = read(fd, before, sizeof before);
	close(fd);
	check(spool_drain(&s, &b) == ERR_OK && holds(store, 7), "they are entered");
	close_all(&s, &b, store);
	fd = spool_file(O_WRONLY | O_TRUNC);
	must(write(fd, before, (size_t)len) == len);
	close(fd);
	open_all(&s, &b, &store);
	check(s.waits && spool_drain(&s, &b) == ERR_OK && holds(store, 7),
	    "the same file again enters nothing");
	close_all(&s, &b, store);
}

/* Every length to which a crash can cut the file. */
static void
test_cut(void)
{
	struct store *store;
	struct batch b;
	struct spool s;
	size_t whole, first;
	char all[4096];
	int fd;
	bool right = true;

	open_all(&s, &b, &store);
	put(&s, &b, 7, 1, "one waits");
	first = s.bytes;
	put(&s, &b, 8, 1, "and another");
	whole = s.bytes;
	close_all(&s, &b, store);
	fd = spool_file(O_RDONLY);
	must(read(fd, all, sizeof all) == (ssize_t)whole);
	close(fd);
	for (size_t cut = whole; cut-- > 0; ) {
		fd = spool_file(O_WRONLY | O_TRUNC);
		must(write(fd, all, cut) == (ssize_t)cut);
		close(fd);
		open_all(&s, &b, &store);
		right = right && s.waits == (cut >= first) &&
		    s.bytes == (cut >= first ? first : 16);
		close_all(&s, &b, store);
	}
	check(right, "a half written batch ends the file, whole ones before it stay");
}

static void
test_flipped(void)
{
	struct store *store;
	struct batch b;
	struct spool s;
	char byte;
	int fd;

	open_all(&s, &b, &store);
	must(spool_drain(&s, &b) == ERR_OK);
	put(&s, &b, 7, 1, "one waits");
	close_all(&s, &b, store);
	fd = spool_file(O_RDWR);
	must(lseek(fd, -1, SEEK_END) > 0 && read(fd, &byte, 1) == 1);
	byte ^= 1;
	must(lseek(fd, -1, SEEK_END) > 0 && write(fd, &byte, 1) == 1);
	close(fd);
	open_all(&s, &b, &store);
	check(!s.waits, "what is not what was written is not entered");
	close_all(&s, &b, store);
}

/* A commit that failed was written all the same, as whoever comes after a crash finds. */
static void
test_written(void)
{
	struct store *store;
	struct items items = some(7, 3);
	struct batch b;
	struct spool s;

	open_all(&s, &b, &store);
	must(spool_drain(&s, &b) == ERR_OK && holds(store, 7));
	put(&s, &b, 7, 3, "three wait that could not be written");
	put(&s, &b, 10, 1, "and one more, which was not tried");
	must(batch_begin(&b) == ERR_OK &&
	    batch_put_all(&b, slice_of(items.ptr, items.len)) == ERR_OK &&
	    batch_commit(&b) == ERR_OK);
	close_all(&s, &b, store);
	open_all(&s, &b, &store);
	check(s.waits && spool_drain(&s, &b) == ERR_OK && holds(store, 11),
	    "what is there already is not entered again, and what is not is");
	close_all(&s, &b, store);
	items_release(&items);
}

/* Half a batch could not be cut off: nothing is put behind it, where nobody would read it. */
static void
test_torn(void)
{
	struct store *store;
	struct items items = some(12, 1);
	struct slice all = slice_of(items.ptr, items.len);
	struct batch b;
	struct spool s;
	int file, broken;

	open_all(&s, &b, &store);
	put(&s, &b, 11, 1, "one waits");
	must(kernel_file_write(s.fd, S("half")) == 4);
	s.torn = true;
	file = s.fd;
	s.fd = broken = open("/dev/full", O_WRONLY);
	check(spool_put(&s, &b, all) == ERR_IO && s.torn, "behind half a batch nothing is put");
	s.fd = file;
	close(broken);
	check(spool_put(&s, &b, all) == ERR_OK && !s.torn, "once it can be cut, it is");
	check(spool_drain(&s, &b) == ERR_OK && holds(store, 13), "and all is entered");
	close_all(&s, &b, store);
	items_release(&items);
}

int
main(void)
{
	check_or_stop(mkdtemp(folder) != NULL, "a folder");
	test_once();
	test_died_between();
	test_cut();
	test_flipped();
	test_written();
	test_torn();
	return check_done();
}
