/* SPDX-License-Identifier: Apache-2.0 */

/*
 * budgets - what may be spent, what was, and what is reserved now.
 *
 * ?tenant=NAME (with &team=NAME and &key=ID, if wanted) tells the budgets that a
 * request of theirs is held against; without it those of every tenant, team and key
 * that the configuration names.
 */

#include "admin/budgets.h"

#include "admin/admin.h"
#include "admin/call.h"
#include "admin/field.h"
#include "caller/bind.h"
#include "caller/keyring.h"
#include "caller/payer.h"
#include "conf/snapshot.h"
#include "core/price.h"
#include "ledger/ceiling.h"

#define API(method, path, run, permission, what)	void run(struct call *);
#include "admin/api.tbl"
#undef API

#define ROW_BYTES	512	/* without the account's name */

/* Budgets as accounts: what a page tells of. */
struct accounts {
	const struct snapshot	*snapshot;
	struct arena		*arena;
	const struct budget	**at;
	uint32_t		 count, room;
	enum err		 err;
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
put_budget(struct call *c, struct text *t, const struct budget *b)
{
	struct hold_sight sight = ceiling_look(c->admin->ceilings, b, c->wall / NANOS_PER_S);
	nano_usd left = b->limit - sight.spent - sight.held;

	text_put(t, S("{\"account\":"));
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
add_bill(struct accounts *l, const struct payer *p, struct slice kind)
{
	struct payer_bill bill;

	/* Behind the last that is told of there may be sixty times as many. */
	if (l->err != ERR_OK || l->count == l->room)
		return;
	l->err = payer_budgets(p, l->snapshot, l->arena, &bill);
	for (uint32_t i = 0; l->err == ERR_OK && i < bill.count; i++)
		if (slice_starts(bill.budget[i]->account, kind) && l->count < l->room)
			l->at[l->count++] = bill.budget[i];
}

/* Those of tenants first, then teams, then keys. */
static void
add_all(struct accounts *l)
{
	const struct snapshot *s = l->snapshot;

	/* The row of all that have none is that of callers without a tenant, too. */
	for (uint32_t i = 0; i < s->tenant_count; i++)
		add_bill(l, &(struct payer){ .tenant = s->tenant[i].name }, S("tenant "));
	for (uint32_t i = 0; i < s->tenant_count; i++)
		for (uint32_t j = 0; j < s->tenant[i].team_count; j++)
			add_bill(l, &(struct payer){ s->tenant[i].name,
			    s->tenant[i].team[j].name, .own = NULL }, S("team "));
	for (uint32_t i = 0; i < s->key_count; i++)
		if (s->key[i].budgets != NULL)
			add_bill(l, &(struct payer){ .tenant = s->key[i].tenant,
			    .key = s->key[i].id, .own = s->key[i].budgets }, S("key "));
}

/* What a stored key of that tenant brings: its budgets, and those of its team. */
static void
find_stored(struct accounts *l, struct call *c, struct payer *p)
{
	struct slice gone;
	struct key_id id;
	struct grant g;
	struct key key;

	if (!key_name_read(KEY_CALLER, p->key, &id) || c->admin->keyring == NULL ||
	    registry_get(keyring_registry(c->admin->keyring), KEY_CALLER, &id, l->arena, &g) !=
	    ERR_OK || !slice_eq(g.text[GRANT_tenant], p->tenant) ||
	    bind_grant(&g, l->snapshot, l->arena, &key, &gone) != ERR_OK)
		return;
	p->own = key.budgets;
	p->team = p->team.len > 0 ? p->team : key.team;
}

static void
add_one(struct accounts *l, struct call *c, struct payer p)
{
	const struct snapshot *s = l->snapshot;
	struct slice tenant = p.tenant;

	for (uint32_t i = 0; p.key.len > 0 && i < s->key_count; i++)
		if (slice_eq(s->key[i].id, p.key) && slice_eq(s->key[i].tenant, tenant)) {
			p.own = s->key[i].budgets;
			p.team = p.team.len > 0 ? p.team : s->key[i].team;
		}
	if (slice_starts(p.key, S("tv_")))
		find_stored(l, c, &p);
	add_bill(l, &p, S(""));
}

/* As many as there can be: four of each tenant, team and key. */
static uint32_t
most(const struct snapshot *s)
{
	uint32_t owners = 3 + s->tenant_count;

	for (uint32_t i = 0; i < s->tenant_count; i++)
		owners += s->tenant[i].team_count;
	for (uint32_t i = 0; i < s->key_count; i++)
		owners += s->key[i].budgets != NULL;
	return owners * BUDGETS_MAX;
}

static void
open_accounts(struct accounts *l, const struct snapshot *s, struct arena *a, uint32_t room)
{
	*l = (struct accounts){ .snapshot = s, .arena = a, .room = room };
	l->at = arena_alloc(a, room * sizeof *l->at);
	if (l->at == NULL)
		l->err = ERR_MEMORY;
}

void
budgets_list(struct call *c)
{
	struct slice tenant = call_query(c, S("tenant"));
	struct accounts l;
	struct text t;

	open_accounts(&l, c->snapshot, &c->arena, most(c->snapshot));
	if (tenant.len > 0)
		add_one(&l, c, (struct payer){ tenant, call_query(c, S("team")),
		    call_query(c, S("key")), NULL });
	else
		add_all(&l);
	t = call_text(c, 64 + l.count * (size_t)(ROW_BYTES + 6 * 512));
	text_put(&t, S("{\"object\":\"list\",\"data\":["));
	for (uint32_t i = 0; i < l.count && !text_overflowed(&t); i++) {
		text_put(&t, i == 0 ? S("\n") : S(",\n"));
		put_budget(c, &t, l.at[i]);
	}
	text_put(&t, S("\n]}\n"));
	if (l.err != ERR_OK || text_overflowed(&t))
		call_fail(c, l.err != ERR_OK ? l.err : ERR_MEMORY);
	else
		call_reply(c, 200, text_slice(&t));
}

/* ---- corrections ---- */

#define REASON_BYTES_MAX	500

static struct slice
member(struct call *c, struct slice name)
{
	uint32_t node = json_member(&c->json, 0, name);

	return node == 0 || json_type(&c->json, node) != JSON_STRING ? slice_of(NULL, 0) :
	    json_string(&c->arena, &c->json, node);
}

/* Less than nothing is given back. */
static bool
read_amount(struct slice s, nano_usd *out)
{
	bool back = slice_starts(s, S("-"));

	if (!price_read_usd(slice_cut(s, back ? 1 : 0, s.len), out) || *out == 0)
		return false;
	*out = back ? -*out : *out;
	return true;
}

/* The account of that name, of all that the configuration names or of this payer. */
static const struct budget *
find_account(struct call *c, struct slice name)
{
	struct payer p = {
		member(c, S("tenant")), member(c, S("team")), member(c, S("key")), NULL,
	};
	struct accounts l;

	open_accounts(&l, c->snapshot, &c->arena, most(c->snapshot));
	if (p.tenant.len > 0)
		add_one(&l, c, p);
	else
		add_all(&l);
	for (uint32_t i = 0; l.err == ERR_OK && i < l.count; i++)
		if (slice_eq(l.at[i]->account, name))
			return l.at[i];
	return NULL;
}

static void
refuse_adjust(struct call *c, enum err e)
{
	if (e == ERR_INSUFFICIENT_QUOTA || e == ERR_BUDGET_BUSY)
		call_refuse(c, &(struct refusal_words){ .status = 409, .code = S("no_room"),
		    .param = S("usd"), .message = S("so much is not left of the budget, or was "
		    "not spent of it in this period") });
	else
		call_fail(c, e);
}

static void
adjust(struct call *c, const struct budget *b, nano_usd amount, struct slice reason)
{
	struct hold_ask ask = { &b, 1, amount, c->wall / NANOS_PER_S };
	struct text line = call_text(c, 512 + 6 * (b->account.len + reason.len));
	struct text t = call_text(c, ROW_BYTES + 6 * b->account.len);
	enum err e;

	text_put(&line, S("{\"entry\":\"change\",\"time\":\""));
	text_put_time(&line, c->wall);
	text_put(&line, S("\",\"change\":\"budget_adjusted\",\"by\":"));
	text_put_json(&line, c->by);
	text_put(&line, S(",\"account\":"));
	text_put_json(&line, b->account);
	text_put(&line, S(",\"reason\":"));
	text_put_json(&line, reason);
	e = ceiling_adjust(c->admin->ceilings, c->x->fiber, &ask, &line);
	if (e != ERR_OK) {
		refuse_adjust(c, e);
		return;
	}
	put_budget(c, &t, b);
	text_put(&t, S("\n"));
	if (text_overflowed(&t))
		call_fail(c, ERR_MEMORY);
	else
		call_reply(c, 200, text_slice(&t));
}

void
budgets_adjust(struct call *c)
{
	struct slice reason = member(c, S("reason")), account = member(c, S("account"));
	const struct budget *b = find_account(c, account);
	nano_usd amount = 0;

	if (b == NULL)
		field_refuse(c, S("name_unknown"), S("account"), S("this is no account of the "
		    "configuration; GET /api/budgets tells them, and those of one tenant with "
		    "tenant (and key)"));
	else if (!read_amount(member(c, S("usd")), &amount))
		field_refuse(c, S("field_value"), S("usd"), S("usd must be an amount that is not "
		    "zero, as \"1.50\", or \"-1.50\" to give back"));
	else if (reason.len == 0 || reason.len > REASON_BYTES_MAX)
		field_refuse(c, S("field_value"), S("reason"), S("say why, in 1 to 500 bytes: it "
		    "stands in the ledger"));
	else
		adjust(c, b, amount, reason);
}

/* ---- metrics ---- */

enum figure { FIGURE_LIMIT, FIGURE_SPENT, FIGURE_HELD, FIGURES };

static nano_usd
figure_of(enum figure figure, const struct budget *b, const struct hold_sight *sight)
{
	return figure == FIGURE_LIMIT ? b->limit : figure == FIGURE_SPENT ? sight->spent :
	    sight->held;
}

static void
put_figure(struct text *t, enum figure figure, const struct accounts *l,
    const struct hold_sight *sight)
{
	static const struct { struct slice name, help; } is[FIGURES] = {
		{ { "trivium_budget_limit_usd", 24 },
		    { "What may be spent of a budget in its period, in dollars.", 56 } },
		{ { "trivium_budget_spent_usd", 24 },
		    { "What was spent of it.", 21 } },
		{ { "trivium_budget_held_usd", 23 },
		    { "What is held of it for requests in flight.", 42 } },
	};

	text_put(t, S("# HELP "));
	text_put(t, is[figure].name);
	text_put_char(t, ' ');
	text_put(t, is[figure].help);
	text_put(t, S("\n# TYPE "));
	text_put(t, is[figure].name);
	text_put(t, S(" gauge\n"));
	for (uint32_t i = 0; i < l->count; i++) {
		text_put(t, is[figure].name);
		text_put(t, S("{budget="));
		text_put_json(t, l->at[i]->account);
		text_put(t, S("} "));
		text_put_usd(t, figure_of(figure, l->at[i], &sight[i]));
		text_put_char(t, '\n');
	}
}

enum err
budgets_metrics(struct ceilings *ceilings, const struct snapshot *s, struct arena *a,
    struct slice *out)
{
	int64_t wall = kernel_wall() / NANOS_PER_S;
	struct hold_sight *sight;
	struct accounts l;
	struct text t;
	size_t bytes = 1024;

	*out = slice_of(NULL, 0);
	if (ceilings == NULL)
		return ERR_OK;
	open_accounts(&l, s, a, most(s) < BUDGET_SERIES_MAX ? most(s) : BUDGET_SERIES_MAX);
	add_all(&l);
	for (uint32_t i = 0; i < l.count; i++)
		bytes += FIGURES * (96 + 6 * l.at[i]->account.len);
	sight = arena_alloc(a, (l.count + 1) * sizeof *sight);
	text_init(&t, arena_bytes(a, bytes), bytes);
	if (l.err != ERR_OK || sight == NULL || t.ptr == NULL)
		return ERR_MEMORY;
	for (uint32_t i = 0; i < l.count; i++)
		sight[i] = ceiling_look(ceilings, l.at[i], wall);
	for (enum figure i = 0; i < FIGURES && l.count > 0; i++)
		put_figure(&t, i, &l, sight);
	must(!text_overflowed(&t));
	*out = text_slice(&t);
	return ERR_OK;
}
