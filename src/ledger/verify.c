/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/verify.h"

#include <stdlib.h>

#include "run/job.h"
#include "store/entry.h"

struct verify {
	struct verify_plan	 plan;
	struct verify_sight	 sight;
	struct segment		*segment;	/* [plan.threads] */
	unsigned		 segments;	/* that are open */
	uint64_t		 next;		/* the first entry of the next round */
	struct tree		 kept;		/* the frontier that the store has */
	struct tree		 tree;		/* of the segments so far */
	struct tree		 part;		/* on its way to a head */
	uint64_t		 well;		/* the largest head that was right */
	uint64_t		 known;		/* the largest of those that were published */
	size_t			 published;	/* heads of the plan that were compared */
	struct fault		 end;		/* at the end, should nothing be wrong before */
	struct fault		 node;		/* that differs: its fault, or its entries'? */
};

static struct store *
store_of(struct verify *v)
{
	return v->segment[0].store;
}

static struct digester *
digester_of(struct verify *v)
{
	return &v->segment[0].digester;
}

/* The first stays. */
static void
blame(struct verify *v, enum trouble what, uint64_t from, uint64_t to)
{
	if (v->sight.fault.what == TROUBLE_NONE)
		v->sight.fault = (struct fault){ .what = what, .from = from, .to = to };
}

/* ---- its life ---- */

/* Told when all else is well. */
static void
note_end(struct verify *v, enum trouble what, uint64_t from, uint64_t to)
{
	if (v->end.what == TROUBLE_NONE)
		v->end = (struct fault){ .what = what, .from = from, .to = to };
}

/* How many entries there should be, and that nothing stands behind them. */
static enum err
look_at_end(struct verify *v)
{
	struct slice bytes = { 0 };
	struct entry_head head = { 0 };
	uint64_t last = 0;
	bool found = false, headed = false;
	enum err e = store_value_get(store_of(v), S("tree"), &bytes);

	if (e != ERR_OK)
		return e;
	if (bytes.ptr != NULL && !tree_decode(&v->kept, bytes)) {
		blame(v, TROUBLE_FRONTIER, 0, 0);
		return ERR_OK;
	}
	v->sight.size = v->kept.size;
	if ((e = entry_last(store_of(v), &last, &found)) == ERR_OK)
		e = entry_head_last(store_of(v), &head, &headed);
	if (e != ERR_OK)
		return e;
	if (found && last >= v->kept.size)
		note_end(v, TROUBLE_BEYOND, v->kept.size, last + 1);
	if (headed && head.size > v->kept.size)
		note_end(v, TROUBLE_HEAD_BEYOND, 0, v->kept.size);
	return ERR_OK;
}

/* A node that is there before its time would stop the writer when it comes there. */
static enum err
look_behind(struct verify *v)
{
	enum err e = ERR_OK;

	for (unsigned level = TREE_STRIDE; level < TREE_LEVELS && e == ERR_OK;
	    level += TREE_STRIDE) {
		struct entry_hash row = { 0 };
		bool found = false;

		e = entry_hash_seek(store_of(v), level, v->kept.size >> level, INT64_MAX);
		if (e == ERR_OK)
			e = entry_hash_next(store_of(v), level, &row, &found);
		entry_hash_end(store_of(v), level);
		if (e == ERR_OK && found && row.index < UINT64_MAX >> level)
			note_end(v, TROUBLE_NODE_BEYOND, row.index << level,
			    (row.index + 1) << level);
	}
	return e;
}

static enum err
begin(struct verify *v, struct text *why)
{
	enum err e = store_look(store_of(v));

	if (e == ERR_OK)
		e = look_at_end(v);
	if (e == ERR_OK)
		e = look_behind(v);
	store_rollback(store_of(v));
	if (e != ERR_OK)
		text_put(why, store_complaint(store_of(v)));
	return e;
}

