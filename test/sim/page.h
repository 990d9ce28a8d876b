/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIM_PAGE_H
#define SIM_PAGE_H

/*
 * page - what a data folder says at its end: entries and accounts, read back.
 *
 * Through the store's own words, and from entries by searching their text; what
 * verifies the tree is the ledger's own.
 */

#include "ledger/book.h"
#include "sim/world.h"

enum page_kind {
	PAGE_RECORD,			/* of a request, at its end */
	PAGE_OPENED,
	PAGE_CLOSED,			/* of a request, by the next process */
	PAGE_REST,			/* of an account, by the next process */
	PAGE_OTHER,
};

struct page_line {
	struct page_line *next;
	enum page_kind	 kind;
	struct slice	 id, text;	/* id: empty where there is none */
	nano_usd	 settled;
};

struct page_account {
	struct page_account *next;
	int64_t		 row;
	struct slice	 name;
	nano_usd	 spent, ceiling;
};

struct page {
	struct page_line *lines, **lines_tail;
	struct page_account *accounts, **accounts_tail;
	bool		 open;		/* something was opened and not closed */
};

/* All of a folder, in memory of the world; what cannot be read or verified is complained of. */
void page_read(struct page *, struct world *, const char *folder);

/* Amounts of nanodollars behind a name in a line; 0: there is none. */
nano_usd page_amount(struct slice line, struct slice name);

/* Does a line charge this row? */
bool page_charges(struct slice line, int64_t row);

/* The first line of this kind and id; NULL: there is none. */
const struct page_line *page_find(const struct page *, struct slice id, enum page_kind);

#endif
