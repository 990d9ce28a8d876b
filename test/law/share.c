/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/share.h"

#include "check.h"
#include "gate/request.h"
#include "gate/share.h"
#include "ledger/sums.h"
#include "random.h"
#include "run/heap.h"

/*
 * The law of shares, over random records: what the gate gives along with an
 * entry is what is read from the entry's line, member by member; and all of them
 * summed up either way are the same rows of the store.
 */

#define ROUNDS		20000
#define LINE_BYTES	65536

struct world {
	struct random	r;
	struct request	request;
	struct sums	given, read;
	unsigned	differ, unread, named, spent;
};

/* Names as callers and configurations have them, and worse: what is escaped, and nothing. */
static struct slice
any_name(struct random *r)
{
	static const struct slice name[] = {
		{ "", 0 }, { "a", 1 }, { "acme", 4 }, { "b\"c", 3 }, { "d\\e", 3 }, { "f\ng", 3 },
		{ "\x01", 1 }, { "\xc3\xa9t\xc3\xa9", 5 }, { "\xf0\x9f\x90\x99", 4 },
		{ "x/y", 3 }, { "null", 4 }, { "long-long-long-long-long-long-long-long", 39 },
	};

	return name[random_below(r, COUNT_OF(name))];
}

/* Of any size, small ones as often as large ones. */
static uint64_t
any_count(struct random *r)
{
	return random_next(r) >> random_below(r, 64);
}

static void
any_usage(struct random *r, struct record *out)
{
	out->usage = (struct usage){
		.known = random_below(r, 3) > 0,
		.estimated = random_below(r, 3) == 0,
		.input = any_count(r), .output = any_count(r), .cached = any_count(r),
	};
	out->cost_known = random_below(r, 3) > 0;
	out->cost = (nano_usd)(any_count(r) >> 1);
}

static void
any_record(struct random *r, struct record *out)
{
	static const enum err outcome[] = {
		ERR_OK, ERR_POLICY_REFUSED, ERR_CANCELLED, ERR_RECORD_FAILED, ERR_IO,
	};
	static const int status[] = { 0, 200, 399, 400, 403, 429, 499, 500, 503 };

	*out = (struct record){
		.id = "01ARZ3NDEKTSV4RRFFQ69G5FAV",
		.began_wall = (nanos)(any_count(r) >> 1),
		.began = 1000, .ended = 1000 + (nanos)(any_count(r) >> 2),
		.caller = any_name(r), .tenant = any_name(r), .model = any_name(r),
		.zone = any_name(r), .level = any_name(r), .model_asked = any_name(r),
		.origin = any_name(r), .masked = any_count(r), .step = "record",
		.err = outcome[random_below(r, COUNT_OF(outcome))],
		.status = status[random_below(r, COUNT_OF(status))],
		.attempt_count = (uint32_t)random_below(r, 4),
	};
	for (uint32_t i = 0; i < out->attempt_count; i++)
		out->attempt[i] = (struct attempt){ .model = any_name(r), .err = ERR_IO };
	any_usage(r, out);
}

static bool
is_same(const struct share *a, const struct share *b)
{
	bool same = a->hour == b->hour && memcmp(a->figure, b->figure, sizeof a->figure) == 0;

	for (int i = 0; i < ROLLUP_NAMES; i++)
		same = same && slice_eq(a->name[i], b->name[i]);
	return same;
}

static void
try_round(struct world *w, struct arena *reading)
{
	static char room[LINE_BYTES];
	struct share given = { .hour = -1 }, read = { .hour = -2 };
	struct slice packed = share_of(&w->request);
	bool counts = false;
	struct slice line;
	struct text t;

	text_init(&t, room, sizeof room);
	record_put(&t, &w->request.record);
	must(!text_overflowed(&t) && share_unpack(packed, &given));
	line = slice_cut(text_slice(&t), 0, t.len - 1);
	must(share_read(reading, line, &read, &counts) == ERR_OK);
	w->unread += !counts;
	w->named += read.name[ROLLUP_WORKLOAD].len > 0;
	w->spent += read.figure[FIGURE_spend] > 0;
	if (!is_same(&given, &read) && w->differ++ == 0)
		check_show("the line that differs", line);
	must(sums_add(&w->given, packed) == ERR_OK && sums_line(&w->read, line) == ERR_OK);
}

