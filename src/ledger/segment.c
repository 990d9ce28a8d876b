/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/segment.h"

#include <stdlib.h>

#include "store/entry.h"

#define BLOCK_LEVEL	8
#define BLOCK_ENTRIES	256

enum err
segment_open(struct segment *s, const char *folder, const uint8_t *key, struct text *why)
{
	enum err e;

	*s = (struct segment){
		.key = key,
		.leaf = calloc(SEGMENT_ENTRIES, DIGEST_BYTES),
		.node = calloc(SEGMENT_BLOCKS, DIGEST_BYTES),
		.room = calloc(BLOCK_ENTRIES / 2, DIGEST_BYTES),
	};
	e = s->leaf == NULL || s->node == NULL || s->room == NULL ||
	    !digester_init(&s->digester) ? ERR_MEMORY :
	    store_open(&s->store, folder, STORE_READ, why);
	if (e == ERR_MEMORY)
		text_put(why, S("there is not enough memory"));
	if (e != ERR_OK)
		segment_close(s);
	return e;
}

void
segment_close(struct segment *s)
{
	store_close(s->store);
	digester_release(&s->digester);
	free(s->leaf);
	free(s->node);
	free(s->room);
	free(s->head);
	*s = (struct segment){ 0 };
}

/* ---- what is wrong ---- */

/* The request's id, of a line that may be anybody's work. */
static void
take_id(struct fault *f, struct slice line)
{
	struct slice key = S("\"id\":\"");
	size_t at = slice_find(line, key);

	f->id_len = 0;
	for (at += key.len; at < line.len && f->id_len < sizeof f->id; at++) {
		char c = line.ptr[at];

		if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
		    c == '-' || c == '_'))
			break;
		f->id[f->id_len++] = c;
	}
}

/* The first of them counts. */
static void
blame(struct segment *s, enum trouble what, uint64_t from, uint64_t to)
{
	if (s->fault.what == TROUBLE_NONE || from < s->fault.from)
		s->fault = (struct fault){ .what = what, .from = from, .to = to };
}

/* ---- entries ---- */

/* Is this the entry that comes next?  Its leaf is kept then. */
static bool
look_at(struct segment *s, const struct entry_row *row, uint64_t seq)
{
	uint8_t *leaf = s->leaf[seq - s->from];
	uint8_t made[DIGEST_BYTES];

	if (row->seq != seq) {
		blame(s, TROUBLE_MISSING, seq, row->seq);
		return false;
	}
	if (row->leaf.len != DIGEST_BYTES) {
		blame(s, TROUBLE_MALFORMED, seq, seq + 1);
		take_id(&s->fault, row->line);
		return false;
	}
	memcpy(leaf, row->leaf.ptr, DIGEST_BYTES);
	if (row->line.ptr == NULL) {
		s->pruned++;
		return true;
	}
	s->bytes += row->line.len;
	digest_leaf(&s->digester, row->line, made);
	if (memcmp(made, leaf, sizeof made) == 0)
		return true;
	blame(s, TROUBLE_CHANGED, seq, seq + 1);
	take_id(&s->fault, row->line);
	return false;
}

static enum err
look_at_entries(struct segment *s)
{
	struct entry_row row = { 0 };
	uint64_t seq = s->from;
	bool found = true;
	enum err e = entry_seek(s->store, s->from, s->to);

	while (e == ERR_OK && (e = entry_next(s->store, &row, &found)) == ERR_OK && found) {
		if (!look_at(s, &row, seq))
			break;
		seq++;
	}
	entry_end(s->store);
	if (e == ERR_OK && seq < s->to && s->fault.what == TROUBLE_NONE)
		blame(s, TROUBLE_MISSING, seq, s->to);
	return e;
}

/* ---- blocks ---- */

/* The node of a block of leaves, which are joined pair by pair, level by level. */
static void
join_block(struct segment *s, unsigned at, uint8_t *out)
{
	uint8_t (*hash)[DIGEST_BYTES] = s->room;

	for (unsigned i = 0; i < BLOCK_ENTRIES / 2; i++)
		digest_node(&s->digester, s->leaf[at + 2 * i], s->leaf[at + 2 * i + 1], hash[i]);
	for (unsigned count = BLOCK_ENTRIES / 4; count > 0; count /= 2)
		for (unsigned i = 0; i < count; i++)
			digest_node(&s->digester, hash[2 * i], hash[2 * i + 1], hash[i]);
	memcpy(out, hash[0], DIGEST_BYTES);
}

