/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/disk.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "random.h"
#include "sim/vfs.h"
#include "store/entry.h"
#include "store/store.h"

/*
 * The law of a store on a disk that loses, tears, fills up and fails: whenever the
 * power goes, what is found when it comes back opens, has every transaction whose
 * commit said so, whole and as it was, and of the one that was under way all or
 * nothing.  A commit that failed may be found or not; nothing else is.
 */

#define SEEDS		300
#define ROUNDS		24
#define ENTRIES_MAX	200
#define CRASHES		3
#define CALLS_MAX	1500		/* so late at most does the power go */

struct crash {
	char		folder[16];
	uint64_t	at;		/* the disk's call */
	bool		happened;
	unsigned	acked, tried;	/* entries, then */
	unsigned	how;
};

struct run {
	uint64_t	 seed;
	struct disk	 disk;
	struct dice	 dice;
	struct store	*store;
	struct crash	 crash[CRASHES];
	unsigned	 acked;		/* entries whose commit said so */
	unsigned	 tried;		/* entries that a commit was asked for, above them too */
	unsigned	 attempt;
	unsigned	 written[ENTRIES_MAX];	/* the attempt that each was acknowledged with */
	unsigned	 broken, failed;
};

static void
complain(struct run *r, const struct crash *c, const char *what)
{
	if (r->broken++ == 0)
		printf("# seed %llu, crash at call %llu (%u acknowledged, %u tried, fate %u): %s\n",
		    (unsigned long long)r->seed, (unsigned long long)c->at, c->acked, c->tried,
		    c->how, what);
}

static void
watch(struct disk *d, enum disk_call call, const struct disk_file *f, size_t at, size_t bytes)
{
	struct run *r = d->owner;

	(void)call;
	(void)f;
	(void)at;
	(void)bytes;
	for (int i = 0; i < CRASHES; i++) {
		struct crash *c = &r->crash[i];

		if (d->calls != c->at)
			continue;
		c->happened = true;
		c->acked = r->acked;
		c->tried = r->tried;
		disk_crash(d, "data", c->folder, (enum disk_fate)c->how, &r->dice);
	}
}

static void
begin(struct run *r, uint64_t seed)
{
	*r = (struct run){ .seed = seed, .dice = dice_of(seed, "law") };
	disk_init(&r->disk, seed);
	(void)vfs_install(&r->disk);
	r->disk.watch = watch;
	r->disk.owner = r;
	for (unsigned i = 0; i < CRASHES; i++) {
		struct crash *c = &r->crash[i];

		(void)snprintf(c->folder, sizeof c->folder, "crash%u", i);
		c->at = dice_wide(&r->dice, 1, CALLS_MAX);
		c->how = (unsigned)dice_below(&r->dice, DISK_FATES);
	}
}

/* After it is open: it may not fail before. */
static void
trouble(struct run *r)
{
	struct disk *d = &r->disk;

	if (r->seed % 4 == 0)
		return;
	if (dice_percent(&r->dice, 40)) {
		d->span_from = d->calls + dice_wide(&r->dice, 1, 500);
		d->span_to = d->span_from + dice_wide(&r->dice, 1, 100);
		d->span_error = dice_percent(&r->dice, 50) ? -EIO : -ENOSPC;
	}
	if (dice_percent(&r->dice, 30))
		d->room = d->used + dice_wide(&r->dice, 1, 2000000);
	if (dice_percent(&r->dice, 30))
		d->fails = (unsigned)dice_wide(&r->dice, 1, 50);
	if (dice_percent(&r->dice, 40))
		d->syncs_fail = (unsigned)dice_between(&r->dice, 50, 400);
}

static struct store *
open_store(const char *folder)
{
	struct store *s = NULL;
	char room[512];
	struct text why;

	text_init(&why, room, sizeof room);
	return store_open(&s, folder, STORE_WRITE, &why) == ERR_OK ? s : NULL;
}

static struct slice
line_of(char room[64], unsigned seq, unsigned attempt)
{
	int n = snprintf(room, 64, "{\"seq\":%u,\"attempt\":%u}", seq, attempt);

	return slice_of(room, (size_t)n);
}

