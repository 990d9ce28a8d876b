/* SPDX-License-Identifier: Apache-2.0 */

/* ledger - heads of the ledger on demand, and what is taken out of it by hand. */

#include "admin/admin.h"
#include "admin/field.h"
#include "ledger/book.h"
#include "ledger/retain.h"

#define API(method, path, run, permission, what)	void run(struct call *);
#include "admin/api.tbl"
#undef API

struct newest {
	struct arena		*arena;
	struct entry_head	 head;
	bool			 found;
};

static enum err
read_head(struct store *s, void *arg)
{
	struct newest *n = arg;
	enum err e = entry_head_last(s, &n->head, &n->found);

	if (e == ERR_OK && n->found) {
		n->head.note = arena_copy(n->arena, n->head.note);
		e = n->head.note.ptr == NULL ? ERR_MEMORY : ERR_OK;
	}
	return e;
}

void
ledger_head(struct call *c)
{
	struct newest n = { .arena = &c->arena };
	enum err e = book_read(c->admin->book, c->x->fiber, read_head, &n);
	struct text t;

	if (e == ERR_OK && !n.found) {
		call_refuse(c, &(struct refusal_words){ .status = 404, .code = S("no_head"),
		    .message = S("no head is signed yet: the ledger is empty") });
		return;
	}
	t = call_text(c, 256 + 6 * n.head.note.len);
	text_put(&t, S("{\"size\":"));
	text_put_number(&t, n.head.size);
	text_put(&t, S(",\"time\":\""));
	text_put_time(&t, n.head.wall);
	text_put(&t, S("\",\"head\":"));
	text_put_json(&t, n.head.note);
	text_put(&t, S("}\n"));
	if (e != ERR_OK || text_overflowed(&t))
		call_fail(c, e != ERR_OK ? e : ERR_MEMORY);
	else
		call_reply(c, 200, text_slice(&t));
}

void
ledger_sign(struct call *c)
{
	enum err e = book_sign(c->admin->book, c->x->fiber);

	if (e != ERR_OK)
		call_fail(c, e);
	else
		ledger_head(c);
}

struct bounds {
	uint64_t	first, end;
};

static enum err
read_bounds(struct store *s, void *arg)
{
	struct bounds *b = arg;
	enum err e = retain_first(s, &b->first);

	return e == ERR_OK ? retain_end(s, &b->end) : e;
}

void
ledger_prune(struct call *c)
{
	uint32_t node = json_member(&c->json, 0, S("before"));
	struct bounds has = { 0 };
	struct text t = call_text(c, 128);
	uint64_t before = 0;
	enum err e;

	if (!json_integer(&c->json, node, &before) || node == 0) {
		field_refuse(c, S("field_value"), S("before"), S("say the number of the first "
		    "entry that stays"));
		return;
	}
	e = book_read(c->admin->book, c->x->fiber, read_bounds, &has);
	before = before < has.end ? before : has.end;
	if (e == ERR_OK && has.first < before)
		e = book_prune(c->admin->book, c->x->fiber, has.first, before, c->by);
	text_put(&t, S("{\"pruned\":"));
	text_put_number(&t, has.first < before ? before - has.first : 0);
	text_put(&t, S(",\"from\":"));
	text_put_number(&t, has.first);
	text_put(&t, S(",\"before\":"));
	text_put_number(&t, before);
	text_put(&t, S("}\n"));
	if (e != ERR_OK || text_overflowed(&t))
		call_fail(c, e != ERR_OK ? e : ERR_MEMORY);
	else
		call_reply(c, 200, text_slice(&t));
}
