/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/attest.h"

#include <string.h>

#include "desk/dial.h"
#include "ledger/receipt.h"
#include "ledger/span.h"
#include "run/file.h"

static struct slice
text_of(const char *s)
{
	return slice_of(s, strlen(s));
}

struct proving {
	const struct ledger_call *call;
	struct desk		*desk;
	struct node_source	 nodes;
	struct digester		 digester;
	struct receipt		 receipt;
};

static int
nothing(struct proving *p, struct slice what, struct slice hint)
{
	desk_complain(p->desk, SAY(what, hint));
	return DESK_DIFFERS;
}

/* What the store could not do. */
static int
broken(struct proving *p, enum err e)
{
	struct text *why = desk_why(p->desk);

	text_put(why, e == ERR_STORE_BROKEN ?
	    S("the ledger is damaged: `trivium ledger verify` tells where") :
	    store_complaint(p->nodes.store));
	return desk_store(p->desk, e, why);
}

/* The entry's bytes, copied. */
static enum err
take_entry(struct proving *p, bool *there)
{
	struct entry_row row = { 0 };
	struct store *s = p->nodes.store;
	bool found = false;
	enum err e = entry_seek(s, p->receipt.seq, p->receipt.seq + 1);

	if (e == ERR_OK)
		e = entry_next(s, &row, &found);
	*there = e == ERR_OK && found && row.line.ptr != NULL;
	if (*there)
		p->receipt.entry = arena_copy(&p->desk->arena, row.line);
	entry_end(s);
	return e;
}

/* The first head that speaks of the entry. */
static enum err
take_head(struct proving *p, uint64_t *size)
{
	struct entry_head head = { 0 };
	struct store *s = p->nodes.store;
	bool found = false;
	enum err e = entry_head_seek(s, p->receipt.seq + 1);

	if (e == ERR_OK)
		e = entry_head_next(s, &head, &found);
	*size = e == ERR_OK && found ? head.size : 0;
	if (*size > 0)
		p->receipt.note = arena_copy(&p->desk->arena, head.note);
	entry_head_end(s);
	return e;
}

/* The first of the heads that somebody keeps, of those that the ledger has reached. */
static int
choose_head(struct proving *p, struct slice notes, uint64_t end, uint64_t *size)
{
	struct slice first = slice_of(NULL, 0), rest;
	struct head h;

	*size = 0;
	for (;; notes = rest) {
		while (notes.len > 0 && notes.ptr[0] == '\n')
			notes = slice_cut(notes, 1, notes.len);
		if (notes.len == 0)
			break;
		if (!head_read(notes, &h, &rest)) {
			desk_complain(p->desk, SAY(text_of(p->call->head),
			    S(": a head in it cannot be read")));
			return DESK_DATA;
		}
		if (h.state.size <= p->receipt.seq || h.state.size > end ||
		    (*size > 0 && h.state.size >= *size))
			continue;
		*size = h.state.size;
		first = slice_cut(notes, 0, notes.len - rest.len);
	}
	p->receipt.note = arena_copy(&p->desk->arena, first);
	return DESK_OK;
}

/* A head for the receipt, from the file that the call names: who keeps it can check with it. */
static int
take_kept(struct proving *p, uint64_t *size)
{
	struct entry_head last = { 0 };
	struct slice notes;
	bool found = false;
	enum err e = entry_head_last(p->nodes.store, &last, &found);
	int status;

	if (e != ERR_OK)
		return broken(p, e);
	status = desk_read(p->desk, p->call->head, HEADS_BYTES_MAX, &notes);
	if (status != DESK_OK)
		return status;
	status = choose_head(p, notes, found ? last.size : 0, size);
	file_free(notes);
	if (status == DESK_OK && *size == 0)
		return nothing(p, text_of(p->call->id), S(": none of the heads in the file of "
		    "--head speaks of this entry, or they are of another ledger"));
	return status;
}

