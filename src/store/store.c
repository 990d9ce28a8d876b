/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store.h"

#include <stdlib.h>

#include "run/file.h"
#include "run/kernel.h"
#include "store/sql.h"

/* So that `file` and SQLite tell whose database it is: "Tvm1". */
#define APPLICATION_ID	"1417047345"
#define BUSY_WAIT_MS	5000

static const char *const schema[] = {
#define SCHEMA(version, text)	text,
#include "store/schema.tbl"
#undef SCHEMA
};

/* Rows up to this are the ledger's: an older copy without the rest can still be verified. */
#define LEDGER_VERSION	5
#define SCHEMA_VERSION	((int64_t)(sizeof schema / sizeof schema[0]))

/* For statements without values that yield at most one number. */
static enum err
run_text(struct store *s, const char *text, int64_t *out)
{
	sqlite3_stmt *q = NULL;
	int code = sqlite3_prepare_v2(s->db, text, -1, &q, NULL);

	if (code == SQLITE_OK) {
		code = sqlite3_step(q);
		if (code == SQLITE_ROW && out != NULL)
			*out = sqlite3_column_int64(q, 0);
		if (code == SQLITE_ROW || code == SQLITE_DONE)
			code = SQLITE_OK;
	}
	if (code != SQLITE_OK) {
		enum err e = sql_failed(s, code);

		sqlite3_finalize(q);
		return e;
	}
	sqlite3_finalize(q);
	return ERR_OK;
}

static enum err
run_texts(struct store *s, const char *const *text, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		enum err e = run_text(s, text[i], NULL);

		if (e != ERR_OK)
			return e;
	}
	return ERR_OK;
}

/*
 * What is committed is on disk: NORMAL would lose acknowledged entries with the power.
 * A schema of another's making is not trusted with functions.
 */
static enum err
configure(struct store *s, enum store_mode mode)
{
	static const char *const always[] = {
		"PRAGMA trusted_schema = OFF", "PRAGMA temp_store = MEMORY",
		"PRAGMA cell_size_check = ON", "PRAGMA secure_delete = ON",
	};
	static const char *const writing[] = {
		"PRAGMA page_size = 8192", "PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL",
		"PRAGMA wal_autocheckpoint = 4000", "PRAGMA journal_size_limit = 67108864",
	};
	enum err e = run_texts(s, always, sizeof always / sizeof always[0]);

	if (e == ERR_OK && mode == STORE_WRITE)
		e = run_texts(s, writing, sizeof writing / sizeof writing[0]);
	return e;
}

static enum err
make_tables(struct store *s, int64_t have)
{
	char version[64];
	struct text t;
	enum err e = run_text(s, "BEGIN IMMEDIATE", NULL);

	for (int64_t i = have; i < SCHEMA_VERSION && e == ERR_OK; i++)
		e = run_text(s, schema[i], NULL);
	text_init(&t, version, sizeof version - 1);
	text_put(&t, S("PRAGMA user_version = "));
	text_put_signed(&t, SCHEMA_VERSION);
	version[t.len] = '\0';
	if (e == ERR_OK)
		e = run_text(s, "PRAGMA application_id = " APPLICATION_ID, NULL);
	if (e == ERR_OK)
		e = run_text(s, version, NULL);
	return e == ERR_OK ? run_text(s, "COMMIT", NULL) : e;
}

/* ERR_CONF: it is of a newer program, or of another. */
static enum err
check_version(struct store *s, enum store_mode mode)
{
	int64_t have = 0, whose = 0;
	enum err e = run_text(s, "PRAGMA user_version", &have);

	if (e == ERR_OK)
		e = run_text(s, "PRAGMA application_id", &whose);
	if (e != ERR_OK)
		return e;
	if (have < 0 || have > SCHEMA_VERSION ||
	    (have > 0 && whose != strtoll(APPLICATION_ID, NULL, 10)))
		return ERR_CONF;
	if (mode == STORE_READ)
		return have >= LEDGER_VERSION ? ERR_OK : ERR_CONF;
	return have < SCHEMA_VERSION ? make_tables(s, have) : ERR_OK;
}

