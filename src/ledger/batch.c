/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/batch.h"

#include <stdlib.h>

#include "core/limit.h"
#include "store/entry.h"

#define TREE_NAME	S("tree")

/* ---- items ---- */

/* Behind it the rows that it charges, then the line. */
struct item {
	nano_usd	charged;
	uint32_t	line_bytes;
	uint8_t		kind, rows;
	bool		has_id;
	char		id[ENTRY_ID_BYTES];
};

#define ROW_BYTES	sizeof(int64_t)

static bool
make_room(struct items *items, size_t bytes)
{
	size_t room = items->room;
	char *more;

	if (items->room - items->len >= bytes)
		return true;
	while (room - items->len < bytes)
		room = room == 0 ? 65536 : room * 2;
	if ((more = realloc(items->ptr, room)) == NULL)
		return false;
	items->ptr = more;
	items->room = room;
	return true;
}

enum err
items_add(struct items *items, const struct entry *e)
{
	struct item item = {
		.line_bytes = (uint32_t)e->line.len,
		.charged = e->charged,
		.kind = (uint8_t)e->kind,
		.rows = (uint8_t)(e->rows.len / ROW_BYTES),
		.has_id = e->id.len > 0,
	};

	must(e->rows.len % ROW_BYTES == 0 && e->rows.len <= ENTRY_ROWS_MAX * ROW_BYTES);
	must(e->line.len <= ENTRY_BYTES_MAX && (e->id.len == 0 || e->id.len == sizeof item.id));
	must(e->kind == ENTRY_ALONE || item.has_id);
	if (!make_room(items, sizeof item + e->rows.len + e->line.len))
		return ERR_MEMORY;
	if (item.has_id)
		memcpy(item.id, e->id.ptr, sizeof item.id);
	memcpy(items->ptr + items->len, &item, sizeof item);
	items->len += sizeof item;
	if (e->rows.len > 0)
		memcpy(items->ptr + items->len, e->rows.ptr, e->rows.len);
	items->len += e->rows.len;
	memcpy(items->ptr + items->len, e->line.ptr, e->line.len);
	items->len += e->line.len;
	return ERR_OK;
}

bool
items_next(struct slice items, size_t *at, struct entry *out)
{
	struct item item;
	size_t id = *at + offsetof(struct item, id), rows = *at + sizeof item, line;

	if (items.len - *at < sizeof item)
		return false;
	memcpy(&item, items.ptr + *at, sizeof item);
	if (item.kind > ENTRY_CLOSING || item.rows > ENTRY_ROWS_MAX ||
	    item.line_bytes + item.rows * ROW_BYTES > items.len - rows)
		return false;
	line = rows + item.rows * ROW_BYTES;
	*out = (struct entry){
		.kind = item.kind,
		.id = slice_of(items.ptr + id, item.has_id ? sizeof item.id : 0),
		.line = slice_of(items.ptr + line, item.line_bytes),
		.charged = item.charged,
		.rows = slice_of(items.ptr + rows, item.rows * ROW_BYTES),
	};
	*at = line + item.line_bytes;
	return true;
}

void
items_release(struct items *items)
{
	free(items->ptr);
	*items = (struct items){ 0 };
}

/* ---- transactions ---- */

/* The last entry that the tree knows is there, and none behind it. */
static enum err
check_end(struct batch *b)
{
	uint64_t size = b->tree.size, from = size > 0 ? size - 1 : 0;
	struct entry_row row = { 0 };
	bool found = true;
	uint64_t count = 0;
	enum err e = entry_seek(b->store, from, UINT64_MAX);

	while (e == ERR_OK && found && count < 2) {
		e = entry_next(b->store, &row, &found);
		count += found;
	}
	entry_end(b->store);
	if (e != ERR_OK)
		return e;
	return count == (size > 0) ? ERR_OK : ERR_STORE_BROKEN;
}

