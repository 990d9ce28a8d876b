/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The contract of a store, for every backend that there is: the tests take a
 * way to open one, and know nothing else of it.
 */
#include "store/store.h"

#include <string.h>

#include "blocks.h"
#include "check.h"
#include "sim/vfs.h"
#include "store/account.h"
#include "store/entry.h"
#include "store/payload.h"
#include "store/rollup.h"

static char folder[] = "/tmp/trivium-store-XXXXXX";

struct backend {
	const char	*why;
	bool		 keeps;		/* what is committed outlives it */
	bool		 simulated;	/* on a disk of the simulator's */
};

static const struct backend backends[] = {
	{ "memory", false, false },
	{ "sqlite", true, false },
	{ "sqlite on a simulated disk", true, true },
};

static struct store *
open_store(const struct backend *b)
{
	struct store *s = NULL;
	char room[512];
	struct text why;

	text_init(&why, room, sizeof room);
	if (store_open(&s, b->keeps ? folder : NULL, STORE_WRITE, &why) != ERR_OK) {
		check_show("why", text_slice(&why));
		check_or_stop(false, "%s: opens", b->why);
	}
	return s;
}

static uint64_t
count_entries(struct store *s, uint64_t from, uint64_t to)
{
	struct entry_row row;
	bool found = true;
	uint64_t count = 0;

	must(entry_seek(s, from, to) == ERR_OK);
	while (entry_next(s, &row, &found) == ERR_OK && found)
		count++;
	return count;
}

/* What the leaf is does not matter to a store. */
static enum err
put(struct store *s, uint64_t seq, struct slice line)
{
	struct entry_row row = { seq, S("leaf"), line };

	return entry_put(s, &row);
}

static void
test_values(const struct backend *b, struct store *s)
{
	struct slice out = S("untouched");

	check(store_value_get(s, S("no"), &out) == ERR_OK && out.ptr == NULL,
	    "%s: a value that is not there is absent", b->why);
	check(store_value_put(s, S("a"), S("one")) == ERR_OK, "%s: a value is put", b->why);
	check(store_value_put(s, S("a"), S("two\0three")) == ERR_OK, "%s: and put again", b->why);
	check(store_value_get(s, S("a"), &out) == ERR_OK, "%s: it is got", b->why);
	check_slice(out, S("two\0three"), "%s: as it was put last", b->why);
	check(store_value_put(s, S("empty"), S("")) == ERR_OK &&
	    store_value_get(s, S("empty"), &out) == ERR_OK && out.ptr != NULL && out.len == 0,
	    "%s: an empty value is there", b->why);
}

static void
test_transactions(const struct backend *b, struct store *s)
{
	struct slice out;

	check(store_begin(s) == ERR_OK && put(s, 0, S("{}")) == ERR_OK &&
	    store_value_put(s, S("t"), S("1")) == ERR_OK, "%s: a transaction", b->why);
	store_rollback(s);
	check_int((int64_t)count_entries(s, 0, 10), 0, "%s: undone, it was never", b->why);
	check(store_value_get(s, S("t"), &out) == ERR_OK && out.ptr == NULL,
	    "%s: all of it", b->why);
	check(store_begin(s) == ERR_OK && put(s, 0, S("{}")) == ERR_OK &&
	    put(s, 1, S("{\"a\":1}")) == ERR_OK && store_commit(s) == ERR_OK,
	    "%s: another is committed", b->why);
	check_int((int64_t)count_entries(s, 0, 10), 2, "%s: and is there", b->why);
	check(store_begin(s) == ERR_OK, "%s: a third", b->why);
	check(put(s, 1, S("{}")) == ERR_IO, "%s: an entry is never written over", b->why);
	store_rollback(s);
	check_int((int64_t)count_entries(s, 1, 10), 1, "%s: it is what it was", b->why);
}

