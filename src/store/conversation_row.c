/* SPDX-License-Identifier: Apache-2.0 */
#include "store/conversation_row.h"

#include "store/sql.h"

static struct slice
bytes_of(const struct hash_digest *d)
{
	return slice_of((const char *)d->word, sizeof d->word);
}

enum err
conversation_row_put(struct store *s, const struct conversation_row *row, nanos wall)
{
	sqlite3_stmt *q = sql_ready(s, STATEMENT_CONVERSATION_PUT);

	sql_bind_bytes(q, 1, bytes_of(&row->digest));
	sql_bind_number(q, 2, (int64_t)row->conversation.version);
	sql_bind_number(q, 3, row->expires_wall);
	sql_bind_text(q, 4, row->conversation.taint);
	sql_bind_bytes(q, 5, row->conversation.vault);
	sql_bind_number(q, 6, wall);
	return sql_run(s, q);
}

enum err
conversation_row_sweep(struct store *s, nanos wall)
{
	sqlite3_stmt *q = sql_ready(s, STATEMENT_CONVERSATION_SWEEP);

	sql_bind_number(q, 1, wall);
	return sql_run(s, q);
}

static enum err
load_row(sqlite3_stmt *q, struct conversations *c, nanos wall)
{
	struct slice digest = sql_bytes(q, 0);
	struct conversation_row row = {
		.conversation = {
			.version = (uint64_t)sql_number(q, 1),
			.taint = sql_bytes(q, 3),
			.vault = sql_bytes(q, 4),
		},
		.expires_wall = sql_number(q, 2),
	};

	if (digest.len != sizeof row.digest.word)
		return ERR_STORE_BROKEN;
	memcpy(row.digest.word, digest.ptr, digest.len);
	return conversation_load(c, row.digest, &row.conversation, wall, row.expires_wall);
}

enum err
conversation_row_load(struct store *s, struct conversations *c, nanos wall)
{
	sqlite3_stmt *q = sql_ready(s, STATEMENT_CONVERSATION_ALL);
	bool found = true;
	enum err e;

	sql_bind_number(q, 1, wall);
	while ((e = sql_next(s, q, &found)) == ERR_OK && found)
		if ((e = load_row(q, c, wall)) != ERR_OK)
			break;
	sql_end(q);
	return e;
}
