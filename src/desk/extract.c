/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/extract.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "desk/audit.h"
#include "desk/dial.h"
#include "desk/lines.h"
#include "core/date.h"
#include "ledger/book.h"
#include "ledger/parcel.h"
#include "ledger/retain.h"
#include "ledger/sheet.h"
#include "ledger/span.h"
#include "run/file.h"

#define FLUSH_BYTES	((size_t)1 << 20)
#define PATH_ROOM	1024

struct extract {
	const struct ledger_call *call;
	struct desk		*desk;
	struct node_source	 nodes;
	struct digester		 digester;
	struct parcel		*parcel;
	uint8_t			 key[SIGN_PUBLIC_BYTES];
	FILE			*file;
};

static struct slice
text_of(const char *s)
{
	return slice_of(s, strlen(s));
}

static int
complain(struct extract *x, int status, struct slice what)
{
	desk_complain(x->desk, SAY(what));
	return status;
}

static int
failed(struct extract *x, enum err e)
{
	if (e == ERR_MEMORY)
		return complain(x, DESK_UNREADABLE, err_info(e)->text);
	if (e == ERR_STORE_BROKEN)
		return complain(x, DESK_DIFFERS, S("the ledger is damaged: `trivium ledger verify` "
		    "tells where"));
	return complain(x, DESK_UNREADABLE, store_complaint(x->nodes.store));
}

/* A day, a time, or the number of an entry. */
static int
read_place(struct extract *x, const char *word, uint64_t *seq)
{
	int64_t seconds;
	enum err e;

	if (word == NULL || slice_number(text_of(word), seq))
		return DESK_OK;
	if (!date_read(text_of(word), &seconds))
		return desk_usage(x->desk, "a place is a time, as 2026-11-20 or 2026-11-20T12:00Z, "
		    "or the number of an entry");
	e = span_at(x->nodes.store, seconds * NANOS_PER_S, seq);
	return e == ERR_OK ? DESK_OK : failed(x, e);
}

/* ---- export ---- */

static bool
is_csv(const struct extract *x)
{
	return slice_eq(x->parcel->format, S("csv"));
}

/* Whole rows are gathered, and written when there are many. */
static int
write_out(struct extract *x)
{
	struct text *t = &x->desk->out;
	bool good = fwrite(t->ptr, 1, t->len, x->file) == t->len;

	t->len = 0;
	if (good)
		return DESK_OK;
	desk_complain(x->desk, SAY(text_of(x->call->out), S(": it cannot be written")));
	return DESK_UNREADABLE;
}

static int
put_entry(struct extract *x, const struct entry_row *row)
{
	struct text *t = &x->desk->out;

	if (row->line.ptr == NULL)
		return complain(x, DESK_DIFFERS, S("some of these entries were pruned; name those "
		    "that are there with --from"));
	if (t->cap - t->len < 3 * row->line.len + FLUSH_BYTES && write_out(x) != DESK_OK)
		return DESK_UNREADABLE;
	if (is_csv(x)) {
		arena_reset(&x->desk->work);
		if (sheet_put(t, &x->desk->work, row->seq, row->line) != ERR_OK)
			return failed(x, ERR_MEMORY);
	} else {
		text_put(t, row->line);
		text_put(t, S("\n"));
	}
	return t->len > FLUSH_BYTES ? write_out(x) : DESK_OK;
}

static int
put_entries(struct extract *x)
{
	struct entry_row row = { 0 };
	uint64_t count = 0;
	bool found = true;
	int status = DESK_OK;
	enum err e = entry_seek(x->nodes.store, x->parcel->from, x->parcel->to);

	if (is_csv(x))
		sheet_put_names(&x->desk->out);
	while (e == ERR_OK && status == DESK_OK &&
	    (e = entry_next(x->nodes.store, &row, &found)) == ERR_OK && found) {
		status = put_entry(x, &row);
		count++;
	}
	entry_end(x->nodes.store);
	if (e != ERR_OK)
		return failed(x, e);
	if (status == DESK_OK && count != x->parcel->to - x->parcel->from)
		return failed(x, ERR_STORE_BROKEN);
	return status == DESK_OK ? write_out(x) : status;
}