static void
test_rows(const struct backend *b, struct store *s)
{
	struct entry_head head = { 0 };
	struct slice hash;
	bool found;

	check(entry_node_get(s, 8, 0, &hash) == ERR_OK && hash.ptr == NULL,
	    "%s: there is no node", b->why);
	check(entry_node_put(s, 8, 3, S("hash")) == ERR_OK &&
	    entry_node_get(s, 8, 3, &hash) == ERR_OK, "%s: a node", b->why);
	check_slice(hash, S("hash"), "%s: comes back", b->why);
	check(entry_head_last(s, &head, &found) == ERR_OK && !found, "%s: no head", b->why);
	check(entry_head_put(s, &(struct entry_head){ 9, 77, S("nine") }) == ERR_OK &&
	    entry_head_put(s, &(struct entry_head){ 5, 66, S("five") }) == ERR_OK &&
	    entry_head_last(s, &head, &found) == ERR_OK && found, "%s: two heads", b->why);
	check(head.size == 9 && head.wall == 77, "%s: the last is of the largest tree", b->why);
	check_slice(head.note, S("nine"), "%s: with its note", b->why);
	check(entry_head_seek(s, 6) == ERR_OK && entry_head_next(s, &head, &found) == ERR_OK &&
	    found && head.size == 9 && entry_head_next(s, &head, &found) == ERR_OK && !found,
	    "%s: heads of a size and more", b->why);
}

static void
test_open(const struct backend *b, struct store *s)
{
	struct entry_row row;
	bool found;

	check(entry_open_first(s, &row, &found) == ERR_OK && !found, "%s: nothing is open", b->why);
	check(entry_open_put(s, S("B"), 1) == ERR_OK && entry_open_put(s, S("A"), 0) == ERR_OK &&
	    entry_open_first(s, &row, &found) == ERR_OK && found && row.seq == 0,
	    "%s: the oldest of what is open", b->why);
	check_slice(row.line, S("{}"), "%s: with its entry", b->why);
	check(entry_open_close(s, S("A")) == ERR_OK && entry_open_close(s, S("B")) == ERR_OK &&
	    entry_open_close(s, S("B")) == ERR_OK && entry_open_first(s, &row, &found) == ERR_OK &&
	    !found, "%s: closed, once is enough", b->why);
}

/* A line goes and its leaf stays; what comes next is where it was. */
static void
test_pruning(const struct backend *b, struct store *s)
{
	struct entry_row row = { 0 };
	struct entry_hash hash = { 0 };
	uint64_t last = 99;
	bool found = true;

	check(entry_last(s, &last, &found) == ERR_OK && found && last == 1,
	    "%s: the last entry is known", b->why);
	check(entry_prune(s, 0, 1) == ERR_OK, "%s: a line is pruned", b->why);
	check(entry_seek(s, 0, 2) == ERR_OK && entry_next(s, &row, &found) == ERR_OK && found &&
	    row.line.ptr == NULL, "%s: it is absent", b->why);
	check_slice(row.leaf, S("leaf"), "%s: its leaf is not", b->why);
	check(entry_next(s, &row, &found) == ERR_OK && found && row.line.len > 0,
	    "%s: nor is the next line", b->why);
	entry_end(s);
	check(entry_hash_seek(s, 0, 1, 5) == ERR_OK &&
	    entry_hash_next(s, 0, &hash, &found) == ERR_OK && found && hash.index == 1 &&
	    entry_hash_next(s, 0, &hash, &found) == ERR_OK && !found,
	    "%s: leaves are the hashes of level 0", b->why);
	check(entry_node_put(s, 8, 40, S("n40")) == ERR_OK &&
	    entry_node_put(s, 16, 40, S("other")) == ERR_OK &&
	    entry_hash_seek(s, 8, 40, 99) == ERR_OK &&
	    entry_hash_next(s, 8, &hash, &found) == ERR_OK && found && hash.index == 40,
	    "%s: nodes are those of theirs", b->why);
	check_slice(hash.hash, S("n40"), "%s: each with its own", b->why);
	entry_hash_end(s, 8);
}

static void
change_account(const struct backend *b, struct store *s, struct account_row row, int64_t dec,
    int64_t other)
{
	bool found = true;

	row.ceiling = 4;
	row.told = 80;
	check(account_raise(s, &row) == ERR_OK && account_open(s, 0, &row, &found) == ERR_OK &&
	    !found, "%s: when the ceiling is that, there is none", b->why);
	check(account_next(s, 0, &row, &found) == ERR_OK && found && row.told == 80 &&
	    row.ceiling == 4, "%s: what was put is there", b->why);
	check(account_prune(s, 960) == ERR_OK && account_next(s, 0, &row, &found) == ERR_OK &&
	    found && row.id == dec && account_next(s, dec, &row, &found) == ERR_OK && found &&
	    row.id == other, "%s: an old period is forgotten, the latest is not", b->why);
}