/* The receipt under a head of so many entries. */
static int
put_receipt(struct proving *p, uint64_t size)
{
	enum err e = proof_of_entry(&p->nodes, p->receipt.seq, size, &p->receipt.proof);

	if (e != ERR_OK)
		return broken(p, e);
	/* A head that is not of this ledger is found out here, rather than by the auditor. */
	if (p->call->head != NULL &&
	    !receipt_check(&p->receipt, &p->digester, NULL, desk_why(p->desk)))
		return nothing(p, text_of(p->call->head), S(": this ledger is not how its head "
		    "says: it is of another one, or this one was rewritten"));
	receipt_put(&p->desk->out, &p->receipt);
	return DESK_OK;
}

static int
prove(struct proving *p)
{
	struct slice id = text_of(p->call->id);
	bool found = false;
	uint64_t size = 0;
	enum err e = span_find(p->nodes.store, id, &p->receipt.seq, &found);
	int status;

	if (e == ERR_OK && !found)
		return nothing(p, id, S(": there is no such entry; if it was pruned, its export "
		    "has it"));
	if (e == ERR_OK)
		e = take_entry(p, &found);
	if (e == ERR_OK && !found)
		return nothing(p, id, S(": this entry was pruned; its export has it"));
	if (e == ERR_OK && p->call->head != NULL) {
		status = take_kept(p, &size);
		return status == DESK_OK ? put_receipt(p, size) : status;
	}
	if (e == ERR_OK)
		e = take_head(p, &size);
	if (e == ERR_OK && size == 0)
		return nothing(p, id, S(": no head speaks of this entry yet; one is signed within "
		    "a second or so"));
	return e == ERR_OK ? put_receipt(p, size) : broken(p, e);
}

static int
show_head(struct proving *p)
{
	struct entry_head head = { 0 };
	bool found = false;
	enum err e = entry_head_last(p->nodes.store, &head, &found);

	if (e != ERR_OK)
		return broken(p, e);
	if (!found)
		return nothing(p, text_of(p->call->data), S(": nothing was signed yet"));
	if (p->desk->json) {
		text_put(&p->desk->out, S("{\"size\":"));
		text_put_number(&p->desk->out, head.size);
		text_put(&p->desk->out, S(",\"time\":\""));
		text_put_time(&p->desk->out, head.wall);
		text_put(&p->desk->out, S("\",\"head\":"));
		text_put_json(&p->desk->out, head.note);
		text_put(&p->desk->out, S("}\n"));
	} else {
		text_put(&p->desk->out, head.note);
	}
	return DESK_OK;
}

/* Everything is read as it is at one moment. */
static int
with_store(const struct ledger_call *call, int (*work)(struct proving *))
{
	struct proving *p = arena_zero(&call->desk->arena, sizeof *p);
	struct text *why = desk_why(call->desk);
	int status = DESK_WRONG;
	enum err e;

	if (p == NULL || !digester_init(&p->digester))
		return status;
	p->call = call;
	p->desk = call->desk;
	p->nodes.digester = &p->digester;
	e = store_open(&p->nodes.store, call->data, STORE_READ, why);
	if (e == ERR_OK && (e = store_look(p->nodes.store)) == ERR_OK) {
		status = work(p);
		store_rollback(p->nodes.store);
	} else {
		status = desk_store(call->desk, e, why);
	}
	store_close(p->nodes.store);
	digester_release(&p->digester);
	return status;
}

int
attest_prove(const struct ledger_call *call)
{
	if (call->data == NULL || call->id == NULL)
		return desk_usage(call->desk, "name the folder and the entry: --data FOLDER ID");
	return with_store(call, prove);
}

/* By the gateway that runs, at once. */
static int
sign_head(const struct ledger_call *call)
{
	struct dial dial = {
		.data = call->data, .url = call->url, .key_file = call->key_file,
		.method = S("POST"), .path = S("ledger/head"),
	};
	struct desk *d = call->desk;
	struct json_fault fault;
	struct json j;
	int status = dial_gateway(d, &dial);

	if (status != DESK_OK)
		return status;
	if (d->json || json_parse(&d->arena, dial.answer, 0, &j, &fault) != ERR_OK)
		text_put(&d->out, dial.answer);
	else
		text_put(&d->out, dial_member(d, &j, 0, S("head")));
	return DESK_OK;
}

int
attest_head(const struct ledger_call *call)
{
	if (call->now)
		return sign_head(call);
	if (call->data == NULL)
		return desk_usage(call->desk, "name the folder: --data FOLDER");
	return with_store(call, show_head);
}
