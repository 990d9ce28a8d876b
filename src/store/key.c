/* SPDX-License-Identifier: Apache-2.0 */
#include "store/key.h"

#include "store/sql.h"

enum err
key_row_put(struct store *s, const struct key_row *row)
{
	sqlite3_stmt *q = sql_ready(s, STATEMENT_KEY_PUT);

	sql_bind_text(q, 1, row->name);
	sql_bind_text(q, 2, row->tenant);
	sql_bind_bytes(q, 3, row->packed);
	return sql_run(s, q);
}

enum err
key_row_get(struct store *s, struct slice name, struct slice *packed)
{
	sqlite3_stmt *q = sql_ready(s, STATEMENT_KEY_GET);
	bool found = false;
	enum err e;

	sql_bind_text(q, 1, name);
	if ((e = sql_next(s, q, &found)) != ERR_OK)
		return e;
	*packed = slice_of(NULL, 0);
	return found ? sql_keep(s, q, 0, packed) : ERR_OK;
}

/* Every name of a prefix ends with letters below '{', so that is behind the last of them. */
static enum statement
page_statement(const struct key_page *p)
{
	return p->tenant.len > 0 ? STATEMENT_KEY_PAGE_OF : STATEMENT_KEY_PAGE;
}

enum err
key_row_seek(struct store *s, const struct key_page *p)
{
	sqlite3_stmt *q = sql_ready(s, page_statement(p));

	if (q == NULL)
		return sql_failed(s, sqlite3_extended_errcode(s->db));
	sql_end(q);
	sql_bind_text(q, 1, p->after.len > 0 ? p->after : p->prefix);
	sql_bind_text(q, 2, p->prefix);
	sql_bind_number(q, 3, p->count);
	if (p->tenant.len > 0)
		sql_bind_text(q, 4, p->tenant);
	return ERR_OK;
}

static enum err
next_packed(struct store *s, sqlite3_stmt *q, struct slice *packed, bool *found)
{
	enum err e = sql_next(s, q, found);

	if (e == ERR_OK && *found)
		*packed = sql_bytes(q, 0);
	return e;
}

enum err
key_row_next(struct store *s, const struct key_page *p, struct slice *packed, bool *found)
{
	return next_packed(s, sql_ready(s, page_statement(p)), packed, found);
}

void
key_row_end(struct store *s, const struct key_page *p)
{
	sql_end(s->statement[page_statement(p)]);
}

enum err
key_row_count(struct store *s, uint64_t *count)
{
	sqlite3_stmt *q = sql_ready(s, STATEMENT_KEY_COUNT);
	bool found = false;
	enum err e = sql_next(s, q, &found);

	if (e != ERR_OK)
		return e;
	must(found);
	*count = (uint64_t)sql_number(q, 0);
	sql_end(q);
	return ERR_OK;
}

enum err
key_row_each(struct store *s, struct slice *packed, bool *found)
{
	return next_packed(s, sql_ready(s, STATEMENT_KEY_EACH), packed, found);
}

enum err
key_row_any(struct store *s, bool *found)
{
	sqlite3_stmt *q = sql_ready(s, STATEMENT_KEY_EACH);
	enum err e = sql_next(s, q, found);

	sql_end(q);
	return e;
}

enum err
tenant_row_put(struct store *s, const struct tenant_row *row)
{
	sqlite3_stmt *q = sql_ready(s, STATEMENT_TENANT_PUT);

	sql_bind_text(q, 1, row->name);
	sql_bind_text(q, 2, row->metadata);
	sql_bind_number(q, 3, row->created);
	sql_bind_number(q, 4, row->suspended);
	return sql_run(s, q);
}

enum err
tenant_row_next(struct store *s, struct tenant_row *row, bool *found)
{
	sqlite3_stmt *q = sql_ready(s, STATEMENT_TENANT_EACH);
	enum err e = sql_next(s, q, found);

	if (e == ERR_OK && *found) {
		row->name = sql_bytes(q, 0);
		row->metadata = sql_bytes(q, 1);
		row->created = sql_number(q, 2);
		row->suspended = sql_number(q, 3) != 0;
	}
	return e;
}

void
tenant_row_end(struct store *s)
{
	sql_end(s->statement[STATEMENT_TENANT_EACH]);
}