enum err
verify_open(struct verify **out, const struct verify_plan *plan, struct text *why)
{
	struct verify *v = calloc(1, sizeof *v);
	enum err e = ERR_OK;

	must(plan->threads > 0 && plan->threads <= JOBS_EACH_MAX);
	if (v == NULL || (v->segment = calloc(plan->threads, sizeof *v->segment)) == NULL) {
		free(v);
		text_put(why, S("there is not enough memory"));
		return ERR_MEMORY;
	}
	v->plan = *plan;
	while (v->segments < plan->threads && e == ERR_OK) {
		e = segment_open(&v->segment[v->segments], plan->folder, plan->key, why);
		v->segments += e == ERR_OK;
	}
	if (e == ERR_OK)
		e = begin(v, why);
	if (e == ERR_OK)
		*out = v;
	else
		verify_close(v);
	return e;
}

void
verify_close(struct verify *v)
{
	if (v == NULL)
		return;
	while (v->segments > 0)
		segment_close(&v->segment[--v->segments]);
	free(v->segment);
	free(v);
}

const struct verify_sight *
verify_look(const struct verify *v)
{
	return &v->sight;
}

/* ---- one segment behind another ---- */

/* The tree of the first `size` entries: blocks are there, leaves of the last one are not. */
static void
grow_to(struct verify *v, const struct segment *s, uint64_t size)
{
	struct tree_node unused[TREE_LEVELS / TREE_STRIDE], block = { .level = TREE_STRIDE };

	while (v->part.size < size) {
		uint64_t at = v->part.size - s->from;

		if (at % SEGMENT_BLOCKS != 0 || size - v->part.size < SEGMENT_BLOCKS) {
			(void)tree_append(&v->part, digester_of(v), s->leaf[at], unused);
			continue;
		}
		memcpy(block.hash, s->node[at / SEGMENT_BLOCKS], DIGEST_BYTES);
		(void)tree_graft(&v->part, digester_of(v), &block, unused);
	}
}

/*
 * A head of these entries, or one that was published: where one of those is wrong, heads of the
 * ledger's own prove nothing, for who rewrote it with the key has signed them anew.
 */
static void
compare(struct verify *v, const struct segment *s, const struct tree_state *head, bool published)
{
	uint8_t root[DIGEST_BYTES];

	grow_to(v, s, head->size);
	tree_root(&v->part, digester_of(v), root);
	if (memcmp(root, head->root, sizeof root) != 0) {
		blame(v, TROUBLE_HEAD_OTHER, published ? v->known : v->well, head->size);
		return;
	}
	v->well = head->size;
	if (published)
		v->known = head->size;
}

/* As long as nothing is wrong: which entries a wrong head is about is told by the right ones. */
static void
compare_heads(struct verify *v, const struct segment *s)
{
	const struct verify_plan *p = &v->plan;
	size_t i = 0;

	v->part = v->tree;
	while (v->sight.fault.what == TROUBLE_NONE) {
		bool known = v->published < p->published_count &&
		    p->published[v->published].size <= s->to;

		if (i < s->head_count &&
		    (!known || s->head[i].size <= p->published[v->published].size)) {
			compare(v, s, &s->head[i++], false);
			v->sight.heads++;
		} else if (known) {
			compare(v, s, &p->published[v->published++], true);
			v->sight.published++;
		} else {
			return;
		}
	}
}

/* A node of segments or more of them against the one that is kept. */
static enum err
look_at_node(struct verify *v, const struct tree_node *n)
{
	struct slice kept = { 0 };
	enum err e = entry_node_get(store_of(v), n->level, n->index, &kept);

	if (e == ERR_OK && v->node.what == TROUBLE_NONE && (kept.len != DIGEST_BYTES ||
	    memcmp(kept.ptr, n->hash, DIGEST_BYTES) != 0))
		v->node = (struct fault){ .what = TROUBLE_NODE, .from = n->index << n->level,
		    .to = (n->index + 1) << n->level };
	return e;
}

static enum err
append(struct verify *v, const struct segment *s)
{
	struct tree_node kept[TREE_LEVELS / TREE_STRIDE];
	struct tree_node block = { .level = TREE_STRIDE };
	unsigned count;
	enum err e = ERR_OK;

	/* The last block of the last segment may be incomplete. */
	for (uint64_t i = 0; i < (s->to - s->from) / SEGMENT_BLOCKS && e == ERR_OK; i++) {
		memcpy(block.hash, s->node[i], DIGEST_BYTES);
		count = tree_graft(&v->tree, digester_of(v), &block, kept);
		while (count-- > 0 && e == ERR_OK)
			e = look_at_node(v, &kept[count]);
	}
	for (uint64_t at = v->tree.size; at < s->to && e == ERR_OK; at++)
		(void)tree_append(&v->tree, digester_of(v), s->leaf[at - s->from], kept);
	return e;
}