static void
explain(struct text *why, const char *path, const struct store *s, enum err e)
{
	text_put(why, S("the store "));
	text_put(why, slice_of(path, strlen(path)));
	if (e == ERR_CONF) {
		text_put(why, S(" is of another program, or of another version of this one"));
		return;
	}
	text_put(why, e == ERR_STORE_BROKEN ? S(" is damaged: ") : S(" cannot be opened: "));
	text_put(why, e == ERR_MEMORY ? S("no memory") : store_complaint(s));
	if (e == ERR_STORE_BROKEN)
		text_put(why, S("; move it away, or put back a copy that `trivium ledger verify` "
		    "finds whole"));
}

static enum err
open_at(struct store *s, const char *path, enum store_mode mode)
{
	int flags = mode == STORE_WRITE ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE :
	    SQLITE_OPEN_READONLY;
	const char *way = kernel_vfs();
	enum err e;
	int code;

	if (mode == STORE_WRITE && !gather_init(&s->gather, way))
		return ERR_MEMORY;
	code = sqlite3_open_v2(path, &s->db, flags | SQLITE_OPEN_NOMUTEX,
	    mode == STORE_WRITE ? s->gather.name : way);

	if (code != SQLITE_OK)
		return sql_failed(s, code);
	(void)sqlite3_extended_result_codes(s->db, 1);
	(void)sqlite3_busy_timeout(s->db, BUSY_WAIT_MS);
	e = configure(s, mode);
	return e == ERR_OK ? check_version(s, mode) : e;
}

enum err
store_open(struct store **out, const char *folder, enum store_mode mode, struct text *why)
{
	struct store *s = calloc(1, sizeof *s);
	char *path = folder == NULL ? strdup(":memory:") : file_path(folder, S(STORE_FILE));
	enum err e;

	if (s == NULL || path == NULL) {
		text_put(why, S("no memory for a store"));
		free(s);
		free(path);
		return ERR_MEMORY;
	}
	if ((e = open_at(s, path, mode)) == ERR_OK) {
		*out = s;
	} else {
		explain(why, path, s, e);
		store_close(s);
	}
	free(path);
	return e;
}

void
store_close(struct store *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; i < STATEMENT_COUNT; i++)
		sqlite3_finalize(s->statement[i]);
	(void)sqlite3_close(s->db);
	gather_release(&s->gather);
	free(s->kept);
	free(s);
}

enum err
store_begin(struct store *s)
{
	enum err e = sql_run(s, sql_ready(s, STATEMENT_BEGIN));

	s->writing = e == ERR_OK;
	return e;
}

enum err
store_look(struct store *s)
{
	enum err e = sql_run(s, sql_ready(s, STATEMENT_BEGIN_READ));

	s->writing = e == ERR_OK;
	return e;
}

enum err
store_commit(struct store *s)
{
	enum err e = sql_run(s, sql_ready(s, STATEMENT_COMMIT));

	s->writing = e != ERR_OK;
	return e;
}

void
store_rollback(struct store *s)
{
	/* Some failures have undone the transaction already. */
	if (s->writing && sqlite3_get_autocommit(s->db) == 0)
		(void)!sql_run(s, sql_ready(s, STATEMENT_ROLLBACK));
	s->writing = false;
}

struct slice
store_complaint(const struct store *s)
{
	return slice_of(s->complaint, s->complaint_len);
}

enum err
store_value_put(struct store *s, struct slice name, struct slice value)
{
	sqlite3_stmt *q = sql_ready(s, STATEMENT_VALUE_PUT);

	sql_bind_text(q, 1, name);
	sql_bind_bytes(q, 2, value);
	return sql_run(s, q);
}

enum err
store_value_get(struct store *s, struct slice name, struct slice *out)
{
	sqlite3_stmt *q = sql_ready(s, STATEMENT_VALUE_GET);
	bool found = false;
	enum err e;

	sql_bind_text(q, 1, name);
	e = sql_next(s, q, &found);
	if (e != ERR_OK || found)
		return e == ERR_OK ? sql_keep(s, q, 0, out) : e;
	*out = slice_of(NULL, 0);
	return ERR_OK;
}
