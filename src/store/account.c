/* SPDX-License-Identifier: Apache-2.0 */
#include "store/account.h"

#include "store/sql.h"

enum err
account_add(struct store *s, struct account_row *row)
{
	sqlite3_stmt *q = sql_ready(s, STATEMENT_ACCOUNT_ADD);
	bool found = false;
	enum err e;

	sql_bind_text(q, 1, row->name);
	sql_bind_number(q, 2, row->began);
	sql_bind_number(q, 3, row->ends);
	sql_bind_number(q, 4, row->ceiling);
	if ((e = sql_next(s, q, &found)) != ERR_OK)
		return e;
	must(found);
	row->id = sql_number(q, 0);
	/* The row is there when its statement has ended. */
	return sql_run(s, q);
}

static enum err
read_row(struct store *s, sqlite3_stmt *q, struct account_row *row, bool *found)
{
	enum err e = sql_next(s, q, found);

	if (e != ERR_OK || !*found)
		return e;
	*row = (struct account_row){
		.id = sql_number(q, 0),
		.began = sql_number(q, 2),
		.ends = sql_number(q, 3),
		.spent = sql_number(q, 4),
		.ceiling = sql_number(q, 5),
		.told = (uint8_t)sql_number(q, 6),
	};
	return sql_keep(s, q, 1, &row->name);
}

enum err
account_last(struct store *s, struct slice name, struct account_row *row, bool *found)
{
	sqlite3_stmt *q = sql_ready(s, STATEMENT_ACCOUNT_LAST);

	sql_bind_text(q, 1, name);
	return read_row(s, q, row, found);
}

enum err
account_next(struct store *s, int64_t id, struct account_row *row, bool *found)
{
	sqlite3_stmt *q = sql_ready(s, STATEMENT_ACCOUNT_NEXT);

	sql_bind_number(q, 1, id);
	return read_row(s, q, row, found);
}

enum err
account_open(struct store *s, int64_t id, struct account_row *row, bool *found)
{
	sqlite3_stmt *q = sql_ready(s, STATEMENT_ACCOUNT_OPEN);

	sql_bind_number(q, 1, id);
	return read_row(s, q, row, found);
}

enum err
account_raise(struct store *s, const struct account_row *row)
{
	sqlite3_stmt *q = sql_ready(s, STATEMENT_ACCOUNT_RAISE);

	sql_bind_number(q, 1, row->id);
	sql_bind_number(q, 2, row->ceiling);
	sql_bind_number(q, 3, row->told);
	return sql_run(s, q);
}

enum err
account_charge(struct store *s, int64_t id, nano_usd amount)
{
	sqlite3_stmt *q = sql_ready(s, STATEMENT_ACCOUNT_CHARGE);

	sql_bind_number(q, 1, id);
	sql_bind_number(q, 2, amount);
	return sql_run(s, q);
}

enum err
account_prune(struct store *s, int64_t before)
{
	sqlite3_stmt *q = sql_ready(s, STATEMENT_ACCOUNT_PRUNE);

	sql_bind_number(q, 1, before);
	return sql_run(s, q);
}
