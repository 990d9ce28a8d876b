/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/reading.h"

#include <stdio.h>
#include <string.h>

#include "core/date.h"
#include "core/json.h"
#include "ledger/span.h"
#include "run/host.h"

#define TAIL_USUAL	10
#define QUERY_USUAL	100
#define FLUSH_BYTES	((size_t)1 << 20)
#define LOOK_EVERY	(200 * NANOS_PER_MS)

struct reading {
	const struct ledger_call *call;
	struct desk	*desk;
	struct store	*store;
	uint64_t	 from, to;	/* entries that are looked at */
	uint64_t	 shown, limit;
};

static int
failed(struct reading *r, enum err e)
{
	desk_complain(r->desk, SAY(e == ERR_MEMORY ? err_info(e)->text :
	    store_complaint(r->store)));
	return DESK_UNREADABLE;
}

static void
show(struct reading *r, const struct entry_row *row)
{
	struct text *t = &r->desk->out;

	if (t->len + row->line.len + 1 > t->cap)
		desk_flush(r->desk);
	text_put(t, row->line);
	text_put(t, S("\n"));
	if (t->len > FLUSH_BYTES)
		desk_flush(r->desk);
	r->shown++;
}

/* ---- query ---- */

static bool
is_text(const struct json *j, uint32_t object, const char *name, const char *want)
{
	uint32_t node;

	if (want == NULL)
		return true;
	node = json_member(j, object, slice_of(name, strlen(name)));
	return node != 0 && json_is(j, node, slice_of(want, strlen(want)));
}

/* The workload stands in the decision. */
static bool
is_workload(const struct json *j, const char *want)
{
	uint32_t decision = json_member(j, 0, S("decision"));

	return want == NULL || is_text(j, 0, "workload", want) ||
	    (decision != 0 && is_text(j, decision, "workload", want));
}

static bool
is_status(const struct json *j, uint64_t want)
{
	uint32_t node = json_member(j, 0, S("status"));
	uint64_t got = 0;

	return want == 0 || (node != 0 && json_integer(j, node, &got) && got == want);
}

static bool
fits(const struct reading *r, struct slice line)
{
	const struct ledger_call *c = r->call;
	struct json_fault fault = { 0 };
	struct json j;

	arena_reset(&r->desk->work);
	return json_parse(&r->desk->work, line, JSON_DUPLICATES_KEPT, &j, &fault) == ERR_OK &&
	    json_type(&j, 0) == JSON_OBJECT && is_text(&j, 0, "tenant", c->tenant) &&
	    is_text(&j, 0, "caller", c->caller) && is_text(&j, 0, "model", c->model) &&
	    is_text(&j, 0, "err", c->err) && is_text(&j, 0, "id", c->id) &&
	    is_workload(&j, c->workload) && is_status(&j, c->status);
}

static int
query(struct reading *r)
{
	struct entry_row row = { 0 };
	bool found = true;
	enum err e = entry_seek(r->store, r->from, r->to);

	while (e == ERR_OK && r->shown < r->limit &&
	    (e = entry_next(r->store, &row, &found)) == ERR_OK && found)
		if (row.line.ptr != NULL && fits(r, row.line))
			show(r, &row);
	entry_end(r->store);
	return e == ERR_OK ? DESK_OK : failed(r, e);
}

/* ---- tail ---- */

/* Entries that came since, in a transaction of their own. */
static enum err
show_new(struct reading *r)
{
	struct entry_row row = { 0 };
	bool found = true;
	enum err e = entry_seek(r->store, r->from, INT64_MAX);

	while (e == ERR_OK && (e = entry_next(r->store, &row, &found)) == ERR_OK && found) {
		if (row.line.ptr != NULL && fits(r, row.line))
			show(r, &row);
		r->from = row.seq + 1;
	}
	entry_end(r->store);
	desk_flush(r->desk);
	fflush(stdout);
	return e;
}

static int
tail(struct reading *r)
{
	uint64_t last = 0;
	bool found = false;
	enum err e = entry_last(r->store, &last, &found);

	if (e == ERR_OK && found)
		r->from = last + 1 > r->limit ? last + 1 - r->limit : 0;
	while (e == ERR_OK) {
		e = show_new(r);
		if (!r->call->follow || e != ERR_OK || ferror(stdout))
			break;
		host_sleep(LOOK_EVERY);
	}
	return e == ERR_OK ? DESK_OK : failed(r, e);
}

/* ---- both ---- */

/* A day or a time; *seq stays as it is where none is named. */
static int
read_time(struct reading *r, const char *word, uint64_t *seq)
{
	int64_t seconds;
	enum err e;

	if (word == NULL)
		return DESK_OK;
	if (!date_read(slice_of(word, strlen(word)), &seconds))
		return desk_usage(r->desk, "times are written as 2026-11-20 or "
		    "2026-11-20T12:00Z");
	e = span_at(r->store, seconds * NANOS_PER_S, seq);
	return e == ERR_OK ? DESK_OK : failed(r, e);
}

static int
with_store(const struct ledger_call *call, uint64_t usual, int (*work)(struct reading *))
{
	struct reading r = { .call = call, .desk = call->desk, .to = INT64_MAX };
	struct text *why = desk_why(call->desk);
	int status;

	if (call->data == NULL)
		return desk_usage(call->desk, "name the folder: --data FOLDER");
	r.limit = call->limited ? call->limit : usual;
	if (store_open(&r.store, call->data, STORE_READ, why) != ERR_OK) {
		desk_complain(call->desk, SAY(text_slice(why)));
		return DESK_UNREADABLE;
	}
	status = read_time(&r, call->from, &r.from);
	if (status == DESK_OK)
		status = read_time(&r, call->to, &r.to);
	if (status == DESK_OK)
		status = work(&r);
	store_close(r.store);
	return status;
}

int
reading_tail(const struct ledger_call *call)
{
	return with_store(call, TAIL_USUAL, tail);
}

int
reading_query(const struct ledger_call *call)
{
	return with_store(call, QUERY_USUAL, query);
}
