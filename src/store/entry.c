/* SPDX-License-Identifier: Apache-2.0 */
#include "store/entry.h"

#include "store/sql.h"

enum err
entry_put(struct store *s, const struct entry_row *row)
{
	sqlite3_stmt *q = sql_ready(s, STATEMENT_ENTRY_PUT);

	sql_bind_number(q, 1, (int64_t)row->seq);
	sql_bind_bytes(q, 2, row->leaf);
	sql_bind_bytes(q, 3, row->line);
	return sql_run(s, q);
}

static enum err
seek(struct store *s, sqlite3_stmt *q, uint64_t from, uint64_t to)
{
	if (q == NULL)
		return sql_failed(s, sqlite3_extended_errcode(s->db));
	sql_end(q);
	sql_bind_number(q, 1, (int64_t)from);
	sql_bind_number(q, 2, to > INT64_MAX ? INT64_MAX : (int64_t)to);
	return ERR_OK;
}

enum err
entry_seek(struct store *s, uint64_t from, uint64_t to)
{
	return seek(s, sql_ready(s, STATEMENT_ENTRY_FROM), from, to);
}

static enum err
next_row(struct store *s, enum statement which, struct entry_row *row, bool *found)
{
	sqlite3_stmt *q = sql_ready(s, which);
	enum err e = sql_next(s, q, found);

	if (e == ERR_OK && *found) {
		row->seq = (uint64_t)sql_number(q, 0);
		row->leaf = sql_bytes(q, 1);
		row->line = sql_optional(q, 2);
	}
	return e;
}

enum err
entry_next(struct store *s, struct entry_row *row, bool *found)
{
	return next_row(s, STATEMENT_ENTRY_FROM, row, found);
}

void
entry_end(struct store *s)
{
	sql_end(s->statement[STATEMENT_ENTRY_FROM]);
}

enum err
entry_last(struct store *s, uint64_t *seq, bool *found)
{
	sqlite3_stmt *q = sql_ready(s, STATEMENT_ENTRY_LAST);
	enum err e = sql_next(s, q, found);

	if (e != ERR_OK || !*found)
		return e;
	*seq = (uint64_t)sql_number(q, 0);
	sql_end(q);
	return ERR_OK;
}

enum err
entry_prune(struct store *s, uint64_t from, uint64_t to)
{
	sqlite3_stmt *q = sql_ready(s, STATEMENT_LINE_PRUNE);

	sql_bind_number(q, 1, (int64_t)from);
	sql_bind_number(q, 2, (int64_t)to);
	return sql_run(s, q);
}

static enum statement
hashes_of(unsigned level)
{
	return level == 0 ? STATEMENT_LEAF_FROM : STATEMENT_NODE_FROM;
}

enum err
entry_hash_seek(struct store *s, unsigned level, uint64_t from, uint64_t to)
{
	sqlite3_stmt *q = sql_ready(s, hashes_of(level));
	enum err e = seek(s, q, from, to);

	if (e == ERR_OK && level > 0)
		sql_bind_number(q, 3, level);
	return e;
}

enum err
entry_hash_next(struct store *s, unsigned level, struct entry_hash *out, bool *found)
{
	sqlite3_stmt *q = sql_ready(s, hashes_of(level));
	enum err e = sql_next(s, q, found);

	if (e == ERR_OK && *found) {
		out->index = (uint64_t)sql_number(q, 0);
		out->hash = sql_bytes(q, 1);
	}
	return e;
}

void
entry_hash_end(struct store *s, unsigned level)
{
	sql_end(s->statement[hashes_of(level)]);
}

enum err
entry_node_put(struct store *s, unsigned level, uint64_t index, struct slice hash)
{
	sqlite3_stmt *q = sql_ready(s, STATEMENT_NODE_PUT);

	sql_bind_number(q, 1, level);
	sql_bind_number(q, 2, (int64_t)index);
	sql_bind_bytes(q, 3, hash);
	return sql_run(s, q);
}

enum err
entry_node_get(struct store *s, unsigned level, uint64_t index, struct slice *hash)
{
	sqlite3_stmt *q = sql_ready(s, STATEMENT_NODE_GET);
	bool found = false;
	enum err e;

	sql_bind_number(q, 1, level);
	sql_bind_number(q, 2, (int64_t)index);
	e = sql_next(s, q, &found);
	if (e != ERR_OK || found)
		return e == ERR_OK ? sql_keep(s, q, 0, hash) : e;
	*hash = slice_of(NULL, 0);
	return ERR_OK;
}

enum err
entry_head_put(struct store *s, const struct entry_head *h)
{
	sqlite3_stmt *q = sql_ready(s, STATEMENT_HEAD_PUT);

	sql_bind_number(q, 1, (int64_t)h->size);
	sql_bind_number(q, 2, h->wall);
	sql_bind_bytes(q, 3, h->note);
	return sql_run(s, q);
}

static enum err
next_head(struct store *s, sqlite3_stmt *q, struct entry_head *h, bool *found)
{
	enum err e = sql_next(s, q, found);

	if (e == ERR_OK && *found)
		*h = (struct entry_head){
			.size = (uint64_t)sql_number(q, 0),
			.wall = sql_number(q, 1),
			.note = sql_bytes(q, 2),
		};
	return e;
}

enum err
entry_head_last(struct store *s, struct entry_head *h, bool *found)
{
	sqlite3_stmt *q = sql_ready(s, STATEMENT_HEAD_LAST);
	enum err e = next_head(s, q, h, found);

	return e == ERR_OK && *found ? sql_keep(s, q, 2, &h->note) : e;
}

enum err
entry_head_seek(struct store *s, uint64_t size)
{
	sqlite3_stmt *q = sql_ready(s, STATEMENT_HEAD_FROM);

	if (q == NULL)
		return sql_failed(s, sqlite3_extended_errcode(s->db));
	sql_end(q);
	sql_bind_number(q, 1, (int64_t)size);
	return ERR_OK;
}

enum err
entry_head_next(struct store *s, struct entry_head *h, bool *found)
{
	return next_head(s, sql_ready(s, STATEMENT_HEAD_FROM), h, found);
}

void
entry_head_end(struct store *s)
{
	sql_end(s->statement[STATEMENT_HEAD_FROM]);
}

enum err
entry_head_drop(struct store *s, uint64_t size)
{
	sqlite3_stmt *q = sql_ready(s, STATEMENT_HEAD_DROP);

	sql_bind_number(q, 1, (int64_t)size);
	return sql_run(s, q);
}

enum err
entry_open_put(struct store *s, struct slice id, uint64_t seq)
{
	sqlite3_stmt *q = sql_ready(s, STATEMENT_OPENED_PUT);

	sql_bind_text(q, 1, id);
	sql_bind_number(q, 2, (int64_t)seq);
	return sql_run(s, q);
}

enum err
entry_open_close(struct store *s, struct slice id)
{
	sqlite3_stmt *q = sql_ready(s, STATEMENT_OPENED_CLOSE);

	sql_bind_text(q, 1, id);
	return sql_run(s, q);
}

enum err
entry_open_first(struct store *s, struct entry_row *row, bool *found)
{
	enum err e = next_row(s, STATEMENT_OPENED_FIRST, row, found);

	row->leaf = slice_of(NULL, 0);
	return e == ERR_OK && *found ?
	    sql_keep(s, s->statement[STATEMENT_OPENED_FIRST], 2, &row->line) : e;
}
