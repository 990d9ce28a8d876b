/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/trouble.h"

static const struct { struct slice name, words; } troubles[] = {
#define TROUBLE(name, words)	{ S(#name), S(words) },
#include "ledger/trouble.tbl"
#undef TROUBLE
};

struct slice
trouble_name(enum trouble t)
{
	return troubles[t].name;
}

struct slice
trouble_words(enum trouble t)
{
	return troubles[t].words;
}
