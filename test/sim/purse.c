/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/purse.h"

#include <stdio.h>
#include <string.h>

#include "sim/law.h"

/* From what one request costs to more than all of a history do. */
static void
throw(struct purse *p, struct dice *d, unsigned percent)
{
	static const char *const per[] = { "hour", "day", "week", "month", "total" };

	p->there = dice_percent(d, percent);
	p->limit = (nano_usd)dice_wide(d, 100, 20000000) * 1000;
	p->per = per[dice_below(d, sizeof per / sizeof per[0])];
}

void
purses_throw(struct purses *p, struct dice *d)
{
	throw(&p->fallback, d, 40);
	for (int i = 0; i < PURSE_OWNERS; i++) {
		throw(&p->tenant[i], d, 40);
		throw(&p->key[i], d, 40);
	}
}

static void
put(struct text *t, const struct purse *p)
{
	law_put(t, "[{usd: %lld.%09lld, per: %s}]", (long long)(p->limit / 1000000000),
	    (long long)(p->limit % 1000000000), p->per);
}

static void
put_tenant(struct text *t, const char *name, const struct purse *p)
{
	if (!p->there)
		return;
	law_put(t, "  %s: {budget: ", name);
	put(t, p);
	law_put(t, "}\n");
}

void
purses_put(struct text *t, const struct purses *p)
{
	char name[8];
	bool any = p->fallback.there;

	for (int i = 0; i < PURSE_OWNERS; i++)
		any = any || p->tenant[i].there;
	if (!any)
		return;
	law_put(t, "tenants:\n");
	put_tenant(t, "default", &p->fallback);
	for (int i = 0; i < PURSE_OWNERS; i++) {
		snprintf(name, sizeof name, "t%d", i);
		put_tenant(t, name, &p->tenant[i]);
	}
}

void
purses_put_key(struct text *t, const struct purses *p, int key)
{
	if (!p->key[key].there)
		return;
	law_put(t, ", budget: ");
	put(t, &p->key[key]);
}

static bool
is_of(struct slice account, const char *owner, const char *per)
{
	char name[64];
	int n = snprintf(name, sizeof name, "%s %s UTC", owner, per);

	return slice_eq(account, slice_of(name, (size_t)n));
}

nano_usd
purses_limit(const struct purses *p, struct slice account)
{
	char owner[32];

	for (int i = 0; i < PURSE_OWNERS; i++) {
		const struct purse *tenant = p->tenant[i].there ? &p->tenant[i] : &p->fallback;

		snprintf(owner, sizeof owner, "tenant t%d", i);
		if (tenant->there && is_of(account, owner, tenant->per))
			return tenant->limit;
		snprintf(owner, sizeof owner, "key caller-%d", i);
		if (p->key[i].there && is_of(account, owner, p->key[i].per))
			return p->key[i].limit;
	}
	if (p->fallback.there && is_of(account, "tenant default", p->fallback.per))
		return p->fallback.limit;
	return -1;
}