static enum err
put_together(struct verify *v, const struct segment *s)
{
	if (s->err != ERR_OK)
		return s->err;
	v->sight.bytes += s->bytes;
	v->sight.pruned += s->pruned;
	if (s->fault.what == TROUBLE_NODE) {
		if (v->node.what == TROUBLE_NONE)
			v->node = s->fault;
	} else if (s->fault.what != TROUBLE_NONE) {
		if (v->sight.fault.what == TROUBLE_NONE)
			v->sight.fault = s->fault;
		return ERR_OK;
	}
	compare_heads(v, s);
	v->sight.done = s->to;
	return append(v, s);
}

/* ---- the end ---- */

/*
 * A kept node that differs from its leaves: heads tell which of the two is forged.  Between the
 * last head that is right and the first that is wrong are the entries.
 */
static void
judge_node(struct verify *v)
{
	struct fault *f = &v->sight.fault;

	if (v->node.what == TROUBLE_NONE)
		return;
	if (f->what == TROUBLE_HEAD_OTHER && v->node.from < f->to && f->from < v->node.to) {
		f->what = TROUBLE_REPLACED;
		f->from = v->node.from > f->from ? v->node.from : f->from;
		f->to = v->node.to < f->to ? v->node.to : f->to;
	} else if (f->what == TROUBLE_NONE || v->node.to <= f->from) {
		*f = v->node;
		/* Without a head behind them it cannot be told which of the two it was. */
		if (v->well < v->node.to)
			f->what = TROUBLE_REPLACED;
	}
}

static bool
same_frontier(const struct tree *a, const struct tree *b)
{
	bool same = a->size == b->size;

	for (unsigned level = 0; level < TREE_LEVELS && same; level++)
		same = (a->size >> level & 1) == 0 ||
		    memcmp(a->node[level], b->node[level], DIGEST_BYTES) == 0;
	return same;
}

static void
judge_end(struct verify *v)
{
	const struct verify_plan *p = &v->plan;

	v->sight.end.size = v->tree.size;
	tree_root(&v->tree, digester_of(v), v->sight.end.root);
	if (v->sight.fault.what != TROUBLE_NONE)
		return;
	if (v->published < p->published_count)
		note_end(v, TROUBLE_HEAD_BEYOND, 0, v->sight.size);
	if (!same_frontier(&v->kept, &v->tree))
		note_end(v, TROUBLE_FRONTIER, v->well, v->sight.size);
	v->sight.fault = v->end;
}

static void
look_through(void *arg, unsigned number)
{
	struct verify *v = arg;
	uint64_t from = v->next + (uint64_t)number * SEGMENT_ENTRIES;
	uint64_t left = v->sight.size - from;

	segment_look(&v->segment[number], from,
	    from + (left < SEGMENT_ENTRIES ? left : SEGMENT_ENTRIES));
}

enum err
verify_step(struct verify *v, bool *more, struct text *why)
{
	uint64_t left = v->sight.size - v->next;
	uint64_t count = (left + SEGMENT_ENTRIES - 1) / SEGMENT_ENTRIES;
	enum err e = ERR_OK;

	count = count < v->plan.threads ? count : v->plan.threads;
	if (v->sight.fault.what == TROUBLE_NONE)
		jobs_each((unsigned)count, look_through, v);
	for (unsigned i = 0; i < count && e == ERR_OK &&
	    v->sight.fault.what == TROUBLE_NONE; i++)
		if ((e = put_together(v, &v->segment[i])) != ERR_OK)
			text_put(why, store_complaint(v->segment[i].store));
	v->next += count * SEGMENT_ENTRIES;
	*more = e == ERR_OK && v->sight.fault.what == TROUBLE_NONE && v->next < v->sight.size;
	if (e == ERR_OK && !*more) {
		judge_node(v);
		judge_end(v);
	}
	return e;
}