static void
test_accounts(const struct backend *b, struct store *s)
{
	struct account_row nov = { .name = S("t"), .began = 100, .ends = 200, .ceiling = 7 };
	struct account_row dec = { .name = S("t"), .began = 200, .ends = 300 };
	struct account_row other = { .name = S("u"), .began = 900, .ends = 950 }, row = { 0 };
	bool found = true;

	check(account_last(s, S("t"), &row, &found) == ERR_OK && !found, "%s: no account", b->why);
	check(account_add(s, &nov) == ERR_OK && account_add(s, &dec) == ERR_OK &&
	    account_add(s, &other) == ERR_OK, "%s: three periods", b->why);
	check(nov.id > 0 && dec.id > nov.id, "%s: have ids that grow", b->why);
	check(account_last(s, S("t"), &row, &found) == ERR_OK && found && row.id == dec.id,
	    "%s: the latest of an account", b->why);
	check_slice(row.name, S("t"), "%s: has its name", b->why);
	check(account_charge(s, nov.id, 5) == ERR_OK && account_charge(s, nov.id, -1) == ERR_OK &&
	    account_open(s, 0, &row, &found) == ERR_OK && found && row.id == nov.id,
	    "%s: one has a ceiling above what was spent", b->why);
	check_int(row.spent, 4, "%s: which is the sum of charges", b->why);
	row.name = slice_of(NULL, 0);
	change_account(b, s, row, dec.id, other.id);
}
static void
keep(struct store *s, struct slice master, const char *id, const char *tenant, nanos expires)
{
	struct payload p = {
		.id = slice_of(id, strlen(id)), .tenant = slice_of(tenant, strlen(tenant)),
		.text = S("{\"request\":{}}"), .wall = 1, .expires_wall = expires,
	};

	must(payload_put(s, master, &p) == ERR_OK);
}

static bool
has(struct store *s, struct slice master, const char *id, struct arena *a)
{
	struct payload p = { 0 };
	enum err e = payload_get(s, master, slice_of(id, strlen(id)), a, &p);

	return e == ERR_OK && p.text.ptr != NULL && slice_eq(p.text, S("{\"request\":{}}"));
}

static void
test_payloads(const struct backend *b, struct store *s)
{
	struct slice master = S("0123456789abcdef0123456789abcdef");
	struct slice other = S("0123456789abcdef0123456789abcdeF");
	struct blocks blocks = BLOCKS;
	struct payload p = { 0 };
	uint64_t count = 0;
	struct arena a;

	arena_init(&a, &blocks.memory, 1 << 20);
	keep(s, master, "one", "acme", 100);
	keep(s, master, "two", "acme", 50);
	keep(s, master, "three", "corp", 100);
	check(has(s, master, "one", &a) && has(s, master, "three", &a),
	    "%s: content is kept", b->why);
	check(!has(s, master, "four", &a), "%s: what was not put is not there", b->why);
	check(payload_get(s, other, S("one"), &a, &p) == ERR_VAULT_BROKEN,
	    "%s: another master key opens nothing", b->why);
	check(payload_sweep(s, 60) == ERR_OK && !has(s, master, "two", &a) &&
	    has(s, master, "one", &a), "%s: what is over goes", b->why);
	check(payload_shred(s, S("acme"), &count) == ERR_OK && count == 1 &&
	    !has(s, master, "one", &a) && has(s, master, "three", &a),
	    "%s: a tenant's is shredded, and nobody else's", b->why);
	keep(s, master, "five", "acme", 100);
	check(has(s, master, "five", &a), "%s: and begins anew under another key", b->why);
	arena_release(&a);
}

#define AT(day, hour)	(INT64_C(1767225600) + (day) * 86400 + (hour) * 3600)	/* of 2026 */

