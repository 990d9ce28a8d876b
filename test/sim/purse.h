/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIM_PURSE_H
#define SIM_PURSE_H

/*
 * purse - the budgets of a history: of tenants and of keys, in every version the same.
 */

#include "core/slice.h"
#include "core/text.h"
#include "core/unit.h"
#include "sim/dice.h"

#define PURSE_OWNERS	3	/* tenants t0 … and keys caller-0 … */

struct purse {
	bool		there;
	nano_usd	limit;
	const char	*per;
};

struct purses {
	struct purse	fallback;	/* of each tenant that has none */
	struct purse	tenant[PURSE_OWNERS], key[PURSE_OWNERS];
};

void purses_throw(struct purses *, struct dice *);

/* The map of tenants; what stands behind the other members of a key. */
void purses_put(struct text *, const struct purses *);
void purses_put_key(struct text *, const struct purses *, int key);

/* What an account may spend, by its name: "tenant t0 hour UTC"; -1: it is none of these. */
nano_usd purses_limit(const struct purses *, struct slice account);

#endif
