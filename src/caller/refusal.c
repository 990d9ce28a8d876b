/* SPDX-License-Identifier: Apache-2.0 */
#include "caller/refusal.h"

static const struct slice names[REFUSAL_COUNT] = {
#define REFUSAL(name, what)	[REFUSAL_##name] = { #name, sizeof #name - 1 },
#include "caller/refusal.tbl"
#undef REFUSAL
};

struct slice
refusal_name(enum refusal r)
{
	return names[r];
}