/* A decision about no model, for a workload that has a name or none. */
static void
try_all(struct world *w)
{
	static const struct slice name[] = { { "", 0 }, { "triage", 6 }, { "a \"b\"", 5 } };
	static const struct workload plain[COUNT_OF(name)];
	static const struct slice level = { "public", 6 };
	struct policy policy = { .workload = plain, .workload_count = COUNT_OF(plain) };
	struct vocabulary vocabulary = { .workload = { name, COUNT_OF(name) },
	    .level = { &level, 1 } };
	struct facts facts = { .workload = 0 };
	struct verdict verdict = { .count = 0 };
	struct explanation decision = { &policy, &vocabulary, &facts, &verdict, NULL };
	struct arena reading;

	arena_init(&w->request.arena, heap_memory(), 1 << 20);
	arena_init(&reading, heap_memory(), 1 << 24);
	for (unsigned i = 0; i < ROUNDS; i++) {
		any_record(&w->r, &w->request.record);
		facts.workload = (uint32_t)random_below(&w->r, COUNT_OF(name));
		if (random_below(&w->r, 4) > 0)
			w->request.record.decision = &decision;
		try_round(w, &reading);
		arena_reset(&w->request.arena);
		arena_reset(&reading);
	}
	arena_release(&w->request.arena);
	arena_release(&reading);
}

static struct store *
put(struct sums *sums)
{
	struct store *s = NULL;
	char room[256];
	struct text why;

	text_init(&why, room, sizeof room);
	check_or_stop(store_open(&s, NULL, STORE_WRITE, &why) == ERR_OK &&
	    store_begin(s) == ERR_OK && sums_put(sums, s) == ERR_OK &&
	    store_commit(s) == ERR_OK, "the rows are put");
	sums_release(sums);
	return s;
}

/* Row by row, told apart by everything that there is. */
static unsigned
compare(struct store *a, struct store *b, unsigned *rows)
{
	struct rollup_query all = { .to = INT64_C(253402300799), .by_day = true,
	    .by = { true, true, true, true, true, true } };
	unsigned differ = 0;
	bool more = true, other = true;

	check_or_stop(rollup_seek(a, &all) == ERR_OK && rollup_seek(b, &all) == ERR_OK, "asked");
	while (more && other) {
		struct rollup x = { .at = 0 }, y = { .at = 0 };
		bool same;

		must(rollup_next(a, &x, &more) == ERR_OK && rollup_next(b, &y, &other) == ERR_OK);
		same = more == other && x.at == y.at &&
		    memcmp(x.figure, y.figure, sizeof x.figure) == 0;
		for (int i = 0; i < ROLLUP_NAMES && same && more; i++)
			same = slice_eq(x.name[i], y.name[i]);
		differ += !same;
		*rows += more;
	}
	return differ;
}

int
main(void)
{
	static struct world w = { .r = { 7 } };
	struct store *given, *read;
	unsigned rows = 0;

	try_all(&w);
	check_int(w.unread, 0, "the line of every record is read as one");
	check_int(w.differ, 0, "a share that is given is the one that is read");
	check(w.named > ROUNDS / 4 && w.spent > ROUNDS / 4, "workloads and costs among them");
	given = put(&w.given);
	read = put(&w.read);
	check_int(compare(given, read, &rows), 0, "all of them are the same rows");
	check(rows > ROUNDS / 4, "of which there are many (%u)", rows);
	store_close(given);
	store_close(read);
	return check_done();
}
