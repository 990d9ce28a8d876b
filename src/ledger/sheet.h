/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LEDGER_SHEET_H
#define LEDGER_SHEET_H

/*
 * sheet - entries as rows of a table (CSV, RFC 4180).
 *
 * The usual columns, then the entry itself, from which they were made: so a row can be
 * made again and compared.  A value that a spreadsheet would take for a
 * formula has an apostrophe before it.
 */

#include "core/arena.h"
#include "core/err.h"
#include "core/must.h"
#include "core/text.h"

/* The first row, with its line feed. */
void sheet_put_names(struct text *);

/* A row with its line feed; an entry that is no JSON object has only itself.  ERR_MEMORY. */
must_use enum err sheet_put(struct text *, struct arena *, uint64_t seq, struct slice entry);

/* The entry of a row without its line feed, in the arena; false for no row, or without memory. */
must_use bool sheet_entry(struct arena *, struct slice row, struct slice *out);

#endif