/* The first head that speaks of all of them; an export ends where heads do. */
static int
take_head(struct extract *x, uint64_t *size)
{
	struct entry_head head = { 0 };
	bool found = false;
	enum err e = entry_head_last(x->nodes.store, &head, &found);

	if (e == ERR_OK && found && x->parcel->to > head.size)
		x->parcel->to = head.size;
	if (e == ERR_OK)
		e = entry_head_seek(x->nodes.store, x->parcel->to > 0 ? x->parcel->to : 1);
	if (e == ERR_OK)
		e = entry_head_next(x->nodes.store, &head, &found);
	*size = e == ERR_OK && found ? head.size : 0;
	if (*size > 0)
		x->parcel->note = arena_copy(&x->desk->arena, head.note);
	entry_head_end(x->nodes.store);
	if (e != ERR_OK)
		return failed(x, e);
	if (*size == 0 || x->parcel->from >= x->parcel->to)
		return complain(x, DESK_DIFFERS, S("no signed head speaks of any of them"));
	return DESK_OK;
}

static int
write_manifest(struct extract *x)
{
	struct text *t = &x->desk->out, *why = desk_why(x->desk);
	char path[PATH_ROOM];
	struct text p;
	enum err e;

	text_init(&p, path, sizeof path - 1);
	text_put(&p, text_of(x->call->out));
	text_put(&p, S(".manifest"));
	path[p.len] = '\0';
	parcel_put(t, x->parcel);
	e = text_overflowed(&p) ? ERR_IO : file_write(path, text_slice(t), true, why);
	t->len = 0;
	if (e != ERR_OK)
		return complain(x, DESK_UNREADABLE, text_slice(why));
	text_put(t, S("entries "));
	text_put_number(t, x->parcel->from);
	text_put(t, S(" to "));
	text_put_number(t, x->parcel->to - 1);
	text_put(t, S("; the manifest is "));
	text_put(t, text_slice(&p));
	text_put(t, S("\n"));
	return DESK_OK;
}

static int
write_export(struct extract *x)
{
	const char *name = strrchr(x->call->out, '/');
	int status;

	x->parcel->file = text_of(name == NULL ? x->call->out : name + 1);
	x->file = fopen(x->call->out, "wex");
	if (x->file == NULL) {
		desk_complain(x->desk, SAY(text_of(x->call->out), S(": it is already there, or "
		    "cannot be written")));
		return DESK_UNREADABLE;
	}
	status = put_entries(x);
	if (fclose(x->file) != 0 && status == DESK_OK)
		status = complain(x, DESK_UNREADABLE, S("the export cannot be written"));
	x->desk->out.len = status == DESK_OK ? x->desk->out.len : 0;
	return status == DESK_OK ? write_manifest(x) : status;
}

static int
export(struct extract *x)
{
	uint64_t size = 0;
	int status;
	enum err e;

	x->parcel->to = INT64_MAX;
	status = read_place(x, x->call->from, &x->parcel->from);
	if (status == DESK_OK)
		status = read_place(x, x->call->to, &x->parcel->to);
	if (status == DESK_OK)
		status = take_head(x, &size);
	if (status != DESK_OK)
		return status;
	e = parcel_make(x->parcel, &x->nodes, size);
	return e == ERR_OK ? write_export(x) : failed(x, e);
}

/* ---- an export, checked ---- */

static int
bad(struct extract *x, struct slice what)
{
	if (x->desk->json) {
		text_put(&x->desk->out, S("{\"good\":false,\"why\":"));
		text_put_json(&x->desk->out, what);
		text_put(&x->desk->out, S("}\n"));
		return DESK_DIFFERS;
	}
	text_put(&x->desk->out, x->desk->colour ? S("\033[1;31mbad\033[0m: ") : S("bad: "));
	text_put(&x->desk->out, what);
	text_put(&x->desk->out, S("\n"));
	return DESK_DIFFERS;
}

/* A row must be the one that its entry makes. */
static bool
take_row(struct extract *x, uint64_t seq, struct slice row, struct slice *entry)
{
	struct text *t = &x->desk->out;
	size_t at = t->len;
	bool same;

	arena_reset(&x->desk->work);
	if (!sheet_entry(&x->desk->work, row, entry) ||
	    sheet_put(t, &x->desk->work, seq, *entry) != ERR_OK)
		return false;
	same = slice_eq(slice_of(t->ptr + at, t->len - at - 1), row);
	t->len = at;
	return same;
}

