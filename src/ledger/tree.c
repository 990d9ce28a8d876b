/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/tree.h"

unsigned
tree_graft(struct tree *t, struct digester *d, const struct tree_node *node,
    struct tree_node out[static TREE_LEVELS / TREE_STRIDE])
{
	uint8_t hash[DIGEST_BYTES];
	unsigned level = node->level, kept = 0;
	uint64_t leaves = (uint64_t)1 << level;

	must(t->size < (UINT64_C(1) << (TREE_LEVELS - 1)) && t->size % leaves == 0);
	memcpy(hash, node->hash, sizeof hash);
	/* As adding one to a number: a carry joins two subtrees of the same size. */
	for (; (t->size >> level & 1) != 0; level++) {
		digest_node(d, t->node[level], hash, hash);
		if ((level + 1) % TREE_STRIDE != 0)
			continue;
		out[kept].level = level + 1;
		out[kept].index = t->size >> (level + 1);
		memcpy(out[kept++].hash, hash, sizeof hash);
	}
	memcpy(t->node[level], hash, sizeof hash);
	t->size += leaves;
	return kept;
}

unsigned
tree_append(struct tree *t, struct digester *d, const uint8_t leaf[static DIGEST_BYTES],
    struct tree_node out[static TREE_LEVELS / TREE_STRIDE])
{
	struct tree_node node = { .level = 0 };

	memcpy(node.hash, leaf, DIGEST_BYTES);
	return tree_graft(t, d, &node, out);
}

void
tree_root(const struct tree *t, struct digester *d, uint8_t out[static DIGEST_BYTES])
{
	bool begun = false;

	if (t->size == 0) {
		digest_bytes(d, slice_of("", 0), out);
		return;
	}
	/* The smallest subtree is the rightmost. */
	for (unsigned level = 0; level < TREE_LEVELS; level++) {
		if ((t->size >> level & 1) == 0)
			continue;
		if (begun)
			digest_node(d, t->node[level], out, out);
		else
			memcpy(out, t->node[level], DIGEST_BYTES);
		begun = true;
	}
}

size_t
tree_encode(const struct tree *t, uint8_t out[static TREE_BYTES_MAX])
{
	size_t at = 8;

	for (unsigned i = 0; i < 8; i++)
		out[i] = (uint8_t)(t->size >> 8 * i);
	for (unsigned level = TREE_LEVELS; level-- > 0; ) {
		if ((t->size >> level & 1) == 0)
			continue;
		memcpy(out + at, t->node[level], DIGEST_BYTES);
		at += DIGEST_BYTES;
	}
	return at;
}

bool
tree_decode(struct tree *t, struct slice bytes)
{
	const uint8_t *in = (const uint8_t *)bytes.ptr;
	struct tree found = { 0 };
	size_t at = 8;

	if (bytes.len < 8)
		return false;
	for (unsigned i = 0; i < 8; i++)
		found.size |= (uint64_t)in[i] << 8 * i;
	if (found.size >> TREE_LEVELS != 0 ||
	    bytes.len != 8 + (size_t)__builtin_popcountll(found.size) * DIGEST_BYTES)
		return false;
	for (unsigned level = TREE_LEVELS; level-- > 0; ) {
		if ((found.size >> level & 1) == 0)
			continue;
		memcpy(found.node[level], in + at, DIGEST_BYTES);
		at += DIGEST_BYTES;
	}
	*t = found;
	return true;
}
