/* SPDX-License-Identifier: Apache-2.0 */
#include "store/payload.h"

#include <stdlib.h>

#include "crypt/aead.h"
#include "run/kernel.h"
#include "store/sql.h"

#define WRAPPED_BYTES	(SEAL_NONCE_BYTES + AEAD_KEY_BYTES + SEAL_TAG_BYTES)

/* Nonce, then what is sealed, into room for all of it; false if the library refuses. */
static bool
seal_into(const struct aead *a, struct slice with, struct slice text, char *room)
{
	kernel_random(room, SEAL_NONCE_BYTES);
	return a->seal.close(&a->seal, room, with, text, room + SEAL_NONCE_BYTES);
}

static bool
open_from(const struct aead *a, struct slice with, struct slice sealed, char *room)
{
	return sealed.len >= SEAL_NONCE_BYTES + SEAL_TAG_BYTES && a->seal.open(&a->seal,
	    sealed.ptr, with, slice_cut(sealed, SEAL_NONCE_BYTES, sealed.len), room);
}

/* Keys of the master's are of this use alone: no conversation has such a name. */
static bool
open_master(struct aead *a, struct slice master, struct slice tenant)
{
	return aead_init(a, master, tenant, S("\0payload key"));
}

static enum err
read_key(struct store *s, struct slice tenant, struct slice *wrapped)
{
	sqlite3_stmt *q = sql_ready(s, STATEMENT_PAYLOAD_KEY_GET);
	bool found = false;
	enum err e;

	sql_bind_text(q, 1, tenant);
	e = sql_next(s, q, &found);
	if (e != ERR_OK || found)
		return e == ERR_OK ? sql_keep(s, q, 0, wrapped) : e;
	*wrapped = slice_of(NULL, 0);
	return ERR_OK;
}

static enum err
make_key(struct store *s, const struct aead *a, struct slice tenant,
    char key[static AEAD_KEY_BYTES])
{
	sqlite3_stmt *q = sql_ready(s, STATEMENT_PAYLOAD_KEY_PUT);
	char wrapped[WRAPPED_BYTES];

	kernel_random(key, AEAD_KEY_BYTES);
	if (!seal_into(a, tenant, slice_of(key, AEAD_KEY_BYTES), wrapped))
		return ERR_MEMORY;
	sql_bind_text(q, 1, tenant);
	sql_bind_bytes(q, 2, slice_of(wrapped, sizeof wrapped));
	return sql_run(s, q);
}

/* *found is false where there is none and none is to be made. */
static enum err
tenant_key(struct store *s, struct slice master, struct slice tenant, bool *found,
    char key[static AEAD_KEY_BYTES])
{
	struct slice wrapped;
	struct aead a;
	enum err e = read_key(s, tenant, &wrapped);
	bool make = *found;

	*found = true;
	if (e != ERR_OK)
		return e;
	if (!open_master(&a, master, tenant))
		return ERR_MEMORY;
	if (wrapped.ptr == NULL && make)
		e = make_key(s, &a, tenant, key);
	else if (wrapped.ptr == NULL)
		*found = false;
	else if (wrapped.len != WRAPPED_BYTES || !open_from(&a, tenant, wrapped, key))
		e = ERR_VAULT_BROKEN;
	aead_release(&a);
	return e;
}

static enum err
put_row(struct store *s, const struct payload *p, struct slice sealed)
{
	sqlite3_stmt *q = sql_ready(s, STATEMENT_PAYLOAD_PUT);

	sql_bind_text(q, 1, p->id);
	sql_bind_text(q, 2, p->tenant);
	sql_bind_number(q, 3, p->wall);
	sql_bind_number(q, 4, p->expires_wall);
	sql_bind_bytes(q, 5, sealed);
	return sql_run(s, q);
}

enum err
payload_put(struct store *s, struct slice master, const struct payload *p)
{
	size_t bytes = SEAL_NONCE_BYTES + p->text.len + SEAL_TAG_BYTES;
	char key[AEAD_KEY_BYTES], *room = malloc(bytes);
	enum err e = room == NULL ? ERR_MEMORY : ERR_OK;
	bool make = true;
	struct aead a;

	if (e == ERR_OK)
		e = tenant_key(s, master, p->tenant, &make, key);
	if (e == ERR_OK) {
		e = ERR_MEMORY;
		if (aead_init(&a, slice_of(key, sizeof key), p->tenant, p->id)) {
			if (seal_into(&a, p->id, p->text, room))
				e = put_row(s, p, slice_of(room, bytes));
			aead_release(&a);
		}
	}
	explicit_bzero(key, sizeof key);
	free(room);
	return e;
}

/* The row, copied into the arena; *found is false where there is none. */
static enum err
get_row(struct store *s, struct slice id, struct arena *arena, struct payload *p, bool *found)
{
	sqlite3_stmt *q = sql_ready(s, STATEMENT_PAYLOAD_GET);
	enum err e;

	sql_bind_text(q, 1, id);
	e = sql_next(s, q, found);
	if (e != ERR_OK || !*found)
		return e;
	*p = (struct payload){
		.id = arena_copy(arena, id),
		.tenant = arena_copy(arena, sql_bytes(q, 0)),
		.wall = sql_number(q, 1),
		.expires_wall = sql_number(q, 2),
		.text = arena_copy(arena, sql_bytes(q, 3)),
	};
	sql_end(q);
	return arena_overflowed(arena) ? ERR_MEMORY : ERR_OK;
}

static enum err
open_row(struct slice key, struct arena *arena, struct payload *p)
{
	char *room = arena_bytes(arena, p->text.len);
	struct aead a;
	bool ok;

	if (room == NULL || !aead_init(&a, key, p->tenant, p->id))
		return ERR_MEMORY;
	ok = open_from(&a, p->id, p->text, room);
	aead_release(&a);
	if (!ok)
		return ERR_VAULT_BROKEN;
	p->text = slice_of(room, p->text.len - SEAL_NONCE_BYTES - SEAL_TAG_BYTES);
	return ERR_OK;
}

enum err
payload_get(struct store *s, struct slice master, struct slice id, struct arena *arena,
    struct payload *out)
{
	struct payload p = { 0 };
	char key[AEAD_KEY_BYTES];
	bool found = false, has_key = false;
	enum err e = get_row(s, id, arena, &p, &found);

	if (e == ERR_OK && found)
		e = tenant_key(s, master, p.tenant, &has_key, key);
	if (e == ERR_OK && has_key)
		e = open_row(slice_of(key, sizeof key), arena, &p);
	explicit_bzero(key, sizeof key);
	if (e == ERR_OK && !has_key)
		p.text = slice_of(NULL, 0);
	if (e == ERR_OK)
		*out = p;
	return e;
}

enum err
payload_shred(struct store *s, struct slice tenant, uint64_t *count)
{
	sqlite3_stmt *q = sql_ready(s, STATEMENT_PAYLOAD_KEY_DROP);
	enum err e;

	sql_bind_text(q, 1, tenant);
	if ((e = sql_run(s, q)) != ERR_OK)
		return e;
	q = sql_ready(s, STATEMENT_PAYLOAD_DROP);
	sql_bind_text(q, 1, tenant);
	e = sql_run(s, q);
	*count = e == ERR_OK ? (uint64_t)sqlite3_changes64(s->db) : 0;
	return e;
}

enum err
payload_sweep(struct store *s, nanos wall)
{
	sqlite3_stmt *q = sql_ready(s, STATEMENT_PAYLOAD_SWEEP);

	sql_bind_number(q, 1, wall);
	return sql_run(s, q);
}