/* Complete blocks against the nodes that are kept of them. */
static enum err
look_at_blocks(struct segment *s)
{
	uint64_t first = s->from >> BLOCK_LEVEL, count = (s->to - s->from) >> BLOCK_LEVEL;
	struct entry_hash row = { 0 };
	bool found = true;
	enum err e = entry_hash_seek(s->store, BLOCK_LEVEL, first, first + count);

	for (uint64_t i = 0; i < count && e == ERR_OK; i++) {
		join_block(s, (unsigned)i * BLOCK_ENTRIES, s->node[i]);
		if (found)
			e = entry_hash_next(s->store, BLOCK_LEVEL, &row, &found);
		if (e == ERR_OK && (!found || row.index != first + i ||
		    row.hash.len != DIGEST_BYTES ||
		    memcmp(row.hash.ptr, s->node[i], DIGEST_BYTES) != 0))
			blame(s, TROUBLE_NODE, (first + i) << BLOCK_LEVEL,
			    (first + i + 1) << BLOCK_LEVEL);
	}
	entry_hash_end(s->store, BLOCK_LEVEL);
	return e;
}

/* ---- heads ---- */

static bool
keep_head(struct segment *s, const struct tree_state *state)
{
	size_t room = s->head_room == 0 ? 64 : s->head_room * 2;
	struct tree_state *more;

	if (s->head_count == s->head_room) {
		if ((more = realloc(s->head, room * sizeof *more)) == NULL)
			return false;
		s->head = more;
		s->head_room = room;
	}
	s->head[s->head_count++] = *state;
	return true;
}

/* Of heads the first, where nothing is wrong with what they speak of. */
static void
blame_head(struct segment *s, enum trouble what, uint64_t size)
{
	if (s->fault.what == TROUBLE_NONE)
		blame(s, what, 0, size);
}

/* A note says itself what its row says of it. */
static enum err
look_at_head(struct segment *s, const struct entry_head *row)
{
	char time[32];
	struct slice rest;
	struct head h;
	struct text t;

	text_init(&t, time, sizeof time);
	text_put_time(&t, row->wall);
	if (!head_read(row->note, &h, &rest) || rest.len > 0 || h.state.size != row->size ||
	    !slice_eq(h.time, text_slice(&t)))
		blame_head(s, TROUBLE_HEAD_NOTE, row->size);
	else if (s->key != NULL && !head_check(&h, &s->digester, s->key))
		blame_head(s, TROUBLE_HEAD_FORGED, row->size);
	else if (!keep_head(s, &h.state))
		return ERR_MEMORY;
	return ERR_OK;
}

static enum err
look_at_heads(struct segment *s)
{
	struct entry_head row = { 0 };
	bool found = true;
	enum err e = entry_head_seek(s->store, s->from + 1);

	while (e == ERR_OK && (e = entry_head_next(s->store, &row, &found)) == ERR_OK && found) {
		if (row.size > s->to)
			break;
		e = look_at_head(s, &row);
	}
	entry_head_end(s->store);
	return e;
}

void
segment_look(struct segment *s, uint64_t from, uint64_t to)
{
	must(to - from <= SEGMENT_ENTRIES && from % SEGMENT_ENTRIES == 0);
	s->from = from;
	s->to = to;
	s->head_count = 0;
	s->bytes = s->pruned = 0;
	s->fault = (struct fault){ 0 };
	s->err = store_look(s->store);
	if (s->err == ERR_OK)
		s->err = look_at_entries(s);
	if (s->err == ERR_OK && s->fault.what == TROUBLE_NONE)
		s->err = look_at_blocks(s);
	if (s->err == ERR_OK && (s->fault.what == TROUBLE_NONE || s->fault.what == TROUBLE_NODE))
		s->err = look_at_heads(s);
	store_rollback(s->store);
}
