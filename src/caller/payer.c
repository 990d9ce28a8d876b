/* SPDX-License-Identifier: Apache-2.0 */
#include "caller/payer.h"

#include "core/text.h"

/* What an account belongs to; `within` is the tenant of a team. */
struct owner {
	struct slice	kind, within, name;
};

/* The budget of one owner; false without memory. */
static bool
put_account(struct budget *b, const struct owner *o, const struct snapshot *s, struct arena *a)
{
	struct slice per = period_name(b->per);
	size_t bytes = o->kind.len + o->within.len + o->name.len + per.len + b->zone_name.len + 4;
	char *room = arena_bytes(a, bytes);
	struct text t;

	if (room == NULL)
		return false;
	text_init(&t, room, bytes);
	text_put(&t, o->kind);
	text_put_char(&t, ' ');
	text_put(&t, o->within);
	text_put(&t, o->within.len > 0 ? S(" ") : S(""));
	text_put(&t, o->name);
	text_put_char(&t, ' ');
	text_put(&t, per);
	text_put_char(&t, ' ');
	text_put(&t, b->zone_name);
	must(!text_overflowed(&t));
	b->account = text_slice(&t);
	b->hash = hash_64(&s->hash_key, b->account);
	return true;
}

static enum err
add(struct payer_bill *bill, const struct budgets *of, const struct owner *o,
    const struct snapshot *s, struct arena *a)
{
	for (uint32_t i = 0; i < of->count; i++) {
		struct budget *b = arena_alloc(a, sizeof *b);

		if (b == NULL)
			return ERR_MEMORY;
		*b = of->row[i];
		if (!put_account(b, o, s, a))
			return ERR_MEMORY;
		bill->budget[bill->count++] = b;
	}
	return ERR_OK;
}

enum err
payer_budgets(const struct payer *p, const struct snapshot *s, struct arena *a,
    struct payer_bill *out)
{
	const struct tenant *tenant = snapshot_tenant(s, p->tenant);
	const struct team *team = tenant != NULL && p->team.len > 0 ?
	    tenant_team(tenant, p->team) : NULL;
	struct owner owner = { .kind = S("tenant"), .name = p->tenant };
	enum err e = ERR_OK;

	out->count = 0;
	if (tenant != NULL)
		e = add(out, &tenant->budgets, &owner, s, a);
	owner = (struct owner){ S("team"), p->tenant, p->team };
	if (e == ERR_OK && team != NULL)
		e = add(out, &team->budgets, &owner, s, a);
	owner = (struct owner){ .kind = S("key"), .name = p->key };
	if (e == ERR_OK && p->own != NULL)
		e = add(out, p->own, &owner, s, a);
	return e;
}