/* A request of an hour, as a writer adds it: to each span that it is in. */
static enum err
add_request(struct store *s, int64_t at, const char *tenant, const char *model)
{
	struct rollup r = { .figure = { [FIGURE_requests] = 1, [FIGURE_spend] = 1000 } };
	enum err e = ERR_OK;

	r.name[ROLLUP_TENANT] = slice_of(tenant, strlen(tenant));
	r.name[ROLLUP_MODEL] = slice_of(model, strlen(model));
	for (r.span = ROLLUP_HOUR; r.span < ROLLUP_SPANS && e == ERR_OK; r.span++) {
		r.at = rollup_begin(r.span, at);
		e = rollup_add(s, &r);
	}
	return e;
}

static int64_t
count_requests(struct store *s, const struct rollup_query *query, int64_t *rows)
{
	struct rollup r;
	bool found = true;
	int64_t sum = 0;

	*rows = 0;
	must(rollup_seek(s, query) == ERR_OK);
	while (rollup_next(s, &r, &found) == ERR_OK && found) {
		sum += r.figure[FIGURE_requests];
		++*rows;
	}
	rollup_end(s);
	return sum;
}

static const struct {
	const char		*why;
	struct rollup_query	 query;
	int64_t			 rows, requests;
} questions[] = {
	{ "all of it", { .from = 0, .to = AT(400, 0) }, 1, 2 * 365 * 24 },
	{ "the year", { .from = AT(0, 0), .to = AT(365, 0) }, 1, 2 * 365 * 24 },
	{ "an hour", { .from = AT(40, 7), .to = AT(40, 8) }, 1, 2 },
	{ "an hour that has begun", { .from = AT(40, 7) + 1800, .to = AT(40, 7) + 1801 }, 1, 2 },
	{ "no time at all", { .from = AT(40, 7), .to = AT(40, 7) }, 0, 0 },
	{ "a day", { .from = AT(40, 0), .to = AT(41, 0) }, 1, 48 },
	{ "hours before and behind days", { .from = AT(40, 23), .to = AT(42, 1) }, 1, 2 * 26 },
	{ "days and hours before and behind months", { .from = AT(29, 23), .to = AT(60, 1) }, 1,
	    2 * (1 + 30 * 24 + 1) },
	{ "a month", { .from = AT(31, 0), .to = AT(59, 0) }, 1, 2 * 28 * 24 },
	{ "by tenant", { .from = AT(0, 0), .to = AT(365, 0), .by = { [ROLLUP_TENANT] = true } }, 2,
	    2 * 365 * 24 },
	{ "of one tenant", { .from = AT(0, 0), .to = AT(365, 0), .only = { [ROLLUP_TENANT] =
	    { "a", 1 } } }, 1, 365 * 24 },
	{ "of nobody", { .from = AT(0, 0), .to = AT(365, 0), .only = { [ROLLUP_TENANT] =
	    { "c", 1 } } }, 0, 0 },
	{ "by hour", { .from = AT(29, 0), .to = AT(61, 0), .by_hour = true }, 32 * 24, 2 * 32 * 24 },
	{ "by day", { .from = AT(29, 1), .to = AT(61, 0), .by_day = true }, 32, 2 * (32 * 24 - 1) },
	{ "by month", { .from = AT(29, 1), .to = AT(61, 0), .by_month = true }, 3,
	    2 * (32 * 24 - 1) },
	{ "a year by month", { .from = AT(0, 0), .to = AT(365, 0), .by_month = true }, 12,
	    2 * 365 * 24 },
	{ "a year in which nothing was", { .from = AT(400, 0), .to = AT(765, 0) }, 0, 0 },
	{ "before anything was", { .from = 0, .to = AT(0, 0) }, 0, 0 },
};

static void
test_rollups(const struct backend *b, struct store *s)
{
	enum err e = store_begin(s);
	int64_t rows, requests;

	for (int hour = 0; hour < 365 * 24 && e == ERR_OK; hour++) {
		e = add_request(s, AT(0, hour), "a", "m");
		e = e == ERR_OK ? add_request(s, AT(0, hour), "b", "m") : e;
	}
	check(e == ERR_OK && store_commit(s) == ERR_OK, "%s: a year of rollups", b->why);
	for (size_t i = 0; i < COUNT_OF(questions); i++) {
		requests = count_requests(s, &questions[i].query, &rows);
		check_int(requests, questions[i].requests, "%s: rollups: %s", b->why,
		    questions[i].why);
		check_int(rows, questions[i].rows, "%s:   its rows: %s", b->why, questions[i].why);
	}
}