static int
add_lines(struct extract *x, struct lines *lines)
{
	uint64_t seq = x->parcel->from;
	struct slice line, entry;

	if (is_csv(x) && !lines_next(lines, &line))
		return bad(x, S("it has no row of names"));
	for (; lines_next(lines, &line); seq++) {
		entry = line;
		if (is_csv(x) && !take_row(x, seq, line, &entry)) {
			text_put(desk_why(x->desk), S("a row is not the one that its entry makes: "
			    "entry "));
			text_put_number(&x->desk->why, seq);
			return bad(x, text_slice(&x->desk->why));
		}
		parcel_add(x->parcel, &x->digester, entry);
	}
	return DESK_OK;
}

/* The file stands beside its manifest, wherever both were brought. */
static int
add_file(struct extract *x)
{
	const char *slash = strrchr(x->call->export, '/');
	char path[PATH_ROOM];
	struct lines lines;
	struct text t;
	int status;

	text_init(&t, path, sizeof path - 1);
	text_put(&t, slice_of(x->call->export,
	    slash == NULL ? 0 : (size_t)(slash - x->call->export) + 1));
	text_put(&t, x->parcel->file);
	path[t.len] = '\0';
	if (text_overflowed(&t) || memchr(x->parcel->file.ptr, '/', x->parcel->file.len) != NULL)
		return complain(x, DESK_DATA, S("the manifest names a file that is not beside it"));
	if ((status = lines_open(&lines, x->desk, path)) != DESK_OK)
		return status;
	status = add_lines(x, &lines);
	lines_close(&lines);
	return status;
}

static int
check_export(struct extract *x, struct slice json)
{
	struct text *why = desk_why(x->desk);
	int status;

	if (parcel_read(&x->desk->arena, json, x->parcel, why) != ERR_OK) {
		desk_complain(x->desk, SAY(text_of(x->call->export), S(": "), text_slice(why)));
		return DESK_DATA;
	}
	if ((status = add_file(x)) != DESK_OK)
		return status;
	why = desk_why(x->desk);
	return parcel_check(x->parcel, &x->digester, x->key, why) ? DESK_OK :
	    bad(x, text_slice(why));
}

static int
verify_export(struct extract *x)
{
	struct slice json;
	bool found, own;
	int status = audit_key(x->call, x->key, &found, &own);

	if (status == DESK_OK && !found)
		return desk_usage(x->desk, "an export is checked with the ledger's public key: "
		    "--key FILE");
	if (status == DESK_OK)
		status = desk_read(x->desk, x->call->export, PARCEL_BYTES_MAX, &json);
	if (status != DESK_OK)
		return status;
	status = check_export(x, json);
	file_free(json);
	return status;
}

static int
say_export(struct extract *x)
{
	struct text *t = &x->desk->out;

	text_put(t, x->desk->json ? S("{\"good\":true,\"from\":") :
	    x->desk->colour ? S("\033[32mgood\033[0m: entries ") : S("good: entries "));
	text_put_number(t, x->parcel->from);
	text_put(t, x->desk->json ? S(",\"to\":") : S(" to "));
	text_put_number(t, x->parcel->to - 1);
	text_put(t, x->desk->json ? S("}\n") :
	    S(", all of them, as the head was signed for\n"));
	return DESK_OK;
}

/* ---- prune ---- */

/* By the gateway that has the folder; it is asked in the words of its API. */
static int
prune_there(struct extract *x, uint64_t to)
{
	struct dial call = {
		.data = x->call->data, .url = x->call->url, .key_file = x->call->key_file,
		.method = S("POST"), .path = S("ledger/prune"),
	};
	char body[64];
	struct text t;

	text_init(&t, body, sizeof body);
	text_put(&t, S("{\"before\":"));
	text_put_number(&t, to);
	text_put_char(&t, '}');
	call.body = text_slice(&t);
	return dial_gateway(x->desk, &call);
}

/* What is there is looked through first: a head signed here would not have the ledger's name. */
static int
prune_here(struct extract *x, uint64_t from, uint64_t to)
{
	struct book_plan plan = { .folder = x->call->data, .head_every = NANOS_NEVER / 2 };
	struct book *b = NULL;
	enum err e;

	store_close(x->nodes.store);
	x->nodes.store = NULL;
	e = book_open(&b, &plan, desk_why(x->desk));
	if (e == ERR_CONF)
		return prune_there(x, to);
	if (e == ERR_OK) {
		e = book_prune(b, NULL, from, to, S("command"));
		book_close(b);
		if (e != ERR_OK)
			text_put(desk_why(x->desk), err_info(e)->text);
	}
	return e == ERR_OK ? DESK_OK : complain(x, DESK_UNREADABLE, text_slice(&x->desk->why));
}

