/* SPDX-License-Identifier: Apache-2.0 */
#include "store/sql.h"

#include <stdlib.h>

static const char *const statements[] = {
#define STATEMENT(name, text)	text,
#include "store/statement.tbl"
#undef STATEMENT
};

enum err
sql_failed(struct store *s, int code)
{
	struct text t;
	const char *words = s->db != NULL ? sqlite3_errmsg(s->db) : sqlite3_errstr(code);

	text_init(&t, s->complaint, sizeof s->complaint);
	text_put(&t, slice_of(words, strnlen(words, sizeof s->complaint)));
	s->complaint_len = t.len;
	s->code = code;
	switch (code & 0xff) {
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
	case SQLITE_SCHEMA:
		return ERR_STORE_BROKEN;
	case SQLITE_NOMEM:
		return ERR_MEMORY;
	}
	return ERR_IO;
}

sqlite3_stmt *
sql_ready(struct store *s, enum statement which)
{
	sqlite3_stmt **kept = &s->statement[which];

	if (*kept == NULL && sqlite3_prepare_v3(s->db, statements[which], -1,
	    SQLITE_PREPARE_PERSISTENT, kept, NULL) != SQLITE_OK) {
		sqlite3_finalize(*kept);
		*kept = NULL;
	}
	return *kept;
}

void
sql_bind_number(sqlite3_stmt *q, int column, int64_t n)
{
	if (q != NULL)
		must(sqlite3_bind_int64(q, column, n) == SQLITE_OK);
}

/* An absent slice would become NULL; an empty value is one. */
void
sql_bind_bytes(sqlite3_stmt *q, int column, struct slice s)
{
	if (q != NULL)
		must(sqlite3_bind_blob64(q, column, s.len > 0 ? s.ptr : "", s.len,
		    SQLITE_STATIC) == SQLITE_OK);
}

void
sql_bind_text(sqlite3_stmt *q, int column, struct slice s)
{
	if (q != NULL)
		must(sqlite3_bind_text64(q, column, s.len > 0 ? s.ptr : "", s.len,
		    SQLITE_STATIC, SQLITE_UTF8) == SQLITE_OK);
}

enum err
sql_next(struct store *s, sqlite3_stmt *q, bool *found)
{
	int code;
	enum err e;

	if (q == NULL)
		return sql_failed(s, sqlite3_extended_errcode(s->db));
	code = sqlite3_step(q);
	*found = code == SQLITE_ROW;
	if (code == SQLITE_ROW)
		return ERR_OK;
	e = code == SQLITE_DONE ? ERR_OK : sql_failed(s, code);
	/* Says what step said already. */
	(void)sqlite3_reset(q);
	return e;
}

enum err
sql_run(struct store *s, sqlite3_stmt *q)
{
	bool found = false;
	enum err e = sql_next(s, q, &found);

	must(!found);
	return e;
}

void
sql_end(sqlite3_stmt *q)
{
	if (q != NULL)
		(void)sqlite3_reset(q);
}

int64_t
sql_number(sqlite3_stmt *q, int column)
{
	return sqlite3_column_int64(q, column);
}

struct slice
sql_bytes(sqlite3_stmt *q, int column)
{
	const char *ptr = sqlite3_column_blob(q, column);

	return slice_of(ptr != NULL ? ptr : "", (size_t)sqlite3_column_bytes(q, column));
}

struct slice
sql_optional(sqlite3_stmt *q, int column)
{
	if (sqlite3_column_type(q, column) == SQLITE_NULL)
		return slice_of(NULL, 0);
	return sql_bytes(q, column);
}

/* At least one byte, so that what is there and empty is not taken for absent. */
static bool
make_room(struct store *s, size_t bytes)
{
	char *more;

	if (bytes < s->kept_bytes)
		return true;
	if ((more = realloc(s->kept, bytes + 1)) == NULL)
		return false;
	s->kept = more;
	s->kept_bytes = bytes + 1;
	return true;
}

enum err
sql_keep(struct store *s, sqlite3_stmt *q, int column, struct slice *out)
{
	struct slice bytes = sql_bytes(q, column);
	bool fits = make_room(s, bytes.len);

	if (fits) {
		memcpy(s->kept, bytes.ptr, bytes.len);
		*out = slice_of(s->kept, bytes.len);
	}
	sql_end(q);
	return fits ? ERR_OK : ERR_MEMORY;
}
