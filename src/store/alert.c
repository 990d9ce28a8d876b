/* SPDX-License-Identifier: Apache-2.0 */
#include "store/alert.h"

#include "store/sql.h"

enum err
alert_add(struct store *s, struct alert_row *row)
{
	sqlite3_stmt *q = sql_ready(s, STATEMENT_ALERT_ADD);
	bool found = false;
	enum err e;

	sql_bind_text(q, 1, row->name);
	sql_bind_number(q, 2, row->began);
	sql_bind_number(q, 3, row->ends);
	sql_bind_number(q, 4, row->percent);
	sql_bind_number(q, 5, row->spent);
	sql_bind_number(q, 6, row->amount);
	sql_bind_number(q, 7, row->wall);
	if ((e = sql_next(s, q, &found)) != ERR_OK)
		return e;
	must(found);
	row->id = sql_number(q, 0);
	/* The row is there when its statement has ended. */
	return sql_run(s, q);
}

enum err
alert_next(struct store *s, int64_t id, struct alert_row *row, bool *found)
{
	sqlite3_stmt *q = sql_ready(s, STATEMENT_ALERT_NEXT);
	enum err e;

	sql_bind_number(q, 1, id);
	if ((e = sql_next(s, q, found)) != ERR_OK || !*found)
		return e;
	*row = (struct alert_row){
		.id = sql_number(q, 0),
		.began = sql_number(q, 2),
		.ends = sql_number(q, 3),
		.percent = (uint8_t)sql_number(q, 4),
		.spent = sql_number(q, 5),
		.amount = sql_number(q, 6),
		.wall = sql_number(q, 7),
	};
	return sql_keep(s, q, 1, &row->name);
}

enum err
alert_drop(struct store *s, int64_t id)
{
	sqlite3_stmt *q = sql_ready(s, STATEMENT_ALERT_DROP);

	sql_bind_number(q, 1, id);
	return sql_run(s, q);
}