/* What the export does not have stays. */
static int
bound_by_export(struct extract *x, uint64_t from, uint64_t *to)
{
	uint64_t end;
	int status;

	if (x->call->export == NULL)
		return DESK_OK;
	if ((status = verify_export(x)) != DESK_OK)
		return status;
	if (x->parcel->from > from)
		return complain(x, DESK_DIFFERS, S("the export begins behind the first entry that "
		    "would be pruned"));
	end = x->parcel->to;
	*to = *to < end ? *to : end;
	return DESK_OK;
}

static int
prune(struct extract *x)
{
	uint64_t from = 0, to = 0, end = 0;
	int status = read_place(x, x->call->to, &to);
	enum err e;

	if (status != DESK_OK)
		return status;
	if ((e = retain_first(x->nodes.store, &from)) != ERR_OK ||
	    (e = retain_end(x->nodes.store, &end)) != ERR_OK)
		return failed(x, e);
	to = to < end ? to : end;
	if ((status = bound_by_export(x, from, &to)) != DESK_OK)
		return status;
	if (from >= to) {
		text_put(&x->desk->out, S("there is nothing to prune\n"));
		return DESK_OK;
	}
	if ((status = prune_here(x, from, to)) != DESK_OK)
		return status;
	text_put(&x->desk->out, S("pruned: entries "));
	text_put_number(&x->desk->out, from);
	text_put(&x->desk->out, S(" to "));
	text_put_number(&x->desk->out, to - 1);
	text_put(&x->desk->out, S("; their leaves stay\n"));
	return DESK_OK;
}

/* ---- all of them ---- */

static int
with_parts(const struct ledger_call *call, enum store_mode mode, int (*work)(struct extract *))
{
	struct extract *x = arena_zero(&call->desk->arena, sizeof *x);
	struct parcel *parcel = arena_zero(&call->desk->arena, sizeof *parcel);
	struct text *why = desk_why(call->desk);
	int status = DESK_UNREADABLE;

	if (x == NULL || parcel == NULL || !digester_init(&x->digester))
		return DESK_WRONG;
	x->call = call;
	x->desk = call->desk;
	x->parcel = parcel;
	x->nodes.digester = &x->digester;
	parcel->format = call->format == NULL ? S("jsonl") : text_of(call->format);
	if (call->data == NULL || store_open(&x->nodes.store, call->data, mode, why) == ERR_OK)
		status = work(x);
	else
		desk_complain(call->desk, SAY(text_slice(why)));
	store_close(x->nodes.store);
	digester_release(&x->digester);
	return status;
}

static int
export_at_once(struct extract *x)
{
	enum err e = store_look(x->nodes.store);
	int status;

	if (e != ERR_OK)
		return failed(x, e);
	status = export(x);
	store_rollback(x->nodes.store);
	return status;
}

int
extract_export(const struct ledger_call *call)
{
	struct slice format = call->format == NULL ? S("jsonl") : text_of(call->format);

	if (call->data == NULL || call->out == NULL)
		return desk_usage(call->desk, "name the folder and the file to make: --data FOLDER "
		    "--out FILE");
	if (!slice_eq(format, S("jsonl")) && !slice_eq(format, S("csv")))
		return desk_usage(call->desk, "--format is jsonl or csv");
	return with_parts(call, STORE_READ, export_at_once);
}

static int
verify_and_say(struct extract *x)
{
	int status = verify_export(x);

	return status == DESK_OK ? say_export(x) : status;
}

int
extract_verify(const struct ledger_call *call)
{
	return with_parts(call, STORE_READ, verify_and_say);
}

int
extract_prune(const struct ledger_call *call)
{
	if (call->data == NULL || call->to == NULL)
		return desk_usage(call->desk, "name the folder, and what is to stay: --data FOLDER "
		    "--before TIME");
	if ((call->export == NULL) != call->force)
		return desk_usage(call->desk, "name the manifest of an export that has what is "
		    "pruned, --export FILE, or give it up by --force");
	return with_parts(call, STORE_READ, prune);
}