static struct slice
number_of(char room[16], unsigned n)
{
	return slice_of(room, (size_t)snprintf(room, 16, "%u", n));
}

static enum err
put(struct run *r, unsigned seq)
{
	char room[64], count[16];
	struct entry_row row = { seq, S("leaf"), line_of(room, seq, r->attempt) };
	enum err e = entry_put(r->store, &row);

	return e != ERR_OK ? e :
	    store_value_put(r->store, S("count"), number_of(count, seq + 1));
}

/* One transaction of some entries, and the number that there are then. */
static void
write_some(struct run *r)
{
	unsigned until = r->acked + (unsigned)dice_between(&r->dice, 1, 8);
	enum err e = store_begin(r->store);

	r->attempt++;
	r->tried = until > r->tried ? until : r->tried;
	for (unsigned seq = r->acked; seq < until && e == ERR_OK; seq++)
		e = put(r, seq);
	if (e == ERR_OK)
		e = store_commit(r->store);
	if (e != ERR_OK) {
		store_rollback(r->store);
		r->failed++;
		return;
	}
	for (; r->acked < until; r->acked++)
		r->written[r->acked] = r->attempt;
	r->tried = until;
}

static bool
is_right(const struct run *r, const struct crash *c, const struct entry_row *row, unsigned seq)
{
	unsigned was = 0, attempt = 0;
	char room[64], line[64] = "";

	if (row->seq != seq || row->line.len >= sizeof line)
		return false;
	memcpy(line, row->line.ptr, row->line.len);
	if (sscanf(line, "{\"seq\":%u,\"attempt\":%u}", &was, &attempt) != 2)
		return false;
	return slice_eq(row->line, line_of(room, seq, attempt)) &&
	    (seq >= c->acked || attempt == r->written[seq]);
}

static void
check_crash(struct run *r, const struct crash *c)
{
	struct store *s = open_store(c->folder);
	struct slice count = { 0 };
	struct entry_row row;
	unsigned seq = 0;
	char room[16];
	bool found = true;

	if (s == NULL) {
		complain(r, c, "it does not open");
		return;
	}
	must(entry_seek(s, 0, ENTRIES_MAX) == ERR_OK);
	while (entry_next(s, &row, &found) == ERR_OK && found)
		if (!is_right(r, c, &row, seq++))
			complain(r, c, "an entry is not what was written");
	if (seq < c->acked)
		complain(r, c, "an entry is lost");
	if (seq > c->tried)
		complain(r, c, "an entry is there that nobody asked for");
	if (store_value_get(s, S("count"), &count) != ERR_OK)
		complain(r, c, "a value cannot be read");
	if (!slice_eq(count, number_of(room, seq)) && (seq > 0 || count.len > 0))
		complain(r, c, "half a transaction is there");
	store_close(s);
}

static void
live(struct run *r)
{
	r->store = open_store("data");
	must(r->store != NULL);
	trouble(r);
	for (int i = 0; i < ROUNDS; i++)
		write_some(r);
	store_close(r->store);
	r->disk.fails = r->disk.syncs_fail = 0;
	r->disk.room = r->disk.span_to = 0;
}

static void
end(struct run *r)
{
	vfs_remove();
	disk_release(&r->disk);
}

int
main(void)
{
	unsigned broken = 0, crashed = 0, failed = 0, entries = 0;
	uint64_t first, past;
	struct run r;

	random_seeds(SEEDS, &first, &past);
	for (uint64_t seed = first; seed < past; seed++) {
		begin(&r, seed);
		live(&r);
		for (int i = 0; i < CRASHES; i++)
			if (r.crash[i].happened) {
				crashed++;
				check_crash(&r, &r.crash[i]);
			}
		broken += r.broken;
		failed += r.failed;
		entries += r.acked;
		end(&r);
	}
	printf("# %u crashes, %u commits that failed, %u entries acknowledged\n", crashed, failed,
	    entries);
	check_int(broken, 0, "what was acknowledged is there, whole, wherever the power went");
	check(crashed > (past - first) * CRASHES / 4, "the power went often");
	check(past - first == 1 || failed > past - first, "commits failed often");
	return check_done();
}
