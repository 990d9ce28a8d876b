/* SPDX-License-Identifier: Apache-2.0 */
#include "caller/flaw.h"

static const struct slice names[FLAW_COUNT] = {
#define FLAW(name, what)	[FLAW_##name] = { #name, sizeof #name - 1 },
#include "caller/flaw.tbl"
#undef FLAW
};

struct slice
flaw_name(enum flaw r)
{
	return names[r];
}
