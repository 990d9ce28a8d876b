/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LEDGER_TROUBLE_H
#define LEDGER_TROUBLE_H

/*
 * trouble - what can be wrong with a ledger, and with which entries.
 *
 * The names are what `trivium ledger verify --json` says, the words what it says to
 * people, behind the entries that are concerned.
 */

#include "core/slice.h"

enum trouble {
#define TROUBLE(name, words)	TROUBLE_##name,
#include "ledger/trouble.tbl"
#undef TROUBLE
};

struct slice trouble_name(enum trouble);
struct slice trouble_words(enum trouble);

#define FAULT_ID_BYTES	64

/* What is wrong with entries [from, to), and the id of the first where it has one. */
struct fault {
	enum trouble	what;
	uint64_t	from, to;
	char		id[FAULT_ID_BYTES];
	size_t		id_len;
};

#endif
