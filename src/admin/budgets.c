/* SPDX-License-Identifier: Apache-2.0 */

/*
 * budgets - what may be spent, what was, and what is reserved now.
 *
 * ?tenant=NAME (with &team=NAME and &key=ID, if wanted) tells the budgets that a
 * request of theirs is held against; without it those of every tenant, team and key
 * that the configuration names.
 */

#include "admin/admin.h"
#include "admin/call.h"
#include "caller/payer.h"
#include "conf/snapshot.h"
#include "ledger/ceiling.h"

#define API(method, path, run, permission, what)	void run(struct call *);
#include "admin/api.tbl"
#undef API

#define ROW_BYTES	512	/* without the account's name */

struct list {
	struct call	*call;
	struct text	 text;
	enum err	 err;
};

static void
put_amount(struct text *t, struct slice key, nano_usd amount)
{
	text_put(t, key);
	text_put_usd(t, amount);
	text_put_char(t, '"');
}

static void
put_moment(struct text *t, struct slice key, int64_t seconds)
{
	text_put(t, key);
	if (seconds > INT64_MAX / NANOS_PER_S || seconds < 0) {
		text_put(t, S("null"));
		return;
	}
	text_put_char(t, '"');
	text_put_time(t, seconds * NANOS_PER_S);
	text_put_char(t, '"');
}

static void
put_budget(struct list *l, const struct budget *b)
{
	struct hold_sight sight = ceiling_look(l->call->admin->ceilings, b,
	    l->call->wall / NANOS_PER_S);
	nano_usd left = b->limit - sight.spent - sight.held;
	struct text *t = &l->text;

	text_put(t, t->ptr[t->len - 1] == '[' ? S("\n{\"account\":") : S(",\n{\"account\":"));
	text_put_json(t, b->account);
	text_put(t, S(",\"per\":"));
	text_put_json(t, period_name(b->per));
	put_moment(t, S(",\"began\":"), sight.period.began);
	put_moment(t, S(",\"ends\":"), sight.period.ends);
	put_amount(t, S(",\"limit_usd\":\""), b->limit);
	put_amount(t, S(",\"spent_usd\":\""), sight.spent);
	put_amount(t, S(",\"held_usd\":\""), sight.held);
	put_amount(t, S(",\"left_usd\":\""), left > 0 ? left : 0);
	text_put_char(t, '}');
}

/* Of a payer's bill the accounts of this kind; they come with those of his owners. */
static void
put_bill(struct list *l, const struct payer *p, struct slice kind)
{
	struct payer_bill bill;

	if (l->err == ERR_OK)
		l->err = payer_budgets(p, l->call->snapshot, &l->call->arena, &bill);
	for (uint32_t i = 0; l->err == ERR_OK && i < bill.count; i++)
		if (slice_starts(bill.budget[i]->account, kind))
			put_budget(l, bill.budget[i]);
}

static void
put_all(struct list *l)
{
	const struct snapshot *s = l->call->snapshot;

	for (uint32_t i = 0; i < s->tenant_count; i++) {
		const struct tenant *tenant = &s->tenant[i];

		/* The row of all that have none is nobody's account. */
		if (tenant == s->tenant_default)
			continue;
		put_bill(l, &(struct payer){ .tenant = tenant->name }, S("tenant "));
		for (uint32_t j = 0; j < tenant->team_count; j++)
			put_bill(l, &(struct payer){ tenant->name, tenant->team[j].name,
			    .own = NULL }, S("team "));
	}
	for (uint32_t i = 0; i < s->key_count; i++)
		if (s->key[i].budgets != NULL)
			put_bill(l, &(struct payer){ .tenant = s->key[i].tenant,
			    .key = s->key[i].id, .own = s->key[i].budgets }, S("key "));
}

static void
put_one(struct list *l, struct slice tenant)
{
	const struct snapshot *s = l->call->snapshot;
	struct payer p = {
		.tenant = tenant,
		.team = call_query(l->call, S("team")),
		.key = call_query(l->call, S("key")),
	};

	for (uint32_t i = 0; p.key.len > 0 && i < s->key_count; i++)
		if (slice_eq(s->key[i].id, p.key) && slice_eq(s->key[i].tenant, tenant))
			p.own = s->key[i].budgets;
	put_bill(l, &p, S(""));
}

/* Room for as many as there can be: four of each tenant, team and key. */
static size_t
bytes_of(const struct snapshot *s)
{
	size_t owners = 3 + s->tenant_count;

	for (uint32_t i = 0; i < s->tenant_count; i++)
		owners += s->tenant[i].team_count;
	for (uint32_t i = 0; i < s->key_count; i++)
		owners += s->key[i].budgets != NULL;
	return 64 + owners * BUDGETS_MAX * (ROW_BYTES + 6 * 512);
}

void
budgets_list(struct call *c)
{
	struct list l = { .call = c, .text = call_text(c, bytes_of(c->snapshot)) };
	struct slice tenant = call_query(c, S("tenant"));

	text_put(&l.text, S("{\"object\":\"list\",\"data\":["));
	if (text_overflowed(&l.text)) {
		call_fail(c, ERR_MEMORY);
		return;
	}
	if (tenant.len > 0)
		put_one(&l, tenant);
	else
		put_all(&l);
	text_put(&l.text, S("\n]}\n"));
	if (l.err != ERR_OK || text_overflowed(&l.text))
		call_fail(c, l.err != ERR_OK ? l.err : ERR_MEMORY);
	else
		call_reply(c, 200, text_slice(&l.text));
}
