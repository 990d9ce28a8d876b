/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/proof.h"

/* The largest power of two that is less than n, which is at least 2 (2.1.1). */
static uint64_t
split_of(uint64_t n)
{
	return (uint64_t)1 << (63 - __builtin_clzll(n - 1));
}

/* Where a walk from the root down stands: at the subtree of entries [from, to). */
struct walk {
	struct node_source	*nodes;
	struct proof		*proof;
	uint64_t		 from, to;
	enum err		 err;
};

static void
add(struct walk *w, uint64_t from, uint64_t to)
{
	must(w->proof->count < PROOF_HASHES_MAX);
	if (w->err == ERR_OK)
		w->err = node_of(w->nodes, from, to, w->proof->hash[w->proof->count++]);
}

/* Goes down to one side of the split, and adds the other.  Was it the left one? */
static bool
descend(struct walk *w, bool left)
{
	uint64_t middle = w->from + split_of(w->to - w->from);

	if (left) {
		add(w, middle, w->to);
		w->to = middle;
	} else {
		add(w, w->from, middle);
		w->from = middle;
	}
	return left;
}

static bool
is_left(const struct walk *w, uint64_t index)
{
	return index < w->from + split_of(w->to - w->from);
}

/* A proof was gathered from the root down, and is told from the leaf up. */
static void
turn(struct proof *p)
{
	for (uint32_t i = 0, k = p->count; i + 1 < k; i++) {
		uint8_t hash[DIGEST_BYTES];

		k--;
		memcpy(hash, p->hash[i], sizeof hash);
		memcpy(p->hash[i], p->hash[k], sizeof hash);
		memcpy(p->hash[k], hash, sizeof hash);
	}
}

enum err
proof_of_entry(struct node_source *nodes, uint64_t index, uint64_t size, struct proof *out)
{
	struct walk w = { .nodes = nodes, .proof = out, .to = size };

	must(index < size);
	out->count = 0;
	while (w.to - w.from > 1)
		(void)descend(&w, is_left(&w, index));
	turn(out);
	return w.err;
}

enum err
proof_of_prefix(struct node_source *nodes, uint64_t first, uint64_t second, struct proof *out)
{
	struct walk w = { .nodes = nodes, .proof = out, .to = second };
	bool known = true;	/* the first tree is still a subtree here, whose root is known */

	must(first <= second);
	out->count = 0;
	if (first == 0 || first == second)
		return ERR_OK;
	while (w.to != first)
		known &= descend(&w, is_left(&w, first - 1));
	if (!known)
		add(&w, w.from, w.to);
	turn(out);
	return w.err;
}

/* Joins what stands left with what stands right; `hash` is one of them. */
static void
join(struct digester *d, uint8_t hash[static DIGEST_BYTES], const uint8_t *other, bool left)
{
	if (left)
		digest_node(d, other, hash, hash);
	else
		digest_node(d, hash, other, hash);
}

bool
proof_includes(const struct proof *p, struct digester *d, const uint8_t leaf[static DIGEST_BYTES],
    uint64_t index, const struct tree_state *tree)
{
	uint64_t fn = index, sn = tree->size - 1;
	uint8_t hash[DIGEST_BYTES];

	if (index >= tree->size)
		return false;
	memcpy(hash, leaf, sizeof hash);
	for (uint32_t i = 0; i < p->count; i++) {
		bool right = (fn & 1) != 0 || fn == sn;

		if (sn == 0)
			return false;
		join(d, hash, p->hash[i], right);
		/* The last leaf has no neighbour at some levels, which are left out. */
		while (right && (fn & 1) == 0 && fn != 0) {
			fn >>= 1;
			sn >>= 1;
		}
		fn >>= 1;
		sn >>= 1;
	}
	return sn == 0 && digest_same(hash, tree->root);
}

/* Both roots are made at once, of the hashes behind the first. */
static bool
extends(const struct proof *p, struct digester *d, const struct tree_state *first,
    const struct tree_state *second)
{
	uint64_t fn = first->size - 1, sn = second->size - 1;
	uint8_t was[DIGEST_BYTES], is[DIGEST_BYTES];
	/* The root of a complete subtree is known, and not in the proof. */
	bool known = (first->size & (first->size - 1)) == 0;

	if (!known && p->count == 0)
		return false;
	memcpy(was, known ? first->root : p->hash[0], sizeof was);
	memcpy(is, was, sizeof is);
	for (; (fn & 1) != 0; fn >>= 1)
		sn >>= 1;
	for (uint32_t i = known ? 0 : 1; i < p->count; i++) {
		bool right = (fn & 1) != 0 || fn == sn;

		if (sn == 0)
			return false;
		if (right)
			join(d, was, p->hash[i], true);
		join(d, is, p->hash[i], right);
		while (right && (fn & 1) == 0 && fn != 0) {
			fn >>= 1;
			sn >>= 1;
		}
		fn >>= 1;
		sn >>= 1;
	}
	return sn == 0 && digest_same(was, first->root) && digest_same(is, second->root);
}

bool
proof_extends(const struct proof *p, struct digester *d, const struct tree_state *first,
    const struct tree_state *second)
{
	if (first->size > second->size)
		return false;
	if (first->size == second->size)
		return p->count == 0 && digest_same(first->root, second->root);
	if (first->size == 0)
		return p->count == 0;
	return extends(p, d, first, second);
}