enum err
batch_open(struct batch *b, struct store *store, struct text *why)
{
	struct slice kept = { 0 };
	enum err e;

	*b = (struct batch){ .store = store };
	if (!digester_init(&b->digester)) {
		text_put(why, S("the library makes no digests"));
		return ERR_MEMORY;
	}
	e = store_value_get(store, TREE_NAME, &kept);
	if (e == ERR_OK && kept.ptr != NULL && !tree_decode(&b->tree, kept))
		e = ERR_STORE_BROKEN;
	if (e == ERR_OK)
		e = check_end(b);
	b->before = b->tree;
	if (e == ERR_OK)
		return ERR_OK;
	text_put(why, e == ERR_STORE_BROKEN ?
	    S("the ledger's entries and the tree over them differ at the end: "
	      "`trivium ledger verify` tells where") : store_complaint(store));
	batch_close(b);
	return e;
}

void
batch_close(struct batch *b)
{
	charges_release(&b->charges);
	sums_release(&b->sums);
	digester_release(&b->digester);
}

enum err
batch_begin(struct batch *b)
{
	return store_begin(b->store);
}

static enum err
put_nodes(struct batch *b, const struct tree_node *node, unsigned count)
{
	enum err e = ERR_OK;

	for (unsigned i = 0; i < count && e == ERR_OK; i++)
		e = entry_node_put(b->store, node[i].level, node[i].index,
		    slice_of((const char *)node[i].hash, DIGEST_BYTES));
	return e;
}

static enum err
put_charges(struct batch *b, const struct entry *entry)
{
	enum err e = ERR_OK;

	for (size_t at = 0; at < entry->rows.len && e == ERR_OK; at += ROW_BYTES) {
		int64_t row;

		memcpy(&row, entry->rows.ptr + at, sizeof row);
		e = charge_add(&b->charges, row, entry->charged);
	}
	return e;
}

enum err
batch_put(struct batch *b, const struct entry *entry)
{
	struct tree_node node[TREE_LEVELS / TREE_STRIDE];
	uint8_t leaf[DIGEST_BYTES];
	struct entry_row row = {
		.seq = b->tree.size,
		.leaf = slice_of((const char *)leaf, sizeof leaf),
		.line = entry->line,
	};
	enum err e;

	digest_leaf(&b->digester, entry->line, leaf);
	if ((e = entry_put(b->store, &row)) != ERR_OK)
		return e;
	e = put_nodes(b, node, tree_append(&b->tree, &b->digester, leaf, node));
	if (e == ERR_OK && entry->kind == ENTRY_OPENED)
		e = entry_open_put(b->store, entry->id, row.seq);
	if (e == ERR_OK && entry->kind == ENTRY_CLOSING)
		e = entry_open_close(b->store, entry->id);
	if (e == ERR_OK && entry->kind != ENTRY_OPENED)
		e = sums_line(&b->sums, entry->line);
	return e == ERR_OK ? put_charges(b, entry) : e;
}

enum err
batch_put_all(struct batch *b, struct slice items)
{
	struct entry entry;
	size_t at = 0;
	enum err e = ERR_OK;

	while (e == ERR_OK && items_next(items, &at, &entry))
		e = batch_put(b, &entry);
	return e;
}

enum err
batch_commit(struct batch *b)
{
	uint8_t frontier[TREE_BYTES_MAX];
	enum err e = charge_put(&b->charges, b->store);

	if (e == ERR_OK)
		e = sums_put(&b->sums, b->store);
	if (e == ERR_OK && b->tree.size != b->before.size)
		e = store_value_put(b->store, TREE_NAME, slice_of((const char *)frontier,
		    tree_encode(&b->tree, frontier)));
	if (e == ERR_OK)
		e = store_commit(b->store);
	if (e == ERR_OK)
		b->before = b->tree;
	return e;
}

void
batch_rollback(struct batch *b)
{
	store_rollback(b->store);
	charges_reset(&b->charges);
	sums_reset(&b->sums);
	b->tree = b->before;
}
