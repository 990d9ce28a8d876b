/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/node.h"

#include "store/entry.h"

/* The node of a complete subtree: of those below it that are kept, the nearest. */
static enum err
complete(struct node_source *s, unsigned level, uint64_t index, uint8_t out[static DIGEST_BYTES])
{
	unsigned below = level % TREE_STRIDE, base = level - below;
	uint64_t from = index << below, to = (index + 1) << below;
	struct tree_node unused[TREE_LEVELS / TREE_STRIDE];
	struct entry_hash row;
	bool found = true;
	enum err e;

	s->part.size = 0;
	e = entry_hash_seek(s->store, base, from, to);
	while (e == ERR_OK &&
	    (e = entry_hash_next(s->store, base, &row, &found)) == ERR_OK && found) {
		if (row.hash.len != DIGEST_BYTES || row.index != from + s->part.size) {
			entry_hash_end(s->store, base);
			return ERR_STORE_BROKEN;
		}
		(void)tree_append(&s->part, s->digester, (const uint8_t *)row.hash.ptr, unused);
	}
	if (e != ERR_OK)
		return e;
	if (s->part.size != to - from)
		return ERR_STORE_BROKEN;
	tree_root(&s->part, s->digester, out);
	return ERR_OK;
}

/* The frontier of a tree of its own, whose leaves are entries [from, from + size). */
static enum err
frontier(struct node_source *s, uint64_t from, uint64_t size, struct tree *out)
{
	uint64_t at = from;
	enum err e = ERR_OK;

	out->size = size;
	for (unsigned level = TREE_LEVELS; level-- > 0 && e == ERR_OK; ) {
		if ((size >> level & 1) == 0)
			continue;
		must((at & (((uint64_t)1 << level) - 1)) == 0);
		e = complete(s, level, at >> level, out->node[level]);
		at += (uint64_t)1 << level;
	}
	return e;
}

enum err
node_of(struct node_source *s, uint64_t from, uint64_t to, uint8_t out[static DIGEST_BYTES])
{
	enum err e = frontier(s, from, to - from, &s->whole);

	must(from < to);
	if (e == ERR_OK)
		tree_root(&s->whole, s->digester, out);
	return e;
}

enum err
node_frontier(struct node_source *s, uint64_t size, struct tree *out)
{
	return frontier(s, 0, size, out);
}

enum err
node_root(struct node_source *s, uint64_t size, struct tree_state *out)
{
	enum err e = frontier(s, 0, size, &s->whole);

	if (e != ERR_OK)
		return e;
	out->size = size;
	tree_root(&s->whole, s->digester, out->root);
	return ERR_OK;
}
