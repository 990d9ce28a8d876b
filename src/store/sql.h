/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_SQL_H
#define STORE_SQL_H

/*
 * sql - statements of statement.tbl, bound, stepped and read.
 *
 * For the files of this folder alone.  A statement is prepared when it is first
 * used and kept.  What is bound must stay until the statement was stepped; what
 * is read is valid until its next step.  Every failure is remembered in the
 * store, so that a word may bind without looking and asks once at its end.
 */

#include <sqlite3.h>

#include "store/gather.h"
#include "store/store.h"

enum statement {
#define STATEMENT(name, text)	STATEMENT_##name,
#include "store/statement.tbl"
#undef STATEMENT
	STATEMENT_COUNT
};

struct store {
	sqlite3		*db;
	struct gather	 gather;	/* of who writes */
	sqlite3_stmt	*statement[STATEMENT_COUNT];
	int		 code;		/* SQLite's, of the last failure */
	bool		 writing;	/* between begin and commit */
	char		 complaint[256];
	size_t		 complaint_len;
	char		*kept;		/* of malloc(): the bytes of the last sql_keep() */
	size_t		 kept_bytes;
};

/* A statement to be bound; NULL: it cannot be prepared, as sql_run() then tells. */
sqlite3_stmt *sql_ready(struct store *, enum statement);

/* Columns of a binding begin at 1. */
void sql_bind_number(sqlite3_stmt *, int column, int64_t);
void sql_bind_bytes(sqlite3_stmt *, int column, struct slice);
void sql_bind_text(sqlite3_stmt *, int column, struct slice);

/* Steps a statement that yields nothing; then it is ready again. */
must_use enum err sql_run(struct store *, sqlite3_stmt *);

/* Steps to the next row; *found is false behind the last, and the statement is ready again. */
must_use enum err sql_next(struct store *, sqlite3_stmt *, bool *found);

/* Ends a statement before its last row. */
void sql_end(sqlite3_stmt *);

/* Columns of a row begin at 0. */
int64_t sql_number(sqlite3_stmt *, int column);
struct slice sql_bytes(sqlite3_stmt *, int column);
struct slice sql_optional(sqlite3_stmt *, int column);	/* absent where it is NULL */

/*
 * The bytes of a column as the store's own copy, until the next one; ends the statement, so that no
 * read goes on behind a word that answers with one row.  ERR_MEMORY.
 */
must_use enum err sql_keep(struct store *, sqlite3_stmt *, int column, struct slice *out);

/* What a failure of SQLite is for whoever asked, remembered with its words. */
enum err sql_failed(struct store *, int code);

#endif