static void
test_months(void)
{
	int64_t begin = 0;
	unsigned wrong = 0, months = 0;

	for (int64_t day = 0; day < 200 * 366; day++) {
		int64_t now = rollup_begin(ROLLUP_MONTH, day * 86400 + 5);

		months += now != begin;
		wrong += now != begin && now != day * 86400;
		begin = now;
	}
	check_int(wrong, 0, "a month begins on a day of its own");
	check_int(months, 200 * 12 + 4, "and there are twelve in a year");
	check_int(rollup_begin(ROLLUP_MONTH, AT(59, 0) - 1), AT(31, 0), "February 2026");
}

/* A second store reads what is committed, while the first writes. */
static void
test_reader(struct store *s)
{
	struct store *reader = NULL;
	char room[512];
	struct text why;

	text_init(&why, room, sizeof room);
	check(store_open(&reader, folder, STORE_READ, &why) == ERR_OK, "a reader opens");
	check(store_begin(s) == ERR_OK && put(s, 2, S("{}")) == ERR_OK, "one writes");
	check_int((int64_t)count_entries(reader, 0, 10), 2, "the other sees what was committed");
	check(store_commit(s) == ERR_OK, "it is committed");
	check_int((int64_t)count_entries(reader, 0, 10), 3, "and then seen");
	check(put(reader, 3, S("{}")) == ERR_IO, "who reads does not write");
	store_close(reader);
}

static void
test_again(const struct backend *b)
{
	struct store *s = open_store(b);
	struct slice out;

	check_int((int64_t)count_entries(s, 0, 10), 3, "entries are there when it is opened again");
	check(store_value_get(s, S("a"), &out) == ERR_OK, "values are");
	check_slice(out, S("two\0three"), "as they were");
	store_close(s);
}

static void
put_file(const char *name, const char *bytes, size_t len)
{
	char path[128];
	FILE *f;

	(void)snprintf(path, sizeof path, "%s/%s", folder, name);
	f = fopen(path, "wb");
	must(f != NULL && fwrite(bytes, 1, len, f) == len && fclose(f) == 0);
}

static void
test_backend(const struct backend *b)
{
	struct store *s = open_store(b);

	test_values(b, s);
	test_transactions(b, s);
	test_rows(b, s);
	test_open(b, s);
	test_payloads(b, s);
	test_pruning(b, s);
	test_accounts(b, s);
	test_rollups(b, s);
	if (b->keeps)
		test_reader(s);
	store_close(s);
	if (b->keeps)
		test_again(b);
}

static void
test_broken(void)
{
	struct store *s = NULL;
	char room[512];
	struct text why;

	text_init(&why, room, sizeof room);
	put_file(STORE_FILE "-wal", "", 0);
	put_file(STORE_FILE, "this is no database, but long enough to be taken for one, or not: "
	    "one hundred bytes are its head, and they say SQLite", 118);
	check(store_open(&s, folder, STORE_WRITE, &why) == ERR_STORE_BROKEN, "noise is no store");
	check(slice_find(text_slice(&why), S("damaged")) < why.len, "and it is said");
	text_init(&why, room, sizeof room);
	check(store_open(&s, "/nonexistent/folder", STORE_WRITE, &why) == ERR_IO,
	    "nor is a folder that is not there");
}

int
main(void)
{
	struct disk disk;

	check_or_stop(mkdtemp(folder) != NULL, "a folder");
	disk_init(&disk, 1);
	for (size_t i = 0; i < COUNT_OF(backends); i++) {
		if (backends[i].simulated)
			(void)vfs_install(&disk);
		test_backend(&backends[i]);
		if (backends[i].simulated)
			vfs_remove();
	}
	disk_release(&disk);
	test_broken();
	test_months();
	return check_done();
}
