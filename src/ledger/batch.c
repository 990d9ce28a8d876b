/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/batch.h"

#include <stdlib.h>

#include "core/limit.h"
#include "ledger/share.h"
#include "store/entry.h"

#define TREE_NAME	S("tree")

/* ---- items ---- */

/* Behind it the rows that it charges, its share, then the line. */
struct item {
	nano_usd	charged;
	uint32_t	line_bytes;
	uint8_t		kind, rows;
	uint8_t		has;		/* HAS_... */
	char		id[ENTRY_ID_BYTES];
	uint16_t	share_bytes;	/* where it has one */
};

#define HAS_ID		1
#define HAS_SHARE	2

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

static size_t
put(char *to, struct slice s)
{
	if (s.len > 0)
		memcpy(to, s.ptr, s.len);
	return s.len;
}

enum err
items_add(struct items *items, const struct entry *e)
{
	/* One of no sane length is left to who reads the line. */
	struct slice share = e->share.len <= UINT16_MAX ? e->share : slice_of(NULL, 0);
	struct item item = {
		.line_bytes = (uint32_t)e->line.len,
		.charged = e->charged,
		.kind = (uint8_t)e->kind,
		.rows = (uint8_t)(e->rows.len / ROW_BYTES),
		.has = (e->id.len > 0 ? HAS_ID : 0) | (share.len > 0 ? HAS_SHARE : 0),
		.share_bytes = (uint16_t)share.len,
	};
	char *at;

	must(e->rows.len % ROW_BYTES == 0 && e->rows.len <= ENTRY_ROWS_MAX * ROW_BYTES);
	must(e->line.len <= ENTRY_BYTES_MAX && (e->id.len == 0 || e->id.len == sizeof item.id));
	must(e->kind == ENTRY_ALONE || e->id.len > 0);
	if (!make_room(items, sizeof item + e->rows.len + share.len + e->line.len))
		return ERR_MEMORY;
	put(item.id, e->id);
	at = items->ptr + items->len;
	at += put(at, slice_of((const char *)&item, sizeof item));
	at += put(at, e->rows);
	at += put(at, share);
	at += put(at, e->line);
	items->len = (size_t)(at - items->ptr);
	return ERR_OK;
}

/* The next bytes; false if there are not so many. */
static bool
take(struct slice items, size_t *at, size_t bytes, struct slice *out)
{
	if (items.len - *at < bytes)
		return false;
	*out = slice_of(items.ptr + *at, bytes);
	*at += bytes;
	return true;
}

bool
items_next(struct slice items, size_t *at, struct entry *out)
{
	struct entry e = { 0 };
	struct slice head;
	struct item item;
	size_t end = *at;

	if (!take(items, &end, sizeof item, &head))
		return false;
	memcpy(&item, head.ptr, sizeof item);
	if (item.kind > ENTRY_CLOSING || item.rows > ENTRY_ROWS_MAX ||
	    !take(items, &end, item.rows * ROW_BYTES, &e.rows) ||
	    ((item.has & HAS_SHARE) != 0 && !take(items, &end, item.share_bytes, &e.share)) ||
	    !take(items, &end, item.line_bytes, &e.line))
		return false;
	e.kind = item.kind;
	e.charged = item.charged;
	if ((item.has & HAS_ID) != 0)
		e.id = slice_cut(head, offsetof(struct item, id),
		    offsetof(struct item, id) + sizeof item.id);
	*out = e;
	*at = end;
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

/* One from a spool may be anybody's. */
static enum err
put_share(struct batch *b, const struct entry *entry)
{
	struct share share;

	return share_unpack(entry->share, &share) ? sums_add(&b->sums, entry->share)
	    : sums_line(&b->sums, entry->line);
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
		e = put_share(b, entry);
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
